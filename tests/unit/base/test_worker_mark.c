#include "base/worker_mark.h"

#include "base/bus/bus.h"
#include "tests/support/cmocka_all.h"

#include <string.h>

static void test_round_trip(void **state)
{
    const struct mark marks[] = {
        {.kind = MARK_CLEAN},
        {.kind = MARK_RUNNING},
        {.kind = MARK_TRY, .tries = 1},
        {.kind = MARK_TRY, .tries = 3, .life = 7},
        {.kind = MARK_TRY, .tries = 999, .life = UINT64_MAX, .until_ms = INT64_MAX},
        {.kind = MARK_RUNNING, .life = UINT64_MAX},
        {.kind = MARK_CLEAN, .life = 5, .until_ms = 1},
    };
    char text[MARK_TEXT_SIZE];

    (void) state;
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        struct mark read = mark_parse(mark_text(marks[i], text));
        assert_int_equal(read.kind, marks[i].kind);
        assert_int_equal(read.tries, marks[i].tries);
        assert_true(read.life == marks[i].life);
        assert_true(read.until_ms == marks[i].until_ms);
        assert_true(strlen(text) <= BUS_METADATA_MAX);
    }
    assert_string_equal(mark_text((struct mark){.kind = MARK_TRY, .tries = 2}, text).data, "try 2");
    assert_string_equal(mark_text((struct mark){.kind = MARK_RUNNING, .life = 0xc0ffee}, text).data,
                        "running 0000000000c0ffee");
    assert_string_equal(
        mark_text((struct mark){.kind = MARK_CLEAN, .life = 1, .until_ms = 1700000000000}, text)
            .data,
        "clean 0000000000000001 1700000000000");
}

static void test_never_committed_is_clean(void **state)
{
    (void) state;
    assert_int_equal(mark_parse((struct slice){NULL, 0}).kind, MARK_CLEAN);
}

static void test_unreadable_is_running(void **state)
{
    static const char *const texts[] = {"Clean",
                                        "try",
                                        "try ",
                                        "try 0",
                                        "try x",
                                        "try 1000",
                                        "?",
                                        "clean 12",
                                        "clean 00000000000000AB",
                                        "clean  000000000000000a",
                                        "clean 0000000000000001 0",
                                        "clean 1700000000000",
                                        "clean 0000000000000001 17 18"};

    (void) state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_int_equal(mark_parse(slice_from(texts[i])).kind, MARK_RUNNING);
    assert_true(mark_parse(SLICE("running 00000000000000ab")).life == 0xab);
    assert_true(mark_parse(SLICE("running 00000000000000aB")).life == 0);
    assert_true(mark_parse(SLICE("running")).life == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_never_committed_is_clean),
        cmocka_unit_test(test_unreadable_is_running),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
