/*
 * frontier_lease: a lease in the making: what goes in, how it is stored and sent. Private to the
 * frontier.
 *
 * Picks   robots.txt requests first and alone; else list pages and articles in turn, oldest first,
 *         each asked of robots.txt. What is refused there gets its verdict on the way.
 * Stored  with the tick's batch, sent behind it (fold_send): a lease that was sent is known, one
 *         that was only stored ends by its time.
 * Limits  SCAN_MAX queued requests are looked at for one lease.
 * Memory  The picks live in the arena of the tick.
 */
#ifndef XUNFANG_CRAWLER_FRONTIER_LEASE_H
#define XUNFANG_CRAWLER_FRONTIER_LEASE_H

#include "crawler/courtesy.h"
#include "crawler/frontier_core.h"

enum { SCAN_MAX = 1024 };

/* A lease in the making. */
struct draft {
    struct host *host;
    const struct crawl_job *job;
    struct url_ref picks[COURTESY_K_MAX];
    size_t count;
    size_t limit;
    size_t scanned;
    int64_t delay_ms;
    bool robots;  /* the picks are robots.txt requests */
    bool waiting; /* it is the job's turn, but not yet the host's time */
};

/* How many requests fit, by the draft's delay. */
size_t frontier_batch(const struct draft *draft);
/* Fills the picks, at most `limit`; none may be found. */
CHECKED enum status frontier_pick(struct frontier *frontier, struct draft *draft,
                                  struct error *err);
/* Stores and sends the lease of a draft that has picks. */
CHECKED enum status frontier_grant(struct frontier *frontier, struct draft *draft,
                                   struct error *err);

#endif
