/*
 * llm_backend: what the front (llm.c) asks of a way to reach a model. Private to base/llm.
 *
 * Split    The front owns questions, attempts, waits, the breaker, slots, repair and validation. A
 *          backend moves one attempt at a time: it sends, and says once how it ended.
 * Order    create → (submit, step, next)* → destroy. `next` after every step until it gives false.
 * Blocking only step, at most timeout_ms.
 */
#ifndef XUNFANG_BASE_LLM_LLM_BACKEND_H
#define XUNFANG_BASE_LLM_LLM_BACKEND_H

#include "base/llm/llm.h"

/* How one attempt ended; the front decides what that means for the question. */
enum llm_end {
    LLM_END_REPLY,   /* text is what the model said, or vectors */
    LLM_END_CUT,     /* text is the beginning of it: finish_reason is not "stop" */
    LLM_END_BUSY,    /* 429, 503, no connection: try later, see wait_ms */
    LLM_END_FAILED,  /* 5xx, time-out, broken connection, no chat completion: may have
                       cost something */
    LLM_END_REFUSED, /* other 4xx, redirects: never again */
};

struct llm_attempt {
    const struct slice *texts; /* to embed; then there are no turns and no shape */
    size_t text_count;
    const struct llm_turn *turns;
    size_t turn_count;
    const struct shape *shape;
    unsigned max_tokens;
    int64_t timeout_ms; /* left of the question's patience, if that is less than the request's */
    void *owner;
};

struct llm_attempt_end {
    void *owner;
    enum llm_end end;
    bool sent;            /* the server may have worked on it */
    bool overload;        /* the server has more than it can do: 429, 503, a time-out */
    bool stale;           /* FAILED: a kept connection had died, and not a byte came */
    struct slice text;    /* valid until the next call, as all here */
    const float *vectors; /* one for each text */
    size_t dimension;
    struct slice served_by;
    const char *reason; /* unless REPLY */
    int64_t wait_ms;    /* BUSY: the server's Retry-After; 0: it did not say */
    uint64_t prompt_tokens;
    uint64_t completion_tokens;
};

struct llm_backend {
    const char *scheme; /* of endpoints: "http" (and https), "replay" */
    bool embeds;        /* takes attempts with texts */
    enum status (*create)(const struct llm_options *options, void **state, struct error *err);
    void (*destroy)(void *state);
    /* Takes a copy of what it needs. STATUS_AGAIN: not now. */
    enum status (*submit)(void *state, const struct llm_attempt *attempt, struct error *err);
    /* The attempt of this owner ends without word. */
    void (*cancel)(void *state, const void *owner);
    enum status (*step)(void *state, int64_t timeout_ms, struct error *err);
    /* false: nothing has ended. */
    bool (*next)(void *state, struct llm_attempt_end *end);
};

/* llm_create over this backend, whatever the endpoint says: for tests with a scripted one. */
CHECKED enum status llm_create_over(const struct llm_backend *backend,
                                    const struct llm_options *options, struct llm **llm,
                                    struct error *err);

extern const struct llm_backend llm_openai;
extern const struct llm_backend llm_replay;

#endif
