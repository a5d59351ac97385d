/*
 * results: everything the outputs print, computed once from a dataset and a setting.
 *
 * Order   dataset_finish → duplicates → decisions → events → lists, funnel → networks → measures →
 *         sensitivity.
 * Pure    Equal sets of records and equal settings give equal results, whatever the order of the
 *         records.
 * Memory  results_compute takes the dataset and the setting over; results_fini frees both. On
 *         failure they stay the caller's.
 */
#ifndef XUNFANG_AGGREGATOR_RESULTS_H
#define XUNFANG_AGGREGATOR_RESULTS_H

#include "aggregator/decisions.h"
#include "aggregator/funnel.h"
#include "aggregator/measures.h"

struct results {
    struct setting setting;
    struct dataset *dataset;
    struct groups groups;
    struct events events;
    struct lists lists;
    struct funnel funnel;
    struct decisions decisions;
    struct network networks[NETWORK_KINDS];
    struct measures measures[NETWORK_KINDS];
    struct network by_department; /* all events, origin department in the key */
    size_t department_events;
    uint64_t deciders[DECIDERS]; /* events by what decided */
    uint64_t date_sources[3];    /* events by enum date_source */
    uint64_t not_fetched;        /* articles that came to another end than ok */
    uint64_t dead;               /* counted documents whose outcome is dead */
};

CHECKED enum status results_compute(struct dataset *dataset, const struct setting *setting,
                                    struct results *results, struct error *err);
void results_fini(struct results *results);

/* Incomplete and blocked lists and dead documents: what exit status 3 is about. */
uint64_t results_gaps(const struct results *results);
/* Short name of a city. */
struct slice results_city(const struct results *results, uint32_t city);

#endif
