#include "extractor/visit_date.h"

enum {
    /* Four digits of a URL outside these are no year but a number. */
    FIRST_YEAR = 1995,
    LAST_YEAR = 2100,
    BEHIND = 240,   /* bytes behind the telling sentence that still belong to the lead */
    LOOK_BACK = 600 /* bytes before it */
};

static bool is_digit(struct slice text, size_t at)
{
    return at < text.size && text.data[at] >= '0' && text.data[at] <= '9';
}

/* Exactly `count` digits at *at; -1 if there are fewer. Moves behind them. */
static int take_digits(struct slice text, size_t *at, int count)
{
    int value = 0;

    for (int i = 0; i < count; i++) {
        if (!is_digit(text, *at + (size_t) i))
            return -1;
        value = value * 10 + (text.data[*at + (size_t) i] - '0');
    }
    *at += (size_t) count;
    return value;
}

static bool is_joint(struct slice text, size_t at)
{
    return at < text.size && (text.data[at] == '/' || text.data[at] == '-' || text.data[at] == '_');
}

/* A day of one digit must be a folder of its own: /201906/1.html spells no day. */
static bool ends_day(struct slice text, size_t at)
{
    bool two_digits = is_digit(text, at - 2);

    return !is_digit(text, at) && (two_digits || is_joint(text, at));
}

/* One or two digits with a joint before them, or two digits that follow directly. */
static int take_part(struct slice text, size_t *at)
{
    size_t start = *at;

    if (!is_joint(text, start))
        return take_digits(text, at, 2);
    *at = start + 1;
    if (is_digit(text, *at) && is_digit(text, *at + 1))
        return take_digits(text, at, 2);
    return take_digits(text, at, 1);
}

/* A date whose year begins at `at`, with nothing numeric around it. */
static int32_t day_at(struct slice url, size_t at)
{
    struct civil date;

    if (at > 0 && is_digit(url, at - 1))
        return CIVIL_NONE;
    date.year = take_digits(url, &at, 4);
    if (date.year < FIRST_YEAR || date.year > LAST_YEAR)
        return CIVIL_NONE;
    date.month = take_part(url, &at);
    date.day = date.month < 0 ? -1 : take_part(url, &at);
    if (date.month < 0 || date.day < 0 || !ends_day(url, at) || !civil_valid(date))
        return CIVIL_NONE;
    return civil_to_day(date);
}

int32_t url_day(struct slice url)
{
    for (size_t at = 0; at < url.size; at++) {
        int32_t day = day_at(url, at);

        if (day != CIVIL_NONE)
            return day;
    }
    return CIVIL_NONE;
}

/* The first mention of [begin, end) that names a day, else one that names a month. */
static void choose(const struct date_mention *mentions, size_t count, size_t begin, size_t end,
                   struct visit_date *date)
{
    for (size_t i = 0; i < count; i++) {
        const struct date_mention *mention = &mentions[i];

        if (mention->offset < begin || mention->offset >= end)
            continue;
        if (mention->precision == DATE_PRECISION_DAY && mention->first != CIVIL_NONE) {
            *date = (struct visit_date){mention->first, DATE_PRECISION_DAY};
            return;
        }
        if (mention->precision == DATE_PRECISION_MONTH && date->precision == DATE_PRECISION_NONE)
            date->precision = DATE_PRECISION_MONTH;
    }
}

struct visit_date visit_date_find(struct slice text, size_t begin, size_t end, int32_t published)
{
    struct date_mention mentions[DATES_MAX];
    size_t back = begin > LOOK_BACK ? begin - LOOK_BACK : 0;
    size_t count = dates_find(text, published, mentions, DATES_MAX);
    struct visit_date date = {CIVIL_NONE, DATE_PRECISION_NONE};

    /* A month stays from whichever was first, until a day is found. */
    choose(mentions, count, begin, end, &date);
    if (date.precision != DATE_PRECISION_DAY)
        choose(mentions, count, back, begin, &date);
    if (date.precision != DATE_PRECISION_DAY)
        choose(mentions, count, end, end + BEHIND, &date);
    return date;
}
