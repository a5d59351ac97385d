/*
 * bus_kafka_group: a reader's membership in the group of its stage, on a thread of its own.
 *
 * Thread   It polls the consumer all the time, so however long a handler works, the group keeps
 *          us; records do not pass through it (each partition has its own queue, bounded by
 *          librdkafka, from which the reader takes them).
 * Moves    What the group gives is looked up (place, end) and granted through the share; what it
 *          wants back is recalled, and the reader has KAFKA_RECALL_MS to commit and let go. When
 *          the membership is lost already (a process that was stopped) nobody waits.
 * Only     those partitions that the reader asked for are read; others that the group gives us
 *          stand still until a member comes that wants them.
 */
#ifndef XUNFANG_BASE_BUS_BUS_KAFKA_GROUP_H
#define XUNFANG_BASE_BUS_BUS_KAFKA_GROUP_H

#include "base/bus/bus_kafka_client.h"
#include "base/bus/bus_kafka_share.h"

enum { KAFKA_RECALL_MS = 3000 };

struct kafka_group;

struct kafka_group_options {
    struct kafka_client *client;
    rd_kafka_t *consumer;        /* with kafka_group_configure */
    struct kafka_handle *handle; /* its opaque */
    struct kafka_share *share;
    /* In the order of the share's partitions. */
    const rd_kafka_topic_partition_list_t *wishes;
};

void kafka_group_configure(rd_kafka_conf_t *conf);
/* Subscribes; grants come later. What the options point to outlives the group. */
CHECKED enum status kafka_group_join(const struct kafka_group_options *options,
                                     struct kafka_group **group, struct error *err);
/* Leaves, so that the others need not wait until we are missed. NULL is fine. */
void kafka_group_leave(struct kafka_group *group);

#endif
