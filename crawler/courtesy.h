/*
 * courtesy: how long to leave a host alone, as pure functions of times and counts.
 *
 * Clock  A host's clock runs from the end (or abort) of one request to the next send. Leases carry
 *        it from request to request; between leases it stands in the host's slot.
 * Lease  K requests are leased so that they last about COURTESY_SPAN_MS, at most COURTESY_K_MAX.
 *        Nothing is sent from its expiry on; who leased it out waits for the time-out of a request
 *        sent right before and for COURTESY_SKEW_MS between clocks. Back-off All waits grow twofold
 *        from a multiple of the host's delay: a polite crawl is patient, a test farm with 20 ms
 *        does not wait for minutes.
 * Units  Milliseconds, wall clock.
 */
#ifndef XUNFANG_CRAWLER_COURTESY_H
#define XUNFANG_CRAWLER_COURTESY_H

#include "base/util/hash.h"

enum {
    COURTESY_SPAN_MS = 2000,
    COURTESY_K_MAX = 64,
    COURTESY_SLACK_MS = 3000,      /* a lease may take so much longer than planned */
    COURTESY_LEASE_MS = 10 * 1000, /* no lease lives longer */
    COURTESY_AHEAD_MS = 500,       /* a lease is given out so long before its first send */
    COURTESY_SKEW_MS = 1000,
    COURTESY_RETRY_AFTER_MAX_MS = 60 * 60 * 1000,
    COURTESY_PAUSE_MAX_MS = 2 * 60 * 60 * 1000,
    COURTESY_DELAY_MAX_MS = 60 * 60 * 1000, /* a Crawl-delay above it counts as it */
};

/* Requests of a lease: `average_ms` is what one takes on this host. */
unsigned courtesy_batch(int64_t delay_ms, int64_t average_ms);

struct courtesy_lease {
    int64_t not_before_ms;
    int64_t expires_ms;
    int64_t free_ms; /* without a result the requests may be leased again then */
};

struct courtesy_plan {
    int64_t now_ms;
    int64_t ended_ms; /* of the last request there; 0: none yet */
    int64_t delay_ms;
    int64_t average_ms;
    int64_t timeout_ms; /* of one request */
    unsigned count;
};

struct courtesy_lease courtesy_lease(const struct courtesy_plan *plan);

/* When every lease is over that somebody else has granted until `others_ms` by his clock, and the
 * last request of it, which may take `timeout_ms`. */
int64_t courtesy_hold_ms(int64_t others_ms, int64_t timeout_ms);

/* When a request that has failed `attempts` times (≥ 1) is due again after `ended_ms`. The same
 * request gets the same wait everywhere. */
int64_t courtesy_retry_ms(int64_t ended_ms, int64_t delay_ms, unsigned attempts, struct id id);

/* Until when a host rests after its `trouble`-th failure in a row (≥ 1). */
int64_t courtesy_pause_ms(int64_t ended_ms, int64_t delay_ms, unsigned trouble, bool blocked);

/* The new average after a request took `took_ms`. */
int64_t courtesy_average(int64_t average_ms, int64_t took_ms);

#endif
