/*
 * role: what every worker program opens before it works: the bus, its job's study, its share of
 * the partitions.
 *
 * Run      ROLE_RUN works for one run, --job and --run. role_open waits up to ROLE_WAIT_MS for the
 *          bus to answer and for the run to stand in `control`, so that programs may be started in
 *          any order. A run whose pins this build lacks is refused (study/pins.h).
 * Cluster  ROLE_CLUSTER (frontier, crawler) serves every job of a bus with groups; --job is ignored
 *          there, `run` and `study` are NULL, and only the cluster's topics (urls, leases, control)
 *          are named. It waits as long as it takes for the first submission. On a bus without
 *          groups it is a ROLE_RUN.
 * Steward  ROLE_STEWARD opens bus and catalogue and waits for nothing.
 * Share    On a bus with groups every worker names all partitions of its logs, and the group gives
 *          it some. Else worker I of N takes the partitions p with p mod N = I.
 * Node     study/node.h: with stage and index it names a place on the cluster.
 * Memory   A role owns all it returns; role_close frees it, NULL is fine.
 * Threads  One thread.
 */
#ifndef XUNFANG_STUDY_ROLE_H
#define XUNFANG_STUDY_ROLE_H

#include "base/daemon.h"
#include "study/catalog.h"
#include "study/node.h"
#include "study/study.h"
#include "study/topics.h"

enum { ROLE_WAIT_MS = 30000, ROLE_INPUTS_MAX = 4096, ROLE_CLIENT_MAX = 128 };

struct role {
    const struct daemon_settings *settings;
    struct bus *bus;
    struct catalog *catalog;
    const struct catalog_run *run; /* of settings->job and settings->run; NULL: the cluster's */
    struct study *study;           /* that run's, or NULL */
    struct topic_name topics[TOPIC_KINDS]; /* as catalog_topic says; "" if a run is needed */
    struct bus_partition *inputs;          /* what role_take has gathered */
    size_t input_count;
    bool groups;                  /* the bus gives out partitions by itself */
    char node[NODE_NAME_SIZE];    /* "3fa94c01" */
    char client[ROLE_CLIENT_MAX]; /* "classifier-3fa94c01-0" */
};

enum role_reach { ROLE_RUN, ROLE_CLUSTER, ROLE_STEWARD };

struct role_options {
    const struct daemon_settings *settings;
    const char *name; /* of the program: "classifier" */
    enum role_reach reach;
    struct bus *bus; /* open already, the role's even if it fails; NULL: settings->bus is opened */
    /* Asked now and then while role_open waits for a cluster without end; false: give up. NULL:
     * never. */
    bool (*go_on)(void *self);
    void *self;
};

/* STATUS_NOT_FOUND: no such job or run. STATUS_UNSUPPORTED: this build lacks what the run was
 * pinned to. STATUS_AGAIN: gave up waiting, as go_on said. */
CHECKED enum status role_open(const struct role_options *options, struct role **role,
                              struct error *err);
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
