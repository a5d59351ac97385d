/*
 * catalog: the jobs of a cluster, as the log `control` tells them.
 *
 * Reading  catalog_open reads `control` from its start to its end; catalog_refresh what has come
 *          since. `control` is small: some records a job.
 * Writing  catalog_announce appends one record and waits for its acknowledgement; the catalogue
 *          knows it after the next refresh. Announcing twice is harmless: the first of a kind for a
 *          job, run and generation counts. Commands are the exception: each counts, in turn.
 * Names    A purged job's name is never given again: what is submitted under it later is ignored.
 * Memory   What is returned belongs to the catalogue and lives as long as it; a run keeps its
 *          address, its fields change with refreshes.
 * Threads  One thread, the bus's.
 */
#ifndef XUNFANG_STUDY_CATALOG_H
#define XUNFANG_STUDY_CATALOG_H

#include "base/bus/bus.h"
#include "base/record.h"
#include "study/catalog_run.h"

enum { CATALOG_RUNS_MAX = 1024, CATALOG_SKIPS_MAX = 256 };

struct catalog;

/* Creates `control` (one partition) if need be. */
CHECKED enum status catalog_open(struct bus *bus, struct catalog **catalog, struct error *err);
void catalog_close(struct catalog *catalog);
/* Takes what stands in `control` by now; waits at most `timeout_ms` for something new.
 * STATUS_TIMEOUT: the bus does not give it now; what is known stays, and the next call goes on. */
CHECKED enum status catalog_refresh(struct catalog *catalog, int64_t timeout_ms, struct error *err);

/* NULL: no such job and run. */
const struct catalog_run *catalog_find(const struct catalog *catalog, const char *job,
                                       const char *run);
/* In the order of submission. */
size_t catalog_run_count(const struct catalog *catalog);
const struct catalog_run *catalog_run_at(const struct catalog *catalog, size_t index);
/* The run that crawls: the job's first that is no replay. NULL: none. */
const struct catalog_run *catalog_crawl(const struct catalog *catalog, const char *job);
/* Was the whole job purged? Then its name is taken for good. */
bool catalog_purged(const struct catalog *catalog, const char *job);
/* Partitions of `urls` and `leases`; 0 before the Cluster record. */
uint32_t catalog_url_partitions(const struct catalog *catalog);
/* Positions the stage may step over; *count of them. */
const struct record_source *catalog_skips(const struct catalog *catalog, const char *stage,
                                          size_t *count);

/* Appends `record` to `control`. */
CHECKED enum status catalog_announce(struct bus *bus, const Xunfang__ControlRecord *record,
                                     struct error *err);

struct catalog_command {
    const char *job;
    const char *run; /* "": all runs */
    Xunfang__JobCommand__Action action;
    int64_t made_ms; /* wall clock */
};

/* Appends a JobCommand. STATUS_USAGE if it can change nothing: no such job or run, or every run it
 * names is cancelled or purged already (purging a cancelled one is fine). */
CHECKED enum status catalog_command(struct bus *bus, const struct catalog *catalog,
                                    const struct catalog_command *command, struct error *err);

#endif
