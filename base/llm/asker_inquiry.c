#include "base/llm/asker_inquiry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { INQUIRY_MEMORY_MAX = 4 * 1024 * 1024, DEFAULT_TOKENS = 256 };

/* ---- making ---- */

size_t question_bytes(const struct asker_question *question)
{
    size_t bytes = question->task.size + question->prompt.size;

    for (size_t i = 0; i < question->turn_count; i++)
        bytes += question->turns[i].text.size;
    return bytes;
}

static bool copy_slice(struct arena *arena, struct slice *text)
{
    *text = arena_copy(arena, *text);
    return text->data != NULL;
}

/* One more than there are, as no allocation may be empty. */
static bool copy_turns(struct arena *arena, struct asker_question *question)
{
    struct llm_turn *turns = arena_array(arena, question->turn_count + 1, sizeof *turns);

    for (size_t i = 0; turns != NULL && i < question->turn_count; i++) {
        turns[i] = question->turns[i];
        if (!copy_slice(arena, &turns[i].text))
            return false;
    }
    question->turns = turns;
    return turns != NULL;
}

/* The content is in the key and in the last turn; it is not needed by itself. */
static bool copy_question(struct inquiry *inquiry, const struct asker_question *question)
{
    struct asker_question *copy = &inquiry->question;

    *copy = *question;
    copy->content = slice_of(NULL, 0);
    copy->owner = NULL;
    if (copy->max_tokens == 0)
        copy->max_tokens = DEFAULT_TOKENS;
    return copy_slice(inquiry->arena, &copy->task) && copy_slice(inquiry->arena, &copy->prompt) &&
           copy_turns(inquiry->arena, copy);
}

/* Half-made ones go the way of all. */
enum status inquiry_create(const struct asker_question *question, struct id key,
                           struct inquiry **created, struct error *err)
{
    struct inquiry *inquiry = calloc(1, sizeof *inquiry);

    if (inquiry == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for a question");
    inquiry->key = key;
    inquiry->holders = 1;
    inquiry->bytes = question_bytes(question);
    inquiry->arena = arena_create(INQUIRY_MEMORY_MAX);
    if (inquiry->arena == NULL || !copy_question(inquiry, question)) {
        inquiry_leave(inquiry);
        return error_set(err, STATUS_NOMEM, "no memory for a question");
    }
    *created = inquiry;
    return STATUS_OK;
}

void inquiry_leave(struct inquiry *inquiry)
{
    if (--inquiry->holders > 0)
        return;
    arena_destroy(inquiry->arena);
    free(inquiry);
}

/* ---- waiters ---- */

void waiter_put(struct waiter_line *line, struct waiter *waiter)
{
    waiter->next = NULL;
    if (line->last == NULL)
        line->first = waiter;
    else
        line->last->next = waiter;
    line->last = waiter;
}

struct waiter *waiter_take(struct waiter_line *line)
{
    struct waiter *waiter = line->first;

    if (waiter == NULL)
        return NULL;
    line->first = waiter->next;
    if (line->first == NULL)
        line->last = NULL;
    return waiter;
}

enum status inquiry_add_waiter(struct inquiry *inquiry, const struct asker_question *question,
                               struct error *err)
{
    struct waiter *waiter = arena_alloc(inquiry->arena, sizeof *waiter);

    if (waiter == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for a question");
    *waiter = (struct waiter){
        .asked = {.owner = question->owner, .key = inquiry->key},
        .inquiry = inquiry,
        .shape = question->shape,
        .generation = question->generation,
    };
    waiter_put(&inquiry->waiters, waiter);
    inquiry->holders++;
    return STATUS_OK;
}

uint32_t inquiry_generation(const struct inquiry *inquiry)
{
    uint32_t generation = 0;

    for (const struct waiter *waiter = inquiry->waiters.first; waiter != NULL;
         waiter = waiter->next)
        if (generation < waiter->generation)
            generation = waiter->generation;
    return generation;
}

/* ---- ends ---- */

/* Without the half of a character that the limit cut. */
static size_t whole_characters(const char *text, size_t size, size_t limit)
{
    if (size <= limit)
        return size;
    while (limit > 0 && ((unsigned char) text[limit] & 0xC0) == 0x80)
        limit--;
    return limit;
}

/* Line ends and controls would break log lines and tables. */
struct slice inquiry_reason(struct inquiry *inquiry, const char *before, struct slice text)
{
    char *reason = arena_printf(inquiry->arena, "%s%.*s", before, SLICE_ARG(text));
    size_t size;

    if (reason == NULL)
        return slice_of(NULL, 0);
    size = whole_characters(reason, strlen(reason), ASKER_REASON_MAX);
    for (size_t i = 0; i < size; i++)
        if ((unsigned char) reason[i] < ' ' || reason[i] == 0x7F)
            reason[i] = ' ';
    return slice_of(reason, size);
}

/* "unavailable: HTTP 500 from …" */
static struct slice end_reason(struct inquiry *inquiry, const struct llm_answer *answer)
{
    const char *outcome = llm_outcome_text(answer->outcome);
    char before[ASKER_REASON_MAX];

    (void) snprintf(before, sizeof before, "%s: ", outcome);
    return inquiry_reason(inquiry, before,
                          slice_from(answer->reason == NULL ? "" : answer->reason));
}

/* What does not apply is empty, so that NULL data means one thing only. */
enum status inquiry_keep_end(struct inquiry *inquiry, const struct llm_answer *answer,
                             struct error *err)
{
    struct inquiry_end *end = &inquiry->end;
    bool answered = answer->outcome == LLM_ANSWERED;

    end->outcome = answer->outcome;
    end->usage = answer->usage;
    end->text = arena_copy(inquiry->arena, answered ? answer->text : SLICE(""));
    end->served_by =
        inquiry_reason(inquiry, "", slice_from(answer->served_by == NULL ? "" : answer->served_by));
    end->reason = answered ? SLICE("") : end_reason(inquiry, answer);
    if (end->text.data == NULL || end->served_by.data == NULL || end->reason.data == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for an answer");
    return STATUS_OK;
}
