#include "aggregator/event_tables.h"

#include "aggregator/csv.h"
#include "base/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIELD_REPORTS = 14 };

const char *const event_field_names[EVENT_FIELDS] = {
    "event_id",    "origin",  "host",        "date",       "date_source",    "level",
    "themes",      "purpose", "origin_dept", "host_dept",  "visitor_titles", "host_titles",
    "reported_by", "trip_id", "reports",     "decided_by", "model",          "codebook"};

bool event_field_is_list(size_t field)
{
    static const bool lists[EVENT_FIELDS] = {
        [6] = true, [8] = true, [9] = true, [10] = true, [11] = true, [16] = true};

    return lists[field];
}

bool event_field_is_number(size_t field)
{
    return field == FIELD_REPORTS;
}

/* One place says what an event prints; CSV, JSON and checks follow. */
void event_fields_fill(const struct results *results, const struct event *event,
                       struct event_fields *fields)
{
    const struct dataset *dataset = results->dataset;
    size_t i = 0;

    (void) snprintf(fields->reports, sizeof fields->reports, "%u", event->reports);
    fields->texts[i++] = slice_from(id_text(event->id, fields->id));
    fields->texts[i++] = results_city(results, event->origin);
    fields->texts[i++] = results_city(results, event->host);
    fields->texts[i++] = slice_from(civil_text(event->day, fields->date));
    fields->texts[i++] = slice_from(date_source_text((enum date_source) event->source));
    fields->texts[i++] = dataset_text(dataset, event->level);
    fields->texts[i++] = dataset_text(dataset, event->themes);
    fields->texts[i++] = dataset_text(dataset, event->purpose);
    fields->texts[i++] = dataset_text(dataset, event->origin_dept);
    fields->texts[i++] = dataset_text(dataset, event->host_dept);
    fields->texts[i++] = dataset_text(dataset, event->visitor_titles);
    fields->texts[i++] = dataset_text(dataset, event->host_titles);
    fields->texts[i++] = slice_from(reporters_text(event->reporters));
    fields->texts[i++] = slice_from(id_text(event->trip, fields->trip));
    fields->texts[i++] = slice_from(fields->reports);
    fields->texts[i++] = dataset_text(dataset, event->decided_by);
    fields->texts[i++] = dataset_text(dataset, event->model);
    fields->texts[i++] = results->setting.codebook;
    ENSURE(i == EVENT_FIELDS);
}

void table_events_csv(const struct results *results, struct buf *out)
{
    struct csv csv = {.out = out};
    struct event_fields fields;

    for (size_t i = 0; i < EVENT_FIELDS; i++)
        csv_text(&csv, slice_from(event_field_names[i]));
    csv_end(&csv);
    for (size_t e = 0; e < events_count(&results->events); e++) {
        event_fields_fill(results, events_at(&results->events, e), &fields);
        for (size_t i = 0; i < EVENT_FIELDS; i++)
            csv_text(&csv, fields.texts[i]);
        csv_end(&csv);
    }
}

/* ---- jsonl ---- */

static void put_array(struct buf *out, struct slice joined)
{
    bool first = true;

    buf_putc(out, '[');
    while (joined.size > 0) {
        if (!first)
            buf_putc(out, ',');
        first = false;
        json_put_text(out, slice_split(&joined, '|'));
    }
    buf_putc(out, ']');
}

static void put_member(struct buf *out, size_t field, struct slice text)
{
    buf_puts(out, field == 0 ? "{" : ",");
    json_put_text(out, slice_from(event_field_names[field]));
    buf_putc(out, ':');
    if (event_field_is_list(field))
        put_array(out, text);
    else if (event_field_is_number(field))
        buf_append(out, text);
    else
        json_put_text(out, text.size > 0 ? text : (struct slice){NULL, 0});
}

static void put_report_ids(const struct results *results, const struct event *event,
                           struct buf *out)
{
    uint32_t previous = UINT32_MAX;
    char id[ID_TEXT_SIZE];

    buf_puts(out, ",\"report_ids\":[");
    for (uint32_t i = 0; i < event->item_count; i++) {
        uint32_t document = event_claim(results->dataset, &results->events, event, i)->document;

        if (document == previous)
            continue;
        if (previous != UINT32_MAX)
            buf_putc(out, ',');
        previous = document;
        json_put_text(out, slice_from(id_text(dataset_at(results->dataset, document)->id, id)));
    }
    buf_puts(out, "]}\n");
}

void table_events_jsonl(const struct results *results, struct buf *out)
{
    struct event_fields fields;

    for (size_t e = 0; e < events_count(&results->events); e++) {
        const struct event *event = events_at(&results->events, e);

        event_fields_fill(results, event, &fields);
        for (size_t i = 0; i < EVENT_FIELDS; i++)
            put_member(out, i, fields.texts[i]);
        put_report_ids(results, event, out);
    }
}

/* ---- reports ---- */

struct walk {
    const struct results *results;
    const uint32_t *group_of;
    bool (*on_row)(void *self, const struct report_row *row);
    void *self;
};

/* The speaker first, then who copied it. */
static bool walk_copies(const struct walk *walk, const struct event *event,
                        const struct claim *claim)
{
    const struct groups *groups = &walk->results->groups;
    const struct group *group = &groups->groups[walk->group_of[claim->document]];

    for (uint32_t i = 0; i < group->count; i++) {
        struct report_row row = {
            event, dataset_at(walk->results->dataset, groups->members[group->first + i]), claim,
            i > 0};

        if (!walk->on_row(walk->self, &row))
            return false;
    }
    return true;
}

/* Items are by rank, so claims of one document in an event stand together: it is one row. */
static bool walk_event(const struct walk *walk, const struct event *event)
{
    uint32_t previous = UINT32_MAX;

    for (uint32_t i = 0; i < event->item_count; i++) {
        const struct claim *claim =
            event_claim(walk->results->dataset, &walk->results->events, event, i);

        if (claim->document == previous)
            continue;
        previous = claim->document;
        if (!walk_copies(walk, event, claim))
            return false;
    }
    return true;
}

bool event_reports_walk(const struct results *results,
                        bool (*on_row)(void *self, const struct report_row *row), void *self)
{
    uint32_t *group_of = groups_by_document(results->dataset, &results->groups);
    struct walk walk = {results, group_of, on_row, self};
    bool more = group_of != NULL;

    for (size_t i = 0; more && i < events_count(&results->events); i++)
        more = walk_event(&walk, events_at(&results->events, i));
    free(group_of);
    return more;
}

struct report_writer {
    struct csv csv;
    const struct results *results;
};

static bool put_report(void *self, const struct report_row *row)
{
    struct report_writer *writer = self;
    const struct dataset *dataset = writer->results->dataset;
    char id[ID_TEXT_SIZE];

    csv_text(&writer->csv, slice_from(id_text(row->event->id, id)));
    csv_text(&writer->csv, slice_from(id_text(row->document->id, id)));
    csv_text(&writer->csv, dataset_text(dataset, row->document->url));
    csv_text(&writer->csv, dataset_text(dataset, row->document->site_city));
    csv_day(&writer->csv, row->document->date);
    csv_text(&writer->csv, row->copy ? SLICE("copy") : SLICE("report"));
    csv_day(&writer->csv, row->claim->day);
    csv_text(&writer->csv, dataset_text(dataset, row->claim->evidence));
    csv_end(&writer->csv);
    return writer->csv.out->failure == STATUS_OK;
}

void table_reports_csv(const struct results *results, struct buf *out)
{
    struct report_writer writer = {
        csv_begin(out, "event_id,document_id,url,site_city,published,role,day,evidence"), results};

    if (!event_reports_walk(results, put_report, &writer) && out->failure == STATUS_OK)
        out->failure = STATUS_NOMEM;
}
