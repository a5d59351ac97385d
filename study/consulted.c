#include "study/consulted.h"

#include "base/message.h"

void consulted_note(struct consulted *consulted, const char *task, enum asked_outcome end,
                    struct id key)
{
    ENSURE(consulted->task_count < CONSULTED_TASKS_MAX);
    consulted->tasks[consulted->task_count] = task;
    consulted->ends[consulted->task_count++] = end;
    /* Counts stand beside the lists for readers that only add up. */
    consulted->failed += end == ASKED_FAILED;
    consulted->refused += end == ASKED_REFUSED;
    if (end == ASKED_ANSWERED)
        consulted->answers[consulted->answer_count++] = key;
}

static Xunfang__Consulted__End end_of(enum asked_outcome outcome)
{
    switch (outcome) {
    case ASKED_FAILED:
        return XUNFANG__CONSULTED__END__FAILED;
    case ASKED_REFUSED:
        return XUNFANG__CONSULTED__END__REFUSED;
    default:
        return XUNFANG__CONSULTED__END__ANSWERED;
    }
}

/* Arrays with room for both; those of `before` stand in them already. */
static bool make_room(Xunfang__Consulted *message, const Xunfang__Consulted *before,
                      const struct consulted *consulted, struct arena *arena)
{
    size_t tasks = before->n_tasks + consulted->task_count;
    size_t ends = before->n_ends + consulted->task_count;
    size_t answers = before->n_answers + consulted->answer_count;

    /* One more than needed: an array of none would be NULL, which is taken for no memory. */
    message->tasks = arena_array(arena, tasks + 1, sizeof *message->tasks);
    message->ends = arena_array(arena, ends + 1, sizeof *message->ends);
    message->answers = arena_array(arena, answers + 1, sizeof *message->answers);
    if (message->tasks == NULL || message->ends == NULL || message->answers == NULL)
        return false;
    /* What a newer build wrote goes on with the document (docs/decisions/0013). */
    message->base.unknown_fields = before->base.unknown_fields;
    message->base.n_unknown_fields = before->base.n_unknown_fields;
    message->failed = before->failed;
    message->refused = before->refused;
    for (size_t i = 0; i < before->n_tasks; i++)
        message->tasks[message->n_tasks++] = before->tasks[i];
    for (size_t i = 0; i < before->n_ends; i++)
        message->ends[message->n_ends++] = before->ends[i];
    for (size_t i = 0; i < before->n_answers; i++)
        message->answers[message->n_answers++] = before->answers[i];
    return true;
}

static void put_own(Xunfang__Consulted *message, const struct consulted *consulted)
{
    for (size_t i = 0; i < consulted->task_count; i++) {
        /* protobuf-c's texts are not const, but packing only reads them. */
        message->tasks[message->n_tasks++] = (char *) consulted->tasks[i];
        message->ends[message->n_ends++] = end_of(consulted->ends[i]);
    }
    for (size_t i = 0; i < consulted->answer_count; i++)
        message->answers[message->n_answers++] = message_bytes(id_slice(&consulted->answers[i]));
    message->failed += consulted->failed;
    message->refused += consulted->refused;
}

enum status consulted_join(const Xunfang__Consulted *before, const struct consulted *consulted,
                           struct arena *arena, Xunfang__Consulted **message, struct error *err)
{
    static const Xunfang__Consulted nothing = XUNFANG__CONSULTED__INIT;
    Xunfang__Consulted *joined;

    if (before == NULL && consulted->task_count == 0) {
        *message = NULL;
        return STATUS_OK;
    }
    joined = arena_alloc(arena, sizeof *joined);
    if (joined != NULL)
        xunfang__consulted__init(joined);
    if (joined == NULL || !make_room(joined, before == NULL ? &nothing : before, consulted, arena))
        return error_set(err, STATUS_NOMEM, "out of memory");
    put_own(joined, consulted);
    *message = joined;
    return STATUS_OK;
}
