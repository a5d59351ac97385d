#include "crawler/page_day.h"

#include "base/util/civil.h"

/* The web is not older, and a later year is a serial number. */
enum { YEAR_FIRST = 1990, YEAR_LAST = 2100, EPOCH_DIGITS = 12 };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Up to `most` digits at *at; returns how many and moves on. */
static size_t read_number(struct slice text, size_t *at, size_t most, int *number)
{
    size_t digits = 0;

    *number = 0;
    while (digits < most && *at < text.size && is_digit(text.data[*at])) {
        *number = *number * 10 + (text.data[*at] - '0');
        ++*at;
        digits++;
    }
    return digits;
}

/* 2023 年 5 月 8 日 is how word processors space it. */
static void skip_blanks(struct slice text, size_t *at)
{
    while (*at < text.size && text.data[*at] == ' ')
        ++*at;
}

/* Moves over the sign between the parts of a date: one of - / . or the given word. */
static bool read_separator(struct slice text, size_t *at, struct slice word, char *sign)
{
    struct slice rest;

    skip_blanks(text, at);
    rest = slice_sub(text, *at, text.size);
    if (slice_starts(rest, word)) {
        *at += word.size;
        *sign = 'w';
    } else if (rest.size > 0 &&
               (rest.data[0] == '-' || rest.data[0] == '/' || rest.data[0] == '.')) {
        *sign = rest.data[0];
        ++*at;
    } else {
        return false;
    }
    skip_blanks(text, at);
    return true;
}

/* Years outside are serial numbers, laws and history. */
static int32_t believed_day(int year, int month, int day)
{
    struct civil date = {year, month, day};

    if (year < YEAR_FIRST || year > YEAR_LAST || !civil_valid(date))
        return CIVIL_NONE;
    return civil_to_day(date);
}

/* "11－12日" is a range of days: an event's, never a page's. */
static bool begins_range(struct slice text, size_t at)
{
    static const struct slice signs[] = {{"－", 3}, {"—", 3},  {"–", 3}, {"～", 3},
                                         {"至", 3}, {"到", 3}, {"-", 1}, {"~", 1}};
    struct slice rest = slice_sub(text, at, text.size);

    if (slice_starts(rest, SLICE("日")))
        rest = slice_sub(rest, 3, rest.size);
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (slice_starts(rest, signs[i]))
            return rest.size > signs[i].size && is_digit(rest.data[signs[i].size]);
    return false;
}

/* A whole date that begins at `start`; *end is behind it. */
static int32_t date_at(struct slice text, size_t start, size_t *end)
{
    int year, month, day;
    char first, second;
    size_t at = start;

    if (read_number(text, &at, 4, &year) != 4 || !read_separator(text, &at, SLICE("年"), &first) ||
        read_number(text, &at, 2, &month) == 0 ||
        !read_separator(text, &at, SLICE("月"), &second) || first != second ||
        read_number(text, &at, 2, &day) == 0)
        return CIVIL_NONE;
    if ((at < text.size && is_digit(text.data[at])) || (first == 'w' && begins_range(text, at)))
        return CIVIL_NONE;
    *end = at;
    return believed_day(year, month, day);
}

/* A date begins at a digit that no digit precedes; eight bytes are the shortest (2023-5-8). */
int32_t page_day_in(struct slice text, size_t *offset, size_t *size)
{
    for (size_t at = 0; at + 8 <= text.size; at++) {
        size_t end;
        int32_t day;
        if (!is_digit(text.data[at]) || (at > 0 && is_digit(text.data[at - 1])))
            continue;
        day = date_at(text, at, &end);
        if (day == CIVIL_NONE)
            continue;
        if (offset != NULL)
            *offset = at;
        if (size != NULL)
            *size = end - at;
        return day;
    }
    return CIVIL_NONE;
}

/* Eight digits that are a day: 20231108, and nothing but them. */
int32_t page_day_compact(struct slice text)
{
    int number;
    size_t at = 0;

    if (read_number(text, &at, 8, &number) != 8 || (at < text.size && is_digit(text.data[at])))
        return CIVIL_NONE;
    return believed_day(number / 10000, number / 100 % 100, number % 100);
}

/* "/2023/7/14/", "/2023-07-14/" or "/2023/0714/" at the front. */
static int32_t slashed_day(struct slice text)
{
    int year, month, day;
    size_t at = 1;
    size_t digits;

    if (read_number(text, &at, 4, &year) != 4 || at >= text.size ||
        (text.data[at] != '/' && text.data[at] != '-'))
        return CIVIL_NONE;
    at++;
    digits = read_number(text, &at, 4, &month);
    /* Month and day in one: webplus sites write /2023/1227/. */
    if (digits == 4) {
        day = month % 100;
        month /= 100;
    } else if (digits == 0 || digits > 2 || at >= text.size ||
               (text.data[at] != '/' && text.data[at] != '-')) {
        return CIVIL_NONE;
    } else {
        at++;
        if (read_number(text, &at, 2, &day) == 0)
            return CIVIL_NONE;
    }
    if (at < text.size && is_digit(text.data[at]))
        return CIVIL_NONE;
    return believed_day(year, month, day);
}

/* Only behind a slash, in the path: a query may hold dates of searches. */
int32_t page_day_of_url(struct slice url)
{
    size_t path = slice_find(url, SLICE("://"));

    url = path < url.size ? slice_sub(url, path + 3, url.size) : url;
    url = slice_sub(url, 0, slice_find(url, SLICE("?")));
    for (size_t at = 0; at < url.size; at++) {
        struct slice rest = slice_sub(url, at, url.size);
        int32_t day = CIVIL_NONE;
        if (rest.data[0] != '/')
            continue;
        day = slashed_day(rest);
        if (day == CIVIL_NONE)
            day = page_day_compact(slice_sub(rest, 1, rest.size));
        if (day == CIVIL_NONE && rest.size > 1 && (rest.data[1] == 't' || rest.data[1] == 'P'))
            day = page_day_compact(slice_sub(rest, 2, rest.size));
        if (day != CIVIL_NONE)
            return day;
    }
    return CIVIL_NONE;
}

/* Epoch milliseconds: 12 or 13 digits and nothing else. */
static int32_t epoch_day(struct slice text)
{
    uint64_t ms;
    int32_t day;

    if (text.size < EPOCH_DIGITS || text.size > EPOCH_DIGITS + 1 ||
        slice_to_uint(text, 0, INT64_MAX, &ms, NULL) != STATUS_OK)
        return CIVIL_NONE;
    day = civil_from_wall_ms((int64_t) ms);
    return civil_from_day(day).year < YEAR_FIRST || civil_from_day(day).year > YEAR_LAST
               ? CIVIL_NONE
               : day;
}

/* Forms that are numbers count only when the field is nothing else. */
int32_t page_day_of_field(struct slice text)
{
    int32_t day = page_day_in(text, NULL, NULL);

    text = slice_trim(text);
    if (day == CIVIL_NONE)
        day = page_day_compact(text);
    if (day == CIVIL_NONE)
        day = epoch_day(text);
    return day;
}
