/*
 * One pass from left to right. Each place of the text is offered to the forms in turn, words
 * before numbers, and whatever was read is stepped over whole, so that no date is found inside
 * another or inside a longer number. A mention may lean on the one before: its year, and for a
 * lone day its month.
 */
#include "study/dates.h"

#include "study/date_text.h"
#include "study/text.h"

enum { LEAP_YEAR = 2000 };

struct scanner {
    struct slice text;
    int32_t published;
    /* Only where the publication day is unknown; else the year nearest to that day is the better
     * guess. */
    int context_year; /* of the last mention with a year; 0: none yet */
    int last_month;   /* of the mention before, for a lone "8日"; 0: none */
    int last_year;
    struct date_mention *mentions;
    size_t count;
    size_t max;
};

/* ---- years ---- */

static int last_day_of(int year, int month)
{
    int day = 31;

    while (!civil_valid((struct civil){year, month, day}))
        day--;
    return day;
}

/* The year that puts month and day nearest before the publication day, or one day after it. */
static int nearest_year(int32_t published, int month, int day)
{
    int year = civil_from_day(published).year;

    for (int back = 0; back <= 8; back++) /* 29 February comes at most every eight years */
    {
        struct civil date = {year - back, month, day};
        if (civil_valid(date) && civil_to_day(date) <= published + 1)
            return year - back;
    }
    return 0;
}

static int resolve_year(const struct scanner *s, const struct date_written *w)
{
    if (w->year != 0)
        return w->year;
    if (s->published != CIVIL_NONE)
        return nearest_year(s->published, w->month, w->day == 0 ? 1 : w->day);
    return s->context_year;
}

static void resolve_month(int year, int month, struct date_mention *mention)
{
    mention->precision = DATE_PRECISION_MONTH;
    mention->first = civil_to_day((struct civil){year, month, 1});
    mention->last = civil_to_day((struct civil){year, month, last_day_of(year, month)});
}

static void resolve_day(int year, const struct date_written *w, struct date_mention *mention)
{
    struct civil last = {year, w->last_month, w->last_day};

    mention->precision = DATE_PRECISION_DAY;
    mention->first = civil_to_day((struct civil){year, w->month, w->day});
    mention->last = mention->first;
    if (w->last_day == 0)
        return;
    if (w->last_month < w->month) /* over New Year */
        last.year++;
    /* A range that ends before it begins is a slip or none: its first day counts all the same. */
    if (!civil_valid(last) || civil_to_day(last) < mention->first)
        return;
    mention->last = civil_to_day(last);
    mention->range = true;
}

/* Fills the mention's days; false if there is no such day in any year. */
static bool resolve(struct scanner *s, const struct date_written *w, struct date_mention *mention)
{
    int year = resolve_year(s, w);

    /* Without any year a leap year stands in, so that 29 February is not thrown away. */
    if (!civil_valid(
            (struct civil){year == 0 ? LEAP_YEAR : year, w->month, w->day == 0 ? 1 : w->day}))
        return false;
    s->last_month = w->month;
    s->last_year = year;
    if (year == 0)
        return true;
    if (w->day == 0)
        resolve_month(year, w->month, mention);
    else
        resolve_day(year, w, mention);
    return true;
}

/* ---- mentions ---- */

static void add(struct scanner *s, const struct date_mention *mention)
{
    s->mentions[s->count++] = *mention;
}

static struct date_mention new_mention(size_t at, size_t end, enum date_form form)
{
    return (struct date_mention){
        .offset = at, .size = end - at, .form = form, .first = CIVIL_NONE, .last = CIVIL_NONE};
}

/* A date with or without its year; `year` 0: as written. */
static bool scan_written(struct scanner *s, size_t at, size_t *end, int year)
{
    struct date_written w = {.year = year};
    struct date_mention mention;

    if (!(year == 0 ? date_take(s->text, end, &w) : date_take_month(s->text, end, &w)))
        return false;
    if (w.year != 0)
        s->context_year = w.year;
    if (w.month == 0)
        return true;
    mention = new_mention(at, *end,
                          w.day == 0    ? DATE_FORM_MONTH
                          : w.year == 0 ? DATE_FORM_MONTH_DAY
                                        : DATE_FORM_FULL);
    if (resolve(s, &w, &mention))
        add(s, &mention);
    return true;
}

/* "8日上午" after a mention with a month; "8日内" and "8日游" are no dates. */
static bool scan_lone_day(struct scanner *s, size_t at, size_t *end)
{
    static const char *const durations[] = {"内", "间", "游", "龄", "均", "报", NULL};
    struct date_written w = {.year = s->last_year, .month = s->last_month};
    struct date_mention mention;
    struct date_number number;
    size_t behind;

    if (s->last_month == 0 || !date_take_digits(s->text, end, &number) || number.digits > 2 ||
        number.value < 1 || number.value > 31)
        return false;
    w.day = (int) number.value;
    if (!date_take_range(s->text, end, &w) && !date_take_word(s->text, end, "日"))
        return false;
    behind = *end;
    if (date_take_one_of(s->text, &behind, durations))
        return false;
    (void) date_take_range(s->text, end, &w);
    mention = new_mention(at, *end, DATE_FORM_DAY);
    if (resolve(s, &w, &mention))
        add(s, &mention);
    return true;
}

struct word {
    const char *text;
    int offset;
};

static const struct word *find_word(struct slice text, size_t *at, const struct word *words)
{
    for (; words->text != NULL; words++)
        if (date_take_word(text, at, words->text))
            return words;
    return NULL;
}

/* 今年5月8日, 去年12月 */
static bool scan_year_word(struct scanner *s, size_t at, size_t *end)
{
    static const struct word words[] = {{"今年", 0},  {"本年", 0},  {"去年", -1},
                                        {"上年", -1}, {"前年", -2}, {NULL, 0}};
    const struct word *word = find_word(s->text, end, words);

    if (word == NULL)
        return false;
    if (s->published == CIVIL_NONE)
        return true;
    (void) scan_written(s, at, end, civil_from_day(s->published).year + word->offset);
    return true;
}

/* 本月8日, 上月 */
static bool scan_month_word(struct scanner *s, size_t at, size_t *end)
{
    static const struct word words[] = {{"本月", 0}, {"上月", -1}, {"上个月", -1}, {NULL, 0}};
    const struct word *word = find_word(s->text, end, words);
    struct date_mention mention;
    struct date_written w = {0};
    struct civil month;

    if (word == NULL)
        return false;
    if (s->published == CIVIL_NONE)
        return true;
    month = civil_from_day(s->published);
    w.year = month.month + word->offset < 1 ? month.year - 1 : month.year;
    w.month = month.month + word->offset < 1 ? 12 : month.month + word->offset;
    date_take_day(s->text, end, &w);
    mention = new_mention(at, *end, w.day == 0 ? DATE_FORM_MONTH : DATE_FORM_FULL);
    if (resolve(s, &w, &mention))
        add(s, &mention);
    return true;
}

static bool scan_day_word(struct scanner *s, size_t at, size_t *end)
{
    static const struct word words[] = {{"今天", 0},  {"今日头条", 1}, {"今日", 0},  {"今晨", 0},
                                        {"今早", 0},  {"今晚", 0},     {"昨天", -1}, {"昨日", -1},
                                        {"昨晚", -1}, {"昨晨", -1},    {"前天", -2}, {NULL, 0}};
    const struct word *word = find_word(s->text, end, words);
    struct date_mention mention;

    if (word == NULL || word->offset > 0)
        return word != NULL;
    mention = new_mention(at, *end, DATE_FORM_RELATIVE);
    if (s->published != CIVIL_NONE) {
        mention.first = mention.last = s->published + word->offset;
        mention.precision = DATE_PRECISION_DAY;
    }
    add(s, &mention);
    return true;
}

static bool scan_vague_word(struct scanner *s, size_t at, size_t *end)
{
    static const struct word words[] = {{"日前", 0},   {"近日", 0},   {"近期", 0}, {"最近", 0},
                                        {"连日来", 0}, {"不久前", 0}, {NULL, 0}};
    struct date_mention mention;

    if (find_word(s->text, end, words) == NULL)
        return false;
    mention = new_mention(at, *end, DATE_FORM_VAGUE);
    add(s, &mention);
    return true;
}

/* One mention at `at`, or none; moves behind what was read. */
static size_t scan_at(struct scanner *s, size_t at)
{
    static bool (*const words[])(struct scanner *, size_t, size_t *) = {
        scan_year_word, scan_month_word, scan_day_word, scan_vague_word};
    struct date_number number;
    uint32_t c;
    size_t end = at;

    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        end = at;
        if (words[i](s, at, &end))
            return end;
    }
    end = at;
    if (scan_written(s, at, &end, 0))
        return end;
    end = at;
    if (scan_lone_day(s, at, &end))
        return end;
    end = at;
    if (date_take_digits(s->text, &end, &number)) /* the rest of a number begins no date */
        return end;
    end = at;
    (void) text_next(s->text, &end, &c);
    return end;
}

size_t dates_find(struct slice text, int32_t published, struct date_mention *mentions, size_t max)
{
    struct scanner s = {.text = text, .published = published, .mentions = mentions, .max = max};

    for (size_t at = 0; at < text.size && s.count < s.max;)
        at = scan_at(&s, at);
    return s.count;
}

const char *date_precision_text(enum date_precision precision)
{
    static const char *const names[] = {"none", "month", "day"};

    return names[precision];
}
