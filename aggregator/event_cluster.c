/*
 * Items are sorted by pair, and within a pair dated ones by day, the others by rank; then each pair
 * is clustered by itself in one pass over either kind. Events are appended as they open, so those
 * of a pair stand together, dated ones first and by ascending day: both searches for an event of a
 * day rely on that. At the end items are sorted by event, and an event only names its stretch of
 * them.
 */
#include "aggregator/event_cluster.h"

#include <stdlib.h>

static const uint32_t unassigned = UINT32_MAX;

/* The reports of one directed pair, sorted: dated by (day, key department), then the others;
 * each by rank. */
struct pair_items {
    struct cluster_item *items;
    size_t count;
    size_t dated;
    const struct cluster_rule *rule;
    struct rows *events;
    size_t first_event; /* of this pair */
    size_t dated_events_end;
};

static int compare_u32(uint32_t a, uint32_t b)
{
    return a < b ? -1 : a > b;
}

static int by_rank(const struct cluster_item *x, const struct cluster_item *y)
{
    int order = compare_u32(x->rank, y->rank);

    return order != 0 ? order : compare_u32(x->ordinal, y->ordinal);
}

/* Dated reports first: they must be clustered before those that join them. */
static int compare_days(int32_t a, int32_t b)
{
    if (a == b)
        return 0;
    if (a == CIVIL_NONE || b == CIVIL_NONE)
        return a == CIVIL_NONE ? 1 : -1;
    return a < b ? -1 : 1;
}

static int by_pair_and_day(const void *a, const void *b)
{
    const struct cluster_item *x = a, *y = b;
    int order = compare_u32(x->origin, y->origin);

    if (order == 0)
        order = compare_u32(x->host, y->host);
    if (order == 0)
        order = compare_days(x->day, y->day);
    if (order == 0 && x->day == CIVIL_NONE)
        order = (x->published == CIVIL_NONE) - (y->published == CIVIL_NONE);
    return order != 0 ? order : by_rank(x, y);
}

static int by_event(const void *a, const void *b)
{
    const struct cluster_item *x = a, *y = b;
    int order = compare_u32(x->event, y->event);

    return order != 0 ? order : by_rank(x, y);
}

static struct cluster_event *event_at(const struct pair_items *pair, size_t index)
{
    return rows_at(pair->events, index);
}

/* Events of this day that the pair has so far: the next one's ordinal. From the back, since the
 * newest event of a day has the highest number. */
static uint32_t ordinal_of(const struct pair_items *pair, int32_t day)
{
    uint32_t ordinal = 0;

    for (size_t i = pair->events->count; i-- > pair->first_event;)
        if (event_at(pair, i)->day == day)
            return event_at(pair, i)->ordinal + 1;
    return ordinal;
}

/* The ordinal is taken before the row exists, so that it does not count itself. */
static void open_event(struct pair_items *pair, struct cluster_item *item, int32_t day,
                       enum date_source source)
{
    uint32_t ordinal = ordinal_of(pair, day);
    struct cluster_event *event = rows_add(pair->events);

    if (event == NULL)
        return; /* the failure sticks to the rows */
    *event = (struct cluster_event){.origin = item->origin,
                                    .host = item->host,
                                    .day = day,
                                    .source = source,
                                    .ordinal = ordinal,
                                    .key_dept = item->origin_dept};
    item->event = (uint32_t) (pair->events->count - 1);
}

/* The event of this day (and department) among the dated ones; day by day they come sorted, so
 * it is among the last ones or not there. */
static bool join_same_key(struct pair_items *pair, struct cluster_item *item)
{
    for (size_t i = pair->events->count; i-- > pair->first_event;) {
        const struct cluster_event *event = event_at(pair, i);

        if (event->day != item->day)
            return false;
        if (!pair->rule->department_in_key || event->key_dept == item->origin_dept) {
            item->event = (uint32_t) i;
            return true;
        }
    }
    return false;
}

/* All dated events exist before the first report without a day looks for one: which it joins must
 * not depend on which was read first. */
static void cluster_dated(struct pair_items *pair)
{
    for (size_t i = 0; i < pair->dated; i++)
        if (!join_same_key(pair, &pair->items[i]))
            open_event(pair, &pair->items[i], pair->items[i].day, DATE_TEXT);
    pair->dated_events_end = pair->events->count;
}

/* An unknown department could be any. */
static bool share_department(const uint32_t *members, const struct cluster_item *a,
                             const struct cluster_item *b)
{
    if (a->member_count == 0 || b->member_count == 0)
        return true;
    for (uint32_t i = 0; i < a->member_count; i++)
        for (uint32_t k = 0; k < b->member_count; k++)
            if (members[a->member_first + i] == members[b->member_first + k])
                return true;
    return false;
}

/* Walks the dated items of the event's day: they are consecutive. Only dated reports are asked:
 * were those that joined asked too, the outcome would depend on who joined first. */
static bool departments_fit(const struct pair_items *pair, size_t event,
                            const struct cluster_item *item)
{
    int32_t day = event_at(pair, event)->day;
    size_t low = 0, high = pair->dated;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (pair->items[middle].day < day)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < pair->dated && pair->items[low].day == day; low++)
        if (pair->items[low].event == event &&
            share_department(pair->rule->members, &pair->items[low], item))
            return true;
    return false;
}

static int32_t distance(int32_t a, int32_t b)
{
    return a < b ? b - a : a - b;
}

/* First dated event whose day is not before `day`. */
static size_t first_from(const struct pair_items *pair, int32_t day)
{
    size_t low = pair->first_event, high = pair->dated_events_end;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (event_at(pair, middle)->day < day)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Only the days of the window are looked at, in ascending order. */
static uint32_t nearest_event(const struct pair_items *pair, const struct cluster_item *item)
{
    int32_t imputed = item->published - pair->rule->lag_days;
    uint32_t best = unassigned;

    for (size_t i = first_from(pair, item->published - pair->rule->before_days);
         i < pair->dated_events_end; i++) {
        int32_t day = event_at(pair, i)->day;

        if (day > item->published + pair->rule->after_days)
            break;
        /* Days ascend, so only a strictly nearer one replaces: ties go to the earlier. */
        if (best != unassigned &&
            distance(day, imputed) >= distance(event_at(pair, best)->day, imputed))
            continue;
        if (departments_fit(pair, i, item))
            best = (uint32_t) i;
    }
    return best;
}

/* What joins a dated event is no link of a chain. Its distance is measured from the report before
 * it, not from the chain's first, and the order is that of rank, so publish dates ascend. */
static void cluster_undated(struct pair_items *pair)
{
    const struct cluster_item *last = NULL; /* of the open chain */

    for (size_t i = pair->dated; i < pair->count; i++) {
        struct cluster_item *item = &pair->items[i];

        if (item->published == CIVIL_NONE) {
            open_event(pair, item, CIVIL_NONE, DATE_NONE);
            continue;
        }
        item->event = nearest_event(pair, item);
        if (item->event != unassigned)
            continue;
        if (last != NULL && item->published - last->published <= pair->rule->chain_days)
            item->event = last->event;
        else
            open_event(pair, item, item->published - pair->rule->lag_days, DATE_IMPUTED);
        last = item;
    }
}

static bool same_pair(const struct cluster_item *a, const struct cluster_item *b)
{
    return a->origin == b->origin && a->host == b->host;
}

static void cluster_pair(struct cluster_item *items, size_t count, const struct cluster_rule *rule,
                         struct rows *events)
{
    struct pair_items pair = {.items = items,
                              .count = count,
                              .rule = rule,
                              .events = events,
                              .first_event = events->count};

    while (pair.dated < count && items[pair.dated].day != CIVIL_NONE)
        pair.dated++;
    cluster_dated(&pair);
    cluster_undated(&pair);
}

/* Items of an event stand together afterwards, by rank. Until here the events were known by number
 * only, since rows may move while they are added. */
static void number_items(struct cluster_item *items, size_t count, struct rows *events)
{
    if (count > 0)
        qsort(items, count, sizeof *items, by_event);
    for (size_t i = 0; i < count; i++) {
        struct cluster_event *event = rows_at(events, items[i].event);

        if (event->count++ == 0)
            event->first = (uint32_t) i;
    }
}

enum status event_cluster(struct cluster_item *items, size_t count, const struct cluster_rule *rule,
                          struct rows *events, struct error *err)
{
    enum status status;

    if (count > 0)
        qsort(items, count, sizeof *items, by_pair_and_day);
    for (size_t first = 0, end; first < count; first = end) {
        for (end = first + 1; end < count && same_pair(&items[first], &items[end]); end++)
            continue;
        cluster_pair(items + first, end - first, rule, events);
    }
    status = rows_status(events, "events", err);
    if (status == STATUS_OK)
        number_items(items, count, events);
    return status;
}
