#include "aggregator/verify_numbers.h"

#include "aggregator/table_reader.h"
#include "aggregator/verify_measures.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { SIMPSON_STEPS = 4000 };

/* ---- reading events.csv ---- */

static int read_year(struct slice date)
{
    uint64_t year = 0;

    status_ignore(slice_to_uint(slice_sub(date, 0, 4), 0, 9999, &year, NULL));
    return (int) year;
}

/* Names become numbers of the setting; a name that is none fails every comparison. */
static enum status read_rows(const struct results *results, struct table_reader *reader,
                             struct read_events *events, struct error *err)
{
    while (table_reader_next(reader)) {
        struct read_event *event = rows_add(&events->rows);
        struct slice purpose = table_text(reader, "purpose");

        if (event == NULL)
            return rows_status(&events->rows, "events", err);
        event->origin = setting_find_city(&results->setting, table_text(reader, "origin"));
        event->host = setting_find_city(&results->setting, table_text(reader, "host"));
        event->year = read_year(table_text(reader, "date"));
        event->cooperative = slice_equal(purpose, results->setting.cooperative);
        event->learning = purpose.size > 0 && !event->cooperative;
        event->themes = strings_put(events->texts, table_text(reader, "themes"));
        event->level = strings_put(events->texts, table_text(reader, "level"));
    }
    return strings_status(events->texts, err);
}

enum status read_events(const struct results *results, struct read_events *events,
                        struct error *err)
{
    struct table_reader reader;
    enum status status;

    rows_init(&events->rows, sizeof(struct read_event), EVENTS_MAX);
    events->texts = strings_create();
    if (events->texts == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for events");
    status = table_reader_open(&reader, results, "events.csv", err);
    if (status == STATUS_OK) {
        status = read_rows(results, &reader, events, err);
        table_reader_close(&reader);
    }
    if (status != STATUS_OK)
        read_events_fini(events);
    return status;
}

void read_events_fini(struct read_events *events)
{
    rows_fini(&events->rows);
    strings_destroy(events->texts);
}

/* ---- second computations ---- */

bool verify_same_number(double printed, double computed)
{
    if (isnan(printed) || isnan(computed))
        return isnan(printed) && isnan(computed);
    /* Half of the sixth decimal, and a little for the rounding of what was computed. */
    return fabs(printed - computed) <= 0.6e-6;
}

/* log of sin^2a cos^2b, up to a constant: the posterior's density over t with p = sin² t. */
static double log_density(double t, double a, double b)
{
    double s = a > 0 ? 2 * a * log(sin(t)) : 0;

    return s + (b > 0 ? 2 * b * log(cos(t)) : 0);
}

/* The peak is taken off before exp, which would be 0 everywhere for large counts. */
static double integrate(double from, double to, double a, double b)
{
    double peak = log_density(atan2(sqrt(a), sqrt(b)), a, b), sum = 0;
    double step = (to - from) / SIMPSON_STEPS;

    for (int i = 0; i <= SIMPSON_STEPS; i++) {
        double weight = i == 0 || i == SIMPSON_STEPS ? 1 : i % 2 == 1 ? 4 : 2;
        double value = log_density(from + step * i, a, b) - peak;

        /* At the ends the density is 0, or 1 where its exponent is: log(0) gives just that. */
        sum += weight * (isnan(value) ? 0 : exp(value));
    }
    return sum * step / 3;
}

double verify_beta_below(double p, uint64_t a, uint64_t b)
{
    double half_turn = acos(-1) / 2, at = asin(sqrt(p));
    double below = integrate(0, at, (double) a, (double) b);

    return below / (below + integrate(at, half_turn, (double) a, (double) b));
}

/* Folded ends lie on the side of the larger count; see interval.h. */
static bool interval_holds(double low, double high, uint64_t a, uint64_t b)
{
    uint64_t more = a > b ? a : b, less = a > b ? b : a;
    double above = 1 - verify_beta_below((1 + high) / 2, more, less);
    /* The upper end is 1 by definition when all visits go one way. */
    double wanted = less == 0 ? 0 : 0.025;

    if (fabs(above - wanted) > 1e-3)
        return false;
    return low <= 0 || fabs(verify_beta_below((1 + low) / 2, more, less) - 0.025) < 1e-3;
}

struct matrices {
    uint32_t cities;
    uint64_t *all;
    uint64_t *cooperative;
    uint64_t *learning;
};

static uint64_t *cell(uint64_t *matrix, const struct matrices *m, uint32_t i, uint32_t j)
{
    return &matrix[(size_t) i * m->cities + j];
}

static bool count_matrices(const struct results *results, const struct read_events *events,
                           struct matrices *m)
{
    size_t cells = (size_t) results->setting.city_count * results->setting.city_count + 1;

    m->cities = results->setting.city_count;
    m->all = calloc(cells, sizeof *m->all);
    m->cooperative = calloc(cells, sizeof *m->cooperative);
    m->learning = calloc(cells, sizeof *m->learning);
    if (m->all == NULL || m->cooperative == NULL || m->learning == NULL)
        return false;
    for (size_t i = 0; i < events->rows.count; i++) {
        const struct read_event *event = rows_at(&events->rows, i);

        if (event->origin >= m->cities || event->host >= m->cities)
            continue;
        ++*cell(m->all, m, event->origin, event->host);
        *cell(m->cooperative, m, event->origin, event->host) += event->cooperative;
        *cell(m->learning, m, event->origin, event->host) += event->learning;
    }
    return true;
}

/* ---- tables ---- */

static enum status check_network(const struct results *results, const struct matrices *m,
                                 struct verify *verify, struct error *err)
{
    struct finding links = {.check = "network.csv has every link once"};
    struct table_reader reader;
    uint64_t wrong = 0;
    enum status status = table_reader_open(&reader, results, "network.csv", err);

    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < (size_t) m->cities * m->cities; i++)
        links.expected += m->all[i] > 0;
    while (table_reader_next(&reader)) {
        uint32_t i = setting_find_city(&results->setting, table_text(&reader, "origin"));
        uint32_t j = setting_find_city(&results->setting, table_text(&reader, "host"));

        links.found++;
        wrong += i >= m->cities || j >= m->cities ||
                 table_uint(&reader, "visits") != *cell(m->all, m, i, j) ||
                 table_uint(&reader, "cooperative") != *cell(m->cooperative, m, i, j);
    }
    table_reader_close(&reader);
    verify_tell(verify, &links);
    verify_none(verify, "network.csv counts the rows of events.csv", wrong, NULL);
    return STATUS_OK;
}

/* By division in long doubles: 33/100 is the nearest number to 0.33 on both sides. */
static const char *class_again(uint64_t a, uint64_t b, const struct setting *setting)
{
    long double u = fabsl((long double) a - (long double) b) / (long double) (a + b);

    return u < (long double) setting->low_percent / 100    ? "low"
           : u > (long double) setting->high_percent / 100 ? "high"
                                                           : "middle";
}

/* All columns of a row that follow from two counts. */
static bool pair_holds(const struct results *results, const struct table_reader *reader, uint64_t a,
                       uint64_t b)
{
    double d = a + b == 0 ? NAN : ((double) a - (double) b) / (double) (a + b);
    const char *class = a + b == 0 ? "" : class_again(a, b, &results->setting);

    return table_uint(reader, "w_ab") == a && table_uint(reader, "w_ba") == b &&
           verify_same_number(table_number(reader, "d"), d) &&
           verify_same_number(table_number(reader, "u"), fabs(d)) &&
           slice_equal(table_text(reader, "class"), slice_from(class)) &&
           (a + b == 0 ||
            interval_holds(table_number(reader, "u_low"), table_number(reader, "u_high"), a, b));
}

static enum status check_pairs(const struct results *results, const struct matrices *m,
                               struct verify *verify, struct error *err)
{
    struct finding rows = {.check = "pairs.csv has every pair in each network",
                           .expected =
                               (uint64_t) setting_pair_count(&results->setting) * NETWORK_KINDS};
    char example[128] = "";
    struct table_reader reader;
    uint64_t wrong = 0;
    enum status status = table_reader_open(&reader, results, "pairs.csv", err);

    if (status != STATUS_OK)
        return status;
    while (table_reader_next(&reader)) {
        struct slice network = table_text(&reader, "network");
        uint64_t *matrix = slice_equal(network, SLICE("all"))           ? m->all
                           : slice_equal(network, SLICE("cooperative")) ? m->cooperative
                                                                        : m->learning;
        struct slice a = table_text(&reader, "city_a"), b = table_text(&reader, "city_b");
        uint32_t i = setting_find_city(&results->setting, a);
        uint32_t j = setting_find_city(&results->setting, b);

        rows.found++;
        if (i < j && j < m->cities &&
            pair_holds(results, &reader, *cell(matrix, m, i, j), *cell(matrix, m, j, i)))
            continue;
        if (wrong++ == 0)
            (void) snprintf(example, sizeof example, "%.*s: %.*s, %.*s", SLICE_ARG(network),
                            SLICE_ARG(a), SLICE_ARG(b));
    }
    table_reader_close(&reader);
    verify_tell(verify, &rows);
    verify_none(verify, "pairs.csv: visits, U, interval, class computed again", wrong, example);
    return STATUS_OK;
}

/* Sums over rows and columns of the matrix. */
static enum status check_cities(const struct results *results, const struct matrices *m,
                                struct verify *verify, struct error *err)
{
    struct table_reader reader;
    uint64_t wrong = 0;
    enum status status = table_reader_open(&reader, results, "cities.csv", err);

    if (status != STATUS_OK)
        return status;
    while (table_reader_next(&reader)) {
        uint32_t city = setting_find_city(&results->setting, table_text(&reader, "city"));
        uint64_t out = 0, in = 0;

        for (uint32_t other = 0; city < m->cities && other < m->cities; other++) {
            out += *cell(m->all, m, city, other);
            in += *cell(m->all, m, other, city);
        }
        wrong += out != table_uint(&reader, "visits_out") || in != table_uint(&reader, "visits_in");
    }
    table_reader_close(&reader);
    verify_none(verify, "cities.csv sums the rows of events.csv", wrong, NULL);
    return STATUS_OK;
}

/* Rows are looked up one by one: a panel is small against the events it counts. */
static uint64_t count_year(const struct read_events *events, int year, uint32_t origin,
                           uint32_t host)
{
    uint64_t count = 0;

    for (size_t i = 0; i < events->rows.count; i++) {
        const struct read_event *event = rows_at(&events->rows, i);

        count += event->year == year && event->origin == origin && event->host == host;
    }
    return count;
}

static enum status check_panel(const struct results *results, const struct read_events *events,
                               struct verify *verify, struct error *err)
{
    struct finding total = {.check = "panel.csv holds every dated event"};
    struct table_reader reader;
    uint64_t wrong = 0;
    enum status status = table_reader_open(&reader, results, "panel.csv", err);

    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < events->rows.count; i++)
        total.expected += ((const struct read_event *) rows_at(&events->rows, i))->year != 0;
    while (table_reader_next(&reader)) {
        uint32_t a = setting_find_city(&results->setting, table_text(&reader, "city_a"));
        uint32_t b = setting_find_city(&results->setting, table_text(&reader, "city_b"));
        int year = (int) table_uint(&reader, "year");
        uint64_t w_ab = table_uint(&reader, "w_ab"), w_ba = table_uint(&reader, "w_ba");

        total.found += w_ab + w_ba;
        wrong += count_year(events, year, a, b) != w_ab || count_year(events, year, b, a) != w_ba;
    }
    table_reader_close(&reader);
    verify_tell(verify, &total);
    verify_none(verify, "panel.csv counts the rows of events.csv", wrong, NULL);
    return STATUS_OK;
}

/* Hits are distinct (list, URL): the lists' collected add up to them. */
static enum status check_funnel(const struct results *results, const struct read_events *events,
                                struct verify *verify, struct error *err)
{
    struct finding rows = {.check = "funnel.csv: events", .expected = events->rows.count};
    struct finding cooperative = {.check = "funnel.csv: cooperative"};
    struct finding hits = {.check = "funnel.csv: hits"};
    struct table_reader reader;
    enum status status = table_reader_open(&reader, results, "funnel.csv", err);

    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < events->rows.count; i++)
        cooperative.expected +=
            ((const struct read_event *) rows_at(&events->rows, i))->cooperative;
    while (table_reader_next(&reader)) {
        struct slice stage = table_text(&reader, "stage");

        if (slice_equal(stage, SLICE("events")))
            rows.found = table_uint(&reader, "count");
        else if (slice_equal(stage, SLICE("cooperative")))
            cooperative.found = table_uint(&reader, "count");
        else if (slice_equal(stage, SLICE("hits")))
            hits.found = table_uint(&reader, "count");
    }
    table_reader_close(&reader);
    status = table_reader_open(&reader, results, "lists.csv", err);
    if (status != STATUS_OK)
        return status;
    while (table_reader_next(&reader))
        hits.expected += table_uint(&reader, "collected");
    table_reader_close(&reader);
    verify_tell(verify, &rows);
    verify_tell(verify, &cooperative);
    verify_tell(verify, &hits);
    return STATUS_OK;
}

enum status verify_numbers(const struct results *results, struct verify *verify, struct error *err)
{
    struct matrices m = {0};
    struct read_events events = {0};
    enum status status = read_events(results, &events, err);

    if (status != STATUS_OK)
        return status;
    if (!count_matrices(results, &events, &m))
        status = error_set(err, STATUS_NOMEM, "no memory for networks");
    if (status == STATUS_OK)
        status = check_network(results, &m, verify, err);
    if (status == STATUS_OK)
        status = check_pairs(results, &m, verify, err);
    if (status == STATUS_OK)
        status = check_cities(results, &m, verify, err);
    if (status == STATUS_OK)
        status = check_panel(results, &events, verify, err);
    if (status == STATUS_OK)
        status = check_funnel(results, &events, verify, err);
    if (status == STATUS_OK)
        status = verify_measures(results, &events, verify, err);
    free(m.all);
    free(m.cooperative);
    free(m.learning);
    read_events_fini(&events);
    return status;
}
