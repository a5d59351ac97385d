/*
 * submit_command: `xunfang submit JOB.yaml`: puts a job on a bus and starts no worker.
 *
 * Cluster  Its frontiers, crawlers and stewards (study/steward.h) take the job up within seconds.
 * Local    The logs lie in --data, which is made if need be; `xunfang run` with the same job works.
 * Again    Submitting the same job again completes what a first try left, and changes nothing.
 * Counts   --partitions is of this job's logs, --url-partitions of urls and leases, which the first
 *          job of a bus decides for all. On a cluster SUBMIT_CLUSTER_PARTITIONS unless given: the
 *          most workers of one kind that can share a job.
 */
#ifndef XUNFANG_CLI_SUBMIT_COMMAND_H
#define XUNFANG_CLI_SUBMIT_COMMAND_H

#include "cli/bus_place.h"
#include "cli/submit.h"

enum {
    SUBMIT_LOCAL_PARTITIONS = 4,
    SUBMIT_CLUSTER_PARTITIONS = 16,
    SUBMIT_PARTITIONS_MAX = 1024,
};

int submit_command(int argc, char **argv);

/* As options of a command line gave them; 0: what fits the bus. */
struct submit_counts {
    uint64_t partitions;
    uint64_t url_partitions;
};

/* STATUS_USAGE: out of range. */
CHECKED enum status submit_choose_counts(const struct submit_counts *given,
                                         const struct bus_place *place,
                                         struct submit_options *options, struct error *err);

#endif
