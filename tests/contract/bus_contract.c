#include "tests/contract/bus_contract.h"

#include "tests/contract/bus_contract_groups.h"
#include "tests/contract/bus_contract_read.h"
#include "tests/contract/bus_tools.h"
#include "tests/support/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct bus_partition part0 = {"numbers", 0};
static const struct bus_partition part1 = {"numbers", 1};

/* ---- fixture ---- */

static const struct bus_contract_place *place_now; /* cmocka's set-up takes no argument of ours */

int bus_contract_setup(void **state)
{
    struct bus_contract *contract = calloc(1, sizeof *contract);

    if (contract == NULL)
        return -1;
    contract->place = place_now;
    contract->self = place_now->setup();
    *state = contract;
    return contract->self == NULL ? -1 : 0;
}

int bus_contract_teardown(void **state)
{
    struct bus_contract *contract = *state;

    contract->place->teardown(contract->self);
    free(contract);
    return 0;
}

struct bus *bus_contract_open(struct bus_contract *contract, const struct bus_options *options)
{
    static const struct bus_options plain = {.client = "contract"};
    struct bus *bus = NULL;

    tool_ok(contract->place->open(contract->self, options == NULL ? &plain : options, &bus,
                                  &tool_error));
    return bus;
}

struct bus *bus_contract_numbers(struct bus_contract *contract)
{
    struct bus *bus = bus_contract_open(contract, NULL);

    tool_ok(bus_topic_create(bus, "numbers", 2, &tool_error));
    return bus;
}

/* ---- topics ---- */

static void test_topics(void **state)
{
    struct bus *bus = bus_contract_open(*state, NULL);
    uint32_t most = place_now->most_partitions;
    uint32_t partitions = 99;

    tool_fails(STATUS_NOT_FOUND, bus_topic_partitions(bus, "a.b", &partitions, &tool_error));
    assert_int_equal(partitions, 99);
    tool_ok(bus_topic_create(bus, "a.b", 3, &tool_error));
    tool_ok(bus_topic_partitions(bus, "a.b", &partitions, &tool_error));
    assert_int_equal(partitions, 3);
    tool_ok(bus_topic_create(bus, "a.b", 3, &tool_error));
    tool_fails(STATUS_INVALID, bus_topic_create(bus, "a.b", 4, &tool_error));
    tool_ok(bus_topic_partitions(bus, "a.b", &partitions, &tool_error));
    assert_int_equal(partitions, 3);
    tool_ok(bus_topic_create(bus, "most", most == 0 ? BUS_PARTITIONS_MAX : most, &tool_error));
    bus_close(bus);
}

static void test_bad_topics(void **state)
{
    struct bus *bus = bus_contract_open(*state, NULL);
    char name[BUS_TOPIC_MAX + 2];

    tool_fails(STATUS_INVALID, bus_topic_create(bus, "", 1, &tool_error));
    tool_fails(STATUS_INVALID, bus_topic_create(bus, "a/b", 1, &tool_error));
    tool_fails(STATUS_INVALID, bus_topic_create(bus, "\xe5\x9f\x8e", 1, &tool_error));
    tool_fails(STATUS_INVALID, bus_topic_create(bus, "none", 0, &tool_error));
    tool_fails(STATUS_INVALID, bus_topic_create(bus, "many", BUS_PARTITIONS_MAX + 1, &tool_error));
    memset(name, 'x', sizeof name);
    name[BUS_TOPIC_MAX + 1] = '\0';
    tool_fails(STATUS_INVALID, bus_topic_create(bus, name, 1, &tool_error));
    name[BUS_TOPIC_MAX] = '\0';
    tool_ok(bus_topic_create(bus, name, 1, &tool_error));
    bus_close(bus);
}

static void test_delete(void **state)
{
    struct bus *bus = bus_contract_numbers(*state);
    struct bus_reader *reader;
    uint64_t offset = 99;

    if (bus_topic_delete(bus, "never-there", &tool_error) == STATUS_UNSUPPORTED) {
        bus_close(bus);
        skip();
    }
    tool_fill(bus, &part0, 0, 10);
    reader = tool_reader(bus, "stage", &part0, NULL);
    tool_read(reader, 0, 10);
    tool_ok(bus_reader_commit(reader, 0, 10, SLICE("clean"), &tool_error));
    bus_reader_close(reader);
    tool_ok(bus_topic_delete(bus, "numbers", &tool_error));
    tool_fails(STATUS_NOT_FOUND, bus_end(bus, "numbers", 0, &offset, &tool_error));
    tool_fails(STATUS_NOT_FOUND, bus_committed(bus, "stage", &part0, &offset, &tool_error));
    tool_ok(bus_topic_delete(bus, "numbers", &tool_error));
    tool_ok(bus_topic_delete(bus, "never-there", &tool_error));
    bus_close(bus);

    bus = bus_contract_open(*state, NULL);
    tool_ok(bus_topic_create(bus, "numbers", 5, &tool_error));
    tool_ok(bus_end(bus, "numbers", 0, &offset, &tool_error));
    assert_int_equal(offset, 0);
    tool_fails(STATUS_NOT_FOUND, bus_committed(bus, "stage", &part0, &offset, &tool_error));
    tool_fill(bus, &part0, 0, 3);
    reader = tool_reader(bus, "stage", &part0, NULL);
    tool_read(reader, 0, 3);
    bus_reader_close(reader);
    bus_close(bus);
}

/* ---- publish ---- */

static void test_tickets(void **state)
{
    struct bus *bus = bus_contract_numbers(*state);
    struct bus_ticket tickets[20];
    uint64_t end;

    for (size_t i = 0; i < 20; i++) {
        struct bus_message message = {"numbers", (uint32_t) i % 2, SLICE("k"), SLICE("v")};
        tool_ok(bus_publish(bus, &message, &tickets[i], &tool_error));
        assert_false(tickets[i].acknowledged && tickets[i].offset != i / 2);
    }
    tool_ok(bus_flush(bus, TOOL_WAIT_MS, &tool_error));
    for (size_t i = 0; i < 20; i++) {
        assert_true(tickets[i].acknowledged);
        assert_int_equal(tickets[i].offset, i / 2);
    }
    tool_ok(bus_end(bus, "numbers", 1, &end, &tool_error));
    assert_int_equal(end, 10);
    tool_ok(bus_flush(bus, 0, &tool_error));
    tool_ok(bus_step(bus, 0, &tool_error));
    bus_close(bus);
}

static void test_unknown_topic(void **state)
{
    struct bus *bus = bus_contract_numbers(*state);
    struct bus_message message = {"nowhere", 0, SLICE("k"), SLICE("v")};
    struct bus_partition nowhere = {"nowhere", 0};
    struct bus_partition third = {"numbers", 2};
    struct bus_reader_options options = {.partitions = &nowhere, .partition_count = 1};
    struct bus_reader *reader = NULL;
    uint64_t end;

    tool_fails(STATUS_NOT_FOUND, bus_publish(bus, &message, NULL, &tool_error));
    message.topic = "numbers";
    message.partition = 2;
    tool_fails(STATUS_NOT_FOUND, bus_publish(bus, &message, NULL, &tool_error));
    tool_fails(STATUS_NOT_FOUND, bus_end(bus, "numbers", 2, &end, &tool_error));
    tool_fails(STATUS_NOT_FOUND, bus_reader_open(bus, &options, &reader, &tool_error));
    options.stage = "stage";
    options.partitions = &third;
    tool_fails(STATUS_NOT_FOUND, bus_reader_open(bus, &options, &reader, &tool_error));
    assert_null(reader);
    tool_fill(bus, &part0, 0, 1);
    bus_close(bus);
}

static void test_sizes(void **state)
{
    struct bus *bus = bus_contract_numbers(*state);
    size_t most = BUS_RECORD_MAX - 8;
    char *bytes = calloc(1, BUS_RECORD_MAX + 1);
    struct bus_message message = {"numbers", 0, SLICE("k"), {bytes, BUS_RECORD_MAX}};
    struct bus_message empty = {"numbers", 0, {NULL, 0}, {NULL, 0}};
    struct bus_reader *reader;
    struct bus_event event;

    assert_non_null(bytes);
    tool_fails(STATUS_TOO_LARGE, bus_publish(bus, &message, NULL, &tool_error));
    tool_publish(bus, &part0, 0, most);
    tool_ok(bus_publish(bus, &empty, NULL, &tool_error));
    tool_publish(bus, &part0, 2, 100);
    tool_ok(bus_flush(bus, TOOL_WAIT_MS, &tool_error));
    free(bytes);
    reader = tool_reader(bus, NULL, &part0, NULL);
    event = tool_event(reader);
    assert_int_equal(event.kind, BUS_EVENT_RECORDS);
    assert_true(tool_is(&event.records[0], 0, most));
    tool_ok(bus_reader_seek(reader, 0, 1, &tool_error));
    event = tool_event(reader);
    assert_int_equal(event.records[0].offset, 1);
    assert_int_equal(event.records[0].key.size + event.records[0].value.size, 0);
    bus_reader_close(reader);
    bus_close(bus);
}

/* Every order is kept although the queue is small and full all the time. */
static void test_full_queue(void **state)
{
    struct bus_options options = {.client = "small", .queue_bytes = 4000};
    struct bus *bus;
    struct bus_reader *reader;

    bus_close(bus_contract_numbers(*state));
    bus = bus_contract_open(*state, &options);
    tool_fill(bus, &part0, 0, 1000);
    tool_publish(bus, &part1, 0, 100 * 1000);
    tool_ok(bus_flush(bus, TOOL_WAIT_MS, &tool_error));
    reader = tool_reader(bus, NULL, &part0, NULL);
    tool_read(reader, 0, 1000);
    bus_reader_close(reader);
    bus_close(bus);
}

/* Several publishers into one partition: each one's order holds. */
static void test_two_publishers(void **state)
{
    struct bus *a = bus_contract_numbers(*state);
    struct bus *b = bus_contract_open(*state, NULL);
    uint64_t next[2] = {0, 1000};
    struct bus_reader *reader;
    size_t seen = 0;

    for (uint64_t i = 0; i < 300; i++) {
        tool_publish(a, &part0, i, 100);
        tool_publish(b, &part0, 1000 + i, 100);
        if (i % 50 == 0)
            tool_ok(bus_step(i % 100 == 0 ? a : b, 0, &tool_error));
    }
    tool_ok(bus_flush(a, TOOL_WAIT_MS, &tool_error));
    tool_ok(bus_flush(b, TOOL_WAIT_MS, &tool_error));
    reader = tool_reader(b, NULL, &part0, NULL);
    while (seen < 600) {
        struct bus_event event = tool_event(reader);
        for (size_t i = 0; i < event.record_count; i++, seen++) {
            size_t from = tool_is(&event.records[i], next[0], 100) ? 0 : 1;
            assert_true(tool_is(&event.records[i], next[from]++, 100));
        }
    }
    assert_int_equal(next[0], 300);
    assert_int_equal(next[1], 1300);
    bus_reader_close(reader);
    bus_close(a);
    bus_close(b);
}

int bus_contract_run(const struct bus_contract_place *place)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, bus_contract_setup, bus_contract_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_topics),        TEST(test_bad_topics),     TEST(test_delete),
        TEST(test_tickets),       TEST(test_sizes),          TEST(test_full_queue),
        TEST(test_unknown_topic), TEST(test_two_publishers),
    };
#undef TEST
    int failed;

    place_now = place;
    print_message("---- bus contract: %s\n", place->name);
    failed = cmocka_run_group_tests_name(place->name, tests, NULL, NULL);
    return failed + bus_contract_run_reading() + bus_contract_run_groups();
}
