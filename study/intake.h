/*
 * intake: how documents enter a run beside its crawl (ingest, redriven dead ones): each intake has
 * a generation of its own, whoever else is at it.
 *
 * Steps     intake_begin claims the next generation in `control` → the caller appends documents
 *           with that generation, calling intake_alive now and then → intake_end announces them
 *           (Ingested) → the generation is open, the aggregator waits for them. On any failure:
 *           intake_give_up.
 * Two       at once: the second is STATUS_BUSY with whose the first is. A claim without a sign of
 *           life for INTAKE_STALE_MS, or of a process that is gone from this machine, is taken over
 *           under the next number. Had its owner lived after all, both count if it ends first; else
 *           its intake_end says that it came too late. So clocks decide who must repeat a command,
 *           never what counts.
 * Late      Documents of an intake that never ended stand in the log with a number that is never
 *           announced; the same documents again are the same ids.
 * Threads   The bus's.
 */
#ifndef XUNFANG_STUDY_INTAKE_H
#define XUNFANG_STUDY_INTAKE_H

#include "study/catalog.h"

enum { INTAKE_STALE_MS = 60000, INTAKE_SIGN_MS = 10000, INTAKE_TOKEN = 16, INTAKE_BY_MAX = 128 };

struct intake {
    struct bus *bus;
    struct catalog *catalog;
    const struct catalog_run *run;
    uint32_t generation; /* of the documents */
    uint8_t token[INTAKE_TOKEN];
    char by[INTAKE_BY_MAX];
    int64_t sign_ms; /* monotonic time of the last sign of life */
};

/* STATUS_USAGE: a replay, or a run that is cancelled or purged. STATUS_BUSY: somebody is at it. */
CHECKED enum status intake_begin(struct bus *bus, struct catalog *catalog,
                                 const struct catalog_run *run, struct intake *intake,
                                 struct error *err);
/* Gives a sign of life if one is due. */
CHECKED enum status intake_alive(struct intake *intake, struct error *err);
/* Every document must be acknowledged; `documents` counts their records. 0 gives up. STATUS_BUSY:
 * another intake took over and ended first: begin again. */
CHECKED enum status intake_end(struct intake *intake, uint64_t documents, struct error *err);
/* Best effort; after it the next intake need not wait. */
void intake_give_up(struct intake *intake);

#endif
