#include "base/llm/asker_meter.h"

#include "base/metrics.h"

static const struct metric_family questions_family = {"xunfang_llm_questions",
                                                      METRIC_COUNTER,
                                                      NULL,
                                                      "Questions to a language model that ended",
                                                      {"task", "outcome"},
                                                      NULL};
static const struct metric_family cost_family = {"xunfang_llm_cost",
                                                 METRIC_COUNTER,
                                                 NULL,
                                                 "What they cost, in the job's currency",
                                                 {NULL},
                                                 NULL};
static const struct metric_family invalid_family = {"xunfang_llm_invalid",
                                                    METRIC_COUNTER,
                                                    NULL,
                                                    "Answers that are not of the form",
                                                    {"task"},
                                                    NULL};

static const char *outcome_label(const struct asked *asked)
{
    if (asked->outcome == ASKED_ANSWERED)
        return asked->remembered ? "remembered" : "answered";
    return asked->outcome == ASKED_FAILED ? "failed" : "refused";
}

void asker_meter_question(const char *task, const struct asked *asked)
{
    metric_add(metric_series(&questions_family, task, outcome_label(asked), NULL), 1);
}

void asker_meter_cost(uint64_t money)
{
    metric_add(metric_series(&cost_family, NULL, NULL, NULL), (double) money / 1e6);
}

void asker_meter_invalid(const char *task)
{
    metric_add(metric_series(&invalid_family, task, NULL, NULL), 1);
}
