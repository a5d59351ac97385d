/* llm over a scripted backend: what becomes of one question, whatever the server does. */
#include "tests/unit/base/llm/llm_fixture.h"

/* ---- one question ---- */

static void test_answer(void **state)
{
    const struct llm_answer *answer;
    int owner;

    (void) state;
    assert_int_equal(ask(&owner), STATUS_OK);
    assert_int_equal(llm_open(llm), 1);
    step(0);
    assert_string_equal(fake.turns, "0:decide|1:text|");
    assert_int_equal(fake.open[0].max_tokens, 256);
    assert_int_equal(fake.timeout_ms, 60000);
    clock_manual_advance(&manual, 700);
    fake_reply(good);
    answer = await_answer();
    assert_ptr_equal(answer->owner, &owner);
    assert_int_equal(answer->outcome, LLM_ANSWERED);
    assert_true(slice_equal(answer->text, SLICE("{\"visit\":\"yes\"}")));
    assert_string_equal(answer->served_by, "fake (1)");
    assert_int_equal(answer->usage.calls, 1);
    assert_int_equal(answer->usage.prompt_tokens, 10);
    assert_int_equal(answer->usage.completion_tokens, 3);
    assert_int_equal(answer->usage.latency_ms, 700);
    assert_null(llm_next(llm));
    llm_release(llm, answer);
    assert_int_equal(llm_open(llm), 0);
    assert_string_equal(llm_model(llm), "m");
}

static void test_repair(void **state)
{
    (void) state;
    assert_int_equal(ask(NULL), STATUS_OK);
    await_attempt();
    fake_reply("{\"visit\":\"maybe\"}");
    await_attempt();
    assert_non_null(strstr(fake.turns, "0:decide|1:text|2:{\"visit\":\"maybe\"}|1:That answer"));
    /* What was wrong, but not in the answer's words. */
    assert_null(strstr(strstr(fake.turns, "That answer"), "maybe"));
    assert_non_null(strstr(fake.turns, "visit\": not one of"));
    fake_reply(good);
    expect(LLM_ANSWERED, NULL, 2);
}

static void test_invalid(void **state)
{
    const struct llm_answer *answer;

    (void) state;
    assert_int_equal(ask(NULL), STATUS_OK);
    await_attempt();
    fake_reply("yes");
    await_attempt();
    fake_reply("Sure! {\"visit\":\"yes\"}");
    answer = await_answer();
    assert_int_equal(answer->outcome, LLM_INVALID);
    assert_null(answer->text.data);
    assert_int_equal(answer->usage.calls, 2);
    assert_int_equal(answer->usage.prompt_tokens, 20);
    assert_null(strstr(answer->reason, "Sure"));
    llm_release(llm, answer);
    assert_int_equal(fake.submitted, 2);
}

static void test_cut(void **state)
{
    (void) state;
    assert_int_equal(ask(NULL), STATUS_OK);
    await_attempt();
    fake_cut("{\"visit\":\"ye");
    await_attempt();
    assert_non_null(strstr(fake.turns, "cut off"));
    /* A backend's own words may name the endpoint: they are for people. */
    assert_null(strstr(fake.turns, "(length)"));
    fake_cut("{\"visit\":\"ye");
    expect(LLM_INVALID, "reply out of form: it was cut off before its end, 2 calls", 2);
}

/* What a model said may be long; the repair question quotes its beginning. */
static void test_repair_is_bounded(void **state)
{
    static char reply[300 * 1024];

    (void) state;
    for (size_t i = 0; i + 3 < sizeof reply; i += 3)
        memcpy(reply + i, "\xE8\xAE\xBF", 3);
    assert_int_equal(ask(NULL), STATUS_OK);
    await_attempt();
    fake_reply(reply);
    await_attempt();
    assert_int_equal(fake.open[0].turn_count, 4);
    assert_int_equal(fake.open[0].turns[2].text.size, 2046); /* whole characters */
    fake_reply(good);
    expect(LLM_ANSWERED, NULL, 2);
}

static void test_failures_are_attempts(void **state)
{
    int64_t begun = 1000 * 1000;

    (void) state;
    assert_int_equal(ask(NULL), STATUS_OK);
    for (int i = 0; i < 4; i++) {
        await_attempt();
        fake_fail();
    }
    expect(LLM_UNAVAILABLE, "HTTP 500 from http://fake, 4 attempts", 4);
    /* Three waits of at least 250, 500 and 1000 ms. */
    assert_true(manual.now_ms - begun >= 1750);
    assert_int_equal(fake.submitted, 4);
}

static void test_failure_then_answer(void **state)
{
    (void) state;
    assert_int_equal(ask(NULL), STATUS_OK);
    await_attempt();
    fake_fail();
    await_attempt();
    assert_string_equal(fake.turns, "0:decide|1:text|");
    fake_reply(good);
    expect(LLM_ANSWERED, NULL, 2);
}

static void test_no_more_than_four_calls(void **state)
{
    (void) state;
    llm_destroy(llm);
    open_llm((struct llm_options){.retry = {10, 100, 1000}});
    assert_int_equal(ask(NULL), STATUS_OK);
    await_attempt();
    fake_reply("no JSON");
    for (int i = 0; i < 3; i++) {
        await_attempt();
        fake_fail();
    }
    expect(LLM_UNAVAILABLE, "HTTP 500 from http://fake, 4 attempts", 4);
}

/* The budget has so many left: neither a repair nor another attempt goes beyond. */
static void test_no_more_calls_than_asked_for(void **state)
{
    const struct llm_turn turn = {LLM_USER, SLICE("text")};
    struct llm_question question = {
        .turns = &turn, .turn_count = 1, .shape = &shape, .max_calls = 1};

    (void) state;
    assert_int_equal(llm_ask(llm, &question, NULL), STATUS_OK);
    await_attempt();
    fake_reply("no JSON");
    expect(LLM_INVALID, NULL, 1);
    question.max_calls = 2;
    assert_int_equal(llm_ask(llm, &question, NULL), STATUS_OK);
    for (int i = 0; i < 2; i++) {
        await_attempt();
        fake_fail();
    }
    expect(LLM_UNAVAILABLE, NULL, 2);
}

static void test_no_call_left_for_a_repair(void **state)
{
    (void) state;
    assert_int_equal(ask(NULL), STATUS_OK);
    for (int i = 0; i < 3; i++) {
        await_attempt();
        fake_fail();
    }
    await_attempt();
    fake_reply("no JSON");
    expect(LLM_INVALID, NULL, 4);
}

static void test_refused_is_final(void **state)
{
    (void) state;
    assert_int_equal(ask(NULL), STATUS_OK);
    await_attempt();
    fake_end((struct llm_attempt_end){.end = LLM_END_REFUSED, .reason = "HTTP 400: too long"});
    expect(LLM_REFUSED, "HTTP 400: too long", 0);
}

static void test_stale_connection(void **state)
{
    const struct llm_attempt_end stale = {
        .end = LLM_END_FAILED, .sent = true, .stale = true, .reason = "closed"};
    int64_t begun = 1000 * 1000;

    (void) state;
    assert_int_equal(ask(NULL), STATUS_OK);
    step(0);
    fake_end(stale);
    step(0);
    /* Again at once, and no attempt; but only the first time. */
    assert_int_equal(fake.open_count, 1);
    assert_int_equal(manual.now_ms, begun);
    fake_end(stale);
    step(0);
    assert_int_equal(fake.open_count, 0);
    await_attempt();
    fake_fail();
    await_attempt();
    fake_reply(good);
    expect(LLM_ANSWERED, NULL, 4);
}

/* ---- a server that is not there, or asks for time ---- */

static void test_busy_is_no_attempt(void **state)
{
    (void) state;
    assert_int_equal(ask(NULL), STATUS_OK);
    for (int i = 0; i < 12; i++) {
        await_attempt();
        fake_busy(0);
    }
    await_attempt();
    fake_reply(good);
    expect(LLM_ANSWERED, NULL, 1);
}

static void test_patience(void **state)
{
    const struct llm_answer *answer;
    int64_t begun = 1000 * 1000;

    (void) state;
    assert_int_equal(ask(NULL), STATUS_OK);
    while ((answer = llm_next(llm)) == NULL) {
        step(1000);
        if (fake.open_count > 0)
            fake_busy(0);
    }
    assert_int_equal(answer->outcome, LLM_UNAVAILABLE);
    assert_string_equal(answer->reason, "no answer within 600 s: HTTP 503 from http://fake");
    assert_int_equal(answer->usage.calls, 0);
    assert_true(manual.now_ms - begun <= 600 * 1000 + 1000);
    assert_true(fake.submitted >= 15 && fake.submitted < 60);
    llm_release(llm, answer);
}

static void test_retry_after(void **state)
{
    int64_t begun = 1000 * 1000;

    (void) state;
    assert_int_equal(ask(NULL), STATUS_OK);
    step(0);
    assert_int_equal(ask(NULL), STATUS_OK);
    fake_busy(7000);
    step(0);
    /* Nothing goes there meanwhile, this question or another. */
    assert_int_equal(llm_room(llm), 0);
    assert_int_equal(ask(NULL), STATUS_OK);
    fake_reply(good);
    llm_release(llm, await_answer());
    step(0);
    assert_int_equal(fake.open_count, 0);
    await_attempt();
    assert_int_equal(manual.now_ms - begun, 7000);
    assert_int_equal(fake.open_count, 2);
}

/* Longer than anybody would wait: no use in waiting at all. */
static void test_retry_after_beyond_patience(void **state)
{
    (void) state;
    llm_destroy(llm);
    open_llm((struct llm_options){.patience_ms = 60 * 1000});
    assert_int_equal(ask(NULL), STATUS_OK);
    step(0);
    fake_busy(61 * 1000);
    expect(LLM_UNAVAILABLE, "no answer within 60 s: HTTP 503 from http://fake", 0);
    assert_int_equal(manual.now_ms, 1000 * 1000);
}

static void test_time_out_is_cut_to_patience(void **state)
{
    (void) state;
    llm_destroy(llm);
    open_llm((struct llm_options){.patience_ms = 90 * 1000});
    assert_int_equal(ask(NULL), STATUS_OK);
    await_attempt();
    assert_int_equal(fake.timeout_ms, 60 * 1000);
    clock_manual_advance(&manual, 60 * 1000);
    fake_fail();
    await_attempt();
    assert_true(fake.timeout_ms < 30 * 1000);
}

static void test_breaker(void **state)
{
    size_t before;

    (void) state;
    for (int i = 0; i < 4; i++)
        assert_int_equal(ask(NULL), STATUS_OK);
    step(0);
    assert_int_equal(fake.open_count, 4);
    for (int i = 0; i < 4; i++)
        fake_fail();
    step(0);
    await_attempt();
    while (fake.open_count > 0)
        fake_fail();
    step(0);
    /* It is open now: all wait, then one goes ahead. */
    assert_int_equal(llm_room(llm), 0);
    before = fake.submitted;
    for (int i = 0; i < 20; i++)
        step(1000);
    assert_int_equal(fake.submitted - before, 1);
    fake_reply(good);
    step(0);
    assert_true(fake.open_count >= 2);
}

/* How many ended, none with an answer. */
static size_t take_unavailable(void)
{
    const struct llm_answer *answer;
    size_t count = 0;

    for (; (answer = llm_next(llm)) != NULL; count++) {
        assert_int_equal(answer->outcome, LLM_UNAVAILABLE);
        llm_release(llm, answer);
    }
    return count;
}

/* Every question waits for a server that is away, but not one after the other. */
static void test_away(void **state)
{
    size_t ended = 0;
    int64_t begun;

    (void) state;
    llm_destroy(llm);
    open_llm((struct llm_options){.patience_ms = 60 * 1000});
    begun = manual.now_ms;
    for (int i = 0; ended < 50; i++) {
        while (ask(NULL) == STATUS_OK)
            continue;
        step(1000);
        while (fake.open_count > 0)
            fake_busy(0);
        step(0);
        ended += take_unavailable();
        assert_true(i < 1000);
    }
    assert_true(manual.now_ms - begun <= 100 * 1000);
    assert_true(llm_troubled(llm));
    /* It is tried now and then all the same, and the first answer ends the trouble. */
    for (int i = 0; fake.open_count == 0; i++) {
        clock_manual_advance(&manual, 1000);
        (void) ask(NULL);
        step(0);
        (void) take_unavailable();
        assert_true(i < 100);
    }
    fake_reply(good);
    step(0);
    assert_false(llm_troubled(llm));
}

/* A question that fails wherever the server is does not stay the only one that is tried. */
static void test_probes_change(void **state)
{
    const struct llm_answer *answer;
    int poison;
    int fresh;

    (void) state;
    assert_int_equal(ask(&poison), STATUS_OK);
    for (int i = 0; !llm_troubled(llm); i++) {
        await_attempt();
        fake_busy(0);
        step(0);
        assert_true(i < 10);
    }
    assert_int_equal(ask(&fresh), STATUS_OK);
    await_attempt();
    fake_reply(good);
    answer = await_answer();
    assert_ptr_equal(answer->owner, &fresh);
    llm_release(llm, answer);
    assert_false(llm_troubled(llm));
    await_attempt();
    fake_reply(good);
    expect(LLM_ANSWERED, NULL, 1);
}

/* While nothing may be sent there is nothing to wake up for, though waits are over. */
static void test_sleeps_while_nothing_may_be_sent(void **state)
{
    int64_t before;

    (void) state;
    assert_int_equal(ask(NULL), STATUS_OK);
    await_attempt();
    fake_busy(60 * 1000);
    step(0);
    assert_int_equal(ask(NULL), STATUS_OK);
    before = manual.now_ms;
    step(50 * 1000);
    assert_int_equal(manual.now_ms - before, 50 * 1000);
    assert_int_equal(fake.open_count, 0);
    step(20 * 1000);
    step(0);
    assert_int_equal(fake.open_count, 2);
    fake_reply(good);
    fake_reply(good);
    llm_release(llm, await_answer());
    expect(LLM_ANSWERED, NULL, 1);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_answer),
        CASE(test_repair),
        CASE(test_invalid),
        CASE(test_cut),
        CASE(test_repair_is_bounded),
        CASE(test_failures_are_attempts),
        CASE(test_failure_then_answer),
        CASE(test_no_more_than_four_calls),
        CASE(test_no_more_calls_than_asked_for),
        CASE(test_no_call_left_for_a_repair),
        CASE(test_refused_is_final),
        CASE(test_stale_connection),
        CASE(test_busy_is_no_attempt),
        CASE(test_patience),
        CASE(test_retry_after),
        CASE(test_retry_after_beyond_patience),
        CASE(test_time_out_is_cut_to_patience),
        CASE(test_breaker),
        CASE(test_away),
        CASE(test_probes_change),
        CASE(test_sleeps_while_nothing_may_be_sent),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
