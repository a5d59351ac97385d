/* Which bus a command works on. */
#include "cli/bus_place.h"

#include "tests/support/cmocka_all.h"

#include <stdlib.h>
#include <string.h>

static struct error err;
static struct bus_place place;

static int set_up(void **state)
{
    (void) state;
    memset(&place, 0, sizeof place);
    return unsetenv(BUS_PLACE_VARIABLE);
}

static enum status choose(const char *word)
{
    return bus_place_choose(word, "./data", &place, &err);
}

static void test_without_a_word_it_is_the_folder(void **state)
{
    (void) state;
    assert_int_equal(choose(NULL), STATUS_OK);
    assert_true(place.local);
    assert_string_equal(place.folder, "./data");
    assert_string_equal(place.url, "local:./data");
    assert_int_equal(choose("local"), STATUS_OK);
    assert_string_equal(place.url, "local:./data");
    assert_int_equal(choose("local:/elsewhere"), STATUS_OK);
    assert_true(place.local);
    assert_string_equal(place.folder, "/elsewhere");
    assert_string_equal(place.url, "local:/elsewhere");
}

static void test_a_cluster(void **state)
{
    (void) state;
    assert_int_equal(choose("kafka://a:1,b:2/lab?client.rack=x"), STATUS_OK);
    assert_false(place.local);
    assert_string_equal(place.url, "kafka://a:1,b:2/lab?client.rack=x");
}

static void test_the_variable_stands_in_for_the_option(void **state)
{
    (void) state;
    assert_int_equal(setenv(BUS_PLACE_VARIABLE, "kafka://a:1", 1), 0);
    assert_int_equal(choose(NULL), STATUS_OK);
    assert_string_equal(place.url, "kafka://a:1");
    assert_int_equal(choose("local"), STATUS_OK);
    assert_true(place.local);
    assert_int_equal(setenv(BUS_PLACE_VARIABLE, "", 1), 0);
    assert_int_equal(choose(NULL), STATUS_OK);
    assert_true(place.local);
}

static void test_words_that_name_no_bus(void **state)
{
    const char *const words[] = {"", "locals", "local:", "kafka:a:1", "kafka", "http://a:1"};

    (void) state;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        assert_int_equal(choose(words[i]), STATUS_USAGE);
        assert_non_null(strstr(err.message, "--bus '"));
        assert_non_null(strstr(err.message, "kafka://broker1:9092"));
    }
    assert_int_equal(setenv(BUS_PLACE_VARIABLE, "cluster", 1), 0);
    assert_int_equal(choose(NULL), STATUS_USAGE);
    assert_non_null(strstr(err.message, "$XUNFANG_BUS 'cluster'"));
    assert_string_equal(place.url, "");
}

static void test_too_long(void **state)
{
    char *path = calloc(1, BUS_PLACE_URL_MAX);

    (void) state;
    assert_non_null(path);
    memset(path, 'x', BUS_PLACE_URL_MAX - 1);
    assert_int_equal(bus_place_choose(NULL, path, &place, &err), STATUS_USAGE);
    assert_non_null(strstr(err.message, "--data"));
    path[BUS_PLACE_URL_MAX - sizeof "local:"] = '\0';
    assert_int_equal(bus_place_choose(NULL, path, &place, &err), STATUS_OK);
    free(path);
}

/* Settings behind the address may hold a password. */
static void test_what_people_read_tells_no_secret(void **state)
{
    char text[64];

    (void) state;
    assert_int_equal(choose("kafka://a:1/lab?sasl.password=secret"), STATUS_OK);
    assert_string_equal(bus_place_text(&place, text, sizeof text), "--bus kafka://a:1/lab");
    assert_int_equal(choose("local"), STATUS_OK);
    assert_string_equal(bus_place_text(&place, text, sizeof text), "--data ./data");
    assert_string_equal(bus_place_text(&place, text, 8), "--data ");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, set_up)
    const struct CMUnitTest tests[] = {
        TEST(test_without_a_word_it_is_the_folder),
        TEST(test_a_cluster),
        TEST(test_the_variable_stands_in_for_the_option),
        TEST(test_words_that_name_no_bus),
        TEST(test_too_long),
        TEST(test_what_people_read_tells_no_secret),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
