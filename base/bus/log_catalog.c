#include "base/bus/log_catalog.h"

#include "base/store/key.h"

#include <stdlib.h>

enum { SWEEP_KEYS = 256 }; /* in one go: some milliseconds in which nobody is served */

/* ---- keys ---- */

/* The kind comes first, so the keys of one kind lie together and can be scanned. */
static struct buf *key_of(struct log_catalog *catalog, enum log_key_kind kind)
{
    buf_reset(&catalog->key);
    key_put_u8(&catalog->key, (uint8_t) kind);
    return &catalog->key;
}

struct buf *log_catalog_key(struct log_catalog *catalog, enum log_key_kind kind,
                            const struct log_topic *topic, uint32_t partition)
{
    struct buf *key = key_of(catalog, kind);

    key_put_u32(key, topic->number);
    key_put_u32(key, partition);
    return key;
}

struct buf *log_catalog_value(struct log_catalog *catalog)
{
    buf_reset(&catalog->value);
    return &catalog->value;
}

void log_catalog_put(struct log_catalog *catalog)
{
    store_batch_put(catalog->group, buf_slice(&catalog->key), buf_slice(&catalog->value));
}

/* ---- topics in memory ---- */

struct log_topic *log_catalog_topic(const struct log_catalog *catalog, struct slice name)
{
    return map_get(catalog->topics, name);
}

enum status log_catalog_find(const struct log_catalog *catalog,
                             const struct bus_partition *partition, struct log_topic **topic,
                             struct error *err)
{
    struct log_topic *found = log_catalog_topic(catalog, slice_from(partition->topic));

    if (found == NULL)
        return error_set(err, STATUS_NOT_FOUND, "no topic %s", partition->topic);
    if (partition->partition >= found->partitions)
        return error_set(err, STATUS_NOT_FOUND, "topic %s has %u partitions, none numbered %u",
                         partition->topic, found->partitions, partition->partition);
    *topic = found;
    return STATUS_OK;
}

/* Ends are zero at first: load_ends raises those that have records. */
static enum status add_topic(struct log_catalog *catalog, struct slice name, uint32_t number,
                             uint32_t partitions, struct error *err)
{
    struct log_topic *topic = calloc(1, sizeof *topic + partitions * sizeof topic->ends[0]);

    if (topic == NULL || map_put(catalog->topics, name, topic) != STATUS_OK) {
        free(topic);
        return error_set(err, STATUS_NOMEM, "topic %.*s", SLICE_ARG(name));
    }
    topic->number = number;
    topic->partitions = partitions;
    return STATUS_OK;
}

/* The map owns its keys only. */
static void forget_topics(struct log_catalog *catalog)
{
    size_t cursor = 0;
    void *topic;

    if (catalog->topics == NULL)
        return;
    while (map_next(catalog->topics, &cursor, NULL, &topic))
        free(topic);
    map_destroy(catalog->topics);
}

/* ---- loading ---- */

/* Checksums passed, so this is a bug or another program's store: stop, do not guess. */
static enum status broken(struct error *err, const char *what)
{
    return error_set(err, STATUS_CORRUPT, "the log holds a broken %s", what);
}

/* All keys from the scratch key on that start with it. */
static struct store_scan *scan_key(struct log_catalog *catalog)
{
    return store_scan_open(catalog->store, NULL, buf_slice(&catalog->key), (struct slice){NULL, 0});
}

/* Each end has a key of its own, written with every append, since a store cannot be scanned from
 * the back to find the last record. */
static enum status load_ends(struct log_catalog *catalog, struct log_topic *topic,
                             struct error *err)
{
    struct store_scan *scan;
    struct slice key;
    struct slice value;
    bool fine = true;
    enum status status;

    key_put_u32(key_of(catalog, LOG_KEY_END), topic->number);
    scan = scan_key(catalog);
    while (store_scan_next(scan, &key, &value)) {
        struct key_reader at = key_read(slice_sub(key, catalog->key.size, SIZE_MAX));
        struct key_reader end = key_read(value);
        uint32_t partition = key_read_u32(&at);
        uint64_t offset = key_read_u64(&end);
        fine = fine && key_done(&at) && key_done(&end) && partition < topic->partitions;
        if (fine)
            topic->ends[partition] = offset;
    }
    status = store_scan_close(scan, err);
    return status != STATUS_OK || fine ? status : broken(err, "end");
}

static enum status load_topic(struct log_catalog *catalog, struct slice key, struct slice value,
                              struct error *err)
{
    struct slice name = slice_sub(key, 1, SIZE_MAX);
    struct key_reader reader = key_read(value);
    uint32_t number = key_read_u32(&reader);
    uint32_t partitions = key_read_u32(&reader);
    enum status status;

    if (!key_done(&reader) || partitions == 0 || partitions > BUS_PARTITIONS_MAX)
        return broken(err, "topic");
    status = add_topic(catalog, name, number, partitions, err);
    return status == STATUS_OK ? load_ends(catalog, log_catalog_topic(catalog, name), err) : status;
}

/* Before any request, so that a broken topic is told at the start. */
static enum status load_topics(struct log_catalog *catalog, struct error *err)
{
    struct store_scan *scan;
    struct slice key;
    struct slice value;
    enum status status = STATUS_OK;
    enum status closed;

    (void) key_of(catalog, LOG_KEY_TOPIC);
    scan = scan_key(catalog);
    while (status == STATUS_OK && store_scan_next(scan, &key, &value))
        status = load_topic(catalog, key, value, err);
    closed = store_scan_close(scan, status == STATUS_OK ? err : NULL);
    return status == STATUS_OK ? closed : status;
}

/* A number that stands alone under its kind; *number stays if it is not there. */
/* Absent in a new store. */
static enum status load_number(struct log_catalog *catalog, enum log_key_kind kind,
                               uint32_t *number, struct error *err)
{
    enum status status =
        store_get(catalog->store, buf_slice(key_of(catalog, kind)), &catalog->value, err);
    struct key_reader reader = key_read(buf_slice(&catalog->value));
    uint32_t found;

    if (status != STATUS_OK)
        return status == STATUS_NOT_FOUND ? STATUS_OK : status;
    found = key_read_u32(&reader);
    if (!key_done(&reader))
        return broken(err, "number");
    *number = found;
    return STATUS_OK;
}

/* The version is written each time: an empty store becomes ours, and a write that fails is best
 * found before the first client comes. */
static enum status load(struct log_catalog *catalog, struct error *err)
{
    uint32_t version = LOG_FORMAT;
    enum status status = load_number(catalog, LOG_KEY_VERSION, &version, err);

    if (status == STATUS_OK && version > LOG_FORMAT)
        status =
            error_set(err, STATUS_UNSUPPORTED, "the log has format %u, this program knows %d only",
                      version, (int) LOG_FORMAT);
    catalog->next_number = 1;
    if (status == STATUS_OK)
        status = load_number(catalog, LOG_KEY_NEXT, &catalog->next_number, err);
    if (status == STATUS_OK)
        status = load_topics(catalog, err);
    if (status != STATUS_OK)
        return status;
    key_put_u32(log_catalog_value(catalog), LOG_FORMAT);
    (void) key_of(catalog, LOG_KEY_VERSION);
    log_catalog_put(catalog);
    return store_commit(catalog->group, false, err);
}

enum status log_catalog_open(const char *path, size_t memory_bytes, struct log_catalog *catalog,
                             struct error *err)
{
    struct store_options options = {
        .memory_bytes = memory_bytes, .blob_min_bytes = LOG_BLOB_MIN, .compress = true};
    enum status status;

    *catalog = (struct log_catalog){.sweep = true, .topics = map_create()};
    buf_init(&catalog->key, KEY_MAX);
    buf_init(&catalog->value, KEY_MAX);
    status = catalog->topics == NULL ? error_set(err, STATUS_NOMEM, "open the log %s", path)
                                     : store_open(path, &options, &catalog->store, err);
    if (status == STATUS_OK) {
        catalog->group = store_batch_create(catalog->store);
        status = load(catalog, err);
    }
    if (status != STATUS_OK)
        log_catalog_close(catalog);
    return status;
}

void log_catalog_close(struct log_catalog *catalog)
{
    forget_topics(catalog);
    store_batch_destroy(catalog->group);
    store_close(catalog->store);
    buf_fini(&catalog->key);
    buf_fini(&catalog->value);
    *catalog = (struct log_catalog){.store = NULL};
}

/* ---- changes ---- */

/* Clients check names too; this one is for whoever speaks to the socket without bus.c. */
static enum status check_new(const struct log_catalog *catalog, struct slice name,
                             uint32_t partitions, struct error *err)
{
    if (name.size == 0 || name.size > BUS_TOPIC_MAX || partitions == 0 ||
        partitions > BUS_PARTITIONS_MAX)
        return error_set(err, STATUS_INVALID, "a topic \"%.*s\" with %u partitions",
                         SLICE_ARG(name), partitions);
    if (map_size(catalog->topics) >= LOG_TOPICS_MAX)
        return error_set(err, STATUS_TOO_LARGE, "the log has %d topics already",
                         (int) LOG_TOPICS_MAX);
    return STATUS_OK;
}

enum status log_catalog_create(struct log_catalog *catalog, struct slice name, uint32_t partitions,
                               struct error *err)
{
    const struct log_topic *found = log_catalog_topic(catalog, name);
    uint32_t number = catalog->next_number;
    enum status status;

    if (found != NULL && found->partitions == partitions)
        return STATUS_OK;
    if (found != NULL)
        return error_set(err, STATUS_INVALID, "topic %.*s has %u partitions, not %u",
                         SLICE_ARG(name), found->partitions, partitions);
    status = check_new(catalog, name, partitions, err);
    if (status == STATUS_OK)
        status = add_topic(catalog, name, number, partitions, err);
    if (status != STATUS_OK)
        return status;
    /* The counter goes into the same group as the topic, so no crash gives a number away twice. */
    catalog->next_number++;
    (void) key_of(catalog, LOG_KEY_NEXT);
    key_put_u32(log_catalog_value(catalog), catalog->next_number);
    log_catalog_put(catalog);
    key_put_raw(key_of(catalog, LOG_KEY_TOPIC), name);
    key_put_u32(log_catalog_value(catalog), number);
    key_put_u32(&catalog->value, partitions);
    log_catalog_put(catalog);
    return STATUS_OK;
}

void log_catalog_delete(struct log_catalog *catalog, struct slice name)
{
    struct log_topic *found = map_remove(catalog->topics, name);

    if (found == NULL)
        return;
    key_put_raw(key_of(catalog, LOG_KEY_TOPIC), name);
    store_batch_delete(catalog->group, buf_slice(&catalog->key));
    /* The name is free at once; the number remembers what is still to be removed. */
    key_put_u32(key_of(catalog, LOG_KEY_DELETED), found->number);
    (void) log_catalog_value(catalog);
    log_catalog_put(catalog);
    catalog->sweep = true;
    free(found);
}

/* ---- what deleted topics left ---- */

/* Deletes up to *room keys that start with the scratch key; lowers *room. */
static enum status sweep_keys(struct log_catalog *catalog, size_t *room, struct error *err)
{
    struct store_scan *scan = scan_key(catalog);
    struct slice key;
    struct slice value;

    while (*room > 0 && store_scan_next(scan, &key, &value)) {
        store_batch_delete(catalog->group, key);
        (*room)--;
    }
    return store_scan_close(scan, err);
}

/* The mark goes with the last keys, in one write: a crash before it only begins again. */
static enum status sweep_topic(struct log_catalog *catalog, uint32_t number, struct error *err)
{
    static const enum log_key_kind kinds[] = {LOG_KEY_CHUNK, LOG_KEY_CLAIM, LOG_KEY_END};
    enum status status = STATUS_OK;
    size_t room = SWEEP_KEYS;

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0] && status == STATUS_OK; i++) {
        key_put_u32(key_of(catalog, kinds[i]), number);
        status = sweep_keys(catalog, &room, err);
    }
    if (status != STATUS_OK || room == 0)
        return status;
    key_put_u32(key_of(catalog, LOG_KEY_DELETED), number);
    store_batch_delete(catalog->group, buf_slice(&catalog->key));
    return STATUS_OK;
}

/* The number of some deleted topic; catalog->sweep tells whether there is one. */
/* One at a time, the oldest first: numbers sort by age. */
static enum status find_deleted(struct log_catalog *catalog, uint32_t *number, struct error *err)
{
    struct store_scan *scan;
    struct slice key;
    struct slice value;

    (void) key_of(catalog, LOG_KEY_DELETED);
    scan = scan_key(catalog);
    catalog->sweep = store_scan_next(scan, &key, &value);
    if (catalog->sweep) {
        struct key_reader reader = key_read(slice_sub(key, 1, SIZE_MAX));
        *number = key_read_u32(&reader);
    }
    return store_scan_close(scan, err);
}

enum status log_catalog_sweep(struct log_catalog *catalog, bool *more, struct error *err)
{
    enum status status = STATUS_OK;
    uint32_t number = 0;

    ENSURE(store_batch_bytes(catalog->group) == 0);
    if (catalog->sweep)
        status = find_deleted(catalog, &number, err);
    if (status == STATUS_OK && catalog->sweep)
        status = sweep_topic(catalog, number, err);
    if (status == STATUS_OK && catalog->sweep)
        status = store_commit(catalog->group, false, err);
    *more = catalog->sweep;
    return status;
}
