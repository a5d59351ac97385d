#include "base/worker_mark.h"
#include "tests/support/cmocka_all.h"

static void test_round_trip(void **state)
{
    const struct mark marks[] = {
        {MARK_CLEAN, 0}, {MARK_RUNNING, 0}, {MARK_TRY, 1}, {MARK_TRY, 3}, {MARK_TRY, 999}};
    char text[MARK_TEXT_SIZE];

    (void) state;
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        struct mark read = mark_parse(mark_text(marks[i], text));
        assert_int_equal(read.kind, marks[i].kind);
        assert_int_equal(read.tries, marks[i].tries);
    }
    assert_string_equal(mark_text((struct mark){MARK_TRY, 2}, text).data, "try 2");
}

static void test_never_committed_is_clean(void **state)
{
    (void) state;
    assert_int_equal(mark_parse((struct slice){NULL, 0}).kind, MARK_CLEAN);
}

static void test_unreadable_is_running(void **state)
{
    static const char *const texts[] = {"Clean", "try", "try ", "try 0", "try x", "try 1000", "?"};

    (void) state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_int_equal(mark_parse(slice_from(texts[i])).kind, MARK_RUNNING);
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
