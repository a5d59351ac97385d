/*
 * The way: claims of speaking documents → items (cities as numbers, departments as sets of members)
 * → clusters (event_cluster.c) → events (event_combine.c) → sorted → trips (trips.c). Sorting comes
 * before trips, since a trip is named by its first event in the order of output.
 */
#include "aggregator/events.h"

#include "aggregator/event_combine.h"
#include "aggregator/trips.h"

#include <stdlib.h>
#include <string.h>

enum { DEPARTMENT_BYTES_MAX = 1 << 20 };

/* Names of the setting's cities as numbers of the dataset's texts, sorted, for look-ups per
 * claim. */
struct city_name {
    uint32_t text;
    uint32_t city;
};

static int by_text(const void *a, const void *b)
{
    const struct city_name *x = a, *y = b;

    return x->text < y->text ? -1 : x->text > y->text;
}

/* Put, not found: a city that no report names gets a number nothing else has. */
static struct city_name *name_cities(struct dataset *dataset, const struct setting *setting)
{
    struct city_name *names = calloc(setting->city_count + 1U, sizeof *names);

    for (uint32_t i = 0; names != NULL && i < setting->city_count; i++)
        names[i] = (struct city_name){strings_put(dataset->strings, setting->cities[i].name), i};
    if (names != NULL)
        qsort(names, setting->city_count, sizeof *names, by_text);
    return names;
}

static uint32_t find_city(const struct city_name *names, uint32_t count, uint32_t text)
{
    struct city_name wanted = {.text = text};
    const struct city_name *found =
        text == 0 ? NULL : bsearch(&wanted, names, count, sizeof *names, by_text);

    return found == NULL ? UINT32_MAX : found->city;
}

struct collecting {
    struct dataset *dataset;
    const struct groups *groups;
    const struct city_name *names;
    uint32_t city_count;
    struct events *events;
    struct rows *members; /* of departments: uint32_t */
    struct buf scratch;   /* a department's text, while the dataset's texts may move */
};

/* "市委、市政府" is two members; each becomes a text of the dataset, whose number is compared. Its text
 * is copied first: it stands in the block of texts, which putting a member may move. */
static void add_members(struct collecting *in, uint32_t department, struct cluster_item *item)
{
    struct slice rest;

    buf_reset(&in->scratch);
    buf_append(&in->scratch, dataset_text(in->dataset, department));
    rest = buf_slice(&in->scratch);
    item->member_first = (uint32_t) in->members->count;
    while (rest.size > 0) {
        size_t size = slice_find(rest, SLICE("、"));
        uint32_t *member = size == 0 ? NULL : rows_add(in->members);

        if (member != NULL)
            *member = strings_put(in->dataset->strings, slice_sub(rest, 0, size));
        rest = slice_sub(rest, size + strlen("、"), rest.size);
    }
    item->member_count = (uint32_t) in->members->count - item->member_first;
}

/* Visits of other places are no mistake, only not of this study: they are counted apart. */
static void add_claim(struct collecting *in, size_t group, uint32_t index, uint32_t ordinal)
{
    const struct claim *claim = dataset_claim(in->dataset, index);
    uint32_t origin = find_city(in->names, in->city_count, claim->origin);
    uint32_t host = find_city(in->names, in->city_count, claim->host);
    struct cluster_item *item;

    if (origin == UINT32_MAX || host == UINT32_MAX) {
        in->events->outside++;
        return;
    }
    if (origin == host) {
        in->events->loops++;
        return;
    }
    item = &in->events->items[in->events->item_count++];
    *item = (struct cluster_item){
        .origin = origin,
        .host = host,
        .day = claim->day,
        .published = group_speaker(in->dataset, in->groups, group)->date,
        .rank = in->groups->groups[group].rank,
        .ordinal = ordinal,
        .origin_dept = claim->origin_dept,
        .claim = index,
    };
    add_members(in, claim->origin_dept, item);
}

/* Only speakers tell: a copy says nothing new. */
static void collect(struct collecting *in)
{
    for (size_t g = 0; g < in->groups->count; g++) {
        const struct document *speaker = group_speaker(in->dataset, in->groups, g);
        const struct report *report = dataset_report(in->dataset, speaker);

        if (speaker->outcome != OUTCOME_PASSED || report == NULL)
            continue;
        for (uint32_t i = 0; i < report->claim_count; i++)
            add_claim(in, g, report->first_claim + i, i);
    }
}

static enum status collect_items(const struct event_source *source, struct events *events,
                                 struct rows *members, struct error *err)
{
    struct collecting in = {.dataset = source->dataset,
                            .groups = source->groups,
                            .names = name_cities(source->dataset, source->setting),
                            .city_count = source->setting->city_count,
                            .events = events,
                            .members = members};
    /* Every claim gives one item at most, so the array never moves under the clustering. */
    size_t most = source->dataset->claims.count;
    enum status status = STATUS_OK;

    buf_init(&in.scratch, DEPARTMENT_BYTES_MAX);
    events->items = calloc(most + 1, sizeof *events->items);
    if (in.names == NULL || events->items == NULL)
        status = error_set(err, STATUS_NOMEM, "no memory for %zu visits", most);
    if (status == STATUS_OK) {
        collect(&in);
        status = rows_status(members, "departments", err);
    }
    if (status == STATUS_OK)
        status = strings_status(source->dataset->strings, err);
    buf_fini(&in.scratch);
    free((void *) (uintptr_t) in.names);
    return status;
}

/* qsort passes no context: each row carries the setting it is ordered by. */
struct ordering {
    struct event event;
    const struct setting *setting;
};

/* Dates first as text would sort them: unknown is empty and comes first. */
static int by_output_order(const void *a, const void *b)
{
    const struct ordering *x = a, *y = b;
    int order;

    if (x->event.day != y->event.day) /* CIVIL_NONE is the smallest number */
        return x->event.day < y->event.day ? -1 : 1;
    order = slice_compare(x->setting->cities[x->event.origin].name,
                          y->setting->cities[y->event.origin].name);
    if (order == 0)
        order = slice_compare(x->setting->cities[x->event.host].name,
                              y->setting->cities[y->event.host].name);
    if (order != 0)
        return order;
    return x->event.ordinal < y->event.ordinal ? -1 : x->event.ordinal > y->event.ordinal;
}

/* Rows are moved, items stay: an event knows its items by number. */
static enum status sort_events(struct events *events, const struct setting *setting,
                               struct error *err)
{
    size_t count = events->events.count;
    struct ordering *rows = calloc(count + 1, sizeof *rows);

    if (rows == NULL)
        return error_set(err, STATUS_NOMEM, "no memory to sort %zu events", count);
    for (size_t i = 0; i < count; i++)
        rows[i] = (struct ordering){*events_at(events, i), setting};
    qsort(rows, count, sizeof *rows, by_output_order);
    for (size_t i = 0; i < count; i++)
        memcpy(rows_at(&events->events, i), &rows[i].event, sizeof rows[i].event);
    free(rows);
    return STATUS_OK;
}

static enum status cluster_and_combine(const struct event_source *source,
                                       const struct rows *members, struct events *events,
                                       struct error *err)
{
    const struct setting *setting = source->setting;
    const struct cluster_rule rule = {setting->lag_days,         setting->before_days,
                                      setting->after_days,       setting->chain_days,
                                      source->department_in_key, members->data};
    struct rows clusters;
    enum status status;

    rows_init(&clusters, sizeof(struct cluster_event), EVENTS_MAX);
    status = event_cluster(events->items, events->item_count, &rule, &clusters, err);
    if (status == STATUS_OK)
        status = event_combine(source, &clusters, events, err);
    rows_fini(&clusters);
    return status;
}

static enum status build(const struct event_source *source, struct events *events,
                         struct error *err)
{
    struct rows members;
    enum status status;

    rows_init(&members, sizeof(uint32_t), DATASET_MAX);
    status = collect_items(source, events, &members, err);
    if (status == STATUS_OK)
        status = cluster_and_combine(source, &members, events, err);
    rows_fini(&members);
    if (status == STATUS_OK)
        status = sort_events(events, source->setting, err);
    if (status == STATUS_OK)
        status = trips_find(source->dataset, events, err);
    return status;
}

enum status events_build(const struct event_source *source, struct events *result,
                         struct error *err)
{
    struct events events = {0};
    enum status status;

    rows_init(&events.events, sizeof(struct event), EVENTS_MAX);
    status = build(source, &events, err);
    if (status != STATUS_OK) {
        events_fini(&events);
        return status;
    }
    *result = events;
    return STATUS_OK;
}

void events_fini(struct events *events)
{
    rows_fini(&events->events);
    free(events->items);
    events->items = NULL;
}

size_t events_count(const struct events *events)
{
    return events->events.count;
}

const struct event *events_at(const struct events *events, size_t index)
{
    return rows_at(&events->events, index);
}

const struct claim *event_claim(const struct dataset *dataset, const struct events *events,
                                const struct event *event, size_t item)
{
    ENSURE(item < event->item_count);
    return dataset_claim(dataset, events->items[event->first_item + item].claim);
}

const char *reporters_text(unsigned reporters)
{
    static const char *const texts[] = {"other", "origin", "host", "both"};

    return texts[reporters & (REPORTER_ORIGIN | REPORTER_HOST)];
}

const char *date_source_text(enum date_source source)
{
    static const char *const texts[] = {"text", "imputed", "none"};

    return texts[source];
}
