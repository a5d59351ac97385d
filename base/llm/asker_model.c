#include "base/llm/answers_budget.h"
#include "base/llm/asker_meter.h"
#include "base/llm/asker_private.h"

/* Claims beyond the model's room: as many answers as may end in a round trip of the log, which is
 * a few steps of the worker. Each is lost to the budget if we die, so not more than that. */
enum { AHEAD_MIN = 8, AHEAD_SHARE = 2 };

/* ---- claiming ---- */

/* As many calls as there is room for; STATUS_LIMIT: not for one. */
static enum status choose(const struct asker *asker, struct inquiry *inquiry,
                          struct answer_claim *claim, const char **cap)
{
    enum status status = STATUS_LIMIT;

    claim->generation = inquiry_generation(inquiry);
    for (unsigned calls = LLM_CALLS_MAX; status == STATUS_LIMIT && calls > 0; calls--) {
        inquiry->calls = calls;
        claim->reserve = cost_bound(&inquiry->question, calls, &asker->prices);
        status = answers_may_claim(asker->answers, &claim->reserve, cap);
    }
    return status;
}

/* Or refuses: that must stand in the log, too, so that the question ends alike everywhere. */
static enum status claim_one(struct asker *asker, struct inquiry *inquiry, struct error *err)
{
    struct answer_claim claim;
    const char *cap;
    enum status status = choose(asker, inquiry, &claim, &cap);
    bool limit = status == STATUS_LIMIT;

    if (limit)
        status = answers_refuse(asker->answers, inquiry->key, cap, err);
    else if (status == STATUS_OK)
        status = answers_claim(asker->answers, inquiry->key, &claim, err);
    if (status != STATUS_OK)
        return status;
    /* Of the claim, not of the waiters: newer ones may join while it is on its way. */
    inquiry->generation = claim.generation;
    asker_set_ahead(asker, inquiry, !limit);
    asker_move(asker, inquiry, STAGE_FLIGHT);
    return STATUS_OK;
}

/* Claimed and not asked, in the log or on the way to it. */
static size_t claims_wanted(const struct asker *asker)
{
    return llm_room(asker->llm) + AHEAD_MIN + llm_open(asker->llm) / AHEAD_SHARE;
}

/* In the order they came; one that must wait for room holds back the others, or a large question
 * would never find any. */
enum status asker_claim_some(struct asker *asker, struct error *err)
{
    struct line *line = &asker->lines[STAGE_WANT];
    size_t wanted = line->first == NULL ? 0 : claims_wanted(asker);
    enum status status = STATUS_OK;

    while (status == STATUS_OK && line->first != NULL && asker->ahead < wanted)
        status = claim_one(asker, line->first, err);
    return status == STATUS_AGAIN ? STATUS_OK : status;
}

/* ---- asking ---- */

/* Not after half of the claim's life: it must be over before others may think so. */
static enum status hand_to_model(struct asker *asker, struct inquiry *inquiry, struct error *err)
{
    const struct llm_question question = {
        .turns = inquiry->question.turns,
        .turn_count = inquiry->question.turn_count,
        .shape = inquiry->question.shape,
        .max_tokens = inquiry->question.max_tokens,
        .max_calls = inquiry->calls,
        .owner = inquiry,
    };
    enum status status;

    if (inquiry->until_ms <= clock_wall_ms(asker->clock)) {
        asker_move(asker, inquiry, STAGE_LOOK); /* which gives the claim back */
        return STATUS_OK;
    }
    status = llm_ask(asker->llm, &question, err);
    if (status != STATUS_OK)
        return status;
    asker_set_ahead(asker, inquiry, false);
    asker_move(asker, inquiry, STAGE_ASKING);
    return STATUS_OK;
}

/* The model gets what it can send at once: a question that waits there uses up its patience. If the
 * model is in trouble that is what should happen, so that all of them end. */
static size_t places(const struct asker *asker)
{
    return llm_troubled(asker->llm) ? SIZE_MAX : llm_room(asker->llm);
}

enum status asker_ask_some(struct asker *asker, struct error *err)
{
    struct line *line = &asker->lines[STAGE_GRANTED];
    size_t left = line->first == NULL ? 0 : places(asker);
    enum status status = STATUS_OK;

    for (; status == STATUS_OK && line->first != NULL && left > 0; left--)
        status = hand_to_model(asker, line->first, err);
    return status == STATUS_AGAIN ? STATUS_OK : status;
}

/* Copied: the model keeps an answer no longer than it must. */
enum status asker_harvest(struct asker *asker, struct error *err)
{
    const struct llm_answer *answer;
    enum status status = STATUS_OK;

    while (status == STATUS_OK && (answer = llm_next(asker->llm)) != NULL) {
        struct inquiry *inquiry = answer->owner;
        status = inquiry_keep_end(inquiry, answer, err);
        if (answer->outcome == LLM_INVALID)
            asker_meter_invalid(inquiry->question.task.data);
        llm_release(asker->llm, answer);
        /* Also where it failed: whoever is told first is the one that paid (asked.remembered). */
        inquiry->ours = true;
        asker_move(asker, inquiry, STAGE_ENDED);
    }
    return status;
}

/* The text as the model's client gave it: checked, in the canonical form. */
static enum status append_reply(struct asker *asker, const struct inquiry *inquiry, uint64_t money,
                                struct error *err)
{
    const struct answer_question question = {
        .task = inquiry->question.task,
        .model = slice_from(llm_model(asker->llm)),
        .prompt = inquiry->question.prompt,
    };
    const struct answer_reply reply = {
        .claim = inquiry->claim,
        .question = &question,
        .text = inquiry->end.text,
        .served_by = inquiry->end.served_by,
        .usage = inquiry->end.usage,
        .money = money,
    };

    return answers_reply(asker->answers, inquiry->key, &reply, err);
}

/* In the generation that was claimed: waiters of a newer one claim again. */
static enum status append_failure(struct asker *asker, const struct inquiry *inquiry,
                                  uint64_t money, struct error *err)
{
    const struct answer_failure failure = {
        .claim = inquiry->claim,
        .reason = inquiry->end.reason,
        .generation = inquiry->generation,
        .usage = inquiry->end.usage,
        .money = money,
    };

    return answers_fail(asker->answers, inquiry->key, &failure, err);
}

/* Counted once it is on its way: what we paid does not depend on who was first. */
static enum status append_end(struct asker *asker, struct inquiry *inquiry, struct error *err)
{
    const struct llm_usage *usage = &inquiry->end.usage;
    uint64_t money = cost_money(&asker->prices, usage->prompt_tokens, usage->completion_tokens);
    enum status status = inquiry->end.outcome == LLM_ANSWERED
                             ? append_reply(asker, inquiry, money, err)
                             : append_failure(asker, inquiry, money, err);

    if (status != STATUS_OK)
        return status;
    asker_meter_cost(money);
    asker_move(asker, inquiry, STAGE_FLIGHT);
    return STATUS_OK;
}

enum status asker_append_all(struct asker *asker, struct error *err)
{
    struct line *line = &asker->lines[STAGE_ENDED];
    enum status status = STATUS_OK;

    while (status == STATUS_OK && line->first != NULL)
        status = append_end(asker, line->first, err);
    return status == STATUS_AGAIN ? STATUS_OK : status;
}
