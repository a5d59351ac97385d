/*
 * The same rules as duplicates.c and event_cluster.c, told as maps instead of sorted arrays: a
 * mistake in a comparison or a search of one route is hardly made in the other. It is slow and
 * keeps everything in memory, which a check may.
 */
#include "aggregator/verify_events.h"

#include "base/util/map.h"

#include <stdlib.h>
#include <string.h>

enum { LINE_MAX_SIZE = 1024, ARENA_LEAST = 1 << 20, PLAIN_EVENTS_MAX = 20000000 };

/* One event of the second route, and the report it began with. */
struct plain_event {
    const struct claim *first;
    int32_t day;
    int32_t last_published; /* of a chain */
    enum date_source source;
    struct rows claims;    /* dated ones: const struct claim * */
    struct rows documents; /* distinct: uint32_t */
};

struct plain {
    const struct results *results;
    const struct dataset *dataset;
    struct map *speakers; /* fingerprint → document */
    struct map *keys;     /* origin, host, day → event */
    struct map *chains;   /* origin, host → event */
    struct rows events;   /* struct plain_event * */
    struct funnel funnel;
};

/* ---- documents ---- */

/* Does `a` speak rather than `b`? Earliest date, none last; then URL; then id. */
static bool speaks_before(const struct dataset *dataset, const struct document *a,
                          const struct document *b)
{
    int64_t x = a->date == CIVIL_NONE ? INT64_MAX : a->date;
    int64_t y = b->date == CIVIL_NONE ? INT64_MAX : b->date;
    int order = slice_compare(dataset_text(dataset, a->url), dataset_text(dataset, b->url));

    if (x != y)
        return x < y;
    return order != 0 ? order < 0 : memcmp(a->id.bytes, b->id.bytes, ID_SIZE) < 0;
}

/* One pass with a map; the first route sorts. */
static enum status find_speakers(struct plain *plain, struct error *err)
{
    for (size_t i = 0; i < plain->dataset->documents.count; i++) {
        struct document *document = rows_at(&plain->dataset->documents, i);
        struct slice key = id_slice(&document->fingerprint);
        const struct document *before = map_get(plain->speakers, key);

        if (!(document->flags & DOCUMENT_COUNTED) || !(document->flags & DOCUMENT_TEXT))
            continue;
        if (before != NULL && !speaks_before(plain->dataset, document, before))
            continue;
        if (map_put(plain->speakers, key, document) != STATUS_OK)
            return error_set(err, STATUS_NOMEM, "no memory to compare documents");
    }
    return STATUS_OK;
}

/* By the reason's words, without the first route's table of reasons. */
static void count_speaker(struct plain *plain, const struct document *document)
{
    struct slice reason = dataset_text(plain->dataset, document->reason);
    bool passed = document->outcome == OUTCOME_PASSED;
    bool dropped = document->outcome == OUTCOME_DROPPED;
    bool visit = passed || (dropped && slice_starts(reason, SLICE("no event")));

    plain->funnel.documents++;
    plain->funnel.visits += visit;
    plain->funnel.screened += visit || (dropped && slice_starts(reason, SLICE("no visit")));
}

/* ---- events ---- */

static bool of_setting(const struct plain *plain, uint32_t text)
{
    const struct setting *setting = &plain->results->setting;

    return setting_find_city(setting, dataset_text(plain->dataset, text)) < setting->city_count;
}

static bool counts(const struct plain *plain, const struct claim *claim)
{
    return claim->origin != claim->host && of_setting(plain, claim->origin) &&
           of_setting(plain, claim->host);
}

/* Three words without padding, so that the bytes can be the map's key. */
struct event_key {
    uint32_t origin;
    uint32_t host;
    int32_t day;
};

static struct slice key_slice(const struct event_key *key)
{
    return slice_of(key, sizeof *key);
}

static struct plain_event *open_event(struct plain *plain, const struct claim *claim, int32_t day,
                                      enum date_source source)
{
    struct plain_event **slot = rows_add(&plain->events);
    struct plain_event *event = slot == NULL ? NULL : calloc(1, sizeof *event);

    if (event == NULL) {
        plain->events.count -= slot != NULL;
        return NULL;
    }
    *slot = event;
    event->first = claim;
    event->day = day;
    event->source = source;
    rows_init(&event->claims, sizeof(const struct claim *), PLAIN_EVENTS_MAX);
    rows_init(&event->documents, sizeof(uint32_t), PLAIN_EVENTS_MAX);
    return event;
}

/* Events have few reports: a look through them is enough. */
static bool count_report(struct plain_event *event, const struct claim *claim)
{
    uint32_t *room;

    for (size_t i = 0; i < event->documents.count; i++)
        if (*(const uint32_t *) rows_at(&event->documents, i) == claim->document)
            return true;
    room = rows_add(&event->documents);
    if (room != NULL)
        *room = claim->document;
    return room != NULL;
}

static bool take_dated(struct plain *plain, const struct claim *claim)
{
    struct event_key key = {claim->origin, claim->host, claim->day};
    struct plain_event *event = map_get(plain->keys, key_slice(&key));
    const struct claim **room;

    if (event == NULL) {
        event = open_event(plain, claim, claim->day, DATE_TEXT);
        if (event == NULL || map_put(plain->keys, key_slice(&key), event) != STATUS_OK)
            return false;
    }
    room = rows_add(&event->claims);
    if (room == NULL)
        return false;
    *room = claim;
    return count_report(event, claim);
}

/* Is a member of "a、b" one of "b、c"? */
static bool members_meet(struct slice a, struct slice b)
{
    while (a.size > 0) {
        size_t size = slice_find(a, SLICE("、"));
        struct slice member = slice_sub(a, 0, size), rest = b;

        a = slice_sub(a, size + strlen("、"), a.size);
        while (member.size > 0 && rest.size > 0) {
            size_t other = slice_find(rest, SLICE("、"));

            if (slice_equal(member, slice_sub(rest, 0, other)))
                return true;
            rest = slice_sub(rest, other + strlen("、"), rest.size);
        }
    }
    return false;
}

static bool department_fits(const struct plain *plain, const struct plain_event *event,
                            uint32_t ours)
{
    for (size_t i = 0; i < event->claims.count; i++) {
        const struct claim *claim = *(const struct claim **) rows_at(&event->claims, i);

        if (ours == 0 || claim->origin_dept == 0 ||
            members_meet(dataset_text(plain->dataset, ours),
                         dataset_text(plain->dataset, claim->origin_dept)))
            return true;
    }
    return false;
}

/* The dated claims of the event alone are asked, as in the first route. */
static struct plain_event *try_day(const struct plain *plain, const struct claim *claim,
                                   int32_t published, int32_t day)
{
    const struct setting *setting = &plain->results->setting;
    struct event_key key = {claim->origin, claim->host, day};
    struct plain_event *event = map_get(plain->keys, key_slice(&key));

    if (event == NULL || day < published - setting->before_days ||
        day > published + setting->after_days)
        return NULL;
    return department_fits(plain, event, claim->origin_dept) ? event : NULL;
}

/* Outward from the imputed day, the earlier of two first. */
static struct plain_event *find_near(const struct plain *plain, const struct claim *claim,
                                     int32_t published)
{
    const struct setting *setting = &plain->results->setting;
    int32_t imputed = published - setting->lag_days;
    int32_t reach = setting->before_days + setting->after_days + setting->lag_days;

    for (int32_t away = 0; away <= reach; away++) {
        struct plain_event *event = try_day(plain, claim, published, imputed - away);

        if (event == NULL)
            event = try_day(plain, claim, published, imputed + away);
        if (event != NULL)
            return event;
    }
    return NULL;
}

/* The pair's open chain, or a new one. */
static struct plain_event *chain(struct plain *plain, const struct claim *claim, int32_t published)
{
    const struct setting *setting = &plain->results->setting;
    struct event_key key = {claim->origin, claim->host, CIVIL_NONE};
    struct plain_event *event = map_get(plain->chains, key_slice(&key));

    if (event == NULL || published - event->last_published > setting->chain_days) {
        event = open_event(plain, claim, published - setting->lag_days, DATE_IMPUTED);
        if (event == NULL || map_put(plain->chains, key_slice(&key), event) != STATUS_OK)
            return NULL;
    }
    event->last_published = published;
    return event;
}

static bool take_undated(struct plain *plain, const struct claim *claim, int32_t published)
{
    struct plain_event *event;

    if (published == CIVIL_NONE) {
        event = open_event(plain, claim, CIVIL_NONE, DATE_NONE);
    } else {
        event = find_near(plain, claim, published);
        if (event == NULL)
            event = chain(plain, claim, published);
    }
    return event != NULL && count_report(event, claim);
}

/* ---- both passes over the speakers, in the order of publication ---- */

static enum status take_claims(struct plain *plain, const struct document *speaker, bool dated,
                               struct error *err)
{
    const struct report *report = dataset_report(plain->dataset, speaker);

    if (speaker->outcome != OUTCOME_PASSED || report == NULL)
        return STATUS_OK;
    for (uint32_t i = 0; i < report->claim_count; i++) {
        const struct claim *claim = dataset_claim(plain->dataset, report->first_claim + i);

        if (!counts(plain, claim) || dated != (claim->day != CIVIL_NONE))
            continue;
        if (!(dated ? take_dated(plain, claim) : take_undated(plain, claim, speaker->date)))
            return error_set(err, STATUS_NOMEM, "no memory for events");
    }
    return STATUS_OK;
}

struct ordered {
    const struct document *document;
    const struct dataset *dataset;
};

static int by_publication(const void *a, const void *b)
{
    const struct ordered *x = a, *y = b;

    if (x->document == y->document)
        return 0;
    return speaks_before(x->dataset, x->document, y->document) ? -1 : 1;
}

/* Dated claims of all documents before any without a day. */
static enum status take_speakers(struct plain *plain, struct error *err)
{
    size_t count = map_size(plain->speakers), cursor = 0, filled = 0;
    struct ordered *order = calloc(count + 1, sizeof *order);
    enum status status = STATUS_OK;
    void *value;

    if (order == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for %zu documents", count);
    while (map_next(plain->speakers, &cursor, NULL, &value))
        order[filled++] = (struct ordered){value, plain->dataset};
    qsort(order, count, sizeof *order, by_publication);
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        count_speaker(plain, order[i].document);
        status = take_claims(plain, order[i].document, true, err);
    }
    for (size_t i = 0; i < count && status == STATUS_OK; i++)
        status = take_claims(plain, order[i].document, false, err);
    free(order);
    return status;
}

/* ---- comparing ---- */

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *) a, *(char *const *) b);
}

static char *line_of(struct arena *arena, const struct results *results,
                     const struct plain_event *event)
{
    char date[CIVIL_TEXT_SIZE];

    return arena_printf(arena, "%s %.*s %.*s %s %zu", civil_text(event->day, date),
                        SLICE_ARG(dataset_text(results->dataset, event->first->origin)),
                        SLICE_ARG(dataset_text(results->dataset, event->first->host)),
                        date_source_text(event->source), event->documents.count);
}

static char *line_of_first_route(struct arena *arena, const struct results *results,
                                 const struct event *event)
{
    char date[CIVIL_TEXT_SIZE];

    return arena_printf(arena, "%s %.*s %.*s %s %u", civil_text(event->day, date),
                        SLICE_ARG(results_city(results, event->origin)),
                        SLICE_ARG(results_city(results, event->host)),
                        date_source_text((enum date_source) event->source), event->reports);
}

/* Both as sorted lines; the first that differs is told. As a multiset, since identities and order
 * are the first route's own. */
static enum status compare(const struct plain *plain, struct verify *verify, struct error *err)
{
    const struct results *results = plain->results;
    size_t n = plain->events.count, m = events_count(&results->events), differ = 0;
    struct arena *arena = arena_create((n + m + 1) * LINE_MAX_SIZE + ARENA_LEAST);
    char **ours = arena == NULL ? NULL : arena_array(arena, n + 1, sizeof *ours);
    char **theirs = ours == NULL ? NULL : arena_array(arena, m + 1, sizeof *theirs);
    bool complete = theirs != NULL;
    size_t at;

    for (size_t i = 0; complete && i < n; i++)
        complete = (ours[i] = line_of(arena, results,
                                      *(struct plain_event **) rows_at(&plain->events, i))) != NULL;
    for (size_t i = 0; complete && i < m; i++)
        complete = (theirs[i] = line_of_first_route(arena, results,
                                                    events_at(&results->events, i))) != NULL;
    if (!complete) {
        arena_destroy(arena);
        return error_set(err, STATUS_NOMEM, "no memory to compare events");
    }
    qsort(ours, n, sizeof *ours, by_text);
    qsort(theirs, m, sizeof *theirs, by_text);
    for (at = 0; at < n && at < m && strcmp(ours[at], theirs[at]) == 0; at++)
        continue;
    differ = (n > m ? n : m) - at;
    verify_none(verify, "events are those of a second reading of the reports", differ,
                at < m   ? theirs[at]
                : at < n ? ours[at]
                         : NULL);
    arena_destroy(arena);
    return STATUS_OK;
}

/* Stages that the reports alone decide; the others are checked from the tables. */
static void compare_funnel(const struct plain *plain, struct verify *verify)
{
    const struct funnel *first = &plain->results->funnel, *second = &plain->funnel;
    const struct finding findings[] = {
        {"funnel: documents", second->documents, first->documents, NULL},
        {"funnel: screened", second->screened, first->screened, NULL},
        {"funnel: visits", second->visits, first->visits, NULL},
    };

    for (size_t i = 0; i < sizeof findings / sizeof findings[0]; i++)
        verify_tell(verify, &findings[i]);
}

static void destroy(struct plain *plain)
{
    for (size_t i = 0; i < plain->events.count; i++) {
        struct plain_event *event = *(struct plain_event **) rows_at(&plain->events, i);

        rows_fini(&event->claims);
        rows_fini(&event->documents);
        free(event);
    }
    rows_fini(&plain->events);
    map_destroy(plain->speakers);
    map_destroy(plain->keys);
    map_destroy(plain->chains);
}

enum status verify_events(const struct results *results, struct verify *verify, struct error *err)
{
    struct plain plain = {.results = results,
                          .dataset = results->dataset,
                          .speakers = map_create(),
                          .keys = map_create(),
                          .chains = map_create()};
    enum status status = STATUS_OK;

    rows_init(&plain.events, sizeof(struct plain_event *), PLAIN_EVENTS_MAX);
    if (plain.speakers == NULL || plain.keys == NULL || plain.chains == NULL)
        status = error_set(err, STATUS_NOMEM, "no memory for a second reading");
    if (status == STATUS_OK)
        status = find_speakers(&plain, err);
    if (status == STATUS_OK)
        status = take_speakers(&plain, err);
    if (status == STATUS_OK) {
        compare_funnel(&plain, verify);
        status = compare(&plain, verify, err);
    }
    destroy(&plain);
    return status;
}
