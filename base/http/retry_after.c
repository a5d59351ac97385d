#include "base/http/retry_after.h"

#include "base/util/civil.h"

enum { DAY_MS = 24 * 60 * 60 * 1000 };

/* A number of two or four digits in its fixed place; -1 if there is none. */
static int digits(struct slice text, size_t at, size_t size)
{
    uint64_t number;

    if (slice_to_uint(slice_sub(text, at, size), 0, 9999, &number, NULL) != STATUS_OK)
        return -1;
    return (int) number;
}

/* RFC 9110's preferred form alone, "Sun, 06 Nov 1994 08:49:37 GMT": the obsolete ones are not worth
 * their code, and who sends them is waited for as if he had said nothing. */
static bool parse_http_date(struct slice text, int64_t *ms)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    struct slice month = slice_sub(text, 8, 3);
    struct civil date = {.year = digits(text, 12, 4), .day = digits(text, 5, 2)};
    int hour = digits(text, 17, 2), minute = digits(text, 20, 2), second = digits(text, 23, 2);
    size_t found = slice_find(slice_from(months), month);

    if (text.size != 29 || !slice_ends(text, SLICE(" GMT")) || found % 3 != 0)
        return false;
    date.month = (int) (found / 3) + 1;
    if (!civil_valid(date) || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 ||
        second > 60)
        return false;
    *ms = (int64_t) civil_to_day(date) * DAY_MS + ((hour * 60 + minute) * 60 + second) * 1000LL;
    return true;
}

int64_t retry_after_ms(struct slice value, int64_t now_ms)
{
    uint64_t seconds;
    int64_t at_ms;

    if (slice_to_uint(value, 0, UINT32_MAX, &seconds, NULL) == STATUS_OK)
        return (int64_t) seconds * 1000;
    if (!parse_http_date(value, &at_ms) || at_ms <= now_ms)
        return 0;
    return at_ms - now_ms;
}
