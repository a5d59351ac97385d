/*
 * bus_kafka_nudge: wakes librdkafka's fetching.
 *
 * Why      When what it fetched ahead has reached its limit, librdkafka 2.0.2 stops fetching, and
 *          looks again only when something happens on the connection, or after a second. A reader
 *          that has emptied the queue meanwhile would wait for the rest of that second: measured
 *          with three brokers, 16,000 instead of 450,000 records/s. Any question to the partition's
 *          leader is something that happens; we ask for the end of the partition.
 * Threads  Asking blocks, so it is done on a thread of its own, which begins with the first nudge;
 *          kafka_nudge is called by one thread and never blocks.
 */
#ifndef XUNFANG_BASE_BUS_BUS_KAFKA_NUDGE_H
#define XUNFANG_BASE_BUS_BUS_KAFKA_NUDGE_H

#include "base/bus/bus_kafka_client.h"

struct kafka_nudge;

/* Both outlive it. NULL when memory is out. */
struct kafka_nudge *kafka_nudge_create(rd_kafka_t *consumer,
                                       const rd_kafka_topic_partition_list_t *places);
/* Waits for a question under way, at most half a second. NULL is fine. */
void kafka_nudge_destroy(struct kafka_nudge *nudge);
/* There is room for more of partition `index` of the places. Nudges that are not carried out yet
 * become one. */
void kafka_nudge(struct kafka_nudge *nudge, size_t index);

#endif
