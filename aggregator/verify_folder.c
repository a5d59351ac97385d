#include "aggregator/verify_folder.h"

#include "aggregator/output_folder.h"
#include "aggregator/tables.h"

#include <stdio.h>
#include <string.h>

/* A file that cannot be opened differs. */
static bool same_bytes(const char *path, struct slice wanted)
{
    char block[65536];
    FILE *file = fopen(path, "rb");
    bool same = file != NULL;
    size_t size;

    while (same && (size = fread(block, 1, sizeof block, file)) > 0) {
        same = size <= wanted.size && memcmp(block, wanted.data, size) == 0;
        if (same)
            wanted = slice_sub(wanted, size, wanted.size);
    }
    same = same && wanted.size == 0 && !ferror(file);
    if (file != NULL)
        (void) fclose(file);
    return same;
}

enum status verify_folder(const struct results *results, const char *path, struct verify *verify,
                          struct error *err)
{
    char file[OUTPUT_PATH_MAX], example[128] = "";
    uint64_t differ = 0;
    enum status status = STATUS_OK;
    struct buf text;

    buf_init(&text, TABLE_BYTES_MAX);
    for (size_t i = 0; i < table_count() && status == STATUS_OK; i++) {
        const struct table *table = table_at(i);

        buf_reset(&text);
        table->render(results, &text);
        status = buf_status(&text, err);
        (void) snprintf(file, sizeof file, "%s/%s", path, table->file);
        if (status == STATUS_OK && !same_bytes(file, buf_slice(&text)) && differ++ == 0)
            (void) snprintf(example, sizeof example, "%s", table->file);
    }
    buf_fini(&text);
    if (status == STATUS_OK)
        verify_none(verify, "the output folder is what the logs give", differ, example);
    return status;
}
