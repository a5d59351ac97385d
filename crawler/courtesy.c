/*
 * All waits are multiples of the host's delay with a floor and a ceiling: who asked for patience
 * gets more of it, and the same code serves a ministry's site and a farm of test servers. Jitter
 * comes from retry.h, seeded by what waits, so that a rebuilt frontier computes the same times.
 */
#include "crawler/courtesy.h"

#include "base/util/retry.h"

#include <string.h>

enum {
    RETRY_FACTOR = 10, /* first wait, in delays */
    RETRY_FIRST_MIN_MS = 1000,
    RETRY_MAX_MS = 30 * 60 * 1000,
    BLOCKED_FACTOR = 300,
    BLOCKED_FIRST_MIN_MS = 5000,
    AVERAGE_WEIGHT = 8, /* of the past, against 1 for the newest */
};

static int64_t at_least(int64_t value, int64_t floor)
{
    return value < floor ? floor : value;
}

static int64_t at_most(int64_t value, int64_t ceiling)
{
    return value > ceiling ? ceiling : value;
}

unsigned courtesy_batch(int64_t delay_ms, int64_t average_ms)
{
    int64_t each = at_least(delay_ms + average_ms, 1);
    int64_t count = COURTESY_SPAN_MS / each;

    return (unsigned) at_most(at_least(count, 1), COURTESY_K_MAX);
}

struct courtesy_lease courtesy_lease(const struct courtesy_plan *plan)
{
    struct courtesy_lease lease;
    int64_t planned;

    ENSURE(plan->count > 0);
    /* Stored times are cut to milliseconds, so one more must pass for the delay to be whole. */
    lease.not_before_ms = plan->ended_ms == 0
                              ? plan->now_ms
                              : at_least(plan->ended_ms + plan->delay_ms + 1, plan->now_ms);
    /* Twice the plan: a slow page or a busy machine should not cost the rest of the lease. */
    planned = (plan->count - 1) * (plan->delay_ms + plan->average_ms);
    lease.expires_ms = at_most(lease.not_before_ms + 2 * planned + COURTESY_SLACK_MS,
                               plan->now_ms + COURTESY_LEASE_MS);
    lease.free_ms = lease.expires_ms + plan->timeout_ms + COURTESY_SKEW_MS;
    return lease;
}

int64_t courtesy_hold_ms(int64_t others_ms, int64_t timeout_ms)
{
    /* Two differences between clocks: his to ours, and his to the crawler's. */
    return others_ms + COURTESY_LEASE_MS + timeout_ms + 2 * COURTESY_SKEW_MS;
}

/* The count is from 1 here, from 0 there. */
static int64_t wait_ms(int64_t first_ms, int64_t max_ms, unsigned count, uint64_t seed)
{
    struct retry_policy policy = {.first_ms = first_ms, .max_ms = max_ms};

    return retry_wait_ms(&policy, count == 0 ? 0 : count - 1, seed);
}

int64_t courtesy_retry_ms(int64_t ended_ms, int64_t delay_ms, unsigned attempts, struct id id)
{
    int64_t first =
        at_least(RETRY_FACTOR * at_most(delay_ms, COURTESY_DELAY_MAX_MS), RETRY_FIRST_MIN_MS);
    uint64_t seed;

    memcpy(&seed, id.bytes, sizeof seed);
    return ended_ms + wait_ms(first, at_least(RETRY_MAX_MS, first), attempts, seed);
}

int64_t courtesy_pause_ms(int64_t ended_ms, int64_t delay_ms, unsigned trouble, bool blocked)
{
    int64_t factor = blocked ? BLOCKED_FACTOR : RETRY_FACTOR;
    int64_t first = at_least(factor * at_most(delay_ms, COURTESY_DELAY_MAX_MS),
                             blocked ? BLOCKED_FIRST_MIN_MS : RETRY_FIRST_MIN_MS);

    first = at_most(first, COURTESY_PAUSE_MAX_MS);
    return ended_ms + wait_ms(first, COURTESY_PAUSE_MAX_MS, trouble, (uint64_t) ended_ms);
}

int64_t courtesy_average(int64_t average_ms, int64_t took_ms)
{
    /* A clock that was set makes any difference possible; no host takes longer than a lease. */
    took_ms = at_most(at_least(took_ms, 0), COURTESY_LEASE_MS);
    return (average_ms * AVERAGE_WEIGHT + took_ms) / (AVERAGE_WEIGHT + 1);
}
