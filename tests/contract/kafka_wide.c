#include "tests/contract/kafka_wide.h"

#include "base/worker.h"
#include "tests/contract/bus_tools.h"
#include "tests/support/cmocka_all.h"

#include <stdlib.h>

enum { FLUSH_MS = 60 * 1000, ROUNDS = 3000, STEP_MS = 10, ARENA_MAX = 1024 * 1024 };

static const struct bus_partition wide = {"wide", 0};
static const struct bus_partition narrow = {"narrow-outcomes", 0};

rd_kafka_resp_err_t kafka_wide_put(rd_kafka_t *producer, const char *topic, size_t size)
{
    rd_kafka_topic_t *handle = rd_kafka_topic_new(producer, topic, NULL);
    char *bytes = calloc(1, size);
    rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR__IN_PROGRESS;

    assert_non_null(handle);
    assert_non_null(bytes);
    if (rd_kafka_produce(handle, 0, RD_KAFKA_MSG_F_COPY, bytes, size, NULL, 0, &code) != 0)
        code = rd_kafka_last_error();
    assert_int_equal(rd_kafka_flush(producer, FLUSH_MS), RD_KAFKA_RESP_ERR_NO_ERROR);
    rd_kafka_topic_destroy(handle);
    free(bytes);
    return code;
}

static void put_honest(struct bus *bus, struct slice text)
{
    struct record record = {.id = id_of(SLICE("wide"), text), .key = text, .payload = text};
    struct bus_message message = {.topic = wide.topic, .key = text};
    struct buf bytes;

    buf_init(&bytes, 4096);
    tool_ok(record_encode(&record, &bytes, &tool_error));
    message.value = buf_slice(&bytes);
    tool_ok(bus_publish(bus, &message, NULL, &tool_error));
    tool_ok(bus_flush(bus, FLUSH_MS, &tool_error));
    buf_fini(&bytes);
}

static enum status pass(void *self, struct task *task, struct error *err)
{
    (void) self;
    return task_pass(task, task_record(task)->payload, err);
}

static void work(struct bus *bus)
{
    static const struct map_stage stage = {.name = "wide", .max_in_flight = 4, .start = pass};
    struct worker_options options = {.bus = bus,
                                     .clock = clock_system(),
                                     .inputs = &wide,
                                     .input_count = 1,
                                     .output = narrow.topic};
    struct worker *worker = NULL;

    tool_ok(worker_create_map(&stage, NULL, &options, &worker, &tool_error));
    for (int i = 0; i < ROUNDS && !worker_caught_up(worker); i++)
        tool_ok(worker_step(worker, STEP_MS, &tool_error));
    assert_true(worker_caught_up(worker));
    worker_drain(worker);
    while (!worker_drained(worker))
        tool_ok(worker_step(worker, STEP_MS, &tool_error));
    worker_destroy(worker);
}

static void expect(struct bus *bus, const enum outcome *outcomes, size_t count)
{
    struct arena *arena = arena_create(ARENA_MAX);
    struct bus_reader *reader = tool_reader(bus, NULL, &narrow, NULL);
    struct record record;

    for (size_t at = 0; at < count;) {
        struct bus_event event = tool_event(reader);
        for (size_t i = 0; i < event.record_count; i++, at++) {
            tool_ok(record_decode(event.records[i].value, arena, &record, &tool_error));
            assert_true(at < count);
            assert_int_equal(record.outcome, outcomes[at]);
            if (record.outcome == OUTCOME_DEAD)
                assert_true(slice_equal(record.reason, SLICE("garbage")));
        }
    }
    tool_silent(reader);
    bus_reader_close(reader);
    arena_destroy(arena);
}

void kafka_wide(rd_kafka_t *producer, struct bus *bus)
{
    static const enum outcome outcomes[] = {OUTCOME_PASSED, OUTCOME_DEAD, OUTCOME_PASSED};

    tool_ok(bus_topic_create(bus, narrow.topic, 1, &tool_error));
    put_honest(bus, SLICE("before"));
    assert_int_equal(kafka_wide_put(producer, wide.topic, KAFKA_WIDE_BYTES),
                     RD_KAFKA_RESP_ERR_NO_ERROR);
    put_honest(bus, SLICE("behind"));
    work(bus);
    expect(bus, outcomes, sizeof outcomes / sizeof outcomes[0]);
}
