#include "base/worker_state.h"

#include "base/store/key.h"
#include "base/util/crash.h"
#include "base/worker_life.h"

#include <inttypes.h>

enum { STATE_TABLE = 0, STATE_ROW_MAX = 8 + MARK_TEXT_SIZE };

/* ---- rows ---- */

static void put_key(struct buf *key, const struct input *input)
{
    buf_init(key, KEY_MAX);
    key_put_u8(key, STATE_TABLE);
    key_put_text(key, slice_from(input->topic));
    key_put_u32(key, input->partition);
}

static enum status read_row(struct slice row, uint64_t *offset, struct mark *mark,
                            struct error *err)
{
    struct key_reader reader = key_read(row);
    uint64_t number = key_read_u64(&reader);
    struct slice text = key_read_raw(&reader, SIZE_MAX);

    if (!key_done(&reader))
        return error_set(err, STATUS_CORRUPT, "a position of %zu bytes", row.size);
    *offset = number;
    *mark = mark_parse(text);
    return STATUS_OK;
}

enum status state_load(struct store *store, const struct input *input, uint64_t *offset,
                       struct mark *mark, struct error *err)
{
    struct buf key, row;
    enum status status;

    put_key(&key, input);
    buf_init(&row, STATE_ROW_MAX);
    status = buf_status(&key, err);
    if (status == STATUS_OK)
        status = store_get(store, buf_slice(&key), &row, err);
    if (status == STATUS_OK) {
        status = read_row(buf_slice(&row), offset, mark, err);
    } else if (status == STATUS_NOT_FOUND) {
        *offset = 0;
        *mark = (struct mark){.kind = MARK_CLEAN};
        status = STATUS_OK;
    }
    buf_fini(&key);
    buf_fini(&row);
    return status;
}

enum status state_put(struct store_batch *batch, const struct input *input, uint64_t offset,
                      struct mark mark, struct error *err)
{
    char text[MARK_TEXT_SIZE];
    struct buf key, row;
    enum status status;

    put_key(&key, input);
    buf_init(&row, STATE_ROW_MAX);
    key_put_u64(&row, offset);
    key_put_raw(&row, mark_text(mark, text));
    status = buf_status(&key, err);
    if (status == STATUS_OK)
        status = buf_status(&row, err);
    if (status == STATUS_OK)
        store_batch_put(batch, buf_slice(&key), buf_slice(&row));
    buf_fini(&key);
    buf_fini(&row);
    return status;
}

enum status state_write(struct store *store, const struct input *input, uint64_t offset,
                        struct mark mark, struct error *err)
{
    struct store_batch *batch = store_batch_create(store);
    enum status status = state_put(batch, input, offset, mark, err);

    /* Unsynced, it outlives the process, whose deaths are what marks count. */
    if (status == STATUS_OK)
        status = store_commit(batch, false, err);
    store_batch_destroy(batch);
    return status;
}

/* ---- marks ---- */

enum status state_begin(struct store *store, const struct worker *worker, const struct input *input,
                        struct mark found, struct error *err)
{
    char text[MARK_TEXT_SIZE];
    enum status status;

    if (found.kind != MARK_CLEAN) {
        meter_takeover(&worker->meter, input_position(input, input->done), mark_text(found, text));
        return STATUS_OK;
    }
    status = state_write(store, input, input->done, (struct mark){.kind = MARK_RUNNING}, err);
    return status == STATUS_OK ? crash_here(CRASH_MARK_AFTER_COMMIT, err) : status;
}

enum status state_try(struct store *store, const struct worker *worker, struct input *input,
                      struct error *err)
{
    enum status status;

    /* A fold has no dead outcome to give, and its state would miss the record in silence: a person
     * must decide. */
    if (input->tries >= WORKER_DEATHS_MAX)
        return error_set(err, STATUS_CORRUPT,
                         "the record at %s/%" PRIu32 "/%" PRIu64
                         " has ended %s %u times; it goes on only after a skip of this position",
                         input->topic, input->partition, input->done, worker->meter.stage,
                         input->tries);
    input->tries++;
    input->trying = true;
    status = state_write(store, input, input->done,
                         (struct mark){.kind = MARK_TRY, .tries = input->tries}, err);
    return status == STATUS_OK ? crash_here(CRASH_MARK_AFTER_COMMIT, err) : status;
}

enum status state_survived(struct store *store, struct input *input, struct error *err)
{
    if (!input->trying)
        return STATUS_OK;
    input->trying = false;
    input->tries = 0;
    return state_write(store, input, input->done, (struct mark){.kind = MARK_RUNNING}, err);
}

/* ---- is it usable? ---- */

/* Is `key` the row of one of the inputs? */
static enum status find_input(struct slice key, const struct worker *worker, bool *found,
                              struct error *err)
{
    enum status status = STATUS_OK;

    *found = false;
    for (size_t i = 0; status == STATUS_OK && !*found && i < worker->input_count; i++) {
        struct buf own;
        put_key(&own, &worker->inputs[i]);
        status = buf_status(&own, err);
        *found = slice_equal(buf_slice(&own), key);
        buf_fini(&own);
    }
    return status;
}

/* false in *only if the store has rows of partitions that are no inputs (any more). */
static enum status check_rows(struct store *store, const struct worker *worker, bool *only,
                              struct error *err)
{
    const char table = STATE_TABLE;
    struct store_scan *scan =
        store_scan_open(store, NULL, slice_of(&table, 1), (struct slice){NULL, 0});
    enum status found = STATUS_OK;
    struct slice key, row;
    enum status status;

    *only = true;
    while (found == STATUS_OK && *only && store_scan_next(scan, &key, &row))
        if (!life_owns_key(key))
            found = find_input(key, worker, only, err);
    status = store_scan_close(scan, found == STATUS_OK ? err : NULL);
    return found == STATUS_OK ? status : found;
}

static enum status check_end(struct store *store, const struct worker *worker,
                             const struct input *input, bool *within, struct error *err)
{
    struct mark mark;
    uint64_t offset = 0;
    uint64_t end = 0;
    enum status status = state_load(store, input, &offset, &mark, err);

    if (status == STATUS_OK)
        status = bus_end(worker->bus, input->topic, input->partition, &end, err);
    if (status == STATUS_OK)
        *within = offset <= end;
    return status;
}

enum status state_check(struct store *store, const struct worker *worker, bool *usable,
                        struct error *err)
{
    bool good;
    enum status status = check_rows(store, worker, &good, err);

    for (size_t i = 0; status == STATUS_OK && good && i < worker->input_count; i++)
        status = check_end(store, worker, &worker->inputs[i], &good, err);
    if (status == STATUS_OK)
        *usable = good;
    return status;
}
