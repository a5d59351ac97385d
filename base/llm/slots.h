/*
 * slots: how many questions to have in flight at a server that does not say what it can do.
 *
 * Goal      The smallest limit whose throughput is within a few percent of the best, and a little
 *           more (a sixteenth and one), so that no slot of the server waits for us.
 * Measure   A round is a number of answers under one limit. Its rate is mean load over mean latency
 *           (Little 1961: L = λW), which bursts disturb less than counting answers. A round in
 *           which we had too few questions to fill the limit says nothing and is forgotten.
 * Rise      From SLOTS_FIRST the limit doubles every round while the rate follows; then it goes to
 *           rate × latency before the last doubling.
 * Hold      After a rest, a round with a quarter more or an eighth less is compared with the rounds
 *           around it: more is kept if the rate follows by at least a quarter of the step, less if
 *           it costs at most a hundredth. What fails is tried again after a rest twice as long. The
 *           more latencies scatter, the longer a round.
 * Bounds    Nothing grows while latency is over SLOTS_LATENCY_GROWTH times the least seen lately or
 *           a quarter of the time-out: several workers cannot outbid each other without end. Over
 *           half the time-out, and on a refusal or a time-out, the limit shrinks, once for all that
 *           was in flight. A server that refuses everything, loading its model say, is not
 *           crowded: refusals count only once something was answered since the last decrease.
 * Times     Monotonic milliseconds, given by the caller; nothing here waits or reads a clock.
 * Threads   A plain struct of one thread; its members are not for others.
 */
#ifndef XUNFANG_BASE_LLM_SLOTS_H
#define XUNFANG_BASE_LLM_SLOTS_H

#include <stdbool.h>
#include <stdint.h>

enum { SLOTS_FIRST = 4, SLOTS_LATENCY_GROWTH = 4 };

enum slots_end {
    SLOTS_ANSWERED,
    SLOTS_REFUSED, /* 429, 503 */
    SLOTS_TIMED_OUT,
    SLOTS_NEITHER /* failed otherwise, or cancelled */
};

struct slots_sample { /* what a round showed */
    uint64_t load;    /* mean number in flight, thousandths */
    uint64_t latency; /* mean, microseconds; 0: no sample */
    uint64_t rate;    /* answers in a thousand seconds */
    uint64_t scatter; /* of latencies: variance by mean squared, thousandths */
};

enum slots_phase { SLOTS_RISE, SLOTS_CHECK, SLOTS_BASE, SLOTS_PROBE };

struct slots {
    unsigned most;
    int64_t timeout_ms;
    unsigned limit;
    unsigned in_flight;
    enum slots_phase phase;
    unsigned enough; /* held limit without its slack */
    unsigned tried;  /* the one that is probed */
    bool up;
    unsigned rest;      /* base rounds before the next probe */
    unsigned rest_next; /* after a probe that fails */
    int64_t cut_ms;     /* last decrease: what was sent before does not count again */
    bool heard;         /* an answer since then */
    /* the round */
    int64_t begun_ms;
    unsigned skip; /* answers that still belong to the limit before */
    unsigned need;
    unsigned count;
    uint64_t latency_sum;
    uint64_t latency_squares;
    int64_t area_from_ms;
    int64_t area_seen_ms;
    uint64_t area; /* questions × milliseconds */
    /* rounds before */
    struct slots_sample last; /* before the last doubling; or the base round before a probe */
    bool last_is_steady;      /* from a long round */
    struct slots_sample probe;
    uint64_t scatter;
    uint64_t floor[2]; /* least latency in this window of rounds and in the one before */
    unsigned floor_rounds;
};

/* `most` (at least 1) is the limit's limit, `timeout_ms` that of one question. */
void slots_init(struct slots *slots, unsigned most, int64_t timeout_ms, int64_t now_ms);
unsigned slots_limit(const struct slots *slots);
unsigned slots_in_flight(const struct slots *slots);
/* How many more may be sent now. */
unsigned slots_free(const struct slots *slots);

void slots_sent(struct slots *slots, int64_t now_ms);
/* Of a question for which slots_sent was called at `sent_ms`. */
void slots_ended(struct slots *slots, int64_t now_ms, int64_t sent_ms, enum slots_end end);

#endif
