/*
 * store: ordered bytes to bytes, with atomic batches that see their own writes.
 *
 * Backends  RocksDB (a directory; one process at a time) and an ordered map in memory for tests.
 * Order     Keys compare as unsigned bytes; base/store/key.h writes numbers so that they sort.
 * Batch     Sticky: after the first failure a batch does nothing, and store_commit returns it. A
 *           commit is atomic, survives the death of the process, and the machine's if `sync`.
 * Memory    Values are copied into the caller's buf.
 * Threads   A store and all that hangs on it belong to one thread.
 * Failure   After STATUS_IO, STATUS_DISK_FULL or STATUS_CORRUPT from a commit the store refuses
 *           further writes (fail-stop); close and open it again.
 */
#ifndef XUNFANG_BASE_STORE_STORE_H
#define XUNFANG_BASE_STORE_STORE_H

#include "base/util/buf.h"

struct store;
struct store_batch;
struct store_scan;

enum {
    STORE_KEY_MAX = 8 * 1024,           /* bytes; an empty key is refused */
    STORE_VALUE_MAX = 64 * 1024 * 1024, /* bytes; more is STATUS_TOO_LARGE */
};

struct store_options {
    size_t memory_bytes;   /* write buffers and block cache together; 0: 16 MiB */
    size_t blob_min_bytes; /* values from this size go to blob files; 0: none do */
    bool compress;         /* zstd for values and blobs */
};

/* Opens or creates. STATUS_BUSY: another process has it. */
CHECKED enum status store_open(const char *path, const struct store_options *options,
                               struct store **store, struct error *err);
/* NULL when memory is out. */
struct store *store_open_memory(void);
void store_close(struct store *store);
/* Removes every key. */
CHECKED enum status store_wipe(struct store *store, struct error *err);
/* Makes all commits so far survive a power cut. */
CHECKED enum status store_sync(struct store *store, struct error *err);

/* STATUS_NOT_FOUND leaves *value empty. `err` is not filled then. */
CHECKED enum status store_get(struct store *store, struct slice key, struct buf *value,
                              struct error *err);

/* NULL when memory is out; the functions below take NULL and remember STATUS_NOMEM at commit. */
struct store_batch *store_batch_create(struct store *store);
void store_batch_destroy(struct store_batch *batch);
void store_batch_put(struct store_batch *batch, struct slice key, struct slice value);
void store_batch_delete(struct store_batch *batch, struct slice key);
/* Like store_get, but the batch's own writes come first. */
CHECKED enum status store_batch_get(struct store_batch *batch, struct slice key, struct buf *value,
                                    struct error *err);
/* Bytes of keys and values put since creation or the last commit. */
size_t store_batch_bytes(const struct store_batch *batch);
/* Writes all or nothing; the batch is empty after success and may be used again. */
CHECKED enum status store_commit(struct store_batch *batch, bool sync, struct error *err);
/* Forgets what it holds, failure included. */
void store_batch_clear(struct store_batch *batch);

/* Keys that start with `prefix`, in order, from `from` on (empty: from the prefix). With a batch
 * its writes are seen too, and the batch must not change while the scan is open. NULL when memory
 * is out. */
struct store_scan *store_scan_open(struct store *store, struct store_batch *batch,
                                   struct slice prefix, struct slice from);
/* false at the end or on failure; slices are valid until the next call. */
bool store_scan_next(struct store_scan *scan, struct slice *key, struct slice *value);
/* Frees; returns what ended it: STATUS_OK at the end of the keys. NULL gives STATUS_NOMEM. */
CHECKED enum status store_scan_close(struct store_scan *scan, struct error *err);

#endif
