/*
 * worker_batch: what a fold collects between two writes of its state. Private to the worker.
 *
 * Parts    Writes to the store; `emits`, to be acknowledged before the writes are made; `sends`,
 *          to be published after. The stage sees it as struct fold_batch (base/worker.h).
 * Limits   batch_full: the window's count of records, or bytes of writes or outputs; then it is
 *          closed before anything more is applied. A single record may go beyond, up to the
 *          outbox's limit.
 */
#ifndef XUNFANG_BASE_WORKER_BATCH_H
#define XUNFANG_BASE_WORKER_BATCH_H

#include "base/worker_outbox.h"
#include "base/worker_private.h"

struct fold_batch {
    struct worker *worker;
    struct store_batch *writes;
    struct outbox emits;
    struct outbox sends;
    size_t applied; /* records */
    struct record_source position;
    bool told; /* what the record being applied emits stands in the logs since it was first read */
    int64_t wall_ms;
};

CHECKED enum status batch_init(struct fold_batch *batch, struct worker *worker, struct store *store,
                               struct error *err);
/* Also after batch_init failed, or on zeroes. */
void batch_fini(struct fold_batch *batch);
bool batch_dirty(const struct fold_batch *batch);
bool batch_full(const struct fold_batch *batch);

#endif
