#include "study/date_text.h"

#include "study/text.h"

/* More digits than a date can have are counted but no longer added up: nothing runs over, and the
 * number is refused. */
enum { YEAR_MIN = 1949, YEAR_MAX = 2100, DIGITS_MAX = 15 };

/* The code point at `at`, 0 at the end. */
static uint32_t peek(struct slice text, size_t at)
{
    uint32_t c = 0;

    (void) text_next(text, &at, &c);
    return c;
}

bool date_take_word(struct slice text, size_t *at, const char *word)
{
    struct slice w = slice_from(word);

    if (!slice_starts(slice_sub(text, *at, text.size), w))
        return false;
    *at += w.size;
    return true;
}

bool date_take_one_of(struct slice text, size_t *at, const char *const *words)
{
    for (size_t i = 0; words[i] != NULL; i++)
        if (date_take_word(text, at, words[i]))
            return true;
    return false;
}

/* Value of a digit in any of its forms; -1 if it is none. */
static int arabic(uint32_t c)
{
    if (c >= '0' && c <= '9')
        return (int) c - '0';
    return c >= 0xFF10 && c <= 0xFF19 ? (int) (c - 0xFF10) : -1;
}

/* 〇零一二三四五六七八九十; -1 if it is none. */
static int chinese(uint32_t c)
{
    static const uint32_t digits[] = {0x3007, 0x4E00, 0x4E8C, 0x4E09, 0x56DB, 0x4E94,
                                      0x516D, 0x4E03, 0x516B, 0x4E5D, 0x5341};

    for (int i = 0; i <= 10; i++)
        if (c == digits[i])
            return i;
    /* 零, the other way to write 〇. */
    return c == 0x96F6 ? 0 : -1;
}

bool date_take_digits(struct slice text, size_t *at, struct date_number *number)
{
    uint32_t c;

    *number = (struct date_number){0, 0, false};
    for (size_t next = *at; text_next(text, &next, &c) && arabic(c) >= 0; *at = next) {
        if (number->digits++ < DIGITS_MAX)
            number->value = number->value * 10 + arabic(c);
    }
    return number->digits > 0 && number->digits <= DIGITS_MAX;
}

/* 二〇二三, 十, 二十, 二十四, 五; a ten multiplies what stands before it. */
static bool take_chinese(struct slice text, size_t *at, struct date_number *number)
{
    size_t start = *at;
    bool ten = false;
    uint32_t c;

    *number = (struct date_number){0, 0, true};
    for (size_t next = *at; text_next(text, &next, &c) && chinese(c) >= 0; *at = next) {
        int value = chinese(c);
        /* Four digits make a year; what is longer is no part of a date. */
        if (number->digits++ == 4)
            return false;
        if (value == 10) {
            number->value = number->value == 0 ? 10 : number->value * 10;
            ten = true;
        } else {
            number->value = ten ? number->value + value : number->value * 10 + value;
        }
    }
    /* With a ten in it the number was said and not spelt: digits no longer tell whether it is a
     * year. */
    if (ten)
        number->digits = 0;
    return *at > start;
}

static bool take_number(struct slice text, size_t *at, struct date_number *number)
{
    return arabic(peek(text, *at)) >= 0 ? date_take_digits(text, at, number)
                                        : take_chinese(text, at, number);
}

static bool take_small(struct slice text, size_t *at, int max, int *value)
{
    struct date_number number;
    size_t end = *at;

    if (!take_number(text, &end, &number) || number.value < 1 || number.value > max ||
        (!number.chinese && number.digits > 2))
        return false;
    *value = (int) number.value;
    *at = end;
    return true;
}

static bool take_day_sign(struct slice text, size_t *at)
{
    static const char *const signs[] = {"日", "号", NULL};

    return date_take_one_of(text, at, signs);
}

/* ---- written dates ---- */

/* "至25日", "—10月2日", "-9日": the end of a range behind a first day. */
bool date_take_range(struct slice text, size_t *at, struct date_written *w)
{
    static const char *const signs[] = {"至", "到", "—", "–", "－", "-", "~", "～", "、", NULL};
    size_t end = *at;
    size_t before_day;
    int month = w->month;
    int day;

    if (!date_take_one_of(text, &end, signs))
        return false;
    (void) date_take_word(text, &end, "—"); /* a Chinese dash is two characters long */
    before_day = end;
    if (!take_small(text, &end, 12, &month) || !date_take_word(text, &end, "月")) {
        month = w->month;
        end = before_day;
    }
    if (!take_small(text, &end, 31, &day) || !take_day_sign(text, &end))
        return false;
    w->last_month = month;
    w->last_day = day;
    *at = end;
    return true;
}

/* Behind "5月": "8日", "8日至10日", "8至10日", or nothing, which leaves a month. */
void date_take_day(struct slice text, size_t *at, struct date_written *w)
{
    size_t end = *at;
    bool sign;

    if (!take_small(text, &end, 31, &w->day))
        return;
    sign = take_day_sign(text, &end);
    /* "8至10日" has one day sign for both: the range supplies it. A number without any is no day
     * ("5月8人"). */
    if (date_take_range(text, &end, w) || sign)
        *at = end;
    else
        w->day = 0;
}

/* "5月…" */
bool date_take_month(struct slice text, size_t *at, struct date_written *w)
{
    size_t end = *at;

    if (!take_small(text, &end, 12, &w->month) || !date_take_word(text, &end, "月"))
        return false;
    (void) date_take_word(text, &end, "份");
    date_take_day(text, &end, w);
    *at = end;
    return true;
}

static bool good_year(const struct date_number *number)
{
    return number->digits == 4 && number->value >= YEAR_MIN && number->value <= YEAR_MAX;
}

/* "2023-05-08" and the like, all separators alike. */
static bool take_separated(struct slice text, size_t *at, struct date_written *w)
{
    static const char *const separators[] = {"-", "/", ".", "－", "／", "．", NULL};
    size_t end = *at;

    for (size_t i = 0; separators[i] != NULL; i++) {
        /* Both separators must be the same: 2023-05/08 is no date but something else. */
        if (date_take_word(text, &end, separators[i]))
            if (take_small(text, &end, 12, &w->month) &&
                date_take_word(text, &end, separators[i]) && take_small(text, &end, 31, &w->day)) {
                *at = end;
                return true;
            }
        end = *at;
    }
    w->month = w->day = 0;
    return false;
}

/* Any date that begins with a number. */
bool date_take(struct slice text, size_t *at, struct date_written *w)
{
    struct date_number number;
    size_t end = *at;

    if (!take_number(text, &end, &number))
        return false;
    /* A number that is no year may still be a month: "5月8日" begins with one too. */
    if (good_year(&number)) {
        w->year = (int) number.value;
        if (!number.chinese && take_separated(text, &end, w)) {
            *at = end;
            return true;
        }
        if (date_take_word(text, &end, "年")) {
            (void) date_take_word(text, &end, " ");
            (void) date_take_month(text, &end, w); /* a year alone is remembered all the same */
            *at = end;
            return true;
        }
        w->year = 0;
    }
    return date_take_month(text, at, w);
}
