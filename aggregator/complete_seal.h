/*
 * complete_seal: the record that says up to where a complete job reaches.
 *
 * Record  Sealed(job, run, generation, the end-exclusive offset read so far of every partition of
 *         urls, documents, reports, state) to control. Its id follows from job, run and generation,
 *         so a second aggregator's seal, or one sent again after a crash, is known as a repeat.
 * State   "complete", or "gaps: N" for lists that ended badly and documents that are dead.
 * Inputs  The fold's inputs are in the order of complete.h.
 */
#ifndef XUNFANG_AGGREGATOR_COMPLETE_SEAL_H
#define XUNFANG_AGGREGATOR_COMPLETE_SEAL_H

#include "base/worker.h"

struct seal {
    const char *job;
    const char *run;
    uint32_t url_partitions;
    uint32_t partitions;
    const char *documents; /* topics */
    const char *reports;
    uint32_t generation;
    uint64_t gaps;
    int64_t made_ms; /* wall clock */
};

/* `arena` holds the message until it returns. STATUS_NOMEM, or what fold_emit says. */
CHECKED enum status seal_emit(const struct seal *seal, struct fold_batch *batch,
                              struct arena *arena, struct error *err);

#endif
