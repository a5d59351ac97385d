/*
 * frontier_count: how much each job has had, and how much it may have. Private to the frontier.
 *
 * Counters  A job has a set of them on each partition of `urls`, kept in the state under both, so
 *           that they go where the partition goes and always say what its log says.
 * Limit     max_requests. Where partitions stay (one machine) this process's part of it is for all
 *           of its partitions together. Where they move (`shared`) each partition has its own even
 *           part, whoever owns it: so the limit holds over the cluster without a word between
 *           frontiers, but a job whose requests go to few hosts may come to a stop below it.
 * Leases    Half of the leases that may be under way are for anybody; beyond that each job that has
 *           something open, and may go on, may hold its even part.
 * Memory    A job's counters stay; read from the state when first asked for.
 */
#ifndef XUNFANG_CRAWLER_FRONTIER_COUNT_H
#define XUNFANG_CRAWLER_FRONTIER_COUNT_H

#include "crawler/frontier_core.h"

struct job_tally {
    uint64_t requests; /* sent */
    uint64_t leased;
    uint64_t known[2]; /* lists, articles */
    uint64_t final[2];
};

struct job_count {
    char name[HOST_JOB_MAX];
    size_t leases; /* under way, on hosts that are ours */
    struct job_tally parts[];
};

CHECKED enum status frontier_count(struct frontier *frontier, struct slice job,
                                   struct job_count **count, struct error *err);
/* Writes the counters of one partition. */
void frontier_count_save(struct frontier *frontier, const struct job_count *count, uint32_t part);
/* Over the partitions that are ours. */
struct job_tally frontier_count_sum(const struct frontier *frontier, const struct job_count *count);
/* The next job of *cursor (0 at first); NULL after the last. */
struct job_count *frontier_count_next(const struct frontier *frontier, size_t *cursor);
void frontier_count_no_leases(struct frontier *frontier);
void frontier_count_forget(struct frontier *frontier);

/* Requests that the job may still have on this partition. */
uint64_t frontier_count_left(const struct frontier *frontier, const struct job_count *count,
                             const struct crawl_job *job, uint32_t part);
/* Has max_requests brought it to a stop, here or on all that is ours? */
bool frontier_count_spent(const struct frontier *frontier, const struct job_count *count,
                          const struct crawl_job *job);
/* May the job have one more lease, as far as leases are scarce? */
bool frontier_count_fair(struct frontier *frontier, const struct job_count *count);

#endif
