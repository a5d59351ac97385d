#include "base/store/store_memory.h"

#include "base/store/store_backend.h"

#include <stdlib.h>
#include <string.h>

struct entry {
    size_t key_size;
    size_t value_size;
    bool deleted; /* in a batch: hides the store's entry */
    char bytes[]; /* key, then value */
};

/* Pointers to entries in the order of their keys. */
struct table {
    struct entry **entries;
    size_t count;
    size_t capacity;
};

struct memory_store {
    struct store front;
    struct table table;
    uint64_t writes;
    uint64_t fail_at; /* write number that fails; 0: none */
    enum status fail_with;
};

struct memory_batch {
    struct store_batch front;
    struct table table;
};

struct memory_scan {
    struct store_scan front;
    struct memory_batch *batch;
    struct buf prefix;
    struct buf place; /* the key returned last; before the first: where to begin */
    struct buf value;
    bool started;
    enum status failure;
};

/* ---- tables ---- */

static struct slice entry_key(const struct entry *entry)
{
    return slice_of(entry->bytes, entry->key_size);
}

static struct slice entry_value(const struct entry *entry)
{
    return slice_of(entry->bytes + entry->key_size, entry->value_size);
}

static struct entry *entry_create(struct slice key, struct slice value)
{
    struct entry *entry = calloc(1, sizeof *entry + key.size + value.size);

    if (entry == NULL)
        return NULL;
    entry->key_size = key.size;
    entry->value_size = value.size;
    memcpy(entry->bytes, key.data, key.size);
    if (value.size > 0)
        memcpy(entry->bytes + key.size, value.data, value.size);
    return entry;
}

/* Where the first key stands that is not before `key`. */
static size_t table_find(const struct table *table, struct slice key)
{
    size_t low = 0;
    size_t high = table->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (slice_compare(entry_key(table->entries[middle]), key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool table_has(const struct table *table, size_t at, struct slice key)
{
    return at < table->count && slice_equal(entry_key(table->entries[at]), key);
}

/* Room for `more` entries beyond those there are, so that later insertions cannot fail. */
static enum status table_reserve(struct table *table, size_t more)
{
    size_t capacity = table->capacity == 0 ? 16 : table->capacity;
    struct entry **entries;

    while (capacity < table->count + more)
        capacity *= 2;
    if (capacity == table->capacity)
        return STATUS_OK;
    entries = realloc(table->entries, capacity * sizeof(struct entry *));
    if (entries == NULL)
        return STATUS_NOMEM;
    table->entries = entries;
    table->capacity = capacity;
    return STATUS_OK;
}

/* Takes the entry; there is room. */
static void table_put(struct table *table, struct entry *entry)
{
    size_t at = table_find(table, entry_key(entry));

    if (table_has(table, at, entry_key(entry))) {
        free(table->entries[at]);
    } else {
        ENSURE(table->count < table->capacity);
        memmove(&table->entries[at + 1], &table->entries[at],
                (table->count - at) * sizeof(struct entry *));
        table->count++;
    }
    table->entries[at] = entry;
}

static void table_remove(struct table *table, struct slice key)
{
    size_t at = table_find(table, key);

    if (!table_has(table, at, key))
        return;
    free(table->entries[at]);
    table->count--;
    memmove(&table->entries[at], &table->entries[at + 1],
            (table->count - at) * sizeof(struct entry *));
}

static void table_empty(struct table *table)
{
    for (size_t i = 0; i < table->count; i++)
        free(table->entries[i]);
    table->count = 0;
}

static void table_fini(struct table *table)
{
    table_empty(table);
    free(table->entries);
}

/* ---- the store ---- */

static enum status count_write(struct memory_store *store, struct error *err)
{
    if (++store->writes != store->fail_at)
        return STATUS_OK;
    return error_set(err, store->fail_with, "write %llu of the store in memory fails on order",
                     (unsigned long long) store->writes);
}

static void memory_close(struct store *front)
{
    struct memory_store *store = (struct memory_store *) front;

    table_fini(&store->table);
    free(store);
}

static enum status memory_wipe(struct store *front, struct error *err)
{
    struct memory_store *store = (struct memory_store *) front;
    enum status status = count_write(store, err);

    if (status == STATUS_OK)
        table_empty(&store->table);
    return status;
}

static enum status memory_sync(struct store *front, struct error *err)
{
    return count_write((struct memory_store *) front, err);
}

static enum status memory_get(struct store *front, struct slice key, struct buf *value,
                              struct error *err)
{
    const struct table *table = &((struct memory_store *) front)->table;
    size_t at = table_find(table, key);

    (void) err;
    if (!table_has(table, at, key))
        return STATUS_NOT_FOUND;
    buf_append(value, entry_value(table->entries[at]));
    return STATUS_OK;
}

/* ---- batches ---- */

static struct store_batch *memory_batch_create(struct store *store)
{
    struct memory_batch *batch = calloc(1, sizeof *batch);

    (void) store;
    return (struct store_batch *) batch;
}

static void memory_batch_destroy(struct store_batch *front)
{
    struct memory_batch *batch = (struct memory_batch *) front;

    table_fini(&batch->table);
    free(batch);
}

static void memory_batch_clear(struct store_batch *front)
{
    table_empty(&((struct memory_batch *) front)->table);
}

static enum status batch_add(struct store_batch *front, struct slice key, struct slice value,
                             bool deleted)
{
    struct table *table = &((struct memory_batch *) front)->table;
    struct entry *entry;

    if (table_reserve(table, 1) != STATUS_OK)
        return STATUS_NOMEM;
    entry = entry_create(key, value);
    if (entry == NULL)
        return STATUS_NOMEM;
    entry->deleted = deleted;
    table_put(table, entry);
    return STATUS_OK;
}

static enum status memory_batch_put(struct store_batch *front, struct slice key, struct slice value)
{
    return batch_add(front, key, value, false);
}

static enum status memory_batch_delete(struct store_batch *front, struct slice key)
{
    return batch_add(front, key, (struct slice){NULL, 0}, true);
}

static enum status memory_batch_get(struct store_batch *front, struct slice key, struct buf *value,
                                    struct error *err)
{
    const struct table *table = &((struct memory_batch *) front)->table;
    size_t at = table_find(table, key);

    if (!table_has(table, at, key))
        return memory_get(front->store, key, value, err);
    if (table->entries[at]->deleted)
        return STATUS_NOT_FOUND;
    buf_append(value, entry_value(table->entries[at]));
    return STATUS_OK;
}

/* All room is found first, so nothing can fail half-way; the entries move over uncopied. */
static enum status memory_commit(struct store_batch *front, bool sync, struct error *err)
{
    struct memory_batch *batch = (struct memory_batch *) front;
    struct memory_store *store = (struct memory_store *) front->store;
    enum status status = count_write(store, err);

    (void) sync;
    if (status != STATUS_OK)
        return status;
    if (table_reserve(&store->table, batch->table.count) != STATUS_OK)
        return error_set(err, STATUS_NOMEM, "no memory to commit %zu writes", batch->table.count);
    for (size_t i = 0; i < batch->table.count; i++) {
        struct entry *entry = batch->table.entries[i];
        if (entry->deleted) {
            table_remove(&store->table, entry_key(entry));
            free(entry);
        } else {
            table_put(&store->table, entry);
        }
    }
    batch->table.count = 0;
    return STATUS_OK;
}

/* ---- scans ---- */

static struct store_scan *memory_scan_open(struct store *store, struct store_batch *batch,
                                           struct slice prefix, struct slice from)
{
    struct memory_scan *scan = calloc(1, sizeof *scan);

    (void) store;
    if (scan == NULL)
        return NULL;
    scan->batch = (struct memory_batch *) batch;
    buf_init(&scan->prefix, SIZE_MAX / 2);
    buf_init(&scan->place, SIZE_MAX / 2);
    buf_init(&scan->value, STORE_VALUE_MAX);
    buf_append(&scan->prefix, prefix);
    buf_append(&scan->place, from);
    return &scan->front;
}

/* The table's first entry at the scan's place, or behind it once that was returned. */
static struct entry *scan_peek(const struct memory_scan *scan, const struct table *table)
{
    size_t at = table_find(table, buf_slice(&scan->place));

    if (scan->started && table_has(table, at, buf_slice(&scan->place)))
        at++;
    return at < table->count ? table->entries[at] : NULL;
}

/* The next entry of store and batch together: the batch's own wins over an equal key. */
static struct entry *scan_merge(const struct memory_scan *scan)
{
    const struct memory_store *store = (const struct memory_store *) scan->front.store;
    struct entry *base = scan_peek(scan, &store->table);
    struct entry *fresh = scan->batch == NULL ? NULL : scan_peek(scan, &scan->batch->table);

    if (fresh == NULL)
        return base;
    if (base == NULL || slice_compare(entry_key(fresh), entry_key(base)) <= 0)
        return fresh;
    return base;
}

static void scan_move(struct memory_scan *scan, const struct entry *entry)
{
    scan->started = true;
    buf_reset(&scan->place);
    buf_append(&scan->place, entry_key(entry));
    buf_reset(&scan->value);
    buf_append(&scan->value, entry_value(entry));
    if (buf_status(&scan->place, NULL) != STATUS_OK || buf_status(&scan->value, NULL) != STATUS_OK)
        scan->failure = STATUS_NOMEM;
}

static bool memory_scan_next(struct store_scan *front, struct slice *key, struct slice *value)
{
    struct memory_scan *scan = (struct memory_scan *) front;
    struct entry *entry;

    if (buf_status(&scan->prefix, NULL) != STATUS_OK || buf_status(&scan->place, NULL) != STATUS_OK)
        scan->failure = STATUS_NOMEM;
    while (scan->failure == STATUS_OK) {
        entry = scan_merge(scan);
        if (entry == NULL || !slice_starts(entry_key(entry), buf_slice(&scan->prefix)))
            return false;
        scan_move(scan, entry);
        if (entry->deleted || scan->failure != STATUS_OK)
            continue;
        *key = buf_slice(&scan->place);
        *value = buf_slice(&scan->value);
        return true;
    }
    return false;
}

static enum status memory_scan_close(struct store_scan *front, struct error *err)
{
    struct memory_scan *scan = (struct memory_scan *) front;
    enum status failure = scan->failure;

    buf_fini(&scan->prefix);
    buf_fini(&scan->place);
    buf_fini(&scan->value);
    free(scan);
    return failure == STATUS_OK ? STATUS_OK : error_set(err, failure, "no memory for a scan");
}

/* ---- opening and failures ---- */

static const struct store_backend memory_backend = {
    .name = "memory",
    .close = memory_close,
    .wipe = memory_wipe,
    .sync = memory_sync,
    .get = memory_get,
    .batch_create = memory_batch_create,
    .batch_destroy = memory_batch_destroy,
    .batch_clear = memory_batch_clear,
    .batch_put = memory_batch_put,
    .batch_delete = memory_batch_delete,
    .batch_get = memory_batch_get,
    .commit = memory_commit,
    .scan_open = memory_scan_open,
    .scan_next = memory_scan_next,
    .scan_close = memory_scan_close,
};

struct store *store_open_memory(void)
{
    struct memory_store *store = calloc(1, sizeof *store);

    if (store == NULL)
        return NULL;
    store->front.backend = &memory_backend;
    return &store->front;
}

void store_memory_fail(struct store *front, uint64_t nth, enum status status)
{
    struct memory_store *store = (struct memory_store *) front;

    ENSURE(front->backend == &memory_backend);
    store->fail_at = nth == 0 ? 0 : store->writes + nth;
    store->fail_with = status;
}

void store_memory_recover(struct store *front)
{
    ENSURE(front->backend == &memory_backend);
    front->failure.code = STATUS_OK;
}

uint64_t store_memory_writes(const struct store *front)
{
    ENSURE(front->backend == &memory_backend);
    return ((const struct memory_store *) front)->writes;
}

size_t store_memory_size(const struct store *front)
{
    ENSURE(front->backend == &memory_backend);
    return ((const struct memory_store *) front)->table.count;
}
