#include "cli/progress.h"
#include "tests/support/cmocka_all.h"

#include <string.h>

static struct progress progress;
static struct buf line;

static const char *at(int64_t now_ms, uint64_t known, uint64_t final)
{
    const struct progress_counts counts = {.lists_known = 40,
                                           .lists_final = 3,
                                           .urls_known = known,
                                           .urls_final = final,
                                           .documents = 7,
                                           .outcomes = 6,
                                           .visits = 5,
                                           .events = 4};

    buf_reset(&line);
    progress_format(&progress, &counts, now_ms, &line);
    return buf_text(&line);
}

static void test_all_counts_are_shown(void **state)
{
    (void) state;
    progress_init(&progress, false);
    assert_string_equal(at(1000, 100, 10),
                        "lists 3/40  pages 10/100  documents 7  read 6  visits 5  events 4  0/s");
}

static void test_rate_and_rest_over_the_window(void **state)
{
    (void) state;
    progress_init(&progress, false);
    (void) at(0, 1000, 0);
    assert_non_null(strstr(at(10000, 1000, 400), "  40/s  about 0:15 left"));
    assert_non_null(strstr(at(10000, 1000, 1000), "  100/s"));
    assert_null(strstr(buf_text(&line), "left"));
    assert_non_null(strstr(at(11000, 10000000, 440), "about 69 h 26 min left"));
}

static void test_old_samples_leave_the_window(void **state)
{
    (void) state;
    progress_init(&progress, false);
    for (int64_t second = 0; second <= 60; second++)
        (void) at(second * 1000, 100000, second < 30 ? 0 : (uint64_t) (second - 29) * 10);
    assert_non_null(strstr(buf_text(&line), "  10/s"));
}

static void test_numbers_that_go_back_are_no_rate(void **state)
{
    (void) state;
    progress_init(&progress, false);
    (void) at(0, 100, 50);
    assert_non_null(strstr(at(5000, 100, 0), "  0/s"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_counts_are_shown),
        cmocka_unit_test(test_rate_and_rest_over_the_window),
        cmocka_unit_test(test_old_samples_leave_the_window),
        cmocka_unit_test(test_numbers_that_go_back_are_no_rate),
    };
    int failed;

    buf_init(&line, 1000);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    buf_fini(&line);
    return failed;
}
