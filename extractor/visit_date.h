/*
 * visit_date: the day of a visit as its report tells it.
 *
 * Choice    The first day named in the sentence that tells the journey, else in the sentences
 *           before it or right behind it; never one named later in passing. A range counts by its
 *           first day.
 * Year      A day without a year takes it from the publication (study/dates.h says how); a document
 *           without a publication day borrows the one that its URL spells.
 * Precision day; month where only that is told (then no day comes back); none.
 */
#ifndef XUNFANG_EXTRACTOR_VISIT_DATE_H
#define XUNFANG_EXTRACTOR_VISIT_DATE_H

#include "study/dates.h"

struct visit_date {
    int32_t day; /* CIVIL_NONE unless the precision is day */
    enum date_precision precision;
};

/* The day in a URL such as /2023/0907/, t20240607_12, /art/2025/3/14/; CIVIL_NONE without one. */
int32_t url_day(struct slice url);

/* `text` from `begin` on tells the journey; `published` may be CIVIL_NONE. */
struct visit_date visit_date_find(struct slice text, size_t begin, size_t end, int32_t published);

#endif
