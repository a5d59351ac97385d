/*
 * charset_decode: the decoders behind charset.h, one a kind of encoding. Private to charset*.c.
 *
 * GB18030  A table of the 126 × 190 two-byte codes, made from glibc's once a process and
 *          corrected in the seven places where glibc follows a later edition than the Encoding
 *          standard (A3A0 and six codes of row FE). Four-byte codes go through glibc one by one:
 *          they are rare.
 * Errors   A byte that cannot begin or go on is one U+FFFD; an ASCII byte behind a broken lead is
 *          read again, so markup survives.
 * Speed    ASCII runs are copied whole.
 */
#ifndef XUNFANG_CRAWLER_CHARSET_DECODE_H
#define XUNFANG_CRAWLER_CHARSET_DECODE_H

#include "base/util/buf.h"
#include "crawler/charset_table.h"

/* Appends to `out` (whose sticky failure tells of limits and memory) and returns the number of
 * U+FFFD written. A byte-order mark is text here. STATUS_UNSUPPORTED in *status: glibc lacks the
 * encoding. */
size_t charset_decode_with(const struct charset *charset, struct slice bytes, struct buf *out,
                           enum status *status);

#endif
