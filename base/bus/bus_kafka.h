/*
 * bus_kafka: the bus of many machines, over librdkafka.
 *
 * Promises Partitions are explicit; the producer is idempotent with acks=all, and its delivery
 *          reports are the only acknowledgement. Offsets are committed by hand, the metadata with
 *          them. A stage is a group (range assignor, dynamic members): BUS_CAP_GROUPS. A newer
 *          reader shares partitions with older ones instead of fencing them.
 * Address  bus_kafka_options.h. $XUNFANG_KAFKA_OPTIONS may name a file of settings.
 * Tests    librdkafka's mock brokers know nothing of topics' settings, so what is asked about
 *          topics can be replaced.
 */
#ifndef XUNFANG_BASE_BUS_BUS_KAFKA_H
#define XUNFANG_BASE_BUS_BUS_KAFKA_H

#include "base/bus/bus.h"

struct kafka_admin;

/* Opens what follows "kafka://". STATUS_TIMEOUT: no broker answers; STATUS_USAGE: it refuses us;
 * STATUS_INVALID: the address or a setting is wrong. */
CHECKED enum status bus_kafka_open(const char *address, const struct bus_options *options,
                                   struct bus **bus, struct error *err);
/* Asks `admin` about topics from now on. */
void bus_kafka_use_admin(struct bus *bus, const struct kafka_admin *admin);

#endif
