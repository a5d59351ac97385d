/*
 * complete: the fold that knows when a job is complete, and seals it.
 *
 * Inputs    Every partition of urls, then of JOB.RUN.documents, then of JOB.RUN.reports, then
 *           control.
 * Complete  The seeds announced by JobSeeded are all known, every known request came to an end,
 *           every ok article fetch and every document record has an outcome in reports, every
 *           outcome's document was read, and every ingested document. Then a Sealed record with the
 *           end-exclusive offset read so far of every partition of urls, documents, reports goes to
 *           control. A generation is sealed once; of several seals (a standby seals too) the first
 *           counts.
 * Known     Links in urls, links and hits in results; robots.txt requests are no URLs of a job.
 * Final     The first outcome other than TRY_AGAIN, NOT_SENT, BLOCKED, or a verdict.
 * Progress  The gauges xunfang_progress{what=…} follow every record.
 * Threads   One, the worker's.
 */
#ifndef XUNFANG_AGGREGATOR_COMPLETE_H
#define XUNFANG_AGGREGATOR_COMPLETE_H

#include "aggregator/complete_state.h"
#include "base/worker.h"

struct complete_options {
    const char *job;
    const char *run;
    uint32_t url_partitions; /* of urls */
    uint32_t partitions;     /* of documents and of reports */
};

struct complete;

/* NULL when memory is out. The texts are copied. */
struct complete *complete_create(const struct complete_options *options);
void complete_destroy(struct complete *complete);
/* The stage; `self` is the struct complete. */
extern const struct fold_stage complete_stage;
/* How far the job is, as of the last record applied. */
const struct progress *complete_progress(const struct complete *complete);

#endif
