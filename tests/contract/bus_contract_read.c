#include "tests/contract/bus_contract_read.h"

#include "tests/contract/bus_tools.h"
#include "tests/support/cmocka_all.h"

#include <string.h>

static const struct bus_partition part0 = {"numbers", 0};
static const struct bus_partition both[] = {{"numbers", 0}, {"numbers", 1}};

/* ---- order and offsets ---- */

static void test_order(void **state)
{
    struct bus *bus = bus_contract_numbers(*state);
    struct bus_reader_options options = {.partitions = both, .partition_count = 2};
    struct bus_reader *reader = NULL;
    uint64_t next[2] = {0, 0};

    for (uint64_t i = 0; i < 6000; i++)
        tool_publish(bus, &both[i % 3 == 0], i, 50 + i % 700);
    tool_ok(bus_flush(bus, TOOL_WAIT_MS, &tool_error));
    tool_ok(bus_reader_open(bus, &options, &reader, &tool_error));
    tool_assigned(reader, 2);
    while (next[0] < 4000 || next[1] < 2000) {
        struct bus_event event = tool_event(reader);
        for (size_t i = 0; i < event.record_count; i++) {
            uint64_t offset = next[event.index]++;
            uint64_t number = event.index == 1 ? 3 * offset : offset / 2 * 3 + 1 + offset % 2;
            assert_int_equal(event.records[i].offset, offset);
            assert_true(tool_is(&event.records[i], number, 50 + number % 700));
        }
    }
    tool_silent(reader);
    bus_reader_close(reader);
    bus_close(bus);
}

static void test_from_any_offset(void **state)
{
    struct bus *bus = bus_contract_numbers(*state);
    struct bus_reader *reader;

    /* In pieces, so that a backend that stores runs has several. */
    for (uint64_t at = 0; at < 60; at += 12)
        tool_fill(bus, &part0, at, at + 12);
    reader = tool_reader(bus, NULL, &part0, NULL);
    for (uint64_t offset = 0; offset < 60; offset++) {
        tool_ok(bus_reader_seek(reader, 0, offset, &tool_error));
        tool_read(reader, offset, 60);
    }
    /* Back and forth without reading to the end. */
    for (uint64_t i = 0; i < 50; i++) {
        uint64_t offset = i * 37 % 60;
        struct bus_event event;
        tool_ok(bus_reader_seek(reader, 0, offset, &tool_error));
        event = tool_event(reader);
        assert_int_equal(event.records[0].offset, offset);
        assert_true(tool_is(&event.records[0], offset, 100));
    }
    tool_ok(bus_reader_seek(reader, 0, 60, &tool_error));
    tool_silent(reader);
    tool_fill(bus, &part0, 60, 62);
    tool_read(reader, 60, 62);
    bus_reader_close(reader);
    bus_close(bus);
}

/* A fold seeks right after ASSIGNED; nothing from before the seek may come. */
static void test_seek_first(void **state)
{
    struct bus *bus = bus_contract_numbers(*state);
    struct bus_reader_options options = {.stage = "fold", .partitions = both, .partition_count = 2};
    struct bus_reader *reader = NULL;
    uint64_t starts[2] = {70, 90};

    tool_fill(bus, &both[0], 0, 100);
    tool_fill(bus, &both[1], 0, 100);
    tool_ok(bus_reader_open(bus, &options, &reader, &tool_error));
    for (int i = 0; i < 2; i++) {
        struct bus_event event = tool_event(reader);
        assert_int_equal(event.kind, BUS_EVENT_ASSIGNED);
        assert_int_equal(event.end, 100);
        tool_ok(bus_reader_seek(reader, event.index, starts[event.index], &tool_error));
    }
    while (starts[0] < 100 || starts[1] < 100) {
        struct bus_event event = tool_event(reader);
        for (size_t i = 0; i < event.record_count; i++)
            assert_int_equal(event.records[i].offset, starts[event.index]++);
    }
    bus_reader_close(reader);
    bus_close(bus);
}

static void test_wakes(void **state)
{
    struct bus *writer = bus_contract_numbers(*state);
    struct bus *bus = bus_contract_open(*state, NULL);
    struct bus_reader *reader = tool_reader(bus, "stage", &part0, NULL);

    for (uint64_t at = 0; at < 5; at++) {
        tool_silent(reader);
        tool_fill(writer, &part0, at, at + 1);
        tool_read(reader, at, at + 1);
    }
    bus_reader_close(reader);
    bus_close(bus);
    bus_close(writer);
}

static void test_batch_limit(void **state)
{
    struct bus *bus = bus_contract_numbers(*state);
    struct bus_reader_options options = {
        .partitions = &part0, .partition_count = 1, .max_bytes = 1000};
    struct bus_reader *reader = NULL;
    uint64_t next = 0;

    for (uint64_t i = 0; i < 40; i++)
        tool_publish(bus, &part0, i, i % 10 == 9 ? 5000 : 300);
    tool_ok(bus_flush(bus, TOOL_WAIT_MS, &tool_error));
    tool_ok(bus_reader_open(bus, &options, &reader, &tool_error));
    tool_assigned(reader, 1);
    while (next < 40) {
        struct bus_event event = tool_event(reader);
        size_t bytes = 0;
        for (size_t i = 0; i < event.record_count; i++, next++) {
            assert_true(tool_is(&event.records[i], next, next % 10 == 9 ? 5000 : 300));
            bytes += event.records[i].key.size + event.records[i].value.size;
        }
        assert_true(bytes <= 1000 || event.record_count == 1);
    }
    bus_reader_close(reader);
    bus_close(bus);
}

/* ---- pause ---- */

static void test_pause(void **state)
{
    struct bus *bus = bus_contract_numbers(*state);
    struct bus_reader_options options = {.partitions = both, .partition_count = 2};
    struct bus_reader *reader = NULL;
    uint64_t next[2] = {0, 0};
    struct bus_event event;

    tool_fill(bus, &both[0], 0, 50);
    tool_fill(bus, &both[1], 0, 50);
    tool_ok(bus_reader_open(bus, &options, &reader, &tool_error));
    tool_assigned(reader, 2);
    tool_ok(bus_reader_pause(reader, 0, true, &tool_error));
    while (next[1] < 50) {
        event = tool_event(reader);
        assert_int_equal(event.index, 1);
        next[1] += event.record_count;
    }
    tool_silent(reader);
    tool_ok(bus_reader_pause(reader, 1, true, &tool_error));
    tool_ok(bus_reader_pause(reader, 0, false, &tool_error));
    tool_fill(bus, &both[1], 50, 60);
    while (next[0] < 50) {
        event = tool_event(reader);
        assert_int_equal(event.index, 0);
        assert_int_equal(event.records[0].offset, next[0]);
        next[0] += event.record_count;
    }
    tool_silent(reader);
    tool_ok(bus_reader_pause(reader, 1, false, &tool_error));
    event = tool_event(reader);
    assert_int_equal(event.index, 1);
    assert_int_equal(event.records[0].offset, 50);
    bus_reader_close(reader);
    bus_close(bus);
}

/* Pausing now and then, with more records than any reader holds ahead, loses and repeats
 * nothing. */
static void test_pause_often(void **state)
{
    struct bus *bus = bus_contract_numbers(*state);
    struct bus_reader_options options = {
        .partitions = both, .partition_count = 2, .max_bytes = 2000};
    struct bus_reader *reader = NULL;
    uint64_t next[2] = {0, 0};

    tool_fill(bus, &both[0], 0, 400);
    tool_fill(bus, &both[1], 0, 400);
    tool_ok(bus_reader_open(bus, &options, &reader, &tool_error));
    tool_assigned(reader, 2);
    for (size_t round = 0; next[0] < 400 || next[1] < 400; round++) {
        struct bus_event event;
        size_t held = round / 3 % 2;
        if (next[1 - held] == 400)
            held = 1 - held;
        tool_ok(bus_reader_pause(reader, held, true, &tool_error));
        tool_ok(bus_reader_pause(reader, 1 - held, false, &tool_error));
        event = tool_event(reader);
        assert_int_equal(event.index, 1 - held);
        for (size_t i = 0; i < event.record_count; i++)
            assert_int_equal(event.records[i].offset, next[event.index]++);
    }
    bus_reader_close(reader);
    bus_close(bus);
}

/* ---- commits ---- */

static void test_commit(void **state)
{
    struct bus *bus = bus_contract_numbers(*state);
    char most[BUS_METADATA_MAX];
    struct bus_event event;
    struct bus_reader *reader = tool_reader(bus, "stage", &part0, &event);
    uint64_t offset = 99;

    assert_int_equal(event.offset, 0);
    assert_int_equal(event.metadata.size, 0);
    assert_int_equal(event.end, 0);
    tool_fails(STATUS_NOT_FOUND, bus_committed(bus, "stage", &part0, &offset, &tool_error));
    tool_fill(bus, &part0, 0, 20);
    tool_ok(bus_reader_commit(reader, 0, 0, SLICE("running"), &tool_error));
    tool_ok(bus_committed(bus, "stage", &part0, &offset, &tool_error));
    assert_int_equal(offset, 0);
    memset(most, 0, sizeof most);
    tool_ok(bus_reader_commit(reader, 0, 7, slice_of(most, sizeof most), &tool_error));
    tool_ok(bus_reader_commit(reader, 0, 7, slice_of(most, sizeof most), &tool_error));
    tool_fails(STATUS_TOO_LARGE,
               bus_reader_commit(reader, 0, 8, slice_of("", sizeof most + 1), &tool_error));
    tool_fails(STATUS_NOT_FOUND, bus_committed(bus, "other", &part0, &offset, &tool_error));
    bus_reader_close(reader);
    bus_close(bus);

    bus = bus_contract_open(*state, NULL);
    tool_ok(bus_committed(bus, "stage", &part0, &offset, &tool_error));
    assert_int_equal(offset, 7);
    reader = tool_reader(bus, "stage", &part0, &event);
    assert_int_equal(event.offset, 7);
    assert_int_equal(event.end, 20);
    assert_true(slice_equal(event.metadata, slice_of(most, sizeof most)));
    tool_read(reader, 7, 20);
    bus_reader_close(reader);
    bus_close(bus);
}

static void test_fencing(void **state)
{
    struct bus *bus_a = bus_contract_numbers(*state);
    struct bus *bus_b = bus_contract_open(*state, NULL);
    struct bus_reader *a;
    struct bus_reader *other;
    struct bus_reader *b;
    struct bus_event event;

    if ((bus_capabilities(bus_a) & BUS_CAP_OWNERS) == 0) {
        bus_close(bus_a);
        bus_close(bus_b);
        skip();
    }
    a = tool_reader(bus_a, "stage", &part0, NULL);
    other = tool_reader(bus_a, "other", &part0, NULL);
    tool_ok(bus_reader_commit(a, 0, 1, SLICE("a"), &tool_error));
    b = tool_reader(bus_b, "stage", &part0, &event);
    assert_int_equal(event.offset, 1);
    assert_true(slice_equal(event.metadata, SLICE("a")));
    tool_fails(STATUS_FENCED, bus_reader_commit(a, 0, 2, SLICE("a"), &tool_error));
    tool_ok(bus_reader_commit(b, 0, 3, SLICE("b"), &tool_error));
    tool_fails(STATUS_FENCED, bus_reader_commit(a, 0, 4, SLICE("a"), &tool_error));
    tool_ok(bus_reader_commit(other, 0, 9, SLICE("x"), &tool_error));
    bus_reader_close(b);
    bus_reader_close(a);
    b = tool_reader(bus_b, "stage", &part0, &event);
    assert_int_equal(event.offset, 3);
    assert_true(slice_equal(event.metadata, SLICE("b")));
    bus_reader_close(b);
    bus_reader_close(other);
    bus_close(bus_a);
    bus_close(bus_b);
}

static void test_onlooker(void **state)
{
    struct bus *bus = bus_contract_numbers(*state);
    struct bus_reader *owner = tool_reader(bus, "stage", &part0, NULL);
    struct bus_reader *onlooker;
    struct bus_event event;

    tool_fill(bus, &part0, 0, 10);
    tool_ok(bus_reader_commit(owner, 0, 5, SLICE("x"), &tool_error));
    onlooker = tool_reader(bus, NULL, &part0, &event);
    assert_int_equal(event.offset, 0);
    assert_int_equal(event.metadata.size, 0);
    assert_int_equal(event.end, 10);
    tool_read(onlooker, 0, 10);
    tool_fails(STATUS_USAGE, bus_reader_commit(onlooker, 0, 5, SLICE("y"), &tool_error));
    tool_ok(bus_reader_commit(owner, 0, 6, SLICE("x"), &tool_error));
    tool_read(owner, 0, 10);
    bus_reader_close(onlooker);
    bus_reader_close(owner);
    bus_close(bus);
}

/* Buses open and close in any order, with readers of one topic in the middle of their work. */
static void test_reopen(void **state)
{
    struct bus *bus = bus_contract_numbers(*state);
    struct bus_reader *reader;
    struct bus_event event;
    uint64_t end;

    for (uint64_t round = 0; round < 5; round++) {
        tool_fill(bus, &part0, 10 * round, 10 * round + 10);
        reader = tool_reader(bus, "stage", &part0, &event);
        assert_int_equal(event.offset, round == 0 ? 0 : 10 * round - 2);
        tool_read(reader, event.offset, 10 * round + 10);
        tool_ok(bus_reader_commit(reader, 0, 10 * round + 8, SLICE("try 1"), &tool_error));
        bus_reader_close(reader);
        bus_close(bus);
        bus = bus_contract_open(*state, NULL);
        tool_ok(bus_end(bus, "numbers", 0, &end, &tool_error));
        assert_int_equal(end, 10 * round + 10);
    }
    bus_close(bus);
}

int bus_contract_run_reading(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, bus_contract_setup, bus_contract_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_order),       TEST(test_from_any_offset), TEST(test_seek_first),
        TEST(test_wakes),       TEST(test_batch_limit),     TEST(test_pause),
        TEST(test_pause_often), TEST(test_commit),          TEST(test_fencing),
        TEST(test_onlooker),    TEST(test_reopen),
    };
#undef TEST

    return cmocka_run_group_tests_name("reading", tests, NULL, NULL);
}
