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

static const struct progress_counts replaying = {.urls_known = 100,
                                                 .urls_final = 100,
                                                 .documents = 50,
                                                 .outcomes = 20,
                                                 .visits = 5,
                                                 .replay = true};

static void test_a_replay_counts_documents(void **state)
{
    struct progress_counts counts = replaying;

    (void) state;
    progress_init(&progress, false);
    buf_reset(&line);
    counts.outcomes = 0;
    progress_format(&progress, &counts, 0, &line);
    assert_string_equal(buf_text(&line), "documents 50  read 0  visits 5  events 0  0/s");
    buf_reset(&line);
    progress_format(&progress, &replaying, 10000, &line);
    assert_string_equal(buf_text(&line),
                        "documents 50  read 20  visits 5  events 0  2/s  about 0:15 left");
}

static void test_what_a_model_was_asked_stands_behind(void **state)
{
    const struct model_counts model = {.answered = 7, .failed = 1};
    struct progress_counts counts = replaying;

    (void) state;
    progress_init(&progress, false);
    counts.model = &model;
    counts.outcomes = 50;
    buf_reset(&line);
    progress_format(&progress, &counts, 0, &line);
    assert_non_null(strstr(buf_text(&line), "  0/s  model 7 answered, 1 failed"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_counts_are_shown),
        cmocka_unit_test(test_rate_and_rest_over_the_window),
        cmocka_unit_test(test_old_samples_leave_the_window),
        cmocka_unit_test(test_numbers_that_go_back_are_no_rate),
        cmocka_unit_test(test_a_replay_counts_documents),
        cmocka_unit_test(test_what_a_model_was_asked_stands_behind),
    };
    int failed;

    buf_init(&line, 1000);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    buf_fini(&line);
    return failed;
}
