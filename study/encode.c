#include "study/encode.h"

#include <iconv.h>
#include <string.h>

/* GROWTH: bytes out for each byte in, more than any of these charsets needs (gb18030: four for
 * two). */
enum { CHARSET_NAME_MAX = 40, GROWTH = 4 };

static bool is_utf8(struct slice charset)
{
    return slice_equal_nocase(charset, SLICE("utf-8")) ||
           slice_equal_nocase(charset, SLICE("utf8"));
}

static iconv_t open_charset(struct slice charset)
{
    char name[CHARSET_NAME_MAX];

    if (charset.size >= sizeof name)
        return (iconv_t) -1;
    memcpy(name, charset.data, charset.size);
    name[charset.size] = 0;
    return iconv_open(name, "UTF-8");
}

/* UTF-16 and the like would put NULs and stray bytes into an address. */
static bool keeps_ascii(iconv_t convert)
{
    char in[] = "a0/%";
    char out[16];
    char *from = in;
    char *to = out;
    size_t left = sizeof in - 1;
    size_t room = sizeof out;

    return iconv(convert, &from, &left, &to, &room) != (size_t) -1 &&
           room == sizeof out - (sizeof in - 1) && memcmp(in, out, sizeof in - 1) == 0;
}

bool encode_known(struct slice charset)
{
    iconv_t convert = is_utf8(charset) ? (iconv_t) -1 : open_charset(charset);
    bool known = is_utf8(charset);

    if (convert != (iconv_t) -1) {
        known = keeps_ascii(convert);
        iconv_close(convert);
    }
    return known;
}

enum status encode_charset(struct slice text, struct slice charset, struct buf *out,
                           struct error *err)
{
    iconv_t convert = is_utf8(charset) ? (iconv_t) -1 : open_charset(charset);
    char *from = (char *) text.data; /* iconv's prototype; it does not write there */
    size_t left = text.size;
    size_t room = text.size * GROWTH;
    size_t lost;
    char *to;

    if (is_utf8(charset)) {
        buf_append(out, text);
        return STATUS_OK;
    }
    if (convert == (iconv_t) -1)
        return error_set(err, STATUS_UNSUPPORTED, "'%.*s' is no known encoding",
                         SLICE_ARG(charset));
    to = buf_reserve(out, room);
    /* iconv's result counts characters that were replaced: a keyword searched with a substitute
     * would be another search, so that is a failure too. */
    lost = to == NULL ? 0 : iconv(convert, &from, &left, &to, &room);
    iconv_close(convert);
    if (lost != 0 || (to != NULL && left != 0))
        return error_set(err, STATUS_INVALID, "'%.*s' cannot be written in %.*s", SLICE_ARG(text),
                         SLICE_ARG(charset));
    if (to != NULL)
        buf_added(out, text.size * GROWTH - room);
    return STATUS_OK;
}

static bool unreserved(unsigned char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

void encode_percent(struct slice bytes, const char *keep, struct buf *out)
{
    for (size_t i = 0; i < bytes.size; i++) {
        unsigned char c = (unsigned char) bytes.data[i];
        /* NUL is looked at first, as strchr finds the end of `keep` for it. */
        if (unreserved(c) || (c != 0 && strchr(keep, c) != NULL))
            buf_putc(out, (char) c);
        else
            buf_printf(out, "%%%02X", c);
    }
}

void encode_base64(struct slice bytes, struct buf *out)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (size_t i = 0; i < bytes.size; i += 3) {
        uint32_t group = 0;
        size_t have = bytes.size - i < 3 ? bytes.size - i : 3;
        for (size_t j = 0; j < 3; j++)
            group = group << 8 | (j < have ? (unsigned char) bytes.data[i + j] : 0u);
        for (size_t j = 0; j < 4; j++)
            buf_putc(out, (char) (j <= have ? digits[group >> (18 - 6 * j) & 63] : '='));
    }
}
