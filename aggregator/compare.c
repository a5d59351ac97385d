/*
 * Documents are matched by id and events by identity, both of which are functions of what the runs
 * read and not of the run. Texts are compared as texts: their numbers are each dataset's own.
 */
#include "aggregator/compare.h"

#include "base/util/map.h"

#include <stdlib.h>

/* ---- documents ---- */

/* One document as one run sees it. */
struct view {
    const struct dataset *dataset;
    const struct document *document;
};

/* Each dataset numbers its texts by itself. */
static bool same_text(const struct view *a, uint32_t text_a, const struct view *b, uint32_t text_b)
{
    return slice_equal(dataset_text(a->dataset, text_a), dataset_text(b->dataset, text_b));
}

static bool same_claim(const struct view *a, const struct claim *of_a, const struct view *b,
                       const struct claim *of_b)
{
    return of_a->day == of_b->day && same_text(a, of_a->origin, b, of_b->origin) &&
           same_text(a, of_a->host, b, of_b->host) &&
           same_text(a, of_a->origin_dept, b, of_b->origin_dept) &&
           same_text(a, of_a->host_dept, b, of_b->host_dept) &&
           same_text(a, of_a->visitor_titles, b, of_b->visitor_titles) &&
           same_text(a, of_a->host_titles, b, of_b->host_titles) &&
           same_text(a, of_a->level, b, of_b->level) &&
           same_text(a, of_a->purpose, b, of_b->purpose);
}

static bool same_claims(const struct view *a, const struct report *of_a, const struct view *b,
                        const struct report *of_b)
{
    if (of_a->claim_count != of_b->claim_count)
        return false;
    for (uint32_t i = 0; i < of_a->claim_count; i++)
        if (!same_claim(a, dataset_claim(a->dataset, of_a->first_claim + i), b,
                        dataset_claim(b->dataset, of_b->first_claim + i)))
            return false;
    return true;
}

/* Of a document that is an event in both runs. */
static bool compare_reports(struct comparison *comparison, const struct view *a,
                            const struct view *b)
{
    const struct report *of_a = dataset_report(a->dataset, a->document);
    const struct report *of_b = dataset_report(b->dataset, b->document);
    bool themes, purpose, events;

    if (of_a == NULL || of_b == NULL)
        return of_a == of_b;
    themes = same_text(a, of_a->themes, b, of_b->themes);
    purpose = same_text(a, of_a->purpose, b, of_b->purpose);
    events = same_claims(a, of_a, b, of_b);
    comparison->other_themes += !themes;
    comparison->other_purpose += !purpose;
    comparison->other_events += !events;
    return themes && purpose && events;
}

/* Copies are judged by their own text here, though in the funnel their group's speaker speaks. */
static enum reason reason_of(const struct view *view)
{
    return view->document->flags & DOCUMENT_TEXT ? funnel_reason(view->dataset, view->document)
                                                 : REASON_BLANK;
}

static void compare_document(struct comparison *comparison, const struct view *a,
                             const struct view *b)
{
    enum reason before = reason_of(a), after = reason_of(b);
    bool same = before == after;

    comparison->documents++;
    comparison->ends[before][after]++;
    comparison->other_end += !same;
    if (same && before == REASON_EVENT)
        same = compare_reports(comparison, a, b);
    comparison->documents_differing += !same;
}

static bool counts(const struct document *document)
{
    return (document->flags & DOCUMENT_COUNTED) != 0;
}

/* Unlike ids, rows of two datasets stand in different orders. */
static void compare_documents(struct comparison *comparison)
{
    const struct dataset *first = comparison->results[FIRST]->dataset;
    const struct dataset *second = comparison->results[SECOND]->dataset;
    uint64_t of_second = 0;

    for (size_t i = 0; i < second->documents.count; i++)
        of_second += counts(dataset_at(second, i));
    for (size_t i = 0; i < first->documents.count; i++) {
        const struct view a = {first, dataset_at(first, i)};
        struct view b = {second, NULL};
        size_t index;

        if (!counts(a.document))
            continue;
        index = idtable_find(&second->by_id, a.document->id);
        if (index != SIZE_MAX)
            b.document = dataset_at(second, index);
        if (b.document != NULL && counts(b.document))
            compare_document(comparison, &a, &b);
        else
            comparison->documents_only[FIRST]++;
    }
    comparison->documents_only[SECOND] = of_second - comparison->documents;
}

/* ---- events ---- */

/* Dates and cities are the event's identity: of two with one id only the rest can differ. */
static void compare_event(struct comparison *comparison, const struct event *first,
                          const struct event *second)
{
    const struct view a = {comparison->results[FIRST]->dataset, NULL};
    const struct view b = {comparison->results[SECOND]->dataset, NULL};

    comparison->events++;
    comparison->event_themes += !same_text(&a, first->themes, &b, second->themes);
    comparison->event_purpose += !same_text(&a, first->purpose, &b, second->purpose);
    comparison->event_level += !same_text(&a, first->level, &b, second->level);
}

/* Events of the first run by id; NULL when memory is out. */
static struct map *map_events(const struct events *events)
{
    struct map *map = map_create();

    for (size_t i = 0; map != NULL && i < events_count(events); i++) {
        const struct event *event = events_at(events, i);

        /* The map hands the value back as it is; it is only read. */
        if (map_put(map, id_slice(&event->id), (void *) (uintptr_t) event) == STATUS_OK)
            continue;
        map_destroy(map);
        map = NULL;
    }
    return map;
}

static enum status compare_events(struct comparison *comparison, struct error *err)
{
    const struct events *first = &comparison->results[FIRST]->events;
    const struct events *second = &comparison->results[SECOND]->events;
    struct map *known = map_events(first);

    if (known == NULL)
        return error_set(err, STATUS_NOMEM, "no memory to compare events");
    for (size_t i = 0; i < events_count(second); i++) {
        const struct event *event = events_at(second, i);
        const struct event *before = map_get(known, id_slice(&event->id));

        if (before != NULL)
            compare_event(comparison, before, event);
    }
    /* Identities are distinct within a run, so what is not in both is in one. */
    comparison->events_only[FIRST] = events_count(first) - comparison->events;
    comparison->events_only[SECOND] = events_count(second) - comparison->events;
    map_destroy(known);
    return STATUS_OK;
}

/* ---- pairs ---- */

static uint32_t difference(const struct pair_change *pair)
{
    return pair->visits[FIRST] > pair->visits[SECOND] ? pair->visits[FIRST] - pair->visits[SECOND]
                                                      : pair->visits[SECOND] - pair->visits[FIRST];
}

/* Cities are numbered by their codes. */
static int by_difference(const void *left, const void *right)
{
    const struct pair_change *a = left, *b = right;

    if (difference(a) != difference(b))
        return difference(a) > difference(b) ? -1 : 1;
    if (a->origin != b->origin)
        return a->origin < b->origin ? -1 : 1;
    return (a->host > b->host) - (a->host < b->host);
}

static enum status compare_pairs(struct comparison *comparison, struct error *err)
{
    const struct network *first = &comparison->results[FIRST]->networks[NETWORK_ALL];
    const struct network *second = &comparison->results[SECOND]->networks[NETWORK_ALL];

    for (uint32_t cell = 0; cell < first->cities * first->cities; cell++) {
        const struct pair_change pair = {.origin = cell / first->cities,
                                         .host = cell % first->cities,
                                         .visits = {first->visits[cell], second->visits[cell]}};
        struct pair_change *row;

        if (difference(&pair) == 0)
            continue;
        row = rows_add(&comparison->pairs);
        if (row == NULL)
            return rows_status(&comparison->pairs, "pairs of cities", err);
        *row = pair;
    }
    if (comparison->pairs.count > 0)
        qsort(comparison->pairs.data, comparison->pairs.count, comparison->pairs.element,
              by_difference);
    return STATUS_OK;
}

/* ---- the whole ---- */

static enum status check_cities(const struct setting *first, const struct setting *second,
                                struct error *err)
{
    bool same = first->city_count == second->city_count;

    for (uint32_t i = 0; same && i < first->city_count; i++)
        same = first->cities[i].code == second->cities[i].code;
    if (same)
        return STATUS_OK;
    return error_set(err, STATUS_INVALID, "runs '%.*s' and '%.*s' have different cities",
                     SLICE_ARG(first->run), SLICE_ARG(second->run));
}

enum status compare_results(const struct results *first, const struct results *second,
                            struct comparison *result, struct error *err)
{
    struct comparison comparison = {.results = {first, second}};
    size_t cities = first->setting.city_count;
    enum status status = check_cities(&first->setting, &second->setting, err);

    if (status != STATUS_OK)
        return status;
    rows_init(&comparison.pairs, sizeof(struct pair_change), cities * cities);
    compare_documents(&comparison);
    status = compare_events(&comparison, err);
    if (status == STATUS_OK)
        status = compare_pairs(&comparison, err);
    if (status == STATUS_OK)
        *result = comparison;
    else
        compare_fini(&comparison);
    return status;
}

void compare_fini(struct comparison *comparison)
{
    rows_fini(&comparison->pairs);
}

bool compare_same(const struct comparison *comparison)
{
    return comparison->documents_only[FIRST] + comparison->documents_only[SECOND] +
               comparison->documents_differing + comparison->events_only[FIRST] +
               comparison->events_only[SECOND] + comparison->event_themes +
               comparison->event_purpose + comparison->event_level + comparison->pairs.count ==
           0;
}
