#include "base/llm/slots.h"

#include <stddef.h>

enum {
    LATENCY_LEAST_US = 1000, /* the clock's step */
    LATENCY_MOST_MS = 600 * 1000,
    RISE_LEAST = 8,
    ROUND_LEAST = 16,
    ROUND_MOST = 1024,
    REST_FIRST = 2,
    REST_MOST = 16,
    REST_AFTER_CUT = 2,
    FLOOR_ROUNDS = 32,
};

/* ---- limits ---- */

static unsigned smaller(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

static unsigned larger(unsigned a, unsigned b)
{
    return a > b ? a : b;
}

static unsigned with_slack(const struct slots *slots, unsigned enough)
{
    return smaller(slots->most, enough + enough / 16 + 1);
}

/* The most that has this limit with its slack. */
static unsigned without_slack(unsigned limit)
{
    unsigned enough = limit - 1;

    while (enough + enough / 16 + 1 > limit)
        enough--;
    return enough;
}

/* ---- rounds ---- */

static void touch(struct slots *slots, int64_t now_ms)
{
    slots->area += slots->in_flight * (uint64_t) (now_ms - slots->area_seen_ms);
    slots->area_seen_ms = now_ms;
}

static void begin_measure(struct slots *slots, int64_t now_ms)
{
    slots->count = 0;
    slots->latency_sum = 0;
    slots->latency_squares = 0;
    slots->area = 0;
    slots->area_from_ms = slots->area_seen_ms = now_ms;
}

/* `skip`: answers until the server has forgotten the limit before. */
static void begin_round(struct slots *slots, int64_t now_ms, enum slots_phase phase, unsigned skip)
{
    unsigned need = larger(slots->limit, RISE_LEAST);

    if (phase != SLOTS_RISE) {
        /* So many that the mean is right within about a thirtieth: (30 σ/μ)². */
        uint64_t steady = 900 * slots->scatter / 1000;
        need = larger(4 * slots->limit, ROUND_LEAST);
        need = larger(need, steady < ROUND_MOST ? (unsigned) steady : ROUND_MOST);
    }
    slots->phase = phase;
    slots->begun_ms = now_ms;
    slots->skip = skip;
    slots->need = need;
    begin_measure(slots, now_ms);
}

static void keep_floor(struct slots *slots, uint64_t latency)
{
    if (++slots->floor_rounds > FLOOR_ROUNDS) {
        slots->floor[1] = slots->floor[0];
        slots->floor[0] = 0;
        slots->floor_rounds = 1;
    }
    if (slots->floor[0] == 0 || latency < slots->floor[0])
        slots->floor[0] = latency;
}

static uint64_t lowest(const struct slots *slots)
{
    return slots->floor[1] > 0 && slots->floor[1] < slots->floor[0] ? slots->floor[1]
                                                                    : slots->floor[0];
}

static struct slots_sample end_measure(struct slots *slots)
{
    uint64_t duration = (uint64_t) (slots->area_seen_ms - slots->area_from_ms);
    uint64_t square = slots->latency_sum * slots->latency_sum;
    struct slots_sample sample = {
        .load = duration > 0 ? slots->area * 1000 / duration : slots->limit * (uint64_t) 1000,
        .latency = slots->latency_sum * 1000 / slots->count,
        .scatter = (slots->count * slots->latency_squares - square) / (square / 1000 + 1)};

    if (sample.latency < LATENCY_LEAST_US)
        sample.latency = LATENCY_LEAST_US;
    sample.rate = sample.load * 1000000 / sample.latency;
    slots->scatter = sample.scatter;
    keep_floor(slots, sample.latency);
    return sample;
}

/* So slow that more would only wait. */
static bool is_slow(const struct slots *slots, const struct slots_sample *sample)
{
    return sample->latency > SLOTS_LATENCY_GROWTH * lowest(slots) ||
           sample->latency > (uint64_t) slots->timeout_ms * 1000 / 4;
}

/* ---- what a round leads to ---- */

static void hold(struct slots *slots, int64_t now_ms, unsigned enough)
{
    slots->enough = enough;
    slots->limit = with_slack(slots, enough);
    slots->last = slots->probe = (struct slots_sample){0};
    slots->rest = 0;
    slots->rest_next = REST_FIRST;
    slots->up = true;
    begin_round(slots, now_ms, SLOTS_BASE, slots->limit);
}

static void rise(struct slots *slots, int64_t now_ms, const struct slots_sample *sample)
{
    slots->last = *sample;
    slots->last_is_steady = slots->phase != SLOTS_RISE;
    slots->probe = (struct slots_sample){0};
    if (slots->limit == slots->most || is_slow(slots, sample)) {
        hold(slots, now_ms, without_slack(slots->limit));
        return;
    }
    slots->limit = smaller(2 * slots->limit, slots->most);
    begin_round(slots, now_ms, SLOTS_RISE, slots->limit);
}

static void end_rise(struct slots *slots, int64_t now_ms, const struct slots_sample *sample)
{
    /* A first look at few answers: what disappoints is looked at again. */
    if (2 * sample->rate >= 3 * slots->last.rate)
        rise(slots, now_ms, sample);
    else
        begin_round(slots, now_ms, SLOTS_CHECK, slots->limit);
}

/* Does the rate grow by at least a quarter of what the load grew? */
static bool follows(const struct slots_sample *less, const struct slots_sample *more)
{
    if (more->rate <= less->rate || more->load * 100 < less->load * 103)
        return false;
    return 4 * (more->rate - less->rate) * 1000 / less->rate >=
           (more->load - less->load) * 1000 / less->load;
}

static void end_check(struct slots *slots, int64_t now_ms, const struct slots_sample *sample)
{
    unsigned knee = (unsigned) (sample->rate * slots->last.latency / 1000000 / 1000);
    /* Less than before: then the few answers before were lucky ones. */
    bool luck = !slots->last_is_steady && sample->rate * 10 < slots->last.rate * 9;

    if ((luck || follows(&slots->last, sample)) && !is_slow(slots, sample)) {
        rise(slots, now_ms, sample);
        return;
    }
    hold(slots, now_ms, larger(slots->limit / 2, smaller(knee, without_slack(slots->limit))));
}

/* Sets what is tried next; false if there is no way up and none down. */
static bool choose_probe(struct slots *slots)
{
    for (int i = 0; i < 2; i++) {
        slots->tried = slots->up ? slots->enough + slots->enough / 4 + 1
                                 : slots->enough - larger(slots->enough / 8, slots->enough > 0);
        if (with_slack(slots, slots->tried) != slots->limit)
            return true;
        slots->up = !slots->up;
    }
    return false;
}

static void go_on(struct slots *slots, int64_t now_ms)
{
    if (slots->rest > 0 || !choose_probe(slots)) {
        slots->rest -= slots->rest > 0;
        begin_round(slots, now_ms, SLOTS_BASE, 0);
        return;
    }
    slots->limit = with_slack(slots, slots->tried);
    begin_round(slots, now_ms, SLOTS_PROBE, slots->limit);
}

static struct slots_sample mean_of(const struct slots_sample *a, const struct slots_sample *b)
{
    return (struct slots_sample){.load = (a->load + b->load) / 2,
                                 .latency = (a->latency + b->latency) / 2,
                                 .rate = (a->rate + b->rate) / 2};
}

static bool is_worth_it(const struct slots *slots, const struct slots_sample *base)
{
    const struct slots_sample *probe = &slots->probe;

    if (slots->up)
        return follows(base, probe) && !is_slow(slots, probe) &&
               probe->rate * 100 >= base->rate * 102;
    return probe->rate * 100 >= base->rate * 99 &&
           probe->load * 10 >= with_slack(slots, slots->tried) * (uint64_t) 7000;
}

/* A fast way back after a decrease that was too deep. */
static bool is_far_below(const struct slots *slots, const struct slots_sample *base)
{
    const struct slots_sample *probe = &slots->probe;

    return slots->up && 4 * (probe->rate - base->rate) * 1000 / base->rate >=
                            3 * (probe->load - base->load) * 1000 / base->load;
}

static void judge_probe(struct slots *slots, int64_t now_ms, const struct slots_sample *after)
{
    struct slots_sample base = mean_of(&slots->last, after);

    if (!is_worth_it(slots, &base)) {
        slots->probe = (struct slots_sample){0};
        slots->last = *after;
        slots->up = !slots->up;
        slots->rest = slots->rest_next;
        slots->rest_next = smaller(2 * slots->rest_next, REST_MOST);
        go_on(slots, now_ms);
        return;
    }
    slots->enough = slots->tried;
    slots->limit = with_slack(slots, slots->enough);
    slots->rest = 0;
    slots->rest_next = REST_FIRST;
    if (is_far_below(slots, &base)) {
        base = slots->probe;
        rise(slots, now_ms, &base);
        return;
    }
    slots->probe = (struct slots_sample){0};
    begin_round(slots, now_ms, SLOTS_BASE, slots->limit);
}

static void end_base(struct slots *slots, int64_t now_ms, const struct slots_sample *sample)
{
    if (sample->latency > (uint64_t) slots->timeout_ms * 1000 / 2 && slots->enough > 0) {
        hold(slots, now_ms, slots->enough * 3 / 4);
        return;
    }
    if (slots->probe.latency > 0) {
        judge_probe(slots, now_ms, sample);
        return;
    }
    slots->last = *sample;
    go_on(slots, now_ms);
}

static void end_round(struct slots *slots, int64_t now_ms)
{
    struct slots_sample sample = end_measure(slots);

    if (sample.load * 2 < slots->limit * (uint64_t) 1000) {
        begin_round(slots, now_ms, slots->phase, 0);
        return;
    }
    switch (slots->phase) {
    case SLOTS_RISE:
        end_rise(slots, now_ms, &sample);
        break;
    case SLOTS_CHECK:
        end_check(slots, now_ms, &sample);
        break;
    case SLOTS_BASE:
        end_base(slots, now_ms, &sample);
        break;
    case SLOTS_PROBE:
        slots->probe = sample;
        slots->limit = with_slack(slots, slots->enough);
        begin_round(slots, now_ms, SLOTS_BASE, slots->limit);
        break;
    }
}

/* ---- events ---- */

void slots_init(struct slots *slots, unsigned most, int64_t timeout_ms, int64_t now_ms)
{
    *slots = (struct slots){.most = most,
                            .timeout_ms = timeout_ms,
                            .limit = smaller(SLOTS_FIRST, most),
                            .rest_next = REST_FIRST,
                            .cut_ms = INT64_MIN};
    begin_round(slots, now_ms, SLOTS_RISE, slots->limit);
}

unsigned slots_limit(const struct slots *slots)
{
    return slots->limit;
}

unsigned slots_in_flight(const struct slots *slots)
{
    return slots->in_flight;
}

unsigned slots_free(const struct slots *slots)
{
    return slots->in_flight < slots->limit ? slots->limit - slots->in_flight : 0;
}

void slots_sent(struct slots *slots, int64_t now_ms)
{
    touch(slots, now_ms);
    slots->in_flight++;
}

static void cut(struct slots *slots, int64_t now_ms)
{
    unsigned enough;

    slots->cut_ms = now_ms;
    slots->heard = false;
    if (slots->phase == SLOTS_PROBE && slots->up)
        enough = slots->enough;
    else if (slots->phase == SLOTS_RISE || slots->phase == SLOTS_CHECK)
        enough = without_slack(larger(slots->limit / 2, 1));
    else
        enough = without_slack(larger(slots->limit * 3 / 4, 1));
    hold(slots, now_ms, enough);
    slots->rest = REST_AFTER_CUT;
}

static void answered(struct slots *slots, int64_t now_ms, int64_t sent_ms)
{
    int64_t latency = now_ms - sent_ms < LATENCY_MOST_MS ? now_ms - sent_ms : LATENCY_MOST_MS;

    slots->heard = true;
    if (slots->skip > 0) {
        if (--slots->skip == 0)
            begin_measure(slots, now_ms);
        return;
    }
    slots->count++;
    slots->latency_sum += (uint64_t) latency;
    slots->latency_squares += (uint64_t) latency * (uint64_t) latency;
    if (slots->count >= slots->need)
        end_round(slots, now_ms);
}

void slots_ended(struct slots *slots, int64_t now_ms, int64_t sent_ms, enum slots_end end)
{
    touch(slots, now_ms);
    slots->in_flight--;
    if (end == SLOTS_ANSWERED)
        answered(slots, now_ms, sent_ms);
    else if ((end == SLOTS_TIMED_OUT || (end == SLOTS_REFUSED && slots->heard)) &&
             sent_ms >= slots->cut_ms)
        cut(slots, now_ms);
}
