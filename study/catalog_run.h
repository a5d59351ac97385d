/*
 * catalog_run: one run of a job as `control` tells it, and what follows from that.
 *
 * State    OPEN ⇄ PAUSED, either → CANCELLED, any → PURGED; by JobCommands in the log's order. A
 *          sealed run keeps its state: a new generation goes on in it.
 * Replays  A run that reads other runs' logs (JobSubmitted.*_run) is pinned to the generation of
 *          those logs that counts: it has that generation from the start and no other ever.
 *          A replay from the pages is pinned to 0, for no ingested document has a page.
 *          Names of whole chains of replays are resolved when a run is submitted, so each leads to
 *          the log itself.
 * Stages   "crawler", "frontier", "parser", "classifier", "extractor", "aggregator": the names of
 *          the worker programs. A stage is needed by a run whose log it writes; the aggregator by
 *          all.
 * Memory   The catalogue's (study/catalog.h).
 */
#ifndef XUNFANG_STUDY_CATALOG_RUN_H
#define XUNFANG_STUDY_CATALOG_RUN_H

#include "proto/control.pb-c.h"
#include "study/topics.h"

enum run_state { RUN_OPEN, RUN_PAUSED, RUN_CANCELLED, RUN_PURGED };

struct catalog_run {
    const char *job;
    const char *run;
    const Xunfang__JobSubmitted *submitted; /* files, partition count, pins */
    uint32_t generation; /* the newest that was opened; 0 at first; a replay's is pinned */
    bool seeded;         /* of generation 0 */
    uint64_t seeds;
    uint64_t ingested;             /* documents announced by all `Ingested` records */
    const Xunfang__Sealed *sealed; /* of `generation`; NULL: not complete yet */
    enum run_state state;
    /* Who adds documents just now, as last heard of; NULL: nobody. (study/intake.h) */
    const Xunfang__IngestBegun *claim;
    uint32_t claimed;   /* the newest generation that anybody claimed */
    int64_t command_ms; /* wall clock of the last command that changed the state; 0: none did */
};

/* "open", "paused", "cancelled", "purged". */
const char *run_state_text(enum run_state state);

/* Where a log of this run stands: a replay reads its early ones from another run. */
struct topic_name catalog_topic(const struct catalog_run *run, enum topic_kind kind);
/* Whose documents does it read? Its own name, unless it is a replay. */
const char *catalog_documents_run(const struct catalog_run *run);
bool catalog_is_replay(const struct catalog_run *run);
/* Records of its logs of this generation and later ones are not this run's; 0: all are. */
uint32_t catalog_generations(const struct catalog_run *run);

/* Does the run write this log itself? */
bool catalog_writes(const struct catalog_run *run, enum topic_kind kind);
/* Does the run need this stage at all, whatever its state? */
bool catalog_needs(const struct catalog_run *run, const char *stage);
/* Should this stage work on it now: needed, open, and not sealed? */
bool catalog_wants(const struct catalog_run *run, const char *stage);

struct owner_name {
    char text[3 * NAME_MAX_SIZE];
};

/* Whose commits those of a map on this run's logs are: STAGE.JOB.RUN, so that runs which read the
 * same log stand beside each other. ("frontier" and "crawler" are the cluster's: one name each.) */
struct owner_name catalog_owner(const struct catalog_run *run, const char *stage);

#endif
