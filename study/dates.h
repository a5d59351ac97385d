/*
 * dates: calendar dates as Chinese reports write them.
 *
 * Forms     2023年5月8日 · 2023-05-08, 2023/5/8, 2023.5.8 · 5月8日, 5月8号 · 8日 (only after a dated
 *           mention) · 2023年5月, 5月 · 今年/去年/本月/上月 with a month or day · 今天 昨天 昨日 前天 今日 今晨 … · 日前 近日
 *           (vague) · ranges: 10月24至25日, 9月10日至13日, 9月30日—10月2日, 5月8-9日.
 * Years     A mention without a year takes the year that puts it nearest before the publication
 *           day, at most one day after it (so 12月28日 published on 3 January is of the year before);
 *           without a publication day the year of an earlier mention of the text, else it stays
 *           unresolved.
 * Contract  今天 and 昨日 are full dates when the publication day is known. A range counts by its first
 *           day.
 * Offsets   Bytes of the text given; full-width digits are understood, so normalising is not
 *           needed.
 * Threads   No state.
 */
#ifndef XUNFANG_STUDY_DATES_H
#define XUNFANG_STUDY_DATES_H

#include "base/util/civil.h"
#include "base/util/slice.h"

enum { DATES_MAX = 256 }; /* mentions looked at in one text */

enum date_precision {
    DATE_PRECISION_NONE,  /* 日前, or a month and day whose year is unknown */
    DATE_PRECISION_MONTH, /* the month is known */
    DATE_PRECISION_DAY,
};

enum date_form {
    DATE_FORM_FULL,      /* year, month, day written out */
    DATE_FORM_MONTH_DAY, /* year resolved from the publication day or the text */
    DATE_FORM_DAY,       /* month taken from the mention before */
    DATE_FORM_MONTH,     /* no day */
    DATE_FORM_RELATIVE,  /* 今天, 昨日 … */
    DATE_FORM_VAGUE,     /* 日前, 近日 … */
};

struct date_mention {
    size_t offset; /* bytes into the text */
    size_t size;
    enum date_form form;
    enum date_precision precision;
    int32_t first; /* day number; of a month its first day; CIVIL_NONE if unresolved */
    int32_t last;  /* of a range (or month) its last day, else = first */
    bool range;    /* two days were written */
};

/* Mentions in the order of the text, at most `max`; returns how many. `published` may be
 * CIVIL_NONE. */
size_t dates_find(struct slice text, int32_t published, struct date_mention *mentions, size_t max);

const char *date_precision_text(enum date_precision precision); /* "none", "month", "day" */

#endif
