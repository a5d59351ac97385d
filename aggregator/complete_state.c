/*
 * Values are fixed rows of numbers under short keys ('i', 'l', 'g', 'p'). The sums are never
 * counted anew: a change takes the share of the old row off and puts the share of the new one on,
 * within the batch that writes the row and the offset. So after a crash rows, sums and offset are
 * of one moment.
 */
#include "aggregator/complete_state.h"

#include "base/store/key.h"

#include <string.h>

enum { VALUE_MAX = 1024, KEY_BYTES_MAX = 64, PROGRESS_WORDS = 19 };

_Static_assert(sizeof(struct progress) == PROGRESS_WORDS * sizeof(uint64_t),
               "progress is an array of words");

/* Pages of one list. */
struct list_count {
    uint32_t known;
    uint32_t final;
    uint32_t bad;
};

static void request_key_of(struct buf *key, struct id id)
{
    buf_reset(key);
    key_put_u8(key, 'i');
    key_put_raw(key, id_slice(&id));
}

static void list_key_of(struct buf *key, uint32_t list)
{
    buf_reset(key);
    key_put_u8(key, 'l');
    key_put_u32(key, list);
}

/* The value of a key into `value`, empty if there is none. */
static enum status get(struct store_batch *batch, const struct buf *key, struct buf *value,
                       struct error *err)
{
    enum status status = store_batch_get(batch, buf_slice(key), value, err);

    if (status != STATUS_NOT_FOUND)
        return status;
    buf_reset(value);
    return STATUS_OK;
}

/* A row that does not read back counts as none; the fold then learns it again. */
static void read_row(struct slice value, struct request_row *row)
{
    struct key_reader reader = key_read(value);
    uint32_t flags = key_read_u32(&reader);

    row->flags = (uint16_t) (flags >> 16);
    row->events = (uint16_t) (flags & 0xFFFF);
    row->list = key_read_u32(&reader);
    row->wanted = key_read_u32(&reader);
    row->answered = key_read_u32(&reader);
    if (!key_done(&reader))
        *row = (struct request_row){0};
}

enum status request_row_get(struct store_batch *batch, struct id id, struct request_row *row,
                            struct error *err)
{
    struct buf key, value;
    enum status status;

    buf_init(&key, KEY_BYTES_MAX);
    buf_init(&value, VALUE_MAX);
    request_key_of(&key, id);
    status = get(batch, &key, &value, err);
    if (status == STATUS_OK)
        read_row(buf_slice(&value), row);
    buf_fini(&key);
    buf_fini(&value);
    return status;
}

static void put_row(struct store_batch *batch, struct id id, const struct request_row *row)
{
    struct buf key, value;

    buf_init(&key, KEY_BYTES_MAX);
    buf_init(&value, VALUE_MAX);
    request_key_of(&key, id);
    key_put_u32(&value, (uint32_t) row->flags << 16 | row->events);
    key_put_u32(&value, row->list);
    key_put_u32(&value, row->wanted);
    key_put_u32(&value, row->answered);
    store_batch_put(batch, buf_slice(&key), buf_slice(&value));
    buf_fini(&key);
    buf_fini(&value);
}

static bool has(const struct request_row *row, unsigned flags)
{
    return (row->flags & flags) == flags;
}

/* Adds the row's share `times` 1 or -1; unsigned sums take -1 as they should. Every sum is a
 * function of one row's flags: what is subtracted is therefore exactly what was added once,
 * whatever the order in which the flags came. */
static void share(struct progress *progress, const struct request_row *row, uint64_t times)
{
    bool answered = row->answered > 0;

    progress->urls_known += times * has(row, REQUEST_KNOWN);
    progress->urls_final += times * has(row, REQUEST_KNOWN | REQUEST_FINAL);
    progress->seeds += times * has(row, REQUEST_SEED);
    progress->list_pages += times * has(row, REQUEST_LIST | REQUEST_FINAL);
    progress->documents += times * has(row, REQUEST_OK);
    progress->outcomes += times * answered;
    /* An outcome of generation 0 does not still the want of a redrive. */
    progress->waiting += times * (row->wanted > row->answered);
    /* Logs are read at their own pace: a report may be read long before its document. Until then
     * the job may not be sealed, or the seal would end before the document. */
    progress->orphans += times * (answered && !has(row, REQUEST_DOCUMENT));
    progress->visits += times * has(row, REQUEST_VISIT);
    progress->events += times * row->events;
    progress->dead += times * (answered && !has(row, REQUEST_GOOD));
}

/* A list is final when all its known pages are. */
static void list_share(struct progress *progress, const struct list_count *list, uint64_t times)
{
    progress->lists_known += times * (list->known > 0);
    progress->lists_final += times * (list->known > 0 && list->known == list->final);
    progress->lists_bad += times * (list->bad > 0);
}

static void page_share(struct list_count *list, const struct request_row *row, uint32_t times)
{
    list->known += times * has(row, REQUEST_LIST | REQUEST_KNOWN);
    list->final += times * has(row, REQUEST_LIST | REQUEST_KNOWN | REQUEST_FINAL);
    list->bad += times * has(row, REQUEST_LIST | REQUEST_BAD);
}

static enum status move_list(struct store_batch *batch, const struct request_change *change,
                             struct progress *progress, struct error *err)
{
    struct list_count list = {0};
    struct key_reader reader;
    struct buf key, value;
    enum status status;

    buf_init(&key, KEY_BYTES_MAX);
    buf_init(&value, VALUE_MAX);
    list_key_of(&key, change->row.list);
    status = get(batch, &key, &value, err);
    if (status == STATUS_OK) {
        reader = key_read(buf_slice(&value));
        list = (struct list_count){key_read_u32(&reader), key_read_u32(&reader),
                                   key_read_u32(&reader)};
        /* A list may look final for a moment, until the link to its next page is known: so its own
         * share is taken off and put on again, too. */
        list_share(progress, &list, (uint64_t) -1);
        page_share(&list, &change->old, (uint32_t) -1);
        page_share(&list, &change->row, 1);
        list_share(progress, &list, 1);
        buf_reset(&value);
        key_put_u32(&value, list.known);
        key_put_u32(&value, list.final);
        key_put_u32(&value, list.bad);
        store_batch_put(batch, buf_slice(&key), buf_slice(&value));
    }
    buf_fini(&key);
    buf_fini(&value);
    return status;
}

enum status request_row_put(struct store_batch *batch, struct id id,
                            const struct request_change *change, struct progress *progress,
                            struct error *err)
{
    const struct request_row *old = &change->old, *row = &change->row;

    /* Repeats are common, above all after a restart: they cost a look, not a write. */
    if (memcmp(old, row, sizeof *row) == 0)
        return STATUS_OK;
    share(progress, old, (uint64_t) -1);
    share(progress, row, 1);
    put_row(batch, id, row);
    if (!has(row, REQUEST_LIST))
        return STATUS_OK;
    return move_list(batch, change, progress, err);
}

/* ---- ingested documents ---- */

/* Records are counted, not ids: two lines of an ingest may name one document. */
static uint64_t missing(const struct ingest_change *row)
{
    return row->announced > row->read ? row->announced - row->read : 0;
}

enum status ingest_row_add(struct store_batch *batch, const struct ingest_change *change,
                           struct progress *progress, struct error *err)
{
    struct ingest_change row = {.generation = change->generation};
    struct key_reader reader;
    struct buf key, value;
    enum status status;

    buf_init(&key, KEY_BYTES_MAX);
    buf_init(&value, VALUE_MAX);
    key_put_u8(&key, 'g');
    key_put_u32(&key, change->generation);
    status = get(batch, &key, &value, err);
    if (status == STATUS_OK) {
        reader = key_read(buf_slice(&value));
        row.read = key_read_u64(&reader);
        row.announced = key_read_u64(&reader);
        progress->ingest_missing -= missing(&row);
        row.read += change->read;
        row.announced += change->announced;
        progress->ingest_missing += missing(&row);
        buf_reset(&value);
        key_put_u64(&value, row.read);
        key_put_u64(&value, row.announced);
        store_batch_put(batch, buf_slice(&key), buf_slice(&value));
    }
    buf_fini(&key);
    buf_fini(&value);
    return status;
}

/* ---- sums ---- */

void progress_put(struct store_batch *batch, const struct progress *progress)
{
    uint64_t words[PROGRESS_WORDS];
    struct buf value;

    /* One value for all sums: half of them from before a record and half from after it cannot be
     * read. */
    memcpy(words, progress, sizeof words);
    buf_init(&value, VALUE_MAX);
    for (int i = 0; i < PROGRESS_WORDS; i++)
        key_put_u64(&value, words[i]);
    store_batch_put(batch, SLICE("p"), buf_slice(&value));
    buf_fini(&value);
}

/* An unreadable state is no empty one: starting over silently would hide the damage. */
enum status progress_load(struct store *store, struct progress *progress, struct error *err)
{
    uint64_t words[PROGRESS_WORDS] = {0};
    struct key_reader reader;
    struct buf value;
    enum status status;

    buf_init(&value, VALUE_MAX);
    status = store_get(store, SLICE("p"), &value, err);
    if (status == STATUS_OK) {
        reader = key_read(buf_slice(&value));
        for (int i = 0; i < PROGRESS_WORDS; i++)
            words[i] = key_read_u64(&reader);
        if (!key_done(&reader))
            status =
                error_set(err, STATUS_CORRUPT,
                          "the state of the aggregator is damaged, or of another version: remove "
                          "its folder, and it is made anew from the logs");
    }
    if (status == STATUS_NOT_FOUND)
        status = STATUS_OK;
    if (status == STATUS_OK)
        memcpy(progress, words, sizeof words);
    buf_fini(&value);
    return status;
}

uint64_t progress_remaining(const struct progress *progress)
{
    return progress->urls_known - progress->urls_final + progress->waiting + progress->orphans;
}

/* Announced numbers come first: before all seeds are known nothing open means nothing yet. A
 * generation is opened by its announcement and closed by its seal; the last line keeps an old seal
 * from standing for a new generation, and a second seal of one from being made. */
bool progress_complete(const struct progress *progress)
{
    return progress->seeded > 0 && progress->seeds >= progress->seeds_announced &&
           progress->ingest_missing == 0 && progress_remaining(progress) == 0 &&
           progress->sealed < progress->generation + 1;
}
