/* The log of answers as its workers see it. The rules record by record: test_answers_fold.c. */
#include "base/llm/answers.h"
#include "tests/support/answers_kit.h"

static struct kit kit;

static int set_up(void **state)
{
    (void) state;
    kit_open(&kit);
    return 0;
}

static int tear_down(void **state)
{
    (void) state;
    kit_close(&kit);
    return 0;
}

static enum answer_state state_of(size_t worker, const char *content)
{
    return kit_find(&kit, worker, content).state;
}

/* ---- keys ---- */

static void test_key_depends_on_every_part(void **state)
{
    const struct answer_question base = {SLICE("t"), SLICE("m"), SLICE("p"), SLICE("c")};
    struct answer_question other[4] = {base, base, base, base};

    (void) state;
    other[0].task = SLICE("x");
    other[1].model = SLICE("x");
    other[2].prompt = SLICE("x");
    other[3].content = SLICE("x");
    for (size_t i = 0; i < 4; i++)
        assert_false(id_equal(answer_key(&base), answer_key(&other[i])));
    assert_true(id_equal(answer_key(&base), answer_key(&base)));
}

/* ---- the way of a question ---- */

static void test_claim_reply(void **state)
{
    struct answer_entry entry;

    (void) state;
    kit_start(&kit, 0);
    kit_start(&kit, 1);
    kit_poll(&kit);
    assert_int_equal(state_of(0, "a"), ANSWER_NONE);
    kit_claim(&kit, 0, "a", 2);
    assert_int_equal(state_of(0, "a"), ANSWER_QUEUED);
    assert_int_equal(state_of(1, "a"), ANSWER_NONE);
    kit_poll(&kit);
    entry = kit_find(&kit, 0, "a");
    assert_int_equal(entry.state, ANSWER_OURS);
    assert_int_equal(entry.claim, 1);
    assert_int_equal(entry.until_ms, kit.clock.now_ms + KIT_CLAIM_MS / 2);
    entry = kit_find(&kit, 1, "a");
    assert_int_equal(entry.state, ANSWER_THEIRS);
    assert_int_equal(entry.claim, 0);
    assert_int_equal(entry.until_ms, kit.clock.now_ms + KIT_CLAIM_MS);
    kit_reply(&kit, 0, "a", 1, "{\"n\":\"1\"}");
    assert_int_equal(state_of(0, "a"), ANSWER_QUEUED);
    kit_poll(&kit);
    for (size_t i = 0; i < 2; i++) {
        entry = kit_find(&kit, i, "a");
        assert_int_equal(entry.state, ANSWER_REPLIED);
        assert_int_equal(entry.claim, 0);
        assert_true(slice_equal(entry.text, SLICE("{\"n\":\"1\"}")));
    }
}

static void test_totals(void **state)
{
    const struct answers_totals *totals;

    (void) state;
    totals = answers_totals(kit_start(&kit, 0));
    kit_claim(&kit, 0, "a", 2);
    kit_claim(&kit, 0, "b", 3);
    kit_poll(&kit);
    assert_int_equal(totals->held.calls, 5);
    assert_int_equal(totals->held.tokens, 500);
    assert_int_equal(totals->spent.calls, 0);
    kit_reply(&kit, 0, "a", 1, "{}");
    kit_fail(&kit, 0, "b", 2, 0);
    kit_poll(&kit);
    assert_int_equal(totals->held.calls, 0);
    assert_int_equal(totals->spent.calls, 2);
    assert_int_equal(totals->spent.tokens, 45);
    assert_int_equal(totals->spent.money, 7);
    assert_int_equal(totals->used.calls, 2);
    assert_int_equal(totals->used.prompt_tokens, 35);
    assert_int_equal(totals->used.completion_tokens, 10);
    assert_int_equal(totals->used.latency_ms, 5);
    assert_int_equal(totals->used_money, 7);
    assert_int_equal(totals->replies, 1);
    assert_int_equal(totals->failures, 1);
}

static void test_two_claims_one_owner(void **state)
{
    (void) state;
    kit_start(&kit, 0);
    kit_start(&kit, 1);
    kit_poll(&kit);
    kit_claim(&kit, 0, "a", 2);
    kit_claim(&kit, 1, "a", 2);
    kit_poll(&kit);
    assert_int_equal(state_of(0, "a"), ANSWER_OURS);
    assert_int_equal(state_of(1, "a"), ANSWER_THEIRS);
    /* The loser's reservation is nobody's. */
    assert_int_equal(answers_totals(kit.workers[0].answers)->held.calls, 2);
    assert_int_equal(answers_totals(kit.workers[1].answers)->held.calls, 2);
}

static void test_failure_and_generation(void **state)
{
    struct answer_entry entry;

    (void) state;
    kit_start(&kit, 0);
    kit_claim(&kit, 0, "a", 2);
    kit_poll(&kit);
    kit_fail(&kit, 0, "a", 1, 3);
    kit_poll(&kit);
    entry = kit_find(&kit, 0, "a");
    assert_int_equal(entry.state, ANSWER_FAILED);
    assert_true(entry.failed);
    assert_int_equal(entry.generation, 3);
    assert_true(slice_equal(entry.failure, SLICE("no luck")));
}

static void test_release(void **state)
{
    (void) state;
    kit_start(&kit, 0);
    kit_claim(&kit, 0, "a", 2);
    kit_poll(&kit);
    KIT_OK(answers_release(kit.workers[0].answers, kit_key("a"), 1, &kit.err));
    assert_int_equal(state_of(0, "a"), ANSWER_QUEUED);
    kit_poll(&kit);
    assert_int_equal(state_of(0, "a"), ANSWER_NONE);
    assert_int_equal(answers_totals(kit.workers[0].answers)->held.calls, 0);
    assert_int_equal(answers_totals(kit.workers[0].answers)->spent.calls, 0);
}

/* ---- expiry, lives ---- */

static void test_expired_claim_is_taken_over(void **state)
{
    struct answer_entry entry;

    (void) state;
    kit_start(&kit, 0);
    kit_start(&kit, 1);
    kit_claim(&kit, 0, "a", 2);
    kit_poll(&kit);
    clock_manual_advance(&kit.clock, KIT_CLAIM_MS - 1);
    assert_int_equal(state_of(1, "a"), ANSWER_THEIRS);
    clock_manual_advance(&kit.clock, 1);
    assert_int_equal(state_of(1, "a"), ANSWER_NONE);
    kit_claim(&kit, 1, "a", 3);
    kit_poll(&kit);
    assert_int_equal(state_of(1, "a"), ANSWER_OURS);
    assert_int_equal(state_of(0, "a"), ANSWER_THEIRS);
    assert_int_equal(answers_totals(kit.workers[0].answers)->spent.calls, 2);
    assert_int_equal(answers_totals(kit.workers[0].answers)->held.calls, 3);
    /* The slow one replies after all: it is the first, and what it cost is known now. */
    kit_reply(&kit, 0, "a", 1, "{\"n\":\"slow\"}");
    kit_reply(&kit, 1, "a", 1, "{\"n\":\"new\"}");
    kit_poll(&kit);
    entry = kit_find(&kit, 1, "a");
    assert_true(slice_equal(entry.text, SLICE("{\"n\":\"slow\"}")));
    assert_int_equal(answers_totals(kit.workers[1].answers)->spent.calls, 2);
    assert_int_equal(answers_totals(kit.workers[1].answers)->held.calls, 0);
}

static void test_new_life_ends_older_claims(void **state)
{
    (void) state;
    kit_start(&kit, 0);
    kit_start(&kit, 1);
    kit_claim(&kit, 0, "a", 2);
    kit_claim(&kit, 0, "b", 2);
    kit_poll(&kit);
    kit_kill(&kit, 0);
    kit_start(&kit, 0);
    kit_poll(&kit);
    /* The new life knows at once; others when it speaks. */
    assert_int_equal(state_of(0, "a"), ANSWER_NONE);
    assert_int_equal(state_of(1, "a"), ANSWER_THEIRS);
    kit_claim(&kit, 0, "a", 2);
    kit_poll(&kit);
    assert_int_equal(state_of(0, "a"), ANSWER_OURS);
    assert_int_equal(state_of(1, "a"), ANSWER_THEIRS);
    assert_int_equal(state_of(1, "b"), ANSWER_NONE);
    assert_int_equal(answers_totals(kit.workers[1].answers)->spent.calls, 4);
    assert_int_equal(answers_totals(kit.workers[1].answers)->held.calls, 2);
}

static void test_older_life_is_fenced(void **state)
{
    struct kit_worker older;

    (void) state;
    kit_start(&kit, 0);
    kit_claim(&kit, 0, "a", 1);
    kit_poll(&kit);
    older = kit.workers[0];
    kit.workers[0] = (struct kit_worker){.bus = NULL};
    kit_start(&kit, 0);
    KIT_OK(answers_poll(kit.workers[0].answers, 0, &kit.err));
    KIT_OK(answers_poll(older.answers, 0, &kit.err));
    kit_claim(&kit, 0, "b", 1);
    KIT_OK(answers_poll(kit.workers[0].answers, 0, &kit.err));
    assert_int_equal(answers_poll(older.answers, 0, &kit.err), STATUS_FENCED);
    answers_close(older.answers);
    bus_close(older.bus);
    store_close(older.store);
}

/* ---- budget ---- */

static void test_caps(void **state)
{
    const struct answers_cost three = {3, 300, 0}, one = {1, 100, 0};
    struct answers *answers;
    const char *cap = NULL;

    (void) state;
    kit.caps = (struct answers_cost){.calls = 5};
    answers = kit_start(&kit, 0);
    kit_poll(&kit);
    KIT_OK(answers_may_claim(answers, &three, &cap));
    kit_claim(&kit, 0, "a", 3);
    /* On its way it counts already. */
    assert_int_equal(answers_may_claim(answers, &three, &cap), STATUS_AGAIN);
    kit_claim(&kit, 0, "b", 3);
    kit_poll(&kit);
    assert_int_equal(state_of(0, "a"), ANSWER_OURS);
    assert_int_equal(state_of(0, "b"), ANSWER_NONE);
    assert_int_equal(answers_totals(answers)->held.calls, 3);
    kit_reply(&kit, 0, "a", 1, "{}");
    kit_poll(&kit);
    KIT_OK(answers_may_claim(answers, &three, &cap));
    for (int i = 0; i < 3; i++) {
        char content[2] = {(char) ('p' + i), '\0'};
        kit_claim(&kit, 0, content, 1);
        kit_poll(&kit);
        kit_reply(&kit, 0, content, 3 + (uint64_t) i, "{}");
        kit_poll(&kit);
    }
    assert_int_equal(answers_may_claim(answers, &three, &cap), STATUS_LIMIT);
    assert_string_equal(cap, "calls");
    KIT_OK(answers_may_claim(answers, &one, &cap));
}

/* What a dead worker reserved is not waited for. */
static void test_dead_claims_are_no_hope(void **state)
{
    const struct answers_cost one = {1, 100, 0};
    const char *cap = NULL;

    (void) state;
    kit.caps = (struct answers_cost){.tokens = 250};
    kit_start(&kit, 0);
    kit_claim(&kit, 0, "a", 2);
    kit_poll(&kit);
    kit_start(&kit, 1);
    kit_poll(&kit);
    assert_int_equal(answers_may_claim(kit.workers[1].answers, &one, &cap), STATUS_AGAIN);
    clock_manual_advance(&kit.clock, KIT_CLAIM_MS);
    assert_int_equal(answers_may_claim(kit.workers[1].answers, &one, &cap), STATUS_LIMIT);
    assert_string_equal(cap, "tokens");
}

static void test_refusal_holds_under_its_caps(void **state)
{
    struct answer_entry entry;

    (void) state;
    kit.caps = (struct answers_cost){.calls = 1};
    kit_start(&kit, 0);
    KIT_OK(answers_refuse(kit.workers[0].answers, kit_key("a"), "calls", &kit.err));
    kit_poll(&kit);
    entry = kit_find(&kit, 0, "a");
    assert_int_equal(entry.state, ANSWER_REFUSED);
    assert_true(slice_equal(entry.text, SLICE("calls")));
    kit_claim(&kit, 0, "a", 1);
    kit_poll(&kit);
    assert_int_equal(state_of(0, "a"), ANSWER_REFUSED);
    kit_kill(&kit, 0);
    kit.caps.calls = 2;
    kit_start(&kit, 0);
    kit_poll(&kit);
    assert_int_equal(state_of(0, "a"), ANSWER_NONE);
    kit_claim(&kit, 0, "a", 1);
    kit_poll(&kit);
    assert_int_equal(state_of(0, "a"), ANSWER_OURS);
    assert_int_equal(answers_totals(kit.workers[0].answers)->refusals, 1);
}

static void test_refusal_yields_to_a_claim(void **state)
{
    (void) state;
    kit.caps = (struct answers_cost){.calls = 1};
    kit_start(&kit, 0);
    kit_start(&kit, 1);
    kit_poll(&kit);
    kit_claim(&kit, 0, "a", 1);
    KIT_OK(answers_refuse(kit.workers[1].answers, kit_key("a"), "calls", &kit.err));
    kit_poll(&kit);
    assert_int_equal(state_of(0, "a"), ANSWER_OURS);
    assert_int_equal(state_of(1, "a"), ANSWER_THEIRS);
}

static const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(test_##name, set_up, tear_down)
    T(key_depends_on_every_part),
    T(claim_reply),
    T(totals),
    T(two_claims_one_owner),
    T(failure_and_generation),
    T(release),
    T(expired_claim_is_taken_over),
    T(new_life_ends_older_claims),
    T(older_life_is_fenced),
    T(caps),
    T(dead_claims_are_no_hope),
    T(refusal_holds_under_its_caps),
    T(refusal_yields_to_a_claim),
};

int main(void)
{
    return cmocka_run_group_tests(tests, NULL, NULL);
}
