/*
 * bus_kafka_topics: the topics a bus has met: vetted once, with their partition counts, their
 * names on the cluster, and handles for publishing.
 *
 * Memory   The table is the bus's; a topic stays where it is until topics_forget or topics_fini.
 * Stale    What was learnt is not asked again. A topic that somebody else removes makes publishes
 *          fail for good, so the process starts anew and learns anew.
 */
#ifndef XUNFANG_BASE_BUS_BUS_KAFKA_TOPICS_H
#define XUNFANG_BASE_BUS_BUS_KAFKA_TOPICS_H

#include "base/bus/bus_kafka_admin.h"

struct kafka_topic {
    struct kafka_topic *next;
    char *name;               /* as the bus's user calls it */
    char *full;               /* with the prefix */
    rd_kafka_topic_t *handle; /* the producer's */
    uint32_t partitions;
};

struct kafka_topics {
    struct kafka_client *client;
    const struct kafka_admin *admin;
    struct kafka_topic *first; /* the one asked for last */
};

/* The topic, learnt if need be. STATUS_NOT_FOUND: there is none; STATUS_INVALID: it loses data. */
CHECKED enum status kafka_topics_find(struct kafka_topics *topics, const char *name,
                                      struct kafka_topic **topic, struct error *err);
/* The same, and STATUS_NOT_FOUND unless it has this partition. */
CHECKED enum status kafka_topics_find_partition(struct kafka_topics *topics,
                                                const struct bus_partition *partition,
                                                struct kafka_topic **topic, struct error *err);
void kafka_topics_forget(struct kafka_topics *topics, const char *name);
void kafka_topics_fini(struct kafka_topics *topics);

#endif
