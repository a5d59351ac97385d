/*
 * One combiner serves all events in turn: its sets and its buffer are emptied, not freed, since
 * events are many and the reports of each are few.
 */
#include "aggregator/event_combine.h"

#include "aggregator/textset.h"

#include <stdlib.h>

enum { JOINED_MAX = 1 << 20 };

enum union_field {
    UNION_THEMES,
    UNION_ORIGIN,
    UNION_HOST,
    UNION_VISITORS,
    UNION_RECEIVERS,
    UNION_MODELS,
    UNION_FIELDS
};

struct combiner {
    struct dataset *dataset;
    const struct groups *groups;
    const struct setting *setting;
    struct events *events;
    uint32_t *group_of;  /* by document */
    uint32_t *city_text; /* by city: its name as a text of the dataset */
    struct textset sets[UNION_FIELDS];
    struct buf joined;
};

struct id event_identity(struct slice origin, struct slice host, int32_t day, uint32_t ordinal)
{
    struct hash *hash = hash_create();
    char date[CIVIL_TEXT_SIZE];

    hash_field(hash, SLICE("event"));
    hash_field(hash, origin);
    hash_field(hash, host);
    hash_field(hash, slice_from(civil_text(day, date)));
    hash_number(hash, ordinal);
    return hash_finish(hash);
}

/* Themes and model are the report's, the rest is said of this visit. */
static void add_to_sets(struct combiner *in, const struct claim *claim)
{
    const struct document *document = dataset_at(in->dataset, claim->document);
    const struct report *report = dataset_report(in->dataset, document);
    struct ruling ruling = dataset_ruling(in->dataset, document);

    textset_add_joined(&in->sets[UNION_THEMES], dataset_text(in->dataset, report->themes));
    textset_add(&in->sets[UNION_ORIGIN], dataset_text(in->dataset, claim->origin_dept));
    textset_add(&in->sets[UNION_HOST], dataset_text(in->dataset, claim->host_dept));
    textset_add_joined(&in->sets[UNION_VISITORS], dataset_text(in->dataset, claim->visitor_titles));
    textset_add_joined(&in->sets[UNION_RECEIVERS], dataset_text(in->dataset, claim->host_titles));
    textset_add(&in->sets[UNION_MODELS], dataset_text(in->dataset, ruling.model));
}

/* Putting a text can move all texts of the dataset, which the sets borrow: so all are joined
 * first. */
static enum status combine_sets(struct combiner *in, struct event *event, struct error *err)
{
    uint32_t *const targets[UNION_FIELDS] = {&event->themes,      &event->origin_dept,
                                             &event->host_dept,   &event->visitor_titles,
                                             &event->host_titles, &event->model};
    size_t ends[UNION_FIELDS];
    enum status status = STATUS_OK;

    for (int i = 0; i < UNION_FIELDS; i++)
        textset_clear(&in->sets[i]);
    for (uint32_t i = 0; i < event->item_count; i++)
        add_to_sets(in, event_claim(in->dataset, in->events, event, i));
    buf_reset(&in->joined);
    for (int i = 0; i < UNION_FIELDS && status == STATUS_OK; i++) {
        status = textset_join(&in->sets[i], &in->joined, err);
        ends[i] = in->joined.size;
    }
    for (size_t i = 0, from = 0; i < UNION_FIELDS && status == STATUS_OK; from = ends[i++])
        *targets[i] = strings_put(in->dataset->strings,
                                  slice_sub(buf_slice(&in->joined), from, ends[i] - from));
    return status;
}

/* The highest of the visiting side; unknown levels rank behind all. Reports that differ on it are
 * counted: the page says of how many events (html_tables.c). */
static void combine_level(struct combiner *in, struct event *event, bool *differ)
{
    size_t best = in->setting->level_count;
    uint32_t first = 0;

    for (uint32_t i = 0; i < event->item_count; i++) {
        uint32_t level = event_claim(in->dataset, in->events, event, i)->level;
        size_t rank = setting_level_rank(in->setting, dataset_text(in->dataset, level));

        if (level != 0 && first == 0)
            first = level;
        *differ = *differ || (level != 0 && level != first);
        if (rank < best) {
            best = rank;
            event->level = level;
        }
    }
}

/* What the report says of this visit, else of all its visits. */
static uint32_t purpose_of(const struct combiner *in, const struct claim *claim)
{
    const struct document *document = dataset_at(in->dataset, claim->document);

    return claim->purpose != 0 ? claim->purpose : dataset_report(in->dataset, document)->purpose;
}

static void combine_purpose(struct combiner *in, struct event *event, bool *differ)
{
    struct slice winner = in->setting->cooperative;
    uint32_t first = 0;

    for (uint32_t i = 0; i < event->item_count; i++) {
        uint32_t name = purpose_of(in, event_claim(in->dataset, in->events, event, i));
        struct slice purpose = dataset_text(in->dataset, name);

        if (name != 0 && first == 0)
            first = name;
        *differ = *differ || (name != 0 && name != first);
        event->cooperative = event->cooperative || slice_equal(purpose, winner);
        /* Of purposes that do not win, the smallest text: no order of arrival in it. */
        if (name != 0 && (event->purpose == 0 ||
                          slice_compare(purpose, dataset_text(in->dataset, event->purpose)) < 0))
            event->purpose = name;
    }
    if (event->cooperative)
        event->purpose = strings_put(in->dataset->strings, winner);
}

/* Any other word ranks with rules; 0 is nobody. Of equal rank the smaller text wins. */
static int decider_rank(struct slice decided_by)
{
    return slice_equal(decided_by, SLICE("llm"))     ? 3
           : slice_equal(decided_by, SLICE("model")) ? 2
                                                     : decided_by.size > 0;
}

static bool decides_before(struct slice a, struct slice b)
{
    int x = decider_rank(a), y = decider_rank(b);

    return x != y ? x > y : x > 0 && slice_compare(a, b) < 0;
}

/* The most expensive that had a part in it: a reader asks first where a model spoke. */
static void combine_decider(struct combiner *in, struct event *event)
{

    for (uint32_t i = 0; i < event->item_count; i++) {
        const struct claim *claim = event_claim(in->dataset, in->events, event, i);
        const struct document *document = dataset_at(in->dataset, claim->document);
        uint32_t name = dataset_ruling(in->dataset, document).decided_by;

        if (decides_before(dataset_text(in->dataset, name),
                           dataset_text(in->dataset, event->decided_by)))
            event->decided_by = name;
    }
}

/* Sites of all copies of the event's reports. The copies count here, though they tell nothing new:
 * that a side's own site carries the report is what is asked. */
static void combine_reporters(struct combiner *in, struct event *event)
{
    uint32_t previous = UINT32_MAX;

    for (uint32_t i = 0; i < event->item_count; i++) {
        uint32_t document = event_claim(in->dataset, in->events, event, i)->document;
        const struct group *group = &in->groups->groups[in->group_of[document]];

        if (document == previous)
            continue;
        previous = document; /* items are by rank: a document's stand together */
        event->reports++;
        for (uint32_t m = 0; m < group->count; m++) {
            uint32_t city =
                dataset_at(in->dataset, in->groups->members[group->first + m])->site_city;

            if (city != 0 && city == in->city_text[event->origin])
                event->reporters |= REPORTER_ORIGIN;
            if (city != 0 && city == in->city_text[event->host])
                event->reporters |= REPORTER_HOST;
        }
    }
}

static enum status combine_one(struct combiner *in, const struct cluster_event *cluster,
                               struct error *err)
{
    struct event *event = rows_add(&in->events->events);
    const struct setting *setting = in->setting;
    bool differ = false;

    if (event == NULL)
        return rows_status(&in->events->events, "events", err);
    event->origin = cluster->origin;
    event->host = cluster->host;
    event->day = cluster->day;
    event->ordinal = cluster->ordinal;
    event->source = (uint8_t) cluster->source;
    event->first_item = cluster->first;
    event->item_count = cluster->count;
    event->id = event_identity(setting->cities[event->origin].name,
                               setting->cities[event->host].name, event->day, event->ordinal);
    combine_level(in, event, &differ);
    combine_purpose(in, event, &differ);
    combine_decider(in, event);
    combine_reporters(in, event);
    in->events->disagreeing += differ;
    return combine_sets(in, event, err);
}

/* Cities are compared with sites as numbers of texts; a site without a city has 0, which is
 * therefore no city's. */
static bool prepare(struct combiner *in)
{
    in->group_of = groups_by_document(in->dataset, in->groups);
    in->city_text = calloc(in->setting->city_count + 1U, sizeof *in->city_text);
    for (uint32_t i = 0; in->city_text != NULL && i < in->setting->city_count; i++)
        in->city_text[i] = strings_find(in->dataset->strings, in->setting->cities[i].name);
    for (int i = 0; i < UNION_FIELDS; i++)
        textset_init(&in->sets[i]);
    buf_init(&in->joined, JOINED_MAX);
    return in->group_of != NULL && in->city_text != NULL;
}

enum status event_combine(const struct event_source *source, const struct rows *clusters,
                          struct events *events, struct error *err)
{
    struct combiner in = {.dataset = source->dataset,
                          .groups = source->groups,
                          .setting = source->setting,
                          .events = events};
    enum status status =
        prepare(&in) ? STATUS_OK : error_set(err, STATUS_NOMEM, "no memory to combine reports");

    for (size_t i = 0; status == STATUS_OK && i < clusters->count; i++)
        status = combine_one(&in, rows_at(clusters, i), err);
    for (int i = 0; i < UNION_FIELDS; i++)
        textset_fini(&in.sets[i]);
    buf_fini(&in.joined);
    free(in.group_of);
    free(in.city_text);
    return status == STATUS_OK ? strings_status(source->dataset->strings, err) : status;
}
