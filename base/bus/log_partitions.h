/*
 * log_partitions: the log server's storage: topics, their records, commits and owners, in one
 * store.
 *
 * Records  Stand in chunks as they were appended: one key a run, (topic, partition, last offset,
 *          count), so an append costs one write however many records it has, and long runs compress
 *          well and go to blob files. A read starts at the first chunk whose last offset is not
 *          below the wanted one.
 * Group    Changes gather in one batch; log_partitions_write makes them durable together, then they
 *          may be acknowledged. Ends in memory run ahead of the store until then, so nothing may be
 *          read between a change and its write.
 * Failure  After a failed write close and open again: what was not written is forgotten.
 * Topics   Have numbers that are never used twice; a deleted topic's keys are removed little by
 *          little (log_partitions_sweep), also after a restart.
 * Threads  One.
 */
#ifndef XUNFANG_BASE_BUS_LOG_PARTITIONS_H
#define XUNFANG_BASE_BUS_LOG_PARTITIONS_H

#include "base/bus/bus.h"
#include "base/store/store.h"

struct log_partitions;

/* A run of whole records (log_batch_check). */
struct log_records {
    uint32_t count;
    struct slice bytes;
};

struct log_read {
    struct bus_partition partition;
    uint64_t offset;
    size_t max; /* bytes */
};

/* Where a stage stands in a partition. */
struct log_claim {
    uint64_t owner;
    bool committed;
    uint64_t offset;
    size_t metadata_size;
    char metadata[BUS_METADATA_MAX];
};

/* STATUS_BUSY: another server has the folder. */
CHECKED enum status log_partitions_open(const char *path, size_t memory_bytes,
                                        struct log_partitions **partitions, struct error *err);
/* Drops what was not written. NULL is fine. */
void log_partitions_close(struct log_partitions *log);

/* ---- changes, part of the open group ---- */

CHECKED enum status log_partitions_create(struct log_partitions *log, struct slice topic,
                                          uint32_t partitions, struct error *err);
/* Fine if there is none. */
void log_partitions_delete(struct log_partitions *log, struct slice topic);
/* *first is the offset of the first record. */
CHECKED enum status log_partitions_append(struct log_partitions *log,
                                          const struct bus_partition *partition,
                                          struct log_records records, uint64_t *first,
                                          struct error *err);
/* Makes the caller the owner: *claim has the new number and what was committed. */
CHECKED enum status log_partitions_take(struct log_partitions *log,
                                        const struct bus_partition *partition, struct slice stage,
                                        struct log_claim *claim, struct error *err);
/* STATUS_FENCED unless claim->owner is the present owner. */
CHECKED enum status log_partitions_commit(struct log_partitions *log,
                                          const struct bus_partition *partition, struct slice stage,
                                          const struct log_claim *claim, struct error *err);
/* Bytes of the open group. */
size_t log_partitions_pending(const struct log_partitions *log);
/* Writes the group: it survives this process, and a power cut if `sync`. */
CHECKED enum status log_partitions_write(struct log_partitions *log, bool sync, struct error *err);
CHECKED enum status log_partitions_sync(struct log_partitions *log, struct error *err);

/* ---- reading ---- */

/* STATUS_NOT_FOUND: no such topic. */
CHECKED enum status log_partitions_count(const struct log_partitions *log, struct slice topic,
                                         uint32_t *partitions, struct error *err);
CHECKED enum status log_partitions_end(const struct log_partitions *log,
                                       const struct bus_partition *partition, uint64_t *end,
                                       struct error *err);
/* All zero if the stage was never there. */
CHECKED enum status log_partitions_claim(struct log_partitions *log,
                                         const struct bus_partition *partition, struct slice stage,
                                         struct log_claim *claim, struct error *err);
/* Appends records from want->offset on to `out`: whole ones, at most want->max bytes, but
 * at least one if `out` is empty and there is any; *count says how many. */
CHECKED enum status log_partitions_read(struct log_partitions *log, const struct log_read *want,
                                        struct buf *out, uint32_t *count, struct error *err);

/* Removes some keys of deleted topics; *more says whether any may be left. */
CHECKED enum status log_partitions_sweep(struct log_partitions *log, bool *more, struct error *err);

#endif
