/*
 * charset_table: the encodings of the Encoding standard with their labels. Private to charset*.c.
 *
 * Source  The standard's table of names and labels (encoding.spec.whatwg.org, section 4.2, CC0).
 *         iconv    The name under which glibc knows the encoding, NULL where it is decoded
 *         without glibc. GBK's decoder is gb18030's, as the standard says.
 */
#ifndef XUNFANG_CRAWLER_CHARSET_TABLE_H
#define XUNFANG_CRAWLER_CHARSET_TABLE_H

#include <stddef.h>

enum charset_kind {
    CHARSET_UTF8,
    CHARSET_UTF16LE,
    CHARSET_UTF16BE,
    CHARSET_SINGLE, /* a byte a character */
    CHARSET_GB18030,
    CHARSET_MULTI,       /* other multi-byte encodings */
    CHARSET_REPLACEMENT, /* encodings that are attacks: one U+FFFD for everything */
    CHARSET_USER_DEFINED
};

struct charset {
    const char *name;
    enum charset_kind kind;
    const char *iconv;
    const char *labels; /* lower case, separated by blanks */
};

extern const struct charset charset_rows[];
extern const size_t charset_row_count;

#endif
