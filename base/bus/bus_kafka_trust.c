#include "base/bus/bus_kafka_trust.h"

#include <openssl/x509_vfy.h>
#include <stdio.h>

static const char *advise(int code)
{
    switch (code) {
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
        return "name the broker in the address, and in advertised.listeners, as its certificate "
               "does";
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID:
        return "renew it, or set the clock";
    default:
        return "set ssl.ca.location to a file with the certificate of the authority that signed "
               "it";
    }
}

void kafka_trust_explain(int code, const char *broker, char *text, size_t size)
{
    (void) snprintf(text, size, "the certificate of %s: %s: %s", broker,
                    X509_verify_cert_error_string(code), advise(code));
}
