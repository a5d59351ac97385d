/*
 * compare: what two runs of one job made of the same documents.
 *
 * Documents  Those that count in both runs, by id: how each ended (the reasons of funnel.h) in the
 *            first and in the second; of those that are events in both, whether themes, purpose or
 *            the events told differ. Evidence and who decided are not compared.
 * Events     By identity (origin, host, day, ordinal): in both, in one only; of those in both,
 *            whether themes, purpose (cooperative or not) or level differ.
 * Pairs      Ordered pairs of cities whose number of visits differs, largest difference first, then
 *            by the cities' codes.
 * Cities     Must be the same in both runs: STATUS_INVALID.
 * Memory     compare_fini frees; names point into the results, which must outlive it.
 */
#ifndef XUNFANG_AGGREGATOR_COMPARE_H
#define XUNFANG_AGGREGATOR_COMPARE_H

#include "aggregator/results.h"

enum { FIRST, SECOND, COMPARED };

struct pair_change {
    uint32_t origin; /* cities of the setting */
    uint32_t host;
    uint32_t visits[COMPARED];
};

struct comparison {
    const struct results *results[COMPARED];
    uint64_t documents;                /* that count in both */
    uint64_t documents_only[COMPARED]; /* that count in one */
    uint64_t ends[REASONS][REASONS];   /* documents by reason in the first and in the second */
    uint64_t other_end;
    uint64_t other_themes;
    uint64_t other_purpose;
    uint64_t other_events;
    uint64_t documents_differing; /* in any of these */
    uint64_t events;              /* in both */
    uint64_t events_only[COMPARED];
    uint64_t event_themes; /* events in both that differ in … */
    uint64_t event_purpose;
    uint64_t event_level;
    struct rows pairs; /* struct pair_change */
};

/* STATUS_NOMEM, STATUS_INVALID. On failure nothing need be freed. */
CHECKED enum status compare_results(const struct results *first, const struct results *second,
                                    struct comparison *comparison, struct error *err);
void compare_fini(struct comparison *comparison);
/* Is there no difference at all? */
bool compare_same(const struct comparison *comparison);

#endif
