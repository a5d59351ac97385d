#include "base/llm/asker_meter.h"
#include "base/llm/asker_private.h"

enum { TICK_MS = 500 };

/* ---- ends of questions ---- */

/* To those that asker_next gives. */
static void end_waiter(struct asker *asker, struct waiter *waiter, enum asked_outcome outcome)
{
    struct inquiry *inquiry = waiter->inquiry;

    waiter->asked.outcome = outcome;
    waiter->asked.remembered = !inquiry->ours;
    inquiry->ours = false; /* one call, one question that paid for it */
    asker_meter_question(inquiry->question.task.data, &waiter->asked);
    waiter_put(&asker->ended, waiter);
}

static enum status end_with_reason(struct asker *asker, struct waiter *waiter,
                                   enum asked_outcome outcome, struct slice reason,
                                   struct error *err)
{
    waiter->asked.reason = inquiry_reason(waiter->inquiry, "", reason);
    if (waiter->asked.reason.data == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for an answer");
    end_waiter(asker, waiter, outcome);
    return STATUS_OK;
}

/* The reply is the log's: it may be of a version with another idea of the form. */
static enum status end_with_reply(struct asker *asker, struct waiter *waiter, struct slice text,
                                  struct error *err)
{
    struct inquiry *inquiry = waiter->inquiry;
    struct error cause = {0};
    enum status status = STATUS_OK;

    if (inquiry->read_shape != waiter->shape)
        status = shape_read(waiter->shape, text, inquiry->arena, &inquiry->values, &cause);
    if (status == STATUS_NOMEM)
        return error_set(err, status, "%s", cause.message);
    if (status != STATUS_OK) {
        asker_meter_invalid(inquiry->question.task.data);
        return end_with_reason(asker, waiter, ASKED_FAILED, slice_from(cause.message), err);
    }
    inquiry->read_shape = waiter->shape;
    waiter->asked.values = inquiry->values;
    end_waiter(asker, waiter, ASKED_ANSWERED);
    return STATUS_OK;
}

/* false in *ended: the log has no outcome for it yet. The failure first: it was known before any
 * reply, and a repeat of the question must end as it did. */
static enum status settle_one(struct asker *asker, struct waiter *waiter,
                              const struct answer_entry *entry, bool *ended, struct error *err)
{
    *ended = true;
    if (entry->failed && entry->generation >= waiter->generation)
        return end_with_reason(asker, waiter, ASKED_FAILED, entry->failure, err);
    if (entry->state == ANSWER_REPLIED)
        return end_with_reply(asker, waiter, entry->text, err);
    if (entry->state == ANSWER_REFUSED)
        return end_with_reason(asker, waiter, ASKED_REFUSED, entry->text, err);
    *ended = false;
    return STATUS_OK;
}

/* Each by its own generation; those without an outcome stay, in order. */
static enum status settle(struct asker *asker, struct inquiry *inquiry,
                          const struct answer_entry *entry, struct error *err)
{
    struct waiter_line line = inquiry->waiters;
    enum status status = STATUS_OK;
    struct waiter *waiter;
    bool ended;

    inquiry->waiters = (struct waiter_line){NULL, NULL};
    while ((waiter = waiter_take(&line)) != NULL) {
        ended = false;
        if (status == STATUS_OK)
            status = settle_one(asker, waiter, entry, &ended, err);
        if (status != STATUS_OK || !ended)
            waiter_put(&inquiry->waiters, waiter);
    }
    return status;
}

/* ---- how inquiries go on ---- */

/* Our claim is not needed, or too old to be used. */
static enum status give_back(struct asker *asker, struct inquiry *inquiry, uint64_t claim,
                             struct error *err)
{
    enum status status = answers_release(asker->answers, inquiry->key, claim, err);

    if (status == STATUS_OK)
        asker_move(asker, inquiry, STAGE_FLIGHT);
    return status;
}

/* Where it goes on with the waiters that are left; stays where it is if the bus is full. */
static enum status place(struct asker *asker, struct inquiry *inquiry,
                         const struct answer_entry *entry, struct error *err)
{
    bool late = entry->state == ANSWER_OURS && entry->until_ms <= clock_wall_ms(asker->clock);

    if (entry->claim != 0 && (inquiry->waiters.first == NULL || late))
        return give_back(asker, inquiry, entry->claim, err);
    if (inquiry->waiters.first == NULL) {
        asker_drop(asker, inquiry);
        return STATUS_OK;
    }
    /* The number as the log has it: the end must name this very claim. */
    inquiry->until_ms = entry->until_ms;
    inquiry->claim = entry->claim;
    if (entry->state == ANSWER_OURS) {
        asker_set_ahead(asker, inquiry, true);
        asker_move(asker, inquiry, STAGE_GRANTED);
    } else {
        asker_move(asker, inquiry, entry->state == ANSWER_THEIRS ? STAGE_THEIRS : STAGE_WANT);
    }
    return STATUS_OK;
}

/* Whatever it waited for: the log alone says how it goes on. */
static enum status look(struct asker *asker, struct inquiry *inquiry, struct error *err)
{
    struct answer_entry entry;
    enum status status;

    arena_reset(asker->scratch);
    status = answers_find(asker->answers, inquiry->key, asker->scratch, &entry, err);
    if (status != STATUS_OK)
        return status;
    if (entry.state == ANSWER_QUEUED) {
        asker_move(asker, inquiry, STAGE_FLIGHT);
        return STATUS_OK;
    }
    /* Set again by place() if the claim was granted: one that was not is no claim ahead. */
    asker_set_ahead(asker, inquiry, false);
    status = settle(asker, inquiry, &entry, err);
    return status == STATUS_OK ? place(asker, inquiry, &entry, err) : status;
}

/* Each at most once, whatever comes back to the line. STATUS_AGAIN is a full bus: what is left
 * stays in line for the next round. */
enum status asker_look_all(struct asker *asker, struct error *err)
{
    enum status status = STATUS_OK;

    for (size_t left = asker->lines[STAGE_LOOK].count; status == STATUS_OK && left > 0; left--)
        status = look(asker, asker->lines[STAGE_LOOK].first, err);
    return status == STATUS_AGAIN ? STATUS_OK : status;
}

/* Claims of others expire without a word in the log. Now and then is enough: they live long. */
void asker_look_at_clock(struct asker *asker)
{
    int64_t now = clock_mono_ms(asker->clock);
    struct inquiry *next;

    if (asker->lines[STAGE_THEIRS].first == NULL || now - asker->tick_ms < TICK_MS)
        return;
    asker->tick_ms = now;
    for (struct inquiry *at = asker->lines[STAGE_THEIRS].first; at != NULL; at = next) {
        next = at->next;
        if (at->until_ms <= clock_wall_ms(asker->clock))
            asker_move(asker, at, STAGE_LOOK);
    }
}
