/* openai_request: the bytes of bodies, and that they are JSON whatever is asked. */
#include "base/llm/openai_request.h"

#include "base/json.h"
#include "tests/support/cmocka_all.h"

#include <string.h>

static const struct slice yes_no[] = {{"yes", 3}, {"no", 2}};
static const struct shape_field fields[] = {
    {.name = {"visit", 5}, .kind = SHAPE_CHOICE, .choices = yes_no, .choice_count = 2}};
static const struct shape shape = {fields, 1};

static const struct json *parse(const struct buf *body, struct arena *arena)
{
    const struct json *root = NULL;
    struct error err;

    assert_int_equal(buf_status(body, &err), STATUS_OK);
    assert_int_equal(json_parse(buf_slice(body), arena, &root, &err), STATUS_OK);
    return root;
}

static const struct json *chat(struct arena *arena, enum llm_constraint constraint,
                               const struct llm_turn *turns, size_t count)
{
    const struct llm_attempt attempt = {
        .turns = turns, .turn_count = count, .shape = &shape, .max_tokens = 99};
    const struct json *root;
    struct buf body;

    buf_init(&body, OPENAI_REQUEST_MAX);
    openai_put_chat(&body, "qwen", constraint, &attempt);
    root = parse(&body, arena);
    buf_fini(&body);
    return root;
}

static bool text_is(const struct json *value, const char *text)
{
    return slice_equal(json_text(value), slice_from(text));
}

static void test_members(void **state)
{
    const struct llm_turn turns[] = {
        {LLM_SYSTEM, SLICE("s")}, {LLM_USER, SLICE("u")}, {LLM_ASSISTANT, SLICE("a")}};
    struct arena *arena = arena_create(1 << 20);
    const struct json *root = chat(arena, LLM_UNCONSTRAINED, turns, 3);
    const struct json *messages = json_member(root, "messages");

    (void) state;
    assert_int_equal(json_size(root), 6);
    assert_true(text_is(json_member(root, "model"), "qwen"));
    assert_int_equal(json_int(json_member(root, "temperature"), -1), 0);
    assert_int_equal(json_int(json_member(root, "seed"), -1), OPENAI_SEED);
    assert_int_equal(json_int(json_member(root, "max_tokens"), -1), 99);
    assert_false(json_truth(json_member(root, "stream"), true));
    assert_int_equal(json_size(messages), 3);
    assert_true(text_is(json_member(json_element(messages, 0), "role"), "system"));
    assert_true(text_is(json_member(json_element(messages, 1), "role"), "user"));
    assert_true(text_is(json_member(json_element(messages, 2), "role"), "assistant"));
    assert_true(text_is(json_member(json_element(messages, 2), "content"), "a"));
    arena_destroy(arena);
}

static void test_schema(void **state)
{
    const struct llm_turn turn = {LLM_USER, SLICE("u")};
    struct arena *arena = arena_create(1 << 20);
    const struct json *root = chat(arena, LLM_SCHEMA, &turn, 1);
    const struct json *format = json_member(root, "response_format");
    const struct json *named = json_member(format, "json_schema");

    (void) state;
    assert_int_equal(json_size(root), 7); /* nothing that a strict service would not know */
    assert_true(text_is(json_member(format, "type"), "json_schema"));
    assert_true(text_is(json_member(named, "name"), "answer"));
    assert_true(json_truth(json_member(named, "strict"), false));
    assert_true(text_is(json_member(json_member(named, "schema"), "type"), "object"));
    arena_destroy(arena);
}

static void test_grammar(void **state)
{
    const struct llm_turn turn = {LLM_USER, SLICE("u")};
    struct arena *arena = arena_create(1 << 20);
    const struct json *root = chat(arena, LLM_GRAMMAR, &turn, 1);
    struct buf grammar;

    (void) state;
    buf_init(&grammar, 1 << 16);
    shape_put_grammar(&shape, &grammar);
    assert_true(slice_equal(json_text(json_member(root, "grammar")), buf_slice(&grammar)));
    assert_true(json_truth(json_member(root, "cache_prompt"), false));
    assert_null(json_member(root, "response_format"));
    buf_fini(&grammar);
    arena_destroy(arena);
}

/* The worst text of the largest question still fits. */
static void test_largest(void **state)
{
    static char text[LLM_PROMPT_MAX];
    struct llm_turn turns[LLM_TURNS_MAX + 2] = {{LLM_USER, {text, sizeof text}}};
    struct arena *arena = arena_create(8 << 20);
    const struct json *root;

    (void) state;
    memset(text, 1, sizeof text);
    for (size_t i = 1; i < LLM_TURNS_MAX + 2; i++)
        turns[i] = (struct llm_turn){LLM_USER, SLICE("")};
    root = chat(arena, LLM_SCHEMA, turns, LLM_TURNS_MAX + 2);
    assert_int_equal(
        json_text(json_member(json_element(json_member(root, "messages"), 0), "content")).size,
        sizeof text);
    arena_destroy(arena);
}

static void test_failure_sticks(void **state)
{
    const struct llm_turn turn = {LLM_USER, SLICE("u")};
    const struct llm_attempt attempt = {.turns = &turn, .turn_count = 1, .shape = &shape};
    struct buf body;

    (void) state;
    for (size_t limit = 0; limit < 200; limit += 10) {
        buf_init(&body, limit);
        openai_put_chat(&body, "m", LLM_GRAMMAR, &attempt);
        assert_int_equal(buf_status(&body, NULL), STATUS_TOO_LARGE);
        buf_fini(&body);
    }
}

static void test_embed(void **state)
{
    const struct slice texts[] = {SLICE("a\"b"), SLICE("\xE8\xAE\xBF")};
    const struct llm_attempt attempt = {.texts = texts, .text_count = 2};
    struct buf body;

    (void) state;
    buf_init(&body, 1 << 16);
    openai_put_embed(&body, "e5", &attempt);
    assert_string_equal(buf_text(&body),
                        "{\"model\":\"e5\",\"input\":[\"a\\\"b\",\"\xE8\xAE\xBF\"],"
                        "\"encoding_format\":\"float\"}");
    buf_fini(&body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_members),        cmocka_unit_test(test_schema),
        cmocka_unit_test(test_grammar),        cmocka_unit_test(test_largest),
        cmocka_unit_test(test_failure_sticks), cmocka_unit_test(test_embed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
