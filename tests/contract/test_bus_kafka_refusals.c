/* A real broker that wants a password: who may not in, topics that would lose data, a broker that
 * dies and comes back. */
#include "base/bus/bus_kafka_client.h"
#include "tests/contract/bus_tools.h"
#include "tests/contract/kafka_brokers.h"
#include "tests/support/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATIENCE_MS = 60 * 1000 };

static struct kafka_brokers *brokers;
static char password_file[] = "/tmp/xunfang-password-XXXXXX";

static const char *address(const char *password, char text[400])
{
    (void) snprintf(text, 400,
                    "kafka://%s?security.protocol=SASL_PLAINTEXT&sasl.mechanism=PLAIN"
                    "&sasl.username=ann&sasl.password=%s&fetch.wait.max.ms=50",
                    kafka_brokers_servers(brokers), password);
    return text;
}

static enum status open_with(const char *password, int64_t timeout_ms, struct bus **bus)
{
    struct bus_options options = {.client = "refusals", .timeout_ms = timeout_ms};
    char text[400];

    return bus_open(address(password, text), &options, bus, &tool_error);
}

static struct bus *open_good(void)
{
    char password[64];
    struct bus *bus = NULL;

    (void) snprintf(password, sizeof password, "@%s", password_file);
    tool_ok(open_with(password, PATIENCE_MS, &bus));
    return bus;
}

/* ---- credentials ---- */

static void test_wrong_password(void **state)
{
    struct bus *bus = NULL;
    int64_t begun = clock_mono_ms(clock_system());

    (void) state;
    tool_fails(STATUS_USAGE, open_with("wrong", PATIENCE_MS, &bus));
    assert_null(bus);
    assert_true(clock_mono_ms(clock_system()) - begun < PATIENCE_MS); /* it did not wait in vain */
    assert_non_null(strstr(tool_error.message, kafka_brokers_servers(brokers)));
    assert_non_null(strstr(tool_error.message, "uthentication"));
    assert_null(strstr(tool_error.message, "wrong"));
}

static void test_right_password(void **state)
{
    (void) state;
    bus_close(open_good());
}

/* ---- topics ---- */

static rd_kafka_t *foreign_client(void)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    char why[200];
    rd_kafka_t *rk;

    (void) rd_kafka_conf_set(conf, "bootstrap.servers", kafka_brokers_servers(brokers), why,
                             sizeof why);
    (void) rd_kafka_conf_set(conf, "security.protocol", "SASL_PLAINTEXT", why, sizeof why);
    (void) rd_kafka_conf_set(conf, "sasl.mechanism", "PLAIN", why, sizeof why);
    (void) rd_kafka_conf_set(conf, "sasl.username", "ann", why, sizeof why);
    (void) rd_kafka_conf_set(conf, "sasl.password", "secret", why, sizeof why);
    rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
    assert_non_null(rk);
    return rk;
}

/* Makes a topic as somebody else would, with what keeps data but for one setting. */
static void make_foreign(const char *name, const char *setting, const char *value)
{
    static const char *const good[][2] = {{"retention.ms", "-1"},
                                          {"retention.bytes", "-1"},
                                          {"cleanup.policy", "delete"},
                                          {"max.message.bytes", "20000000"}};
    rd_kafka_t *rk = foreign_client();
    rd_kafka_queue_t *queue = rd_kafka_queue_new(rk);
    char why[200];
    rd_kafka_NewTopic_t *topic = rd_kafka_NewTopic_new(name, 2, 1, why, sizeof why);
    const rd_kafka_topic_result_t **results;
    rd_kafka_event_t *answer;
    size_t count = 0;

    for (size_t i = 0; i < 4; i++)
        if (strcmp(good[i][0], setting) != 0)
            (void) rd_kafka_NewTopic_set_config(topic, good[i][0], good[i][1]);
    if (value != NULL)
        (void) rd_kafka_NewTopic_set_config(topic, setting, value);
    rd_kafka_CreateTopics(rk, &topic, 1, NULL, queue);
    answer = rd_kafka_queue_poll(queue, PATIENCE_MS);
    assert_non_null(answer);
    results =
        rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(answer), &count);
    assert_int_equal(count, 1);
    assert_int_equal(rd_kafka_topic_result_error(results[0]), RD_KAFKA_RESP_ERR_NO_ERROR);
    rd_kafka_event_destroy(answer);
    rd_kafka_NewTopic_destroy(topic);
    rd_kafka_queue_destroy(queue);
    rd_kafka_destroy(rk);
}

/* Neither read, nor written, nor taken for our own, and the message says what to do. */
static void refuses(const char *name, const char *advice)
{
    struct bus *bus = open_good();
    struct bus_partition partition = {name, 0};
    struct bus_reader_options options = {.partitions = &partition, .partition_count = 1};
    struct bus_message message = {name, 0, SLICE("k"), SLICE("v")};
    struct bus_reader *reader = NULL;
    uint32_t partitions;

    tool_fails(STATUS_INVALID, bus_topic_create(bus, name, 2, &tool_error));
    assert_non_null(strstr(tool_error.message, name));
    if (strstr(tool_error.message, advice) == NULL)
        fail_msg("%s", tool_error.message);
    tool_fails(STATUS_INVALID, bus_topic_partitions(bus, name, &partitions, &tool_error));
    tool_fails(STATUS_INVALID, bus_reader_open(bus, &options, &reader, &tool_error));
    tool_fails(STATUS_INVALID, bus_publish(bus, &message, NULL, &tool_error));
    bus_close(bus);
}

static void test_topics_that_lose(void **state)
{
    struct bus *bus;
    uint32_t partitions = 0;

    (void) state;
    make_foreign("week", "retention.ms", NULL); /* the broker's default: 7 days */
    refuses("week", "loses data after 7 d: set retention.ms=-1");
    make_foreign("minute", "retention.ms", "61000");
    refuses("minute", "loses data after 61 s");
    make_foreign("small", "retention.bytes", "1000000");
    refuses("small", "loses data after 1000000 bytes: set retention.bytes=-1");
    make_foreign("compacted", "cleanup.policy", "compact");
    refuses("compacted", "set cleanup.policy=delete");
    make_foreign("narrow", "max.message.bytes", NULL);
    refuses("narrow", "set max.message.bytes=");
    make_foreign("good", "max.message.bytes", "20000000");
    bus = open_good();
    tool_ok(bus_topic_partitions(bus, "good", &partitions, &tool_error));
    assert_int_equal(partitions, 2);
    tool_fails(STATUS_INVALID, bus_topic_create(bus, "good", 3, &tool_error));
    assert_non_null(strstr(tool_error.message, "has 2 partitions, not 3"));
    bus_close(bus);
}

/* The broker would create a topic for anybody who asks; we do not make it do so. */
static void test_asking_creates_nothing(void **state)
{
    struct bus *bus = open_good();
    uint32_t partitions = 0;

    (void) state;
    for (int i = 0; i < 3; i++) {
        tool_fails(STATUS_NOT_FOUND, bus_topic_partitions(bus, "ghost", &partitions, &tool_error));
        clock_sleep_ms(clock_system(), 200);
    }
    bus_close(bus);
}

/* ---- a broker that dies ---- */

static void test_broker_dies(void **state)
{
    static const struct bus_partition part0 = {"numbers", 0};
    struct bus *bus = open_good();
    struct bus_reader *reader;
    uint64_t offset = 0;

    (void) state;
    tool_ok(bus_topic_create(bus, "numbers", 1, &tool_error));
    reader = tool_reader(bus, "stage", &part0, NULL);
    tool_fill(bus, &part0, 0, 100);
    tool_read(reader, 0, 100);
    tool_ok(bus_reader_commit(reader, 0, 100, SLICE("x"), &tool_error));
    kafka_brokers_tell(brokers, "kill 1");
    for (uint64_t i = 100; i < 200; i++)
        tool_publish(bus, &part0, i, 100);
    kafka_brokers_tell(brokers, "start 1");
    tool_ok(bus_flush(bus, PATIENCE_MS, &tool_error));
    tool_ok(bus_committed(bus, "stage", &part0, &offset, &tool_error));
    assert_int_equal(offset, 100);
    bus_reader_close(reader);
    reader = tool_reader(bus, NULL, &part0, NULL);
    tool_read(reader, 0, 200);
    bus_reader_close(reader);
    bus_close(bus);
}

static void write_password(void)
{
    int file = mkstemp(password_file);

    if (file < 0 || write(file, "secret\n", 7) != 7 || close(file) != 0)
        exit(1);
}

int main(void)
{
    static const char *const settings[] = {
        "listener.security.protocol.map=PLAINTEXT:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT",
        "sasl.enabled.mechanisms=PLAIN", "sasl.mechanism.inter.broker.protocol=PLAIN",
        "listener.name.plaintext.plain.sasl.jaas.config="
        "org.apache.kafka.common.security.plain.PlainLoginModule required "
        "username=\"ann\" password=\"secret\" user_ann=\"secret\";",
        NULL};
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wrong_password),   cmocka_unit_test(test_right_password),
        cmocka_unit_test(test_topics_that_lose), cmocka_unit_test(test_asking_creates_nothing),
        cmocka_unit_test(test_broker_dies),
    };
    int failed;

    brokers = kafka_brokers_start(1, settings);
    if (brokers == NULL)
        return KAFKA_BROKERS_SKIP;
    write_password();
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    (void) unlink(password_file);
    kafka_brokers_stop(brokers);
    return failed;
}
