#include "study/plan_model.h"

#include "study/prompt.h"
#include "tests/unit/study/prompt_fixture.h"

static struct study study;
static struct plan_model model;

static int set_up(void **state)
{
    (void) fixture_open(state);
    memset(&study, 0, sizeof study);
    study.codebook = fixture_codebook;
    study.job.llm.endpoint = SLICE("http://x");
    study.job.llm.prices.currency = SLICE("CNY");
    return 0;
}

static void make(uint64_t documents)
{
    const struct plan_funnel funnel = {documents, 40, 25};

    if (plan_model_make(&study, &funnel, fixture_arena, &model, &err) != STATUS_OK)
        fail_msg("%s", err.message);
}

/* Questions about the task with this band among 100,000 documents. */
static uint64_t questions(const char *task, uint64_t from, uint64_t to)
{
    struct job_ask ask = {slice_from(task), from, to, 1};

    study.job.llm.ask = &ask;
    study.job.llm.ask_count = 1;
    make(100000);
    study.job.llm.ask_count = 0;
    assert_int_equal(model.task_count, 1);
    return model.tasks[0].questions;
}

static void test_no_model(void **state)
{
    (void) state;
    study.job.llm.endpoint = SLICE("");
    make(1000);
    assert_int_equal(model.task_count, 0);
    assert_int_equal(model.calls, 0);
    assert_null(model.cap);
}

static void test_questions_follow_the_band(void **state)
{
    (void) state;
    /* 40,000 screened; 75 % no visits with 126 per mille in the band, 25 % visits with 284. */
    assert_int_equal(questions("visit", 20, 80), 40000 * ((126 * 75 + 284 * 25) / 100) / 1000);
    assert_int_equal(questions("visit", 50, 50), 0);
    assert_true(questions("visit", 10, 90) > questions("visit", 20, 80));
    assert_true(questions("visit", 15, 80) > questions("visit", 20, 80));
    assert_true(questions("visit", 15, 80) < questions("visit", 10, 80));
    assert_true(questions("visit", 1, 99) < 40000);
}

static void test_defaults(void **state)
{
    const struct plan_funnel none = {1000, 0, 0};
    const struct plan_funnel wild = {1000, 300, 1000};

    (void) state;
    assert_int_equal(plan_model_make(&study, &none, fixture_arena, &model, &err), STATUS_OK);
    assert_int_equal(model.assumed.screened_percent, 38);
    assert_int_equal(model.assumed.visit_percent, 24);
    assert_int_equal(plan_model_make(&study, &wild, fixture_arena, &model, &err), STATUS_OK);
    assert_int_equal(model.assumed.screened_percent, 100);
    assert_int_equal(model.assumed.visit_percent, 100);
}

static void test_gates_narrow(void **state)
{
    uint64_t all, gated;

    (void) state;
    all = questions("purpose", 20, 80);
    fixture_change("- name: purpose\n", "- name: purpose\n  gate: visit\n");
    study.codebook = fixture_codebook;
    gated = questions("purpose", 20, 80);
    assert_int_equal(gated, all / 4);
}

static void test_fields_have_no_band(void **state)
{
    (void) state;
    assert_int_equal(questions("events", 1, 2), questions("events", 1, 99));
    assert_false(model.tasks[0].banded);
}

static void test_labels_are_asked_where_none_holds(void **state)
{
    (void) state;
    assert_true(questions("themes", 98, 98) > 0);
}

static void test_tokens_and_money(void **state)
{
    struct prompt *prompt;
    uint64_t each;

    (void) state;
    study.job.llm.prices.prompt = 2000000;
    study.job.llm.prices.completion = 8000000;
    (void) questions("visit", 20, 80);
    assert_int_equal(prompt_create(fixture_task("visit"), &prompt, &err), STATUS_OK);
    each = prompt_tokens(prompt);
    prompt_destroy(prompt);
    assert_int_equal(model.calls, model.questions);
    assert_int_equal(model.tasks[0].prompt_tokens + model.tasks[0].answer_tokens, each);
    assert_int_equal(model.tokens, each * model.calls);
    assert_int_equal(model.money, model.calls * (2 * (each - 120) + 8 * 120));
}

static void test_each_cap_ends_it(void **state)
{
    uint64_t calls, tokens, money;

    (void) state;
    study.job.llm.prices.prompt = 2000000;
    make(100000);
    calls = model.calls;
    tokens = model.tokens;
    money = model.money;
    assert_null(model.cap);
    study.job.llm.budget = (struct job_budget){calls / 2, 0, 0};
    make(100000);
    assert_string_equal(model.cap, "calls");
    assert_int_equal(model.calls, calls / 2);
    assert_int_equal(model.questions, calls);
    study.job.llm.budget = (struct job_budget){calls / 2, tokens / 4, 0};
    make(100000);
    assert_string_equal(model.cap, "tokens");
    assert_true(model.tokens <= tokens / 4);
    study.job.llm.budget = (struct job_budget){calls, tokens, (int64_t) money / 10};
    make(100000);
    assert_string_equal(model.cap, "money");
    assert_true(model.money <= money / 10);
}

static void test_absurd_numbers_do_not_overflow(void **state)
{
    (void) state;
    study.job.llm.prices.prompt = INT64_C(1000000000000);
    make(UINT64_MAX / 2);
    assert_true(model.questions > 0);
    assert_true(model.money <= INT64_MAX);
}

static void test_a_prompt_that_cannot_be_made(void **state)
{
    const struct plan_funnel funnel = {1000, 0, 0};

    (void) state;
    fixture_change("来访方: 绍兴", "来访方: 绍兴市党政代表团");
    study.codebook = fixture_codebook;
    assert_int_equal(plan_model_make(&study, &funnel, fixture_arena, &model, &err), STATUS_INVALID);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, fixture_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_no_model),
        TEST(test_questions_follow_the_band),
        TEST(test_defaults),
        TEST(test_gates_narrow),
        TEST(test_fields_have_no_band),
        TEST(test_labels_are_asked_where_none_holds),
        TEST(test_tokens_and_money),
        TEST(test_each_cap_ends_it),
        TEST(test_absurd_numbers_do_not_overflow),
        TEST(test_a_prompt_that_cannot_be_made),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
