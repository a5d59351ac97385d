/*
 * utf8: UTF-8 read and repaired the way the Encoding standard says.
 *
 * Invalid  Each maximal part of a sequence that could have become valid counts as one bad place
 *          (the standard's decoder, also Unicode's recommendation): "\xE4\xBD<" is one U+FFFD and
 *          a '<'. Overlong forms, surrogates and values past U+10FFFF are invalid.
 * Threads  No state.
 */
#ifndef XUNFANG_CRAWLER_UTF8_H
#define XUNFANG_CRAWLER_UTF8_H

#include "base/util/buf.h"

enum { UTF8_REPLACEMENT = 0xFFFD };

/* Reads one code point at the front of `text` (not empty). Returns its bytes, at least 1;
 * *code_point is UINT32_MAX for a bad place of that many bytes. */
size_t utf8_next(struct slice text, uint32_t *code_point);

/* Bytes at the front that are all ASCII. */
size_t utf8_ascii_run(struct slice text);

/* Bad places in the text; *multibyte (may be NULL) gets the number of valid sequences over 1
 * byte. */
size_t utf8_count_bad(struct slice text, size_t *multibyte);

/* Appends `text` with every bad place as U+FFFD; returns their number. */
size_t utf8_append_clean(struct buf *out, struct slice text);

#endif
