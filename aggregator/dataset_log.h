/*
 * dataset_log: records of the logs `urls` and JOB.RUN.reports as rows of a dataset.
 *
 * Order   Records of one partition in the order of their offsets; partitions may mix, since all
 *         records of a request, and of a document, stand in one.
 * Urls    Of this job only; robots.txt requests are no URLs of a job. A request is known by its
 *         link, or by the result that names it; it is final with its first outcome other than
 *         TRY_AGAIN, NOT_SENT and BLOCKED, or with a verdict.
 * Bad     A payload that cannot be read is counted in dataset->bad_records and left out; days
 *         outside 1900–2100 count as unknown.
 * Memory  `arena` is for the unpacked message alone; the caller resets it when it likes.
 */
#ifndef XUNFANG_AGGREGATOR_DATASET_LOG_H
#define XUNFANG_AGGREGATOR_DATASET_LOG_H

#include "aggregator/dataset.h"
#include "proto/document.pb-c.h"
#include "proto/url.pb-c.h"

CHECKED enum status dataset_take_url(struct dataset *dataset, const struct record *record,
                                     struct arena *arena, struct error *err);
CHECKED enum status dataset_take_report(struct dataset *dataset, const struct record *record,
                                        struct arena *arena, struct error *err);

/* Does this outcome end a request? */
bool fetch_is_final(const Xunfang__FetchResult *fetch);
/* The row and claims of a passed report; used for lines of text too. */
CHECKED enum status dataset_put_report(struct dataset *dataset, struct id document,
                                       const Xunfang__Report *report, struct error *err);
/* What is common to all outcomes: URL, site, date, fingerprint; who decided. */
void dataset_put_brief(struct dataset *dataset, struct document *document,
                       const Xunfang__Brief *brief);
void dataset_put_report_ruling(struct dataset *dataset, struct document *document,
                               const Xunfang__Report *report);

#endif
