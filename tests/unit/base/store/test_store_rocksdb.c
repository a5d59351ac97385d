/* What the store contract cannot ask of a store in memory: files, locks, damage. */
#define _XOPEN_SOURCE 700 /* nftw */

#include "base/store/store.h"
#include "tests/support/cmocka_all.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATH_SIZE = 512, KEYS = 40 };

static char folder[PATH_SIZE];

static int setup(void **state)
{
    (void) state;
    (void) snprintf(folder, sizeof folder, "/tmp/xunfang-store-XXXXXX");
    return mkdtemp(folder) == NULL ? -1 : 0;
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
    return nftw(folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

static const char *inside(const char *name)
{
    static char path[2 * PATH_SIZE];

    (void) snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void put(struct store *store, unsigned number, bool sync)
{
    struct store_batch *batch = store_batch_create(store);
    char key[16];

    (void) snprintf(key, sizeof key, "key %02u", number);
    store_batch_put(batch, slice_from(key), SLICE("some value"));
    assert_int_equal(store_commit(batch, sync, NULL), STATUS_OK);
    store_batch_destroy(batch);
}

/* Writes KEYS keys in a process that dies without closing. */
static void fill_and_die(const char *path)
{
    pid_t pid = fork();
    int exit_status;

    assert_true(pid >= 0);
    if (pid == 0) {
        struct store *store = NULL;
        if (store_open(path, NULL, &store, NULL) != STATUS_OK)
            _exit(1);
        for (unsigned i = 0; i < KEYS; i++)
            put(store, i, false);
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &exit_status, 0), pid);
    assert_int_equal(exit_status, 0);
}

/* How many keys there are; they must be the first ones. */
static unsigned count_keys(struct store *store)
{
    struct store_scan *scan =
        store_scan_open(store, NULL, (struct slice){NULL, 0}, (struct slice){NULL, 0});
    struct slice key;
    struct slice value;
    unsigned count = 0;

    while (store_scan_next(scan, &key, &value)) {
        char expected[16];
        (void) snprintf(expected, sizeof expected, "key %02u", count++);
        assert_true(slice_equal(key, slice_from(expected)));
    }
    assert_int_equal(store_scan_close(scan, NULL), STATUS_OK);
    return count;
}

/* The path of the only file with this ending. */
static void find_file(const char *path, const char *ending, char *found, size_t size)
{
    DIR *entries = opendir(path);
    struct dirent *entry;

    assert_non_null(entries);
    found[0] = '\0';
    while ((entry = readdir(entries)) != NULL)
        if (slice_ends(slice_from(entry->d_name), slice_from(ending)))
            (void) snprintf(found, size, "%s/%s", path, entry->d_name);
    (void) closedir(entries);
    assert_true(found[0] != '\0');
}

static void test_makes_folders(void **state)
{
    struct store *store = NULL;
    struct stat info;

    (void) state;
    assert_int_equal(store_open(inside("a/b/c"), NULL, &store, NULL), STATUS_OK);
    put(store, 0, true);
    store_close(store);
    assert_int_equal(stat(inside("a/b"), &info), 0);
    assert_int_equal(info.st_mode & 0777, 0700);
}

static void test_locked(void **state)
{
    struct store *store = NULL;
    struct store *second = NULL;
    struct error err;

    (void) state;
    assert_int_equal(store_open(inside("s"), NULL, &store, NULL), STATUS_OK);
    assert_int_equal(store_open(inside("s"), NULL, &second, &err), STATUS_BUSY);
    assert_null(second);
    assert_non_null(strstr(err.message, "in use by another process"));
    assert_non_null(strstr(err.message, folder));
    store_close(store);
    assert_int_equal(store_open(inside("s"), NULL, &second, &err), STATUS_OK);
    store_close(second);
}

static void test_bad_paths(void **state)
{
    char long_path[5000];
    struct store *store = NULL;
    struct error err;
    FILE *file = fopen(inside("file"), "w");

    (void) state;
    assert_non_null(file);
    (void) fclose(file);
    assert_int_equal(store_open(inside("file/store"), NULL, &store, &err), STATUS_IO);
    assert_non_null(strstr(err.message, "file"));
    memset(long_path, 'p', sizeof long_path);
    long_path[sizeof long_path - 1] = '\0';
    assert_int_equal(store_open(long_path, NULL, &store, &err), STATUS_INVALID);
    assert_int_equal(store_open("", NULL, &store, &err), STATUS_USAGE);
    assert_null(store);
}

static void test_killed(void **state)
{
    struct store *store = NULL;

    (void) state;
    fill_and_die(inside("s"));
    assert_int_equal(store_open(inside("s"), NULL, &store, NULL), STATUS_OK);
    assert_int_equal(count_keys(store), KEYS);
    store_close(store);
}

static void write_file(const char *path, const char *bytes, size_t size)
{
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    assert_true(file >= 0);
    assert_int_equal(write(file, bytes, size), size);
    (void) close(file);
}

static size_t read_file(const char *path, char *bytes, size_t room)
{
    int file = open(path, O_RDONLY);
    ssize_t size;

    assert_true(file >= 0);
    size = read(file, bytes, room);
    assert_true(size >= 0);
    (void) close(file);
    return (size_t) size;
}

/* A write-ahead log cut anywhere opens and has lost a suffix of the commits, nothing from the
 * middle. */
static void test_cut_log(void **state)
{
    static char bytes[64 * 1024];
    char log[PATH_SIZE];
    unsigned before = KEYS;
    size_t size;

    (void) state;
    fill_and_die(inside("s"));
    find_file(inside("s"), ".log", log, sizeof log);
    size = read_file(log, bytes, sizeof bytes);
    assert_true(size > KEYS * 16);
    for (size_t cut = 0; cut < size; cut += cut < 100 ? 9 : 150) {
        struct store *store = NULL;
        unsigned found;
        (void) teardown(NULL);
        assert_int_equal(mkdir(folder, 0700), 0);
        fill_and_die(inside("s"));
        find_file(inside("s"), ".log", log, sizeof log);
        write_file(log, bytes, size - cut);
        assert_int_equal(store_open(inside("s"), NULL, &store, NULL), STATUS_OK);
        found = count_keys(store);
        assert_true(found <= before);
        before = found;
        put(store, found, false); /* and it goes on from there */
        assert_int_equal(count_keys(store), found + 1);
        store_close(store);
    }
    assert_true(before < 3);
}

/* A flipped bit in a table is found when the block is read, and no wrong data comes out. */
static void test_flipped_bit(void **state)
{
    static char bytes[64 * 1024];
    char table[PATH_SIZE];
    struct store *store = NULL;
    struct buf value;
    enum status status;
    size_t size;

    (void) state;
    fill_and_die(inside("s"));
    assert_int_equal(store_open(inside("s"), NULL, &store, NULL), STATUS_OK); /* writes a table */
    store_close(store);
    find_file(inside("s"), ".sst", table, sizeof table);
    size = read_file(table, bytes, sizeof bytes);
    bytes[20] ^= 4;
    write_file(table, bytes, size);
    buf_init(&value, 1000);
    status = store_open(inside("s"), NULL, &store, NULL);
    if (status == STATUS_OK) {
        status = store_get(store, SLICE("key 00"), &value, NULL);
        store_close(store);
    }
    assert_int_equal(status, STATUS_CORRUPT);
    buf_fini(&value);
}

static size_t folder_bytes(const char *path, const char *ending)
{
    DIR *entries = opendir(path);
    struct dirent *entry;
    struct stat info;
    char name[2 * PATH_SIZE];
    size_t bytes = 0;

    assert_non_null(entries);
    while ((entry = readdir(entries)) != NULL) {
        (void) snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
        if (slice_ends(slice_from(entry->d_name), slice_from(ending)) && stat(name, &info) == 0)
            bytes += (size_t) info.st_size;
    }
    (void) closedir(entries);
    return bytes;
}

/* Large values go to blob files, compressed, and come back. */
static void test_blobs(void **state)
{
    struct store_options options = {
        .memory_bytes = 1024 * 1024, .blob_min_bytes = 1000, .compress = true};
    size_t size = 100 * 1000;
    char *large = malloc(size);
    struct store *store = NULL;
    struct store_batch *batch;
    struct buf value;

    (void) state;
    assert_non_null(large);
    memset(large, 'x', size);
    assert_int_equal(store_open(inside("s"), &options, &store, NULL), STATUS_OK);
    batch = store_batch_create(store);
    for (unsigned i = 0; i < 100; i++) {
        char key[16];
        (void) snprintf(key, sizeof key, "%u", i);
        store_batch_put(batch, slice_from(key), slice_of(large, size));
        assert_int_equal(store_commit(batch, false, NULL), STATUS_OK);
    }
    store_batch_destroy(batch);
    store_close(store);
    assert_int_equal(store_open(inside("s"), &options, &store, NULL), STATUS_OK);
    assert_in_range(folder_bytes(inside("s"), ".blob"), 1, 100 * size / 10);
    buf_init(&value, size);
    assert_int_equal(store_get(store, SLICE("77"), &value, NULL), STATUS_OK);
    assert_true(slice_equal(buf_slice(&value), slice_of(large, size)));
    buf_fini(&value);
    store_close(store);
    free(large);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_makes_folders), TEST(test_locked), TEST(test_bad_paths),   TEST(test_killed),
        TEST(test_cut_log),       TEST(test_blobs),  TEST(test_flipped_bit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
