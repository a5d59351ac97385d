#include "base/llm/llm_meter.h"

/* From a short answer of a large machine to a long one of a laptop. */
static const double latency_buckets[] = {0.03, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 60, 120, 300, 0};

static const struct metric_family calls_family = {"xunfang_llm_calls",
                                                  METRIC_COUNTER,
                                                  NULL,
                                                  "Requests to a language model, by their end",
                                                  {"outcome"},
                                                  NULL};
static const struct metric_family tokens_family = {"xunfang_llm_tokens",
                                                   METRIC_COUNTER,
                                                   NULL,
                                                   "Tokens as the server counts them",
                                                   {"direction"},
                                                   NULL};
static const struct metric_family latency_family = {
    "xunfang_llm_latency_seconds",       METRIC_HISTOGRAM, "seconds",
    "From sending a request to its end", {NULL},           latency_buckets};
static const struct metric_family in_flight_family = {"xunfang_llm_in_flight", METRIC_GAUGE, NULL,
                                                      "Requests under way",    {NULL},       NULL};
static const struct metric_family slots_family = {
    "xunfang_llm_slots", METRIC_GAUGE, NULL, "Requests that may be under way now", {NULL}, NULL};
static const struct metric_family breaker_family = {
    "xunfang_llm_breaker",
    METRIC_GAUGE,
    NULL,
    "0: the server is asked, 1: it is tried, 2: it is left alone",
    {NULL},
    NULL};

void llm_meter_init(struct llm_meter *meter)
{
    static const char *const outcomes[] = {
#define X(name, text) text,
        LLM_CALLS(X)
#undef X
    };

    for (size_t i = 0; i < LLM_CALL_COUNT; i++)
        meter->calls[i] = metric_series(&calls_family, outcomes[i], NULL, NULL);
    meter->prompt_tokens = metric_series(&tokens_family, "prompt", NULL, NULL);
    meter->completion_tokens = metric_series(&tokens_family, "completion", NULL, NULL);
    meter->latency = metric_series(&latency_family, NULL, NULL, NULL);
    meter->in_flight = metric_series(&in_flight_family, NULL, NULL, NULL);
    meter->slots = metric_series(&slots_family, NULL, NULL, NULL);
    meter->breaker = metric_series(&breaker_family, NULL, NULL, NULL);
}

void llm_meter_call(const struct llm_meter *meter, enum llm_call call, int64_t latency_ms)
{
    metric_add(meter->calls[call], 1);
    if (call == LLM_CALL_ANSWERED || call == LLM_CALL_CUT || call == LLM_CALL_INVALID)
        metric_observe(meter->latency, (double) latency_ms / 1000);
}

void llm_meter_tokens(const struct llm_meter *meter, uint64_t prompt, uint64_t completion)
{
    metric_add(meter->prompt_tokens, (double) prompt);
    metric_add(meter->completion_tokens, (double) completion);
}

void llm_meter_state(const struct llm_meter *meter, unsigned in_flight, unsigned slots,
                     enum breaker_state breaker)
{
    metric_set(meter->in_flight, in_flight);
    metric_set(meter->slots, slots);
    metric_set(meter->breaker, breaker == BREAKER_CLOSED ? 0 : breaker == BREAKER_OPEN ? 2 : 1);
}
