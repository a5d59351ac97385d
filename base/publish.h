/*
 * publish: one record to one log, for programs that are no stage (submit, ingest, control).
 *
 * Waits    When the bus's queue is full it waits up to PUBLISH_WAIT_MS for room.
 * After    The record is queued, not acknowledged: call bus_flush after the last one.
 * Memory   `scratch` is the caller's and holds the envelope during the call; its limit bounds the
 *          record.
 */
#ifndef XUNFANG_BASE_PUBLISH_H
#define XUNFANG_BASE_PUBLISH_H

#include "base/bus/bus.h"
#include "base/record.h"

enum { PUBLISH_WAIT_MS = 30000 };

struct publish_target {
    struct bus *bus;
    const char *topic;
    uint32_t partitions; /* of the topic: the record goes to partition_of(key, partitions) */
    struct buf *scratch;
};

CHECKED enum status publish_record(const struct publish_target *target, const struct record *record,
                                   struct error *err);

#endif
