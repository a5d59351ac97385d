/* Files of an archive: what goes in comes out; whatever is damaged is noticed. */
#include "tests/unit/aggregator/folder.h"

#include "aggregator/archive_file.h"
#include "study/file.h"

#include <stdlib.h>
#include <string.h>

enum { RECORDS = 300 };

static const char *folder;
static char path[128];
static struct error err;

static int set_up(void **state)
{
    (void) state;
    folder = folder_make();
    (void) snprintf(path, sizeof path, "%s/x.zst", folder);
    return 0;
}

static int tear_down(void **state)
{
    (void) state;
    folder_remove(folder);
    return 0;
}

/* Record i: a key of i % 7 bytes, a value of some, both told by i alone. */
static struct bus_record record_of(uint64_t i, char *room)
{
    size_t key = i % 7, value = (i * 37) % 900;

    for (size_t at = 0; at < key + value; at++)
        room[at] = (char) (i * 31 + at * at);
    return (struct bus_record){i * 3, slice_of(room, key), slice_of(room + key, value)};
}

static struct archive_digest write_file(uint64_t count)
{
    struct archive_writer *writer;
    struct archive_digest digest;
    char room[1024];

    assert_int_equal(archive_writer_open(path, &writer, &err), STATUS_OK);
    for (uint64_t i = 0; i < count; i++) {
        const struct bus_record record = record_of(i, room);
        assert_int_equal(archive_writer_put(writer, &record, &err), STATUS_OK);
    }
    assert_int_equal(archive_writer_close(writer, &digest, &err), STATUS_OK);
    assert_int_equal(digest.records, count);
    return digest;
}

/* How many records come before the end or a failure, each as it was written. */
static uint64_t read_file(enum status *status)
{
    struct archive_reader *reader;
    struct bus_record found;
    char room[1024];
    uint64_t count = 0;
    bool more = true;

    *status = archive_reader_open(path, &reader, &err);
    if (*status != STATUS_OK)
        return 0;
    while (*status == STATUS_OK) {
        struct bus_record wanted = record_of(count, room);

        *status = archive_reader_next(reader, &found, &more, &err);
        if (*status != STATUS_OK || !more)
            break;
        assert_int_equal(found.offset, wanted.offset);
        assert_true(slice_equal(found.key, wanted.key));
        assert_true(slice_equal(found.value, wanted.value));
        count++;
    }
    archive_reader_close(reader);
    return count;
}

static void round_trip(void **state)
{
    enum status status;

    (void) state;
    (void) write_file(RECORDS);
    assert_int_equal(read_file(&status), RECORDS);
    assert_int_equal(status, STATUS_OK);
}

static void no_records(void **state)
{
    enum status status;

    (void) state;
    assert_true(write_file(0).bytes > 0);
    assert_int_equal(read_file(&status), 0);
    assert_int_equal(status, STATUS_OK);
}

static void the_digest_is_the_files(void **state)
{
    struct archive_digest written = write_file(RECORDS), found;
    unsigned char sha256[SHA256_SIZE];
    struct arena *arena = arena_create(1 << 24);
    struct slice bytes;

    (void) state;
    assert_int_equal(archive_file_digest(path, &found, &err), STATUS_OK);
    assert_int_equal(found.bytes, written.bytes);
    assert_memory_equal(found.sha256, written.sha256, SHA256_SIZE);
    assert_int_equal(file_read(path, 1 << 23, arena, &bytes, &err), STATUS_OK);
    sha256_of(bytes, sha256);
    assert_int_equal(bytes.size, written.bytes);
    assert_memory_equal(sha256, written.sha256, SHA256_SIZE);
    arena_destroy(arena);
}

static void rewrite(struct slice bytes)
{
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes.data, 1, bytes.size, file), bytes.size);
    assert_int_equal(fclose(file), 0);
}

/* Every cut that takes something away is told, and none reads beyond what is there. */
static void cut_off(void **state)
{
    struct arena *arena = arena_create(1 << 24);
    struct slice bytes;
    enum status status;

    (void) state;
    (void) write_file(20);
    assert_int_equal(file_read(path, 1 << 23, arena, &bytes, &err), STATUS_OK);
    for (size_t size = 0; size < bytes.size; size += size < 50 ? 1 : 97) {
        rewrite(slice_sub(bytes, 0, size));
        assert_true(read_file(&status) <= 20);
        assert_int_equal(status, STATUS_CORRUPT);
        assert_non_null(strstr(err.message, "x.zst"));
    }
    arena_destroy(arena);
}

static void a_flipped_bit(void **state)
{
    struct arena *arena = arena_create(1 << 24);
    struct archive_digest written = write_file(20), found;
    struct slice bytes;

    (void) state;
    assert_int_equal(file_read(path, 1 << 23, arena, &bytes, &err), STATUS_OK);
    for (size_t at = 0; at < bytes.size; at += 61) {
        char *byte = (char *) (uintptr_t) &bytes.data[at];

        *byte = (char) (*byte ^ 4);
        rewrite(bytes);
        *byte = (char) (*byte ^ 4);
        assert_int_equal(archive_file_digest(path, &found, &err), STATUS_OK);
        assert_memory_not_equal(found.sha256, written.sha256, SHA256_SIZE);
    }
    arena_destroy(arena);
}

/* The head of a record promises more than a bus ever holds. */
static void sizes_that_cannot_be(void **state)
{
    struct bus_record record = {0, SLICE(""), SLICE("value")};
    struct archive_writer *writer;
    struct archive_digest digest;
    char *huge = calloc(1, (size_t) BUS_RECORD_MAX + 1);

    (void) state;
    assert_non_null(huge);
    assert_int_equal(archive_writer_open(path, &writer, &err), STATUS_OK);
    record.value = slice_of(huge, (size_t) BUS_RECORD_MAX + 1);
    assert_int_equal(archive_writer_put(writer, &record, &err), STATUS_TOO_LARGE);
    record.value = slice_of(huge, BUS_RECORD_MAX);
    assert_int_equal(archive_writer_put(writer, &record, &err), STATUS_OK);
    assert_int_equal(archive_writer_close(writer, &digest, &err), STATUS_OK);
    assert_int_equal(digest.records, 1);
    free(huge);
}

static void files_that_are_not_there_or_are(void **state)
{
    struct archive_writer *writer;
    struct archive_digest digest;
    enum status status;

    (void) state;
    assert_int_equal(archive_file_digest(path, &digest, &err), STATUS_NOT_FOUND);
    (void) read_file(&status);
    assert_int_equal(status, STATUS_NOT_FOUND);
    (void) write_file(1);
    assert_int_not_equal(archive_writer_open(path, &writer, &err), STATUS_OK);
    archive_writer_abort(NULL);
    archive_reader_close(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(round_trip),
        TEST(no_records),
        TEST(the_digest_is_the_files),
        TEST(cut_off),
        TEST(a_flipped_bit),
        TEST(sizes_that_cannot_be),
        TEST(files_that_are_not_there_or_are),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
