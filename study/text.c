#include "study/text.h"

/* Bytes of a sequence that begins with this byte; 0 if none does. */
static size_t sequence_length(unsigned char lead)
{
    if (lead < 0x80)
        return 1;
    /* C0 and C1 begin overlong forms only, F5 and above lie beyond U+10FFFF, the rest goes on. */
    if (lead < 0xC2 || lead > 0xF4)
        return 0;
    return lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

/* Reads one well-formed code point at text[at]; returns its length, 0 if ill-formed. Overlong
 * forms, surrogates and values above U+10FFFF are ill-formed (Unicode 15, table 3-7). */
static size_t decode(struct slice text, size_t at, uint32_t *code_point)
{
    const unsigned char *p = (const unsigned char *) text.data + at;
    size_t left = text.size - at;
    size_t length = sequence_length(p[0]);
    uint32_t value;

    if (length == 0 || length > left)
        return 0;
    value = length == 1 ? p[0] : p[0] & (0x7Fu >> length);
    for (size_t i = 1; i < length; i++) {
        if ((p[i] & 0xC0) != 0x80)
            return 0;
        value = value << 6 | (p[i] & 0x3Fu);
    }
    if ((length == 3 && (value < 0x800 || (value >= 0xD800 && value < 0xE000))) ||
        (length == 4 && (value < 0x10000 || value > 0x10FFFF)))
        return 0;
    *code_point = value;
    return length;
}

bool text_valid(struct slice text)
{
    uint32_t code_point;

    for (size_t at = 0; at < text.size;) {
        size_t length = decode(text, at, &code_point);
        if (length == 0)
            return false;
        at += length;
    }
    return true;
}

bool text_next(struct slice text, size_t *at, uint32_t *code_point)
{
    size_t length;

    if (*at >= text.size)
        return false;
    length = decode(text, *at, code_point);
    if (length == 0) {
        *code_point = TEXT_REPLACEMENT;
        length = 1;
    }
    *at += length;
    return true;
}

bool text_previous(struct slice text, size_t *at, uint32_t *code_point)
{
    size_t end = *at;

    if (end == 0 || end > text.size)
        return false;
    for (size_t length = 1; length <= 4 && length <= end; length++) {
        if (decode(slice_sub(text, 0, end), end - length, code_point) == length) {
            *at = end - length;
            return true;
        }
    }
    *code_point = TEXT_REPLACEMENT;
    *at = end - 1;
    return true;
}

size_t text_length(struct slice text)
{
    size_t count = 0;
    uint32_t code_point;

    for (size_t at = 0; text_next(text, &at, &code_point);)
        count++;
    return count;
}

bool text_is_space(uint32_t c)
{
    return (c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x20) || c == 0x85 || c == 0xA0 ||
           c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 ||
           c == 0x202F || c == 0x205F || c == 0x3000;
}

bool text_is_han(uint32_t c)
{
    return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF);
}

bool text_is_blank(struct slice text)
{
    uint32_t code_point;

    for (size_t at = 0; text_next(text, &at, &code_point);)
        if (!text_is_space(code_point))
            return false;
    return true;
}

/* Format characters and controls that carry no text: zero-width, bidirectional, soft hyphen, BOM.
 */
static bool is_invisible(uint32_t c)
{
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0xAD || (c >= 0x200B && c <= 0x200F) ||
           (c >= 0x202A && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF ||
           (c >= 0xFFF9 && c <= 0xFFFB) || (c >= 0xFE00 && c <= 0xFE0F);
}

/* Full-width forms whose ASCII twin means the same in running text; 。、《》“” stay Chinese. */
static uint32_t half_width(uint32_t c)
{
    bool digit_or_letter = (c >= 0xFF10 && c <= 0xFF19) || (c >= 0xFF21 && c <= 0xFF3A) ||
                           (c >= 0xFF41 && c <= 0xFF5A);

    if (digit_or_letter || c == 0xFF05 || c == 0xFF08 || c == 0xFF09 || c == 0xFF0C ||
        c == 0xFF1A || c == 0xFF1B || c == 0xFF01 || c == 0xFF1F || c == 0xFF0D || c == 0xFF0E ||
        c == 0xFF0F)
        return c - 0xFEE0;
    return c;
}

void text_normalise(struct slice text, struct buf *out)
{
    bool space = false;
    bool started = false;
    uint32_t c;

    for (size_t at = 0; text_next(text, &at, &c);) {
        if (text_is_space(c)) {
            space = true;
            continue;
        }
        if (is_invisible(c))
            continue;
        if (space && started)
            buf_putc(out, ' ');
        space = false;
        started = true;
        buf_put_utf8(out, half_width(c));
    }
}

/* Appends without white space, whole runs at a time. */
static void put_solid(struct slice text, struct buf *out)
{
    size_t run = 0;
    size_t at = 0;
    uint32_t c;

    for (size_t before = 0; text_next(text, &at, &c); before = at) {
        if (!text_is_space(c))
            continue;
        buf_append(out, slice_sub(text, run, before - run));
        run = at;
    }
    buf_append(out, slice_sub(text, run, text.size));
}

struct id text_fingerprint(struct slice title, struct slice body)
{
    struct hash *hash = hash_create();
    struct buf solid;

    buf_init(&solid, title.size + body.size + 1);
    put_solid(title, &solid);
    put_solid(body, &solid);
    ENSURE(solid.failure == STATUS_OK);
    hash_field(hash, buf_slice(&solid));
    buf_fini(&solid);
    return hash_finish(hash);
}
