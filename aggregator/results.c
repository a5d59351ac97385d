#include "aggregator/results.h"

static void count_events(struct results *results)
{
    for (size_t i = 0; i < events_count(&results->events); i++) {
        const struct event *event = events_at(&results->events, i);

        results->deciders[decider_of(dataset_text(results->dataset, event->decided_by))]++;
        results->date_sources[event->source]++;
    }
}

/* What the report owes its reader besides the funnel. */
static void count_documents(struct results *results)
{
    for (size_t i = 0; i < results->dataset->documents.count; i++) {
        const struct document *document = dataset_at(results->dataset, i);
        bool ended = (document->flags & DOCUMENT_FINAL) && !(document->flags & DOCUMENT_FETCHED);

        results->not_fetched += ended;
        results->dead += (document->flags & DOCUMENT_COUNTED) && document->outcome == OUTCOME_DEAD;
    }
}

static enum status build_networks(struct results *results, struct error *err)
{
    struct measure_source source = {
        .dataset = results->dataset, .events = &results->events, .setting = &results->setting};
    enum status status = STATUS_OK;

    for (int kind = 0; kind < NETWORK_KINDS && status == STATUS_OK; kind++) {
        struct network_filter filter = {.kind = (enum network_kind) kind};

        status = network_create(results->setting.city_count, &results->networks[kind], err);
        if (status != STATUS_OK)
            break;
        network_fill(&results->networks[kind], results->dataset, &results->events, &filter);
        source.kind = filter.kind;
        status = measures_compute(&source, &results->measures[kind], err);
    }
    return status;
}

/* The identity rule's sensitivity: two delegations a day from one city told apart by department.
 * Everything else of this second set of events is thrown away: only its counts are printed. */
static enum status build_by_department(struct results *results, struct error *err)
{
    const struct event_source source = {results->dataset, &results->groups, &results->setting,
                                        true};
    struct network_filter all = {.kind = NETWORK_ALL};
    struct events events = {0};
    enum status status = network_create(results->setting.city_count, &results->by_department, err);

    if (status == STATUS_OK)
        status = events_build(&source, &events, err);
    if (status != STATUS_OK)
        return status;
    network_fill(&results->by_department, results->dataset, &events, &all);
    results->department_events = events_count(&events);
    events_fini(&events);
    return STATUS_OK;
}

/* Each step takes what the ones before it made. decisions look at documents alone, networks and
 * measures at events; only the funnel, made by the caller, needs both. */
static enum status compute(struct results *results, struct error *err)
{
    const struct event_source source = {results->dataset, &results->groups, &results->setting,
                                        false};
    enum status status = dataset_finish(results->dataset, err);

    if (status == STATUS_OK)
        status = groups_build(results->dataset, &results->groups, err);
    if (status == STATUS_OK)
        status = decisions_count(results->dataset, &results->groups, &results->setting,
                                 &results->decisions, err);
    if (status == STATUS_OK)
        status = events_build(&source, &results->events, err);
    if (status == STATUS_OK)
        status = lists_build(results->dataset, &results->setting, &results->lists, err);
    if (status == STATUS_OK)
        status = build_networks(results, err);
    if (status == STATUS_OK)
        status = build_by_department(results, err);
    return status;
}

static void forget(struct results *results)
{
    groups_fini(&results->groups);
    decisions_fini(&results->decisions);
    events_fini(&results->events);
    lists_fini(&results->lists);
    for (int kind = 0; kind < NETWORK_KINDS; kind++) {
        network_fini(&results->networks[kind]);
        measures_fini(&results->measures[kind]);
    }
    network_fini(&results->by_department);
}

enum status results_compute(struct dataset *dataset, const struct setting *setting,
                            struct results *out, struct error *err)
{
    /* A copy, so that the caller still owns both on failure. */
    struct results results = {.setting = *setting, .dataset = dataset};
    enum status status = compute(&results, err);

    if (status != STATUS_OK) {
        forget(&results);
        return status;
    }
    results.funnel = funnel_count(dataset, &results.groups, &results.setting, &results.events);
    count_events(&results);
    count_documents(&results);
    *out = results;
    return STATUS_OK;
}

void results_fini(struct results *results)
{
    forget(results);
    dataset_destroy(results->dataset);
    results->dataset = NULL;
    setting_fini(&results->setting);
}

uint64_t results_gaps(const struct results *results)
{
    return results->lists.states[LIST_INCOMPLETE] + results->lists.states[LIST_BLOCKED] +
           results->dead;
}

struct slice results_city(const struct results *results, uint32_t city)
{
    ENSURE(city < results->setting.city_count);
    return results->setting.cities[city].name;
}
