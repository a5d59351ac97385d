/*
 * pending: one question from llm_ask to llm_release, with what became of it so far. Private to
 * base/llm; llm.c decides, this module keeps.
 *
 * States   READY (may be sent now) → FLYING → READY, WAITING (until due_ms), ENDED.
 * Copies   Turns, texts and whatever the answer points to live in the question's own arena.
 * Repair   pending_add_repair puts two turns behind those of the question: the reply that did not
 *          fit, cut to PENDING_QUOTE_MAX bytes, and what was wrong with it. So the next attempt is
 *          the repair question.
 */
#ifndef XUNFANG_BASE_LLM_PENDING_H
#define XUNFANG_BASE_LLM_PENDING_H

#include "base/llm/llm_backend.h"
#include "base/util/arena.h"

enum { PENDING_QUOTE_MAX = 2048, PENDING_MAX_TOKENS = 256 };

enum pending_state { PENDING_READY, PENDING_FLYING, PENDING_WAITING, PENDING_ENDED };

struct pending {
    enum pending_state state;
    struct arena *arena;
    struct llm_turn *turns; /* with room for a repair */
    size_t turn_count;
    struct slice *texts; /* to embed */
    size_t text_count;
    const struct shape *shape;
    unsigned max_tokens;
    unsigned max_calls;
    size_t bytes; /* of the prompt, as counted against LLM_OPEN_BYTES */
    uint64_t seed;
    int64_t deadline_ms; /* monotonic, as all here */
    int64_t due_ms;
    int64_t first_sent_ms; /* 0: never */
    int64_t sent_ms;
    unsigned attempts; /* that count */
    unsigned refusals; /* BUSY, in a row */
    bool probe;        /* the breaker's */
    bool was_stale;
    bool repaired;
    bool handed_out; /* by llm_next */
    struct llm_answer answer;
};

/* STATUS_INVALID, STATUS_TOO_LARGE, STATUS_NOMEM as llm_ask and llm_embed say. */
CHECKED enum status pending_create_chat(const struct llm_question *question,
                                        struct pending **pending, struct error *err);
CHECKED enum status pending_create_embed(const struct llm_embed_question *question,
                                         struct pending **pending, struct error *err);
/* NULL is fine. */
void pending_destroy(struct pending *pending);

struct llm_attempt pending_attempt(const struct pending *pending);
CHECKED enum status pending_add_repair(struct pending *pending, struct slice reply,
                                       const char *wrong, struct error *err);

/* Each sets ENDED and the answer. */
CHECKED enum status pending_answer_text(struct pending *pending, const struct shape_value *values,
                                        struct error *err);
CHECKED enum status pending_answer_vectors(struct pending *pending,
                                           const struct llm_attempt_end *end, struct error *err);
void pending_fail(struct pending *pending, enum llm_outcome outcome, const char *reason);
/* Keeps who served the answer. */
CHECKED enum status pending_name(struct pending *pending, struct slice served_by,
                                 struct error *err);

#endif
