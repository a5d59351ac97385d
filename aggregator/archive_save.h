/*
 * archive_save: a job with all its runs, from its logs into a folder.
 *
 * Job     Every run is complete (sealed) or cancelled; otherwise STATUS_INVALID names the one that
 *         is not. A purged job has no logs: STATUS_NOT_FOUND.
 * Logs    JOB.pages, JOB.answers, and documents, visits, reports of every run that writes its own:
 *         whole, partition by partition, so that offsets stay what they are. A log whose beginning
 *         is gone is STATUS_CORRUPT. Of `urls` and `control`, which all jobs share, the job's
 *         records. `leases` are permissions of the moment and are left out.
 * Order   `control` is read before the logs, so what it calls sealed is in the archive.
 * Folder  Appears whole or not at all (output_folder.h); it must be new or empty. The form of its
 *         files: archive_file.h, archive_manifest.h.
 */
#ifndef XUNFANG_AGGREGATOR_ARCHIVE_SAVE_H
#define XUNFANG_AGGREGATOR_ARCHIVE_SAVE_H

#include "aggregator/archive_manifest.h"
#include "study/catalog.h"

/* Fills `manifest`, which is initialised and empty. */
CHECKED enum status archive_save(struct bus *bus, const char *job, const char *directory,
                                 struct archive_manifest *manifest, struct error *err);

/* The job a control record is about, NULL if about none: of a skip the one whose log it names. */
struct slice archive_control_job(const Xunfang__ControlRecord *control);

#endif
