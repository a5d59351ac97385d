/*
 * All partitions of a job lie in one block, ours or not: what is not ours stays as it was when we
 * last had it, and is brought up to date by the records that follow before it counts again.
 */
#include "crawler/frontier_count.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- reading and writing ---- */

static void read_tally(struct job_tally *tally, const Xunfang__JobState *state)
{
    tally->requests = state->requests;
    tally->leased = state->leased;
    tally->known[0] = state->known_lists;
    tally->known[1] = state->known_articles;
    tally->final[0] = state->final_lists;
    tally->final[1] = state->final_articles;
}

static enum status read_count(struct frontier *frontier, struct slice job, struct job_count *count,
                              struct error *err)
{
    struct job_place place = {job, 0};
    enum status status = STATUS_OK;

    for (; place.part < frontier->part_count && status == STATUS_OK; place.part++) {
        Xunfang__JobState *state = NULL;
        status = frontier_get_job(&frontier->store, &place, &state, err);
        if (status == STATUS_OK && state != NULL)
            read_tally(&count->parts[place.part], state);
    }
    return status;
}

enum status frontier_count(struct frontier *frontier, struct slice job, struct job_count **result,
                           struct error *err)
{
    struct job_count *count = map_get(frontier->counts, job);
    enum status status = STATUS_OK;

    if (count != NULL) {
        *result = count;
        return STATUS_OK;
    }
    count = calloc(1, sizeof *count + frontier->part_count * sizeof count->parts[0]);
    if (count != NULL)
        status = read_count(frontier, job, count, err);
    if (status == STATUS_OK &&
        (count == NULL || map_put(frontier->counts, job, count) != STATUS_OK))
        status = error_set(err, STATUS_NOMEM, "no memory for a job's counters");
    if (status != STATUS_OK) {
        free(count);
        return status;
    }
    (void) snprintf(count->name, sizeof count->name, "%.*s", SLICE_ARG(job));
    *result = count;
    return STATUS_OK;
}

void frontier_count_save(struct frontier *frontier, const struct job_count *count, uint32_t part)
{
    const struct job_tally *tally = &count->parts[part];
    const struct job_place place = {slice_from(count->name), part};
    Xunfang__JobState state = XUNFANG__JOB_STATE__INIT;

    state.requests = tally->requests;
    state.leased = tally->leased;
    state.known_lists = tally->known[0];
    state.known_articles = tally->known[1];
    state.final_lists = tally->final[0];
    state.final_articles = tally->final[1];
    frontier_put_job(&frontier->store, &place, &state);
}

/* ---- over jobs and partitions ---- */

struct job_count *frontier_count_next(const struct frontier *frontier, size_t *cursor)
{
    void *count;

    return map_next(frontier->counts, cursor, NULL, &count) ? count : NULL;
}

void frontier_count_no_leases(struct frontier *frontier)
{
    struct job_count *count;

    for (size_t cursor = 0; (count = frontier_count_next(frontier, &cursor)) != NULL;)
        count->leases = 0;
}

void frontier_count_forget(struct frontier *frontier)
{
    struct job_count *count;

    if (frontier->counts == NULL)
        return;
    for (size_t cursor = 0; (count = frontier_count_next(frontier, &cursor)) != NULL;)
        free(count);
    map_destroy(frontier->counts);
    frontier->counts = NULL;
}

struct job_tally frontier_count_sum(const struct frontier *frontier, const struct job_count *count)
{
    struct job_tally sum = {0};

    for (uint32_t i = 0; i < frontier->part_count; i++) {
        const struct job_tally *tally = &count->parts[i];
        if (!frontier->parts[i].ours)
            continue;
        sum.requests += tally->requests;
        sum.leased += tally->leased;
        for (int kind = 0; kind < 2; kind++) {
            sum.known[kind] += tally->known[kind];
            sum.final[kind] += tally->final[kind];
        }
    }
    return sum;
}

/* ---- limits ---- */

/* The parts differ by one at most, and are the whole together. */
static uint64_t limit_of_part(const struct frontier *frontier, const struct crawl_job *job,
                              uint32_t part)
{
    return job->max_requests / frontier->part_count +
           (part < job->max_requests % frontier->part_count ? 1 : 0);
}

/* What is leased counts as sent: it may be, and a limit is a promise to the sites. */
uint64_t frontier_count_left(const struct frontier *frontier, const struct job_count *count,
                             const struct crawl_job *job, uint32_t part)
{
    struct job_tally tally = count->parts[part];
    uint64_t limit = limit_of_part(frontier, job, part);

    if (!frontier->options.shared) {
        tally = frontier_count_sum(frontier, count);
        limit = job->max_requests;
    }
    return tally.requests + tally.leased < limit ? limit - tally.requests - tally.leased : 0;
}

static bool is_open(const struct job_tally *tally)
{
    return tally->known[0] + tally->known[1] > tally->final[0] + tally->final[1];
}

/* Only where something waits: a partition that was never asked for much is not what stops a job. */
bool frontier_count_spent(const struct frontier *frontier, const struct job_count *count,
                          const struct crawl_job *job)
{
    if (!frontier->options.shared)
        return frontier_count_sum(frontier, count).requests >= job->max_requests;
    for (uint32_t i = 0; i < frontier->part_count; i++)
        if (frontier->parts[i].ours && is_open(&count->parts[i]) &&
            count->parts[i].requests >= limit_of_part(frontier, job, i))
            return true;
    return false;
}

/* Once a tick: there may be a thousand jobs, and a thousand hosts that ask. */
static void count_open_jobs(struct frontier *frontier)
{
    const struct job_count *count;

    frontier->open_jobs = 0;
    for (size_t cursor = 0; (count = frontier_count_next(frontier, &cursor)) != NULL;) {
        const struct crawl_job *job = frontier_job(frontier, slice_from(count->name));
        struct job_tally sum = frontier_count_sum(frontier, count);
        frontier->open_jobs += job != NULL && job->active && is_open(&sum);
    }
    /* 0 would say that they were not counted yet, and shares are divided by it. */
    if (frontier->open_jobs == 0)
        frontier->open_jobs = 1;
}

bool frontier_count_fair(struct frontier *frontier, const struct job_count *count)
{
    size_t most = frontier->options.max_leases;

    if (frontier->leases < most / 2)
        return true;
    if (frontier->open_jobs == 0)
        count_open_jobs(frontier);
    return count->leases < (most + frontier->open_jobs - 1) / frontier->open_jobs;
}
