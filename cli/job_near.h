/*
 * job_near: what is said of a job or run that is not there.
 *
 * Says    Where it was looked for, and what is near: a job of nearly this name
 *         (base/fields_near.h), or the runs this job has, or that there are no jobs at all.
 */
#ifndef XUNFANG_CLI_JOB_NEAR_H
#define XUNFANG_CLI_JOB_NEAR_H

#include "cli/bus_place.h"
#include "study/catalog.h"

enum { JOB_NEAR_RUNS_NAMED = 4 };

struct job_wanted {
    const char *job;
    const char *run; /* NULL or "": any */
};

/* Returns STATUS_USAGE. The catalogue may be NULL: no jobs at all. */
enum status job_unknown(const struct catalog *catalog, const struct bus_place *place,
                        const struct job_wanted *wanted, struct error *err);

#endif
