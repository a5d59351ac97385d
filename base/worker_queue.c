#include "base/worker_queue.h"

void queue_put(struct input *input, struct task *task)
{
    ENSURE(input->tail == NULL || input->tail->position.offset < task->position.offset);
    if (input->tail != NULL)
        input->tail->next = task;
    else
        input->head = task;
    input->tail = task;
}

struct task *queue_take(struct input *input)
{
    struct task *task = input->head;

    ENSURE(task != NULL);
    input->head = task->next;
    if (input->head == NULL)
        input->tail = NULL;
    task->next = NULL;
    return task;
}

void queue_advance(struct input *input)
{
    while (input->head != NULL && input->head->state == TASK_SENT &&
           input->head->ticket.acknowledged) {
        struct task *task = queue_take(input);
        input->done = task->position.offset + 1;
        task_destroy(task);
    }
}

/* Walks are short: a window of tasks an input, and few of them were put off. */
struct task *queue_due(const struct worker *worker)
{
    int64_t now = clock_mono_ms(worker->clock);

    for (size_t i = 0; i < worker->input_count; i++)
        for (struct task *task = worker->inputs[i].head; task != NULL; task = task->next)
            if (task->state == TASK_WAITING && task->due_ms <= now &&
                !queue_has_earlier(&worker->inputs[i], task))
                return task;
    return NULL;
}

bool queue_has_earlier(const struct input *input, const struct task *task)
{
    for (const struct task *at = input->head; at != NULL && at != task; at = at->next)
        if (at->state != TASK_SENT && id_equal(at->record.id, task->record.id))
            return true;
    return false;
}

bool queue_unacknowledged(const struct worker *worker)
{
    for (size_t i = 0; i < worker->input_count; i++)
        for (const struct task *task = worker->inputs[i].head; task != NULL; task = task->next)
            if (task->state == TASK_SENT && !task->ticket.acknowledged)
                return true;
    return false;
}

void queue_clear(struct worker *worker)
{
    for (size_t i = 0; i < worker->input_count; i++)
        while (worker->inputs[i].head != NULL)
            task_destroy(queue_take(&worker->inputs[i]));
}
