#include "base/store/store_backend.h"

enum { STORE_DEFAULT_MEMORY = 16 * 1024 * 1024 };

/* ---- the store ---- */

enum status store_open(const char *path, const struct store_options *options, struct store **store,
                       struct error *err)
{
    struct store_options filled = options == NULL ? (struct store_options){0} : *options;

    if (path == NULL || path[0] == '\0')
        return error_set(err, STATUS_USAGE, "a store needs a directory");
    if (filled.memory_bytes == 0)
        filled.memory_bytes = STORE_DEFAULT_MEMORY;
    return store_rocksdb_open(path, &filled, store, err);
}

void store_close(struct store *store)
{
    if (store != NULL)
        store->backend->close(store);
}

/* The failure that stopped the store, told again. */
static enum status told_again(const struct store *store, struct error *err)
{
    return error_set(err, store->failure.code, "the store has stopped: %s", store->failure.message);
}

/* What a failed write means for those that follow: fail-stop, unless it changed nothing. */
static enum status remember(struct store *store, enum status status, const struct error *cause,
                            struct error *err)
{
    if (status == STATUS_IO || status == STATUS_DISK_FULL || status == STATUS_CORRUPT)
        store->failure = *cause;
    return error_set(err, status, "%s", cause->message);
}

enum status store_wipe(struct store *store, struct error *err)
{
    struct error cause = {0};
    enum status status;

    if (store->failure.code != STATUS_OK)
        return told_again(store, err);
    status = store->backend->wipe(store, &cause);
    return status == STATUS_OK ? STATUS_OK : remember(store, status, &cause, err);
}

enum status store_sync(struct store *store, struct error *err)
{
    struct error cause = {0};
    enum status status;

    if (store->failure.code != STATUS_OK)
        return told_again(store, err);
    status = store->backend->sync(store, &cause);
    return status == STATUS_OK ? STATUS_OK : remember(store, status, &cause, err);
}

static enum status check_key(struct slice key)
{
    return key.size == 0 ? STATUS_INVALID : key.size > STORE_KEY_MAX ? STATUS_TOO_LARGE : STATUS_OK;
}

/* What a read leaves: the backend's answer, or the buf's own failure. */
static enum status read_result(enum status status, struct buf *value, struct error *err)
{
    if (status == STATUS_OK)
        return buf_status(value, err);
    buf_reset(value);
    return status;
}

enum status store_get(struct store *store, struct slice key, struct buf *value, struct error *err)
{
    enum status status = check_key(key);

    buf_reset(value);
    if (status != STATUS_OK)
        return error_set(err, status, "a key of %zu bytes", key.size);
    return read_result(store->backend->get(store, key, value, err), value, err);
}

/* ---- batches ---- */

struct store_batch *store_batch_create(struct store *store)
{
    struct store_batch *batch = store->backend->batch_create(store);

    if (batch == NULL)
        return NULL;
    batch->store = store;
    batch->failure = STATUS_OK;
    batch->bytes = 0;
    return batch;
}

void store_batch_destroy(struct store_batch *batch)
{
    if (batch != NULL)
        batch->store->backend->batch_destroy(batch);
}

void store_batch_put(struct store_batch *batch, struct slice key, struct slice value)
{
    if (batch == NULL || batch->failure != STATUS_OK)
        return;
    batch->failure = check_key(key);
    if (value.size > STORE_VALUE_MAX)
        batch->failure = STATUS_TOO_LARGE;
    if (batch->failure == STATUS_OK)
        batch->failure = batch->store->backend->batch_put(batch, key, value);
    batch->bytes += key.size + value.size;
}

void store_batch_delete(struct store_batch *batch, struct slice key)
{
    if (batch == NULL || batch->failure != STATUS_OK)
        return;
    batch->failure = check_key(key);
    if (batch->failure == STATUS_OK)
        batch->failure = batch->store->backend->batch_delete(batch, key);
    batch->bytes += key.size;
}

enum status store_batch_get(struct store_batch *batch, struct slice key, struct buf *value,
                            struct error *err)
{
    enum status status = batch == NULL ? STATUS_NOMEM : batch->failure;

    buf_reset(value);
    if (status == STATUS_OK)
        status = check_key(key);
    if (status != STATUS_OK)
        return error_set(err, status, "reading through a failed batch: %s", status_text(status));
    return read_result(batch->store->backend->batch_get(batch, key, value, err), value, err);
}

size_t store_batch_bytes(const struct store_batch *batch)
{
    return batch == NULL ? 0 : batch->bytes;
}

enum status store_commit(struct store_batch *batch, bool sync, struct error *err)
{
    struct error cause = {0};
    struct store *store;
    enum status status;

    if (batch == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for a batch");
    store = batch->store;
    if (store->failure.code != STATUS_OK)
        return told_again(store, err);
    if (batch->failure != STATUS_OK)
        return error_set(err, batch->failure, "a write of the batch: %s",
                         status_text(batch->failure));
    status = store->backend->commit(batch, sync, &cause);
    if (status != STATUS_OK)
        return remember(store, status, &cause, err);
    store_batch_clear(batch);
    return STATUS_OK;
}

void store_batch_clear(struct store_batch *batch)
{
    if (batch == NULL)
        return;
    batch->store->backend->batch_clear(batch);
    batch->failure = STATUS_OK;
    batch->bytes = 0;
}

/* ---- scans ---- */

struct store_scan *store_scan_open(struct store *store, struct store_batch *batch,
                                   struct slice prefix, struct slice from)
{
    struct store_scan *scan;

    if (slice_compare(from, prefix) < 0)
        from = prefix;
    scan = store->backend->scan_open(store, batch, prefix, from);
    if (scan != NULL)
        scan->store = store;
    return scan;
}

bool store_scan_next(struct store_scan *scan, struct slice *key, struct slice *value)
{
    return scan != NULL && scan->store->backend->scan_next(scan, key, value);
}

enum status store_scan_close(struct store_scan *scan, struct error *err)
{
    if (scan == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for a scan");
    return scan->store->backend->scan_close(scan, err);
}
