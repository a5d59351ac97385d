/*
 * bus_kafka_reader_parts: the inside of a Kafka reader. Private to bus_kafka_reader*.c.
 *
 * Split    bus_kafka_reader_open.c makes and ends it, bus_kafka_reader.c takes records from it.
 * Held     What was taken from a partition's queue: given away in batches, destroyed with the call
 *          after that.
 */
#ifndef XUNFANG_BASE_BUS_BUS_KAFKA_READER_PARTS_H
#define XUNFANG_BASE_BUS_BUS_KAFKA_READER_PARTS_H

#include "base/bus/bus_kafka_nudge.h"
#include "base/bus/bus_kafka_offsets.h"
#include "base/bus/bus_kafka_reader.h"

enum { KAFKA_BATCH_RECORDS = 512 };

struct kafka_part {
    struct kafka_reader *reader;
    size_t index;
    rd_kafka_queue_t *queue;
    rd_kafka_topic_t *handle; /* an onlooker's, started */
    bool assigned;
    bool paused;
    bool more; /* the queue was not empty when last looked at */
    rd_kafka_message_t **held;
    size_t held_count;
    size_t held_next;  /* not given yet from here on */
    size_t held_given; /* [held_given, held_next) is the last batch */
    size_t ahead;      /* records in the queue at most since the last nudge */
};

struct kafka_reader {
    struct kafka_client *client;
    struct kafka_handle handle;
    rd_kafka_t *consumer;
    struct kafka_group *group; /* NULL: an onlooker */
    struct kafka_share *share;
    struct kafka_nudge *nudge;
    rd_kafka_topic_partition_list_t *places; /* topics with their prefix */
    struct kafka_grant told;                 /* what the last event's metadata points to */
    struct bus_record *records;
    size_t max_bytes;
    size_t cursor;
    struct kafka_part *batch; /* whose records the last event shows */
    size_t part_count;
    struct kafka_part parts[];
};

/* Destroys what is held of the partition. */
void kafka_part_drop(struct kafka_part *part);

#endif
