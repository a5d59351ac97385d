#include "base/bus/log_partitions.h"

#include "base/bus/log_batch.h"
#include "base/bus/log_catalog.h"
#include "base/store/key.h"

#include <stdlib.h>
#include <string.h>

struct log_partitions {
    struct log_catalog catalog;
};

enum status log_partitions_open(const char *path, size_t memory_bytes,
                                struct log_partitions **partitions, struct error *err)
{
    struct log_partitions *log = calloc(1, sizeof *log);
    enum status status;

    if (log == NULL)
        return error_set(err, STATUS_NOMEM, "open the log %s", path);
    status = log_catalog_open(path, memory_bytes, &log->catalog, err);
    if (status == STATUS_OK)
        *partitions = log;
    else
        free(log);
    return status;
}

void log_partitions_close(struct log_partitions *log)
{
    if (log == NULL)
        return;
    log_catalog_close(&log->catalog);
    free(log);
}

/* ---- topics ---- */

enum status log_partitions_create(struct log_partitions *log, struct slice topic,
                                  uint32_t partitions, struct error *err)
{
    return log_catalog_create(&log->catalog, topic, partitions, err);
}

void log_partitions_delete(struct log_partitions *log, struct slice topic)
{
    log_catalog_delete(&log->catalog, topic);
}

enum status log_partitions_count(const struct log_partitions *log, struct slice topic,
                                 uint32_t *partitions, struct error *err)
{
    const struct log_topic *found = log_catalog_topic(&log->catalog, topic);

    if (found == NULL)
        return error_set(err, STATUS_NOT_FOUND, "no topic %.*s", SLICE_ARG(topic));
    *partitions = found->partitions;
    return STATUS_OK;
}

enum status log_partitions_end(const struct log_partitions *log,
                               const struct bus_partition *partition, uint64_t *end,
                               struct error *err)
{
    struct log_topic *topic;
    enum status status = log_catalog_find(&log->catalog, partition, &topic, err);

    if (status == STATUS_OK)
        *end = topic->ends[partition->partition];
    return status;
}

/* ---- records ---- */

enum status log_partitions_append(struct log_partitions *log, const struct bus_partition *partition,
                                  struct log_records records, uint64_t *first, struct error *err)
{
    struct log_topic *topic;
    struct buf *key;
    uint64_t *end;
    enum status status = log_catalog_find(&log->catalog, partition, &topic, err);

    if (status != STATUS_OK)
        return status;
    ENSURE(records.count > 0);
    /* The end in memory moves on at once: the next append of the same group stands behind this
     * one. */
    end = &topic->ends[partition->partition];
    *first = *end;
    *end += records.count;
    key = log_catalog_key(&log->catalog, LOG_KEY_CHUNK, topic, partition->partition);
    key_put_u64(key, *end - 1);
    key_put_u32(key, records.count);
    store_batch_put(log->catalog.group, buf_slice(key), records.bytes);
    key_put_u64(log_catalog_value(&log->catalog), *end);
    (void) log_catalog_key(&log->catalog, LOG_KEY_END, topic, partition->partition);
    log_catalog_put(&log->catalog);
    return STATUS_OK;
}

struct reading {
    const struct log_read *want;
    struct buf *out;
    size_t limit; /* size of `out` not to be passed */
    bool any;     /* `out` held nothing before: one record is taken whatever its size */
    uint32_t count;
};

/* Appends what the read wants of one chunk; false when it has enough. */
static bool take_chunk(struct reading *read, struct slice chunk, uint64_t skip)
{
    struct slice rest = log_batch_skip(chunk, skip);
    uint64_t found = 0;
    size_t size = log_batch_fit(rest, read->limit - read->out->size, &found);

    if (size == 0 && read->any && read->count == 0) {
        size = rest.size - log_batch_skip(rest, 1).size;
        found = size > 0 ? 1 : 0;
    }
    buf_append(read->out, slice_sub(rest, 0, size));
    read->count += (uint32_t) found;
    return size == rest.size && read->out->size < read->limit;
}

/* Walks the chunks of the scan from the one that holds the wanted offset; false if one is
 * missing. */
static bool read_chunks(struct reading *read, struct store_scan *scan, size_t prefix_size)
{
    struct slice key;
    struct slice chunk;
    bool more = true;

    while (more && store_scan_next(scan, &key, &chunk)) {
        struct key_reader at = key_read(slice_sub(key, prefix_size, SIZE_MAX));
        uint64_t last = key_read_u64(&at);
        uint32_t held = key_read_u32(&at);
        uint64_t next = read->want->offset + read->count;
        uint64_t first = last + 1 - held;
        /* Chunks follow each other without gap or overlap; anything else is damage. */
        if (!key_done(&at) || held == 0 || first > next || last < next)
            return false;
        more = take_chunk(read, chunk, next - first);
    }
    return !read->any || read->count > 0;
}

enum status log_partitions_read(struct log_partitions *log, const struct log_read *want,
                                struct buf *out, uint32_t *count, struct error *err)
{
    struct reading read = {want, out, out->size + want->max, out->size == 0, 0};
    struct log_topic *topic;
    struct store_scan *scan;
    struct buf *key;
    size_t prefix_size;
    bool whole;
    enum status status = log_catalog_find(&log->catalog, &want->partition, &topic, err);

    if (status != STATUS_OK)
        return status;
    *count = 0;
    /* Beyond the end, too: a reader may stand there after a power cut took the tail. */
    if (want->offset >= topic->ends[want->partition.partition])
        return STATUS_OK;
    key = log_catalog_key(&log->catalog, LOG_KEY_CHUNK, topic, want->partition.partition);
    prefix_size = key->size;
    key_put_u64(key, want->offset);
    scan = store_scan_open(log->catalog.store, NULL, slice_sub(buf_slice(key), 0, prefix_size),
                           buf_slice(key));
    whole = read_chunks(&read, scan, prefix_size);
    status = store_scan_close(scan, err);
    if (status == STATUS_OK)
        status = buf_status(out, err);
    if (status == STATUS_OK && !whole)
        status = error_set(err, STATUS_CORRUPT, "records are missing: %s partition %u offset %llu",
                           want->partition.topic, want->partition.partition,
                           (unsigned long long) want->offset + read.count);
    if (status == STATUS_OK)
        *count = read.count;
    return status;
}

/* ---- claims ---- */

/* owner, committed, offset, then metadata to the end: its length needs no field. */
static enum status decode_claim(struct slice bytes, struct log_claim *claim, struct error *err)
{
    struct key_reader reader = key_read(bytes);
    struct log_claim found = {.owner = 0};
    struct slice metadata;

    found.owner = key_read_u64(&reader);
    found.committed = key_read_u8(&reader) != 0;
    found.offset = key_read_u64(&reader);
    metadata = key_read_raw(&reader, SIZE_MAX);
    if (!key_done(&reader) || metadata.size > sizeof found.metadata)
        return error_set(err, STATUS_CORRUPT, "the log holds a broken commit");
    if (metadata.size > 0)
        memcpy(found.metadata, metadata.data, metadata.size);
    found.metadata_size = metadata.size;
    *claim = found;
    return STATUS_OK;
}

enum status log_partitions_claim(struct log_partitions *log, const struct bus_partition *partition,
                                 struct slice stage, struct log_claim *claim, struct error *err)
{
    struct log_topic *topic;
    struct buf *key;
    enum status status = log_catalog_find(&log->catalog, partition, &topic, err);

    if (status != STATUS_OK)
        return status;
    key = log_catalog_key(&log->catalog, LOG_KEY_CLAIM, topic, partition->partition);
    key_put_raw(key, stage);
    /* Through the group: several takes and commits may stand in one. */
    status = store_batch_get(log->catalog.group, buf_slice(key), &log->catalog.value, err);
    if (status == STATUS_OK)
        return decode_claim(buf_slice(&log->catalog.value), claim, err);
    if (status != STATUS_NOT_FOUND)
        return status;
    *claim = (struct log_claim){.owner = 0};
    return STATUS_OK;
}

/* Under the scratch key, which log_partitions_claim has left at the claim. */
static void put_claim(struct log_partitions *log, const struct log_claim *claim)
{
    struct buf *value = log_catalog_value(&log->catalog);

    key_put_u64(value, claim->owner);
    key_put_u8(value, claim->committed ? 1 : 0);
    key_put_u64(value, claim->offset);
    key_put_raw(value, slice_of(claim->metadata, claim->metadata_size));
    log_catalog_put(&log->catalog);
}

/* The name is the last field of a key, so it may be anything but empty and endless. */
static enum status check_stage(struct slice stage, struct error *err)
{
    if (stage.size > 0 && stage.size <= BUS_TOPIC_MAX)
        return STATUS_OK;
    return error_set(err, STATUS_INVALID, "'%.*s' is no name of a stage", SLICE_ARG(stage));
}

/* Counting up is what fences the older owner: its commits carry a smaller number from now on. */
enum status log_partitions_take(struct log_partitions *log, const struct bus_partition *partition,
                                struct slice stage, struct log_claim *claim, struct error *err)
{
    enum status status = check_stage(stage, err);

    if (status == STATUS_OK)
        status = log_partitions_claim(log, partition, stage, claim, err);
    if (status != STATUS_OK)
        return status;
    claim->owner++;
    put_claim(log, claim);
    return STATUS_OK;
}

enum status log_partitions_commit(struct log_partitions *log, const struct bus_partition *partition,
                                  struct slice stage, const struct log_claim *claim,
                                  struct error *err)
{
    struct log_claim present = {.owner = 0};
    enum status status = check_stage(stage, err);

    if (status == STATUS_OK)
        status = log_partitions_claim(log, partition, stage, &present, err);
    if (status != STATUS_OK)
        return status;
    /* Equality, not order: an owner number from before a power cut may be higher than the
     * present. */
    if (claim->owner != present.owner)
        return error_set(err, STATUS_FENCED,
                         "%.*s of %s partition %u has a newer owner (%llu, not %llu)",
                         SLICE_ARG(stage), partition->topic, partition->partition,
                         (unsigned long long) present.owner, (unsigned long long) claim->owner);
    put_claim(log, claim);
    return STATUS_OK;
}

/* ---- writing ---- */

size_t log_partitions_pending(const struct log_partitions *log)
{
    return store_batch_bytes(log->catalog.group);
}

/* One write for the whole group; a crash leaves all of it or nothing. */
enum status log_partitions_write(struct log_partitions *log, bool sync, struct error *err)
{
    return store_commit(log->catalog.group, sync, err);
}

enum status log_partitions_sync(struct log_partitions *log, struct error *err)
{
    return store_sync(log->catalog.store, err);
}

enum status log_partitions_sweep(struct log_partitions *log, bool *more, struct error *err)
{
    return log_catalog_sweep(&log->catalog, more, err);
}
