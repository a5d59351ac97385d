/*
 * Union–find over the events: those that one document tells are united where they can be one trip.
 * Tellings are sorted by document, so that each document's events stand together.
 */
#include "aggregator/trips.h"

#include <stdlib.h>

struct telling { /* this document tells of this event */
    uint32_t document;
    uint32_t event;
};

static int by_document(const void *a, const void *b)
{
    const struct telling *x = a, *y = b;

    if (x->document != y->document)
        return x->document < y->document ? -1 : 1;
    return x->event < y->event ? -1 : x->event > y->event;
}

/* The component's smallest event. Halves the path on the way (Tarjan and van Leeuwen 1984). */
static uint32_t root_of(uint32_t *parents, uint32_t event)
{
    while (parents[event] != event) {
        parents[event] = parents[parents[event]];
        event = parents[event];
    }
    return event;
}

/* The smaller event stays the root: it names the trip. */
static void unite(uint32_t *parents, uint32_t a, uint32_t b)
{
    uint32_t x = root_of(parents, a), y = root_of(parents, b);

    if (x < y)
        parents[y] = x;
    else
        parents[x] = y;
}

/* Without a day nothing speaks against it. */
static bool one_trip(const struct event *a, const struct event *b)
{
    if (a->origin != b->origin)
        return false;
    if (a->day == CIVIL_NONE || b->day == CIVIL_NONE)
        return true;
    return a->day < b->day ? b->day - a->day <= TRIP_DAYS_MAX : a->day - b->day <= TRIP_DAYS_MAX;
}

/* All tellings of one document; a report has few claims, so every two are looked at. */
static void unite_document(const struct events *events, const struct telling *tellings,
                           size_t count, uint32_t *parents)
{
    for (size_t i = 0; i < count; i++)
        for (size_t j = i + 1; j < count; j++)
            if (one_trip(events_at(events, tellings[i].event),
                         events_at(events, tellings[j].event)))
                unite(parents, tellings[i].event, tellings[j].event);
}

static void unite_all(const struct events *events, struct telling *tellings, size_t count,
                      uint32_t *parents)
{
    qsort(tellings, count, sizeof *tellings, by_document);
    for (size_t first = 0, end; first < count; first = end) {
        for (end = first + 1; end < count && tellings[end].document == tellings[first].document;
             end++)
            continue;
        unite_document(events, tellings + first, end - first, parents);
    }
}

enum status trips_find(const struct dataset *dataset, struct events *events, struct error *err)
{
    size_t count = events_count(events), tellings_count = 0;
    struct telling *tellings = calloc(events->item_count + 1, sizeof *tellings);
    uint32_t *parents = calloc(count + 1, sizeof *parents);
    enum status status = STATUS_OK;

    if (tellings == NULL || parents == NULL) {
        status = error_set(err, STATUS_NOMEM, "no memory for trips of %zu events", count);
        goto out;
    }
    for (uint32_t i = 0; i < count; i++) {
        const struct event *event = events_at(events, i);

        parents[i] = i;
        for (uint32_t k = 0; k < event->item_count; k++)
            tellings[tellings_count++] =
                (struct telling){event_claim(dataset, events, event, k)->document, i};
    }
    unite_all(events, tellings, tellings_count, parents);
    for (uint32_t i = 0; i < count; i++) {
        struct event *event = rows_at(&events->events, i);
        event->trip = events_at(events, root_of(parents, i))->id;
    }
out:
    free(tellings);
    free(parents);
    return status;
}
