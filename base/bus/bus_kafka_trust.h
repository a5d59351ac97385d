/*
 * bus_kafka_trust: says why a broker's certificate is not believed, and what to set.
 *
 * Why      The client library says only that verification failed; OpenSSL knows whether nobody we
 *          trust has signed it, whether it names another host, or whether its time is over.
 * Verdict  Is not changed: what OpenSSL refuses stays refused.
 */
#ifndef XUNFANG_BASE_BUS_BUS_KAFKA_TRUST_H
#define XUNFANG_BASE_BUS_BUS_KAFKA_TRUST_H

#include <stddef.h>

/* The text about `code` (of OpenSSL's X509_V_ERR_*) for the broker "HOST:PORT/ID". */
void kafka_trust_explain(int code, const char *broker, char *text, size_t size);

#endif
