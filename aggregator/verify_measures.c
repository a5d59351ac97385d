/*
 * Each part of measures.json is added up again from events.csv (themes, levels, years) or pairs.csv
 * (distances, classes), both as text, and its seven figures are compared. The parts are those the
 * file has: one that is missing there is not noticed here.
 */
#include "aggregator/verify_measures.h"

#include "aggregator/measures_json.h"
#include "aggregator/table_reader.h"
#include "aggregator/textset.h"
#include "base/json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { JSON_BYTES_MAX = 64 << 20 };

/* Figures of a part, added up pair by pair. */
struct sums {
    uint64_t events;
    uint64_t links;
    uint64_t pairs;
    uint64_t mutual;
    uint64_t differences;
    double u;
};

static void add_pair(struct sums *sums, uint64_t a, uint64_t b)
{
    uint64_t difference = a > b ? a - b : b - a;

    if (a + b == 0)
        return;
    sums->events += a + b;
    sums->pairs++;
    sums->links += a > 0 && b > 0 ? 2 : 1;
    sums->mutual += a > 0 && b > 0;
    sums->differences += difference;
    sums->u += (double) difference / (double) (a + b);
}

struct checking {
    const struct results *results;
    const struct read_events *events;
    const struct json *network; /* "all" or "cooperative" of the file */
    bool cooperative;
    uint64_t wrong;
    char example[128];
};

static bool member_is(const struct json *part, const char *key, double wanted)
{
    return verify_same_number(json_double(json_member(part, key), NAN), wanted);
}

static double share(double part, uint64_t of)
{
    return of == 0 ? NAN : part / (double) of;
}

static void compare(struct checking *check, const struct json *part, const char *what,
                    const struct sums *sums)
{
    bool same =
        member_is(part, "events", (double) sums->events) &&
        member_is(part, "links", (double) sums->links) &&
        member_is(part, "pairs", (double) sums->pairs) &&
        member_is(part, "reciprocity_links", share(2.0 * (double) sums->mutual, sums->links)) &&
        member_is(part, "reciprocity_pairs", share((double) sums->mutual, sums->pairs)) &&
        member_is(part, "mean_u", share(sums->u, sums->pairs)) &&
        member_is(part, "weighted_u", share((double) sums->differences, sums->events));

    if (!same && check->wrong++ == 0)
        (void) snprintf(check->example, sizeof check->example, "%s %s",
                        check->cooperative ? "cooperative" : "all", what);
}

/* ---- parts by events ---- */

struct part {
    struct slice theme; /* data NULL: any */
    struct slice level;
    int year; /* 0: any */
};

/* The filter once more, on the texts of the table. */
static bool belongs(const struct checking *check, const struct read_event *event,
                    const struct part *part)
{
    if (check->cooperative && !event->cooperative)
        return false;
    if (part->year != 0 && event->year != part->year)
        return false;
    if (part->level.data != NULL &&
        !slice_equal(strings_get(check->events->texts, event->level), part->level))
        return false;
    return part->theme.data == NULL ||
           textset_joined_has(strings_get(check->events->texts, event->themes), part->theme);
}

static int by_number(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *) a, y = *(const uint64_t *) b;

    return x < y ? -1 : x > y;
}

/* Every event as one number, unordered pair first, then direction: sorting brings pairs
 * together. */
static size_t collect(const struct checking *check, const struct part *part, uint64_t *keys)
{
    size_t count = 0;

    for (size_t i = 0; i < check->events->rows.count; i++) {
        const struct read_event *event = rows_at(&check->events->rows, i);
        bool forth = event->origin < event->host;
        uint64_t low = forth ? event->origin : event->host;
        uint64_t high = forth ? event->host : event->origin;

        if (belongs(check, event, part))
            /* Low city, high city, direction: cities are far fewer than 2³¹. */
            keys[count++] = low << 33 | high << 1 | forth;
    }
    qsort(keys, count, sizeof *keys, by_number);
    return count;
}

static enum status check_part(struct checking *check, const struct part *part,
                              const struct json *found, const char *what, struct error *err)
{
    uint64_t *keys = calloc(check->events->rows.count + 1, sizeof *keys);
    struct sums sums = {0};
    size_t count, end;

    if (keys == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for events");
    count = collect(check, part, keys);
    for (size_t first = 0; first < count; first = end) {
        uint64_t forth = 0;

        for (end = first; end < count && keys[end] >> 1 == keys[first] >> 1; end++)
            forth += keys[end] & 1;
        add_pair(&sums, forth, end - first - forth);
    }
    free(keys);
    compare(check, found, what, &sums);
    return STATUS_OK;
}

/* What the group is called says how its keys are to be read. */
static enum status check_members(struct checking *check, const char *group, struct error *err)
{
    const struct json *parts = json_member(check->network, group), *part;
    void *cursor = NULL;
    struct slice key;
    enum status status = STATUS_OK;

    while (status == STATUS_OK && json_next_member(parts, &cursor, &key, &part)) {
        struct part wanted = {.theme = {NULL, 0}};
        uint64_t year = 0;

        if (slice_equal(slice_from(group), SLICE("by_theme")))
            wanted.theme = key;
        else if (slice_equal(slice_from(group), SLICE("by_level")))
            wanted.level = key;
        else if (slice_to_uint(key, 1, 9999, &year, NULL) == STATUS_OK)
            wanted.year = (int) year;
        status = check_part(check, &wanted, part, key.data, err);
    }
    return status;
}

/* ---- parts by pairs ---- */

/* Is the row of pairs.csv of this class, or in this band "0-100"? */
static bool in_group(const struct table_reader *reader, bool by_class, struct slice key)
{
    struct slice upper = key, lower;
    uint64_t from = 0, to = 0;
    double km;

    if (by_class)
        return slice_equal(table_text(reader, "pair_class"), key);
    lower = slice_split(&upper, '-');
    status_ignore(slice_to_uint(lower, 0, UINT32_MAX, &from, NULL));
    status_ignore(slice_to_uint(upper, 0, UINT32_MAX, &to, NULL));
    km = table_number(reader, "distance_km");
    return km >= (double) from && km < (double) to;
}

static enum status check_pairs_of(struct checking *check, bool by_class, struct slice key,
                                  const struct json *part, struct error *err)
{
    struct slice network = check->cooperative ? SLICE("cooperative") : SLICE("all");
    struct table_reader reader;
    struct sums sums = {0};
    enum status status = table_reader_open(&reader, check->results, "pairs.csv", err);

    if (status != STATUS_OK)
        return status;
    while (table_reader_next(&reader))
        if (slice_equal(table_text(&reader, "network"), network) &&
            in_group(&reader, by_class, key))
            add_pair(&sums, table_uint(&reader, "w_ab"), table_uint(&reader, "w_ba"));
    table_reader_close(&reader);
    compare(check, part, key.data, &sums);
    return STATUS_OK;
}

/* The classes and distances come from pairs.csv, so that only sums are checked here. */
static enum status check_pair_groups(struct checking *check, struct error *err)
{
    static const char *const groups[] = {"by_distance", "by_pair_class"};
    enum status status = STATUS_OK;

    for (int i = 0; i < 2; i++) {
        const struct json *part;
        void *cursor = NULL;
        struct slice key;

        while (status == STATUS_OK &&
               json_next_member(json_member(check->network, groups[i]), &cursor, &key, &part))
            status = check_pairs_of(check, i == 1, key, part, err);
    }
    return status;
}

static enum status check_network(struct checking *check, struct error *err)
{
    const struct part whole = {.theme = {NULL, 0}};
    enum status status = check_part(check, &whole, check->network, "whole", err);

    if (status == STATUS_OK)
        status = check_members(check, "by_theme", err);
    if (status == STATUS_OK)
        status = check_members(check, "by_level", err);
    if (status == STATUS_OK)
        status = check_members(check, "by_year", err);
    if (status == STATUS_OK)
        status = check_pair_groups(check, err);
    return status;
}

enum status verify_measures(const struct results *results, const struct read_events *events,
                            struct verify *verify, struct error *err)
{
    struct checking check = {.results = results, .events = events};
    struct arena *arena = arena_create(JSON_BYTES_MAX);
    const struct json *file = NULL;
    struct buf text;
    enum status status;

    buf_init(&text, JSON_BYTES_MAX);
    table_measures_json(results, &text);
    status = arena == NULL ? error_set(err, STATUS_NOMEM, "no memory for measures.json")
                           : buf_status(&text, err);
    if (status == STATUS_OK)
        status = json_parse(buf_slice(&text), arena, &file, err);
    for (int kind = 0; kind < 2 && status == STATUS_OK; kind++) {
        check.cooperative = kind == 1;
        check.network = json_member(file, kind == 1 ? "cooperative" : "all");
        status = check_network(&check, err);
    }
    if (status == STATUS_OK)
        verify_none(verify, "measures.json computed again from events.csv and pairs.csv",
                    check.wrong, check.example);
    buf_fini(&text);
    arena_destroy(arena);
    return status;
}
