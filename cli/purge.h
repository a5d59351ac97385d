/*
 * purge: `xunfang purge JOB --yes`: deletes a job's logs, for good.
 *
 * Asks     Without --yes it only lists what would go, and ends with status 2.
 * Order    A word in `control` (nobody works on it from then on) → wait until workers have let go,
 *          if there may be any: PURGE_WAIT_MS after they were told → delete. Cut off anywhere, the
 *          same command goes on.
 * Goes     The job's pages, answers, and every run's documents, visits, reports; with --run those
 *          of one replay, unless another run reads them.
 * Stays    Its records in urls and leases, which are all jobs', so its name is never given again;
 *          its lines in `control`; what single machines keep in their --data.
 * Prints   A line a log: its name, partitions and records.
 */
#ifndef XUNFANG_CLI_PURGE_H
#define XUNFANG_CLI_PURGE_H

#include "study/catalog.h"

enum { PURGE_WAIT_MS = 15000, PURGE_LOGS_MAX = 2 + 3 * CATALOG_RUNS_MAX };

int purge_command(int argc, char **argv);

struct purge_logs {
    struct topic_name *names; /* PURGE_LOGS_MAX places of the caller's */
    size_t count;
};

/* The logs that go with the job, or with one run of it (`run` not ""). STATUS_USAGE: that run is no
 * replay, or another one reads its logs. */
CHECKED enum status purge_plan(const struct catalog *catalog, const char *job, const char *run,
                               struct purge_logs *logs, struct error *err);
/* How long, at wall clock `now_ms`, until nobody works on these runs any more. */
int64_t purge_wait(const struct catalog *catalog, const char *job, const char *run, int64_t now_ms);

#endif
