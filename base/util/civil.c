#include "base/util/civil.h"

#include <stdio.h>

static int month_days(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return days[month - 1] + (month == 2 && leap);
}

bool civil_valid(struct civil date)
{
    return date.year >= 1900 && date.year <= 2100 && date.month >= 1 && date.month <= 12 &&
           date.day >= 1 && date.day <= month_days(date.year, date.month);
}

int32_t civil_to_day(struct civil date)
{
    int year = date.month <= 2 ? date.year - 1 : date.year; /* years begin in March here */
    int era = year / 400;
    int year_of_era = year - era * 400;
    int day_of_year = (153 * (date.month + (date.month > 2 ? -3 : 9)) + 2) / 5 + date.day - 1;
    int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

    ENSURE(civil_valid(date));
    return era * 146097 + day_of_era - 719468;
}

struct civil civil_from_day(int32_t day)
{
    int shifted = day + 719468;
    int era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    int day_of_era = shifted - era * 146097;
    int year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int month = (5 * day_of_year + 2) / 153;
    struct civil date = {.year = year_of_era + era * 400,
                         .month = month < 10 ? month + 3 : month - 9,
                         .day = day_of_year - (153 * month + 2) / 5 + 1};

    date.year += date.month <= 2;
    return date;
}

int32_t civil_from_wall_ms(int64_t ms)
{
    int64_t local = ms + INT64_C(8) * 3600000;
    int64_t day = local / 86400000;

    return (int32_t) (local % 86400000 < 0 ? day - 1 : day);
}

enum status civil_parse(struct slice text, int32_t *day, struct error *err)
{
    static const char shape[] = "dddd-dd-dd";
    struct civil date = {0, 0, 0};
    int *field = &date.year;

    for (size_t i = 0; i < sizeof shape - 1; i++) {
        char c = (char) (i < text.size ? text.data[i] : '\0');
        if (shape[i] == 'd' ? c < '0' || c > '9' : c != '-')
            return error_set(err, STATUS_INVALID, "'%.*s' is not a date like 2023-01-05",
                             SLICE_ARG(text));
        if (c == '-')
            field = field == &date.year ? &date.month : &date.day;
        else
            *field = *field * 10 + (c - '0');
    }
    if (text.size != sizeof shape - 1 || !civil_valid(date))
        return error_set(err, STATUS_INVALID, "'%.*s' is no day of the calendar from 1900 to 2100",
                         SLICE_ARG(text));
    *day = civil_to_day(date);
    return STATUS_OK;
}

const char *civil_text(int32_t day, char text[CIVIL_TEXT_SIZE])
{
    struct civil date;

    text[0] = '\0';
    if (day == CIVIL_NONE)
        return text;
    date = civil_from_day(day);
    (void) snprintf(text, CIVIL_TEXT_SIZE, "%04u-%02u-%02u", (unsigned) date.year % 10000u,
                    (unsigned) date.month % 100u, (unsigned) date.day % 100u);
    return text;
}
