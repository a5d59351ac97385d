/*
 * log_range: reads a topic from its beginning up to given ends, as an onlooker.
 *
 * Order   Records of a partition come in the order of their offsets; partitions mix.
 * Ends    End-exclusive, one a partition, as a seal holds them; log_range_now asks the bus where
 *         each partition ends at this moment.
 * Bad     A record whose envelope cannot be read goes to `on_bad` (may be NULL: skipped).
 * Waits   At most LOG_RANGE_WAIT_MS without any record; then STATUS_TIMEOUT names the topic.
 * Memory  The record and the arena live until the handler returns.
 * Raw     With `on_bytes` every record is handed over as it stands, garbage too, and nothing else
 *         is called.
 */
#ifndef XUNFANG_AGGREGATOR_LOG_RANGE_H
#define XUNFANG_AGGREGATOR_LOG_RANGE_H

#include "base/bus/bus.h"
#include "base/record.h"

enum {
    LOG_RANGE_WAIT_MS = 60000,
    LOG_RANGE_PARTITIONS_MAX = 4096,
    LOG_RANGE_MEMORY_MAX = 256 << 20
};

struct log_range {
    const char *topic;
    uint32_t partitions;
    uint64_t ends[LOG_RANGE_PARTITIONS_MAX];
};

struct log_place {
    const char *topic;
    uint32_t partition;
    uint64_t offset;
};

struct log_handler {
    /* A failure ends the reading. */
    enum status (*on_record)(void *self, const struct log_place *place, const struct record *record,
                             struct arena *arena, struct error *err);
    void (*on_bad)(void *self, const struct log_place *place);
    void *self;
    uint32_t generations; /* records of this one and later ones are passed over; 0: none */
    enum status (*on_bytes)(void *self, const struct log_place *place,
                            const struct bus_record *bytes, struct error *err);
};

/* All that stands in the topic now. `topic` must outlive the range. STATUS_NOT_FOUND: no such
 * topic. */
CHECKED enum status log_range_now(struct bus *bus, const char *topic, struct log_range *range,
                                  struct error *err);
CHECKED enum status log_range_read(struct bus *bus, const struct log_range *range,
                                   const struct log_handler *handler, struct error *err);

#endif
