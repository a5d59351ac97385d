/*
 * charset: bytes of a page → UTF-8 text.
 *
 * Order    Byte-order mark, HTTP charset, <meta> (the prescan of the HTML standard, over
 *          CHARSET_PRESCAN bytes: a browser would start again where it meets one late), then what
 *          the bytes themselves say: UTF-8 if valid, else GB18030 if they look like it, else
 *          windows-1252. Labels are those of the Encoding standard; gb2312 and gbk are decoded as
 *          gb18030.
 * Wrong    Sites lie. A declared charset in which more than 1 in CHARSET_TOLERANCE non-ASCII
 *          bytes is invalid loses to the next candidate with fewer invalid bytes; `declared` then
 *          tells what the page said. Latin-1 in the HTTP header is a server's default and counts
 *          after <meta>.
 * Output   Always valid UTF-8; each invalid sequence is one U+FFFD and counted in `replaced`.
 * Library  glibc's iconv below, corrected where it differs from the Encoding standard (seven
 *          GB18030 codes, C1 bytes of the windows code pages); UTF-8 and UTF-16 are decoded here.
 * Limits   The output buf's own limit: STATUS_TOO_LARGE.
 * Threads  No state.
 */
#ifndef XUNFANG_CRAWLER_CHARSET_H
#define XUNFANG_CRAWLER_CHARSET_H

#include "base/util/buf.h"

enum { CHARSET_PRESCAN = 64 * 1024, CHARSET_TOLERANCE = 200 };

struct charset; /* one encoding; static, never freed */

/* By any label of the Encoding standard, case and white space aside; NULL if unknown. */
const struct charset *charset_find(struct slice label);
/* The standard's name: "UTF-8", "gb18030", "windows-1252". */
const char *charset_name(const struct charset *charset);

struct charset_result {
    const struct charset *charset;  /* what the text was decoded with */
    const struct charset *declared; /* what the page said; NULL if nothing */
    size_t replaced;                /* U+FFFD written */
};

/* A page: `content_type` is the HTTP header's value, empty if there is none. */
CHECKED enum status charset_decode_page(struct slice bytes, struct slice content_type,
                                        struct buf *out, struct charset_result *result,
                                        struct error *err);

/* Exactly this charset, but a byte-order mark still wins (the standard's "decode"); adds the number
 * of U+FFFD to *replaced. */
CHECKED enum status charset_decode(struct slice bytes, const struct charset *charset,
                                   struct buf *out, size_t *replaced, struct error *err);

#endif
