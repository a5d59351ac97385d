/*
 * worker_moves: inputs of a fold that come, go, and are asked for whether they are still ours.
 * Private to the worker.
 *
 * Comes    The store, not the bus, knows where to go on. On groups the stage is told whether others
 *          may have acted on the partition (worker_life.h), and ticks wait until it has been read
 *          and a commit of ours stands on it.
 * Goes     The batch is finished without what it would send; the state stays as far as it is. On
 *          a bus with owners a newer process has taken it: the fold ends (STATUS_FENCED).
 * Stays    Once in WORKER_COMMIT_MS every input is committed: the offsets only tell people the lag;
 *          that the commit succeeds tells us that nobody newer has the partition.
 */
#ifndef XUNFANG_BASE_WORKER_MOVES_H
#define XUNFANG_BASE_WORKER_MOVES_H

#include "base/worker_fold.h"

CHECKED enum status fold_assigned(struct worker *worker, struct input *input,
                                  const struct bus_event *event, struct error *err);
CHECKED enum status fold_revoked(struct worker *worker, struct input *input, struct error *err);
/* Commits `done` of an input that is left, clean if it may be called so, with the stage's reach. */
CHECKED enum status fold_last_word(struct fold_worker *fold, struct input *input,
                                   struct error *err);
/* Notes in owned_ms the time before the commits. STATUS_AGAIN: an input is lost. */
CHECKED enum status fold_confirm(struct fold_worker *fold, struct error *err);

#endif
