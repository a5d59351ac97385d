/*
 * worker_state: how far a fold is, kept in its store beside its state. Private to the worker.
 *
 * Keys     One byte 0, the topic as a key text, the partition: one row an input, written in the
 *          batch that holds what the records below its offset did. A stage's keys begin with
 *          another byte.
 * Row      8 bytes: the offset of the next record, big-endian; then the mark's text.
 * Stale    A store whose rows are not the inputs' (the partitions were given out anew), or that
 *          stands beyond the end of a log (a power cut took the log's tail), tells of a past that
 *          did not happen. Nothing in it can be used: it is wiped, and the state computed again.
 */
#ifndef XUNFANG_BASE_WORKER_STATE_H
#define XUNFANG_BASE_WORKER_STATE_H

#include "base/worker_private.h"

/* The input's row; offset 0 and a clean mark if there is none. STATUS_CORRUPT: it is no row. */
CHECKED enum status state_load(struct store *store, const struct input *input, uint64_t *offset,
                               struct mark *mark, struct error *err);
/* Writes the row of the input, standing at `offset`, by itself. */
CHECKED enum status state_write(struct store *store, const struct input *input, uint64_t offset,
                                struct mark mark, struct error *err);
/* Puts the row of the input, standing at `offset`, into the batch. */
CHECKED enum status state_put(struct store_batch *batch, const struct input *input, uint64_t offset,
                              struct mark mark, struct error *err);
/* The input is ours and was left as `found`. From its first record on a death counts, so one left
 * clean is marked running; another keeps its mark, and is told in the log. */
CHECKED enum status state_begin(struct store *store, const struct worker *worker,
                                const struct input *input, struct mark found, struct error *err);
/* Writes down that the record at `done` of a careful input is about to be applied, alone.
 * STATUS_CORRUPT: it has killed too often, and is not to be tried again. */
CHECKED enum status state_try(struct store *store, const struct worker *worker, struct input *input,
                              struct error *err);
/* The record tried, if one was, is applied and we live: what ends us before its batch is written is
 * not its fault and must not count. */
CHECKED enum status state_survived(struct store *store, struct input *input, struct error *err);
/* Does the store hold what the worker's inputs made of the logs as they are? */
CHECKED enum status state_check(struct store *store, const struct worker *worker, bool *usable,
                                struct error *err);

#endif
