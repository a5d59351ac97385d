#include "base/llm/pending.h"

#include "base/util/buf.h"

#include <stdlib.h>
#include <string.h>

enum {
    /* A prompt, four replies with their trees, or vectors for LLM_EMBED_TEXTS_MAX texts. */
    PENDING_ARENA_MAX = 8 * 1024 * 1024,
    REPAIR_TURNS = 2,
    CANON_MAX = 2 * SHAPE_TEXT_MAX,
};

static enum status no_memory(struct error *err)
{
    return error_set(err, STATUS_NOMEM, "no memory for a question");
}

void pending_destroy(struct pending *pending)
{
    if (pending == NULL)
        return;
    arena_destroy(pending->arena);
    free(pending);
}

static struct pending *create(void *owner)
{
    struct pending *pending = calloc(1, sizeof *pending);

    if (pending == NULL)
        return NULL;
    pending->arena = arena_create(PENDING_ARENA_MAX);
    pending->answer = (struct llm_answer){.owner = owner, .served_by = "", .reason = ""};
    pending->max_calls = LLM_CALLS_MAX;
    if (pending->arena != NULL)
        return pending;
    pending_destroy(pending);
    return NULL;
}

/* ---- what is asked ---- */

static enum status copy_text(struct pending *pending, struct slice text, struct slice *copy,
                             struct error *err)
{
    /* Counted before it is copied: a text that is too long costs no memory. */
    pending->bytes += text.size;
    if (pending->bytes > LLM_PROMPT_MAX)
        return error_set(err, STATUS_TOO_LARGE, "a question of more than %d bytes", LLM_PROMPT_MAX);
    *copy = arena_copy(pending->arena, text);
    return copy->data == NULL ? no_memory(err) : STATUS_OK;
}

static enum status copy_turns(struct pending *pending, const struct llm_question *question,
                              struct error *err)
{
    enum status status = STATUS_OK;

    pending->turns =
        arena_array(pending->arena, question->turn_count + REPAIR_TURNS, sizeof *pending->turns);
    if (pending->turns == NULL)
        return no_memory(err);
    for (size_t i = 0; i < question->turn_count && status == STATUS_OK; i++) {
        pending->turns[i].speaker = question->turns[i].speaker;
        status = copy_text(pending, question->turns[i].text, &pending->turns[i].text, err);
    }
    pending->turn_count = question->turn_count;
    return status;
}

enum status pending_create_chat(const struct llm_question *question, struct pending **result,
                                struct error *err)
{
    struct pending *pending;
    enum status status;

    if (question->turn_count == 0 || question->turn_count > LLM_TURNS_MAX)
        return error_set(err, STATUS_INVALID, "a question of %zu turns, 1 to %d are possible",
                         question->turn_count, LLM_TURNS_MAX);
    status = shape_check(question->shape, err);
    if (status != STATUS_OK)
        return status;
    pending = create(question->owner);
    if (pending == NULL)
        return no_memory(err);
    pending->shape = question->shape;
    if (question->max_calls > 0 && question->max_calls < LLM_CALLS_MAX)
        pending->max_calls = question->max_calls;
    pending->max_tokens = question->max_tokens > 0 ? question->max_tokens : PENDING_MAX_TOKENS;
    status = copy_turns(pending, question, err);
    if (status == STATUS_OK)
        *result = pending;
    else
        pending_destroy(pending);
    return status;
}

static enum status copy_texts(struct pending *pending, const struct llm_embed_question *question,
                              struct error *err)
{
    enum status status = STATUS_OK;

    pending->texts = arena_array(pending->arena, question->text_count, sizeof *pending->texts);
    if (pending->texts == NULL)
        return no_memory(err);
    for (size_t i = 0; i < question->text_count && status == STATUS_OK; i++) {
        if (question->texts[i].size == 0)
            return error_set(err, STATUS_INVALID, "text %zu is empty", i + 1);
        status = copy_text(pending, question->texts[i], &pending->texts[i], err);
    }
    pending->text_count = question->text_count;
    return status;
}

enum status pending_create_embed(const struct llm_embed_question *question, struct pending **result,
                                 struct error *err)
{
    struct pending *pending;
    enum status status;

    if (question->text_count == 0 || question->text_count > LLM_EMBED_TEXTS_MAX)
        return error_set(err, STATUS_INVALID, "%zu texts to embed, 1 to %d are possible",
                         question->text_count, LLM_EMBED_TEXTS_MAX);
    pending = create(question->owner);
    if (pending == NULL)
        return no_memory(err);
    status = copy_texts(pending, question, err);
    if (status == STATUS_OK)
        *result = pending;
    else
        pending_destroy(pending);
    return status;
}

/* Points into the question, which outlives every attempt at it. */
struct llm_attempt pending_attempt(const struct pending *pending)
{
    return (struct llm_attempt){.texts = pending->texts,
                                .text_count = pending->text_count,
                                .turns = pending->turns,
                                .turn_count = pending->turn_count,
                                .shape = pending->shape,
                                .max_tokens = pending->max_tokens};
}

/* ---- repair ---- */

/* The beginning, cut between characters. */
static struct slice quote(struct slice reply)
{
    if (reply.size <= PENDING_QUOTE_MAX)
        return reply;
    reply.size = PENDING_QUOTE_MAX;
    while (reply.size > 0 && ((unsigned char) reply.data[reply.size] & 0xC0) == 0x80)
        reply.size--;
    return reply;
}

/* Room for the two turns was made when the question was copied; there is one repair a question. Its
 * own words stand in the dialogue, so that the model sees what was wrong with them. */
enum status pending_add_repair(struct pending *pending, struct slice reply, const char *wrong,
                               struct error *err)
{
    struct llm_turn *turns = pending->turns + pending->turn_count;
    struct slice said = arena_copy(pending->arena, quote(reply));
    const char *text = arena_printf(pending->arena,
                                    "That answer cannot be used: %s. Answer the same question "
                                    "again: one JSON object of the form asked for, nothing else.",
                                    wrong);

    if (said.data == NULL || text == NULL)
        return no_memory(err);
    turns[0] = (struct llm_turn){LLM_ASSISTANT, said};
    turns[1] = (struct llm_turn){LLM_USER, slice_from(text)};
    pending->turn_count += REPAIR_TURNS;
    pending->repaired = true;
    return STATUS_OK;
}

/* ---- the end ---- */

enum status pending_answer_text(struct pending *pending, const struct shape_value *values,
                                struct error *err)
{
    struct buf canon;
    struct slice text = {NULL, 0};
    enum status status;

    buf_init(&canon, CANON_MAX);
    shape_put_canon(pending->shape, values, &canon);
    status = buf_status(&canon, err);
    if (status == STATUS_OK)
        text = arena_copy(pending->arena, buf_slice(&canon));
    buf_fini(&canon);
    if (status != STATUS_OK)
        return status;
    if (text.data == NULL)
        return no_memory(err);
    pending->answer.text = text;
    pending->answer.outcome = LLM_ANSWERED;
    pending->state = PENDING_ENDED;
    return STATUS_OK;
}

enum status pending_answer_vectors(struct pending *pending, const struct llm_attempt_end *end,
                                   struct error *err)
{
    size_t count = pending->text_count * end->dimension;
    float *vectors = arena_array(pending->arena, count, sizeof *vectors);

    if (vectors == NULL)
        return no_memory(err);
    memcpy(vectors, end->vectors, count * sizeof *vectors);
    pending->answer.vectors = vectors;
    pending->answer.vector_count = pending->text_count;
    pending->answer.dimension = end->dimension;
    pending->answer.outcome = LLM_ANSWERED;
    pending->state = PENDING_ENDED;
    return STATUS_OK;
}

/* Must not fail itself: every question has an end, if with a shorter reason. */
void pending_fail(struct pending *pending, enum llm_outcome outcome, const char *reason)
{
    struct slice kept = arena_copy(pending->arena, slice_from(reason));

    pending->answer.outcome = outcome;
    pending->answer.reason = kept.data == NULL ? llm_outcome_text(outcome) : kept.data;
    pending->state = PENDING_ENDED;
}

enum status pending_name(struct pending *pending, struct slice served_by, struct error *err)
{
    struct slice kept = arena_copy(pending->arena, served_by);

    if (kept.data == NULL)
        return no_memory(err);
    pending->answer.served_by = kept.data;
    return STATUS_OK;
}
