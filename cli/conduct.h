/*
 * conduct: one run of a job, from its workers' start to its results.
 *
 * Steps    Start the workers that the run needs → show progress until the run is sealed → drain
 *          them in the order of the pipeline → write the results. A run that is sealed already goes
 *          straight to the results.
 * Signals  A first one drains: STATUS_AGAIN, the same command goes on later. A model server that is
 *          absent, or a bus that does not answer for a moment, ends nothing.
 * State    A run that is paused, cancelled or purged, before or while it is worked on, ends the
 *          work: its workers drain, and the message says what to do.
 * Model    If the job names a language model, progress and the end tell what it was asked.
 * Results  By `xunfang-results report` as a child process, into `out`; default DATA/out/JOB of the
 *          run main, DATA/out/JOB.RUN of any other.
 * Memory   All members stay the caller's.
 * Threads  One.
 */
#ifndef XUNFANG_CLI_CONDUCT_H
#define XUNFANG_CLI_CONDUCT_H

#include "cli/session.h"
#include "study/catalog.h"
#include "study/study.h"

enum { CONDUCT_DRAIN_MS = 10000, CONDUCT_REFRESH_MS = 1000 };

struct conduct {
    struct session *session;
    const struct study *study; /* the run's */
    struct catalog *catalog;
    const struct catalog_run *run; /* of the catalogue */
    uint64_t crawlers;             /* processes; a replay has none */
    uint64_t parsers;              /* processes of a replay that reads the pages again */
    const char *out;               /* NULL: the default */
    bool paused; /* set: max_requests or an operator ended it, with gaps; no failure */
};

/* *exit_status is that of the results' program (EXIT_DONE or EXIT_GAPS, or its failure).
 * STATUS_CLOSED: a worker does not stay up, or `paused`. */
CHECKED enum status conduct_run(struct conduct *conduct, int *exit_status, struct error *err);

#endif
