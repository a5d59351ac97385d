/* Three real brokers: leaders that move and die while reader and writer go on, and a storm of
 * rebalances. The argument is the storm's number of rounds, two seconds each. */
#include "base/util/clock.h"
#include "tests/contract/bus_tools.h"
#include "tests/contract/kafka_brokers.h"
#include "tests/contract/kafka_storm.h"
#include "tests/support/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    PATIENCE_MS = 60 * 1000,
    STORM_ROUNDS = 6,
    ADDRESS_MAX = 400,
    STEPS = 6000,
    GROUPS_PARTITIONS = 4, /* offsets.topic.num.partitions in tests/kafka/brokers.py */
};

static const struct bus_partition part0 = {"numbers", 0};
static struct kafka_brokers *brokers;
static int storm_rounds = STORM_ROUNDS;

static const char *address(const char *prefix, char text[ADDRESS_MAX])
{
    (void) snprintf(text, ADDRESS_MAX,
                    "kafka://%s/%s?fetch.wait.max.ms=50&session.timeout.ms=3000"
                    "&heartbeat.interval.ms=300",
                    kafka_brokers_servers(brokers), prefix);
    return text;
}

/* One that writes numbers and one that reads them, as two processes would. */
struct pair {
    struct bus *writer;
    struct bus *bus;
    struct bus_reader *reader;
    uint64_t written;
    uint64_t read;
    uint64_t committed;
};

static struct bus *open_bus(const char *prefix)
{
    struct bus_options options = {.client = "cluster", .timeout_ms = PATIENCE_MS};
    char text[ADDRESS_MAX];
    struct bus *bus = NULL;

    tool_ok(bus_open(address(prefix, text), &options, &bus, &tool_error));
    return bus;
}

static void begin(struct pair *pair, const char *prefix)
{
    *pair = (struct pair){.writer = open_bus(prefix), .bus = open_bus(prefix)};
    tool_ok(bus_topic_create(pair->writer, "numbers", 1, &tool_error));
    pair->reader = tool_reader(pair->bus, "stage", &part0, NULL);
}

/* Numbers are offsets: nothing is lost, doubled or moved. */
static void take(struct pair *pair, const struct bus_event *event)
{
    if (event->kind == BUS_EVENT_ASSIGNED) {
        assert_true(event->offset >= pair->committed && event->offset <= pair->read);
        pair->read = event->offset;
    }
    for (size_t i = 0; event->kind == BUS_EVENT_RECORDS && i < event->record_count; i++) {
        assert_int_equal(event->records[i].offset, pair->read);
        assert_true(tool_is(&event->records[i], pair->read++, 100));
    }
}

static void commit(struct pair *pair)
{
    enum status status =
        bus_reader_commit(pair->reader, 0, pair->read, SLICE("running"), &tool_error);

    if (status == STATUS_FENCED)
        return; /* the group is about to tell */
    tool_ok(status);
    pair->committed = pair->read;
}

/* Writes so many and reads them, with a commit after each batch. */
static void go_on(struct pair *pair, uint64_t count)
{
    uint64_t end = pair->written + count;

    for (int i = 0; i < STEPS && pair->committed < end; i++) {
        struct bus_event event;
        if (pair->written < end)
            tool_publish(pair->writer, &part0, pair->written++, 100);
        tool_ok(bus_step(pair->writer, 0, &tool_error));
        tool_ok(bus_reader_poll(pair->reader, 20, &event, &tool_error));
        take(pair, &event);
        if (event.kind == BUS_EVENT_RECORDS)
            commit(pair);
    }
    assert_int_equal(pair->committed, end);
}

static void end(struct pair *pair)
{
    uint64_t offset = 0;

    tool_ok(bus_end(pair->bus, "numbers", 0, &offset, &tool_error));
    assert_int_equal(offset, pair->written);
    tool_ok(bus_committed(pair->bus, "stage", &part0, &offset, &tool_error));
    assert_int_equal(offset, pair->written);
    bus_reader_close(pair->reader);
    bus_close(pair->bus);
    bus_close(pair->writer);
}

static void tell(const char *word, int broker, const char *rest)
{
    char command[100];

    (void) snprintf(command, sizeof command, "%s %d%s", word, broker, rest);
    kafka_brokers_tell(brokers, command);
}

static void test_leader_moves(void **state)
{
    struct pair pair;

    (void) state;
    begin(&pair, "moves");
    for (int round = 0; round < 6; round++) {
        go_on(&pair, 50);
        tell("lead", round % 3 + 1, " moves.numbers 0");
    }
    go_on(&pair, 50);
    end(&pair);
}

/* Each broker in turn dies and comes back; one of them leads the partition, one of them keeps the
 * group. What is written meanwhile is kept by the two others. */
static void test_broker_dies(void **state)
{
    struct pair pair;

    (void) state;
    begin(&pair, "deaths");
    for (int broker = 1; broker <= 3; broker++) {
        tell("lead", broker, " deaths.numbers 0");
        go_on(&pair, 20);
        tell("kill", broker, "");
        go_on(&pair, 50);
        tell("start", broker, "");
        go_on(&pair, 20);
    }
    end(&pair);
}

/* Who asks where a group stands is not in it, and hears nothing of its moves. */
static void test_coordinator_moves(void **state)
{
    struct pair pair;

    (void) state;
    begin(&pair, "places");
    go_on(&pair, 20);
    for (int broker = 1; broker <= 3; broker++) {
        uint64_t offset = 0;
        for (int i = 0; i < GROUPS_PARTITIONS; i++) {
            char rest[40];
            (void) snprintf(rest, sizeof rest, " __consumer_offsets %d", i);
            tell("lead", broker, rest);
        }
        tool_ok(bus_committed(pair.writer, "stage", &part0, &offset, &tool_error));
        assert_int_equal(offset, pair.written);
    }
    go_on(&pair, 20);
    end(&pair);
}

static void test_storm(void **state)
{
    char text[ADDRESS_MAX];

    (void) state;
    kafka_storm(address("storm", text), storm_rounds);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_leader_moves),
        cmocka_unit_test(test_broker_dies),
        cmocka_unit_test(test_coordinator_moves),
        cmocka_unit_test(test_storm),
    };
    int failed;

    if (argc > 2 && strcmp(argv[1], KAFKA_STORM_MEMBER) == 0)
        return kafka_storm_member(argv[2]);
    if (argc > 1)
        storm_rounds = (int) strtol(argv[1], NULL, 10);
    brokers = kafka_brokers_start(3, NULL);
    if (brokers == NULL)
        return KAFKA_BROKERS_SKIP;
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    kafka_brokers_stop(brokers);
    return failed;
}
