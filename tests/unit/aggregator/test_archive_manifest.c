/* The manifest of an archive: read back as written; what was changed or made up is refused. */
#include "tests/unit/aggregator/folder.h"

#include "aggregator/archive_manifest.h"
#include "study/file.h"

#include <string.h>

#define HASH "0000000000000000000000000000000000000000000000000000000000000000"

static const char *folder;
static char place[128]; /* of the archive, in the folder */
static struct error err;
static struct archive_manifest manifest;

static int set_up(void **state)
{
    (void) state;
    folder = folder_make();
    (void) snprintf(place, sizeof place, "%s/archive", folder);
    archive_manifest_init(&manifest);
    return 0;
}

static int tear_down(void **state)
{
    (void) state;
    archive_manifest_fini(&manifest);
    folder_remove(folder);
    return 0;
}

static void add_file(struct output_folder *output, const char *topic, uint32_t partition,
                     uint64_t records)
{
    char name[ARCHIVE_NAME_MAX];
    const struct bus_record record = {7, SLICE("key"), SLICE("value")};
    struct archive_writer *writer;
    struct archive_digest digest;
    struct buf path;

    buf_init(&path, 4096);
    assert_int_equal(output_path(output, archive_name(topic, partition, name), &path, &err),
                     STATUS_OK);
    assert_int_equal(archive_writer_open(buf_text(&path), &writer, &err), STATUS_OK);
    for (uint64_t i = 0; i < records; i++)
        assert_int_equal(archive_writer_put(writer, &record, &err), STATUS_OK);
    assert_int_equal(archive_writer_close(writer, &digest, &err), STATUS_OK);
    assert_int_equal(archive_manifest_add(&manifest, topic, partition, &digest, &err), STATUS_OK);
    buf_fini(&path);
}

static void write_archive(void)
{
    struct output_folder *output;

    assert_int_equal(output_begin_new(place, &output, &err), STATUS_OK);
    (void) snprintf(manifest.job, sizeof manifest.job, "job");
    add_file(output, "control", 0, 2);
    add_file(output, "urls", 0, 1);
    add_file(output, "urls", 1, 0);
    add_file(output, "job.main.reports", 0, 3);
    assert_int_equal(archive_manifest_write(&manifest, output, &err), STATUS_OK);
    assert_int_equal(output_commit(output, &err), STATUS_OK);
    archive_manifest_fini(&manifest);
    archive_manifest_init(&manifest);
}

static void read_back(void **state)
{
    struct buf findings;

    (void) state;
    write_archive();
    assert_int_equal(archive_manifest_read(place, &manifest, &err), STATUS_OK);
    assert_string_equal(manifest.job, "job");
    assert_int_equal(manifest.entries.count, 4);
    assert_int_equal(archive_manifest_partitions(&manifest, "urls"), 2);
    assert_int_equal(archive_manifest_partitions(&manifest, "pages"), 0);
    assert_int_equal(archive_manifest_find(&manifest, "job.main.reports", 0)->digest.records, 3);
    assert_null(archive_manifest_find(&manifest, "urls", 2));
    buf_init(&findings, 4096);
    assert_int_equal(archive_manifest_check(&manifest, place, &findings, &err), STATUS_OK);
    assert_int_equal(findings.size, 0);
    buf_fini(&findings);
}

/* Both damaged files are named, and the one that is gone. */
static void damage_is_named(void **state)
{
    struct buf findings;
    char path[256];

    (void) state;
    write_archive();
    folder_write(place, "urls-1.zst", "something else");
    folder_write(place, "job.main.reports-0.zst", "");
    (void) snprintf(path, sizeof path, "%s/control-0.zst", place);
    assert_int_equal(unlink(path), 0);
    buf_init(&findings, 4096);
    assert_int_equal(archive_manifest_read(place, &manifest, &err), STATUS_OK);
    assert_int_equal(archive_manifest_check(&manifest, place, &findings, &err), STATUS_CORRUPT);
    assert_non_null(strstr(err.message, "control-0.zst is missing"));
    assert_non_null(strstr(buf_text(&findings), "control-0.zst is missing"));
    assert_non_null(strstr(buf_text(&findings), "urls-1.zst is damaged"));
    assert_non_null(strstr(buf_text(&findings), "job.main.reports-0.zst is damaged"));
    assert_null(strstr(buf_text(&findings), "urls-0.zst"));
    buf_fini(&findings);
}

static void a_changed_manifest(void **state)
{
    char text[8192];

    (void) state;
    write_archive();
    (void) snprintf(text, sizeof text, "%s", folder_read(place, "manifest.json"));
    *strstr(text, "\"records\":3") = ' ';
    folder_write(place, "manifest.json", text);
    assert_int_equal(archive_manifest_read(place, &manifest, &err), STATUS_CORRUPT);
    assert_non_null(strstr(err.message, "manifest.json is damaged"));
}

static void no_archive(void **state)
{
    (void) state;
    assert_int_equal(archive_manifest_read(folder, &manifest, &err), STATUS_NOT_FOUND);
    assert_non_null(strstr(err.message, "was not finished"));
    write_archive();
    folder_write(folder, "manifest.json", folder_read(place, "manifest.json"));
    assert_int_equal(archive_manifest_read(folder, &manifest, &err), STATUS_NOT_FOUND);
}

/* A manifest with a right hash that somebody made up. */
static enum status read_made_up(const char *text)
{
    unsigned char digest[SHA256_SIZE];
    char sum[80] = "";

    sha256_of(slice_from(text), digest);
    for (size_t i = 0; i < SHA256_SIZE; i++)
        (void) snprintf(sum + 2 * i, 3, "%02x", digest[i]);
    folder_write(folder, "manifest.json", text);
    folder_write(folder, "manifest.json.sha256", sum);
    archive_manifest_fini(&manifest);
    archive_manifest_init(&manifest);
    return archive_manifest_read(folder, &manifest, &err);
}

#define FILE_LINE(name, topic, partition, hash)                                                    \
    "{\"name\":\"" name "\",\"topic\":\"" topic "\",\"partition\":" partition                      \
    ",\"records\":1,\"bytes\":1,\"sha256\":\"" hash "\"}"
#define BOTH                                                                                       \
    FILE_LINE("control-0.zst", "control", "0", HASH) "," FILE_LINE("urls-0.zst", "urls", "0", HASH)
#define MANIFEST(job, files) "{\"archive\":1,\"job\":\"" job "\",\"files\":[" files "]}"

static void what_no_archive_says(void **state)
{
    static const char *const texts[] = {
        MANIFEST("", BOTH),
        MANIFEST("../job", BOTH),
        MANIFEST("job", ""),
        MANIFEST("job", FILE_LINE("control-0.zst", "control", "0", HASH)),
        MANIFEST("job", BOTH "," FILE_LINE("other.pages-0.zst", "other.pages", "0", HASH)),
        MANIFEST("job", BOTH "," FILE_LINE("job./../x-0.zst", "job./../x", "0", HASH)),
        MANIFEST("job", BOTH "," FILE_LINE("job.-0.zst", "job.", "0", HASH)),
        MANIFEST("job", BOTH "," FILE_LINE("/etc/passwd", "job.pages", "0", HASH)),
        MANIFEST("job", BOTH "," FILE_LINE("job.pages-1.zst", "job.pages", "1", HASH)),
        MANIFEST("job", BOTH "," FILE_LINE("job.pages-0.zst", "job.pages", "0", "00")),
        MANIFEST("job", BOTH "," FILE_LINE("urls-0.zst", "urls", "0", HASH)),
        MANIFEST("job", BOTH "," FILE_LINE("job.pages-0.zst", "job.pages", "-1", HASH)),
        MANIFEST("job", BOTH ",7"),
        "{\"archive\":0}",
        "[]",
        "no json",
    };

    (void) state;
    assert_int_equal(read_made_up(MANIFEST("job", BOTH)), STATUS_OK);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_int_equal(read_made_up(texts[i]), STATUS_INVALID);
    assert_int_equal(read_made_up("{\"archive\":2,\"job\":\"job\"}"), STATUS_UNSUPPORTED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(read_back),  TEST(damage_is_named),      TEST(a_changed_manifest),
        TEST(no_archive), TEST(what_no_archive_says),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
