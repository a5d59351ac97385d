/* json_check: what is JSON and what is not. */
#include "crawler/json_check.h"

#include "tests/support/cmocka_all.h"

#include <string.h>

static void good(void **state)
{
    static const char *const texts[] = {"0",
                                        "-0.5e+10",
                                        "1E-2",
                                        "12",
                                        "\"\"",
                                        "true",
                                        "false",
                                        "null",
                                        " [ ] ",
                                        "{}",
                                        "[1,[2,{\"a\":[]}],{}]",
                                        "{\"a\":1,\"b\":{\"c\":\"\\u00e9\\\\ \\\"\"}}\n",
                                        "\"raw\ttab\nand line feed\"",
                                        "[\"苏州\"]"};

    (void) state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (json_check(slice_from(texts[i]), NULL, NULL) != STATUS_OK)
            fail_msg("%s", texts[i]);
}

static void bad(void **state)
{
    static const char *const texts[] = {
        "",         " ",          "[",     "]",       "[1,]",        "[,1]",    "[1 2]", "{\"a\"}",
        "{\"a\":}", "{\"a\":1,}", "{,}",   "{1:2}",   "{\"a\":1",    "[1}",     "{]",    "1 2",
        "[]x",      "tru",        "nullx", "01",      "1.",          ".5",      "+1",    "-",
        "1e",       "1e+",        "\"",    "\"\\x\"", "\"\\u12g4\"", "\"\\u12", "\"\\",  "'a'",
        "NaN",      "<html>"};

    (void) state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (json_check(slice_from(texts[i]), NULL, NULL) != STATUS_INVALID)
            fail_msg("%s", texts[i]);
    assert_int_equal(json_check(SLICE("[1\0]"), NULL, NULL), STATUS_INVALID);
}

static void place_is_named(void **state)
{
    struct error err = {.message = ""};

    (void) state;
    assert_int_equal(json_check(SLICE("[1,x]"), NULL, &err), STATUS_INVALID);
    assert_non_null(strstr(err.message, "byte 3"));
}

static void counts_values(void **state)
{
    size_t values = 7;

    (void) state;
    assert_int_equal(json_check(SLICE("{\"a\":[1,\",[{\",{}],\"b\":null}"), &values, NULL),
                     STATUS_OK);
    assert_int_equal(values, 6);
    assert_int_equal(json_check(SLICE("["), &values, NULL), STATUS_INVALID);
    assert_int_equal(values, 6);
}

static void depth_limit(void **state)
{
    char text[2 * JSON_CHECK_DEPTH + 2];

    (void) state;
    memset(text, '[', JSON_CHECK_DEPTH);
    memset(text + JSON_CHECK_DEPTH, ']', JSON_CHECK_DEPTH);
    assert_int_equal(json_check(slice_of(text, 2 * JSON_CHECK_DEPTH), NULL, NULL), STATUS_OK);
    memset(text, '[', JSON_CHECK_DEPTH + 1);
    memset(text + JSON_CHECK_DEPTH + 1, ']', JSON_CHECK_DEPTH + 1);
    assert_int_equal(json_check(slice_of(text, sizeof text), NULL, NULL), STATUS_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good),           cmocka_unit_test(bad),
        cmocka_unit_test(place_is_named), cmocka_unit_test(counts_values),
        cmocka_unit_test(depth_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
