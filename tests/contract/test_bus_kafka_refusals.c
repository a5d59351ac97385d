/* A real broker that wants TLS and a password: who may not in and what is said, topics that would
 * lose data, a broker that dies and comes back. */
#include "base/bus/bus_kafka_client.h"
#include "tests/contract/bus_tools.h"
#include "tests/contract/kafka_brokers.h"
#include "tests/contract/kafka_wide.h"
#include "tests/support/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATIENCE_MS = 60 * 1000, SOON_MS = 1500, ADDRESS_MAX = 600 };

static struct kafka_brokers *brokers;
static char folder[] = "/tmp/xunfang-tls-XXXXXX"; /* certificates, and a password file */

static const char *path(const char *name)
{
    static char text[100];

    (void) snprintf(text, sizeof text, "%s/%s", folder, name);
    return text;
}

static enum status open_at(const char *settings, int64_t timeout_ms, struct bus **bus)
{
    struct bus_options options = {.client = "refusals", .timeout_ms = timeout_ms};
    char text[ADDRESS_MAX];

    (void) snprintf(text, sizeof text, "kafka://%s?fetch.wait.max.ms=50%s",
                    kafka_brokers_servers(brokers), settings);
    return bus_open(text, &options, bus, &tool_error);
}

static enum status open_with(const char *password, const char *authority, int64_t timeout_ms,
                             struct bus **bus)
{
    char settings[ADDRESS_MAX];

    (void) snprintf(settings, sizeof settings,
                    "&security.protocol=SASL_SSL&sasl.mechanism=PLAIN&sasl.username=ann"
                    "&sasl.password=%s&ssl.ca.location=%s",
                    password, path(authority));
    return open_at(settings, timeout_ms, bus);
}

static struct bus *open_good(void)
{
    char password[100];
    struct bus *bus = NULL;

    (void) snprintf(password, sizeof password, "@%s", path("password"));
    tool_ok(open_with(password, "ca.pem", PATIENCE_MS, &bus));
    return bus;
}

static void says(const char *text)
{
    if (strstr(tool_error.message, text) == NULL)
        fail_msg("%s does not say \"%s\"", tool_error.message, text);
}

/* ---- who may not in ---- */

static void test_wrong_password(void **state)
{
    struct bus *bus = NULL;
    int64_t begun = clock_mono_ms(clock_system());

    (void) state;
    tool_fails(STATUS_USAGE, open_with("wrong", "ca.pem", PATIENCE_MS, &bus));
    assert_null(bus);
    assert_true(clock_mono_ms(clock_system()) - begun < PATIENCE_MS); /* it did not wait in vain */
    says(kafka_brokers_servers(brokers));
    says("Invalid username or password");
    says("set security.protocol, sasl.mechanism, sasl.username and sasl.password");
    assert_null(strstr(tool_error.message, "wrong"));
}

static void test_right_password(void **state)
{
    (void) state;
    bus_close(open_good());
}

static void test_wrong_authority(void **state)
{
    struct bus *bus = NULL;

    (void) state;
    tool_fails(STATUS_USAGE, open_with("secret", "stranger.pem", PATIENCE_MS, &bus));
    assert_null(bus);
    says("refuses us: the certificate of 127.0.0.1:");
    says("unable to get local issuer certificate: set ssl.ca.location");
    tool_fails(STATUS_NOT_FOUND, open_with("secret", "nobody.pem", PATIENCE_MS, &bus));
    says("ssl.ca.location: ");
    says("nobody.pem: No such file");
}

/* The certificate is for 127.0.0.1. */
static void test_wrong_name(void **state)
{
    struct bus_options options = {.client = "refusals", .timeout_ms = PATIENCE_MS};
    const char *port = strrchr(kafka_brokers_servers(brokers), ':');
    struct bus *bus = NULL;
    char text[ADDRESS_MAX];

    (void) state;
    (void) snprintf(text, sizeof text,
                    "kafka://localhost%s?security.protocol=SASL_SSL&sasl.mechanism=PLAIN"
                    "&sasl.username=ann&sasl.password=secret&ssl.ca.location=%s",
                    port, path("ca.pem"));
    tool_fails(STATUS_USAGE, bus_open(text, &options, &bus, &tool_error));
    says("hostname mismatch: name the broker in the address");
}

/* A broker hangs up on a client that it does not understand. */
static void test_wrong_protocol(void **state)
{
    struct bus *bus = NULL;
    char settings[ADDRESS_MAX];

    (void) state;
    tool_fails(STATUS_TIMEOUT, open_at("", SOON_MS, &bus));
    says("no broker at kafka://127.0.0.1:");
    says("security.protocol");
    (void) snprintf(settings, sizeof settings, "&security.protocol=SSL&ssl.ca.location=%s",
                    path("ca.pem"));
    tool_fails(STATUS_TIMEOUT, open_at(settings, SOON_MS, &bus));
    says("security.protocol");
    says("SASL");
    tool_fails(STATUS_INVALID,
               open_at("&security.protocol=SASL_SSL&sasl.mechanism=PLAIN", SOON_MS, &bus));
    says("sasl.username and sasl.password must be set");
}

/* ---- topics ---- */

/* A delivery's answer goes where the message says. */
static void on_delivered(rd_kafka_t *rk, const rd_kafka_message_t *message, void *opaque)
{
    (void) rk, (void) opaque;
    *(rd_kafka_resp_err_t *) message->_private = message->err;
}

static rd_kafka_t *foreign_client(void)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    char why[200];
    rd_kafka_t *rk;

    (void) rd_kafka_conf_set(conf, "bootstrap.servers", kafka_brokers_servers(brokers), why,
                             sizeof why);
    (void) rd_kafka_conf_set(conf, "security.protocol", "SASL_SSL", why, sizeof why);
    (void) rd_kafka_conf_set(conf, "ssl.ca.location", path("ca.pem"), why, sizeof why);
    (void) rd_kafka_conf_set(conf, "sasl.mechanism", "PLAIN", why, sizeof why);
    (void) rd_kafka_conf_set(conf, "sasl.username", "ann", why, sizeof why);
    (void) rd_kafka_conf_set(conf, "sasl.password", "secret", why, sizeof why);
    (void) rd_kafka_conf_set(conf, "message.max.bytes", "60000000", why, sizeof why);
    rd_kafka_conf_set_dr_msg_cb(conf, on_delivered);
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
    says(name);
    says(advice);
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
    make_foreign("endless", "max.message.bytes", "120000000");
    refuses("endless", "more than a reader takes: set max.message.bytes=");
    make_foreign("good", "max.message.bytes", "20000000");
    bus = open_good();
    tool_ok(bus_topic_partitions(bus, "good", &partitions, &tool_error));
    assert_int_equal(partitions, 2);
    tool_fails(STATUS_INVALID, bus_topic_create(bus, "good", 3, &tool_error));
    says("has 2 partitions, not 3");
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

/* 50 MB: refused by us, and of somebody else by the topics that we make; what stands in another
 * topic all the same costs nothing but itself. */
static void test_giant(void **state)
{
    struct bus *bus = open_good();
    rd_kafka_t *foreign = foreign_client();
    char *bytes = calloc(1, KAFKA_WIDE_BYTES);
    struct bus_message message = {"mine", 0, SLICE("k"), {bytes, KAFKA_WIDE_BYTES}};
    uint64_t end = 99;

    (void) state;
    assert_non_null(bytes);
    tool_ok(bus_topic_create(bus, "mine", 1, &tool_error));
    tool_fails(STATUS_TOO_LARGE, bus_publish(bus, &message, NULL, &tool_error));
    says("50000001 bytes");
    says("for mine: 16777216 are allowed");
    free(bytes);
    assert_int_equal(kafka_wide_put(foreign, "mine", KAFKA_WIDE_BYTES),
                     RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
    tool_ok(bus_end(bus, "mine", 0, &end, &tool_error));
    assert_int_equal(end, 0);
    make_foreign("wide", "max.message.bytes", "60000000");
    kafka_wide(foreign, bus);
    rd_kafka_destroy(foreign);
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
    FILE *file = fopen(path("password"), "w");

    if (file == NULL || fputs("secret\n", file) < 0 || fclose(file) != 0)
        exit(1);
}

static void remove_folder(void)
{
    static const char *const names[] = {"ca.pem",       "ca.key",       "broker.pem",
                                        "broker.key",   "client.pem",   "client.key",
                                        "stranger.pem", "stranger.key", "password"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        (void) unlink(path(names[i]));
    (void) rmdir(folder);
}

int main(void)
{
    const char *words[] = {"--tls", folder, "--sasl", "ann:secret", NULL};
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wrong_password),
        cmocka_unit_test(test_right_password),
        cmocka_unit_test(test_wrong_authority),
        cmocka_unit_test(test_wrong_name),
        cmocka_unit_test(test_wrong_protocol),
        cmocka_unit_test(test_topics_that_lose),
        cmocka_unit_test(test_asking_creates_nothing),
        cmocka_unit_test(test_giant),
        cmocka_unit_test(test_broker_dies),
    };
    int failed = KAFKA_BROKERS_SKIP;

    if (mkdtemp(folder) == NULL)
        return 1;
    brokers = kafka_brokers_start(1, words);
    if (brokers != NULL) {
        write_password();
        failed = cmocka_run_group_tests(tests, NULL, NULL);
        kafka_brokers_stop(brokers);
    }
    remove_folder();
    return failed;
}
