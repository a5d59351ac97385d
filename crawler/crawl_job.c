/*
 * Studies are loaded from the job's files in `control`, so every process of a cluster has the same
 * one, whatever lies on its disk. They are kept for good: a job's files never change.
 */
#include "crawler/crawl_job.h"

#include "base/log.h"
#include "base/util/map.h"
#include "study/pins.h"

#include <stdio.h>
#include <stdlib.h>

enum { LAG_EVERY_MS = 1000, LAG_PATIENCE = 20 };

struct entry {
    struct crawl_job job;
    const struct catalog_run *run;
    struct study *study; /* to destroy; NULL if it is the role's */
    int64_t lag_ms;      /* when the lag is to be asked for again */
    bool lagging;
};

struct crawl_jobs {
    struct role *role;
    const struct clock *clock;
    struct map *names; /* → struct entry; NULL entries are never put */
    struct map *bad;   /* jobs that cannot be read: → themselves */
    int64_t read_ms;   /* when the catalogue was last read on */
    bool current;      /* that time it could be */
    bool unsure;       /* the last job that was not found may be there */
};

/* ---- life ---- */

enum status crawl_jobs_create(struct role *role, const struct clock *clock,
                              struct crawl_jobs **result, struct error *err)
{
    struct crawl_jobs *jobs = calloc(1, sizeof *jobs);

    if (jobs != NULL) {
        jobs->names = map_create();
        jobs->bad = map_create();
    }
    if (jobs == NULL || jobs->names == NULL || jobs->bad == NULL) {
        crawl_jobs_destroy(jobs);
        return error_set(err, STATUS_NOMEM, "no memory for jobs");
    }
    jobs->role = role;
    jobs->clock = clock;
    /* Long ago, but such that a difference to it does not overflow. */
    jobs->read_ms = INT64_MIN / 2;
    *result = jobs;
    return STATUS_OK;
}

void crawl_jobs_destroy(struct crawl_jobs *jobs)
{
    void *value;
    size_t cursor = 0;

    if (jobs == NULL)
        return;
    while (jobs->names != NULL && map_next(jobs->names, &cursor, NULL, &value)) {
        struct entry *entry = value;
        study_destroy(entry->study);
        free(entry);
    }
    map_destroy(jobs->names);
    map_destroy(jobs->bad);
    free(jobs);
}

/* ---- loading ---- */

static bool is_ours(const struct crawl_jobs *jobs, struct slice name)
{
    return jobs->role->run != NULL && slice_equal(name, slice_from(jobs->role->run->job));
}

static const struct catalog_run *find_run(const struct crawl_jobs *jobs, struct slice name)
{
    char text[NAME_MAX_SIZE + 1];

    if (is_ours(jobs, name))
        return jobs->role->run;
    if (name.size >= sizeof text)
        return NULL;
    (void) snprintf(text, sizeof text, "%.*s", SLICE_ARG(name));
    return catalog_crawl(jobs->role->catalog, text);
}

static void read_catalog(struct crawl_jobs *jobs, int64_t older_ms)
{
    int64_t now = clock_mono_ms(jobs->clock);

    if (now - jobs->read_ms < older_ms)
        return;
    jobs->current = catalog_refresh(jobs->role->catalog, 0, NULL) == STATUS_OK;
    jobs->read_ms = clock_mono_ms(jobs->clock); /* while brokers are away this takes its time */
}

/* Told once, not at every record of the job. */
static void complain(struct crawl_jobs *jobs, struct slice name, const struct error *err)
{
    status_ignore(map_put(jobs->bad, name, jobs));
    log_write(LOG_ERROR, "this build cannot work on the job", {"job", name},
              {"why", slice_from(err->message)});
}

static enum status load_study(struct crawl_jobs *jobs, struct entry *entry, struct error *err)
{
    struct error cause = {STATUS_OK, ""};
    enum status status = STATUS_OK;

    if (is_ours(jobs, slice_from(entry->run->job)))
        entry->job.study = jobs->role->study;
    else
        status = role_load_study(entry->run, &entry->study, err);
    if (status != STATUS_OK)
        return status;
    if (entry->study != NULL)
        entry->job.study = entry->study;
    entry->job.able = pins_check(entry->run, entry->job.study, "crawler", &cause) == STATUS_OK;
    if (!entry->job.able)
        complain(jobs, slice_from(entry->run->job), &cause);
    return STATUS_OK;
}

static void fill(const struct crawl_jobs *jobs, struct entry *entry)
{
    uint64_t limit = entry->job.study->job.crawl.max_requests;
    uint64_t of = jobs->role->settings->of;

    entry->job.name = entry->run->job;
    entry->job.run = entry->run->run;
    /* Each of several local frontiers knows its own hosts only, so each gets its part. */
    entry->job.max_requests = jobs->role->groups || of < 2 ? limit : (limit + of - 1) / of;
}

static struct entry *load(struct crawl_jobs *jobs, const struct catalog_run *run)
{
    struct slice name = slice_from(run->job);
    struct entry *entry = NULL;
    enum status status;
    struct error err;

    if (map_get(jobs->bad, name) != NULL || map_size(jobs->names) >= CRAWL_JOBS_MAX)
        return NULL;
    entry = calloc(1, sizeof *entry);
    if (entry == NULL)
        return NULL;
    entry->run = run;
    entry->lag_ms = INT64_MIN;
    status = load_study(jobs, entry, &err);
    if (status != STATUS_OK) {
        jobs->unsure = status == STATUS_NOMEM;
        if (!jobs->unsure)
            complain(jobs, name, &err);
        free(entry);
        return NULL;
    }
    fill(jobs, entry);
    if (map_put(jobs->names, name, entry) == STATUS_OK)
        return entry;
    study_destroy(entry->study);
    free(entry);
    return NULL;
}

static struct entry *find_entry(struct crawl_jobs *jobs, struct slice name)
{
    struct entry *entry = map_get(jobs->names, name);
    const struct catalog_run *run;

    jobs->unsure = false;
    if (entry != NULL)
        return entry;
    run = find_run(jobs, name);
    if (run == NULL) {
        /* A job stands in `control` before its first record anywhere else. */
        read_catalog(jobs, 0);
        run = find_run(jobs, name);
        jobs->unsure = run == NULL && !jobs->current;
    }
    return run == NULL || run->state == RUN_PURGED ? NULL : load(jobs, run);
}

/* ---- the lag ---- */

/* Records of the run's `documents` that its classifier has not committed yet; 0 if nobody can
 * tell. */
static uint64_t documents_lag(const struct role *role, const struct catalog_run *run)
{
    struct topic_name documents = catalog_topic(run, TOPIC_DOCUMENTS);
    struct owner_name classifier = catalog_owner(run, "classifier");
    struct bus_partition at = {documents.text, 0};
    uint32_t count = 0;
    uint64_t lag = 0;

    if (bus_topic_partitions(role->bus, at.topic, &count, NULL) != STATUS_OK)
        return 0;
    for (; at.partition < count; at.partition++) {
        uint64_t end, done = 0;
        enum status status;
        if (bus_end(role->bus, at.topic, at.partition, &end, NULL) != STATUS_OK)
            return 0;
        status = bus_committed(role->bus, classifier.text, &at, &done, NULL);
        if (status != STATUS_OK && status != STATUS_NOT_FOUND)
            return 0;
        /* Never committed means that it has everything before it. */
        lag += end > done ? end - done : 0;
    }
    return lag;
}

static bool lagging(struct crawl_jobs *jobs, struct entry *entry)
{
    int64_t now = clock_mono_ms(jobs->clock), took;

    if (now < entry->lag_ms)
        return entry->lagging;
    entry->lagging = documents_lag(jobs->role, entry->run) > CRAWL_LAG_MAX;
    took = clock_mono_ms(jobs->clock) - now;
    entry->lag_ms = now + (LAG_PATIENCE * took > LAG_EVERY_MS ? LAG_PATIENCE * took : LAG_EVERY_MS);
    return entry->lagging;
}

/* ---- asking ---- */

static struct entry *look(struct crawl_jobs *jobs, struct slice name)
{
    struct entry *entry;

    read_catalog(jobs, CRAWL_REFRESH_MS);
    entry = find_entry(jobs, name);
    if (entry == NULL || entry->run->state == RUN_PURGED)
        return NULL;
    entry->job.open = entry->run->state == RUN_OPEN;
    return entry;
}

const struct crawl_job *crawl_jobs_look(void *self, struct slice name)
{
    struct entry *entry = look(self, name);

    return entry == NULL ? NULL : &entry->job;
}

const struct crawl_job *crawl_jobs_find(void *self, struct slice name)
{
    struct crawl_jobs *jobs = self;
    struct entry *entry = look(jobs, name);

    if (entry == NULL)
        return NULL;
    /* A sealed run has nothing to be asked for, so nobody asks the bus about it. */
    entry->job.active = entry->job.open && entry->job.able &&
                        (jobs->role->groups || is_ours(jobs, name)) &&
                        (entry->run->sealed != NULL || !lagging(jobs, entry));
    return &entry->job;
}

bool crawl_jobs_sure(void *self)
{
    const struct crawl_jobs *jobs = self;

    return !jobs->unsure;
}

int64_t crawl_jobs_longest_timeout(void *self)
{
    struct crawl_jobs *jobs = self;
    const struct catalog *catalog = jobs->role->catalog;
    int64_t longest = 0;

    read_catalog(jobs, CRAWL_REFRESH_MS);
    for (size_t i = 0; i < catalog_run_count(catalog); i++) {
        const struct catalog_run *run = catalog_run_at(catalog, i);
        const struct entry *entry =
            run->state == RUN_PURGED ? NULL : find_entry(jobs, slice_from(run->job));
        int64_t timeout = entry == NULL ? 0 : crawl_job_timeout(&entry->job);
        longest = timeout > longest ? timeout : longest;
    }
    return jobs->current ? longest : -1;
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
