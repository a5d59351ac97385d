/* What is said of a language model's questions; the counts come from a real child's metrics in
 * test_supervise. */
#include "cli/model_counts.h"

#include "tests/support/cmocka_all.h"

#include <string.h>

static struct buf out;

static int set_up(void **state)
{
    (void) state;
    buf_init(&out, 4096);
    return 0;
}

static int tear_down(void **state)
{
    (void) state;
    buf_fini(&out);
    return 0;
}

static void test_the_line_leaves_out_what_is_zero(void **state)
{
    struct model_counts counts = {0};

    (void) state;
    model_counts_put(&counts, &out);
    assert_string_equal(buf_text(&out), "model 0 answered");
    buf_reset(&out);
    counts = (struct model_counts){
        .answered = 120, .remembered = 35, .failed = 2, .refused = 9, .cost = 1.239};
    model_counts_put(&counts, &out);
    assert_string_equal(buf_text(&out), "model 120 answered, 35 known, 2 failed, 9 over budget");
    buf_reset(&out);
    counts.currency = SLICE("CNY");
    model_counts_put(&counts, &out);
    assert_non_null(strstr(buf_text(&out), "9 over budget, 1.24 CNY"));
}

static void test_the_end_tells_everything(void **state)
{
    const struct model_counts counts = {.answered = 120,
                                        .remembered = 35,
                                        .failed = 2,
                                        .calls = 125,
                                        .tokens = 45000,
                                        .cost = 0.5,
                                        .currency = SLICE("EUR")};

    (void) state;
    model_counts_tell(&counts, &out);
    assert_string_equal(buf_text(&out),
                        "language model: 120 questions answered, 35 known from the job's answers, "
                        "2 failed; 125 calls, 45000 tokens, 0.5000 EUR\n");
}

static void test_the_end_says_that_the_budget_ended_the_asking(void **state)
{
    const struct model_counts counts = {.answered = 1, .refused = 40};

    (void) state;
    model_counts_tell(&counts, &out);
    assert_non_null(strstr(buf_text(&out),
                           "\nthe budget is used up: 40 questions were not asked, the built-in "
                           "models decided them\n"));
    assert_null(strstr(buf_text(&out), "EUR"));
}

static void test_without_processes_nothing_was_asked(void **state)
{
    struct model_counts counts = {.answered = 9, .currency = SLICE("EUR")};
    struct scrape *scrape;

    (void) state;
    assert_int_equal(scrape_create(&scrape, NULL), STATUS_OK);
    model_counts_read(scrape, &counts);
    assert_int_equal(counts.answered, 0);
    assert_int_equal(counts.tokens, 0);
    assert_true(slice_equal(counts.currency, SLICE("EUR")));
    scrape_destroy(scrape);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_the_line_leaves_out_what_is_zero),
        TEST(test_the_end_tells_everything),
        TEST(test_the_end_says_that_the_budget_ended_the_asking),
        TEST(test_without_processes_nothing_was_asked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
