/*
 * bus_kafka_place: where a group stands in a partition, asked by somebody who is not in it.
 *
 * Whom     The group's coordinator, by client->looker, which is made when it is needed. One that
 *          has moved or does not answer is looked for anew.
 * Waits    At most the client's time-out.
 * Threads  The bus's.
 */
#ifndef XUNFANG_BASE_BUS_BUS_KAFKA_PLACE_H
#define XUNFANG_BASE_BUS_BUS_KAFKA_PLACE_H

#include "base/bus/bus_kafka_client.h"

/* Names are full ones, with the prefix. STATUS_NOT_FOUND: the group never committed this
 * partition. */
CHECKED enum status kafka_place_ask(struct kafka_client *client, const char *group,
                                    const struct bus_partition *partition, uint64_t *offset,
                                    struct error *err);

#endif
