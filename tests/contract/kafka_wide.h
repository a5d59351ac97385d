/*
 * kafka_wide: a topic into which somebody else has put more than a bus of ours takes, read by a
 * map: the giant becomes a dead record, and what stands before and behind it is worked on.
 */
#ifndef XUNFANG_TESTS_CONTRACT_KAFKA_WIDE_H
#define XUNFANG_TESTS_CONTRACT_KAFKA_WIDE_H

#include "base/bus/bus.h"

#include <librdkafka/rdkafka.h>

enum { KAFKA_WIDE_BYTES = 50 * 1000 * 1000, KAFKA_WIDE_ROOM = 60 * 1000 * 1000 };

/* Publishes `size` bytes to partition 0 of `topic` past our bus; the broker's answer. */
rd_kafka_resp_err_t kafka_wide_put(rd_kafka_t *producer, const char *topic, size_t size);
/* Fills "wide" by `producer` and `bus`, and runs the map over it. */
void kafka_wide(rd_kafka_t *producer, struct bus *bus);

#endif
