/*
 * Keys are tuples written by base/store/key.h, so a scan over a prefix gives a queue in its order.
 * A value is a packed message of proto/frontier.proto or nothing at all. The two buffers are kept
 * from call to call: building a key costs no allocation.
 */
#include "crawler/frontier_store.h"

#include "base/message.h"
#include "base/store/key.h"

enum { VALUE_MAX = 8 * 1024 * 1024, HOST_ARENA = 1024 * 1024 };

void frontier_store_init(struct frontier_store *store)
{
    store->db = NULL;
    store->batch = NULL;
    store->arena = NULL;
    buf_init(&store->key, KEY_MAX);
    buf_init(&store->value, VALUE_MAX);
}

void frontier_store_fini(struct frontier_store *store)
{
    buf_fini(&store->key);
    buf_fini(&store->value);
}

/* ---- keys and messages ---- */

static void begin_key(struct frontier_store *store, char tag)
{
    buf_reset(&store->key);
    key_put_u8(&store->key, (uint8_t) tag);
}

/* Our keys are made of bounded parts: URLs are not among them, hosts are limited by url.h. */
static struct slice key_of(struct frontier_store *store)
{
    ENSURE(store->key.failure == STATUS_OK);
    return buf_slice(&store->key);
}

static void put_message(struct frontier_store *store, const ProtobufCMessage *message)
{
    buf_reset(&store->value);
    message_pack(message, &store->value);
    /* The largest of them holds a robots.txt, which is cut at 500 KiB before it gets here. */
    ENSURE(store->value.failure != STATUS_TOO_LARGE);
    store_batch_put(store->batch, key_of(store), buf_slice(&store->value));
}

/* *message stays NULL if the key is absent; what does not unpack is a broken state, not a new
 * one. */
static enum status get_message(struct frontier_store *store, const ProtobufCMessageDescriptor *type,
                               void **message, struct error *err)
{
    struct slice bytes;
    enum status status;

    *message = NULL;
    buf_reset(&store->value);
    status = store_batch_get(store->batch, key_of(store), &store->value, err);
    if (status == STATUS_NOT_FOUND)
        return STATUS_OK;
    if (status != STATUS_OK)
        return status;
    bytes = buf_slice(&store->value);
    *message = message_unpack(type, bytes, store->arena, err);
    if (*message != NULL)
        return STATUS_OK;
    return error_prefix(err, STATUS_CORRUPT, "the frontier's state");
}

/* ---- requests ---- */

static void url_key_of(struct frontier_store *store, struct slice job, struct id id)
{
    begin_key(store, 'u');
    key_put_text(&store->key, job);
    key_put_raw(&store->key, id_slice(&id));
}

enum status frontier_get_url(struct frontier_store *store, struct slice job, struct id id,
                             Xunfang__UrlState **state, struct error *err)
{
    void *message;
    enum status status;

    url_key_of(store, job, id);
    status = get_message(store, &xunfang__url_state__descriptor, &message, err);
    if (status == STATUS_OK)
        *state = message;
    return status;
}

void frontier_put_url(struct frontier_store *store, struct slice job, struct id id,
                      const Xunfang__UrlState *state)
{
    url_key_of(store, job, id);
    put_message(store, &state->base);
}

/* ---- queues ---- */

/* From the coarse to the fine: a prefix is all of a host, of a job on it, or of one class. */
static void queue_key(struct frontier_store *store, const struct queue_place *place)
{
    begin_key(store, 'q');
    key_put_text(&store->key, place->host);
    key_put_text(&store->key, place->job);
    key_put_u8(&store->key, (uint8_t) place->class);
    key_put_u64(&store->key, place->order);
}

void frontier_put_queued(struct frontier_store *store, const struct queue_place *place,
                         struct id id)
{
    queue_key(store, place);
    store_batch_put(store->batch, key_of(store), id_slice(&id));
}

void frontier_delete_queued(struct frontier_store *store, const struct queue_place *place)
{
    queue_key(store, place);
    store_batch_delete(store->batch, key_of(store));
}

enum status frontier_list_queued(struct frontier_store *store, const struct queue_place *place,
                                 struct queue_entry *entries, size_t *count, struct error *err)
{
    struct slice from, key, value;
    struct store_scan *scan;
    size_t limit = *count;
    enum status status = STATUS_OK, closed;

    /* The prefix is the key without its last field, the order. */
    queue_key(store, place);
    from = key_of(store);
    scan = store_scan_open(store->db, store->batch,
                           slice_sub(from, 0, from.size - sizeof place->order), from);
    *count = 0;
    while (status == STATUS_OK && *count < limit && scan != NULL &&
           store_scan_next(scan, &key, &value)) {
        struct key_reader reader =
            key_read(slice_sub(key, key.size - sizeof place->order, SIZE_MAX));
        entries[*count].order = key_read_u64(&reader);
        status = id_from_bytes(value, &entries[*count].id, err);
        ++*count;
    }
    closed = store_scan_close(scan, status == STATUS_OK ? err : NULL);
    return status == STATUS_OK ? closed : STATUS_CORRUPT;
}

enum status frontier_next_job(struct frontier_store *store, struct slice host, struct slice after,
                              struct slice *job, struct error *err)
{
    struct slice key, value;
    struct store_scan *scan;
    size_t prefix;
    struct buf text;

    begin_key(store, 'q');
    key_put_text(&store->key, host);
    prefix = store->key.size;
    key_put_text(&store->key, after);
    key_put_u8(&store->key, CLASS_COUNT); /* behind all of that job's */
    key = key_of(store);
    scan = store_scan_open(store->db, store->batch, slice_sub(key, 0, prefix), key);
    *job = slice_of(NULL, 0);
    buf_init(&text, KEY_MAX);
    if (scan != NULL && store_scan_next(scan, &key, &value)) {
        struct key_reader reader = key_read(slice_sub(key, prefix, SIZE_MAX));
        key_read_text(&reader, &text);
        *job = arena_copy(store->arena, buf_slice(&text));
    }
    buf_fini(&text);
    return store_scan_close(scan, err);
}

/* The time before the job: what a host may try next stands first, whosever it is. */
static void waiting_key(struct frontier_store *store, struct slice host,
                        const struct waiting_entry *entry)
{
    begin_key(store, 'w');
    key_put_text(&store->key, host);
    key_put_i64(&store->key, entry->due_ms);
    key_put_text(&store->key, entry->job);
    key_put_raw(&store->key, id_slice(&entry->id));
}

void frontier_put_waiting(struct frontier_store *store, struct slice host,
                          const struct waiting_entry *entry)
{
    waiting_key(store, host, entry);
    store_batch_put(store->batch, key_of(store), slice_of("", 0));
}

void frontier_delete_waiting(struct frontier_store *store, struct slice host,
                             const struct waiting_entry *entry)
{
    waiting_key(store, host, entry);
    store_batch_delete(store->batch, key_of(store));
}

/* The key is all there is: its fields are the entry. */
static enum status read_waiting(struct slice rest, struct arena *arena, struct waiting_entry *entry,
                                struct error *err)
{
    struct key_reader reader = key_read(rest);
    struct buf job;
    struct slice id;

    buf_init(&job, KEY_MAX);
    entry->due_ms = key_read_i64(&reader);
    key_read_text(&reader, &job);
    entry->job = arena_copy(arena, buf_slice(&job));
    buf_fini(&job);
    id = key_read_raw(&reader, ID_SIZE);
    if (!key_done(&reader) || id_from_bytes(id, &entry->id, NULL) != STATUS_OK)
        return error_set(err, STATUS_CORRUPT, "the frontier's state has a broken key");
    return entry->job.data == NULL ? error_set(err, STATUS_NOMEM, "no memory for the frontier")
                                   : STATUS_OK;
}

enum status frontier_list_waiting(struct frontier_store *store, struct slice host,
                                  struct waiting_entry *entries, size_t *count, struct error *err)
{
    struct slice prefix, key, value;
    struct store_scan *scan;
    size_t limit = *count;
    enum status status = STATUS_OK, closed;

    begin_key(store, 'w');
    key_put_text(&store->key, host);
    prefix = key_of(store);
    scan = store_scan_open(store->db, store->batch, prefix, slice_of(NULL, 0));
    *count = 0;
    while (status == STATUS_OK && *count < limit && scan != NULL &&
           store_scan_next(scan, &key, &value))
        status = read_waiting(slice_sub(key, prefix.size, SIZE_MAX), store->arena,
                              &entries[(*count)++], err);
    closed = store_scan_close(scan, status == STATUS_OK ? err : NULL);
    return status == STATUS_OK ? closed : status;
}

/* ---- lists ---- */

enum status frontier_add_hit(struct frontier_store *store, const struct list_hit *hit, bool *is_new,
                             struct error *err)
{
    enum status status;

    begin_key(store, 'k');
    key_put_text(&store->key, hit->job);
    key_put_u32(&store->key, hit->list);
    key_put_raw(&store->key, id_slice(&hit->id));
    buf_reset(&store->value);
    status = store_batch_get(store->batch, key_of(store), &store->value, err);
    if (status != STATUS_OK && status != STATUS_NOT_FOUND)
        return status;
    /* Seen through the batch, so a hit that comes twice in it is new once. */
    *is_new = status == STATUS_NOT_FOUND;
    if (*is_new)
        store_batch_put(store->batch, key_of(store), slice_of("", 0));
    return STATUS_OK;
}

/* ---- hosts, origins, leases, jobs ---- */

static void named_key(struct frontier_store *store, char tag, struct slice name)
{
    begin_key(store, tag);
    key_put_raw(&store->key, name);
}

void frontier_put_host(struct frontier_store *store, struct slice host,
                       const Xunfang__HostState *state)
{
    named_key(store, 'h', host);
    put_message(store, &state->base);
}

enum status frontier_each_host(struct store *store, frontier_take_host *take, void *self,
                               struct error *err)
{
    struct arena *arena = arena_create(HOST_ARENA);
    struct store_scan *scan;
    struct slice key, value;
    enum status status = STATUS_OK, closed;

    if (arena == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for the frontier");
    scan = store_scan_open(store, NULL, SLICE("h"), slice_of(NULL, 0));
    while (status == STATUS_OK && scan != NULL && store_scan_next(scan, &key, &value)) {
        Xunfang__HostState *state =
            message_unpack(&xunfang__host_state__descriptor, value, arena, err);
        status = state == NULL ? error_prefix(err, STATUS_CORRUPT, "the frontier's state")
                               : take(self, slice_sub(key, 1, SIZE_MAX), state, err);
        arena_reset(arena);
    }
    closed = store_scan_close(scan, status == STATUS_OK ? err : NULL);
    arena_destroy(arena);
    return status == STATUS_OK ? closed : status;
}

enum status frontier_get_origin(struct frontier_store *store, struct slice origin,
                                Xunfang__OriginState **state, struct error *err)
{
    void *message;
    enum status status;

    named_key(store, 'o', origin);
    status = get_message(store, &xunfang__origin_state__descriptor, &message, err);
    if (status == STATUS_OK)
        *state = message;
    return status;
}

void frontier_put_origin(struct frontier_store *store, struct slice origin,
                         const Xunfang__OriginState *state)
{
    named_key(store, 'o', origin);
    put_message(store, &state->base);
}

enum status frontier_get_lease(struct frontier_store *store, struct id id,
                               Xunfang__LeaseState **state, struct error *err)
{
    void *message;
    enum status status;

    named_key(store, 'l', id_slice(&id));
    status = get_message(store, &xunfang__lease_state__descriptor, &message, err);
    if (status == STATUS_OK)
        *state = message;
    return status;
}

void frontier_put_lease(struct frontier_store *store, struct id id,
                        const Xunfang__LeaseState *state)
{
    named_key(store, 'l', id_slice(&id));
    put_message(store, &state->base);
}

void frontier_delete_lease(struct frontier_store *store, struct id id)
{
    named_key(store, 'l', id_slice(&id));
    store_batch_delete(store->batch, key_of(store));
}

/* By partition, so that the counters go where the partition goes. */
static void job_key(struct frontier_store *store, const struct job_place *place)
{
    begin_key(store, 'j');
    key_put_text(&store->key, place->job);
    key_put_u32(&store->key, place->part);
}

enum status frontier_get_job(struct frontier_store *store, const struct job_place *place,
                             Xunfang__JobState **state, struct error *err)
{
    void *message;
    enum status status;

    job_key(store, place);
    status = get_message(store, &xunfang__job_state__descriptor, &message, err);
    if (status == STATUS_OK)
        *state = message;
    return status;
}

void frontier_put_job(struct frontier_store *store, const struct job_place *place,
                      const Xunfang__JobState *state)
{
    job_key(store, place);
    put_message(store, &state->base);
}

/* ---- the mark ---- */

void frontier_put_mark(struct frontier_store *store)
{
    store_batch_put(store->batch, SLICE("m"), SLICE("1"));
}

enum status frontier_has_mark(struct store *store, bool *has, struct error *err)
{
    struct buf value;
    enum status status;

    buf_init(&value, 16);
    status = store_get(store, SLICE("m"), &value, err);
    buf_fini(&value);
    if (status != STATUS_OK && status != STATUS_NOT_FOUND)
        return status;
    *has = status == STATUS_OK;
    return STATUS_OK;
}
