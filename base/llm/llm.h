/*
 * llm: questions to a language model over the OpenAI interface, many at once, each with an end.
 *
 * Endpoint  "http://HOST:PORT/v1" or https (base/llm/llm_openai.c): llama.cpp's server, vLLM,
 *           Ollama, a remote service; "replay:FILE": answers recorded by `record`
 *           (base/llm/llm_replay.c), nothing is sent.
 * Use       llm_ask while llm_room says so, llm_step often, llm_next for what has ended. Every
 *           question ends exactly once, within `attempts` and `patience_ms`.
 * Answer    Fits its shape (base/llm/shape.h). One that does not, or was cut off at max_tokens, is
 *           repaired by one further question that says what is wrong; after that the question is
 *           LLM_INVALID. Never a default.
 * Vectors   llm_embed asks for the embeddings of texts instead, one vector each, all of one
 *           dimension; the rest holds for both kinds of questions alike.
 * Tries     429, 503, no connection: not this question's fault; the server is left alone for its
 *           Retry-After, the question for that or a growing wait, within its patience. Time-out,
 *           500, a broken or garbled reply: an attempt, tried again after a back-off. A kept
 *           connection that proves dead: tried again at once, the first time. Other 4xx, redirects:
 *           final.
 * Breaker   After BREAKER_TRIPS failures in a row only one question at a time is sent, the least
 *           tried first, as a probe, until one is answered (base/llm/breaker.h). A server that has
 *           been away for all of `patience_ms` is waited for no more: questions end at once, but
 *           for the probes.
 * Slots     Questions in flight follow what the server can do, between 1 and `concurrency`
 *           (base/llm/slots.h).
 * Calls     usage.calls counts requests the server may charge for: answered ones, and those that
 *           were sent and never answered. A question costs at most LLM_CALLS_MAX. Where a server
 *           does not count tokens they are guessed high: one for two bytes.
 * Memory    At most LLM_OPEN_MAX questions of LLM_OPEN_BYTES together; replies of LLM_REPLY_MAX.
 * Settings  Temperature 0 and a fixed seed, so that equal questions mostly get equal answers; what
 *           makes them repeatable is the log of answers (base/llm/answers.h).
 * Trust     The key is read from a file, sent in a header only, and never written anywhere. What a
 *           server says about an error is cut, and stripped of controls.
 * Metrics   xunfang_llm_calls_total{outcome}, xunfang_llm_tokens_total{direction},
 *           xunfang_llm_latency_seconds, xunfang_llm_in_flight, xunfang_llm_slots,
 *           xunfang_llm_breaker (0 closed, 1 half open, 2 open).
 * Threads   One. Never logs, never blocks longer than the timeout given.
 */
#ifndef XUNFANG_BASE_LLM_LLM_H
#define XUNFANG_BASE_LLM_LLM_H

#include "base/llm/shape.h"
#include "base/util/clock.h"
#include "base/util/retry.h"

struct llm;

enum {
    LLM_TURNS_MAX = 64,
    LLM_PROMPT_MAX = 256 * 1024, /* bytes of all turns, or of all texts */
    LLM_REPLY_MAX = 1 << 20,
    LLM_CALLS_MAX = 4,
    LLM_CONCURRENCY_MAX = 256,
    LLM_OPEN_MAX = 1024,
    LLM_OPEN_BYTES = 64 << 20,
    LLM_EMBED_TEXTS_MAX = 64,
    LLM_EMBED_DIMENSION_MAX = 8192
};

enum llm_constraint { LLM_SCHEMA, LLM_GRAMMAR, LLM_UNCONSTRAINED };

struct llm_options {
    const char *endpoint;
    const char *model;
    const char *key_file; /* its first line is the key; NULL: none */
    const char *record;   /* append every reply to this file, for replay; NULL: no */
    enum llm_constraint constraint;
    const struct clock *clock;
    struct retry_policy retry; /* zeros: LLM_CALLS_MAX attempts from 500 ms to 30 s */
    int64_t timeout_ms;        /* of one request; 0: 60 s */
    int64_t patience_ms;       /* from llm_ask to the end; 0: 10 min */
    unsigned concurrency;      /* most in flight, up to LLM_CONCURRENCY_MAX; 0: 64 */
};

enum llm_speaker { LLM_SYSTEM, LLM_USER, LLM_ASSISTANT };

struct llm_turn {
    enum llm_speaker speaker;
    struct slice text;
};

struct llm_question {
    const struct llm_turn *turns; /* copied */
    size_t turn_count;
    const struct shape *shape; /* must outlive the question */
    unsigned max_tokens;       /* of the answer; 0: 256 */
    unsigned max_calls;        /* usage.calls stays within it; 0: LLM_CALLS_MAX */
    void *owner;               /* comes back with the answer */
};

struct llm_embed_question {
    const struct slice *texts; /* copied; 1 to LLM_EMBED_TEXTS_MAX, none empty */
    size_t text_count;
    void *owner;
};

struct llm_usage {
    uint64_t calls;
    uint64_t prompt_tokens;
    uint64_t completion_tokens;
    int64_t latency_ms; /* from the first send */
};

/* name, label in metrics */
#define LLM_OUTCOMES(X)                                                                            \
    X(ANSWERED, "answered")                                                                        \
    X(INVALID, "invalid")         /* replies came, none in shape */                                \
    X(UNAVAILABLE, "unavailable") /* attempts or patience used up */                               \
    X(REFUSED, "refused")         /* the server will not: wrong key or model, prompt too long */

enum llm_outcome {
#define X(name, text) LLM_##name,
    LLM_OUTCOMES(X)
#undef X
};

struct llm_answer {
    void *owner;
    enum llm_outcome outcome;
    struct slice text;    /* ANSWERED: in the shape's canonical form; of an embedding: empty */
    const float *vectors; /* ANSWERED, of an embedding: one after the other, as the texts stood */
    size_t vector_count;
    size_t dimension;
    const char *served_by;  /* as the server names model and build; or "" */
    const char *reason;     /* else: why, for people: "HTTP 500 from http://…, 4 attempts" */
    struct llm_usage usage; /* of all attempts */
};

/* STATUS_INVALID: an endpoint, key file or recording that cannot be used. Nothing is sent yet. */
CHECKED enum status llm_create(const struct llm_options *options, struct llm **llm,
                               struct error *err);
/* What is open has no end any more. NULL is fine. */
void llm_destroy(struct llm *llm);

/* Questions that would be sent at once; llm_ask takes somewhat more, so that slots never wait. */
size_t llm_room(const struct llm *llm);
/* STATUS_AGAIN: enough are open. STATUS_TOO_LARGE: over LLM_PROMPT_MAX. STATUS_INVALID: no turns or
 * too many, or a shape that is none. */
CHECKED enum status llm_ask(struct llm *llm, const struct llm_question *question,
                            struct error *err);
/* Likewise. STATUS_UNSUPPORTED: a recording has no vectors. */
CHECKED enum status llm_embed(struct llm *llm, const struct llm_embed_question *question,
                              struct error *err);
/* Ends the questions of this owner without an answer. */
void llm_cancel(struct llm *llm, const void *owner);
size_t llm_open(const struct llm *llm);
/* The server fails or is away: what is asked now waits for better times, or for its patience. */
bool llm_troubled(const struct llm *llm);

CHECKED enum status llm_step(struct llm *llm, int64_t timeout_ms, struct error *err);
/* The next that ended; valid until llm_release. NULL: none. */
const struct llm_answer *llm_next(struct llm *llm);
void llm_release(struct llm *llm, const struct llm_answer *answer);

/* The model's name, as given. */
const char *llm_model(const struct llm *llm);
const char *llm_outcome_text(enum llm_outcome outcome);

#endif
