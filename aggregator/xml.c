#include "aggregator/xml.h"

#include "study/text.h"

/* Char of XML 1.0, but for surrogates, which text_next never gives. */
static bool allowed(uint32_t c)
{
    return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c != 0xFFFE && c != 0xFFFF);
}

/* The numeric form of the apostrophe: HTML 4 does not know &apos;. */
static const char *entity_of(uint32_t c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

void xml_put_text(struct buf *out, struct slice text)
{
    size_t at = 0;
    uint32_t c;

    while (text_next(text, &at, &c)) {
        const char *entity = entity_of(c);

        if (entity != NULL)
            buf_puts(out, entity);
        else
            buf_put_utf8(out, allowed(c) ? c : TEXT_REPLACEMENT);
    }
}

void xml_put_attribute(struct buf *out, const char *name, struct slice text)
{
    buf_printf(out, " %s=\"", name);
    xml_put_text(out, text);
    buf_putc(out, '"');
}

void xml_put_base64(struct buf *out, struct slice bytes)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (size_t i = 0; i < bytes.size; i += 3) {
        size_t left = bytes.size - i;
        /* Three bytes are four digits; missing ones count as 0 and their digits become '='. */
        uint32_t group = (uint32_t) (unsigned char) bytes.data[i] << 16;

        if (left > 1)
            group |= (uint32_t) (unsigned char) bytes.data[i + 1] << 8;
        if (left > 2)
            group |= (unsigned char) bytes.data[i + 2];
        buf_putc(out, digits[group >> 18]);
        buf_putc(out, digits[group >> 12 & 63]);
        buf_putc(out, (char) (left > 1 ? digits[group >> 6 & 63] : '='));
        buf_putc(out, (char) (left > 2 ? digits[group & 63] : '='));
    }
}
