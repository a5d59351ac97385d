/*
 * log_catalog: the topics of the log server and the store they lie in; the lower half of
 * log_partitions.
 *
 * Keys     Begin with a kind (enum log_key_kind), then mostly topic number and partition.
 * Numbers  A topic has a number that is never used twice, so what a deleted topic left behind can
 *          be removed little by little (log_catalog_sweep), also after a restart.
 * Group    All changes go into `group`; who writes it decides when. Ends in memory run ahead of it.
 * Loading  All topics with all ends are in memory: 8 bytes a partition.
 * Scratch  log_catalog_key and log_catalog_value give buffers that the next call reuses; numbers,
 *          names and metadata always fit.
 */
#ifndef XUNFANG_BASE_BUS_LOG_CATALOG_H
#define XUNFANG_BASE_BUS_LOG_CATALOG_H

#include "base/bus/bus.h"
#include "base/store/store.h"
#include "base/util/map.h"

enum {
    LOG_FORMAT = 1, /* of the keys and values; a newer one is refused */
    LOG_TOPICS_MAX = 100 * 1000,
    LOG_BLOB_MIN = 4 * 1024, /* values from this size lie in blob files */
};

enum log_key_kind {
    LOG_KEY_CHUNK = 'r',   /* topic number, partition, last offset, count: records */
    LOG_KEY_CLAIM = 'c',   /* topic number, partition, stage: owner, committed, offset, metadata */
    LOG_KEY_DELETED = 'd', /* topic number: its keys are to be removed */
    LOG_KEY_END = 'e',     /* topic number, partition: end offset */
    LOG_KEY_NEXT = 'n',    /* number of the next topic */
    LOG_KEY_TOPIC = 't',   /* name: number, partitions */
    LOG_KEY_VERSION = 'v', /* LOG_FORMAT */
};

/* A topic in memory. */
struct log_topic {
    uint32_t number;
    uint32_t partitions;
    uint64_t ends[];
};

struct log_catalog {
    struct store *store;
    struct store_batch *group;
    struct map *topics;
    uint32_t next_number;
    bool sweep; /* deleted topics may have left keys */
    struct buf key;
    struct buf value;
};

/* Opens the store and loads the topics. STATUS_BUSY: another server has it. */
CHECKED enum status log_catalog_open(const char *path, size_t memory_bytes,
                                     struct log_catalog *catalog, struct error *err);
/* Fine for one that is all zero. */
void log_catalog_close(struct log_catalog *catalog);

/* The contract of these stands in log_partitions.h. */
CHECKED enum status log_catalog_create(struct log_catalog *catalog, struct slice name,
                                       uint32_t partitions, struct error *err);
void log_catalog_delete(struct log_catalog *catalog, struct slice name);
CHECKED enum status log_catalog_sweep(struct log_catalog *catalog, bool *more, struct error *err);

/* NULL if there is none. Valid until the topic is deleted or the catalog closed. */
struct log_topic *log_catalog_topic(const struct log_catalog *catalog, struct slice name);
/* STATUS_NOT_FOUND: no such topic or partition. */
CHECKED enum status log_catalog_find(const struct log_catalog *catalog,
                                     const struct bus_partition *partition,
                                     struct log_topic **topic, struct error *err);

/* Begins a key of this partition. */
struct buf *log_catalog_key(struct log_catalog *catalog, enum log_key_kind kind,
                            const struct log_topic *topic, uint32_t partition);
/* Begins a value. */
struct buf *log_catalog_value(struct log_catalog *catalog);
/* Puts the scratch value under the scratch key into the group. */
void log_catalog_put(struct log_catalog *catalog);

#endif
