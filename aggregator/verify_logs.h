/*
 * verify_logs: conservation between neighbouring logs, as sets of ids, and the way from events to
 * pages.
 *
 * Sets    ok article fetches ⊆ pages, ⊆ documents; documents = reports, both ⊆ visits. Documents
 *         and reports are taken from the sealed range, pages and visits as a whole: they may
 *         already hold what belongs to the next generation.
 * Final   Every known request came to an end, and every list of the job was asked.
 * Events  Every row of reports.csv leads to a page of the archive, or to a document that was
 *         ingested.
 */
#ifndef XUNFANG_AGGREGATOR_VERIFY_LOGS_H
#define XUNFANG_AGGREGATOR_VERIFY_LOGS_H

#include "aggregator/job_source.h"
#include "aggregator/verify.h"

CHECKED enum status verify_logs(const struct job_source *source, const struct results *results,
                                struct verify *verify, struct error *err);

#endif
