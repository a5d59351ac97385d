#include "aggregator/measures_json.h"

#include "aggregator/csv.h"
#include "base/json.h"

#include <math.h>
#include <string.h>

/* A comma unless the object has just begun. */
static void put_key(struct buf *out, const char *key)
{
    if (out->size > 0 && out->data[out->size - 1] != '{')
        buf_putc(out, ',');
    json_put_text(out, slice_from(key));
    buf_putc(out, ':');
}

static void put_uint(struct buf *out, const char *key, uint64_t number)
{
    put_key(out, key);
    buf_printf(out, "%llu", (unsigned long long) number);
}

static void put_number(struct buf *out, const char *key, double number)
{
    put_key(out, key);
    number_put(out, number, "null");
}

static void put_classes(struct buf *out, const char *key, const uint64_t classes[BALANCES])
{
    put_key(out, key);
    buf_putc(out, '{');
    for (int i = 0; i < BALANCES; i++)
        put_uint(out, balance_text((enum balance) i), classes[i]);
    buf_putc(out, '}');
}

static void put_rarefied(struct buf *out, const struct summary *summary)
{
    put_key(out, "rarefied");
    buf_putc(out, '{');
    for (int i = 0; i < SUMMARY_RAREFIED_COUNT; i++) {
        char key[16];
        struct buf text;

        buf_init(&text, sizeof key);
        buf_printf(&text, "%u", summary_rarefied_sizes[i]);
        put_key(out, buf_text(&text));
        buf_fini(&text);
        buf_putc(out, '{');
        put_number(out, "mean_u", summary->rarefied[i]);
        put_uint(out, "pairs", summary->rarefied_pairs[i]);
        buf_putc(out, '}');
    }
    buf_putc(out, '}');
}

/* Members of a part, without the braces. */
static void put_summary(struct buf *out, const struct summary *summary)
{
    put_uint(out, "events", summary->events);
    put_uint(out, "links", summary->links);
    put_uint(out, "pairs", summary->pairs);
    put_uint(out, "mutual_pairs", summary->mutual);
    put_number(out, "reciprocity_links", summary->reciprocity_links);
    put_number(out, "reciprocity_pairs", summary->reciprocity_pairs);
    put_number(out, "mean_u", summary->mean_u);
    put_number(out, "mean_u_links", summary->mean_u_links);
    put_number(out, "expected_u", summary->expected_u);
    put_number(out, "excess_u", summary->excess_u);
    put_number(out, "weighted_u", summary->weighted_u);
    put_number(out, "squared_asymmetry", summary->squared);
    put_uint(out, "squared_asymmetry_pairs", summary->squared_pairs);
    put_rarefied(out, summary);
    put_classes(out, "classes", summary->classes);
    put_classes(out, "classes_by_thirds", summary->third_classes);
}

/* One object more inside the part with this key, if there is such a measure. */
static void put_inner(struct buf *out, const char *name, const struct summary *summary)
{
    if (summary == NULL)
        return;
    put_key(out, name);
    buf_putc(out, '{');
    put_summary(out, summary);
    buf_putc(out, '}');
}

/* What is constant or by province stands inside its year or band, so that a reader finds all of one
 * part in one place. */
static void put_group(struct buf *out, const char *name, const struct measures *measures,
                      enum measure_group group)
{
    put_key(out, name);
    buf_putc(out, '{');
    for (size_t i = 0; i < measures->rows.count; i++) {
        const struct measure *measure = rows_at(&measures->rows, i);

        if (measure->group != group)
            continue;
        put_key(out, measure->key);
        buf_putc(out, '{');
        put_summary(out, &measure->summary);
        if (group == MEASURE_YEAR)
            put_inner(out, "constant_pairs",
                      measures_find(measures, MEASURE_YEAR_CONSTANT, measure->key));
        if (group == MEASURE_DISTANCE) {
            put_inner(out, "same_province",
                      measures_find(measures, MEASURE_DISTANCE_SAME, measure->key));
            put_inner(out, "other_province",
                      measures_find(measures, MEASURE_DISTANCE_OTHER, measure->key));
        }
        buf_putc(out, '}');
    }
    buf_putc(out, '}');
}

static void put_sources(struct buf *out, const struct measures *measures)
{
    put_key(out, "two_sources");
    buf_putc(out, '{');
    for (unsigned sides = 0; sides < 4; sides++)
        put_uint(out, reporters_text(sides), measures->captures[sides]);
    put_number(out, "estimate", measures_two_sources(measures));
    buf_putc(out, '}');
}

static void put_network(struct buf *out, const struct results *results, enum network_kind kind)
{
    const struct measures *measures = &results->measures[kind];

    put_key(out, network_kind_text(kind));
    buf_putc(out, '{');
    put_summary(out, measures_find(measures, MEASURE_WHOLE, ""));
    put_group(out, "by_theme", measures, MEASURE_THEME);
    put_group(out, "by_level", measures, MEASURE_LEVEL);
    put_group(out, "by_year", measures, MEASURE_YEAR);
    put_group(out, "by_distance", measures, MEASURE_DISTANCE);
    put_group(out, "by_pair_class", measures, MEASURE_CLASS);
    put_group(out, "by_reporter", measures, MEASURE_REPORTER);
    put_sources(out, measures);
    buf_putc(out, '}');
}

void table_measures_json(const struct results *results, struct buf *out)
{
    buf_putc(out, '{');
    put_network(out, results, NETWORK_ALL);
    put_network(out, results, NETWORK_COOPERATIVE);
    buf_puts(out, "}\n");
}
