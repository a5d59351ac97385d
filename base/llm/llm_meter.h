/*
 * llm_meter: the client's series of metrics, as base/llm/llm.h lists them. Private to base/llm.
 *
 * Calls    By how an attempt ended: answered, cut, invalid (a reply out of shape), busy, failed,
 *          refused; `busy` and `refused` cost nothing.
 * Gauges   Those of the client that set them last; a process has one.
 */
#ifndef XUNFANG_BASE_LLM_LLM_METER_H
#define XUNFANG_BASE_LLM_LLM_METER_H

#include "base/llm/breaker.h"
#include "base/metrics.h"

#define LLM_CALLS(X)                                                                               \
    X(ANSWERED, "answered")                                                                        \
    X(CUT, "cut")                                                                                  \
    X(INVALID, "invalid")                                                                          \
    X(BUSY, "busy")                                                                                \
    X(FAILED, "failed")                                                                            \
    X(REFUSED, "refused")

enum llm_call {
#define X(name, text) LLM_CALL_##name,
    LLM_CALLS(X)
#undef X
        LLM_CALL_COUNT
};

struct llm_meter {
    struct metric *calls[LLM_CALL_COUNT];
    struct metric *prompt_tokens;
    struct metric *completion_tokens;
    struct metric *latency;
    struct metric *in_flight;
    struct metric *slots;
    struct metric *breaker;
};

void llm_meter_init(struct llm_meter *meter);
void llm_meter_call(const struct llm_meter *meter, enum llm_call call, int64_t latency_ms);
void llm_meter_tokens(const struct llm_meter *meter, uint64_t prompt, uint64_t completion);
void llm_meter_state(const struct llm_meter *meter, unsigned in_flight, unsigned slots,
                     enum breaker_state breaker);

#endif
