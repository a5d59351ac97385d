#include "crawler/article_body.h"

#include "base/util/civil.h"
#include "crawler/page_day.h"

#include <string.h>

enum {
    SHORT_LINE = 12,     /* characters a line costs: menus are full of short lines */
    STOP_VALUE = 4,      /* characters a sentence mark is worth */
    LINK_COST = 3,       /* a linked character's price */
    WORST_LINE = 40,     /* the most that one line takes away */
    RUN_PERCENT = 115,   /* how much heavier a run must be than the best box */
    ASIDE_COST = 60,     /* of a line in a box that sounds like an aside */
    NARROW_PERCENT = 90, /* a box below must keep so much of the weight */
    KNOWN_LEAST = 30,    /* characters that make a known container believable at once */
    ARTICLE_LEAST = 200, /* characters that outweigh an empty known container */
    CUT_LEAST = 40,      /* characters before a line that ends the article */
    INFO_CHARS = 80,     /* of a line of date, source and author */
    BLANK_LEAST = 20,    /* characters an article has, or a sentence mark */
};

/* Sentences weigh more than words and links take away: a menu is negative, a paragraph positive,
 * whatever its markup. WORST_LINE keeps one monstrous line from burying an article around it. */
static int64_t line_weight(const struct outline *outline, const struct outline_line *line)
{
    const struct outline_box *box = &outline->boxes[line->box];
    int64_t weight = (int64_t) line->chars - line->linked - SHORT_LINE +
                     (int64_t) line->stops * STOP_VALUE - (int64_t) line->linked * LINK_COST;

    if (line->marks & LINE_FOOT)
        weight = -(int64_t) line->chars;
    if ((line->marks & LINE_FURNITURE) && weight > 0)
        weight = 0;
    if (box->hint == BOX_ASIDE)
        weight -= ASIDE_COST;
    return weight < -WORST_LINE ? -WORST_LINE : weight;
}

/* Sums of line weights up to each line, so that a box weighs a difference. */
static int64_t *sum_weights(const struct outline *outline, struct arena *arena)
{
    int64_t *sums = arena_array(arena, outline->line_count + 1, sizeof *sums);

    for (size_t i = 0; sums != NULL && i < outline->line_count; i++)
        sums[i + 1] = sums[i] + line_weight(outline, &outline->lines[i]);
    return sums;
}

/* Constant time: boxes are many and nested. */
static int64_t box_weight(const struct outline_box *box, const int64_t *sums)
{
    return sums[box->end_line] - sums[box->first_line];
}

/* Characters outside links. */
static uint64_t count_chars(const struct outline *outline, uint32_t first, uint32_t end)
{
    uint64_t chars = 0;

    for (uint32_t i = first; i < end; i++)
        chars += outline->lines[i].chars - outline->lines[i].linked;
    return chars;
}

/* The known container with most text; box_count if there is none. */
static uint32_t find_known(const struct outline *outline, uint64_t *chars)
{
    uint32_t best = (uint32_t) outline->box_count;

    *chars = 0;
    for (uint32_t i = 0; i < outline->box_count; i++) {
        uint64_t here;
        if (outline->boxes[i].hint != BOX_BODY)
            continue;
        here = count_chars(outline, outline->boxes[i].first_line, outline->boxes[i].end_line);
        if (best == outline->box_count || here > *chars) {
            best = i;
            *chars = here;
        }
    }
    return best;
}

/* Of equals the first, which is the outermost. */
static uint32_t find_heaviest(const struct outline *outline, const int64_t *sums)
{
    uint32_t best = 0;
    int64_t most = INT64_MIN;

    for (uint32_t i = 0; i < outline->box_count; i++) {
        int64_t weight = box_weight(&outline->boxes[i], sums);
        if (weight > most) {
            best = i;
            most = weight;
        }
    }
    return best;
}

/* Steps down while one child keeps nearly all of the weight. */
static uint32_t narrow(const struct outline *outline, const int64_t *sums, uint32_t box)
{
    int64_t needed = box_weight(&outline->boxes[box], sums) * NARROW_PERCENT / 100;
    uint32_t child = box + 1;

    while (child < outline->boxes[box].end) {
        if (box_weight(&outline->boxes[child], sums) >= needed) {
            box = child;
            child = box + 1;
        } else {
            child = outline->boxes[child].end;
        }
    }
    return box;
}

/* The heaviest run of lines, wherever their boxes begin and end; its weight. */
static int64_t find_run(const struct outline *outline, const int64_t *sums,
                        struct article_span *span)
{
    int64_t most = 0;
    uint32_t lowest = 0; /* where the sum of all before is least */

    for (uint32_t i = 0; i < outline->line_count; i++) {
        if (sums[i] < sums[lowest])
            lowest = i;
        if (sums[i + 1] - sums[lowest] > most) {
            most = sums[i + 1] - sums[lowest];
            *span = (struct article_span){0, lowest, i + 1, "density"};
        }
    }
    return most;
}

/* All lines of a box. */
static struct article_span span_of(const struct outline *outline, uint32_t box, const char *rule)
{
    return (struct article_span){box, outline->boxes[box].first_line, outline->boxes[box].end_line,
                                 rule};
}

/* The heaviest box, or a run of lines that is clearly heavier: pages whose paragraphs have no
 * box in common but the page. */
static struct article_span find_dense(const struct outline *outline, const int64_t *sums)
{
    uint32_t box = find_heaviest(outline, sums);
    struct article_span span = span_of(outline, narrow(outline, sums, box), "density");
    struct article_span run = span;

    if (find_run(outline, sums, &run) * 100 > box_weight(&outline->boxes[box], sums) * RUN_PERCENT)
        return run;
    return span;
}

/* Too little for an article: no sentence and hardly a word. */
static bool is_blank(const struct outline *outline, const struct article_span *span)
{
    uint64_t chars = 0, stops = 0;

    for (uint32_t i = span->first_line; i < span->end_line; i++) {
        const struct outline_line *line = &outline->lines[i];
        if (line->marks & (LINE_FOOT | LINE_FURNITURE))
            continue;
        chars += line->chars - line->linked;
        stops += line->linked * 2 < line->chars ? line->stops : 0;
    }
    return chars < BLANK_LEAST && stops == 0;
}

/* Cuts the span at the first line that stands behind articles, once there is an article before it.
 * A mark that may stand inside one counts only if more text came before than comes behind. */
static void cut_tail(const struct outline *outline, struct article_span *span)
{
    uint64_t all = count_chars(outline, span->first_line, span->end_line);
    uint64_t before = 0, stops = 0;

    for (uint32_t i = span->first_line; i < span->end_line; i++) {
        const struct outline_line *line = &outline->lines[i];
        bool end = (line->marks & LINE_COMMENTS) || ((line->marks & LINE_END) && before * 2 >= all);
        if (end && before >= CUT_LEAST && stops > 0) {
            span->end_line = i;
            return;
        }
        before += line->chars - line->linked;
        stops += line->stops;
    }
}

/* A known container that has text is believed at once; the order of the rest is told in the
 * header. */
enum status article_body_find(const struct outline *outline, struct arena *arena,
                              struct article_span *span, struct error *err)
{
    int64_t *sums = sum_weights(outline, arena);
    uint64_t known_chars;
    uint32_t known = find_known(outline, &known_chars);
    struct article_span dense;

    if (sums == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for a page's weights");
    if (known < outline->box_count && known_chars >= KNOWN_LEAST) {
        *span = span_of(outline, known, "container");
        cut_tail(outline, span);
        return STATUS_OK;
    }
    dense = find_dense(outline, sums);
    cut_tail(outline, &dense);
    if (known < outline->box_count &&
        count_chars(outline, dense.first_line, dense.end_line) < ARTICLE_LEAST)
        dense = span_of(outline, known, known_chars > 0 ? "container" : "none");
    else if (is_blank(outline, &dense))
        dense = (struct article_span){dense.box, 0, 0, "none"};
    *span = dense;
    return STATUS_OK;
}

/* Date, source, author, counters: what stands between a title and its text. */
static bool is_info_line(const struct outline_line *line)
{
    static const struct slice words[] = {{"来源：", 9}, {"作者：", 9}, {"日期：", 9}, {"时间：", 9},
                                         {"发布", 6},   {"编辑：", 9}, {"浏览", 6},   {"点击", 6},
                                         {"阅读", 6},   {"来源:", 7},  {"作者:", 7},  {"字号", 6},
                                         {"字体", 6}};

    if (line->chars > INFO_CHARS || line->stops > 0)
        return false;
    if (page_day_in(line->text, NULL, NULL) != CIVIL_NONE)
        return true;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (slice_contains(line->text, words[i]))
            return true;
    return false;
}

/* Only where weight chose the box: a container that a system made holds the text and nothing
 * else. */
void article_body_trim(const struct outline *outline, struct slice title, struct article_span *span)
{
    if (strcmp(span->rule, "density") != 0)
        return;
    while (span->first_line < span->end_line) {
        const struct outline_line *line = &outline->lines[span->first_line];
        bool of_title = title.size > 0 && slice_contains(title, line->text);
        if (!of_title && !is_info_line(line) && (line->marks & (LINE_FOOT | LINE_FURNITURE)) == 0)
            return;
        span->first_line++;
    }
}

/* Mostly links, and no sentence: a list of other articles. */
static bool is_link_line(const struct outline_line *line)
{
    return line->linked * 2 > line->chars && line->stops < 2;
}

/* Links, feet and machinery inside the chosen part are left out line by line. */
void article_body_text(const struct outline *outline, const struct article_span *span, size_t most,
                       struct buf *out)
{
    size_t start = out->size;

    for (uint32_t i = span->first_line; i < span->end_line; i++) {
        const struct outline_line *line = &outline->lines[i];
        if (is_link_line(line) || (line->marks & (LINE_FOOT | LINE_FURNITURE)))
            continue;
        if (out->size - start + line->text.size + 1 > most)
            return;
        if (out->size > start)
            buf_putc(out, '\n');
        buf_append(out, line->text);
    }
}
