#include "crawler/utf8.h"

#include <string.h>

/* What a lead byte promises: how many bytes follow, and the range of the first of them, which alone
 * keeps overlong forms, surrogates and values past U+10FFFF out. */
struct lead {
    size_t following;
    unsigned char low;
    unsigned char high;
};

/* Ranges of table 3-7 of the Unicode standard. */
static struct lead lead_of(unsigned char byte)
{
    if (byte >= 0xC2 && byte <= 0xDF)
        return (struct lead){1, 0x80, 0xBF};
    if (byte >= 0xE0 && byte <= 0xEF)
        return (struct lead){2, byte == 0xE0 ? 0xA0 : 0x80, byte == 0xED ? 0x9F : 0xBF};
    if (byte >= 0xF0 && byte <= 0xF4)
        return (struct lead){3, byte == 0xF0 ? 0x90 : 0x80, byte == 0xF4 ? 0x8F : 0xBF};
    return (struct lead){0, 0, 0};
}

/* After the first continuation byte the range is always 80 … BF. */
size_t utf8_next(struct slice text, uint32_t *code_point)
{
    const unsigned char *bytes = (const unsigned char *) text.data;
    struct lead lead;
    uint32_t value;

    ENSURE(text.size > 0);
    if (bytes[0] < 0x80) {
        *code_point = bytes[0];
        return 1;
    }
    *code_point = UINT32_MAX;
    lead = lead_of(bytes[0]);
    /* A lone continuation byte, C0, C1, or past F4. */
    if (lead.following == 0)
        return 1;
    value = bytes[0] & (0x3Fu >> lead.following);
    for (size_t i = 1; i <= lead.following; i++) {
        if (i >= text.size || bytes[i] < lead.low || bytes[i] > lead.high)
            return i;
        value = value << 6 | (bytes[i] & 0x3Fu);
        lead.low = 0x80;
        lead.high = 0xBF;
    }
    *code_point = value;
    return lead.following + 1;
}

/* Eight bytes at a time: pages are mostly markup. */
size_t utf8_ascii_run(struct slice text)
{
    const uint64_t high_bits = 0x8080808080808080u;
    size_t at = 0;
    uint64_t word;

    while (text.size - at >= sizeof word) {
        memcpy(&word, text.data + at, sizeof word);
        if (word & high_bits)
            break;
        at += sizeof word;
    }
    while (at < text.size && (unsigned char) text.data[at] < 0x80)
        at++;
    return at;
}

/* Stops for nothing: the count of valid sequences is wanted even for bad text. */
size_t utf8_count_bad(struct slice text, size_t *multibyte)
{
    size_t bad = 0;
    size_t good = 0;
    uint32_t code_point;

    for (;;) {
        size_t run = utf8_ascii_run(text);
        text = slice_sub(text, run, text.size);
        if (text.size == 0)
            break;
        text = slice_sub(text, utf8_next(text, &code_point), text.size);
        if (code_point == UINT32_MAX)
            bad++;
        else
            good++;
    }
    if (multibyte != NULL)
        *multibyte = good;
    return bad;
}

/* Valid text is appended in one piece; only bad places cut it. */
size_t utf8_append_clean(struct buf *out, struct slice text)
{
    size_t bad = 0;
    size_t good = 0; /* valid bytes at the front, not yet appended */
    uint32_t code_point;

    while (good < text.size) {
        struct slice rest = slice_sub(text, good, text.size);
        size_t run = utf8_ascii_run(rest);
        size_t size;
        good += run;
        if (run == rest.size)
            break;
        rest = slice_sub(rest, run, rest.size);
        size = utf8_next(rest, &code_point);
        if (code_point != UINT32_MAX) {
            good += size;
            continue;
        }
        buf_append(out, slice_sub(text, 0, good));
        buf_put_utf8(out, UTF8_REPLACEMENT);
        text = slice_sub(text, good + size, text.size);
        good = 0;
        bad++;
    }
    buf_append(out, text);
    return bad;
}
