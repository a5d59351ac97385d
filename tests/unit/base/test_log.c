#include "base/log.h"
#include "tests/support/cmocka_all.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char path[] = "/tmp/xunfang-test-log-XXXXXX";
static char text[64 * 1024];
static int saved = -1;

/* Standard error goes to a file between capture and captured. */
static void capture(void)
{
    int file = open(path, O_WRONLY | O_TRUNC);

    saved = dup(STDERR_FILENO);
    assert_true(file >= 0 && saved >= 0);
    assert_int_equal(dup2(file, STDERR_FILENO), STDERR_FILENO);
    (void) close(file);
}

static const char *captured(void)
{
    FILE *file;
    size_t size;

    assert_int_equal(dup2(saved, STDERR_FILENO), STDERR_FILENO);
    (void) close(saved);
    file = fopen(path, "r");
    assert_non_null(file);
    size = fread(text, 1, sizeof text - 1, file);
    text[size] = '\0';
    (void) fclose(file);
    return text;
}

static void test_fields_are_quoted_where_needed(void **state)
{
    (void) state;
    log_open("tester", LOG_INFO);
    capture();
    log_write(LOG_WARN, "page refused", {"url", SLICE("http://x/?a=b")}, {"plain", SLICE("苏州")},
              {"odd", SLICE("a \"b\"\n\x01")}, {"empty", SLICE("")});
    assert_non_null(strstr(captured(), "level=warn program=tester msg=\"page refused\" "
                                       "url=\"http://x/?a=b\" plain=苏州 "
                                       "odd=\"a \\\"b\\\"\\x0a\\x01\" empty=\"\"\n"));
    assert_non_null(strstr(text, "time=20"));
}

static void test_levels_below_the_threshold_are_silent(void **state)
{
    const struct error failure = {STATUS_TIMEOUT, "no answer"};

    (void) state;
    log_open("tester", LOG_WARN);
    capture();
    log_write(LOG_INFO, "not told", {"a", SLICE("b")});
    log_failure(LOG_ERROR, "fetching", &failure);
    assert_null(strstr(captured(), "not told"));
    assert_non_null(strstr(text, "msg=fetching status=\"timed out\" error=\"no answer\"\n"));
}

static void test_a_flood_is_counted_not_written(void **state)
{
    size_t lines = 0;

    (void) state;
    capture();
    for (int i = 0; i < 1000; i++)
        log_write(LOG_WARN, "flood", {"i", SLICE("x")});
    for (const char *at = captured(); (at = strstr(at, "msg=flood")) != NULL; at++)
        lines++;
    assert_int_equal(lines, 20);
}

static void test_long_values_are_cut_and_the_line_still_ends(void **state)
{
    static char huge[3 * LOG_VALUE_MAX];
    const struct slice value = {huge, sizeof huge};

    (void) state;
    memset(huge, 'x', sizeof huge);
    capture();
    log_write(LOG_WARN, "long", {"a", value}, {"b", value}, {"c", value}, {"d", value},
              {"e", value}, {"f", value}, {"g", value}, {"h", value}, {"i", value});
    assert_int_equal(captured()[strlen(text) - 1], '\n');
    assert_non_null(strstr(text, "x... b="));
    assert_true(strlen(text) <= 8 * 1024);
}

static void test_level_names(void **state)
{
    enum log_level level = LOG_INFO;
    struct error err;

    (void) state;
    assert_int_equal(log_level_parse(SLICE("debug"), &level, &err), STATUS_OK);
    assert_int_equal(level, LOG_DEBUG);
    assert_int_equal(log_level_parse(SLICE("loud"), &level, &err), STATUS_INVALID);
    assert_non_null(strstr(err.message, "'loud'"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fields_are_quoted_where_needed),
        cmocka_unit_test(test_levels_below_the_threshold_are_silent),
        cmocka_unit_test(test_a_flood_is_counted_not_written),
        cmocka_unit_test(test_long_values_are_cut_and_the_line_still_ends),
        cmocka_unit_test(test_level_names),
    };
    int file = mkstemp(path);
    int failed;

    if (file < 0)
        return 1;
    (void) close(file);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    (void) unlink(path);
    return failed;
}
