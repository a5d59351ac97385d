/*
 * Studies are loaded from the job's files in `control`, so every process of a cluster has the same
 * one, whatever lies on its disk. They are kept for good: a job's files never change.
 */
#include "crawler/crawl_job.h"

#include "base/util/map.h"

#include <stdlib.h>

enum { LAG_EVERY_MS = 1000 };

struct entry {
    struct crawl_job job;
    struct study *study; /* to destroy; NULL if it is the role's */
};

struct crawl_jobs {
    struct role *role;
    const struct clock *clock;
    struct map *names; /* → struct entry */
    int64_t lag_ms;    /* when the lag was last asked for */
    bool lagging;
};

enum status crawl_jobs_create(struct role *role, const struct clock *clock,
                              struct crawl_jobs **result, struct error *err)
{
    struct crawl_jobs *jobs = calloc(1, sizeof *jobs);

    if (jobs != NULL)
        jobs->names = map_create();
    if (jobs == NULL || jobs->names == NULL) {
        free(jobs);
        return error_set(err, STATUS_NOMEM, "no memory for jobs");
    }
    jobs->role = role;
    jobs->clock = clock;
    jobs->lag_ms = INT64_MIN / 2;
    *result = jobs;
    return STATUS_OK;
}

void crawl_jobs_destroy(struct crawl_jobs *jobs)
{
    void *value;
    size_t cursor = 0;

    if (jobs == NULL)
        return;
    while (map_next(jobs->names, &cursor, NULL, &value)) {
        struct entry *entry = value;
        study_destroy(entry->study);
        free(entry);
    }
    map_destroy(jobs->names);
    free(jobs);
}

/* A job is crawled by the first run it was submitted with; replays do not crawl. */
static const struct catalog_run *find_run(const struct crawl_jobs *jobs, struct slice name)
{
    const struct role *role = jobs->role;

    if (slice_equal(name, slice_from(role->settings->job)))
        return role->run;
    for (size_t i = 0; i < catalog_run_count(role->catalog); i++)
        if (slice_equal(name, slice_from(catalog_run_at(role->catalog, i)->job)))
            return catalog_run_at(role->catalog, i);
    return NULL;
}

static struct entry *load(struct crawl_jobs *jobs, struct slice name)
{
    const struct role *role = jobs->role;
    const struct catalog_run *run;
    struct entry *entry;

    if (catalog_refresh(role->catalog, 0, NULL) != STATUS_OK ||
        map_size(jobs->names) >= CRAWL_JOBS_MAX)
        return NULL;
    run = find_run(jobs, name);
    entry = run == NULL ? NULL : calloc(1, sizeof *entry);
    if (entry == NULL)
        return NULL;
    entry->job.name = run->job;
    entry->job.run = run->run;
    if (run == role->run)
        entry->job.study = role->study;
    else if (role_load_study(run, &entry->study, NULL) == STATUS_OK)
        entry->job.study = entry->study;
    if (entry->job.study == NULL || map_put(jobs->names, name, entry) != STATUS_OK) {
        study_destroy(entry->study);
        free(entry);
        return NULL;
    }
    /* Each of several frontiers knows its own hosts only, so each gets its part. */
    entry->job.max_requests =
        (entry->job.study->job.crawl.max_requests + role->settings->of - 1) / role->settings->of;
    return entry;
}

/* Records of `documents` that the classifier has not committed yet; 0 if nobody can tell. */
static uint64_t documents_lag(const struct role *role)
{
    struct bus_partition at = {role->topics[TOPIC_DOCUMENTS].text, 0};
    uint32_t count = 0;
    uint64_t lag = 0;

    if (bus_topic_partitions(role->bus, at.topic, &count, NULL) != STATUS_OK)
        return 0;
    for (; at.partition < count; at.partition++) {
        uint64_t end, done = 0;
        if (bus_end(role->bus, at.topic, at.partition, &end, NULL) != STATUS_OK)
            return 0;
        /* Never committed means that it has everything before it. */
        if (bus_committed(role->bus, "classifier", &at, &done, NULL) != STATUS_OK)
            done = 0;
        lag += end > done ? end - done : 0;
    }
    return lag;
}

static bool lagging(struct crawl_jobs *jobs)
{
    int64_t now = clock_mono_ms(jobs->clock);

    /* Some questions to the bus for each partition: not for every request that is looked at. */
    if (now - jobs->lag_ms >= LAG_EVERY_MS) {
        jobs->lag_ms = now;
        jobs->lagging = documents_lag(jobs->role) > CRAWL_LAG_MAX;
    }
    return jobs->lagging;
}

const struct crawl_job *crawl_jobs_find(void *self, struct slice name)
{
    struct crawl_jobs *jobs = self;
    struct entry *entry = map_get(jobs->names, name);

    if (entry == NULL)
        entry = load(jobs, name);
    if (entry == NULL)
        return NULL;
    entry->job.active = slice_equal(name, slice_from(jobs->role->settings->job)) && !lagging(jobs);
    return &entry->job;
}

int64_t crawl_job_timeout(const struct crawl_job *job)
{
    return job->study->job.crawl.request_timeout_ms;
}

char *crawl_job_agent(const struct crawl_job *job, struct arena *arena)
{
    return arena_printf(arena, "xunfang/" XUNFANG_VERSION " (+%.*s)",
                        SLICE_ARG(job->study->job.crawl.contact));
}
