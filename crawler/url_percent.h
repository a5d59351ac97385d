/*
 * url_percent: percent-encoding with the sets of the WHATWG URL standard.
 *
 * Sets   Each contains the one before it (URL standard, section 1.3), and every byte outside
 *        printable ASCII. QUERY is the special-query set, since only http(s) is parsed here.
 * Bytes  Input is UTF-8 that percent_clean has made valid; encoding works byte by byte.
 */
#ifndef XUNFANG_CRAWLER_URL_PERCENT_H
#define XUNFANG_CRAWLER_URL_PERCENT_H

#include "base/util/buf.h"

enum percent_set {
    PERCENT_FRAGMENT = 1,
    PERCENT_QUERY = 2,
    PERCENT_PATH = 4,
    PERCENT_USERINFO = 8,
    PERCENT_COMPONENT = 16 /* encodeURIComponent's: for values put into a query */
};

/* Appends `text` with the bytes of `set` as %XX. */
void percent_encode(struct buf *out, struct slice text, enum percent_set set);

/* Appends `text` with every valid %xx turned into its byte; anything else stays. */
void percent_decode(struct buf *out, struct slice text);

/* Appends `text` with encoded unreserved characters decoded and the hex digits of the other escapes
 * in upper case. Doing it twice changes nothing: a decoded byte never completes a new escape. */
void percent_normalise(struct buf *out, struct slice text);

/* Appends `text` with invalid UTF-8 replaced by U+FFFD, white space and controls cut from both ends
 * and tabs and line breaks taken out: the standard's first steps with any input. */
void percent_clean(struct buf *out, struct slice text);

/* Value of one hex digit, -1 if it is none. */
int percent_hex(char digit);

#endif
