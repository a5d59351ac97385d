/*
 * workers: which worker processes a run on this machine has, and their command lines.
 *
 * Order  Started and drained in the order of the pipeline: frontier, crawlers or parsers,
 *        classifiers, extractors, aggregator.
 * Needed A replay starts only those that write a log of its own (study/catalog.h).
 */
#ifndef XUNFANG_CLI_WORKERS_H
#define XUNFANG_CLI_WORKERS_H

#include "base/supervise.h"
#include "study/catalog.h"

struct workers_plan {
    const char *bus; /* its URL */
    const char *data;
    const struct catalog_run *run;
    uint64_t crawlers;
    uint64_t parsers; /* of a replay that reads the pages again */
    uint64_t classifiers;
    uint64_t extractors;
    const char *log_level;
};

/* Starts all that are needed; their indexes in the supervisor follow one another from *first on. */
CHECKED enum status workers_start(struct supervisor *supervisor, const struct workers_plan *plan,
                                  size_t *first, size_t *count, struct error *err);

#endif
