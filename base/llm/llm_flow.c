#include "base/llm/llm_private.h"

#include <inttypes.h>
#include <stdio.h>

/* ---- ends ---- */

static void end_with(struct llm *llm, struct pending *pending, enum llm_outcome outcome,
                     const char *reason)
{
    pending_fail(pending, outcome, reason);
    llm->ended++;
}

static void put_off(struct pending *pending, int64_t now_ms, int64_t wait_ms)
{
    pending->state = PENDING_WAITING;
    pending->due_ms = now_ms + wait_ms;
}

/* Patience is over, or will be before anything can be tried. */
static void expire(struct llm *llm, struct pending *pending)
{
    char reason[LLM_REASON_MAX + 64];

    (void) snprintf(reason, sizeof reason, "no answer within %" PRId64 " s%s%s",
                    llm->patience_ms / 1000, llm->trouble[0] == '\0' ? "" : ": ", llm->trouble);
    end_with(llm, pending, LLM_UNAVAILABLE, reason);
}

static bool may_try_again(const struct llm *llm, const struct pending *pending)
{
    return pending->attempts < llm->retry.attempts &&
           pending->answer.usage.calls < pending->max_calls;
}

static void failed(struct llm *llm, struct pending *pending, const struct llm_attempt_end *end,
                   int64_t now_ms)
{
    char reason[LLM_REASON_MAX + 64];

    if (end->stale && !pending->was_stale && pending->answer.usage.calls < pending->max_calls) {
        pending->was_stale = true;
        pending->state = PENDING_READY;
        return;
    }
    pending->attempts++;
    if (may_try_again(llm, pending)) {
        put_off(pending, now_ms, retry_wait_ms(&llm->retry, pending->attempts - 1, pending->seed));
        return;
    }
    (void) snprintf(reason, sizeof reason, "%s, %u attempts", end->reason, pending->attempts);
    end_with(llm, pending, LLM_UNAVAILABLE, reason);
}

static void busy(struct llm *llm, struct pending *pending, const struct llm_attempt_end *end,
                 int64_t now_ms)
{
    int64_t wait_ms = retry_wait_ms(&llm->retry, pending->refusals++, pending->seed);

    if (end->wait_ms > wait_ms)
        wait_ms = end->wait_ms;
    if (now_ms + wait_ms >= pending->deadline_ms)
        expire(llm, pending);
    else
        put_off(pending, now_ms, wait_ms);
}

/* A reply that is no answer. Asked once more with what is wrong; the same question again would get
 * the same reply. */
static enum status out_of_form(struct llm *llm, struct pending *pending, struct slice reply,
                               const char *wrong, struct error *err)
{
    char reason[LLM_REASON_MAX + 64];
    enum status status;

    pending->attempts++;
    if (!pending->repaired && may_try_again(llm, pending)) {
        status = pending_add_repair(pending, reply, wrong, err);
        if (status == STATUS_OK)
            pending->state = PENDING_READY;
        return status;
    }
    (void) snprintf(reason, sizeof reason, "reply out of form: %s, %" PRIu64 " calls", wrong,
                    pending->answer.usage.calls);
    end_with(llm, pending, LLM_INVALID, reason);
    return STATUS_OK;
}

static enum status read_reply(struct llm *llm, struct pending *pending,
                              const struct llm_attempt_end *end, struct error *err)
{
    const struct shape_value *values = NULL;
    struct error wrong;
    enum status status = pending_name(pending, end->served_by, err);

    if (status != STATUS_OK)
        return status;
    if (pending->text_count > 0) {
        status = pending_answer_vectors(pending, end, err);
        llm->ended += status == STATUS_OK;
        return status;
    }
    status = shape_read(pending->shape, end->text, pending->arena, &values, &wrong);
    if (status == STATUS_INVALID)
        return out_of_form(llm, pending, end->text, wrong.message, err);
    if (status != STATUS_OK)
        return error_set(err, status, "%s", wrong.message);
    status = pending_answer_text(pending, values, err);
    llm->ended += status == STATUS_OK;
    return status;
}

/* What the attempt says about the server. */
static void tell_server(struct llm *llm, const struct pending *pending,
                        const struct llm_attempt_end *end, int64_t now_ms)
{
    bool answered = end->end == LLM_END_REPLY || end->end == LLM_END_CUT;
    enum slots_end kind = SLOTS_NEITHER;

    if (answered)
        kind = SLOTS_ANSWERED;
    else if (end->overload)
        kind = end->end == LLM_END_BUSY ? SLOTS_REFUSED : SLOTS_TIMED_OUT;
    slots_ended(&llm->slots, now_ms, pending->sent_ms, kind);
    if (answered || end->end == LLM_END_REFUSED)
        breaker_answered(&llm->breaker);
    else if (end->stale)
        breaker_forgot(&llm->breaker, pending->probe);
    else
        breaker_failed(&llm->breaker, now_ms, pending->probe);
    if (end->end == LLM_END_BUSY && end->wait_ms > 0)
        breaker_pause(&llm->breaker, now_ms, end->wait_ms);
    (void) snprintf(llm->trouble, sizeof llm->trouble, "%s", answered ? "" : end->reason);
}

static void charge(struct llm *llm, struct pending *pending, const struct llm_attempt_end *end,
                   int64_t now_ms)
{
    struct llm_usage *usage = &pending->answer.usage;

    usage->calls += end->sent;
    usage->prompt_tokens += end->prompt_tokens;
    usage->completion_tokens += end->completion_tokens;
    usage->latency_ms = now_ms - pending->first_sent_ms;
    llm_meter_tokens(&llm->meter, end->prompt_tokens, end->completion_tokens);
}

static void count(struct llm *llm, const struct pending *pending, const struct llm_attempt_end *end,
                  int64_t now_ms)
{
    static const enum llm_call calls[] = {[LLM_END_REPLY] = LLM_CALL_ANSWERED,
                                          [LLM_END_CUT] = LLM_CALL_CUT,
                                          [LLM_END_BUSY] = LLM_CALL_BUSY,
                                          [LLM_END_FAILED] = LLM_CALL_FAILED,
                                          [LLM_END_REFUSED] = LLM_CALL_REFUSED};
    enum llm_call call = calls[end->end];

    if (end->end == LLM_END_REPLY &&
        (pending->state != PENDING_ENDED || pending->answer.outcome != LLM_ANSWERED))
        call = LLM_CALL_INVALID;
    llm_meter_call(&llm->meter, call, now_ms - pending->sent_ms);
}

static enum status record(struct llm *llm, const struct pending *pending,
                          const struct llm_attempt_end *end, struct error *err)
{
    struct llm_attempt attempt = pending_attempt(pending);

    if (llm->recording == NULL || attempt.text_count > 0)
        return STATUS_OK;
    return recording_append(llm->recording, llm->model, &attempt, end, err);
}

static enum status take_end(struct llm *llm, const struct llm_attempt_end *end, struct error *err)
{
    struct pending *pending = end->owner;
    int64_t now = clock_mono_ms(llm->clock);
    enum status status = record(llm, pending, end, err);

    tell_server(llm, pending, end, now);
    charge(llm, pending, end, now);
    pending->probe = false;
    if (end->end != LLM_END_BUSY)
        pending->refusals = 0;
    if (status != STATUS_OK)
        return status;
    switch (end->end) {
    case LLM_END_REPLY:
        status = read_reply(llm, pending, end, err);
        break;
    case LLM_END_CUT:
        status = out_of_form(llm, pending, end->text, "it was cut off before its end", err);
        break;
    case LLM_END_BUSY:
        busy(llm, pending, end, now);
        break;
    case LLM_END_FAILED:
        failed(llm, pending, end, now);
        break;
    case LLM_END_REFUSED:
        end_with(llm, pending, LLM_REFUSED, end->reason);
        break;
    }
    count(llm, pending, end, now);
    return status;
}

enum status llm_flow_collect(struct llm *llm, struct error *err)
{
    struct llm_attempt_end end;
    enum status status = STATUS_OK;

    while (status == STATUS_OK && llm->backend->next(llm->state, &end))
        status = take_end(llm, &end, err);
    return status;
}

/* ---- sending ---- */

/* STATUS_AGAIN: the backend is full. A question that cannot be put into a request at all ends here
 * and keeps no other from going. */
static enum status send_one(struct llm *llm, struct pending *pending, int64_t now_ms,
                            struct error *err)
{
    struct llm_attempt attempt = pending_attempt(pending);
    struct error why;
    enum status status;

    attempt.owner = pending;
    attempt.timeout_ms = pending->deadline_ms - now_ms < llm->timeout_ms
                             ? pending->deadline_ms - now_ms
                             : llm->timeout_ms;
    status = llm->backend->submit(llm->state, &attempt, &why);
    if (status == STATUS_INVALID || status == STATUS_TOO_LARGE) {
        end_with(llm, pending, LLM_REFUSED, why.message);
        return STATUS_OK;
    }
    if (status != STATUS_OK)
        return error_set(err, status, "%s", why.message);
    pending->state = PENDING_FLYING;
    pending->sent_ms = now_ms;
    if (pending->first_sent_ms == 0)
        pending->first_sent_ms = now_ms;
    pending->probe = breaker_sent(&llm->breaker);
    slots_sent(&llm->slots, now_ms);
    return STATUS_OK;
}

static bool is_due(const struct llm *llm, const struct pending *pending, int64_t now_ms)
{
    if (pending->state == PENDING_READY)
        return true;
    return pending->state == PENDING_WAITING &&
           (pending->due_ms <= now_ms ||
            breaker_away_ms(&llm->breaker, now_ms) >= llm->patience_ms);
}

/* A question that is not on its way: sent, ended, or left waiting. */
static enum status move_one(struct llm *llm, struct pending *pending, int64_t now_ms,
                            struct error *err)
{
    if (pending->deadline_ms <= now_ms) {
        expire(llm, pending);
        return STATUS_OK;
    }
    if (is_due(llm, pending, now_ms) && slots_free(&llm->slots) > 0 &&
        breaker_allows(&llm->breaker, now_ms))
        return send_one(llm, pending, now_ms, err);
    if (breaker_away_ms(&llm->breaker, now_ms) >= llm->patience_ms)
        expire(llm, pending);
    return STATUS_OK;
}

/* The one that failed least: a question that fails wherever the server is must not be the only one
 * that is tried. NULL: the server is not in trouble, or nothing is due. */
static struct pending *choose_probe(const struct llm *llm, int64_t now_ms)
{
    struct pending *best = NULL;

    if (breaker_state(&llm->breaker, now_ms) == BREAKER_CLOSED)
        return NULL;
    for (size_t i = 0; i < llm->open_count; i++) {
        struct pending *pending = llm->open[i];
        if (is_due(llm, pending, now_ms) && (best == NULL || pending->attempts + pending->refusals <
                                                                 best->attempts + best->refusals))
            best = pending;
    }
    return best;
}

enum status llm_flow_send(struct llm *llm, struct error *err)
{
    int64_t now = clock_mono_ms(llm->clock);
    struct pending *probe = choose_probe(llm, now);
    enum status status = probe == NULL ? STATUS_OK : move_one(llm, probe, now, err);

    for (size_t i = 0; i < llm->open_count && status == STATUS_OK; i++) {
        struct pending *pending = llm->open[i];
        if (pending->state == PENDING_READY || pending->state == PENDING_WAITING)
            status = move_one(llm, pending, now, err);
    }
    return status == STATUS_AGAIN ? STATUS_OK : status;
}

/* When it may go, for all that is known. */
static int64_t ready_ms(const struct pending *pending, int64_t allowed_ms)
{
    bool waits = pending->state == PENDING_WAITING && pending->due_ms > allowed_ms;

    return waits ? pending->due_ms : allowed_ms;
}

int64_t llm_flow_next_ms(const struct llm *llm)
{
    int64_t next = INT64_MAX;
    int64_t now = clock_mono_ms(llm->clock);
    int64_t allowed = slots_free(&llm->slots) > 0 ? breaker_next_ms(&llm->breaker, now) : INT64_MAX;

    for (size_t i = 0; i < llm->open_count; i++) {
        const struct pending *pending = llm->open[i];
        int64_t at = ready_ms(pending, allowed);
        if (pending->deadline_ms < at)
            at = pending->deadline_ms;
        if ((pending->state == PENDING_WAITING || pending->state == PENDING_READY) && at < next)
            next = at;
    }
    return next;
}

void llm_flow_cancel(struct llm *llm, struct pending *pending)
{
    llm->backend->cancel(llm->state, pending);
    slots_ended(&llm->slots, clock_mono_ms(llm->clock), pending->sent_ms, SLOTS_NEITHER);
    breaker_forgot(&llm->breaker, pending->probe);
}
