/*
 * One loop for everything: http_step sleeps on all sockets at once, no longer than until the next
 * send is due; then answers are taken and every lease makes its step. With a few hundred leases a
 * walk over all of them costs less than keeping them sorted.
 */
#include "crawler/fetcher.h"

#include "base/metrics.h"
#include "crawler/fetch_answer.h"
#include "crawler/fetch_lease.h"

#include <stdlib.h>

enum {
    FETCHER_MAGIC = 0x46657463,
    SCRATCH_MAX = 128 * 1024 * 1024,
    DEFAULT_BODIES = 48 * 1024 * 1024,
    ACK_WAIT_MS = 2, /* while acknowledgements are awaited nobody sleeps longer on sockets */
};

struct fetcher {
    unsigned magic;
    struct fetch_shared shared;
    struct fetch_lease *leases;
    bool draining;
    int64_t drain_ms; /* monotonic: then requests under way are aborted */
};

static const struct metric_family outcomes_family = {
    "xunfang_fetches", METRIC_COUNTER, NULL, "Requests by what became of them.", {"outcome"}, NULL};
static const struct metric_family bytes_family = {"xunfang_fetched", METRIC_COUNTER, "bytes",
                                                  "Decoded bodies.", {NULL},         NULL};
static const struct metric_family leases_family = {"xunfang_fetcher_leases",  METRIC_GAUGE, NULL,
                                                   "Leases being worked on.", {NULL},       NULL};

enum status fetcher_create(const struct fetcher_options *options, struct fetcher **result,
                           struct error *err)
{
    struct fetcher *fetcher = calloc(1, sizeof *fetcher);
    struct http_options http = {.clock = options->clock,
                                .max_transfers = FETCHER_LEASES,
                                .max_total_bytes = options->max_body_bytes > 0
                                                       ? options->max_body_bytes
                                                       : (size_t) DEFAULT_BODIES};
    enum status status;

    if (fetcher == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for the crawler");
    fetcher->magic = FETCHER_MAGIC;
    fetcher->shared.options = *options;
    fetcher->shared.scratch = arena_create(SCRATCH_MAX);
    fetcher->shared.hosts = map_create();
    status = http_create(&http, &fetcher->shared.http, err);
    if (status == STATUS_OK)
        status = fetch_parser_create(&fetcher->shared.parser, err);
    if (status == STATUS_OK && (fetcher->shared.scratch == NULL || fetcher->shared.hosts == NULL))
        status = error_set(err, STATUS_NOMEM, "no memory for the crawler");
    if (status == STATUS_OK)
        *result = fetcher;
    else
        fetcher_destroy(fetcher);
    return status;
}

void fetcher_set_worker(struct fetcher *fetcher, struct worker *worker)
{
    fetcher->shared.worker = worker;
}

static void forget_hosts(struct map *hosts)
{
    size_t cursor = 0;
    void *end;

    while (hosts != NULL && map_next(hosts, &cursor, NULL, &end))
        free(end);
    map_destroy(hosts);
}

void fetcher_destroy(struct fetcher *fetcher)
{
    if (fetcher == NULL)
        return;
    ENSURE(fetcher->magic == FETCHER_MAGIC);
    /* Transfers first: they point to their leases. */
    http_destroy(fetcher->shared.http);
    while (fetcher->leases != NULL) {
        struct fetch_lease *lease = fetcher->leases;
        fetcher->leases = lease->next;
        fetch_lease_close(lease);
    }
    fetch_parser_destroy(fetcher->shared.parser);
    arena_destroy(fetcher->shared.scratch);
    forget_hosts(fetcher->shared.hosts);
    fetcher->magic = 0;
    free(fetcher);
}

/* ---- the stage ---- */

static enum status begin(void *self, struct task *task, struct error *err)
{
    struct fetcher *fetcher = self;
    struct fetch_lease *lease = NULL;
    enum status status;

    ENSURE(fetcher->magic == FETCHER_MAGIC && fetcher->shared.worker != NULL);
    status = fetch_lease_open(&fetcher->shared, task, &lease, err);
    if (status != STATUS_OK)
        return status;
    lease->next = fetcher->leases;
    fetcher->leases = lease;
    metric_add(metric_series(&leases_family, NULL, NULL, NULL), 1);
    return STATUS_OK;
}

/* How long the network may be waited for: until the next send is due, or an acknowledgement is. */
static int64_t patience(const struct fetcher *fetcher, int64_t timeout_ms)
{
    int64_t now = clock_mono_ms(fetcher->shared.options.clock);

    /* A lease that is fetching sets no time: its socket wakes http_step. */
    for (const struct fetch_lease *lease = fetcher->leases; lease != NULL; lease = lease->next) {
        int64_t wait = timeout_ms;
        if (lease->state == LEASE_WAITING)
            wait = lease->stopped != NULL ? 0 : lease->due_ms - now;
        else if (lease->state != LEASE_FETCHING)
            wait = ACK_WAIT_MS;
        if (wait < timeout_ms)
            timeout_ms = wait;
    }
    return timeout_ms < 0 ? 0 : timeout_ms;
}

static void count_answer(const struct fetch_lease *lease, const struct http_response *response)
{
    const Xunfang__FetchResult *result = &lease->items[lease->at - 1].result;
    const ProtobufCEnumValue *value = protobuf_c_enum_descriptor_get_value(
        &xunfang__fetch_result__outcome__descriptor, (int) result->outcome);

    metric_add(metric_series(&outcomes_family, value == NULL ? "other" : value->name, NULL, NULL),
               1);
    metric_add(metric_series(&bytes_family, NULL, NULL, NULL), (double) response->body.size);
}

static enum status take_answers(struct fetcher *fetcher, struct error *err)
{
    const struct http_response *response;
    enum status status = STATUS_OK;

    while (status == STATUS_OK && (response = http_next(fetcher->shared.http)) != NULL) {
        struct fetch_lease *lease = response->owner;
        arena_reset(fetcher->shared.scratch);
        status = fetch_lease_answer(&fetcher->shared, lease, response, err);
        if (status == STATUS_OK)
            count_answer(lease, response);
        http_release(fetcher->shared.http, response);
    }
    return status;
}

/* A lease that is over leaves the list here, while its task still lives. */
static enum status step_leases(struct fetcher *fetcher, struct error *err)
{
    for (struct fetch_lease **at = &fetcher->leases; *at != NULL;) {
        struct fetch_lease *lease = *at;
        enum status status;

        arena_reset(fetcher->shared.scratch);
        status = fetch_lease_step(&fetcher->shared, lease, err);
        if (status != STATUS_OK)
            return status;
        if (lease->state != LEASE_OVER) {
            at = &lease->next;
            continue;
        }
        *at = lease->next;
        fetch_lease_close(lease);
        metric_add(metric_series(&leases_family, NULL, NULL, NULL), -1);
    }
    return STATUS_OK;
}

static enum status step(void *self, int64_t timeout_ms, struct error *err)
{
    struct fetcher *fetcher = self;
    enum status status;

    if (fetcher->draining && clock_mono_ms(fetcher->shared.options.clock) >= fetcher->drain_ms)
        for (struct fetch_lease *lease = fetcher->leases; lease != NULL; lease = lease->next)
            fetch_lease_stop(&fetcher->shared, lease, true);
    status = http_step(fetcher->shared.http, patience(fetcher, timeout_ms), err);
    if (status == STATUS_OK)
        status = take_answers(fetcher, err);
    return status == STATUS_OK ? step_leases(fetcher, err) : status;
}

/* Requests under way may end by themselves first; `step` aborts them when the time is up. */
static void drain(void *self)
{
    struct fetcher *fetcher = self;

    fetcher->draining = true;
    fetcher->drain_ms = clock_mono_ms(fetcher->shared.options.clock) + FETCHER_DRAIN_MS;
    for (struct fetch_lease *lease = fetcher->leases; lease != NULL; lease = lease->next)
        fetch_lease_stop(&fetcher->shared, lease, false);
}

const struct effect_stage fetcher_stage = {.name = "crawler",
                                           .max_in_flight = FETCHER_LEASES,
                                           .begin = begin,
                                           .step = step,
                                           .drain = drain};
