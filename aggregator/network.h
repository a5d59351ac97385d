/*
 * network: visits between cities as a matrix of counts.
 *
 * Filled  network_fill counts the events that pass a filter; a filter's unset parts let everything
 *         through. W_ij is the number of events from i to j.
 * Kinds   all; cooperative: events so coded; learning: events with another purpose. An event
 *         without a known purpose is in `all` only.
 * Size    cities² × 4 bytes.
 */
#ifndef XUNFANG_AGGREGATOR_NETWORK_H
#define XUNFANG_AGGREGATOR_NETWORK_H

#include "aggregator/events.h"

enum network_kind { NETWORK_ALL, NETWORK_COOPERATIVE, NETWORK_LEARNING, NETWORK_KINDS };

struct network {
    uint32_t cities;
    uint32_t *visits; /* row: origin */
};

struct network_filter {
    enum network_kind kind;
    struct slice theme; /* data NULL: any */
    struct slice level; /* data NULL: any */
    int year;           /* of the event's day; 0: any */
    unsigned reporters; /* at least these sides reported it; 0: any */
};

/* All counts 0. STATUS_NOMEM. */
CHECKED enum status network_create(uint32_t cities, struct network *network, struct error *err);
void network_fini(struct network *network);
void network_clear(struct network *network);
uint32_t network_visits(const struct network *network, uint32_t origin, uint32_t host);
void network_add(struct network *network, uint32_t origin, uint32_t host);

/* Adds the events that pass. */
void network_fill(struct network *network, const struct dataset *dataset,
                  const struct events *events, const struct network_filter *filter);
bool network_takes(const struct dataset *dataset, const struct event *event,
                   const struct network_filter *filter);
/* "all", "cooperative", "learning". */
const char *network_kind_text(enum network_kind kind);
/* Year of a day; 0 for CIVIL_NONE. */
int network_year(int32_t day);

#endif
