#include "base/llm/asker.h"

#include "base/llm/asker_private.h"

#include <stdlib.h>

/* Waits are cut at TICK_MS, as others' claims expire without a word; at LOG_WAIT_MS while both the
 * model and the log may have something, for they cannot be waited for together. */
enum { ROUNDS_MAX = 4, TICK_MS = 500, LOG_WAIT_MS = 5, SCRATCH_MAX = 1024 * 1024 };

/* ---- lines ---- */

static void line_put(struct asker *asker, struct inquiry *inquiry, enum inquiry_stage stage)
{
    struct line *line = &asker->lines[stage];

    inquiry->stage = stage;
    inquiry->next = NULL;
    inquiry->previous = line->last;
    if (line->last == NULL)
        line->first = inquiry;
    else
        line->last->next = inquiry;
    line->last = inquiry;
    line->count++;
}

static void line_remove(struct asker *asker, struct inquiry *inquiry)
{
    struct line *line = &asker->lines[inquiry->stage];

    if (inquiry->previous == NULL)
        line->first = inquiry->next;
    else
        inquiry->previous->next = inquiry->next;
    if (inquiry->next == NULL)
        line->last = inquiry->previous;
    else
        inquiry->next->previous = inquiry->previous;
    line->count--;
}

void asker_move(struct asker *asker, struct inquiry *inquiry, enum inquiry_stage stage)
{
    line_remove(asker, inquiry);
    line_put(asker, inquiry, stage);
    asker->moves++;
}

void asker_set_ahead(struct asker *asker, struct inquiry *inquiry, bool ahead)
{
    asker->ahead -= inquiry->ahead;
    asker->ahead += ahead;
    inquiry->ahead = ahead;
}

void asker_drop(struct asker *asker, struct inquiry *inquiry)
{
    asker_set_ahead(asker, inquiry, false);
    line_remove(asker, inquiry);
    (void) map_remove(asker->inquiries, id_slice(&inquiry->key));
    asker->bytes -= inquiry->bytes;
    asker->moves++;
    inquiry_leave(inquiry);
}

/* ---- opening ---- */

/* What the model or we are at changes nothing by others' words. */
static void on_change(void *self, struct id key)
{
    struct asker *asker = self;
    struct inquiry *inquiry = map_get(asker->inquiries, id_slice(&key));

    if (inquiry != NULL && inquiry->stage != STAGE_ASKING && inquiry->stage != STAGE_ENDED)
        asker_move(asker, inquiry, STAGE_LOOK);
}

/* Made whole before the log may call it. */
enum status asker_create(const struct asker_options *options, struct asker **created,
                         struct error *err)
{
    struct asker *asker = calloc(1, sizeof *asker);

    if (asker == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for an asker");
    asker->llm = options->llm;
    asker->answers = options->answers;
    asker->clock = options->clock;
    asker->prices = options->prices;
    asker->inquiries = map_create();
    asker->scratch = arena_create(SCRATCH_MAX);
    if (asker->inquiries == NULL || asker->scratch == NULL) {
        asker_destroy(asker);
        return error_set(err, STATUS_NOMEM, "no memory for an asker");
    }
    answers_watch(asker->answers, on_change, asker);
    *created = asker;
    return STATUS_OK;
}

/* Their askers hear nothing of it. */
static void leave_all(struct waiter_line *line)
{
    struct waiter *waiter;

    while ((waiter = waiter_take(line)) != NULL)
        inquiry_leave(waiter->inquiry);
}

/* The model and the log go on without us: neither may point here any more. */
void asker_destroy(struct asker *asker)
{
    if (asker == NULL)
        return;
    answers_watch(asker->answers, NULL, NULL);
    leave_all(&asker->ended);
    for (int stage = 0; stage < STAGE_COUNT; stage++)
        while (asker->lines[stage].first != NULL) {
            struct inquiry *inquiry = asker->lines[stage].first;
            if (stage == STAGE_ASKING)
                llm_cancel(asker->llm, inquiry);
            leave_all(&inquiry->waiters);
            asker_drop(asker, inquiry);
        }
    map_destroy(asker->inquiries);
    arena_destroy(asker->scratch);
    free(asker);
}

/* ---- questions ---- */

/* What would never fit is told apart from what does not fit now. */
static enum status check_question(const struct asker *asker, const struct asker_question *question,
                                  struct error *err)
{
    size_t bytes = question_bytes(question);

    if (bytes > LLM_PROMPT_MAX || question->turn_count > LLM_TURNS_MAX)
        return error_set(err, STATUS_TOO_LARGE,
                         "a question of %zu bytes in %zu turns: %d in %d are allowed", bytes,
                         question->turn_count, (int) LLM_PROMPT_MAX, (int) LLM_TURNS_MAX);
    if (!answers_ready(asker->answers))
        return error_set(err, STATUS_AGAIN, "the log of answers is still being read");
    if (asker->open >= ASKER_OPEN_MAX || map_size(asker->inquiries) >= ASKER_OPEN_MAX ||
        asker->bytes + bytes > ASKER_BYTES_MAX)
        return error_set(err, STATUS_AGAIN, "%zu questions are open", asker->open);
    return STATUS_OK;
}

/* The first to ask for its key. */
static enum status add_inquiry(struct asker *asker, const struct asker_question *question,
                               struct id key, struct inquiry **added, struct error *err)
{
    struct inquiry *inquiry;
    enum status status = inquiry_create(question, key, &inquiry, err);

    if (status != STATUS_OK)
        return status;
    if (map_put(asker->inquiries, id_slice(&key), inquiry) != STATUS_OK) {
        inquiry_leave(inquiry);
        return error_set(err, STATUS_NOMEM, "no memory for a question");
    }
    line_put(asker, inquiry, STAGE_LOOK);
    asker->bytes += inquiry->bytes;
    *added = inquiry;
    return STATUS_OK;
}

enum status asker_ask(struct asker *asker, const struct asker_question *question, struct error *err)
{
    const struct answer_question keyed = {question->task, slice_from(llm_model(asker->llm)),
                                          question->prompt, question->content};
    struct id key = answer_key(&keyed);
    struct inquiry *inquiry = map_get(asker->inquiries, id_slice(&key));
    enum status status = check_question(asker, question, err);

    if (status == STATUS_OK && inquiry == NULL)
        status = add_inquiry(asker, question, key, &inquiry, err);
    if (status == STATUS_OK)
        status = inquiry_add_waiter(inquiry, question, err);
    if (status == STATUS_OK)
        asker->open++;
    return status;
}

/* ---- moving ---- */

/* In the order in which one thing makes room for the next. Claims come last: they count on the room
 * that is left when all that was granted has been asked. */
static enum status one_round(struct asker *asker, struct error *err)
{
    enum status status = answers_poll(asker->answers, 0, err);

    asker_look_at_clock(asker);
    if (status == STATUS_OK)
        status = asker_look_all(asker, err);
    if (status == STATUS_OK)
        status = asker_ask_some(asker, err);
    if (status == STATUS_OK && llm_open(asker->llm) > 0)
        status = llm_step(asker->llm, 0, err);
    if (status == STATUS_OK)
        status = asker_harvest(asker, err);
    if (status == STATUS_OK)
        status = asker_append_all(asker, err);
    return status == STATUS_OK ? asker_claim_some(asker, err) : status;
}

/* A second round often finds what the first one made possible: a bus that is quick, a free slot. */
static enum status move_all(struct asker *asker, struct error *err)
{
    enum status status = STATUS_OK;
    uint64_t before;
    int rounds = 0;

    do {
        before = asker->moves;
        status = one_round(asker, err);
    } while (status == STATUS_OK && asker->moves != before && ++rounds < ROUNDS_MAX);
    return status;
}

static int64_t at_most(int64_t ms, int64_t limit)
{
    return ms < limit ? ms : limit;
}

/* For the model if it has something to do, or does not take what we have; but not long if the log
 * has something, too. Else for the log. */
static enum status wait(struct asker *asker, int64_t timeout_ms, struct error *err)
{
    bool flying = asker->lines[STAGE_FLIGHT].count > 0;

    if (llm_open(asker->llm) > 0)
        return llm_step(asker->llm, flying ? at_most(timeout_ms, LOG_WAIT_MS) : timeout_ms, err);
    if (asker->lines[STAGE_GRANTED].count > 0 && !flying)
        return llm_step(asker->llm, at_most(timeout_ms, TICK_MS), err);
    return answers_poll(asker->answers, at_most(timeout_ms, TICK_MS), err);
}

enum status asker_step(struct asker *asker, int64_t timeout_ms, struct error *err)
{
    enum status status = move_all(asker, err);

    if (status != STATUS_OK || asker->ended.first != NULL || timeout_ms <= 0)
        return status;
    status = wait(asker, timeout_ms, err);
    return status == STATUS_OK ? move_all(asker, err) : status;
}

/* ---- ends ---- */

const struct asked *asker_next(struct asker *asker)
{
    struct waiter *waiter = waiter_take(&asker->ended);

    return waiter == NULL ? NULL : &waiter->asked;
}

void asker_release(struct asker *asker, const struct asked *asked)
{
    const struct waiter *waiter = (const struct waiter *) asked;

    asker->open--;
    inquiry_leave(waiter->inquiry);
}

size_t asker_open_count(const struct asker *asker)
{
    return asker->open;
}

const struct answers_totals *asker_totals(const struct asker *asker)
{
    return answers_totals(asker->answers);
}
