/*
 * kafka_bench: how much of librdkafka's own speed the Kafka bus leaves.
 *
 * usage: kafka_bench HOST:PORT[,HOST:PORT] [RECORDS [BYTES [EXAMPLE]]]
 *
 * Fills a topic of four partitions through the bus, then reads it several times in turn with a bare
 * loop of librdkafka (as its performance example does: a group of one, rd_kafka_consumer_poll) and
 * with a reader of the bus; then the round trip of single acknowledged records and of commits. The
 * content is text-like. The topic is deleted in the end.
 *
 * EXAMPLE is a build of librdkafka's examples/rdkafka_performance.c; it then reads the same topic
 * in the same rounds, as a simple consumer (-C) and as a member of a group (-G), and its own
 * figures are compared too: bench/kafka_compare.py does all of it.
 */
#include "base/bus/bus.h"
#include "base/util/clock.h"
#include "base/util/random.h"

#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PARTITIONS = 4, STEP_MS = 100, WAIT_MS = 60 * 1000, ROUNDS = 3, ROUND_TRIPS = 500 };

struct bench {
    const char *servers;
    const char *example; /* NULL: none */
    struct bus *bus;
    char topic[64];
    char *words;
    uint64_t records;
    size_t size;
};

static void check(enum status status, const struct error *err)
{
    if (status == STATUS_OK)
        return;
    (void) fprintf(stderr, "kafka_bench: %s\n", err->message);
    exit(1);
}

static int64_t now_ms(void)
{
    return clock_mono_ms(clock_system());
}

static double rate(uint64_t items, int64_t begun_ms)
{
    int64_t took = now_ms() - begun_ms;

    return (double) items * 1000 / (double) (took > 0 ? took : 1);
}

/* ---- filling ---- */

static void make_words(struct bench *bench)
{
    struct random random;

    random_init(&random, 7);
    bench->words = malloc(64 * bench->size);
    if (bench->words == NULL)
        exit(1);
    for (size_t i = 0; i < 64 * bench->size; i++)
        bench->words[i] =
            (char) ('a' + random_below(&random, random_chance(&random, 300) ? 26 : 5));
}

static void append(struct bench *bench, uint64_t number)
{
    char key[32];
    int size = snprintf(key, sizeof key, "%016llx", (unsigned long long) number);
    struct bus_message message = {
        .topic = bench->topic,
        .partition = (uint32_t) (number % PARTITIONS),
        .key = {key, (size_t) size},
        .value = {bench->words + number * 131 % (63 * bench->size), bench->size}};
    struct error err;
    enum status status;

    while ((status = bus_publish(bench->bus, &message, NULL, &err)) == STATUS_AGAIN)
        check(bus_step(bench->bus, STEP_MS, &err), &err);
    check(status, &err);
}

static void fill(struct bench *bench)
{
    int64_t begun = now_ms();
    struct error err;

    for (uint64_t i = 0; i < bench->records; i++)
        append(bench, i);
    check(bus_flush(bench->bus, WAIT_MS, &err), &err);
    printf("append        %9.0f records/s\n", rate(bench->records, begun));
}

/* ---- reading ---- */

static double read_bare(const struct bench *bench)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(PARTITIONS);
    char why[200];
    uint64_t got = 0;
    int64_t begun = now_ms();
    rd_kafka_t *consumer;

    (void) rd_kafka_conf_set(conf, "bootstrap.servers", bench->servers, why, sizeof why);
    (void) rd_kafka_conf_set(conf, "group.id", "bare", why, sizeof why);
    (void) rd_kafka_conf_set(conf, "enable.auto.commit", "false", why, sizeof why);
    consumer = rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, sizeof why);
    if (consumer == NULL)
        exit(1);
    (void) rd_kafka_poll_set_consumer(consumer);
    for (int32_t i = 0; i < PARTITIONS; i++)
        rd_kafka_topic_partition_list_add(list, bench->topic, i)->offset = 0;
    (void) rd_kafka_assign(consumer, list);
    while (got < bench->records) {
        rd_kafka_message_t *message = rd_kafka_consumer_poll(consumer, STEP_MS);
        if (message == NULL)
            continue;
        got += message->err == RD_KAFKA_RESP_ERR_NO_ERROR;
        rd_kafka_message_destroy(message);
    }
    why[0] = '\0';
    rd_kafka_topic_partition_list_destroy(list);
    (void) rd_kafka_consumer_close(consumer);
    rd_kafka_destroy(consumer);
    return rate(bench->records, begun);
}

static struct bus_reader *open_reader(const struct bench *bench, const char *stage)
{
    struct bus_partition partitions[PARTITIONS];
    struct bus_reader_options options = {
        .stage = stage, .partitions = partitions, .partition_count = PARTITIONS};
    struct bus_reader *reader;
    struct error err;

    for (uint32_t i = 0; i < PARTITIONS; i++)
        partitions[i] = (struct bus_partition){bench->topic, i};
    check(bus_reader_open(bench->bus, &options, &reader, &err), &err);
    return reader;
}

static double read_bus(const struct bench *bench)
{
    int64_t begun = now_ms();
    struct bus_reader *reader = open_reader(bench, NULL);
    struct bus_event event;
    struct error err;
    double answer;

    for (uint64_t got = 0; got < bench->records;) {
        check(bus_reader_poll(reader, STEP_MS, &event, &err), &err);
        if (event.kind == BUS_EVENT_RECORDS)
            got += event.record_count;
    }
    answer = rate(bench->records, begun);
    bus_reader_close(reader);
    return answer;
}

/* What the example says itself: "% 200000 messages (… bytes) consumed in …ms: 390625 msgs/s". */
static double read_example(const struct bench *bench, bool group)
{
    char command[1000];
    char line[400];
    double answer = 0;
    FILE *output;

    (void) snprintf(command, sizeof command,
                    group ? "%s -X log_level=3 -G example-%lld -b %s -t %s -c %llu "
                            "-X auto.offset.reset=earliest"
                          : "%s -X log_level=3 -C -p 0 -p 1 -p 2 -p 3 -o beginning "
                            "-X client.id=example-%lld "
                            "-b %s -t %s -c %llu",
                    bench->example, (long long) clock_wall_ms(clock_system()), bench->servers,
                    bench->topic, (unsigned long long) bench->records);
    /* NOLINTNEXTLINE(cert-env33-c): the words are those of who measures. */
    output = popen(command, "r");
    while (output != NULL && fgets(line, sizeof line, output) != NULL) {
        const char *at = strstr(line, "ms: ");
        if (at != NULL && strstr(line, "consumed in") != NULL)
            answer = strtod(at + 4, NULL);
    }
    if (output == NULL || pclose(output) != 0 || answer <= 0) {
        (void) fprintf(stderr, "kafka_bench: %s says nothing\n", command);
        exit(1);
    }
    return answer;
}

enum way { BY_BUS, BARE, SIMPLE, GROUP, WAYS };

static void compare(const struct bench *bench)
{
    static const char *const names[WAYS] = {"the bus", "a bare loop", "example -C", "example -G"};
    double best[WAYS] = {0};

    for (int i = 0; i < ROUNDS; i++)
        for (int way = 0; way < (bench->example == NULL ? SIMPLE : WAYS); way++) {
            double got = way == BY_BUS ? read_bus(bench)
                         : way == BARE ? read_bare(bench)
                                       : read_example(bench, way == GROUP);
            printf("fetch         %9.0f records/s by %s\n", got, names[way]);
            best[way] = got > best[way] ? got : best[way];
        }
    for (int way = BARE; way < (bench->example == NULL ? SIMPLE : WAYS); way++)
        printf("best          bus / %s = %.2f\n", names[way], best[BY_BUS] / best[way]);
}

static void round_trips(struct bench *bench)
{
    struct bus_reader *reader = open_reader(bench, "bench");
    int64_t begun = now_ms();
    struct bus_event event = {.kind = BUS_EVENT_NONE};
    struct error err;

    for (uint64_t i = 0; i < ROUND_TRIPS; i++) {
        append(bench, i);
        check(bus_flush(bench->bus, WAIT_MS, &err), &err);
    }
    printf("append one    %9.0f records/s\n", rate(ROUND_TRIPS, begun));
    while (event.kind != BUS_EVENT_ASSIGNED)
        check(bus_reader_poll(reader, STEP_MS, &event, &err), &err);
    begun = now_ms();
    for (uint64_t i = 0; i < ROUND_TRIPS; i++)
        check(bus_reader_commit(reader, event.index, i, SLICE("clean"), &err), &err);
    printf("commit        %9.0f commits/s\n", rate(ROUND_TRIPS, begun));
    bus_reader_close(reader);
}

int main(int argc, char **argv)
{
    struct bus_options options = {.client = "bench", .timeout_ms = WAIT_MS};
    struct bench bench = {.records = 200000, .size = 2700};
    char url[512];
    struct error err;

    if (argc < 2) {
        (void) fprintf(stderr, "usage: kafka_bench HOST:PORT [RECORDS [BYTES [EXAMPLE]]]\n");
        return 2;
    }
    bench.servers = argv[1];
    if (argc > 2)
        bench.records = strtoull(argv[2], NULL, 10);
    if (argc > 3)
        bench.size = strtoull(argv[3], NULL, 10);
    if (argc > 4)
        bench.example = argv[4];
    make_words(&bench);
    (void) snprintf(url, sizeof url, "kafka://%s", bench.servers);
    (void) snprintf(bench.topic, sizeof bench.topic, "bench-%lld",
                    (long long) clock_wall_ms(clock_system()));
    check(bus_open(url, &options, &bench.bus, &err), &err);
    check(bus_topic_create(bench.bus, bench.topic, PARTITIONS, &err), &err);
    printf("%llu records of %zu bytes, %d partitions at %s\n", (unsigned long long) bench.records,
           bench.size, PARTITIONS, bench.servers);
    fill(&bench);
    compare(&bench);
    round_trips(&bench);
    check(bus_topic_delete(bench.bus, bench.topic, &err), &err);
    bus_close(bench.bus);
    free(bench.words);
    return 0;
}
