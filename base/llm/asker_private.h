/*
 * asker_private: what the parts of an asker share. Private to base/llm.
 *
 * Parts    asker.c takes questions, steps, and hands over; asker_look.c decides by the log's copy
 *          how an inquiry goes on; asker_model.c claims, asks, and appends.
 * Rounds   A step repeats: poll the log, look, ask, step the model, append, claim; as long as
 *          something moves, a few times.
 * Full     Where the bus or the model takes no more, inquiries stay in the line of their stage and
 *          the next round tries again.
 */
#ifndef XUNFANG_BASE_LLM_ASKER_PRIVATE_H
#define XUNFANG_BASE_LLM_ASKER_PRIVATE_H

#include "base/llm/asker_inquiry.h"
#include "base/util/map.h"

struct line {
    struct inquiry *first;
    struct inquiry *last;
    size_t count;
};

struct asker {
    struct llm *llm;
    struct answers *answers;
    const struct clock *clock;
    struct asker_prices prices;
    struct map *inquiries; /* at work, by key */
    struct line lines[STAGE_COUNT];
    struct waiter_line ended;
    size_t open;           /* questions not released */
    size_t bytes;          /* of the inquiries at work */
    size_t ahead;          /* inquiries claimed and not asked */
    uint64_t moves;        /* counts; a round without any changes nothing */
    int64_t tick_ms;       /* of the last look at the clock */
    struct arena *scratch; /* of one look */
};

/* To the end of the line of another stage, or its own. */
void asker_move(struct asker *asker, struct inquiry *inquiry, enum inquiry_stage stage);
/* Nothing of it is at work any more. */
void asker_drop(struct asker *asker, struct inquiry *inquiry);
void asker_set_ahead(struct asker *asker, struct inquiry *inquiry, bool ahead);

/* asker_look.c: everything in STAGE_LOOK goes on; others' claims that expired come there. */
CHECKED enum status asker_look_all(struct asker *asker, struct error *err);
void asker_look_at_clock(struct asker *asker);

/* asker_model.c: WANT → FLIGHT; GRANTED → ASKING; ASKING → ENDED; ENDED → FLIGHT. */
CHECKED enum status asker_claim_some(struct asker *asker, struct error *err);
CHECKED enum status asker_ask_some(struct asker *asker, struct error *err);
CHECKED enum status asker_harvest(struct asker *asker, struct error *err);
CHECKED enum status asker_append_all(struct asker *asker, struct error *err);

#endif
