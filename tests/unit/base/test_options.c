#include "base/options.h"
#include "tests/support/cmocka_all.h"

#include <string.h>

struct target {
    const char *name;
    bool fast;
    uint64_t count;
    uint64_t size;
    int64_t delay;
};

#define ROW(member, type, placeholder, fallback)                                                   \
    {                                                                                              \
#member, type, offsetof(struct target, member), placeholder, fallback, "Sets " #member "." \
    }

static const struct option_row rows[] = {
    ROW(name, OPTION_TEXT, "NAME", "main"),      ROW(fast, OPTION_FLAG, NULL, NULL),
    ROW(count, OPTION_UINT, "N", "4"),           ROW(size, OPTION_BYTES, "SIZE", "1MiB"),
    ROW(delay, OPTION_DURATION, "TIME", "20ms"),
};
static const struct options options = {rows, sizeof rows / sizeof rows[0], "test [options]",
                                       "A test."};

static struct target target;
static struct command_line line;
static struct error err;

static enum status parse(size_t words_max, int argc, char *const *argv)
{
    target = (struct target){0};
    line = (struct command_line){.argc = argc, .argv = argv, .words_max = words_max};
    return options_parse(&options, &line, &target, &err);
}

static void test_fallbacks_then_arguments(void **state)
{
    char *none[] = {"test", NULL};
    char *some[] = {"test", "--count=7", "--fast", "--delay", "2s", "--count", "8", NULL};

    (void) state;
    assert_int_equal(parse(0, 1, none), STATUS_OK);
    assert_string_equal(target.name, "main");
    assert_false(target.fast);
    assert_int_equal(target.size, 1024 * 1024);
    assert_int_equal(target.delay, 20);
    assert_int_equal(parse(0, 7, some), STATUS_OK);
    assert_true(target.fast);
    assert_int_equal(target.count, 8);
    assert_int_equal(target.delay, 2000);
}

static void test_words_may_stand_anywhere(void **state)
{
    char *argv[] = {"test", "a.yaml", "--fast", "b", "--", "--count", NULL};

    (void) state;
    assert_int_equal(parse(3, 6, argv), STATUS_OK);
    assert_int_equal(line.word_count, 3);
    assert_string_equal(line.words[0], "a.yaml");
    assert_string_equal(line.words[2], "--count");
    assert_int_equal(parse(2, 6, argv), STATUS_USAGE);
    assert_string_equal(err.message, "unexpected argument '--count'; see --help");
}

static void check_wrong(char *first, char *second, const char *message)
{
    char *argv[] = {"test", first, second, NULL};

    assert_int_equal(parse(0, second == NULL ? 2 : 3, argv), STATUS_USAGE);
    assert_int_equal(err.code, STATUS_USAGE);
    assert_string_equal(err.message, message);
}

static void test_wrong_usage_names_the_option(void **state)
{
    (void) state;
    check_wrong("--speed", NULL, "unknown option --speed; see --help");
    check_wrong("-f", NULL, "unknown option -f; see --help");
    check_wrong("--count", NULL, "--count wants a value: N");
    check_wrong("--fast=yes", NULL, "--fast takes no value");
    check_wrong("--count", "x", "--count: 'x' is not a whole number");
    check_wrong("--delay=3", NULL,
                "--delay: '3' is not a number with a unit (20ms, 1s, 5m, 2h, 1d)");
}

static void test_help_tells_every_option(void **state)
{
    struct buf out;

    (void) state;
    buf_init(&out, 10000);
    options_help(&options, &out);
    assert_non_null(strstr(buf_text(&out), "usage: test [options]\n\nA test.\n"));
    for (size_t i = 0; i < options.count; i++)
        assert_non_null(strstr(buf_text(&out), rows[i].help));
    assert_non_null(strstr(buf_text(&out), "--size SIZE"));
    assert_non_null(strstr(buf_text(&out), "(default 1MiB)"));
    buf_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fallbacks_then_arguments),
        cmocka_unit_test(test_words_may_stand_anywhere),
        cmocka_unit_test(test_wrong_usage_names_the_option),
        cmocka_unit_test(test_help_tells_every_option),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
