/*
 * plan_model: what asking a language model will cost a job: questions, calls, tokens, money.
 *
 * Screened  Of the documents a share passes the dictionary and the period, and of those a share are
 *           visits: 38 % and 24 % in the study of 2024 (728,677 documents, 273,830 screened, 66,237
 *           visits), unless told otherwise. Tasks with a gate are asked of visits alone.
 * Band      A task is asked for the share of documents whose chance lies in its band. Shares come
 *           from the 160 hand-labelled items that docs/quality.md tells of, by models that did not
 *           see them; their no-visits are harder than what a search finds, so they err upwards. A
 *           `fields` task is asked where the rules leave a visit open: 26 in 1,000.
 * Tokens    As prompt_tokens says: a full text and the longest answer, so again upwards. Every
 *           question is one call.
 * Budget    At a cap no more is asked: calls, tokens and money end where the first of them does.
 * Memory    In the caller's arena.
 */
#ifndef XUNFANG_STUDY_PLAN_MODEL_H
#define XUNFANG_STUDY_PLAN_MODEL_H

#include "base/util/arena.h"
#include "study/study.h"

struct plan_funnel {
    uint64_t documents;
    uint64_t screened_percent; /* of the documents; 0: 38 */
    uint64_t visit_percent;    /* of the screened; 0: 24 */
};

struct plan_task {
    struct slice name;
    bool banded; /* its questions depend on the bounds */
    uint64_t from_percent;
    uint64_t to_percent;
    uint64_t questions;
    uint64_t prompt_tokens; /* of one question */
    uint64_t answer_tokens;
};

struct plan_model {
    struct plan_funnel assumed;
    struct plan_task *tasks; /* none: the job has no language model */
    size_t task_count;
    uint64_t questions; /* before the budget */
    uint64_t calls;     /* within it */
    uint64_t tokens;
    uint64_t money;  /* millionths of the job's currency */
    const char *cap; /* what ends them: "calls", "tokens", "money"; NULL: nothing */
};

/* STATUS_INVALID: a task's prompt cannot be made. */
CHECKED enum status plan_model_make(const struct study *study, const struct plan_funnel *funnel,
                                    struct arena *arena, struct plan_model *model,
                                    struct error *err);

#endif
