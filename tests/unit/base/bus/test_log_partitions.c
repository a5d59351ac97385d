#define _XOPEN_SOURCE 700 /* nftw */

#include "base/bus/log_batch.h"
#include "base/bus/log_partitions.h"
#include "base/util/random.h"
#include "tests/support/cmocka_all.h"

#include <dirent.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MEMORY = 1024 * 1024, CUT_APPENDS = 30 };

static char folder[128];
static struct log_partitions *the_log;
static struct error err;

static const struct bus_partition part0 = {"topic", 0};
static const struct bus_partition part1 = {"topic", 1};

static void reopen(void)
{
    log_partitions_close(the_log);
    the_log = NULL;
    assert_int_equal(log_partitions_open(folder, MEMORY, &the_log, &err), STATUS_OK);
}

static int setup(void **state)
{
    (void) state;
    (void) snprintf(folder, sizeof folder, "/tmp/xunfang-log-XXXXXX");
    if (mkdtemp(folder) == NULL)
        return -1;
    the_log = NULL;
    reopen();
    return 0;
}

static int remove_entry(const char *path, const struct stat *info, int kind, struct FTW *walk)
{
    (void) info;
    (void) kind;
    (void) walk;
    return remove(path);
}

static int teardown(void **state)
{
    (void) state;
    log_partitions_close(the_log);
    return nftw(folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

static void create(const char *topic, uint32_t partitions)
{
    assert_int_equal(log_partitions_create(the_log, slice_from(topic), partitions, &err),
                     STATUS_OK);
}

static void write_group(void)
{
    assert_int_equal(log_partitions_write(the_log, false, &err), STATUS_OK);
    assert_int_equal(log_partitions_pending(the_log), 0);
}

/* Appends `count` records that carry their offsets; returns the first offset. */
static uint64_t append(const struct bus_partition *to, uint32_t count, size_t size)
{
    char *value = calloc(1, size);
    struct log_records records = {.count = count};
    struct buf batch;
    uint64_t first = 0;
    uint64_t end;

    assert_non_null(value);
    assert_int_equal(log_partitions_end(the_log, to, &end, &err), STATUS_OK);
    buf_init(&batch, SIZE_MAX / 2);
    for (uint32_t i = 0; i < count; i++) {
        uint64_t number = end + i;
        log_batch_put(&batch, slice_of(&number, sizeof number), slice_of(value, size));
    }
    records.bytes = buf_slice(&batch);
    assert_int_equal(log_partitions_append(the_log, to, records, &first, &err), STATUS_OK);
    assert_int_equal(first, end);
    buf_fini(&batch);
    free(value);
    return first;
}

static uint64_t end_of(const struct bus_partition *partition)
{
    uint64_t end = 0;

    assert_int_equal(log_partitions_end(the_log, partition, &end, &err), STATUS_OK);
    return end;
}

/* Reads from `offset` with the limit `max` and checks the records; returns how many came. */
static uint32_t read_some(const struct bus_partition *from, uint64_t offset, size_t max)
{
    struct log_read want = {.partition = *from, .offset = offset, .max = max};
    struct buf out;
    struct slice rest;
    struct slice key;
    struct slice value;
    uint32_t count = 99;

    buf_init(&out, SIZE_MAX / 2);
    assert_int_equal(log_partitions_read(the_log, &want, &out, &count, &err), STATUS_OK);
    rest = buf_slice(&out);
    for (uint32_t i = 0; i < count; i++) {
        uint64_t number = offset + i;
        assert_true(log_batch_next(&rest, &key, &value));
        assert_true(slice_equal(key, slice_of(&number, sizeof number)));
    }
    assert_int_equal(rest.size, 0);
    assert_true(out.size <= max || count == 1);
    buf_fini(&out);
    return count;
}

static void test_append_and_read(void **state)
{
    (void) state;
    create("topic", 2);
    append(&part0, 3, 10);
    append(&part0, 1, 10);
    append(&part1, 5, 10);
    append(&part0, 6, 10);
    write_group();
    assert_int_equal(end_of(&part0), 10);
    assert_int_equal(end_of(&part1), 5);
    for (int i = 0; i < 2; i++) {
        for (uint64_t offset = 0; offset < 10; offset++)
            assert_int_equal(read_some(&part0, offset, 1000), 10 - offset);
        assert_int_equal(read_some(&part0, 10, 1000), 0);
        assert_int_equal(read_some(&part0, 11, 1000), 0);
        assert_int_equal(read_some(&part1, 4, 1000), 1);
        reopen();
    }
}

/* Whole records up to the limit, across and inside of chunks, but always one. */
static void test_read_limits(void **state)
{
    size_t record = LOG_RECORD_HEAD + 8 + 10;

    (void) state;
    create("topic", 1);
    append(&part0, 4, 10);
    append(&part0, 4, 10);
    append(&part0, 1, 5000);
    append(&part0, 1, 10);
    write_group();
    assert_int_equal(read_some(&part0, 0, 0), 1);
    assert_int_equal(read_some(&part0, 0, record), 1);
    assert_int_equal(read_some(&part0, 0, 2 * record - 1), 1);
    assert_int_equal(read_some(&part0, 0, 2 * record), 2);
    assert_int_equal(read_some(&part0, 2, 3 * record), 3);
    assert_int_equal(read_some(&part0, 5, 1000), 3);
    assert_int_equal(read_some(&part0, 8, 1000), 1);
    assert_int_equal(read_some(&part0, 8, 6000), 2);
    assert_int_equal(read_some(&part0, 0, 6000), 10);
}

/* What other partitions gave before counts against a full reply. */
static void test_read_into_rest(void **state)
{
    struct log_read want = {.partition = part0, .offset = 0, .max = 30};
    struct buf out;
    uint32_t count = 99;

    (void) state;
    create("topic", 1);
    append(&part0, 2, 100);
    write_group();
    buf_init(&out, 1000);
    buf_puts(&out, "before");
    assert_int_equal(log_partitions_read(the_log, &want, &out, &count, &err), STATUS_OK);
    assert_int_equal(count, 0);
    assert_string_equal(buf_text(&out), "before");
    want.max = 120;
    assert_int_equal(log_partitions_read(the_log, &want, &out, &count, &err), STATUS_OK);
    assert_int_equal(count, 1);
    buf_fini(&out);
}

static void test_unwritten_is_forgotten(void **state)
{
    struct log_claim claim;

    (void) state;
    create("topic", 1);
    append(&part0, 3, 10);
    write_group();
    append(&part0, 2, 10);
    create("other", 1);
    assert_int_equal(log_partitions_take(the_log, &part0, SLICE("s"), &claim, &err), STATUS_OK);
    assert_true(log_partitions_pending(the_log) > 0);
    reopen();
    assert_int_equal(end_of(&part0), 3);
    assert_int_equal(log_partitions_count(the_log, SLICE("other"), &(uint32_t){0}, &err),
                     STATUS_NOT_FOUND);
    assert_int_equal(append(&part0, 1, 10), 3);
    assert_int_equal(log_partitions_claim(the_log, &part0, SLICE("s"), &claim, &err), STATUS_OK);
    assert_int_equal(claim.owner, 0);
}

static void test_topics(void **state)
{
    uint32_t count = 0;
    struct bus_partition third = {"topic", 2};
    struct bus_partition nowhere = {"nowhere", 0};
    uint64_t end;

    (void) state;
    create("topic", 2);
    create("topic", 2);
    assert_int_equal(log_partitions_create(the_log, SLICE("topic"), 3, &err), STATUS_INVALID);
    assert_non_null(strstr(err.message, "has 2 partitions, not 3"));
    assert_int_equal(log_partitions_create(the_log, SLICE(""), 1, &err), STATUS_INVALID);
    assert_int_equal(log_partitions_create(the_log, SLICE("x"), 0, &err), STATUS_INVALID);
    assert_int_equal(log_partitions_create(the_log, SLICE("x"), BUS_PARTITIONS_MAX + 1, &err),
                     STATUS_INVALID);
    write_group();
    reopen();
    assert_int_equal(log_partitions_count(the_log, SLICE("topic"), &count, &err), STATUS_OK);
    assert_int_equal(count, 2);
    assert_int_equal(log_partitions_end(the_log, &third, &end, &err), STATUS_NOT_FOUND);
    assert_int_equal(log_partitions_end(the_log, &nowhere, &end, &err), STATUS_NOT_FOUND);
}

static void sweep_all(void)
{
    bool more = true;

    for (int i = 0; more; i++) {
        assert_true(i < 1000);
        assert_int_equal(log_partitions_sweep(the_log, &more, &err), STATUS_OK);
    }
}

/* A topic of the same name starts afresh, before, during and after the old one's keys go. */
static void test_delete(void **state)
{
    struct log_claim claim;

    (void) state;
    create("topic", 2);
    create("kept", 1);
    for (int i = 0; i < 700; i++)
        append(i % 2 == 0 ? &part0 : &part1, 1, 10);
    assert_int_equal(append(&(struct bus_partition){"kept", 0}, 5, 10), 0);
    assert_int_equal(log_partitions_take(the_log, &part0, SLICE("s"), &claim, &err), STATUS_OK);
    write_group();
    log_partitions_delete(the_log, SLICE("topic"));
    log_partitions_delete(the_log, SLICE("topic"));
    create("topic", 1);
    append(&part0, 2, 10);
    write_group();
    assert_int_equal(read_some(&part0, 0, 1000), 2);
    reopen();
    assert_int_equal(log_partitions_sweep(the_log, &(bool){false}, &err), STATUS_OK);
    assert_int_equal(end_of(&part0), 2);
    reopen();
    sweep_all();
    assert_int_equal(read_some(&part0, 0, 1000), 2);
    assert_int_equal(read_some(&(struct bus_partition){"kept", 0}, 0, 1000), 5);
    assert_int_equal(log_partitions_claim(the_log, &part0, SLICE("s"), &claim, &err), STATUS_OK);
    assert_int_equal(claim.owner, 0);
    assert_false(claim.committed);
}

static void test_claims(void **state)
{
    struct log_claim claim;
    struct log_claim mine = {.owner = 1, .committed = true, .offset = 7, .metadata_size = 3};

    (void) state;
    memcpy(mine.metadata, "try", 3);
    create("topic", 2);
    assert_int_equal(log_partitions_commit(the_log, &part0, SLICE("s"), &mine, &err),
                     STATUS_FENCED);
    assert_int_equal(log_partitions_take(the_log, &part0, SLICE("s"), &claim, &err), STATUS_OK);
    assert_int_equal(claim.owner, 1);
    assert_false(claim.committed);
    assert_int_equal(log_partitions_commit(the_log, &part0, SLICE("s"), &mine, &err), STATUS_OK);
    write_group();
    reopen();
    assert_int_equal(log_partitions_take(the_log, &part0, SLICE("s"), &claim, &err), STATUS_OK);
    assert_int_equal(claim.owner, 2);
    assert_int_equal(claim.offset, 7);
    assert_true(claim.committed);
    assert_true(slice_equal(slice_of(claim.metadata, claim.metadata_size), SLICE("try")));
    assert_int_equal(log_partitions_commit(the_log, &part0, SLICE("s"), &mine, &err),
                     STATUS_FENCED);
    assert_int_equal(log_partitions_claim(the_log, &part1, SLICE("s"), &claim, &err), STATUS_OK);
    assert_int_equal(claim.owner, 0);
    assert_int_equal(log_partitions_claim(the_log, &part0, SLICE("s2"), &claim, &err), STATUS_OK);
    assert_int_equal(claim.owner, 0);
    assert_int_equal(log_partitions_take(the_log, &part0, SLICE(""), &claim, &err), STATUS_INVALID);
}

/* Random appends, writes, crashes and reads against a count of what was written. */
static void test_model(void **state)
{
    struct random random;
    uint64_t written[2] = {0, 0};

    (void) state;
    random_init(&random, 9);
    create("topic", 2);
    write_group();
    for (int i = 0; i < 600; i++) {
        uint32_t which = (uint32_t) random_below(&random, 2);
        const struct bus_partition *at = which == 0 ? &part0 : &part1;
        append(at, (uint32_t) random_below(&random, 20) + 1, random_below(&random, 300));
        if (random_chance(&random, 500)) {
            write_group();
            written[0] = end_of(&part0);
            written[1] = end_of(&part1);
        }
        if (random_chance(&random, 30))
            reopen();
        if (random_chance(&random, 300) && log_partitions_pending(the_log) == 0) {
            uint64_t from = random_below(&random, written[which] + 2);
            uint32_t count = read_some(at, from, random_below(&random, 5000));
            assert_int_equal(count > 0, from < written[which]);
        }
    }
    reopen();
    assert_int_equal(end_of(&part0), written[0]);
    assert_int_equal(end_of(&part1), written[1]);
    for (uint64_t at = 0; at < written[1];)
        at += read_some(&part1, at, 100 * 1000);
}

static void test_second(void **state)
{
    struct log_partitions *second = NULL;

    (void) state;
    assert_int_equal(log_partitions_open(folder, MEMORY, &second, &err), STATUS_BUSY);
    assert_null(second);
    assert_int_equal(log_partitions_sync(the_log, &err), STATUS_OK);
}

/* Appends runs of 1, 2, 3, … records in a process that dies without closing. */
static void append_and_die(void)
{
    pid_t pid = fork();
    int exit_status;

    assert_true(pid >= 0);
    if (pid == 0) {
        struct log_claim claim;
        reopen();
        create("topic", 2);
        for (uint32_t i = 1; i <= CUT_APPENDS; i++) {
            append(i % 2 == 0 ? &part0 : &part1, i, 40);
            if (i == 3)
                status_ignore(log_partitions_take(the_log, &part0, SLICE("s"), &claim, &err));
            write_group();
        }
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &exit_status, 0), pid);
    assert_int_equal(exit_status, 0);
}

/* The newest write-ahead log. */
static void find_wal(char path[512])
{
    DIR *entries = opendir(folder);
    struct dirent *entry;

    assert_non_null(entries);
    path[0] = '\0';
    while ((entry = readdir(entries)) != NULL) {
        char name[512];
        (void) snprintf(name, sizeof name, "%s/%s", folder, entry->d_name);
        if (slice_ends(slice_from(name), SLICE(".log")) && strcmp(name, path) > 0)
            (void) snprintf(path, 512, "%s", name);
    }
    (void) closedir(entries);
    assert_true(path[0] != '\0');
}

/* A power cut takes any number of bytes off the tail: what is left is a prefix of the appends,
 * without a gap, readable to its end, and new records go on from there. */
static void test_cut_tail(void **state)
{
    uint64_t before = UINT64_MAX;
    size_t cut = 0;
    bool empty = false;

    (void) state;
    for (int i = 0; !empty; i++, cut += i < 10 ? 5 : 2000) {
        char path[512];
        struct stat info;
        uint64_t ends[2] = {0, 0};
        (void) teardown(NULL);
        the_log = NULL;
        assert_int_equal(mkdir(folder, 0700), 0);
        append_and_die();
        find_wal(path);
        assert_int_equal(stat(path, &info), 0);
        empty = (size_t) info.st_size <= cut;
        assert_int_equal(truncate(path, empty ? 0 : info.st_size - (off_t) cut), 0);
        reopen();
        if (log_partitions_end(the_log, &part0, &ends[0], &err) != STATUS_OK)
            create("topic", 2); /* cut before the topic */
        ends[1] = end_of(&part1);
        assert_true(ends[0] + ends[1] <= before);
        before = ends[0] + ends[1];
        assert_int_equal(read_some(&part0, 0, 1 << 20), ends[0]);
        assert_int_equal(read_some(&part1, 0, 1 << 20), ends[1]);
        assert_int_equal(append(&part0, 2, 10), ends[0]);
        write_group();
        assert_int_equal(read_some(&part0, 0, 1 << 20), ends[0] + 2);
    }
    assert_int_equal(before, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_append_and_read), TEST(test_read_limits),
        TEST(test_read_into_rest),  TEST(test_unwritten_is_forgotten),
        TEST(test_topics),          TEST(test_delete),
        TEST(test_claims),          TEST(test_model),
        TEST(test_second),          TEST(test_cut_tail),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
