/*
 * worker_fold: what the two halves of a fold share: its rounds (worker_fold.c) and the comings and
 * goings of its inputs (worker_moves.c). Private to the worker.
 *
 * Phases   FILLING applies records or runs a tick, CLOSING publishes and writes, SENDING publishes
 *          what may only go out once the state is written.
 * Moves    may come in any phase: what the batch would send is dropped then, what it emits is not.
 */
#ifndef XUNFANG_BASE_WORKER_FOLD_H
#define XUNFANG_BASE_WORKER_FOLD_H

#include "base/worker_batch.h"
#include "base/worker_skips.h"

enum fold_phase { FOLD_FILLING, FOLD_CLOSING, FOLD_SENDING };

struct fold_worker {
    struct worker worker;
    const struct fold_stage *stage;
    void *self;
    struct store *store;
    struct skips skips;
    enum fold_phase phase;
    struct fold_batch batch;
    struct arena *arena; /* of the record being applied */
    int64_t owned_ms;    /* when the bus last confirmed that the inputs are ours */
    int64_t ticked_ms;
    int64_t started_ms;
    uint64_t replayed; /* records applied before catching up */
    bool caught_up;
};

static inline struct fold_worker *fold_of(struct worker *worker)
{
    return (struct fold_worker *) worker;
}

/* Publishes what the batch emits. STATUS_AGAIN: the bus has not taken, or not acknowledged,
 * everything yet. */
CHECKED enum status fold_deliver(struct fold_worker *fold, struct error *err);
/* State and offsets in one write: neither is ever without the other. */
CHECKED enum status fold_write(struct fold_worker *fold, struct error *err);

#endif
