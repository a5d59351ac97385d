/* The contract of base/llm/llm.h over the OpenAI interface: what a question gets for what the
 * server does, and how many requests that takes. */
#include "tests/contract/llm_kit.h"
#include "tests/support/cmocka_all.h"

#include <stdio.h>
#include <string.h>

static struct kit kit;

static int tear_down(void **state)
{
    (void) state;
    kit_close(&kit);
    return 0;
}

/* Asks one question of a server with this script for all. */
static void ask_one(const char *then)
{
    struct llm_options options;
    char script[512];

    snprintf(script, sizeof script, "{\"match\":\"\",\"then\":[%s]}", then);
    kit_open(&kit, script, NULL);
    options = kit_options(&kit);
    options.timeout_ms = 400;
    options.patience_ms = 3000;
    kit_client(&kit, &options);
    kit_finish(&kit, kit_ask(&kit, "text") + 1);
    assert_int_equal(llm_open(kit.llm), 0);
}

static void assert_label(const char *text)
{
    struct arena *arena = arena_create(64 * 1024);
    const struct shape_value *values;
    struct error err;

    if (shape_read(&kit_shape, slice_from(text), arena, &values, &err) != STATUS_OK)
        fail_msg("%s: %s", text, err.message);
    arena_destroy(arena);
}

static void every_question_is_answered_once(void **state)
{
    static const char *const slots[] = {"--slots", "8", NULL};
    struct llm_options options;
    char text[32];

    (void) state;
    kit_open(&kit, NULL, slots);
    options = kit_options(&kit);
    kit_client(&kit, &options);
    for (size_t i = 0; i < 300; i++) {
        snprintf(text, sizeof text, "text %zu", i % 150);
        kit_ask(&kit, text);
    }
    kit_finish(&kit, 300);
    for (size_t i = 0; i < 300; i++) {
        kit_assert_outcome(&kit, i, LLM_ANSWERED);
        assert_label(kit.ends[i].text);
        assert_int_equal(kit.ends[i].usage.calls, 1);
        assert_true(kit.ends[i].usage.prompt_tokens > 0);
        assert_true(kit.ends[i].usage.completion_tokens > 0);
        assert_string_equal(kit.ends[i].text, kit.ends[i % 150].text);
    }
    assert_string_equal(kit.ends[0].served_by, "toy (scripted-1)");
    assert_int_equal(llm_open(kit.llm), 0);
    assert_int_equal(kit_stat(&kit, "answered"), 300);
    assert_int_equal(kit_stat(&kit, "distinct"), 150);
    assert_int_equal(kit_stat(&kit, "with_key"), 0);
}

/* The form may be told in three ways; what is not told is checked all the same. */
static void all_constraints_work(void **state)
{
    static const enum llm_constraint constraints[] = {LLM_SCHEMA, LLM_GRAMMAR, LLM_UNCONSTRAINED};
    struct llm_options options;

    (void) state;
    kit_open(&kit, NULL, NULL);
    for (size_t i = 0; i < 3; i++) {
        options = kit_options(&kit);
        options.constraint = constraints[i];
        kit_client(&kit, &options);
        for (size_t k = 0; k < 10; k++)
            kit_ask(&kit, k % 2 == 0 ? "上海市代表团" : "北京市代表团");
        kit_finish(&kit, 10);
        for (size_t k = 0; k < 10; k++) {
            kit_assert_outcome(&kit, k, LLM_ANSWERED);
            assert_label(kit.ends[k].text);
        }
    }
    /* Without a form the server repeats the example. */
    assert_string_equal(kit.ends[0].text, "{\"label\":\"maybe\",\"words\":\"an example\"}");
    assert_int_equal(kit_stat(&kit, "answered"), 30);
}

struct failure {
    const char *then;
    enum llm_outcome outcome;
    int64_t requests_least;
    int64_t requests_most;
    const char *reason; /* a part of it */
};

static void assert_failure(const struct failure *failure)
{
    int64_t requests;

    ask_one(failure->then);
    requests = kit_stat(&kit, "requests");
    kit_assert_outcome(&kit, 0, failure->outcome);
    if (requests < failure->requests_least || requests > failure->requests_most)
        fail_msg("%s: %ld requests", failure->then, (long) requests);
    if (strstr(kit.ends[0].reason, failure->reason) == NULL)
        fail_msg("%s: \"%s\" does not say \"%s\"", failure->then, kit.ends[0].reason,
                 failure->reason);
    assert_true(kit.ends[0].usage.calls <= LLM_CALLS_MAX);
    kit_close(&kit);
}

static void failures_are_tried_again_and_then_said(void **state)
{
    static const struct failure failures[] = {
        {"\"500\"", LLM_UNAVAILABLE, 4, 4, "HTTP 500"},
        {"\"502\"", LLM_UNAVAILABLE, 4, 4, "HTTP 502"},
        {"\"reset\"", LLM_UNAVAILABLE, 4, 5, "http://127.0.0.1"},
        {"\"garbage\"", LLM_UNAVAILABLE, 4, 4, "http://127.0.0.1"},
        {"\"noise\"", LLM_UNAVAILABLE, 4, 5, "http://127.0.0.1"},
        {"\"cut\"", LLM_UNAVAILABLE, 4, 4, "ended early"},
        {"\"hang\"", LLM_UNAVAILABLE, 4, 4, "timed out"},
        {"\"drip\"", LLM_UNAVAILABLE, 4, 4, "timed out"},
        {"\"endless\"", LLM_UNAVAILABLE, 4, 4, "body over its limit"},
        {"\"no-content\"", LLM_UNAVAILABLE, 4, 4, "http://127.0.0.1"},
        {"\"500\",\"reset\",\"garbage\",\"hang\"", LLM_UNAVAILABLE, 4, 5, "timed out"},
    };

    (void) state;
    for (size_t i = 0; i < sizeof failures / sizeof failures[0]; i++)
        assert_failure(&failures[i]);
}

/* What the model said does not fit: one repair question, then the end; never a default. */
static void wrong_answers_are_repaired_once(void **state)
{
    static const struct failure failures[] = {
        {"\"wrong-label\"", LLM_INVALID, 2, 2, "label"},
        {"\"no-schema\"", LLM_INVALID, 2, 2, "JSON"},
        {"\"empty\"", LLM_INVALID, 2, 2, "JSON"},
        {"\"truncated\"", LLM_INVALID, 2, 2, ""},
        {"{\"text\":\"{}\"}", LLM_INVALID, 2, 2, "missing"},
        {"{\"text\":\"{\\\"label\\\":\\\"yes\\\"}\"}", LLM_INVALID, 2, 2, "missing"},
        {"{\"text\":\"{\\\"label\\\":\\\"yes\\\",\\\"words\\\":\\\"\\\",\\\"x\\\":1}\"}",
         LLM_INVALID, 2, 2, "not asked for"},
    };

    (void) state;
    for (size_t i = 0; i < sizeof failures / sizeof failures[0]; i++)
        assert_failure(&failures[i]);
}

static void refusals_are_final(void **state)
{
    static const struct failure failures[] = {
        {"\"400\"", LLM_REFUSED, 1, 1, "HTTP 400"}, {"\"401\"", LLM_REFUSED, 1, 1, "HTTP 401"},
        {"\"403\"", LLM_REFUSED, 1, 1, "HTTP 403"}, {"\"404\"", LLM_REFUSED, 1, 1, "HTTP 404"},
        {"\"413\"", LLM_REFUSED, 1, 1, "HTTP 413"}, {"\"422\"", LLM_REFUSED, 1, 1, "HTTP 422"},
    };

    (void) state;
    for (size_t i = 0; i < sizeof failures / sizeof failures[0]; i++)
        assert_failure(&failures[i]);
}

/* A busy server ends a question by its patience alone, and costs nothing. */
static void patience_ends(void **state)
{
    static const struct failure failures[] = {
        {"\"429\"", LLM_UNAVAILABLE, 1, 100, "HTTP 429"},
        {"\"503\"", LLM_UNAVAILABLE, 1, 100, "HTTP 503"},
        {"\"429 3600\"", LLM_UNAVAILABLE, 1, 1, "HTTP 429"},
    };

    (void) state;
    for (size_t i = 0; i < sizeof failures / sizeof failures[0]; i++) {
        assert_failure(&failures[i]);
        assert_int_equal(kit.ends[0].usage.calls, 0);
    }
}

static void a_hanging_server_cannot_outlast_patience(void **state)
{
    struct llm_options options;

    (void) state;
    kit_open(&kit, "{\"match\":\"\",\"then\":[\"hang\"]}", NULL);
    options = kit_options(&kit);
    options.timeout_ms = 60000;
    options.patience_ms = 500;
    kit_client(&kit, &options);
    kit_finish(&kit, kit_ask(&kit, "text") + 1);
    kit_assert_outcome(&kit, 0, LLM_UNAVAILABLE);
    assert_int_equal(kit_stat(&kit, "requests"), 1);
    assert_int_equal(kit.ends[0].usage.calls, 1);
}

/* script, requests, calls that may cost something */
static void what_passes_is_overcome(void **state)
{
    static const struct {
        const char *then;
        int64_t requests;
        uint64_t calls;
    } passing[] = {
        {"\"500\",\"ok\"", 2, 2},
        {"\"garbage\",\"ok\"", 2, 2},
        {"\"cut\",\"ok\"", 2, 2},
        {"\"hang\",\"ok\"", 2, 2},
        {"\"500\",\"500\",\"500\",\"ok\"", 4, 4},
        {"\"429\",\"ok\"", 2, 1},
        {"\"503\",\"503\",\"ok\"", 3, 1},
        {"\"wrong-label\",\"ok\"", 2, 2},
        {"\"no-schema\",\"ok\"", 2, 2},
        {"\"truncated\",\"ok\"", 2, 2},
        {"\"slow 100\"", 1, 1},
        {"{\"text\":\" {\\\"words\\\": \\\"x\\\", \\\"label\\\": \\\"no\\\"}\\n\"}", 1, 1},
    };

    (void) state;
    for (size_t i = 0; i < sizeof passing / sizeof passing[0]; i++) {
        ask_one(passing[i].then);
        kit_assert_outcome(&kit, 0, LLM_ANSWERED);
        assert_label(kit.ends[0].text);
        assert_int_equal(kit_stat(&kit, "requests"), passing[i].requests);
        assert_int_equal(kit.ends[0].usage.calls, passing[i].calls);
        kit_close(&kit);
    }
    assert_string_equal(kit.ends[0].text, "{\"label\":\"no\",\"words\":\"x\"}");
}

static void retry_after_is_kept(void **state)
{
    static const char *const waits[] = {"\"429 1\",\"ok\"", "\"503 1\",\"ok\""};

    (void) state;
    for (size_t i = 0; i < 2; i++) {
        ask_one(waits[i]);
        kit_assert_outcome(&kit, 0, LLM_ANSWERED);
        assert_int_equal(kit_stat(&kit, "requests"), 2);
        assert_true(kit_logged(&kit, 1, "asked_ms") - kit_logged(&kit, 0, "asked_ms") >= 990);
        kit_close(&kit);
    }
}

/* One that cannot be answered takes nothing from the others. */
static void the_others_go_on(void **state)
{
    static const char *const slots[] = {"--slots", "8", NULL};
    struct llm_options options;

    (void) state;
    kit_open(&kit,
             "{\"match\":\"evil\",\"then\":[\"hang\"]}\n"
             "{\"match\":\"wrong\",\"then\":[\"wrong-label\"]}\n",
             slots);
    options = kit_options(&kit);
    options.timeout_ms = 3000;
    options.patience_ms = 4000;
    kit_client(&kit, &options);
    kit_ask(&kit, "evil");
    kit_ask(&kit, "wrong");
    for (size_t i = 0; i < 100; i++)
        kit_ask(&kit, "good");
    kit_finish(&kit, 101);
    assert_false(kit.ends[0].ended);
    for (size_t i = 2; i < 102; i++)
        kit_assert_outcome(&kit, i, LLM_ANSWERED);
    kit_finish(&kit, 102);
    kit_assert_outcome(&kit, 0, LLM_UNAVAILABLE);
    kit_assert_outcome(&kit, 1, LLM_INVALID);
}

static void vectors_come_for_every_text(void **state)
{
    const struct slice texts[] = {SLICE("a"), SLICE("中文"), SLICE("a")};
    struct llm_embed_question question = {texts, 3, &kit.ends[0]};
    struct llm_options options;
    struct error err;

    (void) state;
    kit_open(&kit, "{\"match\":\"\",\"then\":[\"500\",\"ok\"]}", NULL);
    options = kit_options(&kit);
    kit_client(&kit, &options);
    kit.asked = 1;
    assert_int_equal(llm_embed(kit.llm, &question, &err), STATUS_OK);
    while (llm_open(kit.llm) > 0 && kit.ended == 0) {
        const struct llm_answer *answer;

        assert_int_equal(llm_step(kit.llm, 20, &err), STATUS_OK);
        answer = llm_next(kit.llm);
        if (answer == NULL)
            continue;
        assert_int_equal(answer->outcome, LLM_ANSWERED);
        assert_int_equal(answer->vector_count, 3);
        assert_int_equal(answer->dimension, 16);
        assert_memory_equal(answer->vectors, answer->vectors + 32, 16 * sizeof(float));
        assert_memory_not_equal(answer->vectors, answer->vectors + 16, 16 * sizeof(float));
        assert_int_equal(answer->usage.calls, 2);
        llm_release(kit.llm, answer);
        kit.ended++;
    }
    assert_int_equal(kit.ended, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(every_question_is_answered_once, tear_down),
        cmocka_unit_test_teardown(all_constraints_work, tear_down),
        cmocka_unit_test_teardown(failures_are_tried_again_and_then_said, tear_down),
        cmocka_unit_test_teardown(wrong_answers_are_repaired_once, tear_down),
        cmocka_unit_test_teardown(refusals_are_final, tear_down),
        cmocka_unit_test_teardown(patience_ends, tear_down),
        cmocka_unit_test_teardown(a_hanging_server_cannot_outlast_patience, tear_down),
        cmocka_unit_test_teardown(what_passes_is_overcome, tear_down),
        cmocka_unit_test_teardown(retry_after_is_kept, tear_down),
        cmocka_unit_test_teardown(the_others_go_on, tear_down),
        cmocka_unit_test_teardown(vectors_come_for_every_text, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
