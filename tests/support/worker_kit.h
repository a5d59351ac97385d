/* A bus in memory, numbered toy records, and a loop, for tests of the worker. */
#ifndef XUNFANG_TESTS_WORKER_KIT_H
#define XUNFANG_TESTS_WORKER_KIT_H

#include "base/bus/bus_memory.h"
#include "base/log.h"
#include "base/store/store_memory.h"
#include "base/worker.h"
#include "tests/support/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct kit {
    struct clock_manual clock;
    struct bus_world *world;
    struct bus *bus;
    struct store *store;
    struct bus_partition inputs[2];
    struct error err;
    struct arena *arena;
};

static inline void kit_open_bus(struct kit *kit)
{
    const struct bus_options options = {.client = "test", .timeout_ms = 3000};

    assert_int_equal(bus_memory_open(kit->world, &options, &kit->bus, &kit->err), STATUS_OK);
}

/* Topics "in" and "out", two partitions each. */
static inline void kit_open(struct kit *kit)
{
    *kit = (struct kit){.inputs = {{"in", 0}, {"in", 1}}};
    log_open("test", LOG_ERROR);
    clock_manual_init(&kit->clock, 5000);
    kit->world = bus_world_create(1, &kit->clock);
    kit->store = store_open_memory();
    kit->arena = arena_create(16 * 1024 * 1024);
    assert_non_null(kit->world);
    assert_non_null(kit->store);
    assert_non_null(kit->arena);
    kit_open_bus(kit);
    assert_int_equal(bus_topic_create(kit->bus, "in", 2, &kit->err), STATUS_OK);
    assert_int_equal(bus_topic_create(kit->bus, "out", 2, &kit->err), STATUS_OK);
}

static inline void kit_close(struct kit *kit)
{
    bus_close(kit->bus);
    store_close(kit->store);
    bus_world_destroy(kit->world);
    arena_destroy(kit->arena);
}

static inline void kit_put_bytes(struct kit *kit, uint32_t partition, struct slice key,
                                 struct slice value)
{
    struct bus_message message = {"in", partition, key, value};

    assert_int_equal(bus_publish(kit->bus, &message, NULL, &kit->err), STATUS_OK);
    assert_int_equal(bus_flush(kit->bus, 1000, &kit->err), STATUS_OK);
}

/* Record `number` into "in"; its payload is the number as text. */
static inline void kit_put(struct kit *kit, uint32_t partition, unsigned number)
{
    char text[16];
    struct buf bytes;
    struct record record = {
        .key = SLICE("key"), .job = SLICE("job"), .run = SLICE("run"), .generation = 3};

    (void) snprintf(text, sizeof text, "%u", number);
    record.id = id_of(SLICE("number"), slice_from(text));
    record.payload = slice_from(text);
    buf_init(&bytes, 4096);
    assert_int_equal(record_encode(&record, &bytes, &kit->err), STATUS_OK);
    kit_put_bytes(kit, partition, record.key, buf_slice(&bytes));
    buf_fini(&bytes);
}

static inline unsigned kit_number(const struct record *record)
{
    uint64_t number;

    assert_int_equal(slice_to_uint(record->payload, 0, 100000, &number, NULL), STATUS_OK);
    return (unsigned) number;
}

/* Record `offset` of "out" (all records have one key, so one partition); false past the end. */
static inline bool kit_out(struct kit *kit, uint64_t offset, struct record *record)
{
    struct bus_record bytes;

    if (!bus_world_record(kit->world, "out", partition_of(SLICE("key"), 2), offset, &bytes))
        return false;
    assert_int_equal(record_decode(bytes.value, kit->arena, record, &kit->err), STATUS_OK);
    return true;
}

static inline size_t kit_out_count(struct kit *kit)
{
    struct bus_record bytes;
    size_t count = 0;

    while (bus_world_record(kit->world, "out", partition_of(SLICE("key"), 2), count, &bytes))
        count++;
    return count;
}

static inline struct worker_options kit_options(struct kit *kit, size_t inputs)
{
    return (struct worker_options){
        .bus = kit->bus,
        .clock = &kit->clock.clock,
        .inputs = kit->inputs,
        .input_count = inputs,
        .output = "out",
        .store = kit->store,
        .retry = {.first_ms = 100, .max_ms = 1000, .attempts = 3},
        .window = 4,
    };
}

/* Steps `count` times, 5 ms apart; the first failure, or STATUS_OK. */
static inline enum status kit_run(struct kit *kit, struct worker *worker, unsigned count)
{
    enum status status = STATUS_OK;

    for (unsigned i = 0; status == STATUS_OK && i < count; i++) {
        status = worker_step(worker, 0, &kit->err);
        clock_manual_advance(&kit->clock, 5);
    }
    return status;
}

static inline void kit_drain(struct kit *kit, struct worker *worker)
{
    worker_drain(worker);
    for (unsigned i = 0; i < 1000 && !worker_drained(worker); i++)
        assert_int_equal(kit_run(kit, worker, 1), STATUS_OK);
    assert_true(worker_drained(worker));
}

/* The process dies: nothing is said to anybody. Opens a bus for the next one. */
static inline void kit_kill(struct kit *kit, struct worker *worker)
{
    worker_destroy(worker);
    bus_close(kit->bus);
    kit_open_bus(kit);
}

/* What `stage` committed for in/`partition`: "OFFSET MARK"; "none". */
static inline const char *kit_commit(struct kit *kit, const char *stage, uint32_t partition)
{
    static char text[100];
    struct bus_partition wish = {"in", partition};
    struct slice mark;
    uint64_t offset;

    if (!bus_world_commit(kit->world, stage, &wish, &offset, &mark))
        return "none";
    (void) snprintf(text, sizeof text, "%llu %.*s", (unsigned long long) offset, SLICE_ARG(mark));
    return text;
}

#endif
