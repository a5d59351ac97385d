/*
 * fetcher: the effect over `leases`: sends what a lease allows, logs what comes back.
 *
 * At once  Many leases, one request at a time in each; all on one thread.
 * Logs     JOB.pages gets the answer of a final outcome, JOB.RUN.documents the article read from
 *          it, `urls` the lease's result, in this order of acknowledgement.
 * Drain    Nothing new is sent; requests under way have FETCHER_DRAIN_MS to end.
 * Crash    A lease that was begun and has no result ends by its time; what it had logged is fetched
 *          again and has the same ids.
 * Memory   http's limits for bodies; a lease's result is at most RESULT_MAX. Jobs are the caller's.
 * Threads  One: the worker's.
 */
#ifndef XUNFANG_CRAWLER_FETCHER_H
#define XUNFANG_CRAWLER_FETCHER_H

#include "base/worker.h"
#include "crawler/crawl_job.h"

struct fetcher;

enum { FETCHER_LEASES = 256, FETCHER_DRAIN_MS = 5000 };

struct fetcher_options {
    const struct clock *clock;
    const struct crawl_job *(*find_job)(void *self, struct slice job);
    void *self;
    size_t max_body_bytes; /* of all bodies in memory; 0: 48 MiB */
};

extern const struct effect_stage fetcher_stage;

CHECKED enum status fetcher_create(const struct fetcher_options *options, struct fetcher **fetcher,
                                   struct error *err);
/* The worker that runs the stage; before its first step. */
void fetcher_set_worker(struct fetcher *fetcher, struct worker *worker);
/* Aborts what is under way. NULL is fine. Before the bus is closed; the worker may be gone. */
void fetcher_destroy(struct fetcher *fetcher);

#endif
