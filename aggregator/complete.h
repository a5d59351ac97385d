/*
 * complete: the fold that knows when a job is complete, and seals it.
 *
 * Inputs    Every partition of urls, then of the run's documents, then of its reports, then
 *           control. Where these stand is for the caller to say: a replay reads another run's.
 * Complete  The seeds announced by JobSeeded are all known, every known request came to an end,
 *           every ok article fetch and every document record has an outcome in reports, every
 *           outcome's document was read, and every ingested document. Then a Sealed record with the
 *           end-exclusive offset read so far of every partition of urls, documents, reports goes to
 *           control. A generation is sealed once; of several seals (a standby seals too) the first
 *           counts.
 * Pinned    A replay is complete when what its source held at the pinned generation is: later
 *           documents, reports and announcements are none of its own.
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
    uint32_t url_partitions;   /* of urls */
    uint32_t partitions;       /* of documents and of reports */
    const char *documents_run; /* whose documents are read, and whose ingests count; NULL: `run` */
    const char *documents;     /* topics; they must outlive it */
    const char *reports;
    uint32_t generations; /* records of this and later ones do not count; 0: all do */
};

struct complete;

/* NULL when memory is out. The names are copied. */
struct complete *complete_create(const struct complete_options *options);
void complete_destroy(struct complete *complete);
/* The stage; `self` is the struct complete. */
extern const struct fold_stage complete_stage;
/* How far the job is, as of the last record applied. */
const struct progress *complete_progress(const struct complete *complete);

#endif
