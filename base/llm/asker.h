/*
 * asker: asking a language model as an effect: what it said stands in the log before anything is
 * derived from it, and is never asked for again.
 *
 * Way       find in the copy of the log → (claim → read back → ask → append → read back) → hand
 *           over what stands first in the log, also where that is another worker's reply. Claims
 *           run somewhat ahead of the model's free slots, so these never wait for the log.
 * Outcome   ANSWERED with the fields of the shape; FAILED: no usable answer, the caller falls back
 *           or gives up; REFUSED: the budget is used up. The same question in one run always has
 *           the same outcome, except that a failure may be mended by a newer generation. A reply
 *           in the log that does not fit the shape is a failure.
 * Equal     Questions with one key that are open at once share one claim and one call.
 * Order     Questions end in any order. Room: ASKER_OPEN_MAX questions, ASKER_BYTES_MAX of
 *           prompts; llm_room of them are in flight.
 * Budget    A claim reserves LLM_CALLS_MAX calls, or as many as are left, each with one token a
 *           byte of the prompt and max_tokens (base/llm/answers_budget.h), and the model is told
 *           to stop at so many calls. So the cap on calls holds exactly; those on tokens and money
 *           as far as a server counts no more tokens than it was sent bytes.
 * Prices    Millionths of the currency for a million tokens in and out; money is rounded up.
 * Reasons   At most ASKER_REASON_MAX bytes without controls; never the model's words or the page's,
 *           but a server's about its error may be among them.
 * Metrics   xunfang_llm_questions_total{task,outcome} (answered, remembered, failed, refused),
 *           xunfang_llm_cost_total, xunfang_llm_invalid_total{task}; those about calls are counted
 *           where they are made (base/llm/llm.h).
 * Threads   One, the bus's. Never blocks longer than the timeout given.
 */
#ifndef XUNFANG_BASE_LLM_ASKER_H
#define XUNFANG_BASE_LLM_ASKER_H

#include "base/llm/answers.h"

struct asker;

enum {
    ASKER_OPEN_MAX = 1024,
    ASKER_BYTES_MAX = 64 * 1024 * 1024,
    ASKER_REASON_MAX = 300,
};

struct asker_prices { /* millionths of the currency per million tokens */
    uint64_t prompt;
    uint64_t completion;
};

struct asker_options {
    struct llm *llm;         /* stays the caller's, used by nobody else */
    struct answers *answers; /* likewise; the asker is its watcher */
    const struct clock *clock;
    struct asker_prices prices;
};

struct asker_question {
    struct slice task;
    struct slice prompt;  /* version: changes with anything but the content */
    struct slice content; /* what is asked about; part of the last turn */
    const struct llm_turn *turns;
    size_t turn_count;
    const struct shape *shape; /* must outlive the asker */
    unsigned max_tokens;       /* 0: 256 */
    uint32_t generation;
    void *owner;
};

enum asked_outcome { ASKED_ANSWERED, ASKED_FAILED, ASKED_REFUSED };

struct asked {
    void *owner;
    enum asked_outcome outcome;
    struct id key;
    bool remembered;                  /* it cost no call of its own */
    const struct shape_value *values; /* ANSWERED: one a field */
    struct slice reason;              /* else */
};

CHECKED enum status asker_create(const struct asker_options *options, struct asker **asker,
                                 struct error *err);
/* NULL is fine. Open questions have no end; what was asked for them may be charged. */
void asker_destroy(struct asker *asker);

/* Copies all but the shape. STATUS_AGAIN: no room, or the copy of the log is not caught up yet.
 * STATUS_TOO_LARGE: turns over LLM_PROMPT_MAX or LLM_TURNS_MAX. */
CHECKED enum status asker_ask(struct asker *asker, const struct asker_question *question,
                              struct error *err);
/* Moves everything; waits at most `timeout_ms` for the first that ends. Failures of the bus or the
 * store are returned, and STATUS_FENCED of answers_poll; those of the model server never are. */
CHECKED enum status asker_step(struct asker *asker, int64_t timeout_ms, struct error *err);
/* The next that ended; valid until asker_release. NULL: none. */
const struct asked *asker_next(struct asker *asker);
void asker_release(struct asker *asker, const struct asked *asked);
/* Asked and not released. */
size_t asker_open_count(const struct asker *asker);
const struct answers_totals *asker_totals(const struct asker *asker);

#endif
