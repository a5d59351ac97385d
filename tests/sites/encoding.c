#include "tests/sites/encoding.h"

#include <iconv.h>
#include <stdlib.h>
#include <string.h>

struct encoder {
    iconv_t to_gbk;
    iconv_t from_gbk;
};

struct encoder *encoder_create(void)
{
    struct encoder *encoder = calloc(1, sizeof *encoder);

    if (encoder == NULL)
        return NULL;
    encoder->to_gbk = iconv_open("GB18030", "UTF-8");
    encoder->from_gbk = iconv_open("UTF-8", "GB18030");
    if (encoder->to_gbk == (iconv_t) -1 || encoder->from_gbk == (iconv_t) -1) {
        encoder_destroy(encoder);
        return NULL;
    }
    return encoder;
}

void encoder_destroy(struct encoder *encoder)
{
    if (encoder == NULL)
        return;
    if (encoder->to_gbk != (iconv_t) -1)
        iconv_close(encoder->to_gbk);
    if (encoder->from_gbk != (iconv_t) -1)
        iconv_close(encoder->from_gbk);
    free(encoder);
}

/* In chunks; a byte that is no character becomes one question mark. */
static void convert(iconv_t converter, struct slice text, struct buf *out)
{
    char chunk[4096];
    char *in = (char *) text.data; /* iconv does not write to its input */
    size_t left = text.size;

    iconv(converter, NULL, NULL, NULL, NULL);
    while (left > 0) {
        char *to = chunk;
        size_t room = sizeof chunk;
        size_t before = left;

        (void) iconv(converter, &in, &left, &to, &room);
        buf_append(out, slice_of(chunk, (size_t) (to - chunk)));
        if (left == before && to == chunk) {
            buf_putc(out, '?');
            in++;
            left--;
        }
    }
}

void encoder_to_gbk(struct encoder *encoder, struct slice utf8, struct buf *out)
{
    convert(encoder->to_gbk, utf8, out);
}

void encoder_from_gbk(struct encoder *encoder, struct slice gbk, struct buf *out)
{
    convert(encoder->from_gbk, gbk, out);
}

/* -1 unless a hexadecimal digit. */
static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

void encoding_unpercent(struct slice text, struct buf *out)
{
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];

        if (c == '+') {
            buf_putc(out, ' ');
        } else if (c == '%' && i + 2 < text.size && hex_value(text.data[i + 1]) >= 0 &&
                   hex_value(text.data[i + 2]) >= 0) {
            buf_putc(out, (char) (hex_value(text.data[i + 1]) * 16 + hex_value(text.data[i + 2])));
            i += 2;
        } else {
            buf_putc(out, c);
        }
    }
}

void encoding_percent(struct slice bytes, struct buf *out)
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

    for (size_t i = 0; i < bytes.size; i++) {
        unsigned char c = (unsigned char) bytes.data[i];

        if (c != 0 && strchr(plain, c) != NULL)
            buf_putc(out, (char) c);
        else
            buf_printf(out, "%%%02X", c);
    }
}

void encoding_html(struct slice text, struct buf *out)
{
    for (size_t i = 0; i < text.size; i++) {
        switch (text.data[i]) {
        case '&':
            buf_puts(out, "&amp;");
            break;
        case '<':
            buf_puts(out, "&lt;");
            break;
        case '>':
            buf_puts(out, "&gt;");
            break;
        case '"':
            buf_puts(out, "&quot;");
            break;
        default:
            buf_putc(out, text.data[i]);
        }
    }
}

void encoding_json(struct slice text, struct buf *out)
{
    for (size_t i = 0; i < text.size; i++) {
        unsigned char c = (unsigned char) text.data[i];

        if (c == '"' || c == '\\')
            buf_printf(out, "\\%c", c);
        else if (c < 0x20)
            buf_printf(out, "\\u%04x", c);
        else
            buf_putc(out, (char) c);
    }
}

/* Four hexadecimal digits at `text`; -1 if they are none. Surrogates do not occur in city names. */
static int32_t hex_four(struct slice text)
{
    int32_t value = 0;

    for (size_t i = 0; i < 4; i++) {
        int digit = i < text.size ? hex_value(text.data[i]) : -1;

        if (digit < 0)
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

void encoding_unjson(struct slice text, struct buf *out)
{
    for (size_t i = 0; i < text.size; i++) {
        int32_t code;

        if (text.data[i] != '\\' || i + 1 == text.size) {
            buf_putc(out, text.data[i]);
            continue;
        }
        i++;
        code = text.data[i] == 'u' ? hex_four(slice_sub(text, i + 1, 4)) : -1;
        if (code >= 0) {
            buf_put_utf8(out, (uint32_t) code);
            i += 4;
        } else {
            buf_putc(out, text.data[i] == 'n' ? '\n' : text.data[i]);
        }
    }
}
