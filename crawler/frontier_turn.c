/*
 * A host that is due is looked at once and then knows when to be looked at again. Nothing here
 * polls: a host without a reason to act is due never, and whatever gives it one (a link, a result,
 * an answer from robots.txt) makes it due at once.
 */
#include "crawler/frontier_turn.h"

#include "crawler/courtesy.h"
#include "crawler/frontier_count.h"
#include "crawler/frontier_lease.h"
#include "crawler/frontier_parts.h"
#include "crawler/frontier_result.h"
#include "crawler/frontier_robots.h"

enum {
    WAITING_AT_ONCE = 64,
    CLOSED_AT_ONCE = 256,
    JOBS_AT_ONCE = 64,
    IDLE_MS = 1000, /* a job that may not crawl now is asked again after that */
    CHINA_MS = 8 * 60 * 60 * 1000,
    DAY_MINUTES = 24 * 60,
};

/* ---- what is over, what is due ---- */

static enum status end_lease(struct frontier *frontier, struct host *host, struct error *err)
{
    enum status status;

    /* A request sent right before the expiry may have run until now. */
    host->ended_ms = host->free_ms;
    status = frontier_end_lease(frontier, host, err);
    host_save(host, &frontier->store);
    return status;
}

/* *next_ms: when the next of those that still wait is due. */
static enum status wake_waiting(struct frontier *frontier, struct host *host, int64_t *next_ms,
                                struct error *err)
{
    struct waiting_entry entries[WAITING_AT_ONCE];
    size_t count = WAITING_AT_ONCE;
    enum status status = frontier_list_waiting(&frontier->store, host->name, entries, &count, err);

    *next_ms = HOST_NEVER;
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        struct url_ref ref;
        if (entries[i].due_ms > frontier->now_ms) {
            *next_ms = entries[i].due_ms;
            break;
        }
        status = frontier_find(frontier, entries[i].job, entries[i].id, &ref, err);
        if (status == STATUS_OK && ref.state != NULL && ref.state->state == URL_WAITING)
            status = frontier_move(frontier, &ref, URL_DUE, 0, err);
        else if (status == STATUS_OK)
            frontier_delete_waiting(&frontier->store, host->name, &entries[i]);
        *next_ms = frontier->now_ms; /* there may be more than we took */
    }
    return status;
}

/* ---- hosts given up ---- */

/* An entry whose request is no longer queued is a leftover and goes. */
static enum status close_entry(struct frontier *frontier, struct host *host,
                               const struct queue_place *place, const struct queue_entry *entry,
                               struct error *err)
{
    struct queue_place there = {place->host, place->job, place->class, entry->order};
    struct url_ref ref;
    enum status status = frontier_find(frontier, place->job, entry->id, &ref, err);

    if (status != STATUS_OK)
        return status;
    if (ref.state == NULL || ref.state->state != URL_QUEUED) {
        frontier_delete_queued(&frontier->store, &there);
        return STATUS_OK;
    }
    if (place->class == CLASS_ROBOTS)
        return frontier_robots_give_up(frontier, &ref, host->detail, err);
    return frontier_close(frontier, &ref, XUNFANG__VERDICT__REASON__GAVE_UP, host->detail, err);
}

static enum status close_class(struct frontier *frontier, struct host *host,
                               const struct queue_place *place, size_t *closed, struct error *err)
{
    struct queue_entry entries[CLOSED_AT_ONCE];
    size_t count = CLOSED_AT_ONCE - *closed;
    enum status status = frontier_list_queued(&frontier->store, place, entries, &count, err);

    for (size_t i = 0; i < count && status == STATUS_OK; i++)
        status = close_entry(frontier, host, place, &entries[i], err);
    *closed += count;
    return status;
}

/* Verdicts for everything queued, some at a time; *next_ms: when there are more. */
static enum status close_host(struct frontier *frontier, struct host *host, int64_t *next_ms,
                              struct error *err)
{
    struct slice job = slice_of("", 0);
    size_t closed = 0;
    enum status status = STATUS_OK;

    do {
        for (int kind = 0; kind < CLASS_COUNT && status == STATUS_OK; kind++) {
            struct queue_place place = {host->name, job, (enum frontier_class) kind, 0};
            status = close_class(frontier, host, &place, &closed, err);
        }
        if (status == STATUS_OK)
            status = frontier_next_job(&frontier->store, host->name, job, &job, err);
    } while (status == STATUS_OK && job.data != NULL && closed < CLOSED_AT_ONCE);
    *next_ms = closed < CLOSED_AT_ONCE ? host->dead_ms : frontier->now_ms + 1;
    return status;
}

/* ---- may the job crawl now? ---- */

/* Researchers write Chinese time, whatever the machine's zone. */
static bool within_hours(const struct frontier *frontier, const struct crawl_job *job)
{
    int64_t minute = (frontier->now_ms + CHINA_MS) / 60000 % DAY_MINUTES;

    return job_hour_allowed(&job->study->job, (uint32_t) minute);
}

/* How many requests it may have on this host, 0 while it rests; *next_ms: when to ask again
 * then. */
static enum status allowance(struct frontier *frontier, const struct draft *draft,
                             uint64_t *allowed, int64_t *next_ms, struct error *err)
{
    const struct crawl_job *job = draft->job;
    struct job_count *count = NULL;
    enum status status = frontier_count(frontier, slice_from(job->name), &count, err);

    if (status != STATUS_OK)
        return status;
    *allowed = 0;
    *next_ms = frontier->now_ms + IDLE_MS;
    if (!job->active || !within_hours(frontier, job))
        return STATUS_OK;
    if (frontier_count_fair(frontier, count))
        *allowed = frontier_count_left(frontier, count, job, draft->host->part);
    else
        *next_ms = frontier->now_ms + FRONTIER_TICK_MS;
    return STATUS_OK;
}

/* ---- whose turn ---- */

/* When the host's clock allows a lease to be given out. */
static int64_t ready_ms(const struct frontier *frontier, const struct host *host, int64_t delay_ms)
{
    int64_t ended_ms = frontier_ended_ms(frontier, host);

    if (host->delay_ms > delay_ms)
        delay_ms = host->delay_ms; /* of robots.txt, or of a more careful job */
    return ended_ms == 0 ? 0 : ended_ms + delay_ms - COURTESY_AHEAD_MS;
}

/* A lease for this job, or the time to look again in *next_ms (unchanged: on the next record). */
static enum status serve_job(struct frontier *frontier, struct draft *draft, int64_t *next_ms,
                             struct error *err)
{
    const struct job_crawl *crawl = &draft->job->study->job.crawl;
    int64_t ready = ready_ms(frontier, draft->host, crawl->delay_ms), again_ms;
    uint64_t allowed;
    enum status status = allowance(frontier, draft, &allowed, &again_ms, err);

    if (status != STATUS_OK)
        return status;
    if (allowed == 0) {
        *next_ms = again_ms;
        return STATUS_OK;
    }
    draft->delay_ms = crawl->delay_ms;
    if (ready > frontier->now_ms) {
        *next_ms = ready;
        draft->waiting = true;
        return STATUS_OK;
    }
    draft->limit = frontier_batch(draft);
    if (allowed < draft->limit)
        draft->limit = (size_t) allowed;
    status = frontier_pick(frontier, draft, err);
    if (status != STATUS_OK || draft->count == 0)
        return status;
    return frontier_grant(frontier, draft, err);
}

/* The job on whose behalf robots.txt is wanted, though none of its requests may be queued here. */
static enum status robots_job(struct frontier *frontier, struct host *host,
                              const struct crawl_job **job, struct error *err)
{
    struct queue_place place = {host->name, slice_of("", 0), CLASS_ROBOTS, 0};
    struct queue_entry entry;
    struct url_ref ref = {.state = NULL};
    size_t count = 1;
    enum status status = frontier_list_queued(&frontier->store, &place, &entry, &count, err);

    if (status == STATUS_OK && count == 1)
        status = frontier_find(frontier, place.job, entry.id, &ref, err);
    if (status == STATUS_OK && ref.state != NULL)
        *job = frontier_job(frontier, slice_from(ref.state->job));
    return status;
}

static enum status serve_jobs(struct frontier *frontier, struct host *host, int64_t *next_ms,
                              struct error *err)
{
    struct draft robots = {.host = host};
    struct slice job = arena_copy(frontier->arena, slice_from(host->last_job));
    enum status status = robots_job(frontier, host, &robots.job, err);
    bool wrapped = false;
    int served = 0;

    if (status == STATUS_OK && robots.job != NULL)
        status = serve_job(frontier, &robots, next_ms, err);
    if (status != STATUS_OK || robots.count > 0 || robots.waiting)
        return status;
    for (int looks = 0; looks < CRAWL_JOBS_MAX && served < JOBS_AT_ONCE; looks++) {
        struct draft draft = {.host = host};
        status = frontier_next_job(&frontier->store, host->name, job, &job, err);
        if (status != STATUS_OK || (job.data == NULL && wrapped))
            break;
        if (job.data == NULL) {
            wrapped = true;
            job = slice_of("", 0);
            continue;
        }
        draft.job = frontier_job(frontier, job);
        if (draft.job == NULL)
            continue;
        served += draft.job->active; /* what nobody may send now keeps nobody from his turn */
        status = serve_job(frontier, &draft, next_ms, err);
        /* A job with a longer delay is waited for, or a hasty one would always be before it. */
        if (status != STATUS_OK || draft.count > 0 || draft.waiting)
            break;
    }
    return status;
}

/* ---- one host ---- */

/* A host without a lease: its waiting requests first, they may be what it can have. */
static enum status serve_free(struct frontier *frontier, struct host *host, struct error *err)
{
    int64_t waiting_ms, next_ms = HOST_NEVER;
    enum status status = wake_waiting(frontier, host, &waiting_ms, err);

    if (status != STATUS_OK)
        return status;
    if (host->dead_ms != 0 && host->dead_ms <= frontier->now_ms) {
        host->dead_ms = 0;
        host->trouble = 0;
        host_save(host, &frontier->store);
    }
    if (host->dead_ms != 0)
        status = close_host(frontier, host, &next_ms, err);
    else if (host->pause_ms > frontier->now_ms)
        next_ms = host->pause_ms;
    else if (frontier->leases < frontier->options.max_leases)
        status = serve_jobs(frontier, host, &next_ms, err);
    else
        next_ms = frontier->now_ms + FRONTIER_TICK_MS;
    if (waiting_ms < next_ms)
        next_ms = waiting_ms;
    if (next_ms <= frontier->now_ms)
        next_ms = frontier->now_ms + 1;
    hosts_set_due(frontier->hosts, host, host->leased ? host->free_ms : next_ms);
    return status;
}

enum status frontier_serve(struct frontier *frontier, struct host *host, struct error *err)
{
    enum status status = STATUS_OK;
    int64_t hold_ms = frontier_hold_ms(frontier, host);

    if (!frontier_ours(frontier, host)) {
        hosts_set_due(frontier->hosts, host, HOST_NEVER);
        return STATUS_OK;
    }
    if (frontier->now_ms < hold_ms) {
        hosts_set_due(frontier->hosts, host, hold_ms);
        return STATUS_OK;
    }
    if (host->leased && frontier->now_ms < host->free_ms) {
        hosts_set_due(frontier->hosts, host, host->free_ms);
        return STATUS_OK;
    }
    if (host->leased)
        status = end_lease(frontier, host, err);
    return status == STATUS_OK ? serve_free(frontier, host, err) : status;
}
