/*
 * civil: calendar days without clocks or time zones.
 *
 * Unit    A day number counts from 1970-01-01 (day 0), proleptic Gregorian calendar.
 * Source  The day-count formulas are the usual era decomposition of 400-year cycles (146,097 days).
 * Zone    civil_from_wall_ms reads milliseconds in Asia/Shanghai (UTC+8, no summer time since
 *         1992).
 */
#ifndef XUNFANG_BASE_UTIL_CIVIL_H
#define XUNFANG_BASE_UTIL_CIVIL_H

#include "base/util/slice.h"

enum { CIVIL_TEXT_SIZE = 11, CIVIL_NONE = INT32_MIN };

struct civil {
    int year;  /* 1900 … 2100 when valid */
    int month; /* 1 … 12 */
    int day;   /* 1 … 31 */
};

/* A day of the calendar between the years 1900 and 2100? */
bool civil_valid(struct civil date);
/* Of a valid date. */
int32_t civil_to_day(struct civil date);
struct civil civil_from_day(int32_t day);
int32_t civil_from_wall_ms(int64_t ms);
/* "2023-01-05" and nothing else. */
CHECKED enum status civil_parse(struct slice text, int32_t *day, struct error *err);
/* Writes YYYY-MM-DD and NUL; returns `text`. CIVIL_NONE gives "". */
const char *civil_text(int32_t day, char text[CIVIL_TEXT_SIZE]);

#endif
