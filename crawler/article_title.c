#include "crawler/article_title.h"

#include "crawler/known_words.h"
#include "crawler/utf8.h"

enum {
    TITLE_CHARS_LEAST = 4, /* shorter lines are labels, not titles */
    TITLE_CHARS_MOST = 120,
    LINES_ABOVE = 60, /* how far above the text a title may stand */
};

/* Continuation bytes are 10xxxxxx: stepping back over them ends before a character. */
struct slice article_title_cut(struct slice title)
{
    if (title.size <= ARTICLE_TITLE_MAX)
        return title;
    title.size = ARTICLE_TITLE_MAX;
    while (title.size > 0 && ((unsigned char) title.data[title.size] & 0xC0) == 0x80)
        title.size--;
    return title;
}

/* Every byte but continuation bytes begins a character. */
static size_t count_chars(struct slice text)
{
    size_t chars = 0;

    for (size_t i = 0; i < text.size; i++)
        chars += ((unsigned char) text.data[i] & 0xC0) != 0x80;
    return chars;
}

/* Bytes of a separator at the front, 0 if there is none. A hyphen or a dash between two words of
 * Latin letters is none. */
static size_t separator_at(struct slice text, size_t at)
{
    static const struct slice separators[] = {{"_", 1},   {"|", 1},  {"｜", 3}, {"—", 3}, {"–", 3},
                                              {" - ", 3}, {"--", 2}, {"-", 1},  {"»", 2}, {"::", 2},
                                              {"＿", 3},  {"－", 3}, {" – ", 5}};
    struct slice rest = slice_sub(text, at, text.size);

    for (size_t i = 0; i < sizeof separators / sizeof *separators; i++)
        if (slice_starts(rest, separators[i]))
            return separators[i].size;
    return 0;
}

/* The longest part wins: site and column names are short, and stand on either side. */
struct slice article_title_strip(struct slice title)
{
    struct slice best = title;
    size_t start = 0;
    size_t most = 0;

    for (size_t at = 0; at <= title.size; at++) {
        size_t size = at < title.size ? separator_at(title, at) : 1;
        struct slice part = slice_trim(slice_sub(title, start, at - start));
        if (size == 0)
            continue;
        if (count_chars(part) > most) {
            best = part;
            most = count_chars(part);
        }
        start = at + size;
        at = start - 1;
    }
    return best;
}

/* Ranks from `from` to `to` only, the lowest of them; of equals the first. */
static struct slice best_meta(const struct outline *outline, unsigned from, unsigned to)
{
    struct slice best = {"", 0};
    unsigned lowest = to + 1;

    for (size_t i = 0; i < outline->meta_count; i++) {
        unsigned rank = known_title_meta(outline->metas[i].name);
        if (rank >= from && rank < lowest) {
            best = outline->metas[i].content;
            lowest = rank;
        }
    }
    return best;
}

/* Neither a label (首页) nor a paragraph. */
static bool may_be_title(const struct outline_line *line)
{
    return line->chars >= TITLE_CHARS_LEAST && line->chars <= TITLE_CHARS_MOST &&
           (line->marks & LINE_FURNITURE) == 0;
}

/* Of the first box with that hint that has a fitting line. */
static struct slice first_line_of(const struct outline *outline, enum box_hint hint)
{
    for (size_t i = 0; i < outline->box_count; i++) {
        const struct outline_box *box = &outline->boxes[i];
        if (box->hint == hint && box->end_line > box->first_line &&
            may_be_title(&outline->lines[box->first_line]))
            return outline->lines[box->first_line].text;
    }
    return SLICE("");
}

/* Where titles may stand: from some lines above the text to its first paragraph. */
static void title_range(const struct outline *outline, const struct article_span *body,
                        uint32_t *first, uint32_t *end)
{
    uint32_t top = body->first_line;

    while (top < body->end_line && outline->lines[top].stops < 2)
        top++;
    *first = top > LINES_ABOVE ? top - LINES_ABOVE : 0;
    *end = top < outline->line_count ? top + 1 : top;
    if (body->end_line == body->first_line) { /* a blank page: anywhere */
        *first = 0;
        *end = (uint32_t) outline->line_count;
    }
}

/* The longest line that <title> contains: so the site's name falls off without knowing it. */
static struct slice line_in_title(const struct outline *outline, uint32_t first, uint32_t end)
{
    struct slice best = {"", 0};

    for (uint32_t i = first; i < end; i++) {
        const struct outline_line *line = &outline->lines[i];
        if (may_be_title(line) && line->linked * 2 < line->chars && line->text.size >= best.size &&
            slice_contains(outline->title, line->text))
            best = line->text;
    }
    return best;
}

/* The highest heading; of equals the last above the text. */
static struct slice heading_above(const struct outline *outline, uint32_t first, uint32_t end)
{
    struct slice best = {"", 0};
    unsigned level = 4;

    for (uint32_t i = first; i < end; i++) {
        const struct outline_line *line = &outline->lines[i];
        unsigned here = outline->boxes[line->box].heading;
        if (here > 0 && here <= level && may_be_title(line) && line->linked * 2 < line->chars) {
            best = line->text;
            level = here;
        }
    }
    return best;
}

/* og:title and <title> come late: they carry the site's name or the column's as often as not. */
struct slice article_title_find(const struct outline *outline, const struct article_span *body)
{
    struct slice found = best_meta(outline, 1, 1);
    uint32_t first, end;

    title_range(outline, body, &first, &end);
    if (found.size == 0)
        found = first_line_of(outline, BOX_TITLE);
    if (found.size == 0)
        found = line_in_title(outline, first, end);
    if (found.size == 0)
        found = heading_above(outline, first, end);
    if (found.size == 0)
        found = best_meta(outline, 2, UINT32_MAX - 1);
    if (found.size == 0)
        found = article_title_strip(outline->title);
    return article_title_cut(found);
}
