/* The log server is killed at random and at named points; what was acknowledged is there
 * afterwards. */
#include "base/util/random.h"
#include "tests/contract/bus_tools.h"
#include "tests/contract/log_process.h"
#include "tests/support/cmocka_all.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PARTITIONS = 3, ROUNDS = 12, ROUND_RECORDS = 400, RECORDS = ROUNDS * ROUND_RECORDS };

struct crash_test {
    char folder[LOG_FOLDER_SIZE];
    struct log_server_options options;
    pid_t server;
    struct bus *bus;
    struct bus_ticket tickets[RECORDS]; /* of record i, in partition i % PARTITIONS */
    size_t published;
};

static int setup(void **state)
{
    struct crash_test *test = calloc(1, sizeof *test);

    if (test == NULL)
        return -1;
    log_folder_make(test->folder);
    test->options = (struct log_server_options){.data = test->folder, .memory_bytes = 1 << 20};
    *state = test;
    return 0;
}

static int teardown(void **state)
{
    struct crash_test *test = *state;

    bus_close(test->bus);
    if (test->server > 0)
        (void) log_process_end(test->server, SIGKILL);
    log_folder_remove(test->folder);
    free(test);
    return 0;
}

static struct bus *open_bus(struct crash_test *test)
{
    struct bus_options options = {.client = "crash", .timeout_ms = TOOL_WAIT_MS};
    char url[LOG_FOLDER_SIZE + 16];
    struct bus *bus = NULL;

    (void) snprintf(url, sizeof url, "local:%s", test->folder);
    tool_ok(bus_open(url, &options, &bus, &tool_error));
    return bus;
}

static void begin(struct crash_test *test, const char *crash_at)
{
    test->server = log_process_start(&test->options, crash_at);
    test->bus = open_bus(test);
    tool_ok(bus_topic_create(test->bus, "crash", PARTITIONS, &tool_error));
}

static void publish(struct crash_test *test, size_t count)
{
    for (size_t i = 0; i < count; i++, test->published++) {
        uint64_t number = test->published;
        struct bus_message message = {.topic = "crash",
                                      .partition = (uint32_t) (number % PARTITIONS),
                                      .key = slice_of(&number, sizeof number),
                                      .value = SLICE("some bytes of a record")};
        enum status status;
        while ((status = bus_publish(test->bus, &message, &test->tickets[number], &tool_error)) ==
               STATUS_AGAIN)
            tool_ok(bus_step(test->bus, 10, &tool_error));
        tool_ok(status);
    }
}

static uint64_t number_of(const struct bus_record *record)
{
    uint64_t number = 0;

    assert_int_equal(record->key.size, sizeof number);
    for (size_t i = 0; i < sizeof number; i++)
        ((char *) &number)[i] = record->key.data[i];
    return number;
}

/* Reads the log from outside: no gap, every acknowledged record at its offset, first occurrences in
 * the order of publishing. Returns how many records stand there twice. */
static size_t check_partition(struct crash_test *test, uint32_t partition)
{
    struct bus_partition from = {"crash", partition};
    struct bus *bus = open_bus(test);
    struct bus_reader *reader = tool_reader(bus, NULL, &from, NULL);
    uint64_t next = partition;
    uint64_t offset = 0;
    size_t again = 0;
    uint64_t end;

    tool_ok(bus_end(bus, "crash", partition, &end, &tool_error));
    while (offset < end) {
        struct bus_event event = tool_event(reader);
        for (size_t i = 0; i < event.record_count; i++, offset++) {
            uint64_t number = number_of(&event.records[i]);
            assert_int_equal(event.records[i].offset, offset);
            assert_true(number <= next && number % PARTITIONS == partition);
            if (number < next)
                again++;
            else
                next += PARTITIONS;
        }
    }
    bus_reader_close(reader);
    bus_close(bus);
    assert_true(next >= test->published);
    return again;
}

static size_t check_all(struct crash_test *test)
{
    size_t again = 0;

    tool_ok(bus_flush(test->bus, TOOL_WAIT_MS, &tool_error));
    for (size_t i = 0; i < test->published; i++)
        assert_true(test->tickets[i].acknowledged);
    for (uint32_t i = 0; i < PARTITIONS; i++)
        again += check_partition(test, i);
    return again;
}

/* ---- tests ---- */

/* kill -9 in the middle of appends; the publisher lives through it and repeats what it must. */
static void kill_rounds(struct crash_test *test, uint64_t seed)
{
    struct random random;

    random_init(&random, seed);
    begin(test, NULL);
    for (int round = 0; round < ROUNDS; round++) {
        size_t early = random_below(&random, ROUND_RECORDS);
        publish(test, early);
        for (uint64_t steps = random_below(&random, 4); steps > 0; steps--)
            tool_ok(bus_step(test->bus, (int64_t) random_below(&random, 3), &tool_error));
        publish(test, ROUND_RECORDS - early);
        (void) log_process_end(test->server, SIGKILL);
        if (random_chance(&random, 500))
            tool_ok(bus_step(test->bus, 20, &tool_error));
        test->server = log_process_start(&test->options, NULL);
    }
    (void) check_all(test);
}

static void test_kill_seed_1(void **state)
{
    kill_rounds(*state, 1);
}

static void test_kill_seed_2(void **state)
{
    kill_rounds(*state, 2);
}

static void test_kill_sync_always(void **state)
{
    struct crash_test *test = *state;

    test->options.sync_always = true;
    kill_rounds(test, 3);
}

/* Names, not crash_point_name: that would read CRASH_AT in this process, and the server inherits
 * what was read. The third write is after the topic and some records. */
static void crash_at_point(struct crash_test *test, const char *crash_at, bool repeats)
{
    int exit_status = 0;

    begin(test, crash_at);
    for (int i = 0; i < 5 && exit_status == 0; i++) {
        publish(test, 30);
        tool_ok(bus_step(test->bus, 50, &tool_error));
        (void) waitpid(test->server, &exit_status, WNOHANG);
    }
    if (exit_status == 0)
        (void) waitpid(test->server, &exit_status, 0);
    assert_int_equal(WEXITSTATUS(exit_status), 137);
    test->server = log_process_start(&test->options, NULL);
    if (repeats)
        assert_true(check_all(test) > 0);
    else
        assert_int_equal(check_all(test), 0);
}

static void test_before_write(void **state)
{
    crash_at_point(*state, "log-before-write:3", false);
}

static void test_after_write(void **state)
{
    crash_at_point(*state, "log-after-write:3", true);
}

/* A reader that waits through a restart, and commits that survive it. */
static void test_reader_survives(void **state)
{
    struct crash_test *test = *state;
    struct bus_partition from = {"crash", 0};
    struct bus_reader *reader;
    struct bus_event event;

    begin(test, NULL);
    tool_fill(test->bus, &from, 0, 50);
    reader = tool_reader(test->bus, "stage", &from, NULL);
    tool_read(reader, 0, 50);
    tool_silent(reader); /* a fetch waits at the server */
    tool_ok(bus_reader_commit(reader, 0, 50, SLICE("running"), &tool_error));
    (void) log_process_end(test->server, SIGKILL);
    test->server = log_process_start(&test->options, NULL);
    tool_ok(bus_reader_commit(reader, 0, 50, SLICE("clean"), &tool_error));
    tool_fill(test->bus, &from, 50, 60);
    tool_read(reader, 50, 60);
    bus_reader_close(reader);
    (void) log_process_end(test->server, SIGKILL);
    test->server = log_process_start(&test->options, NULL);
    reader = tool_reader(test->bus, "stage", &from, &event);
    assert_int_equal(event.offset, 50);
    assert_true(slice_equal(event.metadata, SLICE("clean")));
    bus_reader_close(reader);
}

/* An owner from before a restart stays refused after it. */
static void test_owners_survive(void **state)
{
    struct crash_test *test = *state;
    struct bus_partition from = {"crash", 1};
    struct bus_reader *old;
    struct bus_reader *new;

    begin(test, NULL);
    old = tool_reader(test->bus, "stage", &from, NULL);
    new = tool_reader(test->bus, "stage", &from, NULL);
    (void) log_process_end(test->server, SIGKILL);
    test->server = log_process_start(&test->options, NULL);
    tool_fails(STATUS_FENCED, bus_reader_commit(old, 0, 1, SLICE(""), &tool_error));
    tool_ok(bus_reader_commit(new, 0, 2, SLICE(""), &tool_error));
    bus_reader_close(old);
    bus_reader_close(new);
}

/* Clean ends and kills in turn; nothing is lost between buses either. */
static void test_restarts(void **state)
{
    struct crash_test *test = *state;

    begin(test, NULL);
    for (int i = 0; i < 6; i++) {
        publish(test, 100);
        tool_ok(bus_flush(test->bus, TOOL_WAIT_MS, &tool_error));
        (void) log_process_end(test->server, i % 2 == 0 ? SIGTERM : SIGKILL);
        bus_close(test->bus);
        test->server = log_process_start(&test->options, NULL);
        test->bus = open_bus(test);
    }
    assert_int_equal(check_all(test), 0);
}

static void test_nobody_there(void **state)
{
    struct crash_test *test = *state;
    struct bus_options options = {.client = "crash", .timeout_ms = 100};
    char url[LOG_FOLDER_SIZE + 16];
    struct bus_ticket ticket;
    struct bus_message message = {"crash", 0, SLICE("k"), SLICE("v")};

    (void) snprintf(url, sizeof url, "local:%s", test->folder);
    tool_fails(STATUS_TIMEOUT, bus_open(url, &options, &test->bus, &tool_error));
    test->server = log_process_start(&test->options, NULL);
    tool_ok(bus_open(url, &options, &test->bus, &tool_error));
    tool_ok(bus_topic_create(test->bus, "crash", 1, &tool_error));
    tool_ok(bus_publish(test->bus, &message, &ticket, &tool_error));
    tool_ok(bus_flush(test->bus, TOOL_WAIT_MS, &tool_error));
    (void) log_process_end(test->server, SIGKILL);
    test->server = 0;
    /* Gone for longer than the timeout: the bus fails for good. */
    tool_ok(bus_publish(test->bus, &message, &ticket, &tool_error));
    tool_fails(STATUS_TIMEOUT, bus_flush(test->bus, TOOL_WAIT_MS, &tool_error));
    tool_fails(STATUS_TIMEOUT, bus_publish(test->bus, &message, NULL, &tool_error));
    assert_false(ticket.acknowledged);
}

/* The client is there first. */
static void test_late_server(void **state)
{
    struct crash_test *test = *state;
    pid_t starter = fork();

    assert_true(starter >= 0);
    if (starter == 0) {
        pid_t server;
        (void) usleep(200 * 1000);
        server = log_process_start(&test->options, NULL);
        (void) pause();
        (void) log_process_end(server, SIGKILL);
        _exit(0);
    }
    test->bus = open_bus(test);
    tool_ok(bus_topic_create(test->bus, "crash", PARTITIONS, &tool_error));
    publish(test, 10);
    assert_int_equal(check_all(test), 0);
    (void) kill(starter, SIGKILL); /* takes its server with it */
    (void) waitpid(starter, NULL, 0);
}

static void test_second_server(void **state)
{
    struct crash_test *test = *state;
    int exit_status;

    begin(test, NULL);
    exit_status = log_process_end(log_process_start(&test->options, NULL), 0);
    assert_true(WIFEXITED(exit_status));
    assert_int_equal(WEXITSTATUS(exit_status), 1);
    publish(test, 10);
    assert_int_equal(check_all(test), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_kill_seed_1),    TEST(test_kill_seed_2),   TEST(test_kill_sync_always),
        TEST(test_before_write),   TEST(test_after_write),   TEST(test_reader_survives),
        TEST(test_owners_survive), TEST(test_restarts),      TEST(test_nobody_there),
        TEST(test_late_server),    TEST(test_second_server),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
