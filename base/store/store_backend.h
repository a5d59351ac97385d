/*
 * store_backend: what a store implementation provides. Private to base/store.
 *
 * Calls    store.c checks key and value sizes, sticky failures of batches and the fail-stop of the
 *          store before any of these, so a backend only moves bytes. All entries are required. The
 *          contract of each is the text of the function of the same name in store.h.
 * Layout   A backend's store, batch and scan begin with struct store, struct store_batch and
 *          struct store_scan, so the front can keep its part there. The front fills those parts
 *          right after batch_create and scan_open; a backend fills only store.backend.
 */
#ifndef XUNFANG_BASE_STORE_STORE_BACKEND_H
#define XUNFANG_BASE_STORE_STORE_BACKEND_H

#include "base/store/store.h"

struct store_backend {
    const char *name;
    void (*close)(struct store *store);
    enum status (*wipe)(struct store *store, struct error *err);
    enum status (*sync)(struct store *store, struct error *err);
    /* Appends to `value`, which is empty; the front checks its failure. */
    enum status (*get)(struct store *store, struct slice key, struct buf *value, struct error *err);

    struct store_batch *(*batch_create)(struct store *store); /* NULL: no memory */
    void (*batch_destroy)(struct store_batch *batch);
    void (*batch_clear)(struct store_batch *batch);
    enum status (*batch_put)(struct store_batch *batch, struct slice key, struct slice value);
    enum status (*batch_delete)(struct store_batch *batch, struct slice key);
    enum status (*batch_get)(struct store_batch *batch, struct slice key, struct buf *value,
                             struct error *err);
    /* The front clears the batch after success. */
    enum status (*commit)(struct store_batch *batch, bool sync, struct error *err);

    /* `batch` may be NULL; `from` is never before `prefix`. */
    struct store_scan *(*scan_open)(struct store *store, struct store_batch *batch,
                                    struct slice prefix, struct slice from);
    bool (*scan_next)(struct store_scan *scan, struct slice *key, struct slice *value);
    enum status (*scan_close)(struct store_scan *scan, struct error *err);
};

struct store {
    const struct store_backend *backend;
    struct error failure; /* code STATUS_OK: none; else no more writes */
};

struct store_batch {
    struct store *store;
    enum status failure; /* of the first put or delete that failed */
    size_t bytes;
};

struct store_scan {
    struct store *store;
};

/* The directory at `path`; every option is filled in. */
CHECKED enum status store_rocksdb_open(const char *path, const struct store_options *options,
                                       struct store **store, struct error *err);

#endif
