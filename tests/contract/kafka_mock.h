/*
 * kafka_mock: librdkafka's mock brokers as a place where Kafka buses meet, for the contract and for
 * tests with faults.
 *
 * Topics   The mock brokers create a topic when somebody asks for it, know no settings and delete
 *          nothing; so topics are made through the library's own door (kafka_mock_open hands the
 *          bus a table that does so), and bus_topic_delete is STATUS_UNSUPPORTED.
 */
#ifndef XUNFANG_TESTS_CONTRACT_KAFKA_MOCK_H
#define XUNFANG_TESTS_CONTRACT_KAFKA_MOCK_H

#include "base/bus/bus_kafka_client.h"

#include <librdkafka/rdkafka_mock.h>

struct kafka_mock;

struct kafka_mock *kafka_mock_create(int brokers);
void kafka_mock_destroy(struct kafka_mock *mock);
/* For faults. */
rd_kafka_mock_cluster_t *kafka_mock_cluster(struct kafka_mock *mock);
/* Opens a bus with these settings behind the '?', NULL: none. One mock at a time. */
enum status kafka_mock_open(struct kafka_mock *mock, const char *settings,
                            const struct bus_options *options, struct bus **bus, struct error *err);

#endif
