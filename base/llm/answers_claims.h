/*
 * answers_claims: slots and their lives, open claims, claims that were given up; in memory and, in
 * the same batch as the rest of the copy, in the store. Private to base/llm.
 *
 * Slots    claims_speak tells whether a word counts: of the slot's newest life and not yet heard,
 *          or the first of a life that never spoke, which is the newest from then on.
 * Open     At most one claim a key. All of them are in memory: few, since each is a question in
 *          flight or one whose asker died.
 * Given up Their reservations are kept until a late end settles them, in the store alone.
 * Held     The sum of all open reservations.
 * Rows     See answers_rows.h.
 * Failure  Memory and store may differ after one: the owner stops.
 */
#ifndef XUNFANG_BASE_LLM_ANSWERS_CLAIMS_H
#define XUNFANG_BASE_LLM_ANSWERS_CLAIMS_H

#include "base/llm/answers_message.h"

struct claims;

struct claim_slot {
    uint64_t life;   /* the newest */
    uint64_t number; /* the highest heard of it */
    char name[];
};

/* A claim that stands in the log, was granted, and is not over by the log. */
struct open_claim {
    struct id key;
    const struct claim_slot *slot;
    uint64_t life;
    uint64_t number;
    int64_t made_ms;
    int64_t expires_ms;
    struct answers_cost reserve;
};

/* NULL when memory is out. */
struct claims *claims_create(void);
/* NULL is fine. */
void claims_destroy(struct claims *claims);
/* What the store has; the claims are empty before. STATUS_CORRUPT: rows that are none. */
CHECKED enum status claims_load(struct claims *claims, struct store *store, struct error *err);

/* What a word means for its slot. */
enum claim_word {
    WORD_VOID, /* a repeat, or of a life that is over */
    WORD_COUNTS,
    WORD_FIRST /* counts, and all claims of the slot's older lives are over */
};
CHECKED enum status claims_speak(struct claims *claims, struct store_batch *batch,
                                 const AnswerSpeaker *speaker, enum claim_word *word,
                                 struct error *err);
/* The newest life of the slot; 0: it never spoke. */
uint64_t claims_life(const struct claims *claims, const char *slot);

/* NULL: none is open. */
const struct open_claim *claims_get(const struct claims *claims, struct id key);
/* In no useful order; starts with *cursor = 0; NULL at the end. No change in between. */
const struct open_claim *claims_next(const struct claims *claims, size_t *cursor);
/* Nothing is open on the key, and its slot has spoken. */
CHECKED enum status claims_open(struct claims *claims, struct store_batch *batch, struct id key,
                                const AnswerClaim *claim, struct error *err);
/* It was got: no longer open; if its end comes after all, claims_settle finds it. */
CHECKED enum status claims_give_up(struct claims *claims, struct store_batch *batch,
                                   const struct open_claim *claim, struct error *err);

struct claim_end {
    struct id key; /* of the claim */
    uint64_t life;
    uint64_t number;
    struct answers_cost reserve; /* out: what it reserved, */
    bool given_up;               /* out: and whether that was given up before */
};
/* Ends the claim, open or given up. STATUS_NOT_FOUND: there is none such (any more); `err` is not
 * filled then. */
CHECKED enum status claims_settle(struct claims *claims, struct store_batch *batch,
                                  struct claim_end *end, struct error *err);
struct answers_cost claims_held(const struct claims *claims);

#endif
