/*
 * worker_queue: a map's tasks of one input, in the order of their offsets. Private to the worker.
 *
 * Use      Tasks are put at the tail as their records are taken, and leave from the head once their
 *          outcome is acknowledged: what stands at the head bounds the commit.
 * Length   At most a window of tasks, for no record is taken further ahead of the commit.
 */
#ifndef XUNFANG_BASE_WORKER_QUEUE_H
#define XUNFANG_BASE_WORKER_QUEUE_H

#include "base/worker_task.h"

void queue_put(struct input *input, struct task *task);
/* The head, taken out; there is one. */
struct task *queue_take(struct input *input);
/* Ends the acknowledged tasks at the head; those behind an unacknowledged one wait for it. Moves
 * `done`. */
void queue_advance(struct input *input);
/* A task of any input that was put off and whose time and turn has come; NULL: none. */
struct task *queue_due(const struct worker *worker);
/* Does a task before this one, of the same record id, still lack its place in the output? */
bool queue_has_earlier(const struct input *input, const struct task *task);
/* Does any input have an outcome on its way? */
bool queue_unacknowledged(const struct worker *worker);
/* Destroys every task. */
void queue_clear(struct worker *worker);

#endif
