/*
 * role: what every worker program opens before it works: the bus, its job's study, its share of
 * the partitions.
 *
 * Waits    role_open waits up to ROLE_WAIT_MS for the bus to answer and for the job to stand in
 *          `control`, so that programs may be started in any order.
 * Share    Worker I of N takes the partitions p with p mod N = I of each of its logs.
 * Memory   A role owns all it returns; role_close frees it, NULL is fine.
 * Threads  One thread.
 */
#ifndef XUNFANG_STUDY_ROLE_H
#define XUNFANG_STUDY_ROLE_H

#include "base/daemon.h"
#include "study/catalog.h"
#include "study/study.h"
#include "study/topics.h"

enum { ROLE_WAIT_MS = 30000, ROLE_INPUTS_MAX = 4096 };

struct role {
    const struct daemon_settings *settings;
    struct bus *bus;
    struct catalog *catalog;
    const struct catalog_run *run; /* of settings->job and settings->run */
    struct study *study;           /* that run's */
    struct topic_name topics[TOPIC_KINDS]; /* as catalog_topic says */
    struct bus_partition *inputs; /* what role_take has gathered */
    size_t input_count;
};

/* `client` names this process on the bus. STATUS_NOT_FOUND: no such job or run. */
CHECKED enum status role_open(const struct daemon_settings *settings, const char *client,
                              struct role **role, struct error *err);
void role_close(struct role *role);

/* The study of any run, from the files that stand with it in `control`; the caller destroys it. */
CHECKED enum status role_load_study(const struct catalog_run *run, struct study **study,
                                    struct error *err);

/* Adds our share of a log's partitions to the inputs; `everything` takes all of them. */
CHECKED enum status role_take(struct role *role, enum topic_kind kind, bool everything,
                              struct error *err);

/* The path DATA/state/NAME-JOB.RUN-INDEX of a fold's store, without job and run unless the kind of
 * fold is one run's (`per_run`); the folder is created. */
CHECKED enum status role_state_path(const struct role *role, const char *name, bool per_run,
                                    struct buf *path, struct error *err);

#endif
