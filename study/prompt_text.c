#include "study/prompt_text.h"

#include "study/text.h"

enum { FULL_WIDTH_BAR = 0xFF5C, LINE_SEPARATOR = 0x2028, PARAGRAPH_SEPARATOR = 0x2029 };

struct range {
    uint32_t first;
    uint32_t last;
};

/* Unicode's Cc, Cf and variation selectors, with the fillers and joiners that show nothing. */
static const struct range unseen[] = {
    {0x0000, 0x0008},   {0x000E, 0x001F}, {0x007F, 0x0084}, {0x0086, 0x009F},   {0x00AD, 0x00AD},
    {0x034F, 0x034F},   {0x0600, 0x0605}, {0x061C, 0x061C}, {0x06DD, 0x06DD},   {0x070F, 0x070F},
    {0x115F, 0x1160},   {0x17B4, 0x17B5}, {0x180B, 0x180F}, {0x200B, 0x200F},   {0x202A, 0x202E},
    {0x2060, 0x206F},   {0x3164, 0x3164}, {0xD800, 0xF8FF}, {0xFE00, 0xFE0F},   {0xFEFF, 0xFEFF},
    {0xFFA0, 0xFFA0},   {0xFFF0, 0xFFFB}, {0xFFFD, 0xFFFF}, {0x1D173, 0x1D17A}, {0xE0000, 0xE0FFF},
    {0xF0000, 0x10FFFF}};

static bool is_unseen(uint32_t c)
{
    for (size_t i = 0; i < sizeof unseen / sizeof *unseen && c >= unseen[i].first; i++)
        if (c <= unseen[i].last)
            return true;
    return false;
}

static bool is_letter(uint32_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_bar(uint32_t c)
{
    return c == '|' || c == FULL_WIDTH_BAR;
}

/* See "Broken": a blank between them leaves the text readable, and the token or mark dead. */
static bool must_part(uint32_t before, uint32_t c)
{
    if (before == '<')
        return c == '<' || c == '/' || c == '!' || is_bar(c) || is_letter(c);
    if (before == '[')
        return c == '/' || is_letter(c);
    if (c == '>')
        return before == '>' || is_bar(before);
    return false;
}

static bool ends_line(uint32_t c)
{
    return c == '\n' || c == '\r' || c == LINE_SEPARATOR || c == PARAGRAPH_SEPARATOR;
}

/* White space is put with the character behind it alone: so none ends the text, and the room holds
 * both or neither. */
size_t prompt_text_put(struct slice text, size_t room, struct buf *out)
{
    size_t put = 0;
    size_t at = 0;
    uint32_t before = 0; /* 0: nothing stands there yet */
    uint32_t white = 0;  /* owed before the next character */
    uint32_t c;

    while (text_next(text, &at, &c)) {
        if (text_is_space(c)) {
            /* A line feed anywhere in the run wins over blanks. */
            white = ends_line(c) || white == '\n' ? '\n' : ' ';
            continue;
        }
        if (is_unseen(c))
            continue;
        if (white == 0 && must_part(before, c))
            white = ' ';
        if (before == 0)
            white = 0;
        if (put + (white != 0) + 1 > room)
            break;
        if (white != 0)
            buf_put_utf8(out, white);
        buf_put_utf8(out, c);
        put += (white != 0) + 1U;
        before = c;
        white = 0;
    }
    return put;
}
