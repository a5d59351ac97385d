/*
 * frontier: the fold over `urls` that knows every request, and the only one that grants leases.
 *
 * Decides  A request's state changes only by records read from `urls` (url_state.h); leases are
 *          soft and lie beside. Links, verdicts and robots.txt answers are emitted to `urls`, for
 *          our own hosts too, and count when they come back.
 * Moves    On a bus with groups partitions of `urls` come and go. A host is granted leases only
 *          while its partition is ours, and not before every lease that another frontier may have
 *          granted is over (frontier_parts.h).
 * Leases   Stored before sent, one per host and connection, as courtesy.h times them; robots.txt of
 *          an origin first. Without a result they end by time alone.
 * Order    First come, first served within a host; list pages and articles take turns, and so do
 *          jobs. What gets fetched in the end depends on none of this: a list goes on or ends by
 *          its own pages alone, and of two ways to a request the one with fewer redirects counts.
 *          Gives up A request after `attempts` failures; a host after `trouble_max` failures in a
 *          row (`blocked_max` if a blocking product answers): then all it has gets a verdict that
 *          says why, for a day.
 * Limits   FRONTIER_HITS hits of one page, leases under way, the job's own limits.
 * Memory   frontier_destroy(NULL) is fine. Jobs are the caller's and outlive the frontier.
 * Threads  One: the worker's.
 */
#ifndef XUNFANG_CRAWLER_FRONTIER_H
#define XUNFANG_CRAWLER_FRONTIER_H

#include "base/worker.h"
#include "crawler/crawl_job.h"

struct frontier;

enum { FRONTIER_HITS = 1000, FRONTIER_HOPS = 5, FRONTIER_TICK_MS = 10 };

struct frontier_options {
    const struct clock *clock;
    /* The job of that name; NULL if there is none: its records are passed over, and counted. */
    const struct crawl_job *(*find_job)(void *self, struct slice job);
    /* Is a NULL of find_job an answer? If not the frontier stops at the record: passed over, it
     * would be lost. NULL: always. */
    bool (*sure)(void *self);
    /* The longest that one request of any job may take, in ms; below 0: nobody can tell now. NULL:
     * as long as any job may ask for. */
    int64_t (*longest_timeout)(void *self);
    void *self;
    uint32_t partitions;  /* of `urls`; 0: 1 */
    bool shared;          /* they move: input I is partition I, and whose it is changes */
    size_t max_leases;    /* under way; 0: 256 */
    unsigned attempts;    /* 0: 5 */
    unsigned trouble_max; /* 0: 9 */
    unsigned blocked_max; /* 0: 5 */
    bool leases_exist;    /* not shared: `leases` is not empty; a lost state waits them out */
};

extern const struct fold_stage frontier_stage;

CHECKED enum status frontier_create(const struct frontier_options *options,
                                    struct frontier **frontier, struct error *err);
void frontier_destroy(struct frontier *frontier);

/* Records that made no sense: of an unknown job, without a URL. For tests and metrics. */
uint64_t frontier_ignored(const struct frontier *frontier);

#endif
