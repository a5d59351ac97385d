/*
 * submit_run: what submitting a job and submitting a replay of it have in common: the logs of a run
 * and the record that makes it known.
 *
 * Logs     JOB.pages, JOB.answers (one partition, shared by the job's runs) and, of documents,
 *          visits and reports, those that the run writes itself; what it reads from another run
 *          stands there already.
 * Record   JobSubmitted with every file of the study, so that each process everywhere has the same,
 *          and with the versions this build has of what else decides outcomes (study/pins.h).
 * Same     A run that stands on the bus is gone on with only by the same files.
 * Threads  The bus's.
 */
#ifndef XUNFANG_CLI_SUBMIT_RUN_H
#define XUNFANG_CLI_SUBMIT_RUN_H

#include "study/catalog.h"
#include "study/study.h"

struct submit_run {
    const char *run;
    uint32_t partitions;   /* of pages, documents, visits, reports */
    const char *pages_run; /* a replay that reads the pages again: whose crawl; else empty */
    /* A replay: whose logs it reads up to `generation`; empty: its own. */
    const char *documents_run;
    const char *visits_run;
    const char *reports_run;
    uint32_t generation;
};

/* Creates the run's logs that are not there yet. */
CHECKED enum status submit_create_logs(struct bus *bus, const char *job,
                                       const struct submit_run *run, struct error *err);
/* Announces the run in `control`. */
CHECKED enum status submit_announce(struct bus *bus, const struct study *study,
                                    const struct submit_run *run, struct error *err);
/* STATUS_INVALID names the first file that differs from those the run was started with. */
CHECKED enum status submit_check_files(const struct catalog_run *run, const struct study *study,
                                       struct error *err);

#endif
