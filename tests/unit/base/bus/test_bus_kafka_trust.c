#include "base/bus/bus_kafka_trust.h"

#include "tests/support/cmocka_all.h"

#include <openssl/x509_vfy.h>
#include <string.h>

static void explains(int code, const char *why, const char *advice)
{
    char text[300];

    kafka_trust_explain(code, "one:9093/1", text, sizeof text);
    assert_non_null(strstr(text, "the certificate of one:9093/1: "));
    assert_non_null(strstr(text, why));
    assert_non_null(strstr(text, advice));
}

static void test_explanations(void **state)
{
    (void) state;
    explains(X509_V_ERR_HOSTNAME_MISMATCH, "hostname mismatch", "name the broker in the address");
    explains(X509_V_ERR_IP_ADDRESS_MISMATCH, "IP address", "name the broker in the address");
    explains(X509_V_ERR_CERT_HAS_EXPIRED, "expired", "renew it");
    explains(X509_V_ERR_CERT_NOT_YET_VALID, "not yet valid", "set the clock");
    explains(X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, "issuer", "set ssl.ca.location");
    explains(X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, "self-signed", "set ssl.ca.location");
}

static void test_room(void **state)
{
    char text[10];

    (void) state;
    kafka_trust_explain(X509_V_ERR_CERT_HAS_EXPIRED, "one:9093/1", text, sizeof text);
    assert_string_equal(text, "the certi");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_explanations),
                                       cmocka_unit_test(test_room)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
