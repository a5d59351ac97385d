/*
 * crawl_job: the jobs of a cluster as frontier and crawler need them.
 *
 * Loading  A job's study is read from `control` when first asked for, and kept.
 * Active   Only the job this process was started for gets leases; other jobs' records are still
 *          followed, so that they lose nothing. A job rests while the `documents` log is more than
 *          LAG_MAX records ahead of the classifier: the only throttle is the source.
 * Memory   What is returned lives as long as struct crawl_jobs.
 * Threads  One thread, the bus's.
 */
#ifndef XUNFANG_CRAWLER_CRAWL_JOB_H
#define XUNFANG_CRAWLER_CRAWL_JOB_H

#include "base/util/clock.h"
#include "study/role.h"

enum { CRAWL_LAG_MAX = 20000, CRAWL_JOBS_MAX = 256 };

struct crawl_job {
    const char *name;
    const char *run;
    const struct study *study;
    uint64_t max_requests; /* this process's part of the job's limit */
    bool active;           /* may have leases now */
};

struct crawl_jobs;

CHECKED enum status crawl_jobs_create(struct role *role, const struct clock *clock,
                                      struct crawl_jobs **jobs, struct error *err);
void crawl_jobs_destroy(struct crawl_jobs *jobs);

/* NULL if there is no such job or it cannot be read. `self` is a struct crawl_jobs. */
const struct crawl_job *crawl_jobs_find(void *self, struct slice name);

/* The longest one request may take. */
int64_t crawl_job_timeout(const struct crawl_job *job);
/* "xunfang/VERSION (+contact)" */
CHECKED char *crawl_job_agent(const struct crawl_job *job, struct arena *arena);

#endif
