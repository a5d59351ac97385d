/*
 * bus_kafka_reader: a reader over a consumer of librdkafka.
 *
 * Onlooker Without a stage it is in no group: every partition is started at offset 0.
 * Queues   Each partition has the queue of librdkafka to itself, which fetches ahead up to its
 *          share of KAFKA_AHEAD_BYTES. What the reader does not take stays there: pausing a
 *          partition is not taking, so it loses nothing and costs nothing.
 * Batches  Slices of an event point into the memory of librdkafka, until the next call.
 */
#ifndef XUNFANG_BASE_BUS_BUS_KAFKA_READER_H
#define XUNFANG_BASE_BUS_BUS_KAFKA_READER_H

#include "base/bus/bus_kafka_topics.h"

enum { KAFKA_AHEAD_BYTES = 64 * 1024 * 1024 };

struct kafka_reader;

/* The options were checked by bus.c. STATUS_NOT_FOUND: no such partition. */
CHECKED enum status kafka_reader_create(struct kafka_topics *topics,
                                        const struct bus_reader_options *options,
                                        struct kafka_reader **reader, struct error *err);
/* NULL is fine. */
void kafka_reader_destroy(struct kafka_reader *reader);

/* What is there now; BUS_EVENT_NONE: nothing. Ends the validity of the last event. */
CHECKED enum status kafka_reader_next(struct kafka_reader *reader, struct bus_event *event,
                                      struct error *err);
/* Until kafka_reader_next may have something. */
void kafka_reader_wait(struct kafka_reader *reader, int64_t timeout_ms);
CHECKED enum status kafka_reader_seek(struct kafka_reader *reader, size_t index, uint64_t offset,
                                      struct error *err);
void kafka_reader_pause(struct kafka_reader *reader, size_t index, bool paused);
CHECKED enum status kafka_reader_commit(struct kafka_reader *reader, size_t index, uint64_t offset,
                                        struct slice metadata, struct error *err);

#endif
