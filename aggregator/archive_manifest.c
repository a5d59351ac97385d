#include "aggregator/archive_manifest.h"

#include "base/json.h"
#include "study/file.h"

#include <stdio.h>
#include <string.h>

enum { HEX_SIZE = 2 * SHA256_SIZE, PATH_SIZE_MAX = 8192, SUM_FILE_MAX = 256 };

#define MANIFEST_NAME "manifest.json"

void archive_manifest_init(struct archive_manifest *manifest)
{
    memset(manifest, 0, sizeof *manifest);
    rows_init(&manifest->entries, sizeof(struct archive_entry), ARCHIVE_FILES_MAX);
}

void archive_manifest_fini(struct archive_manifest *manifest)
{
    rows_fini(&manifest->entries);
}

const char *archive_name(const char *topic, uint32_t partition, char name[ARCHIVE_NAME_MAX])
{
    (void) snprintf(name, ARCHIVE_NAME_MAX, "%s-%u.zst", topic, partition);
    return name;
}

enum status archive_manifest_add(struct archive_manifest *manifest, const char *topic,
                                 uint32_t partition, const struct archive_digest *digest,
                                 struct error *err)
{
    struct archive_entry *entry = rows_add(&manifest->entries);

    if (entry == NULL)
        return rows_status(&manifest->entries, "files of an archive", err);
    (void) snprintf(entry->topic.text, sizeof entry->topic.text, "%s", topic);
    entry->partition = partition;
    entry->digest = *digest;
    return STATUS_OK;
}

const struct archive_entry *archive_manifest_find(const struct archive_manifest *manifest,
                                                  const char *topic, uint32_t partition)
{
    for (size_t i = 0; i < manifest->entries.count; i++) {
        const struct archive_entry *entry = rows_at(&manifest->entries, i);

        if (entry->partition == partition && strcmp(entry->topic.text, topic) == 0)
            return entry;
    }
    return NULL;
}

uint32_t archive_manifest_partitions(const struct archive_manifest *manifest, const char *topic)
{
    uint32_t count = 0;

    for (size_t i = 0; i < manifest->entries.count; i++) {
        const struct archive_entry *entry = rows_at(&manifest->entries, i);
        count += strcmp(entry->topic.text, topic) == 0;
    }
    return count;
}

/* ---- writing ---- */

static void put_hex(const unsigned char digest[SHA256_SIZE], char text[HEX_SIZE + 1])
{
    for (int i = 0; i < SHA256_SIZE; i++)
        (void) snprintf(text + (size_t) 2 * i, 3, "%02x", digest[i]);
}

static void put_entry(struct buf *out, const struct archive_entry *entry)
{
    char name[ARCHIVE_NAME_MAX], hex[HEX_SIZE + 1];

    put_hex(entry->digest.sha256, hex);
    buf_printf(out,
               "{\"name\":\"%s\",\"topic\":\"%s\",\"partition\":%u,\"records\":%llu,"
               "\"bytes\":%llu,\"sha256\":\"%s\"}",
               archive_name(entry->topic.text, entry->partition, name), entry->topic.text,
               entry->partition, (unsigned long long) entry->digest.records,
               (unsigned long long) entry->digest.bytes, hex);
}

static void put_manifest(struct buf *out, const struct archive_manifest *manifest)
{
    buf_printf(out, "{\"archive\":%d,\"program\":\"xunfang %s\",\"job\":\"%s\",\"files\":[",
               ARCHIVE_FORMAT, XUNFANG_VERSION, manifest->job);
    for (size_t i = 0; i < manifest->entries.count; i++) {
        buf_puts(out, i == 0 ? "\n" : ",\n");
        put_entry(out, rows_at(&manifest->entries, i));
    }
    buf_puts(out, "\n]}\n");
}

static void hash_of(struct slice bytes, char hex[HEX_SIZE + 1])
{
    unsigned char digest[SHA256_SIZE];

    sha256_of(bytes, digest);
    put_hex(digest, hex);
}

enum status archive_manifest_write(const struct archive_manifest *manifest,
                                   struct output_folder *folder, struct error *err)
{
    char hex[HEX_SIZE + 1], sum[SUM_FILE_MAX];
    struct buf text;
    enum status status;

    buf_init(&text, ARCHIVE_MANIFEST_MAX);
    put_manifest(&text, manifest);
    status = buf_status(&text, err);
    if (status == STATUS_OK) {
        hash_of(buf_slice(&text), hex);
        (void) snprintf(sum, sizeof sum, "%s  %s\n", hex, MANIFEST_NAME);
        status = output_write(folder, MANIFEST_NAME, buf_slice(&text), err);
    }
    if (status == STATUS_OK)
        status = output_write(folder, MANIFEST_NAME ".sha256", slice_from(sum), err);
    buf_fini(&text);
    return status;
}

/* ---- reading ---- */

static bool hex_digit(char c, unsigned *digit)
{
    if (c >= '0' && c <= '9')
        *digit = (unsigned) (c - '0');
    else if (c >= 'a' && c <= 'f')
        *digit = (unsigned) (c - 'a' + 10);
    else
        return false;
    return true;
}

static bool take_hex(struct slice text, unsigned char digest[SHA256_SIZE])
{
    unsigned high, low;

    if (text.size != HEX_SIZE)
        return false;
    for (size_t i = 0; i < SHA256_SIZE; i++) {
        if (!hex_digit(text.data[2 * i], &high) || !hex_digit(text.data[2 * i + 1], &low))
            return false;
        digest[i] = (unsigned char) (high << 4 | low);
    }
    return true;
}

/* control, urls, or one of this job's. An archive comes from anywhere: a manifest must not be able
 * to delete and rewrite another job's logs. */
static bool topic_allowed(const char *job, struct slice topic)
{
    struct slice rest = topic, first = slice_split(&rest, '.');
    bool own = slice_equal(first, slice_from(job)) && rest.size > 0;

    if (topic.size > BUS_TOPIC_MAX)
        return false;
    while (own && rest.data != NULL)
        own = topic_check_name("part", slice_split(&rest, '.'), NULL) == STATUS_OK;
    return own || slice_equal(topic, SLICE("control")) || slice_equal(topic, SLICE("urls"));
}

static enum status read_entry(struct archive_manifest *manifest, const struct json *file,
                              struct error *err)
{
    struct slice topic = json_text(json_member(file, "topic"));
    int64_t partition = json_int(json_member(file, "partition"), -1);
    int64_t records = json_int(json_member(file, "records"), -1);
    int64_t bytes = json_int(json_member(file, "bytes"), -1);
    char text[BUS_TOPIC_MAX + 1], name[ARCHIVE_NAME_MAX];
    struct archive_digest digest = {0};

    if (!topic_allowed(manifest->job, topic) || partition < 0 || records < 0 || bytes < 0 ||
        partition >= BUS_PARTITIONS_MAX ||
        !take_hex(json_text(json_member(file, "sha256")), digest.sha256))
        return error_set(err, STATUS_INVALID, "file %zu is described wrongly",
                         manifest->entries.count + 1);
    digest.records = (uint64_t) records;
    digest.bytes = (uint64_t) bytes;
    (void) snprintf(text, sizeof text, "%.*s", SLICE_ARG(topic));
    (void) archive_name(text, (uint32_t) partition, name);
    if (!slice_equal(json_text(json_member(file, "name")), slice_from(name)))
        return error_set(err, STATUS_INVALID, "%s goes by another name", name);
    /* In order and without gaps: then the number of a topic's files is the number of its
     * partitions. */
    if (archive_manifest_partitions(manifest, text) != partition)
        return error_set(err, STATUS_INVALID, "%s comes out of turn", name);
    return archive_manifest_add(manifest, text, (uint32_t) partition, &digest, err);
}

static enum status read_manifest(struct archive_manifest *manifest, const struct json *root,
                                 struct error *err)
{
    const struct json *files = json_member(root, "files");
    struct slice job = json_text(json_member(root, "job"));
    int64_t format = json_int(json_member(root, "archive"), 0);
    enum status status = STATUS_OK;

    if (format < 1)
        return error_set(err, STATUS_INVALID, "it is no archive's");
    if (format > ARCHIVE_FORMAT)
        return error_set(err, STATUS_UNSUPPORTED, "archives of form %d: this program knows %d",
                         (int) format, ARCHIVE_FORMAT);
    status = topic_check_name("job", job, err);
    if (status != STATUS_OK)
        return status;
    (void) snprintf(manifest->job, sizeof manifest->job, "%.*s", SLICE_ARG(job));
    for (size_t i = 0; i < json_size(files) && status == STATUS_OK; i++)
        status = read_entry(manifest, json_element(files, i), err);
    if (status == STATUS_OK && (archive_manifest_partitions(manifest, "control") != 1 ||
                                archive_manifest_partitions(manifest, "urls") == 0))
        return error_set(err, STATUS_INVALID, "control or urls is not among its files");
    return status;
}

static enum status read_text(const char *directory, const char *name, struct arena *arena,
                             struct slice *text, struct error *err)
{
    char path[PATH_SIZE_MAX];
    enum status status;

    (void) snprintf(path, sizeof path, "%s/%s", directory, name);
    status = file_read(path, ARCHIVE_MANIFEST_MAX, arena, text, err);
    if (status == STATUS_NOT_FOUND)
        return error_set(err, STATUS_NOT_FOUND,
                         "%s is no archive, or was not finished: it has no %s", directory, name);
    return status;
}

enum status archive_manifest_read(const char *directory, struct archive_manifest *manifest,
                                  struct error *err)
{
    struct arena *arena = arena_create((size_t) 8 * ARCHIVE_MANIFEST_MAX);
    const struct json *root;
    struct slice text, sum;
    char hex[HEX_SIZE + 1];
    enum status status;

    if (arena == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for a manifest");
    status = read_text(directory, MANIFEST_NAME, arena, &text, err);
    if (status == STATUS_OK)
        status = read_text(directory, MANIFEST_NAME ".sha256", arena, &sum, err);
    if (status != STATUS_OK)
        goto out;
    hash_of(text, hex);
    if (!slice_starts(sum, slice_from(hex))) {
        status = error_set(err, STATUS_CORRUPT, "%s/%s is damaged: its SHA-256 is another",
                           directory, MANIFEST_NAME);
        goto out;
    }
    status = json_parse(text, arena, &root, err);
    if (status == STATUS_OK)
        status = read_manifest(manifest, root, err);
    if (status != STATUS_OK)
        status = error_prefix(err, status, "%s/%s", directory, MANIFEST_NAME);
out:
    arena_destroy(arena);
    return status;
}

/* ---- checking ---- */

static bool same(const struct archive_digest *a, const struct archive_digest *b)
{
    return a->bytes == b->bytes && memcmp(a->sha256, b->sha256, SHA256_SIZE) == 0;
}

/* All files are looked at, also after the first that is damaged: who mends an archive wants the
 * whole list. */
enum status archive_manifest_check(const struct archive_manifest *manifest, const char *directory,
                                   struct buf *findings, struct error *err)
{
    enum status result = STATUS_OK;

    for (size_t i = 0; i < manifest->entries.count; i++) {
        const struct archive_entry *entry = rows_at(&manifest->entries, i);
        char path[PATH_SIZE_MAX], name[ARCHIVE_NAME_MAX];
        struct archive_digest found;
        struct error cause = {.code = STATUS_OK};
        enum status status;

        (void) snprintf(path, sizeof path, "%s/%s", directory,
                        archive_name(entry->topic.text, entry->partition, name));
        status = archive_file_digest(path, &found, &cause);
        if (status == STATUS_OK && same(&found, &entry->digest))
            continue;
        if (status == STATUS_OK)
            error_set(&cause, STATUS_CORRUPT, "%s is damaged: its SHA-256 is another", path);
        buf_printf(findings, "%s\n", cause.message);
        if (result == STATUS_OK)
            result = error_set(err, STATUS_CORRUPT, "%s", cause.message);
    }
    return result;
}
