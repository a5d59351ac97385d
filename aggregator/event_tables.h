/*
 * event_tables: events.csv, events.jsonl and reports.csv.
 *
 * Rows     One an event, in the order of events.h; lists joined by '|' in CSV, arrays in JSON.
 * Jsonl    The members of events.csv under the same names, null where unknown, and `report_ids`:
 *          the documents that tell of the event.
 * Reports  One row a document that tells of an event: its role is `report`, or `copy` for equal
 *          content under another URL, which adds to reported_by only. `day` is what this report
 *          says.
 */
#ifndef XUNFANG_AGGREGATOR_EVENT_TABLES_H
#define XUNFANG_AGGREGATOR_EVENT_TABLES_H

#include "aggregator/results.h"

void table_events_csv(const struct results *results, struct buf *out);
void table_events_jsonl(const struct results *results, struct buf *out);
void table_reports_csv(const struct results *results, struct buf *out);

/* The fields of events.csv in order, for both forms and for the database. */
enum { EVENT_FIELDS = 18 };
extern const char *const event_field_names[EVENT_FIELDS];

struct event_fields {
    struct slice texts[EVENT_FIELDS]; /* empty: unknown */
    char id[ID_TEXT_SIZE];
    char trip[ID_TEXT_SIZE];
    char date[CIVIL_TEXT_SIZE];
    char reports[24];
};

/* Texts point into `fields` and into the results: do not move it. */
void event_fields_fill(const struct results *results, const struct event *event,
                       struct event_fields *fields);
/* Is this field a list, a number? */
bool event_field_is_list(size_t field);
bool event_field_is_number(size_t field);

/* What reports.csv says of one document. */
struct report_row {
    const struct event *event;
    const struct document *document;
    const struct claim *claim; /* of the speaker */
    bool copy;
};

/* Calls for every row of reports.csv in order; a false answer ends it. */
bool event_reports_walk(const struct results *results,
                        bool (*on_row)(void *self, const struct report_row *row), void *self);

#endif
