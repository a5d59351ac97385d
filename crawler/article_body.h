/*
 * article_body: which boxes of an outline hold the article's text.
 *
 * Known   A container that government systems use (known_words.h); the one with most text. If
 *         there is one and it is empty, the page is blank, unless the rest holds a real article.
 * Weight  Otherwise every line weighs: its unlinked characters, more for sentence marks, less for
 *         links and for being short. A box weighs what its lines do; the heaviest box is the
 *         article, narrowed as long as one box below it keeps nearly all of its weight.
 * Lines   Within the box lists of links, boilerplate and the page's machinery are dropped.
 * Exact   Integers only; ties go to the box that comes first.
 */
#ifndef XUNFANG_CRAWLER_ARTICLE_BODY_H
#define XUNFANG_CRAWLER_ARTICLE_BODY_H

#include "crawler/outline.h"

struct article_span {
    uint32_t box;        /* that holds the text */
    uint32_t first_line; /* lines of the outline, end exclusive */
    uint32_t end_line;
    const char *rule; /* "container", "density", "none" */
};

/* STATUS_NOMEM only. A blank page gives the rule "none" and no lines. */
CHECKED enum status article_body_find(const struct outline *outline, struct arena *arena,
                                      struct article_span *span, struct error *err);

/* Takes title, subtitle lines and the line of date, source and author off the front of a span
 * found by density: a box chosen by weight holds them on some pages and not on others. */
void article_body_trim(const struct outline *outline, struct slice title,
                       struct article_span *span);

/* Appends the span's paragraphs joined by "\n", whole lines as long as they fit into `most`
 * bytes. */
void article_body_text(const struct outline *outline, const struct article_span *span, size_t most,
                       struct buf *out);

#endif
