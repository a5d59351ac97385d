/*
 * breaker: leaves a server alone that fails again and again, or that asked for it.
 *
 * States    Closed: all may be sent. Open, after BREAKER_TRIPS failures in a row: nothing until the
 *           wait is over. Half open: one question, the probe; its answer closes, its failure opens
 *           again with twice the wait, from BREAKER_FIRST_MS to BREAKER_MOST_MS.
 * Stragglers  What fails while open was sent before and changes nothing. An answer always closes.
 * Pause     A server may say how long it wants to be left alone (Retry-After): nothing is sent
 *           meanwhile in any state, at most BREAKER_PAUSE_MOST_MS.
 * Away      A server that fails since so long, without one answer between, that nobody's patience
 *           covers it, keeps nobody waiting: breaker_away_ms.
 * Times     Monotonic milliseconds, given by the caller.
 * Threads   A plain struct of one thread.
 */
#ifndef XUNFANG_BASE_LLM_BREAKER_H
#define XUNFANG_BASE_LLM_BREAKER_H

#include <stdbool.h>
#include <stdint.h>

enum {
    BREAKER_TRIPS = 5,
    BREAKER_FIRST_MS = 1000,
    BREAKER_MOST_MS = 30 * 1000,
    BREAKER_PAUSE_MOST_MS = 5 * 60 * 1000
};

enum breaker_state { BREAKER_CLOSED, BREAKER_HALF_OPEN, BREAKER_OPEN };

struct breaker {
    unsigned failures; /* in a row, while closed */
    int64_t wait_ms;   /* the last one; 0: closed */
    int64_t until_ms;  /* end of that wait */
    int64_t pause_until_ms;
    int64_t since_ms; /* of the first failure without an answer since; INT64_MAX: none */
    bool probing;     /* the probe is on its way */
};

void breaker_init(struct breaker *breaker);
enum breaker_state breaker_state(const struct breaker *breaker, int64_t now_ms);
/* May a question be sent now? */
bool breaker_allows(const struct breaker *breaker, int64_t now_ms);
/* When it may change its mind for time alone: `now_ms` if it allows now, INT64_MAX if it waits for
 * its probe. */
int64_t breaker_next_ms(const struct breaker *breaker, int64_t now_ms);

/* For how long it has failed, while it is not closed; 0: closed. */
int64_t breaker_away_ms(const struct breaker *breaker, int64_t now_ms);

/* A question goes out; true: it is the probe, and its end must say so. */
bool breaker_sent(struct breaker *breaker);
void breaker_answered(struct breaker *breaker);
void breaker_failed(struct breaker *breaker, int64_t now_ms, bool probe);
/* Ended without saying anything about the server: cancelled, or not sent after all. */
void breaker_forgot(struct breaker *breaker, bool probe);
void breaker_pause(struct breaker *breaker, int64_t now_ms, int64_t wait_ms);

#endif
