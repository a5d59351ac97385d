/*
 * retry: exponential back-off with jitter, as a pure function.
 *
 * Formula  The n-th wait (n from 0) lies evenly in [w/2, w], w = min(max_ms, first_ms * 2^n):
 *          "equal jitter", so waits neither synchronise nor shrink to nothing.
 */
#ifndef XUNFANG_BASE_UTIL_RETRY_H
#define XUNFANG_BASE_UTIL_RETRY_H

#include <stdint.h>

struct retry_policy {
    int64_t first_ms;
    int64_t max_ms;
    unsigned attempts; /* tries in all, the first one included */
};

/* Milliseconds to wait after attempt `attempt` (from 0) failed; the same seed gives the same wait.
 */
int64_t retry_wait_ms(const struct retry_policy *policy, unsigned attempt, uint64_t seed);

#endif
