/*
 * crawl_job: the jobs of a cluster as frontier and crawler need them.
 *
 * Loading  A job's study is read from `control` when first asked for, and kept; the catalogue is
 *          read on about once in CRAWL_REFRESH_MS, and at once for a name it does not have. A job
 *          is crawled by its first run that is no replay.
 * Active   On a bus with groups every job that is open and whose pins this build has; else only the
 *          one this process was started for. Other jobs' records are still followed, so that they
 *          lose nothing; a purged job is unknown.
 * Lag      A job rests while its `documents` log is more than LAG_MAX records ahead of its own
 *          classifier: the only throttle is the source. Asking costs some questions to the bus for
 *          each partition, so no more than a twentieth of the time goes into it.
 * Memory   What is returned lives as long as struct crawl_jobs; its fields change.
 * Threads  One thread, the bus's.
 */
#ifndef XUNFANG_CRAWLER_CRAWL_JOB_H
#define XUNFANG_CRAWLER_CRAWL_JOB_H

#include "base/util/clock.h"
#include "study/role.h"

enum { CRAWL_LAG_MAX = 20000, CRAWL_JOBS_MAX = CATALOG_RUNS_MAX, CRAWL_REFRESH_MS = 1000 };

struct crawl_job {
    const char *name;
    const char *run;
    const struct study *study;
    uint64_t max_requests; /* the job's limit; of several local frontiers each has its part */
    bool active;           /* may have leases now */
    bool open;             /* nobody has paused, cancelled or purged it */
    bool able;             /* this build has what its run is pinned to */
};

struct crawl_jobs;

CHECKED enum status crawl_jobs_create(struct role *role, const struct clock *clock,
                                      struct crawl_jobs **jobs, struct error *err);
void crawl_jobs_destroy(struct crawl_jobs *jobs);

/* For who grants leases. NULL if there is no such job or it cannot be read. `self` is a struct
 * crawl_jobs. */
const struct crawl_job *crawl_jobs_find(void *self, struct slice name);
/* Was the last NULL of crawl_jobs_find an answer? Not if the catalogue could not be read on, or
 * memory was out: then the job may be there. `self` is a struct crawl_jobs. */
bool crawl_jobs_sure(void *self);
/* For who works on leases: the same without the lag, `active` as last found. */
const struct crawl_job *crawl_jobs_look(void *self, struct slice name);
/* The longest that one request of any job that is not purged may take; below 0 if the catalogue
 * cannot be read on now. `self` is a struct crawl_jobs. */
int64_t crawl_jobs_longest_timeout(void *self);

/* The longest one request may take. */
int64_t crawl_job_timeout(const struct crawl_job *job);
/* "xunfang/VERSION (+contact)" */
CHECKED char *crawl_job_agent(const struct crawl_job *job, struct arena *arena);

#endif
