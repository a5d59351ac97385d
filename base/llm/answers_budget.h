/*
 * answers_budget: sums of calls, tokens and money, and caps on them. Private to base/llm.
 *
 * Sums     stay at UINT64_MAX instead of running over, so a hostile number can exhaust a budget
 *          and never open it; differences stay at 0.
 * Caps     0 is none.
 * Bound    A question's cost is bounded beforehand: a token has at least one byte, a turn's frame
 *          and a form's rules add some, and a repair question repeats what was answered before.
 *          What a server charges beyond the bytes it was sent is not bounded.
 * Money    Millionths of the currency; prices are per million tokens; each sum is rounded up.
 */
#ifndef XUNFANG_BASE_LLM_ANSWERS_BUDGET_H
#define XUNFANG_BASE_LLM_ANSWERS_BUDGET_H

#include "base/llm/answers.h"
#include "base/llm/asker.h"

struct answers_cost cost_plus(struct answers_cost a, struct answers_cost b);
struct answers_cost cost_minus(struct answers_cost a, struct answers_cost b);
/* NULL: within every cap; else the first that is passed: "calls", "tokens", "money". */
const char *cost_over(const struct answers_cost *cost, const struct answers_cost *caps);

/* What the tokens cost. */
uint64_t cost_money(const struct asker_prices *prices, uint64_t prompt, uint64_t completion);
struct answers_cost cost_of_usage(const struct llm_usage *usage, uint64_t money);

/* The most a question may cost in `calls` calls. Its max_tokens are given, not 0. */
struct answers_cost cost_bound(const struct asker_question *question, unsigned calls,
                               const struct asker_prices *prices);

#endif
