/* A full disk, for real: the log server in a small file system of its own. Skipped where this user
 * may not mount one. */
#define _GNU_SOURCE /* unshare */

#include "base/util/random.h"
#include "tests/contract/bus_tools.h"
#include "tests/contract/log_process.h"
#include "tests/support/cmocka_all.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

enum { RECORD_BYTES = 64 * 1024, RECORDS_MAX = 4000, FILLER_BYTES = 24 * 1024 * 1024, TRIES = 500 };

static const struct bus_partition part0 = {"disk", 0};

struct disk_test {
    char folder[LOG_FOLDER_SIZE];
    struct log_server_options options;
    pid_t server;
    struct bus *bus;
    struct bus_ticket tickets[RECORDS_MAX];
    size_t published;
};

static bool may_mount;

static bool write_text(const char *path, const char *text)
{
    int file = open(path, O_WRONLY);
    bool done = file >= 0 && write(file, text, strlen(text)) == (ssize_t) strlen(text);

    if (file >= 0)
        (void) close(file);
    return done;
}

/* A mount namespace of our own, so that nothing is left behind whatever happens. */
static bool enter_namespace(void)
{
    char map[64];

    (void) snprintf(map, sizeof map, "0 %d 1", (int) getuid());
    if (unshare(CLONE_NEWNS) != 0 &&
        (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0 || !write_text("/proc/self/uid_map", map)))
        return false;
    return mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
}

static int setup(void **state)
{
    struct disk_test *test = calloc(1, sizeof *test);

    if (test == NULL)
        return -1;
    log_folder_make(test->folder);
    if (may_mount && mount("none", test->folder, "tmpfs", 0, "size=56m") != 0)
        may_mount = false;
    test->options = (struct log_server_options){.data = test->folder, .memory_bytes = 2 << 20};
    *state = test;
    return 0;
}

static int teardown(void **state)
{
    struct disk_test *test = *state;

    bus_close(test->bus);
    if (test->server > 0)
        (void) log_process_end(test->server, SIGKILL);
    (void) umount(test->folder);
    log_folder_remove(test->folder);
    free(test);
    return 0;
}

static enum status open_bus(struct disk_test *test)
{
    struct bus_options options = {.client = "disk", .timeout_ms = TOOL_WAIT_MS};
    char url[LOG_FOLDER_SIZE + 16];

    bus_close(test->bus);
    test->bus = NULL;
    (void) snprintf(url, sizeof url, "local:%s", test->folder);
    return bus_open(url, &options, &test->bus, &tool_error);
}

/* Writes a file that takes up space, or removes it. */
static void fill_disk(struct disk_test *test, bool fill)
{
    static const char zeros[1024 * 1024];
    char path[LOG_FOLDER_SIZE + 16];
    int file;

    (void) snprintf(path, sizeof path, "%s/filler", test->folder);
    if (!fill) {
        assert_int_equal(unlink(path), 0);
        return;
    }
    file = open(path, O_WRONLY | O_CREAT, 0600);
    assert_true(file >= 0);
    for (int i = 0; i < FILLER_BYTES; i += (int) sizeof zeros)
        assert_int_equal(write(file, zeros, sizeof zeros), sizeof zeros);
    (void) close(file);
}

/* Publishes records that do not compress, until `most` of them or a failure. */
static enum status publish(struct disk_test *test, size_t most)
{
    static char value[RECORD_BYTES];
    struct random random;
    enum status status = STATUS_OK;

    random_init(&random, 3);
    for (size_t i = 0; i + 8 <= sizeof value; i += 8) {
        uint64_t noise = random_next(&random);
        memcpy(value + i, &noise, sizeof noise);
    }
    for (size_t i = 0; i < most && status == STATUS_OK; i++) {
        uint64_t number = test->published;
        struct bus_message message = {"disk", 0, slice_of(&number, sizeof number),
                                      slice_of(value, sizeof value)};
        assert_true(test->published < RECORDS_MAX);
        status = bus_publish(test->bus, &message, &test->tickets[number], &tool_error);
        if (status == STATUS_OK)
            test->published++;
        if (status == STATUS_OK)
            status = bus_flush(test->bus, TOOL_WAIT_MS, &tool_error);
    }
    return status;
}

/* Every acknowledged record stands where its ticket says. */
static void check_acknowledged(struct disk_test *test)
{
    struct bus_reader *reader = tool_reader(test->bus, NULL, &part0, NULL);

    for (size_t i = 0; i < test->published; i += i + 20 < test->published ? 7 : 1) {
        struct bus_event event;
        uint64_t number = i;
        if (!test->tickets[i].acknowledged)
            continue;
        tool_ok(bus_reader_seek(reader, 0, test->tickets[i].offset, &tool_error));
        event = tool_event(reader);
        assert_int_equal(event.records[0].offset, test->tickets[i].offset);
        assert_true(slice_equal(event.records[0].key, slice_of(&number, sizeof number)));
    }
    bus_reader_close(reader);
}

static void until_full(struct disk_test *test)
{
    fill_disk(test, true);
    test->server = log_process_start(&test->options, NULL);
    tool_ok(open_bus(test));
    tool_ok(bus_topic_create(test->bus, "disk", 1, &tool_error));
    tool_ok(publish(test, 10));
    tool_fails(STATUS_DISK_FULL, publish(test, RECORDS_MAX));
    assert_non_null(strstr(tool_error.message, test->folder));
    assert_false(test->tickets[test->published - 1].acknowledged);
    tool_fails(STATUS_DISK_FULL, publish(test, 1)); /* the bus has failed for good */
    assert_int_equal(waitpid(test->server, NULL, WNOHANG), 0);
}

static void after_room(struct disk_test *test)
{
    enum status status = STATUS_DISK_FULL;

    fill_disk(test, false);
    for (int i = 0; i < TRIES && status == STATUS_DISK_FULL; i++) {
        status = open_bus(test);
        if (status == STATUS_OK)
            status = publish(test, 1);
        if (status != STATUS_OK)
            (void) usleep(10 * 1000);
    }
    tool_ok(status);
    tool_ok(publish(test, 20));
    check_acknowledged(test);
    assert_int_equal(waitpid(test->server, NULL, WNOHANG), 0); /* it never went away */
    (void) log_process_end(test->server, SIGKILL);
    test->server = log_process_start(&test->options, NULL);
    tool_ok(open_bus(test));
    check_acknowledged(test);
}

/* The usual course: the server refuses in good time, and what exists stays readable. */
static void test_refused_in_time(void **state)
{
    struct disk_test *test = *state;

    if (!may_mount)
        skip();
    test->options.space_min = 8 << 20;
    until_full(test);
    tool_ok(open_bus(test));
    check_acknowledged(test);
    after_room(test);
}

/* The disk is full in the middle of a write: nothing of it is acknowledged, the store is opened
 * again. */
static void test_failed_write(void **state)
{
    struct disk_test *test = *state;

    if (!may_mount)
        skip();
    test->options.space_min = 1;
    until_full(test);
    after_room(test);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_refused_in_time, setup, teardown),
        cmocka_unit_test_setup_teardown(test_failed_write, setup, teardown),
    };

    may_mount = enter_namespace();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
