/*
 * bus_kafka_admin: what a cluster is asked about topics, behind a table, because librdkafka's mock
 * brokers know nothing of it.
 *
 * Created  With our partitions; min(3, brokers) replicas, of which two must have a record before it
 *          is acknowledged if there are three; records kept for good, up to BUS_RECORD_MAX bytes.
 * Vetted   A topic that somebody else made must keep what is written into it: retention without a
 *          limit, no compaction, room for the largest record. STATUS_INVALID names topic, setting
 *          and what to set.
 * Names    Full ones, with the prefix. Each call waits at most the client's time-out.
 */
#ifndef XUNFANG_BASE_BUS_BUS_KAFKA_ADMIN_H
#define XUNFANG_BASE_BUS_BUS_KAFKA_ADMIN_H

#include "base/bus/bus_kafka_client.h"

struct kafka_admin {
    /* Back when every partition has its leader and every broker knows. STATUS_EXISTS: there is one,
     * of any kind. */
    enum status (*create)(struct kafka_client *client, const char *topic, uint32_t partitions,
                          struct error *err);
    /* STATUS_NOT_FOUND: no such topic; it is not created by asking. */
    enum status (*describe)(struct kafka_client *client, const char *topic, uint32_t *partitions,
                            struct error *err);
    enum status (*vet)(struct kafka_client *client, const char *topic, struct error *err);
    /* Back when every broker has forgotten it; STATUS_NOT_FOUND: there was none. */
    enum status (*remove)(struct kafka_client *client, const char *topic, struct error *err);
};

/* Of real brokers. */
extern const struct kafka_admin kafka_admin_cluster;

#endif
