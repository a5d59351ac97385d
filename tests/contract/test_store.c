/* The store contract over RocksDB, with and without blob files, and the map in memory. */
#include "tests/contract/log_process.h"
#include "tests/contract/store_contract.h"

#include <stdlib.h>

static void *folder_setup(void)
{
    char *folder = calloc(1, LOG_FOLDER_SIZE);

    if (folder != NULL)
        log_folder_make(folder);
    return folder;
}

static void folder_teardown(void *self)
{
    log_folder_remove(self);
    free(self);
}

static enum status plain_open(void *self, struct store **store, struct error *err)
{
    return store_open(self, NULL, store, err);
}

static enum status blob_open(void *self, struct store **store, struct error *err)
{
    struct store_options options = {
        .memory_bytes = 1024 * 1024, .blob_min_bytes = 1024, .compress = true};

    return store_open(self, &options, store, err);
}

static void *nothing_setup(void)
{
    static int nothing;

    return &nothing;
}

static void nothing_teardown(void *self)
{
    (void) self;
}

static enum status memory_open(void *self, struct store **store, struct error *err)
{
    (void) self;
    *store = store_open_memory();
    return *store == NULL ? error_set(err, STATUS_NOMEM, "a store in memory") : STATUS_OK;
}

int main(void)
{
    static const struct store_contract_place places[] = {
        {"rocksdb", true, folder_setup, folder_teardown, plain_open},
        {"rocksdb with blobs", true, folder_setup, folder_teardown, blob_open},
        {"memory", false, nothing_setup, nothing_teardown, memory_open},
    };
    int failed = 0;

    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
        failed += store_contract_run(&places[i]);
    return failed;
}
