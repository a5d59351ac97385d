#include "base/util/clock.h"

#include "base/util/status.h"

#include <errno.h>
#include <time.h>

static int64_t read_ms(clockid_t id)
{
    struct timespec now;

    ENSURE(clock_gettime(id, &now) == 0);
    return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t system_wall_ms(void *self)
{
    (void) self;
    return read_ms(CLOCK_REALTIME);
}

static int64_t system_mono_ms(void *self)
{
    (void) self;
    return read_ms(CLOCK_MONOTONIC);
}

static void system_sleep_ms(void *self, int64_t ms)
{
    struct timespec left = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

    (void) self;
    while (ms > 0 && nanosleep(&left, &left) != 0 && errno == EINTR)
        continue;
}

const struct clock *clock_system(void)
{
    static const struct clock clock = {system_wall_ms, system_mono_ms, system_sleep_ms, NULL};

    return &clock;
}

static int64_t manual_now(void *self)
{
    return ((struct clock_manual *) self)->now_ms;
}

static void manual_sleep(void *self, int64_t ms)
{
    clock_manual_advance(self, ms);
}

void clock_manual_init(struct clock_manual *manual, int64_t now_ms)
{
    manual->clock = (struct clock){manual_now, manual_now, manual_sleep, manual};
    manual->now_ms = now_ms;
}

void clock_manual_advance(struct clock_manual *manual, int64_t ms)
{
    ENSURE(ms >= 0);
    manual->now_ms += ms;
}
