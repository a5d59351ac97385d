/* Askers at the limits: of the budget, of room, of time. */
#include "base/llm/asker.h"
#include "tests/support/asker_kit.h"

enum { MANY = 60 };

static struct ask_kit kit;
static char contents[MANY][8];

static int set_up(void **state)
{
    (void) state;
    ask_kit_open(&kit);
    for (int i = 0; i < MANY; i++)
        (void) snprintf(contents[i], sizeof contents[i], "q%02d", i);
    return 0;
}

static int tear_down(void **state)
{
    (void) state;
    ask_kit_close(&kit);
    return 0;
}

/* How many of all questions end so. */
static void ask_all(size_t counts[3])
{
    memset(counts, 0, 3 * sizeof *counts);
    for (int i = 0; i < MANY; i++)
        ask_kit_ask(&kit, 0, contents[i]);
    for (int i = 0; i < MANY; i++) {
        const struct asked *asked = ask_kit_wait(&kit, 0);
        counts[asked->outcome]++;
        if (asked->outcome == ASKED_REFUSED)
            assert_true(asked->reason.size > 0);
        asker_release(kit.askers[0], asked);
    }
}

/* Every call of the cap is used, and not one more. */
static void test_cap_on_calls_is_exact(void **state)
{
    size_t counts[3];

    (void) state;
    kit.log.caps.calls = 41;
    ask_kit_start(&kit, 0);
    ask_all(counts);
    assert_int_equal(kit.server.calls, 41);
    assert_int_equal(counts[ASKED_ANSWERED], 41);
    assert_int_equal(counts[ASKED_REFUSED], MANY - 41);
    assert_int_equal(asker_totals(kit.askers[0])->refusals, MANY - 41);
    /* What was answered is answered still; what was refused is refused again. */
    ask_all(counts);
    assert_int_equal(counts[ASKED_ANSWERED], 41);
    assert_int_equal(kit.server.calls, 41);
}

static void test_cap_holds_with_repeated_calls(void **state)
{
    size_t counts[3];

    (void) state;
    kit.server.repeats = 600;
    kit.log.caps.calls = 50;
    ask_kit_start(&kit, 0);
    ask_all(counts);
    assert_int_equal(kit.server.calls, 50);
    assert_true(counts[ASKED_REFUSED] > 0);
}

static void test_cap_on_tokens(void **state)
{
    size_t counts[3];

    (void) state;
    kit.log.caps.tokens = 3000;
    ask_kit_start(&kit, 0);
    ask_all(counts);
    assert_true(kit.server.tokens <= 3000);
    /* A question is bounded at some 300 tokens and takes 18. */
    assert_true(counts[ASKED_ANSWERED] == MANY || kit.server.tokens > 2600);
}

static void test_cap_on_money(void **state)
{
    size_t counts[3];

    (void) state;
    kit.log.caps.money = 600;
    ask_kit_start(&kit, 0);
    ask_all(counts);
    assert_true(asker_totals(kit.askers[0])->spent.money <= 600);
    assert_true(counts[ASKED_ANSWERED] > 0);
    assert_true(counts[ASKED_REFUSED] > 0);
    assert_int_equal(counts[ASKED_FAILED], 0);
}

static void test_larger_cap_goes_on(void **state)
{
    size_t counts[3];

    (void) state;
    kit.log.caps.calls = 5;
    ask_kit_start(&kit, 0);
    ask_all(counts);
    assert_int_equal(counts[ASKED_ANSWERED], 5);
    ask_kit_kill(&kit, 0);
    kit.log.caps.calls = 8;
    ask_kit_start(&kit, 0);
    ask_all(counts);
    assert_int_equal(counts[ASKED_ANSWERED], 8);
    assert_int_equal(kit.server.calls, 8);
}

/* ---- room ---- */

static void test_room(void **state)
{
    static char names[ASKER_OPEN_MAX + 1][8];

    (void) state;
    ask_kit_start(&kit, 0);
    for (int i = 0; i <= ASKER_OPEN_MAX; i++) {
        (void) snprintf(names[i], sizeof names[i], "%d", i);
        assert_int_equal(ask_kit_try(&kit, 0, names[i], 0),
                         i < ASKER_OPEN_MAX ? STATUS_OK : STATUS_AGAIN);
    }
    ask_kit_expect(&kit, 0, ASKED_ANSWERED, false);
    KIT_OK(ask_kit_try(&kit, 0, names[ASKER_OPEN_MAX], 0));
}

static void test_too_large(void **state)
{
    char *big = malloc(LLM_PROMPT_MAX + 1);
    int asked = 0;

    (void) state;
    assert_non_null(big);
    memset(big, 'x', LLM_PROMPT_MAX);
    big[LLM_PROMPT_MAX] = '\0';
    ask_kit_start(&kit, 0);
    assert_int_equal(ask_kit_try(&kit, 0, big, 0), STATUS_TOO_LARGE);
    big[LLM_PROMPT_MAX - 100] = '\0';
    while (ask_kit_try(&kit, 0, big, 0) == STATUS_OK) {
        asked++; /* and another question: */
        big[0] = (char) ('a' + asked % 26);
        big[1] = (char) ('a' + asked / 26);
    }
    assert_int_equal(asked, ASKER_BYTES_MAX / (LLM_PROMPT_MAX - 100 + 11));
    free(big);
}

static void test_not_before_the_log_is_read(void **state)
{
    struct asker_options options = {.clock = &kit.log.clock.clock};

    (void) state;
    ask_kit_start(&kit, 0);
    ask_kit_ask(&kit, 0, "a");
    ask_kit_expect(&kit, 0, ASKED_ANSWERED, false);
    options.answers = kit_start(&kit.log, 1);
    options.llm = kit.llms[1] = fake_llm_open(&kit.server, "model");
    KIT_OK(asker_create(&options, &kit.askers[1], &kit.log.err));
    assert_int_equal(ask_kit_try(&kit, 1, "a", 0), STATUS_AGAIN);
    ask_kit_step(&kit, 1);
    ask_kit_ask(&kit, 1, "a");
    ask_kit_expect(&kit, 1, ASKED_ANSWERED, true);
}

/* Claims run ahead of the model's slots, but not far. */
static void test_claims_run_ahead(void **state)
{
    (void) state;
    kit.server.most_ms = 1000;
    ask_kit_start(&kit, 0);
    for (int i = 0; i < MANY; i++)
        ask_kit_ask(&kit, 0, contents[i]);
    ask_kit_step(&kit, 0);
    assert_int_equal(kit.server.questions, 4);
    assert_in_range(asker_totals(kit.askers[0])->held.calls / LLM_CALLS_MAX, 8, 16);
}

/* ---- time ---- */

/* Claimed, and then not asked for long: another worker may soon think us dead. */
static void test_old_claims_are_given_back(void **state)
{
    (void) state;
    kit.server.slots = 0;
    ask_kit_start(&kit, 0);
    ask_kit_ask(&kit, 0, "a");
    ask_kit_step(&kit, 0);
    assert_int_equal(asker_totals(kit.askers[0])->held.calls, LLM_CALLS_MAX);
    clock_manual_advance(&kit.log.clock, KIT_CLAIM_MS / 2);
    kit.server.slots = 4;
    ask_kit_expect(&kit, 0, ASKED_ANSWERED, false);
    assert_int_equal(kit.server.questions, 1);
    assert_int_equal(asker_totals(kit.askers[0])->spent.calls, 1);
}

/* A model in trouble gets everything that was claimed, so that its patience ends it. */
static void test_a_model_in_trouble(void **state)
{
    (void) state;
    kit.server.slots = 1;
    kit.server.most_ms = 5000;
    ask_kit_start(&kit, 0);
    for (int i = 0; i < 4; i++)
        ask_kit_ask(&kit, 0, contents[i]);
    ask_kit_step(&kit, 0);
    assert_int_equal(kit.server.questions, 1);
    kit.server.stuck = true;
    ask_kit_step(&kit, 0);
    assert_int_equal(kit.server.questions, 4);
    kit.server.stuck = false;
    for (int i = 0; i < 4; i++)
        ask_kit_expect(&kit, 0, ASKED_ANSWERED, false);
}

/* Nothing to do costs no record, no commit, no look. */
static void test_idle(void **state)
{
    uint64_t writes;

    (void) state;
    ask_kit_start(&kit, 0);
    writes = store_memory_writes(kit.log.workers[0].store);
    for (int i = 0; i < 100; i++)
        ask_kit_step(&kit, 0);
    assert_int_equal(store_memory_writes(kit.log.workers[0].store), writes);
    assert_int_equal(bus_world_publishes(kit.log.world), 0);
    asker_destroy(NULL);
}

static const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(test_##name, set_up, tear_down)
    T(cap_on_calls_is_exact),
    T(cap_holds_with_repeated_calls),
    T(cap_on_tokens),
    T(cap_on_money),
    T(larger_cap_goes_on),
    T(room),
    T(too_large),
    T(not_before_the_log_is_read),
    T(claims_run_ahead),
    T(old_claims_are_given_back),
    T(a_model_in_trouble),
    T(idle),
};

int main(void)
{
    return cmocka_run_group_tests(tests, NULL, NULL);
}
