#include "base/llm/breaker.h"

void breaker_init(struct breaker *breaker)
{
    *breaker = (struct breaker){.pause_until_ms = INT64_MIN, .since_ms = INT64_MAX};
}

enum breaker_state breaker_state(const struct breaker *breaker, int64_t now_ms)
{
    if (breaker->wait_ms == 0)
        return BREAKER_CLOSED;
    return breaker->probing || now_ms >= breaker->until_ms ? BREAKER_HALF_OPEN : BREAKER_OPEN;
}

int64_t breaker_next_ms(const struct breaker *breaker, int64_t now_ms)
{
    int64_t next = now_ms;

    if (breaker->probing)
        return INT64_MAX;
    if (breaker->wait_ms > 0 && breaker->until_ms > next)
        next = breaker->until_ms;
    return breaker->pause_until_ms > next ? breaker->pause_until_ms : next;
}

bool breaker_allows(const struct breaker *breaker, int64_t now_ms)
{
    return breaker_next_ms(breaker, now_ms) <= now_ms;
}

int64_t breaker_away_ms(const struct breaker *breaker, int64_t now_ms)
{
    return breaker->wait_ms == 0 ? 0 : now_ms - breaker->since_ms;
}

bool breaker_sent(struct breaker *breaker)
{
    if (breaker->wait_ms == 0)
        return false;
    breaker->probing = true;
    return true;
}

void breaker_answered(struct breaker *breaker)
{
    breaker->failures = 0;
    breaker->wait_ms = 0;
    breaker->since_ms = INT64_MAX;
    breaker->probing = false;
}

static void trip(struct breaker *breaker, int64_t now_ms)
{
    breaker->wait_ms = breaker->wait_ms == 0 ? BREAKER_FIRST_MS : 2 * breaker->wait_ms;
    if (breaker->wait_ms > BREAKER_MOST_MS)
        breaker->wait_ms = BREAKER_MOST_MS;
    breaker->until_ms = now_ms + breaker->wait_ms;
    breaker->probing = false;
    breaker->failures = 0;
}

void breaker_failed(struct breaker *breaker, int64_t now_ms, bool probe)
{
    if (breaker->since_ms == INT64_MAX)
        breaker->since_ms = now_ms;
    if (breaker->wait_ms == 0 && ++breaker->failures < BREAKER_TRIPS)
        return;
    /* A probe that was overtaken by an answer finds the breaker closed and counts like any. */
    if (breaker->wait_ms == 0 || (probe && breaker->probing))
        trip(breaker, now_ms);
}

void breaker_forgot(struct breaker *breaker, bool probe)
{
    if (probe)
        breaker->probing = false;
}

void breaker_pause(struct breaker *breaker, int64_t now_ms, int64_t wait_ms)
{
    int64_t until = now_ms + (wait_ms < BREAKER_PAUSE_MOST_MS ? wait_ms : BREAKER_PAUSE_MOST_MS);

    if (until > breaker->pause_until_ms)
        breaker->pause_until_ms = until;
}
