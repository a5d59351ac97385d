/*
 * charset_sniff: what a page's bytes and headers say about its charset, before any decoding.
 *
 * BOM      Byte-order marks of UTF-8, UTF-16LE and UTF-16BE.
 * Prescan  "Prescan a byte stream to determine its encoding" of the HTML standard, over the first
 *          CHARSET_PRESCAN bytes: <meta charset> and <meta http-equiv=content-type content>,
 *          comments and other tags skipped. A declared UTF-16 counts as UTF-8, x-user-defined as
 *          windows-1252.
 * Threads  No state.
 */
#ifndef XUNFANG_CRAWLER_CHARSET_SNIFF_H
#define XUNFANG_CRAWLER_CHARSET_SNIFF_H

#include "crawler/charset.h"

/* NULL if there is none; *size gets the bytes of the mark. */
const struct charset *charset_of_bom(struct slice bytes, size_t *size);

/* What <meta> declares; NULL if nothing or nothing known. */
const struct charset *charset_prescan(struct slice bytes);

/* The charset parameter of a Content-Type value; NULL if absent or unknown. */
const struct charset *charset_of_content_type(struct slice content_type);

/* Are nearly all non-ASCII bytes pairs of GB2312's rows of signs and hanzi? */
bool charset_looks_chinese(struct slice bytes);

#endif
