/* openai_reply: frames of many servers, and what is none. */
#include "base/llm/openai_reply.h"

#include "tests/support/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct arena *arena;
static struct openai_reply reply;

static int set_up(void **state)
{
    (void) state;
    arena = arena_create(8 * 1024 * 1024);
    return arena == NULL;
}

static int tear_down(void **state)
{
    (void) state;
    arena_destroy(arena);
    return 0;
}

static enum status chat(const char *body)
{
    struct error err;

    memset(&reply, 0, sizeof reply);
    return openai_read_chat(slice_from(body), arena, &reply, &err);
}

static enum status vectors(const char *body, size_t texts)
{
    struct error err;

    memset(&reply, 0, sizeof reply);
    return openai_read_vectors(slice_from(body), texts, arena, &reply, &err);
}

static void expect_text(struct slice got, const char *text)
{
    if (!slice_equal(got, slice_from(text)))
        fail_msg("'%.*s' is not '%s'", SLICE_ARG(got), text);
}

static void test_chat(void **state)
{
    (void) state;
    assert_int_equal(chat("{\"choices\":[{\"message\":{\"content\":\"hi\\u0000!\",\"x\":[1]},"
                          "\"finish_reason\":\"stop\",\"logprobs\":null}],\"model\":\"a\","
                          "\"timings\":{},\"usage\":{\"prompt_tokens\":5,"
                          "\"completion_tokens\":2,\"total_tokens\":7}}"),
                     STATUS_OK);
    assert_int_equal(reply.text.size, 4);
    assert_true(reply.complete);
    expect_text(reply.served_by, "a");
    assert_int_equal(reply.prompt_tokens, 5);
    assert_int_equal(reply.completion_tokens, 2);
}

static void test_finish(void **state)
{
    static const char *const bodies[] = {
        "{\"choices\":[{\"message\":{\"content\":\"\"},\"finish_reason\":\"length\"}]}",
        "{\"choices\":[{\"message\":{\"content\":\"\"},\"finish_reason\":\"content_filter\"}]}",
        "{\"choices\":[{\"message\":{\"content\":\"\"},\"finish_reason\":null}]}",
        "{\"choices\":[{\"message\":{\"content\":\"\"}}]}"};

    (void) state;
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        assert_int_equal(chat(bodies[i]), STATUS_OK);
        assert_false(reply.complete);
    }
}

static void test_no_chat(void **state)
{
    static const char *const bodies[] = {
        "",
        "null",
        "[]",
        "{}",
        "{\"choices\":{}}",
        "{\"choices\":[]}",
        "{\"choices\":[1]}",
        "{\"choices\":[{\"text\":\"old interface\"}]}",
        "{\"choices\":[{\"message\":{\"content\":[\"parts\"]}}]}",
        "{\"choices\":[{\"message\":{\"content\":\"a\",\"content\":\"b\"}}]}",
        "{\"choices\":[{\"message\":{\"content\":\"a\"}}]",
        "data: {\"choices\":[]}",
        "{\"choices\":[{\"message\":{\"content\":\"\xFF\"}}]}",
    };

    (void) state;
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++)
        assert_int_equal(chat(bodies[i]), STATUS_INVALID);
    assert_null(reply.text.data);
}

static void test_strange_usage(void **state)
{
    static const char *const usages[] = {"",
                                         ",\"usage\":null",
                                         ",\"usage\":{}",
                                         ",\"usage\":7",
                                         ",\"usage\":{\"prompt_tokens\":-1,"
                                         "\"completion_tokens\":1e99}",
                                         ",\"usage\":{\"prompt_tokens\":99999999999,"
                                         "\"completion_tokens\":\"3\"}"};
    char body[300];

    (void) state;
    for (size_t i = 0; i < sizeof usages / sizeof usages[0]; i++) {
        (void) snprintf(body, sizeof body, "{\"choices\":[{\"message\":{\"content\":\"a\"}}]%s}",
                        usages[i]);
        assert_int_equal(chat(body), STATUS_OK);
        assert_true(reply.prompt_tokens == OPENAI_UNKNOWN);
        assert_true(reply.completion_tokens == OPENAI_UNKNOWN);
    }
}

static void test_names_are_cleaned(void **state)
{
    (void) state;
    assert_int_equal(
        chat("{\"choices\":[{\"message\":{\"content\":\"a\"}}],\"model\":"
             "\"m\\u001b[31m\\u0085x\\u0000\\u007f\",\"system_fingerprint\":\"f\\n\"}"),
        STATUS_OK);
    expect_text(reply.served_by, "m [31m x   (f )");
}

static void test_errors(void **state)
{
    static const struct {
        const char *body, *said;
    } cases[] = {{"{\"error\":{\"message\":\"no\\r\\nkey\",\"code\":401}}", "no  key"},
                 {"{\"error\":\"model not found\"}", "model not found"},
                 {"{\"object\":\"error\",\"message\":\"too long\"}", "too long"},
                 {"{\"detail\":\"Not Found\"}", "Not Found"},
                 {"{\"detail\":[{\"msg\":\"x\"}]}", ""},
                 {"{}", ""},
                 {"<html>", ""},
                 {"", ""}};

    (void) state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_string_equal(openai_read_error(slice_from(cases[i].body), arena), cases[i].said);
}

static void test_long_errors_are_cut_between_characters(void **state)
{
    char body[2000] = "{\"error\":\"x";
    const char *said;

    (void) state;
    for (int i = 0; i < 400; i++)
        memcpy(body + 11 + 3 * i, "\xE8\xAE\xBF", 4);
    memcpy(body + 11 + 1200, "\"}", 3);
    said = openai_read_error(slice_from(body), arena);
    assert_int_equal(strlen(said), 199);
}

static void test_vectors(void **state)
{
    (void) state;
    assert_int_equal(vectors("{\"data\":[{\"index\":1,\"embedding\":[3]},{\"index\":0,"
                             "\"embedding\":[-1.5e1]}],\"model\":\"e\"}",
                             2),
                     STATUS_OK);
    assert_int_equal(reply.dimension, 1);
    assert_true(reply.vectors[0] == -15.0F && reply.vectors[1] == 3.0F);
    expect_text(reply.served_by, "e");
}

static void test_no_vectors(void **state)
{
    static const char *const bodies[] = {
        "{\"data\":[]}",
        "{\"data\":[{\"index\":0,\"embedding\":[1]}]}",
        "{\"data\":[{\"index\":0,\"embedding\":[1]},{\"index\":0,\"embedding\":[1]}]}",
        "{\"data\":[{\"index\":0,\"embedding\":[1]},{\"index\":2,\"embedding\":[1]}]}",
        "{\"data\":[{\"index\":0,\"embedding\":[1]},{\"index\":1,\"embedding\":[1,2]}]}",
        "{\"data\":[{\"index\":0,\"embedding\":[1]},{\"index\":1,\"embedding\":[\"1\"]}]}",
        "{\"data\":[{\"index\":0,\"embedding\":[1]},{\"index\":1,\"embedding\":[1e300]}]}",
        "{\"data\":[{\"index\":0,\"embedding\":\"AACAPw==\"},{\"index\":1}]}",
        "{\"data\":[{\"embedding\":[1]},{\"embedding\":[1]}]}",
        "{\"data\":{\"0\":1,\"1\":2}}",
    };

    (void) state;
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++)
        assert_int_equal(vectors(bodies[i], 2), STATUS_INVALID);
}

static void test_dimension_is_bounded(void **state)
{
    size_t room = 40 + 2 * (LLM_EMBED_DIMENSION_MAX + 1);
    char *body = malloc(room + 8);
    size_t size;

    (void) state;
    assert_non_null(body);
    size = (size_t) snprintf(body, room, "{\"data\":[{\"index\":0,\"embedding\":[");
    for (int i = 0; i <= LLM_EMBED_DIMENSION_MAX; i++, size += 2)
        memcpy(body + size, "1,", 2);
    memcpy(body + size - 1, "]}]}", 5);
    assert_int_equal(vectors(body, 1), STATUS_INVALID);
    memcpy(body + size - 3, "]}]}", 5);
    assert_int_equal(vectors(body, 1), STATUS_OK);
    assert_int_equal(reply.dimension, LLM_EMBED_DIMENSION_MAX);
    free(body);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_chat),
        CASE(test_finish),
        CASE(test_no_chat),
        CASE(test_strange_usage),
        CASE(test_names_are_cleaned),
        CASE(test_errors),
        CASE(test_long_errors_are_cut_between_characters),
        CASE(test_vectors),
        CASE(test_no_vectors),
        CASE(test_dimension_is_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
