/* Asking as an effect: one asker, or several over one log, and a model of the test's own. */
#include "base/llm/asker.h"
#include "base/metrics.h"
#include "tests/support/asker_kit.h"

static struct ask_kit kit;

static int set_up(void **state)
{
    (void) state;
    ask_kit_open(&kit);
    return 0;
}

static int tear_down(void **state)
{
    (void) state;
    ask_kit_close(&kit);
    return 0;
}

static const struct answers_totals *totals(size_t index)
{
    return asker_totals(kit.askers[index]);
}

/* ---- the way ---- */

static void test_asks_once(void **state)
{
    const struct asked *asked;

    (void) state;
    ask_kit_start(&kit, 0);
    ask_kit_ask(&kit, 0, "a");
    asked = ask_kit_wait(&kit, 0);
    assert_int_equal(asked->outcome, ASKED_ANSWERED);
    assert_false(asked->remembered);
    assert_string_equal(asked->owner, "a");
    assert_true(slice_equal(asked->values[0].texts[0], SLICE("1")));
    assert_int_equal(asker_open_count(kit.askers[0]), 1);
    asker_release(kit.askers[0], asked);
    assert_int_equal(asker_open_count(kit.askers[0]), 0);
    ask_kit_ask(&kit, 0, "a");
    asked = ask_kit_wait(&kit, 0);
    assert_true(asked->remembered);
    assert_true(slice_equal(asked->values[0].texts[0], SLICE("1")));
    asker_release(kit.askers[0], asked);
    assert_int_equal(kit.server.questions, 1);
    assert_int_equal(totals(0)->spent.calls, 1);
    assert_int_equal(totals(0)->held.calls, 0);
}

/* 6 bytes at 1, 10 tokens at 2. */
static void test_cost(void **state)
{
    const struct metric_family family = {
        "xunfang_llm_cost", METRIC_COUNTER, NULL, "", {NULL}, NULL};
    double before = metric_value(metric_series(&family, NULL, NULL, NULL));

    (void) state;
    ask_kit_start(&kit, 0);
    ask_kit_ask(&kit, 0, "a");
    ask_kit_expect(&kit, 0, ASKED_ANSWERED, false);
    assert_int_equal(totals(0)->used_money, 6 + 20);
    assert_int_equal(totals(0)->used.prompt_tokens, 6);
    assert_true(metric_value(metric_series(&family, NULL, NULL, NULL)) - before < 27e-6);
    assert_true(metric_value(metric_series(&family, NULL, NULL, NULL)) - before > 25e-6);
}

static void test_equal_questions_share(void **state)
{
    (void) state;
    ask_kit_start(&kit, 0);
    for (int i = 0; i < 5; i++)
        ask_kit_ask(&kit, 0, "a");
    ask_kit_expect(&kit, 0, ASKED_ANSWERED, false);
    for (int i = 0; i < 4; i++)
        ask_kit_expect(&kit, 0, ASKED_ANSWERED, true);
    assert_null(asker_next(kit.askers[0]));
    assert_int_equal(kit.server.questions, 1);
}

static void test_two_askers_one_answer(void **state)
{
    const struct asked *first, *second;

    (void) state;
    ask_kit_start(&kit, 0);
    ask_kit_start(&kit, 1);
    ask_kit_ask(&kit, 0, "a");
    ask_kit_ask(&kit, 1, "a");
    first = ask_kit_wait(&kit, 0);
    second = ask_kit_wait(&kit, 1);
    assert_int_not_equal(first->remembered, second->remembered);
    assert_true(id_equal(first->key, second->key));
    assert_true(slice_equal(first->values[0].texts[0], second->values[0].texts[0]));
    assert_int_equal(kit.server.questions, 1);
    asker_release(kit.askers[0], first);
    asker_release(kit.askers[1], second);
}

static void test_a_killed_askers_question_is_asked_again(void **state)
{
    (void) state;
    kit.server.most_ms = 1000;
    ask_kit_start(&kit, 0);
    ask_kit_ask(&kit, 0, "a");
    ask_kit_step(&kit, 0);
    assert_int_equal(kit.server.questions, 1);
    ask_kit_kill(&kit, 0);
    assert_int_equal(kit.server.cancelled, 1);
    ask_kit_start(&kit, 0);
    ask_kit_ask(&kit, 0, "a");
    ask_kit_expect(&kit, 0, ASKED_ANSWERED, false);
    assert_int_equal(kit.server.questions, 2);
    assert_int_equal(totals(0)->spent.calls, LLM_CALLS_MAX + 1);
}

static void test_another_slots_claim_is_waited_for(void **state)
{
    (void) state;
    ask_kit_start(&kit, 0);
    ask_kit_ask(&kit, 0, "a");
    ask_kit_step(&kit, 0);
    ask_kit_kill(&kit, 0);
    ask_kit_start(&kit, 1);
    ask_kit_ask(&kit, 1, "a");
    for (int i = 0; i < 100; i++)
        KIT_OK(asker_step(kit.askers[1], 100, &kit.log.err));
    assert_null(asker_next(kit.askers[1]));
    assert_int_equal(kit.server.questions, 1);
    clock_manual_advance(&kit.log.clock, KIT_CLAIM_MS);
    ask_kit_expect(&kit, 1, ASKED_ANSWERED, false);
    assert_int_equal(kit.server.questions, 2);
}

static void test_lives_with_a_bad_bus(void **state)
{
    static char contents[40][8];
    bool ended[40] = {false};

    (void) state;
    bus_world_set_faults(kit.log.world, (struct bus_faults){.late_ack = 300,
                                                            .short_batch = 300,
                                                            .empty_poll = 300,
                                                            .queue_full = 300});
    ask_kit_start(&kit, 0);
    for (int i = 0; i < 40; i++) {
        (void) snprintf(contents[i], sizeof contents[i], "q%d", i);
        ask_kit_ask(&kit, 0, contents[i]);
    }
    for (int i = 0; i < 40; i++) {
        const struct asked *asked = ask_kit_wait(&kit, 0);
        size_t index = (size_t) ((const char(*)[8]) asked->owner - (const char(*)[8]) contents);
        assert_false(ended[index]);
        ended[index] = true;
        assert_int_equal(asked->outcome, ASKED_ANSWERED);
        asker_release(kit.askers[0], asked);
    }
    assert_int_equal(kit.server.questions, 40);
}

/* ---- failures ---- */

static void test_failure_is_remembered(void **state)
{
    const struct asked *asked;

    (void) state;
    kit.server.invalid = 1000;
    ask_kit_start(&kit, 0);
    ask_kit_ask(&kit, 0, "a");
    asked = ask_kit_wait(&kit, 0);
    assert_int_equal(asked->outcome, ASKED_FAILED);
    assert_false(asked->remembered);
    assert_true(slice_equal(asked->reason, SLICE("invalid: no luck")));
    asker_release(kit.askers[0], asked);
    kit.server.invalid = 0;
    ask_kit_ask(&kit, 0, "a");
    ask_kit_expect(&kit, 0, ASKED_FAILED, true);
    assert_int_equal(kit.server.questions, 1);
}

static void test_newer_generation_asks_again(void **state)
{
    (void) state;
    kit.server.unavailable = 1000;
    ask_kit_start(&kit, 0);
    KIT_OK(ask_kit_try(&kit, 0, "a", 1));
    ask_kit_expect(&kit, 0, ASKED_FAILED, false);
    kit.server.unavailable = 0;
    KIT_OK(ask_kit_try(&kit, 0, "a", 2));
    ask_kit_expect(&kit, 0, ASKED_ANSWERED, false);
    /* The old question failed, and stays so; the new one is answered. */
    KIT_OK(ask_kit_try(&kit, 0, "a", 1));
    ask_kit_expect(&kit, 0, ASKED_FAILED, true);
    KIT_OK(ask_kit_try(&kit, 0, "a", 3));
    ask_kit_expect(&kit, 0, ASKED_ANSWERED, true);
    assert_int_equal(kit.server.questions, 2);
}

/* Of two generations in one inquiry each gets its own outcome. */
static void test_generations_share_an_inquiry(void **state)
{
    (void) state;
    kit.server.unavailable = 1000;
    ask_kit_start(&kit, 0);
    ask_kit_ask(&kit, 0, "a");
    ask_kit_step(&kit, 0);
    kit.server.unavailable = 0; /* the first one's luck is drawn */
    KIT_OK(ask_kit_try(&kit, 0, "a", 1));
    ask_kit_expect(&kit, 0, ASKED_FAILED, false);
    ask_kit_expect(&kit, 0, ASKED_ANSWERED, false);
    assert_int_equal(kit.server.questions, 2);
}

static void test_a_logged_reply_that_does_not_fit(void **state)
{
    const struct llm_turn turn = {LLM_USER, SLICE("a")};
    struct asker_question question = {.task = SLICE("task"),
                                      .prompt = SLICE("v1"),
                                      .content = SLICE("a"),
                                      .turns = &turn,
                                      .turn_count = 1,
                                      .shape = &kit_other_shape};
    const struct asked *asked;

    (void) state;
    ask_kit_start(&kit, 0);
    ask_kit_ask(&kit, 0, "a");
    ask_kit_expect(&kit, 0, ASKED_ANSWERED, false);
    KIT_OK(asker_ask(kit.askers[0], &question, &kit.log.err));
    asked = ask_kit_wait(&kit, 0);
    assert_int_equal(asked->outcome, ASKED_FAILED);
    assert_true(asked->reason.size > 0 && asked->reason.size <= ASKER_REASON_MAX);
    asker_release(kit.askers[0], asked);
    assert_int_equal(kit.server.questions, 1);
}

static void test_store_failure_comes_back(void **state)
{
    (void) state;
    ask_kit_start(&kit, 0);
    ask_kit_ask(&kit, 0, "a");
    store_memory_fail(kit.log.workers[0].store, 1, STATUS_DISK_FULL);
    assert_int_equal(asker_step(kit.askers[0], 0, &kit.log.err), STATUS_DISK_FULL);
}

static void test_bus_failure_comes_back(void **state)
{
    enum status status = STATUS_OK;

    (void) state;
    bus_world_set_faults(kit.log.world, (struct bus_faults){.lost_publish = 1000});
    ask_kit_start(&kit, 0);
    ask_kit_ask(&kit, 0, "a");
    for (int i = 0; status == STATUS_OK && i < 100; i++)
        status = asker_step(kit.askers[0], 100, &kit.log.err);
    assert_int_equal(status, STATUS_TIMEOUT);
    assert_int_equal(kit.server.questions, 0);
}

static const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(test_##name, set_up, tear_down)
    T(asks_once),
    T(cost),
    T(equal_questions_share),
    T(two_askers_one_answer),
    T(a_killed_askers_question_is_asked_again),
    T(another_slots_claim_is_waited_for),
    T(lives_with_a_bad_bus),
    T(failure_is_remembered),
    T(newer_generation_asks_again),
    T(generations_share_an_inquiry),
    T(a_logged_reply_that_does_not_fit),
    T(store_failure_comes_back),
    T(bus_failure_comes_back),
};

int main(void)
{
    return cmocka_run_group_tests(tests, NULL, NULL);
}
