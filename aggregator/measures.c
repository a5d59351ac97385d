/*
 * One network of counts per kind, and a second matrix that is filled anew for each theme, level,
 * year and side. Parts by distance and class need none: they are the whole network, looked at
 * through a mask of pairs.
 */
#include "aggregator/measures.h"

#include "study/pairs.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Days outside are unknown by then (dataset_log.c). */
enum { FIRST_YEAR = 1900, LAST_YEAR = 2100 };

struct measuring {
    const struct dataset *dataset;
    const struct events *events;
    const struct setting *setting;
    struct network_filter filter; /* the kind; other parts per measure */
    struct network whole;
    struct network part;
    bool *chosen;   /* pairs of a part */
    bool *constant; /* pairs with visits in every year */
    bool years[LAST_YEAR - FIRST_YEAR + 1];
    struct measures *out;
};

static void put(struct measuring *in, enum measure_group group, const char *key,
                const struct network *network, const bool *chosen)
{
    struct measure *measure = rows_add(&in->out->rows);

    if (measure == NULL)
        return; /* the failure sticks to the rows */
    measure->group = group;
    (void) snprintf(measure->key, sizeof measure->key, "%s", key);
    measure->summary = summary_of(network, in->setting, chosen);
}

/* One matrix serves all parts in turn. */
static const struct network *sub_network(struct measuring *in, const struct network_filter *filter)
{
    network_clear(&in->part);
    network_fill(&in->part, in->dataset, in->events, filter);
    return &in->part;
}

static void by_label(struct measuring *in, enum measure_group group,
                     const struct setting_label *labels, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct network_filter filter = in->filter;

        if (group == MEASURE_THEME)
            filter.theme = labels[i].name;
        else
            filter.level = labels[i].name;
        put(in, group, labels[i].name.data, sub_network(in, &filter), NULL);
    }
}

/* ---- years ---- */

static void find_years(struct measuring *in)
{
    const struct setting *setting = in->setting;

    for (int year = FIRST_YEAR; setting->has_job && year <= LAST_YEAR; year++)
        in->years[year - FIRST_YEAR] =
            year >= network_year(setting->from) && year <= network_year(setting->to);
    for (size_t i = 0; i < events_count(in->events); i++) {
        int year = network_year(events_at(in->events, i)->day);

        if (year >= FIRST_YEAR && year <= LAST_YEAR)
            in->years[year - FIRST_YEAR] = true;
    }
}

/* A year outside the period has few events by accident, and would leave no pair constant. */
static bool of_panel(const struct measuring *in, int year)
{
    return !in->setting->has_job ||
           (year >= network_year(in->setting->from) && year <= network_year(in->setting->to));
}

/* What had no visit in this year is no constant pair. */
static void keep_visited(const struct network *network, const struct setting *setting, bool *pairs)
{
    for (uint32_t a = 0; a < network->cities; a++)
        for (uint32_t b = a + 1; b < network->cities; b++)
            if (network_visits(network, a, b) + network_visits(network, b, a) == 0)
                pairs[setting_pair_index(setting, a, b)] = false;
}

static void find_constant_pairs(struct measuring *in)
{
    memset(in->constant, true, setting_pair_count(in->setting));
    for (int year = FIRST_YEAR; year <= LAST_YEAR; year++) {
        struct network_filter filter = in->filter;

        filter.year = year;
        if (in->years[year - FIRST_YEAR] && of_panel(in, year))
            keep_visited(sub_network(in, &filter), in->setting, in->constant);
    }
}

static void by_year(struct measuring *in)
{
    find_years(in);
    find_constant_pairs(in);
    for (int year = FIRST_YEAR; year <= LAST_YEAR; year++) {
        struct network_filter filter = in->filter;
        char key[8];

        if (!in->years[year - FIRST_YEAR])
            continue;
        filter.year = year;
        (void) snprintf(key, sizeof key, "%d", year);
        put(in, MEASURE_YEAR, key, sub_network(in, &filter), NULL);
        /* The part still holds this year. */
        put(in, MEASURE_YEAR_CONSTANT, key, &in->part, in->constant);
    }
}

/* ---- pairs ---- */

/* Negative without a distance. */
static int32_t band_of(const struct setting_pair *pair)
{
    return pair->distance_m < 0 ? -1 : pair->distance_m / (DISTANCE_BAND_KM * 1000);
}

/* province: -1 both, 0 other, 1 same. Returns whether any pair was chosen. */
static bool choose_band(struct measuring *in, int32_t band, int province)
{
    bool any = false;

    for (size_t i = 0; i < setting_pair_count(in->setting); i++) {
        const struct setting_pair *pair = &in->setting->pairs[i];

        in->chosen[i] =
            band_of(pair) == band && (province < 0 || pair->same_province == (province == 1));
        any = any || in->chosen[i];
    }
    return any;
}

static void by_distance(struct measuring *in)
{
    for (int32_t band = 0; band < DISTANCE_BANDS_MAX; band++) {
        char key[MEASURE_KEY_MAX];

        if (!choose_band(in, band, -1))
            continue;
        (void) snprintf(key, sizeof key, "%d-%d", band * DISTANCE_BAND_KM,
                        (band + 1) * DISTANCE_BAND_KM);
        put(in, MEASURE_DISTANCE, key, &in->whole, in->chosen);
        /* Both are put even when empty, so that every band has the same members in
         * measures.json. */
        (void) choose_band(in, band, 1);
        put(in, MEASURE_DISTANCE_SAME, key, &in->whole, in->chosen);
        (void) choose_band(in, band, 0);
        put(in, MEASURE_DISTANCE_OTHER, key, &in->whole, in->chosen);
    }
}

static void by_class(struct measuring *in)
{
    for (int class = 0; class < PAIR_CLASSES; class ++) {
        const char *label = pair_class_label((enum pair_class) class);

        for (size_t i = 0; i < setting_pair_count(in->setting); i++)
            in->chosen[i] = strcmp(in->setting->pairs[i].class, label) == 0;
        put(in, MEASURE_CLASS, label, &in->whole, in->chosen);
    }
}

/* ---- reporting sides ---- */

/* A filter of sides means "at least": an event that both reported is in all three parts. The
 * captures are disjoint, as Chapman's estimate wants them. */
static void by_reporter(struct measuring *in)
{
    static const unsigned sides[] = {REPORTER_ORIGIN, REPORTER_HOST,
                                     REPORTER_ORIGIN | REPORTER_HOST};

    for (size_t i = 0; i < sizeof sides / sizeof sides[0]; i++) {
        struct network_filter filter = in->filter;

        filter.reporters = sides[i];
        put(in, MEASURE_REPORTER, reporters_text(sides[i]), sub_network(in, &filter), NULL);
    }
    for (size_t i = 0; i < events_count(in->events); i++) {
        const struct event *event = events_at(in->events, i);

        if (network_takes(in->dataset, event, &in->filter))
            in->out->captures[event->reporters & 3]++;
    }
}

double measures_two_sources(const struct measures *measures)
{
    double both = (double) measures->captures[REPORTER_ORIGIN | REPORTER_HOST];
    double origin = (double) measures->captures[REPORTER_ORIGIN] + both;
    double host = (double) measures->captures[REPORTER_HOST] + both;

    return origin == 0 || host == 0 ? NAN : (origin + 1) * (host + 1) / (both + 1) - 1;
}

/* In the order of the groups: measures_find and the outputs rely on rows standing together. */
static void compute(struct measuring *in)
{
    network_fill(&in->whole, in->dataset, in->events, &in->filter);
    put(in, MEASURE_WHOLE, "", &in->whole, NULL);
    by_label(in, MEASURE_THEME, in->setting->themes, in->setting->theme_count);
    by_label(in, MEASURE_LEVEL, in->setting->levels, in->setting->level_count);
    by_year(in);
    by_distance(in);
    by_class(in);
    by_reporter(in);
}

enum status measures_compute(const struct measure_source *source, struct measures *result,
                             struct error *err)
{
    const struct setting *setting = source->setting;
    struct measures out = {0};
    size_t pairs = setting_pair_count(setting);
    struct measuring in = {.dataset = source->dataset,
                           .events = source->events,
                           .setting = setting,
                           .filter = {.kind = source->kind},
                           .chosen = calloc(pairs + 1, 1),
                           .constant = calloc(pairs + 1, 1),
                           .out = &out};
    enum status status;

    rows_init(&out.rows, sizeof(struct measure), MEASURES_MAX);
    status = network_create(setting->city_count, &in.whole, err);
    if (status == STATUS_OK)
        status = network_create(setting->city_count, &in.part, err);
    if (status == STATUS_OK && (in.chosen == NULL || in.constant == NULL)) {
        status = error_set(err, STATUS_NOMEM, "no memory for %zu pairs", pairs);
    } else if (status == STATUS_OK) {
        compute(&in);
        status = rows_status(&out.rows, "measures", err);
    }
    network_fini(&in.whole);
    network_fini(&in.part);
    free(in.chosen);
    free(in.constant);
    if (status != STATUS_OK)
        measures_fini(&out);
    else
        *result = out;
    return status;
}

void measures_fini(struct measures *measures)
{
    rows_fini(&measures->rows);
}

const struct summary *measures_find(const struct measures *measures, enum measure_group group,
                                    const char *key)
{
    for (size_t i = 0; i < measures->rows.count; i++) {
        const struct measure *measure = rows_at(&measures->rows, i);

        if (measure->group == group && strcmp(measure->key, key) == 0)
            return &measure->summary;
    }
    return NULL;
}
