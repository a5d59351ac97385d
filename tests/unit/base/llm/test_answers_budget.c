/* Sums, caps, prices, bounds. */
#include "base/llm/answers_budget.h"
#include "base/llm/pending.h"
#include "tests/support/cmocka_all.h"

static const struct asker_prices prices = {.prompt = 150000, .completion = 600000};

static void test_sums_do_not_run_over(void **state)
{
    const struct answers_cost most = {UINT64_MAX, UINT64_MAX - 1, 5}, one = {1, 1, 1};
    struct answers_cost sum = cost_plus(most, one);

    (void) state;
    assert_true(sum.calls == UINT64_MAX);
    assert_true(sum.tokens == UINT64_MAX);
    assert_int_equal(sum.money, 6);
    sum = cost_minus(one, most);
    assert_int_equal(sum.calls + sum.tokens + sum.money, 0);
    sum = cost_minus((struct answers_cost){5, 4, 3}, one);
    assert_int_equal(sum.calls, 4);
    assert_int_equal(sum.tokens, 3);
    assert_int_equal(sum.money, 2);
}

static void test_caps(void **state)
{
    const struct answers_cost cost = {10, 20, 30};

    (void) state;
    assert_null(cost_over(&cost, &(struct answers_cost){0, 0, 0}));
    assert_null(cost_over(&cost, &(struct answers_cost){10, 20, 30}));
    assert_string_equal(cost_over(&cost, &(struct answers_cost){9, 1, 1}), "calls");
    assert_string_equal(cost_over(&cost, &(struct answers_cost){0, 19, 1}), "tokens");
    assert_string_equal(cost_over(&cost, &(struct answers_cost){10, 20, 29}), "money");
}

static void test_money_is_rounded_up(void **state)
{
    (void) state;
    assert_int_equal(cost_money(&prices, 0, 0), 0);
    assert_int_equal(cost_money(&prices, 1, 0), 1);
    assert_int_equal(cost_money(&prices, 1000 * 1000, 0), 150000);
    assert_int_equal(cost_money(&prices, 1000 * 1000, 1000 * 1000), 750000);
    /* 1000 × 0.15 + 200 × 0.6 */
    assert_int_equal(cost_money(&prices, 1000, 200), 270);
    assert_int_equal(cost_money(&prices, 1001, 200), 271);
    assert_int_equal(cost_money(&(struct asker_prices){0, 0}, 1000, 200), 0);
}

static void test_money_does_not_run_over(void **state)
{
    const struct asker_prices dear = {UINT64_MAX / 2, UINT64_MAX / 2};

    (void) state;
    assert_true(cost_money(&dear, UINT64_MAX, UINT64_MAX) == UINT64_MAX);
    assert_true(cost_money(&prices, UINT64_MAX, 0) > UINT64_MAX / 8);
}

static void test_cost_of_usage(void **state)
{
    const struct llm_usage usage = {3, 40, 2, 100};
    struct answers_cost cost = cost_of_usage(&usage, 9);

    (void) state;
    assert_int_equal(cost.calls, 3);
    assert_int_equal(cost.tokens, 42);
    assert_int_equal(cost.money, 9);
}

/* More calls, bytes, tokens or labels: more cost; and never less than a token a byte. */
static void test_bound(void **state)
{
    const struct slice labels[] = {SLICE("yes"), SLICE("no")};
    struct shape_field field = {SLICE("visit"), SHAPE_CHOICE, labels, 2, 0};
    const struct shape shape = {&field, 1};
    struct llm_turn turns[] = {{LLM_SYSTEM, SLICE("0123456789")}, {LLM_USER, SLICE("0123456789")}};
    struct asker_question question = {
        .turns = turns, .turn_count = 2, .shape = &shape, .max_tokens = 100};
    struct answers_cost one = cost_bound(&question, 1, &prices);
    struct answers_cost two = cost_bound(&question, 2, &prices), more;

    (void) state;
    assert_int_equal(one.calls, 1);
    assert_int_equal(two.calls, 2);
    assert_true(one.tokens >= 120);
    /* A repair question quotes what was answered before. */
    assert_true(two.tokens >= 2 * one.tokens + PENDING_QUOTE_MAX);
    assert_true(one.money >= cost_money(&prices, 20, 100));
    turns[1].text = SLICE("012345678901");
    more = cost_bound(&question, 1, &prices);
    assert_int_equal(more.tokens, one.tokens + 2);
    question.max_tokens = 103;
    more = cost_bound(&question, 1, &prices);
    assert_int_equal(more.tokens, one.tokens + 5);
    field.choice_count = 1;
    more = cost_bound(&question, 1, &prices);
    assert_int_equal(more.tokens, one.tokens + 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sums_do_not_run_over), cmocka_unit_test(test_caps),
        cmocka_unit_test(test_money_is_rounded_up),  cmocka_unit_test(test_money_does_not_run_over),
        cmocka_unit_test(test_cost_of_usage),        cmocka_unit_test(test_bound),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
