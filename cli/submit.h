/*
 * submit: puts a job on a bus: its logs, its files, its seeds.
 *
 * Steps    topics → Cluster (once a bus) → JobSubmitted with every file → seeds in `urls` →
 *          JobSeeded. Each step is skipped where the log already has it, and seeds have known ids,
 *          so a submission cut off anywhere is completed by the next.
 * Same     A job that stands on the bus must be submitted with the same files: STATUS_INVALID names
 *          the first that differs. STATUS_USAGE: the run is a replay (cli/submit_replay.h).
 *          STATUS_INVALID too: it was cancelled, or its name was purged.
 * Threads  The bus's.
 */
#ifndef XUNFANG_CLI_SUBMIT_H
#define XUNFANG_CLI_SUBMIT_H

#include "base/bus/bus.h"
#include "study/study.h"

struct submit_options {
    const char *run;
    uint32_t url_partitions; /* of urls and leases, if the bus has no Cluster record yet */
    uint32_t partitions;     /* of pages, documents, visits and reports of this job */
};

CHECKED enum status submit_job(struct bus *bus, const struct study *study,
                               const struct submit_options *options, struct error *err);

#endif
