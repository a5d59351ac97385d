#include "aggregator/tables.h"

#include "aggregator/csv.h"
#include "aggregator/event_tables.h"
#include "aggregator/gexf.h"
#include "aggregator/graphml.h"
#include "aggregator/interval.h"
#include "aggregator/measures_json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct table tables[] = {
    {"funnel.csv", table_funnel_csv},       {"reasons.csv", table_reasons_csv},
    {"decisions.csv", table_decisions_csv}, {"events.csv", table_events_csv},
    {"events.jsonl", table_events_jsonl},   {"reports.csv", table_reports_csv},
    {"network.csv", table_network_csv},     {"pairs.csv", table_pairs_csv},
    {"cities.csv", table_cities_csv},       {"panel.csv", table_panel_csv},
    {"lists.csv", table_lists_csv},         {"sensitivity.csv", table_sensitivity_csv},
    {"measures.json", table_measures_json}, {"network.graphml", table_graphml},
    {"network.gexf", table_gexf},
};

size_t table_count(void)
{
    return sizeof tables / sizeof tables[0];
}

const struct table *table_at(size_t index)
{
    ENSURE(index < table_count());
    return &tables[index];
}

const struct table *table_find(const char *file)
{
    for (size_t i = 0; i < table_count(); i++)
        if (strcmp(tables[i].file, file) == 0)
            return &tables[i];
    return NULL;
}

void table_funnel_csv(const struct results *results, struct buf *out)
{
    struct funnel_stage stages[FUNNEL_STAGES];
    struct csv csv = csv_begin(out, "stage,count");

    funnel_stages(&results->funnel, stages);
    for (int i = 0; i < FUNNEL_STAGES; i++) {
        csv_text(&csv, slice_from(stages[i].name));
        csv_uint(&csv, stages[i].count);
        csv_end(&csv);
    }
}

void table_reasons_csv(const struct results *results, struct buf *out)
{
    struct csv csv = csv_begin(out, "reason,documents");

    for (int i = 0; i < REASONS; i++) {
        csv_text(&csv, slice_from(reason_text((enum reason) i)));
        csv_uint(&csv, results->funnel.reasons[i]);
        csv_end(&csv);
    }
}

void table_decisions_csv(const struct results *results, struct buf *out)
{
    struct csv csv =
        csv_begin(out, "task,result,decided_by,documents,asked,answered,failed,refused");

    for (size_t i = 0; i < results->decisions.count; i++) {
        const struct decision_row *row = &results->decisions.rows[i];
        const char *decider = row->result == DECISION_DEAD ? "" : decider_text(row->decider);

        csv_text(&csv, row->task);
        csv_text(&csv, slice_from(decision_result_text(row->result)));
        csv_text(&csv, slice_from(decider));
        csv_uint(&csv, row->documents);
        csv_uint(&csv, decision_asked(row));
        csv_uint(&csv, row->answered);
        csv_uint(&csv, row->failed);
        csv_uint(&csv, row->refused);
        csv_end(&csv);
    }
}

void table_network_csv(const struct results *results, struct buf *out)
{
    struct csv csv = csv_begin(out, "origin,host,visits,cooperative");
    uint32_t n = results->setting.city_count;

    for (uint32_t i = 0; i < n; i++)
        for (uint32_t j = 0; j < n; j++) {
            uint32_t visits = network_visits(&results->networks[NETWORK_ALL], i, j);

            if (visits == 0)
                continue;
            csv_text(&csv, results_city(results, i));
            csv_text(&csv, results_city(results, j));
            csv_uint(&csv, visits);
            csv_uint(&csv, network_visits(&results->networks[NETWORK_COOPERATIVE], i, j));
            csv_end(&csv);
        }
}

/* u, d, u_low, u_high, class; empty without visits. NAN prints as an empty field (csv.h). */
static void put_balance(struct csv *csv, const struct results *results, uint64_t w_ab,
                        uint64_t w_ba)
{
    double d = NAN, n = (double) (w_ab + w_ba);
    struct interval interval = {NAN, NAN};
    const char *class = "";

    if (w_ab + w_ba > 0) {
        d = ((double) w_ab - (double) w_ba) / n;
        interval = interval_folded(w_ab, w_ba);
        class = balance_text(balance_of(w_ab, w_ba, &results->setting));
    }
    csv_number(csv, fabs(d));
    csv_number(csv, d);
    csv_number(csv, interval.low);
    csv_number(csv, interval.high);
    csv_text(csv, slice_from(class));
}

/* Three answers: looked at, not looked at completely, and nobody looked. */
static const char *observed_text(const struct results *results, uint32_t a, uint32_t b)
{
    if (results->setting.list_count == 0)
        return ""; /* nothing was searched: nobody knows */
    return lists_observed(&results->lists, &results->setting, a, b) ? "true" : "false";
}

/* Pairs without visits are rows as well: whether that is a zero says the last column. */
static void put_pair(struct csv *csv, const struct results *results, enum network_kind kind,
                     uint32_t a, uint32_t b)
{
    const struct setting_pair *pair =
        &results->setting.pairs[setting_pair_index(&results->setting, a, b)];
    uint64_t w_ab = network_visits(&results->networks[kind], a, b);
    uint64_t w_ba = network_visits(&results->networks[kind], b, a);

    csv_text(csv, slice_from(network_kind_text(kind)));
    csv_text(csv, results_city(results, a));
    csv_text(csv, results_city(results, b));
    csv_uint(csv, w_ab);
    csv_uint(csv, w_ba);
    put_balance(csv, results, w_ab, w_ba);
    csv_text(csv, slice_from(pair->class));
    csv_number(csv, pair->distance_m < 0 ? NAN : pair->distance_m / 1000.0);
    csv_text(csv, slice_from(observed_text(results, a, b)));
    csv_end(csv);
}

void table_pairs_csv(const struct results *results, struct buf *out)
{
    struct csv csv = csv_begin(out, "network,city_a,city_b,w_ab,w_ba,u,d,u_low,u_high,class,"
                                    "pair_class,distance_km,observed");
    uint32_t n = results->setting.city_count;

    for (int kind = 0; kind < NETWORK_KINDS; kind++)
        for (uint32_t a = 0; a < n; a++)
            for (uint32_t b = a + 1; b < n; b++)
                put_pair(&csv, results, (enum network_kind) kind, a, b);
}

struct city_sums {
    uint64_t out;
    uint64_t in;
    uint64_t partners_out;
    uint64_t partners_in;
    uint64_t partners;
    double u;
};

/* U is averaged over the city's partners, so large ones do not drown the small. */
static struct city_sums sum_city(const struct network *network, uint32_t city)
{
    struct city_sums sums = {0};

    for (uint32_t other = 0; other < network->cities; other++) {
        uint64_t out, in;

        if (other == city)
            continue;
        out = network_visits(network, city, other);
        in = network_visits(network, other, city);
        sums.out += out;
        sums.in += in;
        sums.partners_out += out > 0;
        sums.partners_in += in > 0;
        if (out + in == 0)
            continue;
        sums.partners++;
        sums.u += fabs((double) out - (double) in) / (double) (out + in);
    }
    return sums;
}

static void put_position(struct csv *csv, const struct setting_city *city)
{
    csv_number(csv, city->has_position ? city->lon / 1e5 : NAN);
    csv_number(csv, city->has_position ? city->lat / 1e5 : NAN);
}

void table_cities_csv(const struct results *results, struct buf *out)
{
    struct csv csv =
        csv_begin(out, "city,code,province,lon,lat,visits_out,visits_in,cooperative_out,"
                       "cooperative_in,partners_out,partners_in,partners,d,mean_u");

    for (uint32_t i = 0; i < results->setting.city_count; i++) {
        const struct setting_city *city = &results->setting.cities[i];
        struct city_sums all = sum_city(&results->networks[NETWORK_ALL], i);
        struct city_sums coop = sum_city(&results->networks[NETWORK_COOPERATIVE], i);
        double total = (double) (all.out + all.in);

        csv_text(&csv, city->name);
        csv_uint(&csv, city->code);
        csv_text(&csv, city->province);
        put_position(&csv, city);
        csv_uint(&csv, all.out);
        csv_uint(&csv, all.in);
        csv_uint(&csv, coop.out);
        csv_uint(&csv, coop.in);
        csv_uint(&csv, all.partners_out);
        csv_uint(&csv, all.partners_in);
        csv_uint(&csv, all.partners);
        csv_number(&csv, total > 0 ? ((double) all.out - (double) all.in) / total : NAN);
        csv_number(&csv, all.partners > 0 ? all.u / (double) all.partners : NAN);
        csv_end(&csv);
    }
}

/* One event, reduced to what the panel counts by. */
struct panel_key {
    int year;
    uint32_t a;
    uint32_t b;
    bool forth; /* a → b */
    bool cooperative;
};

static int by_year_and_pair(const void *x, const void *y)
{
    const struct panel_key *p = x, *q = y;

    if (p->year != q->year)
        return p->year < q->year ? -1 : 1;
    if (p->a != q->a)
        return p->a < q->a ? -1 : 1;
    return p->b < q->b ? -1 : p->b > q->b;
}

static size_t collect_panel(const struct results *results, struct panel_key *keys)
{
    size_t count = 0;

    for (size_t i = 0; i < events_count(&results->events); i++) {
        const struct event *event = events_at(&results->events, i);
        /* Cities are numbered by code, so a pair's first city is the same in every table. */
        bool forth = event->origin < event->host;

        if (event->day != CIVIL_NONE)
            keys[count++] =
                (struct panel_key){network_year(event->day), forth ? event->origin : event->host,
                                   forth ? event->host : event->origin, forth, event->cooperative};
    }
    qsort(keys, count, sizeof *keys, by_year_and_pair);
    return count;
}

/* All events of one year and pair. */
static void put_panel_row(struct csv *csv, const struct results *results,
                          const struct panel_key *keys, size_t count)
{
    uint64_t w[2] = {0, 0}, coop[2] = {0, 0};
    double n = (double) count;

    for (size_t i = 0; i < count; i++) {
        w[!keys[i].forth]++;
        coop[!keys[i].forth] += keys[i].cooperative;
    }
    csv_uint(csv, (uint64_t) keys->year);
    csv_text(csv, results_city(results, keys->a));
    csv_text(csv, results_city(results, keys->b));
    csv_uint(csv, w[0]);
    csv_uint(csv, w[1]);
    csv_uint(csv, coop[0]);
    csv_uint(csv, coop[1]);
    csv_number(csv, fabs((double) w[0] - (double) w[1]) / n);
    csv_number(csv, ((double) w[0] - (double) w[1]) / n);
    csv_end(csv);
}

void table_panel_csv(const struct results *results, struct buf *out)
{
    struct csv csv =
        csv_begin(out, "year,city_a,city_b,w_ab,w_ba,cooperative_ab,cooperative_ba,u,d");
    struct panel_key *keys = calloc(events_count(&results->events) + 1, sizeof *keys);
    size_t count, end;

    if (keys == NULL) {
        out->failure = STATUS_NOMEM;
        return;
    }
    count = collect_panel(results, keys);
    for (size_t first = 0; first < count; first = end) {
        for (end = first + 1; end < count && by_year_and_pair(&keys[first], &keys[end]) == 0; end++)
            continue;
        put_panel_row(&csv, results, keys + first, end - first);
    }
    free(keys);
}

static struct slice city_or_empty(const struct results *results, uint32_t city)
{
    return city < results->setting.city_count ? results_city(results, city)
                                              : (struct slice){NULL, 0};
}

void table_lists_csv(const struct results *results, struct buf *out)
{
    struct csv csv =
        csv_begin(out, "site_city,query_city,declared,collected,state,reason,publisher,keyword");
    struct buf reason;

    buf_init(&reason, 1 << 16);
    for (uint32_t i = 0; i < results->lists.count; i++) {
        const struct setting_list *list = &results->setting.lists[i];
        const struct list_row *row = &results->lists.rows[i];

        buf_reset(&reason);
        list_reason(results->dataset, row, &reason);
        csv_text(&csv, city_or_empty(results, list->site));
        csv_text(&csv, city_or_empty(results, list->query));
        csv_maybe_uint(&csv, row->declared > 0, row->declared);
        csv_uint(&csv, row->collected);
        csv_text(&csv, slice_from(list_state_text(row->state)));
        csv_text(&csv, buf_slice(&reason));
        csv_text(&csv, list->publisher);
        csv_text(&csv, list->keyword);
        csv_end(&csv);
    }
    buf_fini(&reason);
}

static const char *class_text(const struct results *results, uint64_t a, uint64_t b)
{
    return a + b == 0 ? "" : balance_text(balance_of(a, b, &results->setting));
}

/* The pairs whose class changes when the origin department is part of an event's key. */
void table_sensitivity_csv(const struct results *results, struct buf *out)
{
    struct csv csv = csv_begin(out, "city_a,city_b,w_ab,w_ba,class,w_ab_by_department,"
                                    "w_ba_by_department,class_by_department");
    const struct network *all = &results->networks[NETWORK_ALL];

    for (uint32_t a = 0; a < all->cities; a++)
        for (uint32_t b = a + 1; b < all->cities; b++) {
            uint64_t w[] = {network_visits(all, a, b), network_visits(all, b, a)};
            uint64_t v[] = {network_visits(&results->by_department, a, b),
                            network_visits(&results->by_department, b, a)};
            const char *before = class_text(results, w[0], w[1]);
            const char *after = class_text(results, v[0], v[1]);

            if (strcmp(before, after) == 0)
                continue;
            csv_text(&csv, results_city(results, a));
            csv_text(&csv, results_city(results, b));
            csv_uint(&csv, w[0]);
            csv_uint(&csv, w[1]);
            csv_text(&csv, slice_from(before));
            csv_uint(&csv, v[0]);
            csv_uint(&csv, v[1]);
            csv_text(&csv, slice_from(after));
            csv_end(&csv);
        }
}
