#include "base/bus/log_batch.h"

/* Fixed widths instead of varints: a run is walked at every hop, and walking must be cheap. */
static void put_size(char *at, size_t size)
{
    for (int i = 0; i < 4; i++)
        at[i] = (char) (unsigned char) (size >> (24 - 8 * i));
}

static size_t get_size(const char *at)
{
    size_t size = 0;

    for (int i = 0; i < 4; i++)
        size = size << 8 | (unsigned char) at[i];
    return size;
}

void log_batch_put(struct buf *batch, struct slice key, struct slice value)
{
    char head[LOG_RECORD_HEAD];

    ENSURE(key.size <= BUS_RECORD_MAX && value.size <= BUS_RECORD_MAX);
    put_size(head, key.size);
    put_size(head + 4, value.size);
    /* All or nothing: half a record in a run would spoil what follows. */
    if (buf_reserve(batch, log_batch_size(key, value)) == NULL)
        return;
    buf_append(batch, slice_of(head, sizeof head));
    buf_append(batch, key);
    buf_append(batch, value);
}

size_t log_batch_size(struct slice key, struct slice value)
{
    return LOG_RECORD_HEAD + key.size + value.size;
}

bool log_batch_next(struct slice *rest, struct slice *key, struct slice *value)
{
    size_t key_size;
    size_t value_size;

    if (rest->size < LOG_RECORD_HEAD)
        return false;
    key_size = get_size(rest->data);
    value_size = get_size(rest->data + 4);
    /* The sizes come from outside: compare before adding to a pointer. */
    /* Both are below 2^32, so the sum cannot wrap. */
    if (rest->size - LOG_RECORD_HEAD < key_size + value_size)
        return false;
    *key = slice_sub(*rest, LOG_RECORD_HEAD, key_size);
    *value = slice_sub(*rest, LOG_RECORD_HEAD + key_size, value_size);
    *rest = slice_sub(*rest, LOG_RECORD_HEAD + key_size + value_size, SIZE_MAX);
    return true;
}

enum status log_batch_check(struct slice bytes, uint64_t count, struct error *err)
{
    struct slice rest = bytes;
    struct slice key;
    struct slice value;
    uint64_t found = 0;

    /* The whole run is walked before any of it is believed. */
    while (log_batch_next(&rest, &key, &value)) {
        if (key.size + value.size > BUS_RECORD_MAX)
            return error_set(err, STATUS_TOO_LARGE, "a record of %zu bytes: %d are allowed",
                             key.size + value.size, (int) BUS_RECORD_MAX);
        found++;
    }
    /* Offsets are given out by the count, so it has to be the truth. */
    if (rest.size > 0 || found == 0 || found != count)
        return error_set(err, STATUS_INVALID,
                         "broken records: %llu of %llu are whole, %zu bytes left over",
                         (unsigned long long) found, (unsigned long long) count, rest.size);
    return STATUS_OK;
}

/* Past the last record there is nothing: skipping more than there are gives the empty slice. */
struct slice log_batch_skip(struct slice bytes, uint64_t count)
{
    struct slice key;
    struct slice value;

    while (count > 0 && log_batch_next(&bytes, &key, &value))
        count--;
    return bytes;
}

size_t log_batch_fit(struct slice bytes, size_t max, uint64_t *count)
{
    struct slice rest = bytes;
    struct slice key;
    struct slice value;
    size_t taken = 0;

    *count = 0;
    /* `taken` lags behind, since the walk has to pass the limit to see it. */
    while (log_batch_next(&rest, &key, &value) && bytes.size - rest.size <= max) {
        taken = bytes.size - rest.size;
        (*count)++;
    }
    return taken;
}
