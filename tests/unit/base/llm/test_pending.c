/* pending: a question's copies, its repair, its end. */
#include "base/llm/pending.h"

#include "tests/support/cmocka_all.h"

#include <string.h>

static const struct slice yes_no[] = {{"yes", 3}, {"no", 2}};
static const struct shape_field fields[] = {
    {.name = {"visit", 5}, .kind = SHAPE_CHOICE, .choices = yes_no, .choice_count = 2}};
static const struct shape shape = {fields, 1};

static struct pending *chat(char *text)
{
    struct llm_turn turns[] = {{LLM_SYSTEM, slice_from(text)}, {LLM_USER, slice_from(text)}};
    struct llm_question question = {
        .turns = turns, .turn_count = 2, .shape = &shape, .max_tokens = 7, .owner = text};
    struct pending *pending = NULL;
    struct error err;

    assert_int_equal(pending_create_chat(&question, &pending, &err), STATUS_OK);
    memset(turns, 0, sizeof turns);
    return pending;
}

static void test_copies(void **state)
{
    char text[] = "text";
    struct pending *pending = chat(text);
    struct llm_attempt attempt;

    (void) state;
    memset(text, 'x', sizeof text - 1);
    attempt = pending_attempt(pending);
    assert_int_equal(attempt.turn_count, 2);
    assert_true(slice_equal(attempt.turns[1].text, SLICE("text")));
    assert_int_equal(attempt.max_tokens, 7);
    assert_int_equal(attempt.text_count, 0);
    assert_ptr_equal(pending->answer.owner, text);
    assert_int_equal(pending->bytes, 8);
    assert_int_equal(pending->state, PENDING_READY);
    pending_destroy(pending);
    pending_destroy(NULL);
}

static void test_repair(void **state)
{
    char text[] = "text";
    struct pending *pending = chat(text);
    struct llm_attempt attempt;
    struct error err;

    (void) state;
    assert_int_equal(pending_add_repair(pending, SLICE("no\0pe"), "not JSON", &err), STATUS_OK);
    attempt = pending_attempt(pending);
    assert_int_equal(attempt.turn_count, 4);
    assert_int_equal(attempt.turns[2].speaker, LLM_ASSISTANT);
    assert_int_equal(attempt.turns[2].text.size, 5);
    assert_int_equal(attempt.turns[3].speaker, LLM_USER);
    assert_true(slice_contains(attempt.turns[3].text, SLICE(": not JSON. ")));
    assert_true(pending->repaired);
    pending_destroy(pending);
}

static void test_text_answer(void **state)
{
    char text[] = "text";
    struct pending *pending = chat(text);
    const struct slice said = SLICE("no");
    const struct shape_value value = {&said, 1};
    struct error err;

    (void) state;
    assert_int_equal(pending_name(pending, SLICE("tiny"), &err), STATUS_OK);
    assert_int_equal(pending_answer_text(pending, &value, &err), STATUS_OK);
    assert_int_equal(pending->state, PENDING_ENDED);
    assert_int_equal(pending->answer.outcome, LLM_ANSWERED);
    assert_true(slice_equal(pending->answer.text, SLICE("{\"visit\":\"no\"}")));
    assert_string_equal(pending->answer.served_by, "tiny");
    assert_string_equal(pending->answer.reason, "");
    pending_destroy(pending);
}

static void test_failure(void **state)
{
    char text[] = "text";
    char reason[] = "why";
    struct pending *pending = chat(text);

    (void) state;
    pending_fail(pending, LLM_UNAVAILABLE, reason);
    reason[0] = 'x';
    assert_string_equal(pending->answer.reason, "why");
    assert_string_equal(pending->answer.served_by, "");
    assert_int_equal(pending->answer.outcome, LLM_UNAVAILABLE);
    assert_int_equal(pending->state, PENDING_ENDED);
    pending_destroy(pending);
}

static void test_largest_vectors(void **state)
{
    static float vectors[LLM_EMBED_TEXTS_MAX * LLM_EMBED_DIMENSION_MAX];
    static char text[LLM_PROMPT_MAX];
    struct slice texts[LLM_EMBED_TEXTS_MAX];
    struct llm_embed_question question = {texts, LLM_EMBED_TEXTS_MAX, NULL};
    struct llm_attempt_end end = {.vectors = vectors, .dimension = LLM_EMBED_DIMENSION_MAX};
    struct pending *pending = NULL;
    struct error err;

    (void) state;
    for (size_t i = 0; i < LLM_EMBED_TEXTS_MAX; i++)
        texts[i] = slice_of(text, sizeof text / LLM_EMBED_TEXTS_MAX);
    vectors[sizeof vectors / sizeof vectors[0] - 1] = 3;
    assert_int_equal(pending_create_embed(&question, &pending, &err), STATUS_OK);
    assert_int_equal(pending_answer_vectors(pending, &end, &err), STATUS_OK);
    vectors[sizeof vectors / sizeof vectors[0] - 1] = 4;
    assert_int_equal(pending->answer.vector_count, LLM_EMBED_TEXTS_MAX);
    assert_true(pending->answer.vectors[sizeof vectors / sizeof vectors[0] - 1] == 3.0F);
    pending_destroy(pending);
}

static void test_limits(void **state)
{
    static char text[LLM_PROMPT_MAX];
    struct slice texts[2] = {{text, sizeof text}, {text, 1}};
    struct llm_embed_question question = {texts, 1, NULL};
    struct pending *pending = NULL;
    struct error err;

    (void) state;
    assert_int_equal(pending_create_embed(&question, &pending, &err), STATUS_OK);
    pending_destroy(pending);
    question.text_count = 2;
    assert_int_equal(pending_create_embed(&question, &pending, &err), STATUS_TOO_LARGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_copies),          cmocka_unit_test(test_repair),
        cmocka_unit_test(test_text_answer),     cmocka_unit_test(test_failure),
        cmocka_unit_test(test_largest_vectors), cmocka_unit_test(test_limits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
