#include "tests/sites/places.h"

#include "tests/sites/embedded.h"

#include <string.h>

enum { FIELDS_MAX = 12, HAN = 3 /* bytes of a Chinese character in UTF-8 */ };

/* Reads one line's fields into the places. */
typedef enum status row_reader(struct places *places, const struct slice *field, struct error *err);

/* A whole number of a table. */
static enum status number(struct slice text, int32_t *value, struct error *err)
{
    uint64_t parsed;
    enum status status = slice_to_uint(text, 0, INT32_MAX, &parsed, err);

    if (status == STATUS_OK)
        *value = (int32_t) parsed;
    return status;
}

/* Parts between '|' into `parts`; "-" is the empty list. */
static uint8_t split_list(struct slice text, struct slice *parts, uint8_t max)
{
    uint8_t count = 0;

    if (slice_equal(text, SLICE("-")))
        return 0;
    while (text.data != NULL && count < max)
        parts[count++] = slice_split(&text, '|');
    return count;
}

/* All columns but the helped cities, which need a second pass. */
static enum status read_city(struct places *places, const struct slice *field, struct error *err)
{
    struct municipality city = {
        .name = field[1], .province = field[2], .alias = field[7], .dialect = field[8]};
    int32_t code = 0;
    int32_t *const numbers[] = {&city.lon100, &city.lat100, &city.mass, &city.wealth};
    enum status status = number(field[0], &code, err);

    for (size_t i = 0; i < 4 && status == STATUS_OK; i++)
        status = number(field[3 + i], numbers[i], err);
    if (status != STATUS_OK)
        return status;
    if (places->city_count == PLACES_CITIES_MAX)
        return error_set(err, STATUS_TOO_LARGE, "more than %d cities", PLACES_CITIES_MAX);
    city.code = (uint32_t) code;
    city.county_count = split_list(field[10], city.counties, PLACES_COUNTIES_MAX);
    places->cities[places->city_count++] = city;
    return STATUS_OK;
}

/* A second pass: names of helped cities need all cities. */
static enum status read_helps(struct places *places, const struct slice *field, struct error *err)
{
    struct slice names[PLACES_COUNTIES_MAX];
    uint8_t count = split_list(field[9], names, PLACES_COUNTIES_MAX);
    int helper = places_find(places, field[1]);

    for (uint8_t i = 0; i < count; i++) {
        int helped = places_find(places, names[i]);

        if (helped < 0)
            return error_set(err, STATUS_INVALID, "no city %.*s", SLICE_ARG(names[i]));
        places->cities[helper].helps |= (uint64_t) 1 << helped;
    }
    return STATUS_OK;
}

/* One department. */
static enum status read_department(struct places *places, const struct slice *field,
                                   struct error *err)
{
    struct department row = {
        .key = field[0], .theme = field[1], .before = field[2], .after = field[3]};
    enum status status = number(field[4], &row.year, err);

    if (status != STATUS_OK)
        return status;
    if (places->department_count == PLACES_DEPARTMENTS_MAX)
        return error_set(err, STATUS_TOO_LARGE, "more than %d departments", PLACES_DEPARTMENTS_MAX);
    row.head_count = split_list(field[5], row.heads, PLACES_HEADS_MAX);
    places->departments[places->department_count++] = row;
    return STATUS_OK;
}

/* Comments begin with '#'; the first other line holds the columns' names. */
static enum status read_table(struct places *places, const char *name, size_t columns,
                              row_reader *read, struct error *err)
{
    struct slice file = embedded_file(name);
    bool header = true;
    size_t line_number = 0;

    while (file.data != NULL) {
        struct slice line = slice_split(&file, '\n');
        struct slice field[FIELDS_MAX] = {{0}};
        size_t count = 0;
        enum status status;

        line_number++;
        if (line.size == 0 || line.data[0] == '#')
            continue;
        while (line.data != NULL && count < FIELDS_MAX)
            field[count++] = slice_split(&line, '\t');
        if (count != columns)
            return error_set(err, STATUS_INVALID, "%s:%zu: %zu columns", name, line_number, count);
        status = header ? STATUS_OK : read(places, field, err);
        header = false;
        if (status != STATUS_OK)
            return error_prefix(err, status, "%s:%zu", name, line_number);
    }
    return STATUS_OK;
}

enum status places_load(struct places *places, struct error *err)
{
    enum status status;

    memset(places, 0, sizeof *places);
    status = read_table(places, "cities.tsv", 11, read_city, err);
    if (status == STATUS_OK)
        status = read_table(places, "cities.tsv", 11, read_helps, err);
    if (status == STATUS_OK)
        status = read_table(places, "departments.tsv", 6, read_department, err);
    return status;
}

int places_find(const struct places *places, struct slice name)
{
    for (int i = 0; i < places->city_count; i++) {
        struct slice known = places->cities[i].name;

        if (slice_starts(name, known) &&
            (name.size == known.size ||
             slice_equal(slice_sub(name, known.size, name.size), SLICE("市"))))
            return i;
    }
    return -1;
}

/* Of whole numbers, rounded down: floating point differs between machines. */
static int32_t square_root(int32_t value)
{
    int32_t root = 0;

    for (int32_t bit = 1 << 15; bit > 0; bit >>= 1) {
        if ((int64_t) (root + bit) * (root + bit) <= value)
            root += bit;
    }
    return root;
}

int32_t places_distance_km(const struct municipality *a, const struct municipality *b)
{
    /* A degree is 111 km north-south and 95 km east-west at 31 degrees north. */
    int32_t east = (a->lon100 - b->lon100) * 95 / 100;
    int32_t north = (a->lat100 - b->lat100) * 111 / 100;

    return square_root(east * east + north * north);
}

struct slice places_stem(struct slice county)
{
    return county.size > 2 * HAN ? slice_sub(county, 0, county.size - HAN) : county;
}

struct slice places_suffix(struct slice county)
{
    return slice_sub(county, county.size - HAN, HAN);
}
