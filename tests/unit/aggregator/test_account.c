#include "tests/unit/aggregator/asked.h"

#include "aggregator/account.h"

static void read_account(struct asked_job *job, struct account *account)
{
    struct error err = {.code = STATUS_OK};

    if (account_read(&job->source, account, &err) != STATUS_OK)
        fail_msg("%s", err.message);
}

static void ended_questions_add_up(void **state)
{
    struct asked_job job;
    struct account account;

    (void) state;
    asked_open(&job);
    (void) asked_answer(&job, &asked_texts[0], "visit", ASKED_YES);
    (void) asked_answer(&job, &asked_texts[1], "visit", ASKED_NO);
    (void) asked_fail(&job, &asked_texts[2], "visit");
    read_account(&job, &account);
    assert_true(account.given);
    assert_true(slice_equal(account.model, SLICE("m")));
    assert_int_equal(account_questions(&account), 3);
    assert_int_equal(account.totals.replies, 2);
    assert_int_equal(account.totals.failures, 1);
    assert_int_equal(account.totals.used.calls, 4);
    assert_int_equal(account.totals.used.prompt_tokens, 120);
    assert_int_equal(account.totals.used.completion_tokens, 20);
    assert_int_equal(account.totals.used_money, 13);
    assert_int_equal(account.totals.spent.calls, 4);
    assert_int_equal(account.totals.held.calls, 0);
    assert_int_equal(account.caps.calls, 100);
    assert_false(account_used_up(&account));
    asked_close(&job);
}

/* A claim of a worker that lives is held; when a newer life of its slot speaks, it is spent. */
static void unended_claims_count_in_full(void **state)
{
    struct answer_question parts;
    struct asked_job job;
    struct account account;
    struct id key;

    (void) state;
    asked_open(&job);
    key = asked_question(&job, &asked_texts[0], "visit", &parts);
    assert_int_not_equal(asked_claim(&job, key), 0);
    read_account(&job, &account);
    assert_int_equal(account.totals.held.calls, 4);
    assert_int_equal(account.totals.spent.calls, 0);
    assert_int_equal(account_questions(&account), 0);
    answers_close(job.answers);
    asked_open_answers(&job, 8);
    asked_poll(&job);
    (void) asked_answer(&job, &asked_texts[1], "visit", ASKED_NO);
    read_account(&job, &account);
    assert_int_equal(account.totals.held.calls, 0);
    assert_int_equal(account.totals.spent.calls, 4 + 1);
    assert_int_equal(account.totals.spent.tokens, 4000 + 40);
    assert_int_equal(account.totals.used.calls, 1);
    asked_close(&job);
}

static void a_refusal_means_that_the_budget_is_used_up(void **state)
{
    struct answer_question parts;
    struct asked_job job;
    struct account account;
    struct id key;

    (void) state;
    asked_open(&job);
    key = asked_question(&job, &asked_texts[0], "visit", &parts);
    assert_int_equal(answers_refuse(job.answers, key, "calls", NULL), STATUS_OK);
    asked_poll(&job);
    read_account(&job, &account);
    assert_int_equal(account.totals.refusals, 1);
    assert_true(account_used_up(&account));
    asked_close(&job);
}

static void a_cap_that_is_reached_is_used_up(void **state)
{
    struct account account = {.given = true};

    (void) state;
    account.totals.spent = (struct answers_cost){5, 50, 500};
    assert_false(account_used_up(&account)); /* no caps at all */
    account.caps = (struct answers_cost){6, 51, 501};
    assert_false(account_used_up(&account));
    account.caps.tokens = 50;
    assert_true(account_used_up(&account));
}

static void who_asks_nobody_has_no_account(void **state)
{
    struct asked_job job;
    struct account account = {.given = true};

    (void) state;
    asked_open(&job);
    (void) asked_answer(&job, &asked_texts[0], "visit", ASKED_YES); /* of another run */
    job.study->job.llm.endpoint = SLICE("");
    read_account(&job, &account);
    assert_false(account.given);
    assert_int_equal(account.totals.replies, 0);
    asked_close(&job);
}

static void a_job_that_has_not_begun_has_an_empty_account(void **state)
{
    struct asked_job job;
    struct account account;

    (void) state;
    asked_open(&job);
    job.source.topics[TOPIC_ANSWERS] = topic_name(TOPIC_ANSWERS, "other", NULL);
    read_account(&job, &account);
    assert_true(account.given);
    assert_int_equal(account_questions(&account), 0);
    asked_close(&job);
}

static void money_is_a_plain_number(void **state)
{
    static const struct {
        uint64_t millionths;
        const char *text;
    } cases[] = {{0, "0"}, {1, "0.000001"}, {1234500, "1.2345"}, {7000000, "7"}};

    (void) state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buf out;

        buf_init(&out, 100);
        account_put_money(&out, cases[i].millionths);
        assert_string_equal(buf_text(&out), cases[i].text);
        buf_fini(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ended_questions_add_up),
        cmocka_unit_test(unended_claims_count_in_full),
        cmocka_unit_test(a_refusal_means_that_the_budget_is_used_up),
        cmocka_unit_test(a_cap_that_is_reached_is_used_up),
        cmocka_unit_test(who_asks_nobody_has_no_account),
        cmocka_unit_test(a_job_that_has_not_begun_has_an_empty_account),
        cmocka_unit_test(money_is_a_plain_number),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
