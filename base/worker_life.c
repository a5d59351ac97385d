/*
 * Rows are written by themselves, at once and not with a batch: they must be there before a commit
 * with our life is, and that comes before anything else that this fold writes.
 */
#include "base/worker_life.h"

#include "base/store/key.h"

#include <fcntl.h>
#include <sys/random.h>
#include <unistd.h>

enum { LIFE_TABLE = 0, LIFE_ROW_MAX = 128, BOOT_TEXT_MAX = 64, NUMBER_SIZE = 8 };

static const char boot_path[] = "/proc/sys/kernel/random/boot_id";

/* ---- rows ---- */

/* No topic's name is empty, so no input's own row begins like this. */
static void begin_key(struct buf *key)
{
    buf_init(key, KEY_MAX);
    key_put_u8(key, LIFE_TABLE);
    key_put_text(key, SLICE(""));
}

static void put_input_key(struct buf *key, const struct input *input)
{
    begin_key(key);
    key_put_text(key, slice_from(input->topic));
    key_put_u32(key, input->partition);
}

/* Writes one row by itself; takes the key. */
static enum status write_row(struct store *store, struct buf *key, const struct buf *row,
                             struct error *err)
{
    struct store_batch *batch = store_batch_create(store);
    enum status status = buf_status(key, err);

    if (status == STATUS_OK)
        status = buf_status(row, err);
    if (status == STATUS_OK) {
        store_batch_put(batch, buf_slice(key), buf_slice(row));
        status = store_commit(batch, false, err);
    }
    store_batch_destroy(batch);
    return status;
}

/* *number is 0 if there is no row; what else it has stands in `row` behind NUMBER_SIZE bytes. */
static enum status read_row(struct store *store, const struct buf *key, struct buf *row,
                            uint64_t *number, struct error *err)
{
    struct key_reader reader;
    enum status status = buf_status(key, err);

    *number = 0;
    if (status == STATUS_OK)
        status = store_get(store, buf_slice(key), row, err);
    if (status == STATUS_NOT_FOUND)
        return STATUS_OK;
    if (status != STATUS_OK)
        return status;
    reader = key_read(buf_slice(row));
    *number = key_read_u64(&reader);
    return reader.failed ? error_set(err, STATUS_CORRUPT, "a life of %zu bytes", row->size)
                         : STATUS_OK;
}

/* ---- life ---- */

/* Which run of the machine this is. Where it cannot be read every start counts as a new one. */
static struct slice read_boot(char text[BOOT_TEXT_MAX])
{
    int file = open(boot_path, O_RDONLY | O_CLOEXEC);
    ssize_t size = file < 0 ? 0 : read(file, text, BOOT_TEXT_MAX);

    if (file >= 0)
        (void) close(file);
    return slice_of(text, size < 0 ? 0 : (size_t) size);
}

static enum status draw(uint64_t *life, struct error *err)
{
    *life = 0;
    while (*life == 0)
        if (getrandom(life, sizeof *life, 0) != (ssize_t) sizeof *life)
            return error_set(err, STATUS_IO, "the machine gives no random numbers");
    return STATUS_OK;
}

static enum status renew(struct store *store, struct buf *key, struct slice boot, uint64_t *life,
                         struct error *err)
{
    struct buf row;
    enum status status = draw(life, err);

    buf_init(&row, LIFE_ROW_MAX);
    key_put_u64(&row, *life);
    key_put_raw(&row, boot);
    if (status == STATUS_OK)
        status = write_row(store, key, &row, err);
    buf_fini(&row);
    return status;
}

enum status life_open(struct store *store, uint64_t *life, struct error *err)
{
    char text[BOOT_TEXT_MAX];
    struct slice boot = read_boot(text);
    struct buf key, row;
    enum status status;

    begin_key(&key);
    buf_init(&row, LIFE_ROW_MAX);
    status = read_row(store, &key, &row, life, err);
    if (status == STATUS_OK &&
        (*life == 0 || boot.size == 0 ||
         !slice_equal(slice_sub(buf_slice(&row), NUMBER_SIZE, SIZE_MAX), boot)))
        status = renew(store, &key, boot, life, err);
    buf_fini(&key);
    buf_fini(&row);
    return status;
}

/* ---- others ---- */

/* A row of before reaches were told ends behind the first number. */
static enum status read_past(struct store *store, const struct buf *key, struct fold_past *past,
                             struct error *err)
{
    struct key_reader reader;
    uint64_t others = 0;
    struct buf row;
    enum status status;

    buf_init(&row, LIFE_ROW_MAX);
    status = read_row(store, key, &row, &others, err);
    reader = key_read(slice_sub(buf_slice(&row), NUMBER_SIZE, SIZE_MAX));
    *past = (struct fold_past){.others_ms = (int64_t) others};
    if (status == STATUS_OK && reader.rest.size > 0)
        past->until_ms = (int64_t) key_read_u64(&reader);
    buf_fini(&row);
    return status;
}

static enum status write_past(struct store *store, struct buf *key, const struct fold_past *past,
                              struct error *err)
{
    struct buf row;
    enum status status;

    buf_init(&row, LIFE_ROW_MAX);
    key_put_u64(&row, (uint64_t) past->others_ms);
    key_put_u64(&row, (uint64_t) past->until_ms);
    status = write_row(store, key, &row, err);
    buf_fini(&row);
    return status;
}

/* Only who left in order has told the truth for good: others act on after what they said. */
enum status life_claim(struct store *store, const struct input *input, struct life_claim *claim,
                       struct error *err)
{
    bool told = claim->found.kind == MARK_CLEAN && claim->found.life != 0;
    struct buf key;
    enum status status;

    put_input_key(&key, input);
    /* Without any commit there was no predecessor: as good as our own life. */
    claim->kept = claim->first || claim->found.life == claim->life;
    claim->past = (struct fold_past){claim->now_ms, told ? claim->found.until_ms : 0};
    status = claim->kept ? read_past(store, &key, &claim->past, err)
                         : write_past(store, &key, &claim->past, err);
    buf_fini(&key);
    return status;
}

bool life_owns_key(struct slice key)
{
    struct buf prefix;
    bool ours;

    begin_key(&prefix);
    ours = slice_starts(key, buf_slice(&prefix));
    buf_fini(&prefix);
    return ours;
}
