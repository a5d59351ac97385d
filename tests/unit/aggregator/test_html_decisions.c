#include "tests/unit/aggregator/fixture.h"

#include "aggregator/html_decisions.h"

/* Two visits, asked about as given. */
static void render(const char *asked, const struct account *account, struct buf *page)
{
    const struct telling tellings[] = {
        {.url = "a", .origin = "上海", .host = "南京", .decided_by = "llm", .asked = asked},
        {.url = "b", .origin = "上海", .host = "南京"},
    };
    struct results results;

    fixture_results(fixture_dataset(tellings, 2), &results);
    buf_init(page, 1 << 20);
    html_decisions(&results, account, page);
    assert_int_equal(buf_status(page, NULL), STATUS_OK);
    results_fini(&results);
}

static bool says(const struct buf *page, const char *text)
{
    return strstr(buf_text(page), text) != NULL;
}

static void numbers_are_those_of_the_table(void **state)
{
    struct buf page;

    (void) state;
    render("visit+", NULL, &page);
    assert_true(says(&page, "What decided"));
    assert_true(says(&page, "<td>visit</td><td>yes</td><td>llm</td><td class=\"n\">1</td>"
                            "<td class=\"n\">1</td><td class=\"n\">1</td>"));
    assert_true(says(&page, "<td>visit</td><td>yes</td><td>model</td><td class=\"n\">1</td>"));
    assert_false(says(&page, "budget"));
    assert_false(says(&page, "without a usable answer"));
    assert_false(says(&page, "Language model"));
    buf_fini(&page);
}

static void what_was_not_answered_is_said_in_words(void **state)
{
    struct buf page;

    (void) state;
    render("visit- purpose-", NULL, &page);
    assert_true(says(&page, "Questions without a usable answer: 2;"));
    assert_false(says(&page, "The budget was used up"));
    buf_fini(&page);
    render("visit+ events0", NULL, &page);
    assert_true(says(&page, "The budget was used up. Questions not asked: 1;"));
    assert_false(says(&page, "Questions without a usable answer"));
    buf_fini(&page);
}

static void the_account_is_shown_against_its_caps(void **state)
{
    struct account account = {
        .given = true, .model = SLICE("<m>"), .currency = SLICE("CNY"), .caps = {5000, 0, 7000000}};
    struct buf page;

    (void) state;
    account.totals.replies = 12;
    account.totals.failures = 2;
    account.totals.spent = (struct answers_cost){15, 900, 1500000};
    account.totals.held = (struct answers_cost){4, 100, 0};
    render("visit+", &account, &page);
    assert_true(says(&page, "&lt;m&gt;"));
    assert_true(says(&page, "14 questions: 12 answered, 2 without a usable answer, 0 not allowed"));
    assert_true(says(&page, "calls</td><td class=\"n\">15</td><td class=\"n\">4</td>"
                            "<td class=\"n\">5000</td>"));
    assert_true(says(&page, "tokens</td><td class=\"n\">900</td><td class=\"n\">100</td>"
                            "<td>–</td>"));
    assert_true(says(&page, "cost CNY</td><td class=\"n\">1.5</td><td class=\"n\">0</td>"
                            "<td class=\"n\">7</td>"));
    buf_fini(&page);
}

static void an_account_that_was_not_given_is_left_out(void **state)
{
    const struct account account = {.given = false};
    struct buf page;

    (void) state;
    render(NULL, &account, &page);
    assert_false(says(&page, "Language model"));
    buf_fini(&page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_those_of_the_table),
        cmocka_unit_test(what_was_not_answered_is_said_in_words),
        cmocka_unit_test(the_account_is_shown_against_its_caps),
        cmocka_unit_test(an_account_that_was_not_given_is_left_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
