/*
 * kafka_brokers: real brokers for a test, by tests/kafka/brokers.py, until it ends or dies.
 */
#ifndef XUNFANG_TESTS_CONTRACT_KAFKA_BROKERS_H
#define XUNFANG_TESTS_CONTRACT_KAFKA_BROKERS_H

#include <stddef.h>

enum { KAFKA_BROKERS_SKIP = 77 };

struct kafka_brokers;

/* Starts `count` brokers with further words to the script ("--tls", DIR; NULL ends the list; NULL:
 * none).
 * NULL: there is no Java or no Kafka here (why is on standard error), and the test is to end with
 * KAFKA_BROKERS_SKIP. Any other failure ends the process. */
struct kafka_brokers *kafka_brokers_start(int count, const char *const *words);
/* "127.0.0.1:PORT,…" */
const char *kafka_brokers_servers(const struct kafka_brokers *brokers);
/* A command of brokers.py, "kill 1"; back when it is done. */
void kafka_brokers_tell(struct kafka_brokers *brokers, const char *command);
void kafka_brokers_stop(struct kafka_brokers *brokers);

#endif
