/* Addresses and settings of the Kafka bus. */
#include "base/bus/bus_kafka_options.h"
#include "tests/support/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct error err;

static struct kafka_address read_good(const char *text, const char *path)
{
    struct kafka_address address = {0};

    if (kafka_address_read(text, path, &address, &err) != STATUS_OK)
        fail_msg("%s: %s", text, err.message);
    return address;
}

static void read_bad(const char *text, const char *path, const char *why)
{
    struct kafka_address address = {0};

    assert_int_equal(kafka_address_read(text, path, &address, &err), STATUS_INVALID);
    if (strstr(err.message, why) == NULL)
        fail_msg("%s: %s", text, err.message);
    assert_null(address.servers);
}

/* A file with this content; its name in `path`. */
static void write_file(char path[32], const char *content)
{
    FILE *file;
    int fd;

    (void) snprintf(path, 32, "/tmp/xunfang-options-XXXXXX");
    fd = mkstemp(path);
    assert_true(fd >= 0);
    file = fdopen(fd, "w");
    assert_int_equal(fwrite(content, 1, strlen(content), file), strlen(content));
    assert_int_equal(fclose(file), 0);
}

static void test_servers(void **state)
{
    struct kafka_address address = read_good("a:1,[::1]:65535,c.example:9092", NULL);

    (void) state;
    assert_string_equal(address.servers, "a:1,[::1]:65535,c.example:9092");
    assert_string_equal(address.prefix, "");
    assert_int_equal(address.setting_count, 0);
    kafka_address_fini(&address);
    read_bad("", NULL, "no server");
    read_bad("a", NULL, "\"a\" is not HOST:PORT");
    read_bad("a:1,", NULL, "\"\" is not HOST:PORT");
    read_bad("a:0", NULL, "HOST:PORT");
    read_bad("a:65536", NULL, "HOST:PORT");
    read_bad(":9", NULL, "HOST:PORT");
    read_bad("a b:9", NULL, "HOST:PORT");
}

static void test_prefix(void **state)
{
    struct kafka_address address = read_good("a:1/lab-2", NULL);

    (void) state;
    assert_string_equal(address.prefix, "lab-2.");
    kafka_address_fini(&address);
    address = read_good("a:1/?linger.ms=5", NULL);
    assert_string_equal(address.prefix, "");
    assert_int_equal(address.setting_count, 1);
    kafka_address_fini(&address);
    read_bad("a:1/lab/x", NULL, "no prefix");
    read_bad("a:1/0123456789012345678901234567890123456789x", NULL, "no prefix");
}

static void test_settings(void **state)
{
    struct kafka_address address =
        read_good("a:1?linger.ms=5&sasl.username=a%26b%3D%25&ssl.ca.location=", NULL);

    (void) state;
    assert_int_equal(address.setting_count, 3);
    assert_string_equal(address.settings[0].name, "linger.ms");
    assert_string_equal(address.settings[0].value, "5");
    assert_string_equal(address.settings[1].value, "a&b=%");
    assert_string_equal(address.settings[2].value, "");
    kafka_address_fini(&address);
    assert_int_equal(
        kafka_address_read("a:1?ssl.ca.location=/no/such/ca.pem", NULL, &address, &err),
        STATUS_NOT_FOUND);
    assert_non_null(strstr(err.message, "ssl.ca.location: /no/such/ca.pem: No such"));
    address = read_good("a:1?ssl.ca.location=probe&ssl.keystore.location=/dev/null", NULL);
    assert_int_equal(address.setting_count, 2);
    kafka_address_fini(&address);
    read_bad("a:1?linger.ms", NULL, "is not NAME=VALUE");
    read_bad("a:1?=5", NULL, "without a name");
    read_bad("a:1?x=%2", NULL, "two hex digits");
    read_bad("a:1?x=%00", NULL, "two hex digits");
    read_bad("a:1?x=%zz", NULL, "two hex digits");
    read_bad("a:1?acks=1", NULL, "acks is not to be set: an acknowledged record");
    read_bad("a:1?linger.ms=1&group.id=x", NULL, "group.id is not to be set");
}

static void test_many_settings(void **state)
{
    char text[2000] = "a:1?x=0";
    struct kafka_address address;

    (void) state;
    for (int i = 1; i < KAFKA_SETTINGS_MAX; i++)
        (void) snprintf(text + strlen(text), sizeof text - strlen(text), "&x=%d", i);
    address = read_good(text, NULL);
    assert_int_equal(address.setting_count, KAFKA_SETTINGS_MAX);
    kafka_address_fini(&address);
    (void) snprintf(text + strlen(text), sizeof text - strlen(text), "&x=last");
    read_bad(text, NULL, "more than 64 settings");
}

static void test_file(void **state)
{
    char path[32];
    struct kafka_address address;

    (void) state;
    write_file(path, "# ours\n\n security.protocol = SASL_SSL \r\nlinger.ms=1\n");
    address = read_good("a:1?linger.ms=2", path);
    assert_int_equal(address.setting_count, 3);
    assert_string_equal(address.settings[0].name, "security.protocol");
    assert_string_equal(address.settings[0].value, "SASL_SSL");
    assert_string_equal(address.settings[2].value, "2"); /* the address has the last word */
    kafka_address_fini(&address);
    (void) unlink(path);
    write_file(path, "linger.ms=1\nnonsense\n");
    read_bad("a:1", path, ":2: \"nonsense\" is not NAME=VALUE");
    (void) unlink(path);
    assert_int_not_equal(kafka_address_read("a:1", path, &address, &err), STATUS_OK);
    assert_non_null(strstr(err.message, path));
}

static void test_secret(void **state)
{
    char path[32];
    char text[64];
    struct kafka_address address;

    (void) state;
    write_file(path, "pass word\n");
    (void) snprintf(text, sizeof text, "a:1?sasl.password=@%s", path);
    address = read_good(text, NULL);
    assert_string_equal(address.settings[0].value, "pass word");
    kafka_address_fini(&address);
    (void) unlink(path);
    assert_int_not_equal(kafka_address_read(text, NULL, &address, &err), STATUS_OK);
    assert_non_null(strstr(err.message, path));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_servers),  cmocka_unit_test(test_prefix),
        cmocka_unit_test(test_settings), cmocka_unit_test(test_many_settings),
        cmocka_unit_test(test_file),     cmocka_unit_test(test_secret),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
