/*
 * events: the rows of events.csv, combined from the reports that tell of each.
 *
 * Reports   Speakers of groups (duplicates.h) whose outcome passed. Claims with a city that is not
 *           of the setting, or with one city twice, are left out and counted.
 * Combined  level: the highest of the visiting side; themes, departments, titles: the union;
 *           purpose: the winning one if any report says so.
 * Decided   A report is decided by llm if a language model answered anything about it. Of the
 *           event's reports, not of their copies: decided_by is llm if any was decided so, else
 *           model, else another word (the smallest), so `llm` means that a language model had a
 *           part in it; model is the union of all their models, the built-in ones included.
 * Reporter  Sites of the reports and of their copies: origin, host, both, or other.
 * Trip      Events of one origin that a report tells together, at most TRIP_DAYS_MAX days apart (or
 *           one without a day), and what hangs together so: all have the id of the trip's first
 *           event in the order below. An event of no such trip is its own.
 * Identity  event id = hash(origin, host, day, ordinal).
 * Order     By date (none first), origin, host as texts, then ordinal.
 * Memory    Texts of events are numbers in the dataset's strings, which grow here.
 */
#ifndef XUNFANG_AGGREGATOR_EVENTS_H
#define XUNFANG_AGGREGATOR_EVENTS_H

#include "aggregator/duplicates.h"
#include "aggregator/event_cluster.h"
#include "aggregator/setting.h"

enum { TRIP_DAYS_MAX = 7, EVENTS_MAX = 20 * 1000 * 1000 };

enum reporter { REPORTER_ORIGIN = 1 << 0, REPORTER_HOST = 1 << 1 }; /* none of the two: other */

struct event {
    struct id id;
    struct id trip;
    uint32_t origin; /* city of the setting */
    uint32_t host;
    int32_t day;
    uint32_t ordinal;
    uint32_t themes; /* printed sets, like the titles and models */
    uint32_t origin_dept;
    uint32_t host_dept;
    uint32_t visitor_titles;
    uint32_t host_titles;
    uint32_t level; /* text; 0: unknown */
    uint32_t purpose;
    uint32_t decided_by;
    uint32_t model;
    uint32_t first_item; /* its claims: items[first_item …], by rank */
    uint32_t item_count;
    uint32_t reports;  /* distinct documents */
    uint8_t source;    /* enum date_source */
    uint8_t reporters; /* enum reporter */
    bool cooperative;
};

struct events {
    struct rows events; /* struct event, in the order above */
    struct cluster_item *items;
    size_t item_count;
    uint64_t outside;     /* claims with a city outside the setting */
    uint64_t loops;       /* claims of a city's visit to itself */
    uint64_t disagreeing; /* events whose reports differ in purpose or level */
};

/* What events are made from. */
struct event_source {
    struct dataset *dataset;
    const struct groups *groups;
    const struct setting *setting;
    bool department_in_key; /* the sensitivity check of the identity rule */
};

CHECKED enum status events_build(const struct event_source *source, struct events *events,
                                 struct error *err);
void events_fini(struct events *events);
size_t events_count(const struct events *events);
const struct event *events_at(const struct events *events, size_t index);
/* The claim at `item` of the event's claims. */
const struct claim *event_claim(const struct dataset *dataset, const struct events *events,
                                const struct event *event, size_t item);

/* "origin", "host", "both", "other". */
const char *reporters_text(unsigned reporters);
/* "text", "imputed", "none". */
const char *date_source_text(enum date_source source);

#endif
