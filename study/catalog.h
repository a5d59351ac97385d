/*
 * catalog: the jobs of a cluster, as the log `control` tells them.
 *
 * Reading  catalog_open reads `control` from its start to its end; catalog_refresh what has come
 *          since. `control` is small: some records a job.
 * Writing  catalog_announce appends one record and waits for its acknowledgement; the catalogue
 *          knows it after the next refresh. Announcing twice is harmless: the first of a kind for a
 *          job, run and generation counts.
 * Replays  A run that reads other runs' logs (JobSubmitted.*_run) is pinned to the generation of
 *          those logs that counts: it has that generation from the start and no other ever.
 *          A replay from the pages is pinned to 0, for no ingested document has a page.
 *          Names of whole chains of replays are resolved when a run is submitted, so each leads to
 *          the log itself.
 * Memory   What is returned belongs to the catalogue and lives as long as it.
 * Threads  One thread, the bus's.
 */
#ifndef XUNFANG_STUDY_CATALOG_H
#define XUNFANG_STUDY_CATALOG_H

#include "base/bus/bus.h"
#include "base/record.h"
#include "proto/control.pb-c.h"
#include "study/topics.h"

enum { CATALOG_RUNS_MAX = 1024, CATALOG_SKIPS_MAX = 256 };

struct catalog;

struct catalog_run {
    const char *job;
    const char *run;
    const Xunfang__JobSubmitted *submitted; /* files, partition count */
    uint32_t generation; /* the newest that was opened; 0 at first; a replay's is pinned */
    bool seeded;         /* of generation 0 */
    uint64_t seeds;
    uint64_t ingested;             /* documents announced by all `Ingested` records */
    const Xunfang__Sealed *sealed; /* of `generation`; NULL: not complete yet */
};

/* Creates `control` (one partition) if need be. */
CHECKED enum status catalog_open(struct bus *bus, struct catalog **catalog, struct error *err);
void catalog_close(struct catalog *catalog);
/* Takes what stands in `control` by now; waits at most `timeout_ms` for something new. */
CHECKED enum status catalog_refresh(struct catalog *catalog, int64_t timeout_ms, struct error *err);

/* NULL: no such job and run. */
const struct catalog_run *catalog_find(const struct catalog *catalog, const char *job,
                                       const char *run);
size_t catalog_run_count(const struct catalog *catalog);
const struct catalog_run *catalog_run_at(const struct catalog *catalog, size_t index);
/* Partitions of `urls` and `leases`; 0 before the Cluster record. */
uint32_t catalog_url_partitions(const struct catalog *catalog);
/* Positions the stage may step over; *count of them. */
const struct record_source *catalog_skips(const struct catalog *catalog, const char *stage,
                                          size_t *count);

/* Where a log of this run stands: a replay reads its early ones from another run. */
struct topic_name catalog_topic(const struct catalog_run *run, enum topic_kind kind);
/* Whose documents does it read? Its own name, unless it is a replay. */
const char *catalog_documents_run(const struct catalog_run *run);
bool catalog_is_replay(const struct catalog_run *run);
/* Records of its logs of this generation and later ones are not this run's; 0: all are. */
uint32_t catalog_generations(const struct catalog_run *run);

/* Appends `record` to `control`. */
CHECKED enum status catalog_announce(struct bus *bus, const Xunfang__ControlRecord *record,
                                     struct error *err);

#endif
