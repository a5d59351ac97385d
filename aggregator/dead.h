/*
 * dead: documents whose outcome is dead now, and another try for them.
 *
 * Find     Reads all of reports and visits, sealed or not. A dead outcome that a good one replaced
 *          is none. The stage is the classifier if its own outcome is dead, else the extractor.
 * Redrive  Appends the document records of all of them once more, with the run's next generation,
 *          waits for the acknowledgements, and announces them in control (as Ingested).
 * Order    By id.
 */
#ifndef XUNFANG_AGGREGATOR_DEAD_H
#define XUNFANG_AGGREGATOR_DEAD_H

#include "aggregator/job_source.h"

struct dead {
    const struct job_source *source;
    struct dataset *reports; /* chosen outcomes of the whole run */
    struct dataset *visits;
    struct document *documents; /* the dead ones; texts are of `reports` */
    size_t count;
};

/* Fills *dead; dead_fini frees, whatever the outcome. */
CHECKED enum status dead_find(const struct job_source *source, struct dead *dead,
                              struct error *err);
void dead_fini(struct dead *dead);
/* A line each for people, or a JSON object a line. */
void dead_print(const struct dead *dead, bool json, struct buf *out);
/* How many documents will be tried again. */
CHECKED enum status dead_redrive(const struct dead *dead, size_t *count, struct error *err);

#endif
