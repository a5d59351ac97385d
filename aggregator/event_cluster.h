/*
 * event_cluster: which reports tell of one event. A function of the set of reports.
 *
 * Rule     Per directed pair of cities: 1. Reports with a day: one event a day (and origin
 *          department, if the key has it). 2. A report without a day but with a publish date has
 *          the imputed day publish − lag. In the order of rank it joins the dated event nearest to
 *          its imputed day among those whose day lies in [publish − before, publish + after] (ties:
 *          the earlier day) and whose origin departments fit. 3. Those left over chain, in the
 *          order of rank, while neighbouring publish dates are at most chain_days apart; the
 *          event's day is the first's imputed day. 4. Without day and publish date: an event of its
 *          own, without a day.
 * Fit      A report fits a dated event if it names no department, or some dated report of the event
 *          names none, or one that shares a member with it. A department is a set of members: a
 *          delegation of 市委、市政府 is both. Only the visiting side's are compared: hosts name
 *          different receivers of one visit.
 * Ordinal  Events of one pair and day are numbered from 0: dated ones first, then chains, then
 *          those without a day in the order of rank. With the key it makes the event's identity.
 * Input    Items in any order; (rank, ordinal in the report) must tell them apart. Cities and
 *          departments are numbers that are only compared; department 0 is unknown.
 */
#ifndef XUNFANG_AGGREGATOR_EVENT_CLUSTER_H
#define XUNFANG_AGGREGATOR_EVENT_CLUSTER_H

#include "aggregator/rows.h"
#include "base/util/civil.h"

enum date_source { DATE_TEXT, DATE_IMPUTED, DATE_NONE };

struct cluster_item {
    uint32_t origin;
    uint32_t host;
    int32_t day;           /* CIVIL_NONE: none */
    int32_t published;     /* CIVIL_NONE: none */
    uint32_t rank;         /* of the report, by (publish date, URL) */
    uint32_t ordinal;      /* within the report */
    uint32_t origin_dept;  /* as a whole: for the key */
    uint32_t member_first; /* members of the origin department, in rule->members … */
    uint32_t member_count; /* … none: unknown */
    uint32_t claim;        /* the caller's */
    uint32_t event;        /* result: index into the events */
};

struct cluster_event {
    uint32_t origin;
    uint32_t host;
    int32_t day; /* CIVIL_NONE for DATE_NONE */
    enum date_source source;
    uint32_t ordinal;
    uint32_t key_dept; /* origin department, if the key has it */
    uint32_t first;    /* its items: items[first … first + count - 1], by rank */
    uint32_t count;
};

struct cluster_rule {
    int32_t lag_days;
    int32_t before_days;
    int32_t after_days;
    int32_t chain_days;
    bool department_in_key;
    const uint32_t *members; /* numbers that are only compared; may be NULL if no item has any */
};

/* Sorts `items` by event; `events` is an initialised rows of struct cluster_event and is
 * appended to. */
CHECKED enum status event_cluster(struct cluster_item *items, size_t count,
                                  const struct cluster_rule *rule, struct rows *events,
                                  struct error *err);

#endif
