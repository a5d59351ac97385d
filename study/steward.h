/*
 * steward: one stage for all jobs of a cluster: a child process for each run that needs it.
 *
 * Works on  every run that wants the stage (catalog_wants), whose pins this build has, oldest
 *           first, STEWARD_RUNS_MAX at once. Children end (SIGTERM, drained; SIGKILL after
 *           STEWARD_DRAIN_MS) when their run is sealed, paused, cancelled or purged; a new
 *           generation or a resumption starts them again.
 * Idle      A run it cannot work on (pins, files this build cannot read, a child that does not stay
 *           up, no room) waits with a reason: metric xunfang_idle{job,run,reason}, /readyz, one
 *           log line for each change. It is tried again after 5 s to 5 min. Nothing about one run
 *           ends a steward or touches another run.
 * Purged    What the stage kept of the run below DATA/state is removed.
 * Parent    Children die with their steward, however it ends (base/supervise.h).
 * Bus       Only `control` is read here. While the bus does not answer, children go on by
 *           themselves and the steward by what it knew.
 * Metrics   /metrics has the children's series with process="STAGE-JOB.RUN", job, run in front, and
 *           the steward's own as process="STAGE".
 * Threads   One.
 */
#ifndef XUNFANG_STUDY_STEWARD_H
#define XUNFANG_STUDY_STEWARD_H

#include "base/daemon.h"
#include "base/scrape.h"
#include "study/catalog.h"

enum {
    STEWARD_RUNS_MAX = 16,
    STEWARD_DRAIN_MS = 20000,
    STEWARD_RETRY_MS = 5000,
    STEWARD_RETRY_MAX_MS = 300000,
    STEWARD_REASON_MAX = 256,
};

struct steward;

struct steward_options {
    const char *stage;                      /* "classifier" */
    const char *program;                    /* of libexec: "xunfang-classifier" */
    const struct daemon_settings *settings; /* bus, data, index and log level go to the children */
    struct catalog *catalog;
    struct scrape *scrape; /* of the children's metrics; NULL: none are fetched */
    /* Can this build work on the run? STATUS_UNSUPPORTED: no; other failures: not now. Asked again
     * at each try. NULL: pins_check on the study of its files. */
    enum status (*able)(void *self, const struct catalog_run *run, struct error *err);
    void *self;
    int64_t drain_ms; /* until a child that was told to end is killed; 0: STEWARD_DRAIN_MS */
    int64_t retry_ms; /* until a run is tried again for the first time; 0: STEWARD_RETRY_MS */
};

CHECKED enum status steward_create(const struct steward_options *options, struct steward **steward,
                                   struct error *err);
/* Kills what still runs; that loses nothing. NULL is fine. */
void steward_destroy(struct steward *steward);

/* Takes the catalogue as it stands (the caller refreshes it): starts, ends and restarts children.
 * Waits at most `timeout_ms` for one of them to change. */
CHECKED enum status steward_step(struct steward *steward, int64_t timeout_ms, struct error *err);
/* From now on no child starts; those there are told to end. Repeat steward_step until
 * steward_working is 0. */
void steward_drain(struct steward *steward);

/* How many children there are, the ending ones among them. */
size_t steward_working(const struct steward *steward);
/* Why nobody works on the run here; NULL if it is worked on, or does not want the stage. */
const char *steward_reason(const struct steward *steward, const struct catalog_run *run);

/* The whole life of a steward process: until a signal drained it. */
CHECKED enum status steward_run(struct daemon *daemon, const struct steward_options *options,
                                struct error *err);

#endif
