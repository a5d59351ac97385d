/* What the Kafka bus does when brokers fail, by librdkafka's mock brokers. */
#include "base/bus/bus_kafka.h"
#include "tests/contract/bus_tools.h"
#include "tests/contract/kafka_mock.h"
#include "tests/support/cmocka_all.h"

#include <string.h>

static const struct bus_partition part0 = {"numbers", 0};

enum {
    PRODUCE = 0,
    LIST_OFFSETS = 2,
    OFFSET_COMMIT = 8,
    OFFSET_FETCH = 9,
    SLOW_MS = 8000,
    SOON_MS = 1500,
    SILENT_MS = 600 * 1000
};

static int begin(void **state)
{
    *state = kafka_mock_create(3);
    return *state == NULL ? -1 : 0;
}

static int end(void **state)
{
    kafka_mock_destroy(*state);
    return 0;
}

static struct bus *open_numbers(void **state, const char *settings, int64_t timeout_ms)
{
    struct bus_options options = {.client = "faults", .timeout_ms = timeout_ms};
    struct bus *bus = NULL;

    tool_ok(kafka_mock_open(*state, settings, &options, &bus, &tool_error));
    tool_ok(bus_topic_create(bus, "numbers", 2, &tool_error));
    return bus;
}

static void test_nobody_there(void **state)
{
    struct bus_options options = {.client = "faults", .timeout_ms = SOON_MS};
    struct bus *bus = NULL;

    (void) state;
    tool_fails(STATUS_TIMEOUT, bus_open("kafka://127.0.0.1:1", &options, &bus, &tool_error));
    assert_null(bus);
    assert_non_null(strstr(tool_error.message, "kafka://127.0.0.1:1"));
    assert_non_null(strstr(tool_error.message, "refused"));
}

static void test_bad_addresses(void **state)
{
    struct bus *bus = NULL;

    (void) state;
    tool_fails(STATUS_INVALID, bus_open("kafka://", NULL, &bus, &tool_error));
    tool_fails(STATUS_INVALID, bus_open("kafka://host", NULL, &bus, &tool_error));
    tool_fails(STATUS_INVALID, bus_open("kafka://a:1?no.such.setting=1", NULL, &bus, &tool_error));
    assert_non_null(strstr(tool_error.message, "no.such.setting"));
    tool_fails(STATUS_INVALID, bus_open("kafka://a:1?linger.ms=x", NULL, &bus, &tool_error));
    tool_fails(STATUS_UNSUPPORTED, bus_open("kafka:a:1", NULL, &bus, &tool_error));
}

/* Answers that pass are asked again, by an idempotent producer: nothing is lost, doubled, moved. */
static void test_produce_errors(void **state)
{
    struct bus *bus = open_numbers(state, NULL, 0);
    struct bus_reader *reader;

    tool_fill(bus, &part0, 0, 10);
    rd_kafka_mock_push_request_errors(
        kafka_mock_cluster(*state), PRODUCE, 4, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS,
        RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT,
        RD_KAFKA_RESP_ERR__TRANSPORT);
    tool_fill(bus, &part0, 10, 500);
    reader = tool_reader(bus, NULL, &part0, NULL);
    tool_read(reader, 0, 500);
    bus_reader_close(reader);
    bus_close(bus);
}

/* One that does not pass ends the bus for good. */
static void test_produce_refused(void **state)
{
    struct bus *bus = open_numbers(state, NULL, 0);
    struct bus_message message = {"numbers", 0, SLICE("k"), SLICE("v")};
    struct bus_ticket ticket;
    char first[ERROR_MESSAGE_MAX];

    tool_fill(bus, &part0, 0, 1);
    rd_kafka_mock_push_request_errors(kafka_mock_cluster(*state), PRODUCE, 1,
                                      RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
    tool_ok(bus_publish(bus, &message, &ticket, &tool_error));
    tool_fails(STATUS_USAGE, bus_flush(bus, TOOL_WAIT_MS, &tool_error));
    assert_false(ticket.acknowledged);
    assert_non_null(strstr(tool_error.message, "numbers/0"));
    memcpy(first, tool_error.message, sizeof first);
    tool_fails(STATUS_USAGE, bus_publish(bus, &message, &ticket, &tool_error));
    assert_string_equal(tool_error.message, first);
    bus_close(bus);
}

/* No answer within the time-out is a failure for good, too. */
static void test_brokers_gone(void **state)
{
    struct bus *bus = open_numbers(state, NULL, SOON_MS);
    struct bus_message message = {"numbers", 0, SLICE("k"), SLICE("v")};

    tool_fill(bus, &part0, 0, 1);
    for (int broker = 1; broker <= 3; broker++)
        (void) rd_kafka_mock_broker_set_down(kafka_mock_cluster(*state), broker);
    tool_ok(bus_publish(bus, &message, NULL, &tool_error));
    tool_fails(STATUS_TIMEOUT, bus_flush(bus, TOOL_WAIT_MS, &tool_error));
    tool_fails(STATUS_TIMEOUT, bus_publish(bus, &message, NULL, &tool_error));
    bus_close(bus);
}

static void test_leader_moves(void **state)
{
    struct bus *bus = open_numbers(state, "fetch.wait.max.ms=50", 0);
    struct bus_reader *reader = tool_reader(bus, NULL, &part0, NULL);

    for (int broker = 1; broker <= 3; broker++) {
        uint64_t first = 100 * (uint64_t) (broker - 1);
        (void) rd_kafka_mock_partition_set_leader(kafka_mock_cluster(*state), "numbers", 0, broker);
        tool_fill(bus, &part0, first, first + 100);
        tool_read(reader, first, first + 100);
    }
    bus_reader_close(reader);
    bus_close(bus);
}

/* A broker that takes questions and answers none is not waited for beyond the time-out. */
static void test_silent_brokers(void **state)
{
    struct bus *bus = open_numbers(state, NULL, SOON_MS);
    uint64_t offset = 0;

    tool_fill(bus, &part0, 0, 10);
    tool_ok(bus_end(bus, "numbers", 0, &offset, &tool_error));
    assert_int_equal(offset, 10);
    for (int32_t broker = 1; broker <= 3; broker++)
        assert_int_equal(
            rd_kafka_mock_broker_set_rtt(kafka_mock_cluster(*state), broker, SILENT_MS), 0);
    tool_fails(STATUS_TIMEOUT, bus_end(bus, "numbers", 0, &offset, &tool_error));
    assert_int_equal(offset, 10);
    bus_close(bus);
}

static void test_commit_errors(void **state)
{
    struct bus *bus = open_numbers(state, "fetch.wait.max.ms=50", 0);
    struct bus_reader *reader = tool_reader(bus, "stage", &part0, NULL);
    struct bus_event event;
    uint64_t offset = 0;

    tool_fill(bus, &part0, 0, 10);
    tool_read(reader, 0, 10);
    rd_kafka_mock_push_request_errors(
        kafka_mock_cluster(*state), OFFSET_COMMIT, 3, RD_KAFKA_RESP_ERR_NOT_COORDINATOR,
        RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS, RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT);
    tool_ok(bus_reader_commit(reader, 0, 3, SLICE("x"), &tool_error));
    tool_ok(bus_committed(bus, "stage", &part0, &offset, &tool_error));
    assert_int_equal(offset, 3);
    rd_kafka_mock_push_request_errors(kafka_mock_cluster(*state), OFFSET_COMMIT, 1,
                                      RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION);
    tool_fails(STATUS_FENCED, bus_reader_commit(reader, 0, 4, SLICE("x"), &tool_error));
    /* The group is joined anew, and the place is where it was. */
    assert_int_equal(tool_event(reader).kind, BUS_EVENT_REVOKED);
    event = tool_event(reader);
    assert_int_equal(event.kind, BUS_EVENT_ASSIGNED);
    assert_int_equal(event.offset, 3);
    tool_ok(bus_reader_commit(reader, 0, 4, SLICE("x"), &tool_error));
    bus_reader_close(reader);
    bus_close(bus);
}

/* Asked where a group stands, when the broker that keeps it has changed: librdkafka looks for the
 * new one, which it can only in a client that is in a group itself. */
static void test_coordinator_moves(void **state)
{
    struct bus *bus = open_numbers(state, "fetch.wait.max.ms=50", 0);
    rd_kafka_mock_cluster_t *cluster = kafka_mock_cluster(*state);
    struct bus_reader *reader = tool_reader(bus, "stage", &part0, NULL);
    uint64_t offset = 0;

    tool_fill(bus, &part0, 0, 10);
    tool_ok(bus_reader_commit(reader, 0, 3, SLICE("x"), &tool_error));
    for (int round = 0; round < 3; round++) {
        rd_kafka_mock_push_request_errors(cluster, OFFSET_FETCH, 2,
                                          RD_KAFKA_RESP_ERR_NOT_COORDINATOR,
                                          RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS);
        tool_ok(bus_committed(bus, "stage", &part0, &offset, &tool_error));
        assert_int_equal(offset, 3);
    }
    tool_fails(STATUS_NOT_FOUND, bus_committed(bus, "nobody", &part0, &offset, &tool_error));
    bus_reader_close(reader);
    bus_close(bus);
}

/* A broker that has not heard of a new topic yet is asked again, by whoever knows that it is there;
 * one that will not hear of it is believed after a while. */
static void test_unheard_topic(void **state)
{
    struct bus *bus = open_numbers(state, "fetch.wait.max.ms=50", 0);
    rd_kafka_mock_cluster_t *cluster = kafka_mock_cluster(*state);
    struct bus_reader *reader;
    uint64_t offset = 99;

    tool_fill(bus, &part0, 0, 10);
    rd_kafka_mock_push_request_errors(
        cluster, LIST_OFFSETS, 3, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART,
        RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
    tool_ok(bus_end(bus, "numbers", 0, &offset, &tool_error));
    assert_int_equal(offset, 10);
    rd_kafka_mock_push_request_errors(cluster, LIST_OFFSETS, 1,
                                      RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
    rd_kafka_mock_push_request_errors(cluster, OFFSET_FETCH, 1,
                                      RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
    reader = tool_reader(bus, "stage", &part0, NULL);
    tool_read(reader, 0, 10);
    bus_reader_close(reader);
    for (int i = 0; i < 80; i++) /* two requests each */
        rd_kafka_mock_push_request_errors(
            cluster, LIST_OFFSETS, 5, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART,
            RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART,
            RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
    tool_fails(STATUS_NOT_FOUND, bus_end(bus, "numbers", 0, &offset, &tool_error));
    bus_close(bus);
}

/* A handler may take longer than max.poll.interval.ms: its thread is not the one that polls. */
static void test_slow_handler(void **state)
{
    struct bus *bus = open_numbers(
        state, "max.poll.interval.ms=6000&session.timeout.ms=6000&fetch.wait.max.ms=50", 0);
    struct bus_reader *reader;
    struct bus_event event;

    tool_fill(bus, &part0, 0, 10);
    reader = tool_reader(bus, "stage", &part0, NULL);
    tool_read(reader, 0, 10);
    clock_sleep_ms(clock_system(), SLOW_MS);
    tool_ok(bus_reader_commit(reader, 0, 10, SLICE("x"), &tool_error));
    tool_ok(bus_reader_poll(reader, 500, &event, &tool_error));
    assert_int_equal(event.kind, BUS_EVENT_NONE);
    bus_reader_close(reader);
    bus_close(bus);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nobody_there),
        cmocka_unit_test(test_bad_addresses),
        TEST(test_produce_errors),
        TEST(test_produce_refused),
        TEST(test_brokers_gone),
        TEST(test_leader_moves),
        TEST(test_silent_brokers),
        TEST(test_commit_errors),
        TEST(test_coordinator_moves),
        TEST(test_unheard_topic),
        TEST(test_slow_handler),
    };
#undef TEST

    return cmocka_run_group_tests(tests, NULL, NULL);
}
