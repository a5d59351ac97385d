/*
 * date_text: the written pieces a date is made of. Private to study/dates.
 *
 * Walking  Each function looks at text[*at]; on success it moves *at behind what it took and says
 *          true, else nothing changes.
 * Digits   ASCII, full-width, and for numbers before 年 月 日 Chinese ones (二〇二三, 二十四).
 * Threads  No state.
 */
#ifndef XUNFANG_STUDY_DATE_TEXT_H
#define XUNFANG_STUDY_DATE_TEXT_H

#include "base/util/slice.h"

/* What was written: zero where nothing was. */
struct date_written {
    int year;
    int month;
    int day;
    int last_month; /* of a range, with last_day */
    int last_day;
};

struct date_number {
    int64_t value;
    int digits; /* written; of Chinese numerals with 十 zero */
    bool chinese;
};

bool date_take_word(struct slice text, size_t *at, const char *word);
/* `words` ends with NULL. */
bool date_take_one_of(struct slice text, size_t *at, const char *const *words);
/* A run of ASCII or full-width digits; false, but moved behind it, if it is too long for a number.
 */
bool date_take_digits(struct slice text, size_t *at, struct date_number *number);
/* Any date that begins with a number: 2023年5月8日, 2023-05-08, 5月8日至10日, 2023年5月, 5月; also a year
 * alone (2023年), which leaves month 0. */
bool date_take(struct slice text, size_t *at, struct date_written *w);
/* "5月", "5月8日", "5月8日至10日". */
bool date_take_month(struct slice text, size_t *at, struct date_written *w);
/* Behind a month: "8日", "8日至10日", "8至10日"; nothing if none of them stands there. */
void date_take_day(struct slice text, size_t *at, struct date_written *w);
/* The end of a range behind a first day: "至25日", "—10月2日", "-9日". */
bool date_take_range(struct slice text, size_t *at, struct date_written *w);

#endif
