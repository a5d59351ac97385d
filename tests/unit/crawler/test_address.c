/* address: which addresses are public. */
#include "crawler/address.h"

#include "tests/support/cmocka_all.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

static enum address_kind kind(const char *text)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};

    if (inet_pton(AF_INET, text, &v4.sin_addr) == 1)
        return address_kind((const struct sockaddr *) &v4, sizeof v4);
    assert_int_equal(inet_pton(AF_INET6, text, &v6.sin6_addr), 1);
    return address_kind((const struct sockaddr *) &v6, sizeof v6);
}

static void check_all(const char *const *texts, size_t count, enum address_kind expected)
{
    for (size_t i = 0; i < count; i++)
        if (kind(texts[i]) != expected)
            fail_msg("%s is of kind %d", texts[i], (int) kind(texts[i]));
}

#define CHECK_ALL(texts, expected) check_all(texts, sizeof texts / sizeof *texts, expected)

static void denied(void **state)
{
    static const char *const texts[] = {
        "0.0.0.0",         "0.255.255.255",  "10.0.0.1",         "100.64.0.1",   "100.127.255.255",
        "169.254.169.254", "172.16.0.1",     "172.31.255.255",   "192.0.0.8",    "192.0.2.1",
        "192.168.1.1",     "198.18.0.1",     "198.19.255.255",   "198.51.100.7", "203.0.113.9",
        "224.0.0.1",       "240.0.0.1",      "255.255.255.255",  "::",           "::ffff:10.0.0.1",
        "::ffff:8.8.8.8",  "64:ff9b::a00:1", "64:ff9b::808:808", "100::1",       "2001:db8::1",
        "2001::1",         "2002:a00:1::",   "2002:808:808::",   "fc00::1",      "fdff::1",
        "fe80::1",         "fec0::1",        "ff02::1",          "::8.8.8.8",    "64:ff9b:1::1",
    };

    (void) state;
    CHECK_ALL(texts, ADDRESS_PRIVATE);
}

static void loopback(void **state)
{
    static const char *const texts[] = {"127.0.0.1", "127.255.255.255", "::1", "::ffff:127.0.0.1",
                                        "::127.0.0.1"};

    (void) state;
    CHECK_ALL(texts, ADDRESS_LOOPBACK);
}

/* The neighbours of every range. */
static void allowed(void **state)
{
    static const char *const texts[] = {
        "1.0.0.0",       "9.255.255.255",   "11.0.0.0",     "100.63.255.255", "100.128.0.0",
        "126.255.255.1", "128.0.0.1",       "169.253.1.1",  "169.255.0.1",    "172.15.255.255",
        "172.32.0.0",    "192.0.1.1",       "192.167.0.1",  "192.169.0.1",    "198.17.255.255",
        "198.20.0.0",    "223.255.255.255", "2400:3200::1", "2001:1::1",      "2001:db9::1",
        "2003::1",       "fbff::1",         "240e::1",
    };

    (void) state;
    CHECK_ALL(texts, ADDRESS_PUBLIC);
}

static void unknown(void **state)
{
    struct sockaddr other;
    struct sockaddr_in v4 = {.sin_family = AF_INET};

    (void) state;
    memset(&other, 0, sizeof other);
    other.sa_family = AF_UNIX;
    assert_int_equal(address_kind(&other, sizeof other), ADDRESS_UNKNOWN);
    assert_int_equal(address_kind((const struct sockaddr *) &v4, 4), ADDRESS_UNKNOWN);
    v4.sin_family = AF_INET6;
    assert_int_equal(address_kind((const struct sockaddr *) &v4, sizeof v4), ADDRESS_UNKNOWN);
}

static void hosts(void **state)
{
    (void) state;
    assert_int_equal(address_kind_of_host(SLICE("127.0.2.1")), ADDRESS_LOOPBACK);
    assert_int_equal(address_kind_of_host(SLICE("[::1]")), ADDRESS_LOOPBACK);
    assert_int_equal(address_kind_of_host(SLICE("[fe80::1]")), ADDRESS_PRIVATE);
    assert_int_equal(address_kind_of_host(SLICE("[::1::]")), ADDRESS_UNKNOWN);
    assert_int_equal(address_kind_of_host(SLICE("localhost")), ADDRESS_LOOPBACK);
    assert_int_equal(address_kind_of_host(SLICE("a.LOCALHOST.")), ADDRESS_LOOPBACK);
    assert_int_equal(address_kind_of_host(SLICE("notlocalhost")), ADDRESS_UNKNOWN);
    assert_int_equal(address_kind_of_host(SLICE("www.suzhou.gov.cn")), ADDRESS_UNKNOWN);
    assert_int_equal(address_kind_of_host(SLICE("8.8.8.8")), ADDRESS_PUBLIC);
    assert_int_equal(address_kind_of_host(SLICE("8.8.8.888")), ADDRESS_UNKNOWN);
    assert_int_equal(address_kind_of_host(SLICE("")), ADDRESS_UNKNOWN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(denied),  cmocka_unit_test(loopback), cmocka_unit_test(allowed),
        cmocka_unit_test(unknown), cmocka_unit_test(hosts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
