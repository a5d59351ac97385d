/*
 * The frontier's memory is small on purpose: hosts, counters and parsed robots.txt. Requests stay
 * in the store, so a crawl of a million pages needs no more memory than one of a thousand. What
 * memory holds is either loaded by `load` or read from the store when first needed; every change
 * goes to the batch at once, so a batch that is lost with the process loses nothing that memory
 * would know better.
 */
#include "crawler/frontier.h"

#include "base/message.h"
#include "base/metrics.h"
#include "crawler/courtesy.h"
#include "crawler/frontier_count.h"
#include "crawler/frontier_parts.h"
#include "crawler/frontier_result.h"
#include "crawler/frontier_robots.h"
#include "crawler/frontier_turn.h"

#include <stdlib.h>

enum {
    FRONTIER_MAGIC = 0x46726f6e,
    ARENA_MAX = 256 * 1024 * 1024,
    PAYLOAD_MAX = 8 * 1024 * 1024,
    DEFAULT_LEASES = 256,
    DEFAULT_ATTEMPTS = 5,
    DEFAULT_TROUBLE = 9,
    DEFAULT_BLOCKED = 5,
    HOSTS_A_TICK = 256,
    GAUGES_MS = 500,
    LONGEST_MS = COURTESY_LEASE_MS + 10 * 60 * 1000 + COURTESY_SKEW_MS, /* of any lease */
};

static const struct metric_family known_family = {"xunfang_frontier_known", METRIC_GAUGE,    NULL,
                                                  "Requests heard of.",     {"job", "kind"}, NULL};
static const struct metric_family final_family = {"xunfang_frontier_final",  METRIC_GAUGE,    NULL,
                                                  "Requests that are over.", {"job", "kind"}, NULL};
static const struct metric_family sent_family = {
    "xunfang_frontier_requests", METRIC_GAUGE, NULL, "Requests sent.", {"job"}, NULL};
static const struct metric_family paused_family = {
    "xunfang_frontier_paused", METRIC_GAUGE, NULL, "1 when max_requests stops it.", {"job"}, NULL};
static const struct metric_family parts_family = {
    "xunfang_frontier_partitions", METRIC_GAUGE, NULL, "Partitions of urls.", {NULL}, NULL};
static const struct metric_family held_family = {
    "xunfang_frontier_partitions_held",
    METRIC_GAUGE,
    NULL,
    "Partitions of urls that wait out another's leases.",
    {NULL},
    NULL};
static const struct metric_family leases_family = {"xunfang_frontier_leases", METRIC_GAUGE, NULL,
                                                   "Leases under way.",       {NULL},       NULL};
static const struct metric_family dead_family = {
    "xunfang_frontier_hosts_given_up", METRIC_GAUGE, NULL,
    "Hosts given up for a day.",       {NULL},       NULL};
static const struct metric_family ignored_family = {
    "xunfang_frontier_ignored", METRIC_GAUGE, NULL, "Records that made no sense.", {NULL}, NULL};

enum status frontier_create(const struct frontier_options *options, struct frontier **result,
                            struct error *err)
{
    struct frontier *frontier = calloc(1, sizeof *frontier);

    if (frontier == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for the frontier");
    frontier->magic = FRONTIER_MAGIC;
    frontier->options = *options;
    if (options->max_leases == 0)
        frontier->options.max_leases = DEFAULT_LEASES;
    if (options->attempts == 0)
        frontier->options.attempts = DEFAULT_ATTEMPTS;
    if (options->trouble_max == 0)
        frontier->options.trouble_max = DEFAULT_TROUBLE;
    if (options->blocked_max == 0)
        frontier->options.blocked_max = DEFAULT_BLOCKED;
    frontier_store_init(&frontier->store);
    buf_init(&frontier->payload, PAYLOAD_MAX);
    frontier->part_count = options->partitions == 0 ? 1 : options->partitions;
    frontier->parts = calloc(frontier->part_count, sizeof *frontier->parts);
    frontier->hosts = hosts_create(frontier->part_count);
    frontier->counts = map_create();
    frontier->arena = arena_create(ARENA_MAX);
    if (frontier->parts == NULL || frontier->hosts == NULL || frontier->counts == NULL ||
        frontier->arena == NULL) {
        frontier_destroy(frontier);
        return error_set(err, STATUS_NOMEM, "no memory for the frontier");
    }
    *result = frontier;
    return STATUS_OK;
}

void frontier_destroy(struct frontier *frontier)
{
    if (frontier == NULL)
        return;
    ENSURE(frontier->magic == FRONTIER_MAGIC);
    if (frontier->origins != NULL)
        frontier_robots_forget(frontier);
    frontier_count_forget(frontier);
    hosts_destroy(frontier->hosts);
    free(frontier->parts);
    frontier_store_fini(&frontier->store);
    buf_fini(&frontier->payload);
    arena_destroy(frontier->arena);
    frontier->magic = 0;
    free(frontier);
}

uint64_t frontier_ignored(const struct frontier *frontier)
{
    return frontier->ignored;
}

/* ---- the stage ---- */

/* The state of the batch that is being filled, for all parts of the frontier. */
static enum status begin(struct frontier *frontier, struct fold_batch *batch, struct error *err)
{
    ENSURE(frontier->magic == FRONTIER_MAGIC);
    arena_reset(frontier->arena);
    frontier->batch = batch;
    frontier->store.batch = fold_store(batch);
    frontier->store.arena = frontier->arena;
    if (!frontier->marked)
        frontier_put_mark(&frontier->store);
    frontier->marked = true;
    return frontier_parts_settle(frontier, err);
}

static void clamp_all(struct frontier *frontier, int64_t now_ms)
{
    for (size_t i = 0; i < hosts_count(frontier->hosts); i++)
        host_clamp(hosts_at(frontier->hosts, i), now_ms, LONGEST_MS);
    frontier_parts_clamp(frontier, now_ms);
}

static enum status load(void *self, struct store *store, struct error *err)
{
    struct frontier *frontier = self;
    int64_t now = clock_wall_ms(frontier->options.clock);
    enum status status = frontier_has_mark(store, &frontier->marked, err);

    if (status != STATUS_OK)
        return status;
    frontier_count_forget(frontier);
    frontier->counts = map_create();
    if (frontier->counts == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for the frontier");
    if (frontier->origins != NULL)
        frontier_robots_forget(frontier);
    frontier->store.db = store;
    /* Nobody remembers the leases of a state that is gone, and they may still be worked on: it is
     * as if somebody else had granted them. */
    frontier_parts_init(frontier, !frontier->marked && frontier->options.leases_exist ? now : 0);
    frontier->last_tick_ms = now;
    status = hosts_load(frontier->hosts, store, err);
    if (status == STATUS_OK)
        clamp_all(frontier, now);
    return status;
}

static bool unsure(const struct frontier *frontier, struct slice job)
{
    const struct frontier_options *options = &frontier->options;

    return frontier_job(frontier, job) == NULL && options->sure != NULL &&
           !options->sure(options->self);
}

/* A record of a job that was purged, or never was ours to know, is counted and passed over: it must
 * not stop the crawl of the others. */
static enum status apply_message(struct frontier *frontier, const struct record *record,
                                 Xunfang__UrlRecord *message, struct error *err)
{
    if (message->kind_case != XUNFANG__URL_RECORD__KIND_ROBOTS && unsure(frontier, record->job))
        return error_set(err, STATUS_TIMEOUT, "whether there is a job '%.*s' cannot be told now",
                         SLICE_ARG(record->job));
    switch ((int) message->kind_case) {
    case XUNFANG__URL_RECORD__KIND_LINK:
        if (message->link->request != NULL && frontier_job(frontier, record->job) != NULL)
            return frontier_link(frontier, record->job, message->link->request, err);
        break;
    case XUNFANG__URL_RECORD__KIND_RESULT:
        return frontier_result(frontier, record, message->result, err);
    case XUNFANG__URL_RECORD__KIND_VERDICT:
        if (frontier_job(frontier, record->job) != NULL)
            return frontier_verdict(frontier, record->job, message->verdict, err);
        break;
    case XUNFANG__URL_RECORD__KIND_ROBOTS:
        return frontier_robots_answer(frontier, message->robots, err);
    default:
        break;
    }
    frontier->ignored++;
    return STATUS_OK;
}

/* What stands in the wrong partition is nobody's: the host has its owner elsewhere. */
static bool belongs(const struct frontier *frontier, size_t input, const struct record *record)
{
    return !frontier->options.shared || partition_of(record->key, frontier->part_count) == input;
}

static enum status apply(void *self, struct fold_batch *batch, size_t input,
                         const struct record *record, struct error *err)
{
    struct frontier *frontier = self;
    Xunfang__UrlRecord *message = NULL;
    struct error cause = {STATUS_OK, ""};
    enum status status = begin(frontier, batch, err);

    if (status != STATUS_OK)
        return status;
    if (!belongs(frontier, input, record)) {
        frontier->ignored++;
        return STATUS_OK;
    }
    message =
        message_unpack(&xunfang__url_record__descriptor, record->payload, frontier->arena, &cause);
    if (message != NULL)
        return apply_message(frontier, record, message, err);
    /* Only garbage is passed over; without memory we must stop, or the record would be lost. */
    if (cause.code != STATUS_INVALID)
        return error_set(err, cause.code, "%s", cause.message);
    frontier->ignored++;
    return STATUS_OK;
}

static void show_job(const struct frontier *frontier, const struct job_count *count)
{
    static const char *const kinds[2] = {"list", "article"};
    const struct crawl_job *job = frontier_job(frontier, slice_from(count->name));
    struct job_tally sum = frontier_count_sum(frontier, count);
    bool spent = job != NULL && frontier_count_spent(frontier, count, job);

    for (int i = 0; i < 2; i++) {
        metric_set(metric_series(&known_family, count->name, kinds[i], NULL),
                   (double) sum.known[i]);
        metric_set(metric_series(&final_family, count->name, kinds[i], NULL),
                   (double) sum.final[i]);
    }
    metric_set(metric_series(&sent_family, count->name, NULL, NULL), (double) sum.requests);
    metric_set(metric_series(&paused_family, count->name, NULL, NULL), spent ? 1 : 0);
}

/* Gauges for people and for `run`, which ends with the right status when the job is paused. */
static void show(struct frontier *frontier)
{
    struct part_totals totals = frontier_parts_totals(frontier);
    size_t dead = 0, cursor = 0;
    const struct job_count *count;

    if (frontier->now_ms - frontier->gauges_ms < GAUGES_MS)
        return;
    frontier->gauges_ms = frontier->now_ms;
    while ((count = frontier_count_next(frontier, &cursor)) != NULL)
        show_job(frontier, count);
    for (size_t i = 0; i < hosts_count(frontier->hosts); i++) {
        const struct host *host = hosts_at(frontier->hosts, i);
        dead += frontier_ours(frontier, host) && host->dead_ms > frontier->now_ms ? 1 : 0;
    }
    metric_set(metric_series(&parts_family, NULL, NULL, NULL), (double) totals.ours);
    metric_set(metric_series(&held_family, NULL, NULL, NULL), (double) totals.held);
    metric_set(metric_series(&leases_family, NULL, NULL, NULL), (double) frontier->leases);
    metric_set(metric_series(&dead_family, NULL, NULL, NULL), (double) dead);
    metric_set(metric_series(&ignored_family, NULL, NULL, NULL), (double) frontier->ignored);
}

static enum status tick(void *self, struct fold_batch *batch, struct error *err)
{
    struct frontier *frontier = self;
    enum status status = begin(frontier, batch, err);
    struct host *host;

    frontier->now_ms = fold_wall_ms(batch);
    if (frontier->now_ms + COURTESY_SKEW_MS < frontier->last_tick_ms)
        clamp_all(frontier, frontier->now_ms); /* somebody set the clock back */
    frontier->last_tick_ms = frontier->now_ms;
    frontier->open_jobs = 0;
    frontier_parts_tick(frontier);
    for (int i = 0; i < HOSTS_A_TICK && status == STATUS_OK; i++) {
        host = hosts_first(frontier->hosts);
        if (host == NULL || host->due_ms > frontier->now_ms)
            break;
        status = frontier_serve(frontier, host, err);
        arena_reset(frontier->arena);
    }
    show(frontier);
    return status;
}

static void moved(void *self, size_t input, enum fold_move move, const struct fold_past *past)
{
    frontier_part_moved(self, input, move, past);
}

static int64_t reach(void *self, size_t input)
{
    return frontier_part_reach(self, input);
}

const struct fold_stage frontier_stage = {.name = "frontier",
                                          .apply = apply,
                                          .tick = tick,
                                          .tick_ms = FRONTIER_TICK_MS,
                                          .load = load,
                                          .moved = moved,
                                          .reach = reach};
