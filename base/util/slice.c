#include "base/util/slice.h"

#include <string.h>

struct slice slice_from(const char *text)
{
    return (struct slice){text, text == NULL ? 0 : strlen(text)};
}

struct slice slice_of(const void *data, size_t size)
{
    return (struct slice){data, size};
}

bool slice_equal(struct slice a, struct slice b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

static char lower(char c)
{
    return (char) (c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

bool slice_equal_nocase(struct slice a, struct slice b)
{
    if (a.size != b.size)
        return false;
    for (size_t i = 0; i < a.size; i++)
        if (lower(a.data[i]) != lower(b.data[i]))
            return false;
    return true;
}

int slice_compare(struct slice a, struct slice b)
{
    size_t common = a.size < b.size ? a.size : b.size;
    int order = common == 0 ? 0 : memcmp(a.data, b.data, common);

    return order != 0 ? order : (a.size > b.size) - (a.size < b.size);
}

bool slice_starts(struct slice text, struct slice prefix)
{
    return text.size >= prefix.size && slice_equal(slice_sub(text, 0, prefix.size), prefix);
}

bool slice_ends(struct slice text, struct slice suffix)
{
    return text.size >= suffix.size &&
           slice_equal(slice_sub(text, text.size - suffix.size, suffix.size), suffix);
}

size_t slice_find(struct slice text, struct slice needle)
{
    const char *at = text.data;
    const char *end;

    if (needle.size == 0)
        return 0;
    if (text.size < needle.size)
        return text.size;
    end = text.data + text.size;
    while (at != NULL && (size_t) (end - at) >= needle.size) {
        at = memchr(at, needle.data[0], (size_t) (end - at) - needle.size + 1);
        if (at == NULL)
            break;
        if (memcmp(at, needle.data, needle.size) == 0)
            return (size_t) (at - text.data);
        at++;
    }
    return text.size;
}

bool slice_contains(struct slice text, struct slice needle)
{
    return needle.size == 0 || slice_find(text, needle) < text.size;
}

struct slice slice_sub(struct slice text, size_t offset, size_t size)
{
    if (text.data == NULL)
        return (struct slice){NULL, 0};
    if (offset > text.size)
        offset = text.size;
    if (size > text.size - offset)
        size = text.size - offset;
    return (struct slice){text.data + offset, size};
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

struct slice slice_trim(struct slice text)
{
    while (text.size > 0 && is_space(text.data[text.size - 1]))
        text.size--;
    while (text.size > 0 && is_space(text.data[0])) {
        text.data++;
        text.size--;
    }
    return text;
}

struct slice slice_split(struct slice *rest, char separator)
{
    const char *at = rest->size == 0 ? NULL : memchr(rest->data, separator, rest->size);
    struct slice part = *rest;

    if (at == NULL) {
        *rest = (struct slice){NULL, 0};
        return part;
    }
    part.size = (size_t) (at - rest->data);
    *rest = slice_sub(*rest, part.size + 1, rest->size);
    return part;
}

/* Reads leading digits; returns how many bytes they take, 0 on none or overflow. */
static size_t leading_digits(struct slice text, uint64_t *value)
{
    size_t at = 0;

    *value = 0;
    for (; at < text.size && text.data[at] >= '0' && text.data[at] <= '9'; at++) {
        uint64_t digit = (uint64_t) (text.data[at] - '0');
        if (*value > (UINT64_MAX - digit) / 10)
            return 0;
        *value = *value * 10 + digit;
    }
    return at;
}

enum status slice_to_uint(struct slice text, uint64_t min, uint64_t max, uint64_t *value,
                          struct error *err)
{
    uint64_t parsed;
    size_t digits = leading_digits(text, &parsed);

    if (digits == 0 || digits != text.size)
        return error_set(err, STATUS_INVALID, "'%.*s' is not a whole number", SLICE_ARG(text));
    if (parsed < min || parsed > max)
        return error_set(err, STATUS_INVALID, "'%.*s' is not between %llu and %llu",
                         SLICE_ARG(text), (unsigned long long) min, (unsigned long long) max);
    *value = parsed;
    return STATUS_OK;
}

struct unit {
    const char *name;
    uint64_t factor;
};

/* Number and unit, product at most INT64_MAX. */
static enum status with_unit(struct slice text, const struct unit *units, const char *example,
                             uint64_t *value, struct error *err)
{
    uint64_t number;
    size_t digits = leading_digits(text, &number);
    struct slice name = slice_sub(text, digits, text.size);

    for (const struct unit *unit = units; digits > 0 && unit->name != NULL; unit++) {
        if (!slice_equal(name, slice_from(unit->name)))
            continue;
        if (number > INT64_MAX / unit->factor)
            break;
        *value = number * unit->factor;
        return STATUS_OK;
    }
    return error_set(err, STATUS_INVALID, "'%.*s' is not a number with a unit (%s)",
                     SLICE_ARG(text), example);
}

enum status slice_to_bytes(struct slice text, uint64_t *bytes, struct error *err)
{
    static const struct unit units[] = {
        {"B", 1}, {"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {NULL, 0}};

    return with_unit(text, units, "512B, 64KiB, 8MiB, 2GiB", bytes, err);
}

enum status slice_to_duration(struct slice text, int64_t *ms, struct error *err)
{
    static const struct unit units[] = {{"ms", 1},      {"s", 1000},     {"m", 60000},
                                        {"h", 3600000}, {"d", 86400000}, {NULL, 0}};
    uint64_t value = 0;
    enum status status = with_unit(text, units, "20ms, 1s, 5m, 2h, 1d", &value, err);

    if (status == STATUS_OK)
        *ms = (int64_t) value;
    return status;
}

enum status slice_to_millionths(struct slice text, int64_t *millionths, struct error *err)
{
    enum { DECIMALS = 6, MILLION = 1000000 };
    uint64_t whole;
    uint64_t part = 0;
    size_t digits = leading_digits(text, &whole);
    struct slice rest = slice_sub(text, digits, text.size);
    size_t decimals = rest.size == 0 ? 0 : rest.size - 1;
    bool good = digits > 0 && whole < INT64_MAX / MILLION;

    if (rest.size > 0)
        good = good && rest.data[0] == '.' && decimals > 0 && decimals <= DECIMALS &&
               leading_digits(slice_sub(rest, 1, decimals), &part) == decimals;
    if (!good)
        return error_set(err, STATUS_INVALID,
                         "'%.*s' is not a number with at most %d decimals (12, 0.5)",
                         SLICE_ARG(text), DECIMALS);
    for (size_t i = decimals; i < DECIMALS; i++)
        part *= 10;
    *millionths = (int64_t) (whole * MILLION + part);
    return STATUS_OK;
}
