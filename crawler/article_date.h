/*
 * article_date: the day a page was published.
 *
 * Rules     In order: "meta" (PubDate, Maketime … best name first), "container" (an element that
 *           is known to hold it), "label" (发布日期, 发布时间 … anywhere; a bare 时间 or 日期 only above the
 *           first paragraph, since articles have times of their own), "url", "nearby" (a short
 *           line with a date, nearest above the text, else within it or below).
 * Believed  Only whole days of the calendar (page_day.h); others are passed over. Lines that are
 *           mostly links (lists of other articles) do not count.
 */
#ifndef XUNFANG_CRAWLER_ARTICLE_DATE_H
#define XUNFANG_CRAWLER_ARTICLE_DATE_H

#include "crawler/article_body.h"
#include "crawler/outline.h"

struct article_date {
    int32_t day;      /* CIVIL_NONE if unknown */
    const char *rule; /* "none" if unknown */
};

/* `url` may be empty. */
struct article_date article_date_find(const struct outline *outline,
                                      const struct article_span *body, struct slice url);

#endif
