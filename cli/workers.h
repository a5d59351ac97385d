/*
 * workers: which worker processes a local run has, and their command lines.
 *
 * Order  Started and drained in the order of the pipeline: frontier, crawlers, classifiers,
 *        extractors, aggregator.
 */
#ifndef XUNFANG_CLI_WORKERS_H
#define XUNFANG_CLI_WORKERS_H

#include "cli/supervise.h"

struct workers_plan {
    const char *data;
    const char *job;
    const char *run;
    uint64_t crawlers;
    uint64_t classifiers;
    uint64_t extractors;
    const char *log_level;
};

/* Starts all of them; their indexes in the supervisor follow one another from *first on. */
CHECKED enum status workers_start(struct supervisor *supervisor, const struct workers_plan *plan,
                                  size_t *first, size_t *count, struct error *err);

#endif
