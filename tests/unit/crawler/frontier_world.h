/*
 * frontier_world: a frontier on a bus in memory, with a clock of its own, for the tests of it. The
 * test plays the crawler: it takes leases out of the log and publishes results.
 */
#ifndef XUNFANG_TESTS_FRONTIER_WORLD_H
#define XUNFANG_TESTS_FRONTIER_WORLD_H

#include "base/bus/bus_memory.h"
#include "base/message.h"
#include "crawler/frontier.h"
#include "crawler/frontier_core.h"
#include "crawler/frontier_robots.h"
#include "proto/lease.pb-c.h"
#include "study/request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { WORLD_START_MS = 1700000000 };

/* Not every test file uses all of them. */
#define HELPER static __attribute__((unused))

struct world {
    struct clock_manual clock;
    struct bus_world *logs;
    struct bus *outside;
    struct bus *bus;
    struct store *store;
    struct frontier *frontier;
    struct worker *worker;
    struct study study;
    struct crawl_job job;
    struct study other_study;
    struct crawl_job other; /* a second job on the same hosts */
    const char *speaker;    /* the job that the test publishes for */
    uint32_t partitions;    /* of urls and leases */
    struct arena *arena;
    uint64_t leases_read;
    uint64_t urls_read;
};

static struct error world_error;

#define OK_OR_FAIL(call)                                                                           \
    do {                                                                                           \
        if ((call) != STATUS_OK)                                                                   \
            fail_msg("%s: %s", #call, world_error.message);                                        \
    } while (0)

HELPER const struct crawl_job *world_find_job(void *self, struct slice name)
{
    struct world *world = self;

    if (slice_equal(name, slice_from(world->other.name)))
        return &world->other;
    return slice_equal(name, slice_from(world->job.name)) ? &world->job : NULL;
}

HELPER void world_start(struct world *world)
{
    struct bus_options bus_options = {.client = "frontier"};
    struct frontier_options options = {.clock = &world->clock.clock,
                                       .find_job = world_find_job,
                                       .self = world,
                                       .leases_exist = world->leases_read > 0};
    struct bus_partition input = {"urls", 0};
    struct worker_options worker_options = {
        .clock = &world->clock.clock, .inputs = &input, .input_count = 1, .store = world->store};

    OK_OR_FAIL(bus_memory_open(world->logs, &bus_options, &world->bus, &world_error));
    OK_OR_FAIL(frontier_create(&options, &world->frontier, &world_error));
    worker_options.bus = world->bus;
    OK_OR_FAIL(worker_create_fold(&frontier_stage, world->frontier, &worker_options, &world->worker,
                                  &world_error));
}

HELPER void world_stop(struct world *world)
{
    worker_destroy(world->worker);
    frontier_destroy(world->frontier);
    bus_close(world->bus);
}

/* Everything but the frontier. */
HELPER void world_prepare(struct world *world, uint64_t seed, uint32_t partitions)
{
    struct bus_options options = {.client = "outside"};

    world->partitions = partitions;
    clock_manual_init(&world->clock, WORLD_START_MS);
    world->logs = bus_world_create(seed, &world->clock);
    world->store = store_open_memory();
    world->arena = arena_create(256 << 20);
    world->job = (struct crawl_job){"job", "main", &world->study, 1000000, true, true, true};
    world->study.job.crawl = (struct job_crawl){.delay_ms = 100,
                                                .connections_per_host = 1,
                                                .request_timeout_ms = 5000,
                                                .robots = JOB_ROBOTS_IGNORE_FOR_TESTS,
                                                .max_pages_per_list = 500,
                                                .hours_to = 24 * 60};
    world->other_study = world->study;
    world->other =
        (struct crawl_job){"other", "main", &world->other_study, 1000000, true, true, true};
    world->speaker = "job";
    OK_OR_FAIL(bus_memory_open(world->logs, &options, &world->outside, &world_error));
    OK_OR_FAIL(bus_topic_create(world->outside, "urls", partitions, &world_error));
    OK_OR_FAIL(bus_topic_create(world->outside, "leases", partitions, &world_error));
}

HELPER struct world *world_open(uint64_t seed)
{
    struct world *world = calloc(1, sizeof *world);

    assert_non_null(world);
    world_prepare(world, seed, 1);
    world_start(world);
    return world;
}

HELPER void world_close(struct world *world)
{
    world_stop(world);
    bus_close(world->outside);
    store_close(world->store);
    bus_world_destroy(world->logs);
    arena_destroy(world->arena);
    free(world);
}

/* As if killed and started again. */
HELPER void world_restart(struct world *world, bool lose_state)
{
    world_stop(world);
    if (lose_state)
        OK_OR_FAIL(store_wipe(world->store, &world_error));
    world_start(world);
}

HELPER void world_run(struct world *world, int64_t ms)
{
    int64_t end = world->clock.now_ms + ms;

    while (world->clock.now_ms < end) {
        int64_t before = world->clock.now_ms;
        OK_OR_FAIL(worker_step(world->worker, 5, &world_error));
        if (world->clock.now_ms == before)
            clock_manual_advance(&world->clock, 1);
    }
}

/* ---- publishing ---- */

HELPER void world_publish(struct world *world, const Xunfang__UrlRecord *message, struct slice host,
                          struct id id)
{
    struct record record = {.id = id,
                            .key = host,
                            .job = slice_from(world->speaker),
                            .schema = RECORD_SCHEMA,
                            .payload = message_pack_arena(&message->base, world->arena)};
    struct buf bytes;
    struct bus_message out = {
        .topic = "urls", .partition = partition_of(host, world->partitions), .key = host};

    buf_init(&bytes, 1 << 24);
    OK_OR_FAIL(record_encode(&record, &bytes, &world_error));
    out.value = buf_slice(&bytes);
    OK_OR_FAIL(bus_publish(world->outside, &out, NULL, &world_error));
    OK_OR_FAIL(bus_flush(world->outside, 1000, &world_error));
    buf_fini(&bytes);
}

HELPER Xunfang__Request *world_request(struct world *world, const char *url, int kind)
{
    Xunfang__Request *request = arena_alloc(world->arena, sizeof *request);

    assert_non_null(request);
    xunfang__request__init(request);
    request->method = arena_printf(world->arena, "GET");
    request->url = arena_printf(world->arena, "%s", url);
    request->kind = (Xunfang__Request__Kind) kind;
    return request;
}

HELPER void world_link(struct world *world, Xunfang__Request *request)
{
    Xunfang__Link link = XUNFANG__LINK__INIT;
    Xunfang__UrlRecord message = XUNFANG__URL_RECORD__INIT;

    link.request = request;
    message.kind_case = XUNFANG__URL_RECORD__KIND_LINK;
    message.link = &link;
    world_publish(world, &message, request_host(slice_from(request->url)), request_id(request));
}

HELPER void world_article(struct world *world, const char *url)
{
    world_link(world, world_request(world, url, XUNFANG__REQUEST__KIND__ARTICLE));
}

HELPER void world_list(struct world *world, const char *url, uint32_t list, uint32_t page)
{
    Xunfang__Request *request = world_request(world, url, XUNFANG__REQUEST__KIND__LIST);

    request->list = list;
    request->page = page;
    world_link(world, request);
}

/* The next lease of the log, NULL if there is none; lives in the world's arena. */
HELPER Xunfang__Lease *world_take_lease(struct world *world)
{
    struct bus_record raw;
    struct record record;
    void *lease;

    if (!bus_world_record(world->logs, "leases", 0, world->leases_read, &raw))
        return NULL;
    world->leases_read++;
    OK_OR_FAIL(
        record_decode(arena_copy(world->arena, raw.value), world->arena, &record, &world_error));
    lease = message_unpack(&xunfang__lease__descriptor, record.payload, world->arena, &world_error);
    assert_non_null(lease);
    return lease;
}

/* Runs until there is a lease. */
HELPER Xunfang__Lease *world_wait_lease(struct world *world, int64_t limit_ms)
{
    for (int64_t end = world->clock.now_ms + limit_ms; world->clock.now_ms < end;) {
        Xunfang__Lease *lease = world_take_lease(world);
        if (lease != NULL)
            return lease;
        world_run(world, 5);
    }
    return NULL;
}

/* A result with one outcome for all requests, to be changed before it is published. */
HELPER Xunfang__Result *world_result(struct world *world, const Xunfang__Lease *lease, int outcome,
                                     unsigned http_status)
{
    Xunfang__Result *result = arena_alloc(world->arena, sizeof *result);
    int64_t at = world->clock.now_ms;

    assert_non_null(result);
    xunfang__result__init(result);
    result->lease = lease->id;
    result->n_fetches = lease->n_items;
    result->fetches = arena_array(world->arena, lease->n_items, sizeof(void *));
    if (at < lease->not_before_ms)
        at = lease->not_before_ms;
    for (size_t i = 0; i < lease->n_items; i++) {
        Xunfang__FetchResult *fetch = arena_alloc(world->arena, sizeof *fetch);
        assert_non_null(fetch);
        xunfang__fetch_result__init(fetch);
        fetch->request_id = lease->items[i]->request_id;
        fetch->request = lease->items[i]->request;
        fetch->outcome = (Xunfang__FetchResult__Outcome) outcome;
        fetch->http_status = http_status;
        fetch->detail = arena_printf(world->arena, "HTTP %u", http_status);
        fetch->sent_ms = at;
        fetch->ended_ms = at + 2;
        at += 2 + lease->delay_ms;
        result->fetches[i] = fetch;
    }
    return result;
}

HELPER void world_publish_result(struct world *world, const Xunfang__Lease *lease,
                                 Xunfang__Result *result)
{
    Xunfang__UrlRecord message = XUNFANG__URL_RECORD__INIT;
    struct id id;

    OK_OR_FAIL(id_from_bytes(message_slice(lease->id), &id, &world_error));
    message.kind_case = XUNFANG__URL_RECORD__KIND_RESULT;
    message.result = result;
    world_publish(world, &message, slice_from(lease->host), id);
}

HELPER void world_answer(struct world *world, const Xunfang__Lease *lease, int outcome,
                         unsigned http_status)
{
    world_publish_result(world, lease, world_result(world, lease, outcome, http_status));
}

/* A redirect of the whole lease to one URL. */
HELPER void world_redirect(struct world *world, const Xunfang__Lease *lease, const char *url)
{
    Xunfang__Result *result =
        world_result(world, lease, XUNFANG__FETCH_RESULT__OUTCOME__MOVED, 301);

    for (size_t i = 0; i < result->n_fetches; i++) {
        Xunfang__Link *link = arena_alloc(world->arena, sizeof *link);
        xunfang__link__init(link);
        link->request = world_request(world, url, (int) result->fetches[i]->request->kind);
        result->fetches[i]->links = arena_alloc(world->arena, sizeof(void *));
        result->fetches[i]->links[0] = link;
        result->fetches[i]->n_links = 1;
    }
    world_publish_result(world, lease, result);
}

/* ---- looking ---- */

/* The next record of `urls` that the test has not seen; NULL at the end. */
HELPER Xunfang__UrlRecord *world_next_url(struct world *world)
{
    struct bus_record raw;
    struct record record;

    if (!bus_world_record(world->logs, "urls", 0, world->urls_read, &raw))
        return NULL;
    world->urls_read++;
    OK_OR_FAIL(
        record_decode(arena_copy(world->arena, raw.value), world->arena, &record, &world_error));
    return message_unpack(&xunfang__url_record__descriptor, record.payload, world->arena,
                          &world_error);
}

/* How many verdicts of this reason stand in the part of `urls` not seen yet. */
HELPER size_t world_count_verdicts(struct world *world, int reason)
{
    Xunfang__UrlRecord *record;
    size_t count = 0;

    while ((record = world_next_url(world)) != NULL)
        if (record->kind_case == XUNFANG__URL_RECORD__KIND_VERDICT &&
            record->verdict->reason == (Xunfang__Verdict__Reason) reason)
            count++;
    return count;
}

HELPER enum url_state world_state(struct world *world, const char *url)
{
    struct frontier_store view;
    Xunfang__UrlState *state = NULL;
    struct id id = request_id_of_url(slice_from(url));

    frontier_store_init(&view);
    view.db = world->store;
    view.batch = store_batch_create(world->store);
    view.arena = world->arena;
    OK_OR_FAIL(frontier_get_url(&view, slice_from(world->job.name), id, &state, &world_error));
    store_batch_destroy(view.batch);
    frontier_store_fini(&view);
    return state == NULL ? URL_NEW : (enum url_state) state->state;
}

#define OUTCOME(name) XUNFANG__FETCH_RESULT__OUTCOME__##name

#endif
