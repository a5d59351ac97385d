#include "base/llm/answers_budget.h"

#include "base/llm/pending.h"

/* Tokens beyond the text's bytes: of a turn's frame, of a request's; of a repair's two turns, which
 * quote at most PENDING_QUOTE_MAX bytes; of a field's rules besides its labels. */
enum { TURN_TOKENS = 16, CALL_TOKENS = 64, REPAIR_TOKENS = PENDING_QUOTE_MAX + 1024 };
enum { FIELD_TOKENS = 128 };

/* ---- sums ---- */

/* They stop at their ends: a sum that ran over would look like room in the budget. */
static uint64_t plus(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static uint64_t minus(uint64_t a, uint64_t b)
{
    return a < b ? 0 : a - b;
}

static uint64_t times(uint64_t a, uint64_t b)
{
    return b != 0 && a > UINT64_MAX / b ? UINT64_MAX : a * b;
}

struct answers_cost cost_plus(struct answers_cost a, struct answers_cost b)
{
    return (struct answers_cost){
        .calls = plus(a.calls, b.calls),
        .tokens = plus(a.tokens, b.tokens),
        .money = plus(a.money, b.money),
    };
}

struct answers_cost cost_minus(struct answers_cost a, struct answers_cost b)
{
    return (struct answers_cost){
        .calls = minus(a.calls, b.calls),
        .tokens = minus(a.tokens, b.tokens),
        .money = minus(a.money, b.money),
    };
}

static bool over(uint64_t number, uint64_t cap)
{
    return cap != 0 && number > cap;
}

const char *cost_over(const struct answers_cost *cost, const struct answers_cost *caps)
{
    if (over(cost->calls, caps->calls))
        return "calls";
    if (over(cost->tokens, caps->tokens))
        return "tokens";
    return over(cost->money, caps->money) ? "money" : NULL;
}

/* ---- prices ---- */

uint64_t cost_money(const struct asker_prices *prices, uint64_t prompt, uint64_t completion)
{
    const uint64_t million = 1000000;
    /* In two parts, so that the products do not run over before the division. */
    uint64_t whole = plus(times(prompt / million, prices->prompt),
                          times(completion / million, prices->completion));
    uint64_t rest = plus(times(prompt % million, prices->prompt),
                         times(completion % million, prices->completion));

    return plus(whole, rest / million + (rest % million != 0));
}

struct answers_cost cost_of_usage(const struct llm_usage *usage, uint64_t money)
{
    return (struct answers_cost){
        .calls = usage->calls,
        .tokens = plus(usage->prompt_tokens, usage->completion_tokens),
        .money = money,
    };
}

/* ---- bounds ---- */

/* Some servers count the form's rules as part of the prompt. */
static uint64_t shape_tokens(const struct shape *shape)
{
    uint64_t tokens = 0;

    for (size_t i = 0; i < shape->field_count; i++) {
        const struct shape_field *field = &shape->fields[i];
        tokens += FIELD_TOKENS + field->name.size;
        for (size_t j = 0; j < field->choice_count; j++)
            tokens += field->choices[j].size;
    }
    return tokens;
}

/* A token is at least one byte of its text. */
static uint64_t prompt_tokens(const struct asker_question *question)
{
    uint64_t tokens = CALL_TOKENS + shape_tokens(question->shape);

    for (size_t i = 0; i < question->turn_count; i++)
        tokens += TURN_TOKENS + question->turns[i].text.size;
    return tokens;
}

struct answers_cost cost_bound(const struct asker_question *question, unsigned calls,
                               const struct asker_prices *prices)
{
    uint64_t completion = times(calls, question->max_tokens);
    uint64_t prompt = times(calls, prompt_tokens(question));

    /* Any call but the first may be the repair, and which one is not known. */
    if (calls > 1)
        prompt = plus(prompt, times(calls - 1, REPAIR_TOKENS));
    return (struct answers_cost){
        .calls = calls,
        .tokens = plus(prompt, completion),
        .money = cost_money(prices, prompt, completion),
    };
}
