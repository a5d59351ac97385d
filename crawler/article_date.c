#include "crawler/article_date.h"

#include "base/util/civil.h"
#include "crawler/known_words.h"
#include "crawler/page_day.h"

enum {
    LABEL_CHARS = 200, /* of a line that may hold a label */
    LABEL_GAP = 16,    /* bytes between a label and its date */
    NEARBY_CHARS = 90, /* of a line that holds a date beside little else */
    INSIDE_CHARS = 60, /* the same inside the text */
    NEARBY_ABOVE = 40, /* lines */
    NEARBY_BELOW = 15,
    PARAGRAPH_CHARS = 30,
    HEAD_LINES = 8, /* of the text that may still belong to its head */
};

/* The best-ranked name that holds a day: pages carry several, and empty ones. */
static int32_t meta_day(const struct outline *outline)
{
    int32_t best = CIVIL_NONE;
    unsigned lowest = UINT32_MAX;

    for (size_t i = 0; i < outline->meta_count; i++) {
        unsigned rank = known_date_meta(outline->metas[i].name);
        int32_t day;
        if (rank == 0 || rank >= lowest)
            continue;
        day = page_day_of_field(outline->metas[i].content);
        if (day == CIVIL_NONE)
            continue;
        best = day;
        lowest = rank;
    }
    return best;
}

/* An element called pubtime or fbsj need not hold a date; the next one may. */
static int32_t container_day(const struct outline *outline)
{
    for (size_t i = 0; i < outline->box_count; i++) {
        const struct outline_box *box = &outline->boxes[i];
        if (box->hint != BOX_DATE)
            continue;
        for (uint32_t at = box->first_line; at < box->end_line; at++) {
            int32_t day = page_day_in(outline->lines[at].text, NULL, NULL);
            if (day != CIVIL_NONE)
                return day;
        }
    }
    return CIVIL_NONE;
}

/* The date behind the last place where `label` stands: within LABEL_GAP bytes, or in the next
 * line if the label ends its own. */
static int32_t day_behind(const struct outline *outline, uint32_t index, size_t behind)
{
    struct slice rest = slice_sub(outline->lines[index].text, behind, SIZE_MAX);
    size_t offset;
    int32_t day = page_day_in(rest, &offset, NULL);

    if (day != CIVIL_NONE)
        return offset <= LABEL_GAP ? day : CIVIL_NONE;
    if (rest.size > LABEL_GAP || index + 1 >= outline->line_count)
        return CIVIL_NONE;
    day = page_day_in(outline->lines[index + 1].text, &offset, NULL);
    return day != CIVIL_NONE && offset <= LABEL_GAP ? day : CIVIL_NONE;
}

/* A bare label is part of a longer word (会议时间) when a Han character stands before it. */
static bool stands_alone(struct slice text, size_t at)
{
    return at == 0 || (unsigned char) text.data[at - 1] < 0x80 ||
           (at >= 3 && (unsigned char) text.data[at - 3] == 0xEF) ||
           (at >= 3 && (unsigned char) text.data[at - 3] == 0xE3 &&
            (unsigned char) text.data[at - 2] == 0x80);
}

/* Labels that name publishing are sure; 时间 and 日期 say too little to be believed everywhere. */
static int32_t labelled_day(const struct outline *outline, uint32_t index, bool bare)
{
    static const struct slice labels[] = {{"发布日期", 12}, {"发布时间", 12}, {"发表时间", 12},
                                          {"发表日期", 12}, {"发布于", 9},    {"发表于", 9},
                                          {"发稿时间", 12}, {"更新时间", 12}, {"更新日期", 12},
                                          {"时间", 6},      {"日期", 6}};
    enum { SURE = 9 };
    struct slice text = outline->lines[index].text;

    for (size_t i = 0; i < (bare ? sizeof labels / sizeof *labels : SURE); i++) {
        size_t at = slice_find(text, labels[i]);
        int32_t day = CIVIL_NONE;
        if (at < text.size && (i < SURE || stands_alone(text, at)))
            day = day_behind(outline, index, at + labels[i].size);
        if (day != CIVIL_NONE)
            return day;
    }
    return CIVIL_NONE;
}

/* An entry of a list of other articles; its date is theirs. */
static bool is_list_line(const struct outline_line *line)
{
    return line->linked * 2 > line->chars;
}

/* The first line of the text that is a paragraph, if it comes soon; else where the text begins.
 * Above it stand title and date, below it whatever the article is about. */
static uint32_t first_paragraph(const struct outline *outline, const struct article_span *body)
{
    for (uint32_t i = body->first_line; i < body->end_line && i - body->first_line < HEAD_LINES;
         i++)
        if (outline->lines[i].chars >= PARAGRAPH_CHARS && outline->lines[i].stops > 0)
            return i;
    return body->first_line;
}

/* Where dates below the text stop being the article's: readers' comments have times too. */
static uint32_t end_below(const struct outline *outline, const struct article_span *body)
{
    uint32_t end = body->end_line;

    while (end < outline->line_count && end - body->end_line < NEARBY_BELOW &&
           (outline->lines[end].marks & LINE_COMMENTS) == 0)
        end++;
    return end;
}

/* Sure labels anywhere above, in or right below the text, then bare ones above it. */
static int32_t label_day(const struct outline *outline, const struct article_span *body,
                         uint32_t paragraph)
{
    uint32_t below = end_below(outline, body);

    for (int pass = 0; pass < 2; pass++)
        for (uint32_t i = 0; i < (pass == 0 ? below : paragraph); i++) {
            int32_t day = outline->lines[i].chars > LABEL_CHARS
                              ? CIVIL_NONE
                              : labelled_day(outline, i, pass == 1);
            if (day != CIVIL_NONE)
                return day;
        }
    return CIVIL_NONE;
}

/* Inside the text only a line without a sentence counts: days in sentences are what it tells of. */
static int32_t short_line_day(const struct outline *outline, const struct article_span *body,
                              uint32_t index)
{
    const struct outline_line *line = &outline->lines[index];
    bool inside = index >= body->first_line && index < body->end_line;

    if (line->chars > (inside ? INSIDE_CHARS : NEARBY_CHARS) || (inside && line->stops > 0) ||
        is_list_line(line))
        return CIVIL_NONE;
    return page_day_in(line->text, NULL, NULL);
}

/* Upwards from the first paragraph, then downwards from it, then below the text. */
static int32_t nearby_day(const struct outline *outline, const struct article_span *body,
                          uint32_t paragraph)
{
    uint32_t top = paragraph > NEARBY_ABOVE ? paragraph - NEARBY_ABOVE : 0;
    uint32_t below = end_below(outline, body);

    for (uint32_t i = paragraph; i > top; i--) {
        int32_t day = short_line_day(outline, body, i - 1);
        if (day != CIVIL_NONE)
            return day;
    }
    for (uint32_t i = body->end_line; i < below; i++) {
        int32_t day = short_line_day(outline, body, i);
        if (day != CIVIL_NONE)
            return day;
    }
    for (uint32_t i = body->end_line; i > paragraph; i--) {
        int32_t day = short_line_day(outline, body, i - 1);
        if (day != CIVIL_NONE)
            return day;
    }
    return CIVIL_NONE;
}

/* The order is the contract's: what the page declares, what it shows, its address, what stands
 * around. */
struct article_date article_date_find(const struct outline *outline,
                                      const struct article_span *body, struct slice url)
{
    uint32_t paragraph = first_paragraph(outline, body);
    struct article_date found;

    found = (struct article_date){meta_day(outline), "meta"};
    if (found.day == CIVIL_NONE)
        found = (struct article_date){container_day(outline), "container"};
    if (found.day == CIVIL_NONE)
        found = (struct article_date){label_day(outline, body, paragraph), "label"};
    if (found.day == CIVIL_NONE)
        found = (struct article_date){page_day_of_url(url), "url"};
    if (found.day == CIVIL_NONE)
        found = (struct article_date){nearby_day(outline, body, paragraph), "nearby"};
    if (found.day == CIVIL_NONE)
        found.rule = "none";
    return found;
}
