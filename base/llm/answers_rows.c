#include "base/llm/answers_rows.h"

#include "base/message.h"
#include "base/store/key.h"

#include <string.h>

enum { HEAD_NUMBERS = 12, HEAD_MAX = 8 * (HEAD_NUMBERS + 1) + ID_SIZE };
/* A state is a reply, a failure and a refusal together. */
enum { ROW_MAX = 256 * 1024 };

/* ---- keys ---- */

static void append(struct row_key *key, const void *bytes, size_t size)
{
    ENSURE(size <= sizeof key->bytes - key->size);
    memcpy(key->bytes + key->size, bytes, size);
    key->size += size;
}

/* Big-endian, as everywhere in stores. */
static void append_number(struct row_key *key, uint64_t number)
{
    for (int shift = 56; shift >= 0; shift -= 8)
        append(key, &(unsigned char){(unsigned char) (number >> shift)}, 1);
}

struct row_key row_of_table(enum row_table table)
{
    struct row_key key = {.size = 0};

    append(&key, &(unsigned char){(unsigned char) table}, 1);
    return key;
}

struct row_key row_of_key(enum row_table table, struct id key)
{
    struct row_key row = row_of_table(table);

    append(&row, key.bytes, sizeof key.bytes);
    return row;
}

struct row_key row_of_slot(const char *slot)
{
    struct row_key row = row_of_table(ROW_SLOT);

    append(&row, slot, strlen(slot));
    return row;
}

struct row_key row_of_life(const char *slot, uint64_t life)
{
    struct row_key row = row_of_table(ROW_LIFE);

    append_number(&row, life);
    append(&row, slot, strlen(slot));
    return row;
}

struct row_key row_of_given_up(struct id key, uint64_t life, uint64_t number)
{
    struct row_key row = row_of_key(ROW_GIVEN_UP, key);

    append_number(&row, life);
    append_number(&row, number);
    return row;
}

struct slice row_slice(const struct row_key *key)
{
    return slice_of(key->bytes, key->size);
}

/* Behind the table's byte. */
enum status row_read_key(struct slice row, struct id *key, struct error *err)
{
    if (id_from_bytes(slice_sub(row, 1, SIZE_MAX), key, NULL) == STATUS_OK)
        return STATUS_OK;
    return error_set(err, STATUS_CORRUPT, "a row of answers with a key of %zu bytes", row.size);
}

/* ---- values ---- */

enum status row_put(struct store_batch *batch, const struct row_key *key,
                    const ProtobufCMessage *message, struct error *err)
{
    struct buf value;
    enum status status;

    buf_init(&value, ROW_MAX);
    message_pack(message, &value);
    status = buf_status(&value, err);
    if (status == STATUS_OK)
        store_batch_put(batch, row_slice(key), buf_slice(&value));
    buf_fini(&value);
    return status;
}

enum status row_unpack(const ProtobufCMessageDescriptor *type, struct slice value,
                       struct arena *arena, void **message, struct error *err)
{
    struct error cause = {0};
    void *unpacked = message_unpack(type, value, arena, &cause);

    if (unpacked == NULL)
        return error_set(err, cause.code == STATUS_NOMEM ? STATUS_NOMEM : STATUS_CORRUPT, "%s",
                         cause.message);
    *message = unpacked;
    return STATUS_OK;
}

enum status row_get(const struct row_source *source, const struct row_key *key,
                    const ProtobufCMessageDescriptor *type, void **message, struct error *err)
{
    struct slice bytes;
    struct buf value;
    enum status status;

    buf_init(&value, ROW_MAX);
    status = source->batch != NULL ? store_batch_get(source->batch, row_slice(key), &value, err)
                                   : store_get(source->store, row_slice(key), &value, err);
    if (status == STATUS_OK) {
        /* Behind the message, which points into the bytes. */
        bytes = arena_copy(source->arena, buf_slice(&value));
        status = bytes.data == NULL ? error_set(err, STATUS_NOMEM, "no memory for a row of answers")
                                    : row_unpack(type, bytes, source->arena, message, err);
    }
    buf_fini(&value);
    return status;
}

/* ---- the head ---- */

/* One order for reading and writing. */
static void list_numbers(struct row_head *head, uint64_t *numbers[HEAD_NUMBERS])
{
    struct answers_totals *totals = &head->totals;
    uint64_t *const list[HEAD_NUMBERS] = {
        &head->position,
        &totals->replies,
        &totals->failures,
        &totals->refusals,
        &totals->unreadable,
        &totals->used.calls,
        &totals->used.prompt_tokens,
        &totals->used.completion_tokens,
        &totals->used_money,
        &totals->spent.calls,
        &totals->spent.tokens,
        &totals->spent.money,
    };

    memcpy(numbers, list, sizeof list);
}

static enum status read_head(struct slice row, struct row_head *head, struct error *err)
{
    struct key_reader reader = key_read(row);
    struct row_head made = {.position = 0};
    uint64_t *numbers[HEAD_NUMBERS];
    struct slice last;

    list_numbers(&made, numbers);
    for (size_t i = 0; i < HEAD_NUMBERS; i++)
        *numbers[i] = key_read_u64(&reader);
    made.totals.used.latency_ms = (int64_t) key_read_u64(&reader);
    last = key_read_raw(&reader, ID_SIZE);
    if (!key_done(&reader) || id_from_bytes(last, &made.last, NULL) != STATUS_OK)
        return error_set(err, STATUS_CORRUPT, "a head of answers of %zu bytes", row.size);
    *head = made;
    return STATUS_OK;
}

/* Longer than any head is no head, either. */
enum status row_get_head(struct store *store, struct row_head *head, struct error *err)
{
    struct row_key key = row_of_table(ROW_HEAD);
    struct buf value;
    enum status status;

    buf_init(&value, HEAD_MAX);
    status = store_get(store, row_slice(&key), &value, err);
    if (status == STATUS_OK) {
        status = read_head(buf_slice(&value), head, err);
    } else if (status == STATUS_NOT_FOUND) {
        *head = (struct row_head){.position = 0};
        status = STATUS_OK;
    } else if (status == STATUS_TOO_LARGE) {
        status = STATUS_CORRUPT;
    }
    buf_fini(&value);
    return status;
}

enum status row_put_head(struct store_batch *batch, const struct row_head *head, struct error *err)
{
    struct row_key key = row_of_table(ROW_HEAD);
    struct row_head copy = *head;
    uint64_t *numbers[HEAD_NUMBERS];
    struct buf value;
    enum status status;

    list_numbers(&copy, numbers);
    buf_init(&value, HEAD_MAX);
    for (size_t i = 0; i < HEAD_NUMBERS; i++)
        key_put_u64(&value, *numbers[i]);
    key_put_u64(&value, (uint64_t) copy.totals.used.latency_ms);
    key_put_raw(&value, id_slice(&copy.last));
    status = buf_status(&value, err);
    if (status == STATUS_OK)
        store_batch_put(batch, row_slice(&key), buf_slice(&value));
    buf_fini(&value);
    return status;
}
