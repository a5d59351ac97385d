/*
 * A reader is opened on all partitions that have something in the range; each is paused when its
 * end is reached, and reading is over when no record is left to come. As an onlooker it commits
 * nothing and belongs to no group.
 */
#include "aggregator/log_range.h"

#include <stdlib.h>

enum { POLL_MS = 1000 };

enum status log_range_now(struct bus *bus, const char *topic, struct log_range *range,
                          struct error *err)
{
    uint32_t partitions;
    enum status status = bus_topic_partitions(bus, topic, &partitions, err);

    if (status != STATUS_OK)
        return status;
    if (partitions > LOG_RANGE_PARTITIONS_MAX)
        return error_set(err, STATUS_TOO_LARGE, "topic %s has %u partitions, at most %d", topic,
                         partitions, LOG_RANGE_PARTITIONS_MAX);
    range->topic = topic;
    range->partitions = partitions;
    for (uint32_t i = 0; i < partitions && status == STATUS_OK; i++)
        status = bus_end(bus, topic, i, &range->ends[i], err);
    return status;
}

struct reading {
    const struct log_range *range;
    const struct log_handler *handler;
    struct bus_reader *reader;
    struct arena *arena;
    uint32_t *partitions; /* by the reader's index */
    uint64_t *positions;  /* next offset, by the reader's index */
    uint64_t left;        /* records still to come */
};

/* One record at a time in the arena: a large page does not add up. */
static enum status hand_over(struct reading *reading, const struct log_place *place,
                             const struct bus_record *bytes, struct error *err)
{
    const struct log_handler *handler = reading->handler;
    struct record record;
    enum status status;

    if (handler->on_bytes != NULL)
        return handler->on_bytes(handler->self, place, bytes, err);
    arena_reset(reading->arena);
    status = record_decode(bytes->value, reading->arena, &record, err);
    if (status == STATUS_OK && handler->generations > 0 &&
        record.generation >= handler->generations)
        return STATUS_OK;
    if (status == STATUS_OK)
        return handler->on_record(handler->self, place, &record, reading->arena, err);
    if (status != STATUS_INVALID)
        return status;
    if (handler->on_bad != NULL)
        handler->on_bad(handler->self, place);
    return STATUS_OK;
}

/* What lies behind the range's end is passed over: partitions of one reader run at their own
 * pace. */
static enum status take_batch(struct reading *reading, const struct bus_event *event,
                              struct error *err)
{
    uint32_t partition = reading->partitions[event->index];
    uint64_t end = reading->range->ends[partition], *position = &reading->positions[event->index];
    enum status status = STATUS_OK;

    for (size_t i = 0; i < event->record_count && status == STATUS_OK; i++) {
        uint64_t offset = event->records[i].offset;
        struct log_place place = {reading->range->topic, partition, offset};

        if (offset < *position || offset >= end)
            continue;
        /* Counted in offsets: what a log does not have between two records will not come. */
        reading->left -= offset + 1 - *position;
        *position = offset + 1;
        status = hand_over(reading, &place, &event->records[i], err);
    }
    /* Without the pause a log that still grows would be fetched on and on for nothing. */
    if (status == STATUS_OK && *position >= end)
        status = bus_reader_pause(reading->reader, event->index, true, err);
    return status;
}

/* Silence is counted, not time: a slow bus that delivers is fine. */
static enum status read_all(struct reading *reading, struct error *err)
{
    int64_t idle_ms = 0;

    while (reading->left > 0) {
        struct bus_event event;
        enum status status = bus_reader_poll(reading->reader, POLL_MS, &event, err);

        if (status == STATUS_OK && event.kind == BUS_EVENT_RECORDS)
            status = take_batch(reading, &event, err);
        if (status != STATUS_OK)
            return status;
        idle_ms = event.kind == BUS_EVENT_NONE ? idle_ms + POLL_MS : 0;
        if (idle_ms > LOG_RANGE_WAIT_MS)
            return error_set(err, STATUS_TIMEOUT, "%s: %llu records did not come",
                             reading->range->topic, (unsigned long long) reading->left);
    }
    return STATUS_OK;
}

/* Only partitions with something to read: each costs the bus a fetch of its own. */
static enum status open_reader(struct bus *bus, struct reading *reading, struct error *err)
{
    const struct log_range *range = reading->range;
    struct bus_partition *places = calloc(range->partitions + 1U, sizeof *places);
    struct bus_reader_options options = {.partitions = places};
    enum status status = STATUS_OK;

    if (places == NULL)
        return error_set(err, STATUS_NOMEM, "no memory to read %s", range->topic);
    for (uint32_t i = 0; i < range->partitions; i++) {
        if (range->ends[i] == 0)
            continue;
        reading->partitions[options.partition_count] = i;
        places[options.partition_count++] = (struct bus_partition){range->topic, i};
        reading->left += range->ends[i];
    }
    if (options.partition_count > 0)
        status = bus_reader_open(bus, &options, &reading->reader, err);
    free(places);
    return status;
}

enum status log_range_read(struct bus *bus, const struct log_range *range,
                           const struct log_handler *handler, struct error *err)
{
    struct reading reading = {.range = range,
                              .handler = handler,
                              .arena = arena_create(LOG_RANGE_MEMORY_MAX),
                              .partitions = calloc(range->partitions + 1U, sizeof(uint32_t)),
                              .positions = calloc(range->partitions + 1U, sizeof(uint64_t))};
    enum status status;

    if (reading.arena == NULL || reading.positions == NULL || reading.partitions == NULL) {
        status = error_set(err, STATUS_NOMEM, "no memory to read %s", range->topic);
        goto out;
    }
    status = open_reader(bus, &reading, err);
    if (status == STATUS_OK)
        status = read_all(&reading, err);
    if (status != STATUS_OK)
        status = error_prefix(err, status, "reading %s", range->topic);
out:
    if (reading.reader != NULL)
        bus_reader_close(reading.reader);
    arena_destroy(reading.arena);
    free(reading.partitions);
    free(reading.positions);
    return status;
}
