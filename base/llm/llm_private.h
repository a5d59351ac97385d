/*
 * llm_private: the client behind base/llm/llm.h, for its parts: llm.c (asking and giving back) and
 * llm_flow.c (sending, ends of attempts, waits).
 *
 * Questions  `open` holds all that were not released, in the order they were asked, which is the
 *            order they are sent in. At most LLM_OPEN_MAX, so walks over it are short.
 * Owner      of an attempt at the backend is the question's struct pending.
 */
#ifndef XUNFANG_BASE_LLM_LLM_PRIVATE_H
#define XUNFANG_BASE_LLM_LLM_PRIVATE_H

#include "base/llm/breaker.h"
#include "base/llm/llm_backend.h"
#include "base/llm/llm_meter.h"
#include "base/llm/pending.h"
#include "base/llm/recording.h"
#include "base/llm/slots.h"

enum { LLM_REASON_MAX = 512 };

struct llm {
    unsigned magic;
    const struct clock *clock;
    char *model;
    struct retry_policy retry;
    int64_t timeout_ms;
    int64_t patience_ms;
    const struct llm_backend *backend;
    void *state;                 /* the backend's */
    struct recording *recording; /* NULL: none */
    struct slots slots;
    struct breaker breaker;
    struct llm_meter meter;
    struct pending *open[LLM_OPEN_MAX];
    size_t open_count;
    size_t open_bytes;
    size_t ended; /* and not handed out */
    uint64_t asked;
    char trouble[LLM_REASON_MAX]; /* why an attempt failed last; "" after an answer */
};

/* Sends what may be sent now, and ends what waited too long. */
CHECKED enum status llm_flow_send(struct llm *llm, struct error *err);
/* Takes the ends of attempts from the backend. */
CHECKED enum status llm_flow_collect(struct llm *llm, struct error *err);
/* When time alone changes something; INT64_MAX: never. */
int64_t llm_flow_next_ms(const struct llm *llm);
/* Takes it from the backend, without an end. */
void llm_flow_cancel(struct llm *llm, struct pending *pending);

#endif
