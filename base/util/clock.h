/*
 * clock: wall and monotonic time behind one struct, so that tests and simulations own time.
 *
 * Units    Milliseconds. Wall time counts from 1970-01-01T00:00Z and may jump; monotonic time never
 *          goes back and means nothing outside this process.
 * Threads  The system clock may be shared; a manual clock belongs to one thread.
 */
#ifndef XUNFANG_BASE_UTIL_CLOCK_H
#define XUNFANG_BASE_UTIL_CLOCK_H

#include <stdint.h>

struct clock {
    int64_t (*wall_ms)(void *self);
    int64_t (*mono_ms)(void *self);
    /* Blocks for `ms` (a manual clock moves ahead instead). */
    void (*sleep_ms)(void *self, int64_t ms);
    void *self;
};

/* The machine's clocks; a static object. */
const struct clock *clock_system(void);

/* Time that moves only when told: both clocks show now_ms. */
struct clock_manual {
    struct clock clock;
    int64_t now_ms;
};

void clock_manual_init(struct clock_manual *manual, int64_t now_ms);
void clock_manual_advance(struct clock_manual *manual, int64_t ms);

static inline int64_t clock_wall_ms(const struct clock *clock)
{
    return clock->wall_ms(clock->self);
}

static inline int64_t clock_mono_ms(const struct clock *clock)
{
    return clock->mono_ms(clock->self);
}

static inline void clock_sleep_ms(const struct clock *clock, int64_t ms)
{
    clock->sleep_ms(clock->self, ms);
}

#endif
