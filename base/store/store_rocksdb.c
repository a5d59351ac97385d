/* The RocksDB backend; the only file that knows rocksdb/c.h. Settings are those of a process that
 * shares a small machine with ten others: everything that grows has a bound that follows
 * memory_bytes. */
#include "base/store/key.h"
#include "base/store/store_backend.h"

#include <rocksdb/c.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
    LEAST_MEMORY = 1024 * 1024,
    OPEN_FILES_MAX = 128, /* tables and blob files held open */
    BACKGROUND_JOBS = 2,  /* one flush, one compaction */
    INFO_LOG_LEVEL = 2,   /* warnings */
    INFO_LOG_BYTES = 1024 * 1024,
    MANIFEST_BYTES = 16 * 1024 * 1024,
    MANIFEST_STEP = 64 * 1024,
    BLOCK_BYTES = 8 * 1024,
    TABLE_BYTES = 16 * 1024 * 1024,
    BLOB_FILE_BYTES = 64 * 1024 * 1024,
    SYNC_STEP = 1024 * 1024, /* write-back in small steps instead of one long stall */
    BLOOM_BITS = 10,
    CACHE_SHARD_BITS = 2,
    PATH_LIMIT = 4096,
    DIRECTORY_MODE = 0700,
};

struct rocks_store {
    struct store front;
    rocksdb_t *db;
    rocksdb_readoptions_t *read;
    rocksdb_writeoptions_t *write;
    rocksdb_writeoptions_t *write_sync;
    char path[PATH_LIMIT];
};

struct rocks_batch {
    struct store_batch front;
    rocksdb_writebatch_wi_t *batch;
};

struct rocks_scan {
    struct store_scan front;
    rocksdb_iterator_t *iterator;
    rocksdb_readoptions_t *options;
    struct buf prefix;
    struct buf upper; /* the iterator points at these bytes */
    bool started;
};

static struct rocks_store *rocks_of(const struct store *store)
{
    return (struct rocks_store *) store;
}

static struct rocks_batch *batch_of(const struct store_batch *batch)
{
    return (struct rocks_batch *) batch;
}

/* ---- errors ---- */

/* The C interface gives texts only, so the kind is read from them. */
static enum status kind_of(const char *text)
{
    struct slice all = slice_from(text);

    if (slice_contains(all, SLICE("No space left")) || slice_contains(all, SLICE("Disk quota")))
        return STATUS_DISK_FULL;
    if (slice_contains(all, SLICE("/LOCK:")))
        return STATUS_BUSY;
    if (slice_starts(all, SLICE("Corruption")))
        return STATUS_CORRUPT;
    return STATUS_IO;
}

/* Takes RocksDB's text. */
static enum status failed(const char *path, const char *action, char *text, struct error *err)
{
    enum status kind = kind_of(text);

    if (kind == STATUS_BUSY)
        error_set(err, kind, "%s is in use by another process", path);
    else
        error_set(err, kind, "%s %s: %s", action, path, text);
    rocksdb_free(text);
    return kind;
}

/* ---- opening ---- */

/* One cache for data, indexes and filters: what is in it is all that tables take up in memory. */
static void set_table_options(rocksdb_options_t *options, size_t cache_bytes)
{
    rocksdb_block_based_table_options_t *table = rocksdb_block_based_options_create();
    rocksdb_lru_cache_options_t *lru = rocksdb_lru_cache_options_create();
    rocksdb_cache_t *cache;

    rocksdb_lru_cache_options_set_capacity(lru, cache_bytes);
    rocksdb_lru_cache_options_set_num_shard_bits(lru, CACHE_SHARD_BITS);
    cache = rocksdb_cache_create_lru_opts(lru);
    rocksdb_lru_cache_options_destroy(lru);
    rocksdb_block_based_options_set_block_cache(table, cache);
    rocksdb_cache_destroy(cache); /* the options hold it from here on */
    rocksdb_block_based_options_set_block_size(table, BLOCK_BYTES);
    rocksdb_block_based_options_set_cache_index_and_filter_blocks(table, 1);
    rocksdb_block_based_options_set_filter_policy(table,
                                                  rocksdb_filterpolicy_create_bloom(BLOOM_BITS));
    rocksdb_options_set_block_based_table_factory(options, table);
    rocksdb_block_based_options_destroy(table);
}

/* Half for writes, half for reads. Two buffers: one takes writes while the other is flushed. */
static void set_memory_options(rocksdb_options_t *options, size_t memory)
{
    size_t write = memory / 2;

    rocksdb_options_set_db_write_buffer_size(options, write);
    rocksdb_options_set_write_buffer_size(options, write / 2);
    rocksdb_options_set_max_write_buffer_number(options, 2);
    rocksdb_options_set_max_total_wal_size(options, 4 * write);
    rocksdb_options_set_max_open_files(options, OPEN_FILES_MAX);
    rocksdb_options_set_max_file_opening_threads(options, 1);
    rocksdb_options_set_max_background_jobs(options, BACKGROUND_JOBS);
    rocksdb_options_set_target_file_size_base(options, TABLE_BYTES);
    rocksdb_options_set_max_bytes_for_level_base(options, 4 * (uint64_t) TABLE_BYTES);
    rocksdb_options_set_level_compaction_dynamic_level_bytes(options, 1);
    rocksdb_options_set_allow_concurrent_memtable_write(options, 0); /* one writer */
    rocksdb_options_set_enable_write_thread_adaptive_yield(options, 0);
    set_table_options(options, memory - write);
}

/* Point in time: a torn tail of the write-ahead log is cut off; damage before it is not passed
 * over. */
static void set_safety_options(rocksdb_options_t *options)
{
    rocksdb_options_set_create_if_missing(options, 1);
    rocksdb_options_set_paranoid_checks(options, 1);
    rocksdb_options_set_wal_recovery_mode(options, rocksdb_point_in_time_recovery);
    rocksdb_options_set_bytes_per_sync(options, SYNC_STEP);
    rocksdb_options_set_wal_bytes_per_sync(options, SYNC_STEP);
    rocksdb_options_set_max_manifest_file_size(options, MANIFEST_BYTES);
    rocksdb_options_set_manifest_preallocation_size(options, MANIFEST_STEP);
    rocksdb_options_set_info_log_level(options, INFO_LOG_LEVEL);
    rocksdb_options_set_max_log_file_size(options, INFO_LOG_BYTES);
    rocksdb_options_set_keep_log_file_num(options, 2);
    rocksdb_options_set_stats_dump_period_sec(options, 0);
    rocksdb_options_set_stats_persist_period_sec(options, 0);
    rocksdb_options_set_skip_stats_update_on_db_open(options, 1);
}

/* RocksDB copies the options at open; whoever opens destroys them. */
static rocksdb_options_t *make_options(const struct store_options *wish)
{
    rocksdb_options_t *options = rocksdb_options_create();
    size_t memory = wish->memory_bytes;
    int codec = wish->compress ? rocksdb_zstd_compression : rocksdb_no_compression;

    set_safety_options(options);
    set_memory_options(options, memory < LEAST_MEMORY ? LEAST_MEMORY : memory);
    rocksdb_options_set_compression(options, codec);
    if (wish->blob_min_bytes > 0) {
        rocksdb_options_set_enable_blob_files(options, 1);
        rocksdb_options_set_min_blob_size(options, wish->blob_min_bytes);
        rocksdb_options_set_blob_file_size(options, BLOB_FILE_BYTES);
        rocksdb_options_set_blob_compression_type(options, codec);
        /* No garbage collection of blobs: it would copy a log's oldest values at every compaction
         * though all of them live. A blob file goes when nothing refers to it any more. */
    }
    return options;
}

/* mkdir -p: RocksDB makes only the last folder itself. */
static enum status make_folders(const char *path, struct error *err)
{
    char part[PATH_LIMIT];
    size_t size = strlen(path);

    memcpy(part, path, size + 1);
    for (size_t i = 1; i <= size; i++) {
        if (part[i] != '/' && part[i] != '\0')
            continue;
        part[i] = '\0';
        if (mkdir(part, DIRECTORY_MODE) != 0 && errno != EEXIST)
            return error_set_errno(err, errno, "create folder %s", part);
        part[i] = path[i];
    }
    return STATUS_OK;
}

static const struct store_backend rocks_backend;

enum status store_rocksdb_open(const char *path, const struct store_options *options,
                               struct store **store, struct error *err)
{
    struct rocks_store *rocks;
    rocksdb_options_t *settings;
    enum status status;
    char *text = NULL;

    if (strlen(path) >= PATH_LIMIT)
        return error_set(err, STATUS_INVALID, "path of a store is longer than %d bytes",
                         PATH_LIMIT - 1);
    status = make_folders(path, err);
    if (status != STATUS_OK)
        return status;
    rocks = calloc(1, sizeof *rocks);
    if (rocks == NULL)
        return error_set(err, STATUS_NOMEM, "open %s", path);
    settings = make_options(options);
    rocks->db = rocksdb_open(settings, path, &text);
    rocksdb_options_destroy(settings);
    if (text != NULL) {
        free(rocks);
        return failed(path, "open", text, err);
    }
    memcpy(rocks->path, path, strlen(path) + 1);
    rocks->read = rocksdb_readoptions_create();
    rocks->write = rocksdb_writeoptions_create();
    rocks->write_sync = rocksdb_writeoptions_create();
    rocksdb_writeoptions_set_sync(rocks->write_sync, 1);
    rocks->front.backend = &rocks_backend;
    *store = &rocks->front;
    return STATUS_OK;
}

static void rocks_close(struct store *store)
{
    struct rocks_store *rocks = rocks_of(store);

    rocksdb_close(rocks->db);
    rocksdb_readoptions_destroy(rocks->read);
    rocksdb_writeoptions_destroy(rocks->write);
    rocksdb_writeoptions_destroy(rocks->write_sync);
    free(rocks);
}

/* ---- whole store ---- */

/* One range tombstone and one delete in one batch: a crash leaves all keys or none. */
static enum status delete_up_to(struct rocks_store *rocks, struct slice last, struct error *err)
{
    rocksdb_writebatch_t *batch = rocksdb_writebatch_create();
    char *text = NULL;

    rocksdb_writebatch_delete_range(batch, "", 0, last.data, last.size);
    rocksdb_writebatch_delete(batch, last.data, last.size);
    rocksdb_write(rocks->db, rocks->write_sync, batch, &text);
    rocksdb_writebatch_destroy(batch);
    if (text != NULL)
        return failed(rocks->path, "wipe", text, err);
    rocksdb_compact_range(rocks->db, NULL, 0, NULL, 0);
    return STATUS_OK;
}

/* All keys up to the last one: the C interface has no "everything". */
static enum status rocks_wipe(struct store *store, struct error *err)
{
    struct rocks_store *rocks = rocks_of(store);
    rocksdb_iterator_t *iterator = rocksdb_create_iterator(rocks->db, rocks->read);
    enum status status = STATUS_OK;
    struct slice last = {NULL, 0};
    char *text = NULL;

    rocksdb_iter_seek_to_last(iterator);
    rocksdb_iter_get_error(iterator, &text);
    if (text != NULL)
        status = failed(rocks->path, "wipe", text, err);
    else if (rocksdb_iter_valid(iterator)) {
        last.data = rocksdb_iter_key(iterator, &last.size);
        status = delete_up_to(rocks, last, err);
    }
    rocksdb_iter_destroy(iterator);
    return status;
}

static enum status rocks_sync(struct store *store, struct error *err)
{
    struct rocks_store *rocks = rocks_of(store);
    char *text = NULL;

    rocksdb_flush_wal(rocks->db, 1, &text);
    return text == NULL ? STATUS_OK : failed(rocks->path, "sync", text, err);
}

/* Pinned: one copy, from the cache into the caller's buf. */
static enum status rocks_get(struct store *store, struct slice key, struct buf *value,
                             struct error *err)
{
    struct rocks_store *rocks = rocks_of(store);
    rocksdb_pinnableslice_t *pinned;
    struct slice found = {NULL, 0};
    char *text = NULL;

    pinned = rocksdb_get_pinned(rocks->db, rocks->read, key.data, key.size, &text);
    if (text != NULL)
        return failed(rocks->path, "read", text, err);
    if (pinned == NULL)
        return STATUS_NOT_FOUND;
    found.data = rocksdb_pinnableslice_value(pinned, &found.size);
    buf_append(value, found);
    rocksdb_pinnableslice_destroy(pinned);
    return STATUS_OK;
}

/* ---- batches ---- */

static struct store_batch *rocks_batch_create(struct store *store)
{
    struct rocks_batch *batch = calloc(1, sizeof *batch);

    if (batch == NULL)
        return NULL;
    /* Overwriting keys: an iterator over the batch would show the older value, too. */
    batch->batch = rocksdb_writebatch_wi_create(0, 1);
    (void) store;
    return &batch->front;
}

static void rocks_batch_destroy(struct store_batch *batch)
{
    rocksdb_writebatch_wi_destroy(batch_of(batch)->batch);
    free(batch);
}

static enum status rocks_batch_put(struct store_batch *batch, struct slice key, struct slice value)
{
    rocksdb_writebatch_wi_put(batch_of(batch)->batch, key.data, key.size, value.data, value.size);
    return STATUS_OK;
}

static enum status rocks_batch_delete(struct store_batch *batch, struct slice key)
{
    rocksdb_writebatch_wi_delete(batch_of(batch)->batch, key.data, key.size);
    return STATUS_OK;
}

static enum status rocks_batch_get(struct store_batch *batch, struct slice key, struct buf *value,
                                   struct error *err)
{
    struct rocks_store *rocks = rocks_of(batch->store);
    struct slice found = {NULL, 0};
    char *text = NULL;
    char *copy;

    copy = rocksdb_writebatch_wi_get_from_batch_and_db(
        batch_of(batch)->batch, rocks->db, rocks->read, key.data, key.size, &found.size, &text);
    if (text != NULL)
        return failed(rocks->path, "read", text, err);
    if (copy == NULL)
        return STATUS_NOT_FOUND;
    found.data = copy;
    buf_append(value, found);
    rocksdb_free(copy);
    return STATUS_OK;
}

/* Without sync the write is in the page cache, so it outlives the process but not the machine. */
static enum status rocks_commit(struct store_batch *batch, bool sync, struct error *err)
{
    struct rocks_store *rocks = rocks_of(batch->store);
    char *text = NULL;

    rocksdb_write_writebatch_wi(rocks->db, sync ? rocks->write_sync : rocks->write,
                                batch_of(batch)->batch, &text);
    return text == NULL ? STATUS_OK : failed(rocks->path, "write to", text, err);
}

/* Keeps its memory for the next round. */
static void rocks_batch_clear(struct store_batch *batch)
{
    rocksdb_writebatch_wi_clear(batch_of(batch)->batch);
}

/* ---- scans ---- */

static void scan_free(struct rocks_scan *scan)
{
    if (scan->iterator != NULL)
        rocksdb_iter_destroy(scan->iterator);
    if (scan->options != NULL)
        rocksdb_readoptions_destroy(scan->options);
    buf_fini(&scan->prefix);
    buf_fini(&scan->upper);
    free(scan);
}

static struct rocks_scan *scan_create(struct slice prefix)
{
    struct rocks_scan *scan = calloc(1, sizeof *scan);

    if (scan == NULL)
        return NULL;
    buf_init(&scan->prefix, prefix.size);
    buf_init(&scan->upper, prefix.size);
    scan->options = rocksdb_readoptions_create();
    buf_append(&scan->prefix, prefix);
    /* The bound keeps the iterator from walking over another prefix's deleted keys. */
    if (key_after_prefix(prefix, &scan->upper))
        rocksdb_readoptions_set_iterate_upper_bound(scan->options, scan->upper.data,
                                                    scan->upper.size);
    if (buf_status(&scan->prefix, NULL) == STATUS_OK && buf_status(&scan->upper, NULL) == STATUS_OK)
        return scan;
    scan_free(scan);
    return NULL;
}

static struct store_scan *rocks_scan_open(struct store *store, struct store_batch *batch,
                                          struct slice prefix, struct slice from)
{
    struct rocks_scan *scan = scan_create(prefix);

    if (scan == NULL)
        return NULL;
    scan->iterator = rocksdb_create_iterator(rocks_of(store)->db, scan->options);
    if (batch != NULL) /* takes the base iterator */
        scan->iterator =
            rocksdb_writebatch_wi_create_iterator_with_base(batch_of(batch)->batch, scan->iterator);
    rocksdb_iter_seek(scan->iterator, from.data == NULL ? "" : from.data, from.size);
    return &scan->front;
}

static bool rocks_scan_next(struct store_scan *scan, struct slice *key, struct slice *value)
{
    struct rocks_scan *rocks = (struct rocks_scan *) scan;
    struct slice found = {NULL, 0};

    /* Moves on only when asked, so the slices of the call before stayed valid until now. */
    if (rocks->started && rocksdb_iter_valid(rocks->iterator))
        rocksdb_iter_next(rocks->iterator);
    rocks->started = true;
    if (!rocksdb_iter_valid(rocks->iterator))
        return false;
    found.data = rocksdb_iter_key(rocks->iterator, &found.size);
    /* A batch's own keys do not know the bound. */
    if (!slice_starts(found, buf_slice(&rocks->prefix)))
        return false;
    *key = found;
    value->data = rocksdb_iter_value(rocks->iterator, &value->size);
    return true;
}

static enum status rocks_scan_close(struct store_scan *scan, struct error *err)
{
    struct rocks_scan *rocks = (struct rocks_scan *) scan;
    const char *path = rocks_of(scan->store)->path;
    char *text = NULL;

    rocksdb_iter_get_error(rocks->iterator, &text);
    scan_free(rocks);
    return text == NULL ? STATUS_OK : failed(path, "scan", text, err);
}

static const struct store_backend rocks_backend = {
    .name = "rocksdb",
    .close = rocks_close,
    .wipe = rocks_wipe,
    .sync = rocks_sync,
    .get = rocks_get,
    .batch_create = rocks_batch_create,
    .batch_destroy = rocks_batch_destroy,
    .batch_put = rocks_batch_put,
    .batch_delete = rocks_batch_delete,
    .batch_get = rocks_batch_get,
    .commit = rocks_commit,
    .batch_clear = rocks_batch_clear,
    .scan_open = rocks_scan_open,
    .scan_next = rocks_scan_next,
    .scan_close = rocks_scan_close,
};
