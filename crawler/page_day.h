/*
 * page_day: the days that pages, lists and URLs write in figures.
 *
 * Forms     2023-05-08, 2023/5/8, 2023.5.8, 2023年5月8日, blanks between the parts allowed; in
 *           fields also 20230508 and epoch milliseconds (Asia/Shanghai).
 * Believed  Whole days of the calendar from 1990 to 2100. 2023-02-30 is passed over, and so is
 *           5月8日: what needs a context to be a day is study/dates.h's business.
 * Threads   No state.
 */
#ifndef XUNFANG_CRAWLER_PAGE_DAY_H
#define XUNFANG_CRAWLER_PAGE_DAY_H

#include "base/util/slice.h"

/* Day number (base/util/civil.h) of the first day in the text; CIVIL_NONE if there is none.
 * *offset and *size (both may be NULL) tell where it stands. */
int32_t page_day_in(struct slice text, size_t *offset, size_t *size);

/* Of a list's field or a meta tag: a day anywhere in it, or nothing but eight digits or
 * milliseconds. */
int32_t page_day_of_field(struct slice text);

/* Eight digits at the front with no digit behind. */
int32_t page_day_compact(struct slice text);

/* In a URL's path: /2023/7/14/, /2023/0714/, /2023-07-14/, /20211202/, /t20260717_1.html. */
int32_t page_day_of_url(struct slice url);

#endif
