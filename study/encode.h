/*
 * encode: text written into addresses and bodies: charsets, percent signs, base64, JSON.
 *
 * Charsets  As iconv knows them, ASCII-compatible ones only (utf-8, gbk, gb18030, big5). Input is
 *           UTF-8.
 * Percent   RFC 3986: everything but the unreserved characters A–Z a–z 0–9 - . _ ~ becomes %XX,
 *           upper case.
 * Memory    Appends to the caller's buf, whose sticky failure is the caller's to check.
 * Threads   No state.
 */
#ifndef XUNFANG_STUDY_ENCODE_H
#define XUNFANG_STUDY_ENCODE_H

#include "base/util/buf.h"

/* Can text be written in this charset here? */
bool encode_known(struct slice charset);

/* Appends UTF-8 text converted to the charset. STATUS_INVALID: a character is not in it; quotes the
 * text. Nothing is appended then. */
CHECKED enum status encode_charset(struct slice text, struct slice charset, struct buf *out,
                                   struct error *err);
/* Bytes in `keep` (may be "") stay too. */
void encode_percent(struct slice bytes, const char *keep, struct buf *out);
/* RFC 4648 section 4, with padding. */
void encode_base64(struct slice bytes, struct buf *out);

#endif
