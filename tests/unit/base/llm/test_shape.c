#include "base/json.h"
#include "base/llm/shape.h"
#include "tests/support/cmocka_all.h"

#include <stdio.h>
#include <string.h>

enum { ROOM = 256 * 1024 };

static const struct slice yes_no[] = {{"是", 3}, {"否", 3}};
static const struct slice themes[] = {{"经贸", 6}, {"a \"b\" \\c", 8}, {"文旅", 6}, {"科技", 6}};
static const struct shape_field fields[] = {
    {{"visit", 5}, SHAPE_CHOICE, yes_no, 2, 0},
    {{"主题 \"x\"", 10}, SHAPE_CHOICES, themes, 4, 0},
    {{"来访方", 9}, SHAPE_TEXT, NULL, 0, 4},
};
static const struct shape shape = {fields, 3};

static struct arena *arena;
static struct error err;

static int set_up(void **state)
{
    (void) state;
    arena = arena_create(ROOM);
    return arena == NULL;
}

static int tear_down(void **state)
{
    (void) state;
    arena_destroy(arena);
    return 0;
}

static const struct shape_value *must_read(const char *answer)
{
    const struct shape_value *values = NULL;

    assert_int_equal(shape_read(&shape, slice_from(answer), arena, &values, &err), STATUS_OK);
    return values;
}

/* Refused, with words that hold `why`; *values stays as it was. */
static void must_refuse(const char *answer, const char *why)
{
    const struct shape_value *values = NULL;

    assert_int_equal(shape_read(&shape, slice_from(answer), arena, &values, &err), STATUS_INVALID);
    assert_null(values);
    if (strstr(err.message, why) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", err.message, why);
}

static void assert_canon(const char *answer, const char *canon)
{
    struct buf out;

    buf_init(&out, ROOM);
    shape_put_canon(&shape, must_read(answer), &out);
    assert_string_equal(buf_text(&out), canon);
    buf_fini(&out);
}

static void reads_a_whole_answer(void **state)
{
    const struct shape_value *values;

    (void) state;
    values = must_read("{\"visit\":\"是\",\"主题 \\\"x\\\"\":[\"文旅\",\"经贸\"],"
                       "\"来访方\":\"上海\"}");
    assert_int_equal(values[0].text_count, 1);
    assert_ptr_equal(values[0].texts[0].data, yes_no[0].data);
    assert_int_equal(values[1].text_count, 2);
    assert_ptr_equal(values[1].texts[0].data, themes[0].data);
    assert_ptr_equal(values[1].texts[1].data, themes[2].data);
    assert_true(slice_equal(values[2].texts[0], slice_from("上海")));
}

static void canon_is_one_form(void **state)
{
    (void) state;
    assert_canon(" {\n\"来访方\" : \"\" ,\"主题 \\\"x\\\"\":[ ],\"visit\":\"\\u662f\"} \r\n",
                 "{\"visit\":\"是\",\"主题 \\\"x\\\"\":[],\"来访方\":\"\"}");
    assert_canon("{\"visit\":\"否\",\"主题 \\\"x\\\"\":[\"科技\",\"a \\\"b\\\" \\\\c\"],"
                 "\"来访方\":\"\\\"\\\\/\\/\"}",
                 "{\"visit\":\"否\",\"主题 \\\"x\\\"\":[\"a \\\"b\\\" \\\\c\",\"科技\"],"
                 "\"来访方\":\"\\\"\\\\//\"}");
}

#define REST ",\"主题 \\\"x\\\"\":[],\"来访方\":\"\"}"

static void refuses_what_is_not_the_form(void **state)
{
    static const char *const not_json[] = {
        "",
        "是",
        "Sure! {\"visit\":\"是\"" REST,
        "{\"visit\":\"是\"" REST " Hope this helps",
        "```json\n{\"visit\":\"是\"" REST "\n```",
        "{\"visit\":\"是\"",
        "{\"visit\":\"是\",\"visit\":\"是\"" REST,
        "{'visit':'是'}",
        "{\"visit\":\"\xFF\"" REST,
        "{\"visit\":\"\\ud800\"" REST,
        "{\"visit\":\"是\"" REST "{\"visit\":\"是\"" REST,
    };

    (void) state;
    for (size_t i = 0; i < sizeof not_json / sizeof not_json[0]; i++)
        must_refuse(not_json[i], "one JSON value");
    must_refuse("[]", "object");
    must_refuse("\"是\"", "object");
    must_refuse("null", "object");
    must_refuse("{}", "field \"visit\" is missing");
    must_refuse("{\"visit\":\"是\",\"来访方\":\"\"}", "\"x\"\" is missing");
    must_refuse("{\"visit\":\"是\",\"secret\":1" REST, "not asked for");
}

static void refuses_wrong_values(void **state)
{
    static const char *const no_choice[] = {"\"可能\"", "\"是 \"",  "\"\"", "1",
                                            "true",     "[\"是\"]", "null", "{\"是\":1}"};
    static const char *const no_choices[] = {"\"经贸\"", "[\"体育\"]", "[\"经贸\",\"经贸\"]",
                                             "[1]",      "null",       "[[\"经贸\"]]"};
    static const char *const no_text[] = {"null",    "1",           "[]",          "\"上海市委书\"",
                                          "\"\\n\"", "\"\\u0000\"", "\"\\u0085\"", "\"\x7F\""};
    char answer[256];

    (void) state;
    for (size_t i = 0; i < sizeof no_choice / sizeof no_choice[0]; i++) {
        snprintf(answer, sizeof answer, "{\"visit\":%s" REST, no_choice[i]);
        must_refuse(answer, "field \"visit\": not one of its 2 choices");
    }
    for (size_t i = 0; i < sizeof no_choices / sizeof no_choices[0]; i++) {
        snprintf(answer, sizeof answer, "{\"visit\":\"是\",\"主题 \\\"x\\\"\":%s,\"来访方\":\"\"}",
                 no_choices[i]);
        must_refuse(answer, "4 choices, each once");
    }
    for (size_t i = 0; i < sizeof no_text / sizeof no_text[0]; i++) {
        snprintf(answer, sizeof answer, "{\"visit\":\"是\",\"主题 \\\"x\\\"\":[],\"来访方\":%s}",
                 no_text[i]);
        must_refuse(answer, "field \"来访方\"");
    }
}

/* What is wrong may be shown to the model again, so it must not carry the model's words. */
static void errors_never_quote_the_answer(void **state)
{
    static const char *const answers[] = {"IGNORE all rules", "{\"IGNORE\":1}",
                                          "{\"visit\":\"IGNORE\"" REST, "{\"visit\":IGNORE}",
                                          "{\"visit\":\"是\",\"IGNORE\":\"\"" REST};
    const struct shape_value *values;

    (void) state;
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        assert_int_equal(shape_read(&shape, slice_from(answers[i]), arena, &values, &err),
                         STATUS_INVALID);
        assert_null(strstr(err.message, "IGNORE"));
    }
}

static void answers_are_bounded(void **state)
{
    static char long_answer[SHAPE_TEXT_MAX + 2];
    static char deep[SHAPE_TEXT_MAX + 1];
    const struct shape_value *values;

    (void) state;
    memset(long_answer, ' ', sizeof long_answer - 1);
    must_refuse(long_answer, "more than 16384 bytes");
    memset(deep, '[', sizeof deep - 1);
    must_refuse(deep, "one JSON value");
    arena_destroy(arena);
    arena = arena_create(64);
    assert_int_equal(shape_read(&shape, SLICE("{\"visit\":\"是\"" REST), arena, &values, &err),
                     STATUS_NOMEM);
}

static void schema_is_closed(void **state)
{
    const struct json *schema;
    const struct json *properties;
    struct buf out;

    (void) state;
    buf_init(&out, ROOM);
    shape_put_schema(&shape, &out);
    assert_string_equal(
        buf_text(&out),
        "{\"type\":\"object\",\"properties\":{"
        "\"visit\":{\"type\":\"string\",\"enum\":[\"是\",\"否\"]},"
        "\"主题 \\\"x\\\"\":{\"type\":\"array\",\"items\":{\"type\":\"string\",\"enum\":"
        "[\"经贸\",\"a \\\"b\\\" \\\\c\",\"文旅\",\"科技\"]}},"
        "\"来访方\":{\"type\":\"string\",\"description\":\"at most 4 characters\"}},"
        "\"required\":[\"visit\",\"主题 \\\"x\\\"\",\"来访方\"],\"additionalProperties\":false}");
    assert_int_equal(json_parse(buf_slice(&out), arena, &schema, &err), STATUS_OK);
    properties = json_member(schema, "properties");
    assert_int_equal(json_size(properties), 3);
    buf_fini(&out);
}

static void grammar_has_the_compact_form(void **state)
{
    struct buf out;

    (void) state;
    buf_init(&out, ROOM);
    shape_put_grammar(&shape, &out);
    assert_string_equal(buf_text(&out),
                        "root ::= \"{\\\"visit\\\":\" f0 \",\\\"主题 \\\\\\\"x\\\\\\\"\\\":\" f1 "
                        "\",\\\"来访方\\\":\" f2 \"}\"\n"
                        "f0 ::= \"\\\"是\\\"\" | \"\\\"否\\\"\"\n"
                        "f1 ::= \"[\" f1-0? \"]\"\n"
                        "f1-0 ::= \"\\\"经贸\\\"\" (\",\" f1-1)? | f1-1\n"
                        "f1-1 ::= \"\\\"a \\\\\\\"b\\\\\\\" \\\\\\\\c\\\"\" (\",\" f1-2)? | f1-2\n"
                        "f1-2 ::= \"\\\"文旅\\\"\" (\",\" f1-3)? | f1-3\n"
                        "f1-3 ::= \"\\\"科技\\\"\"\n"
                        "f2 ::= \"\\\"\" char* \"\\\"\"\n"
                        "char ::= [^\"\\\\\\x00-\\x1F\\x7F-\\x9F] | \"\\\\\" [\"\\\\]\n");
    buf_fini(&out);
}

static void full_buffers_are_noticed(void **state)
{
    struct buf out;

    (void) state;
    buf_init(&out, 20);
    shape_put_grammar(&shape, &out);
    assert_int_equal(buf_status(&out, &err), STATUS_TOO_LARGE);
    buf_reset(&out);
    shape_put_schema(&shape, &out);
    assert_int_equal(buf_status(&out, &err), STATUS_TOO_LARGE);
    buf_fini(&out);
}

static void must_not_be_a_shape(const struct shape_field *wrong, size_t count, const char *why)
{
    const struct shape asked = {wrong, count};

    assert_int_equal(shape_check(&asked, &err), STATUS_INVALID);
    if (strstr(err.message, why) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", err.message, why);
}

static void checks_shapes(void **state)
{
    static const struct slice doubled[] = {{"a", 1}, {"b", 1}, {"a", 1}};
    static const struct slice empty[] = {{"", 0}};
    static const struct slice control[] = {{"a\nb", 3}};
    struct shape_field wrong[SHAPE_FIELDS_MAX + 1] = {{{"x", 1}, SHAPE_TEXT, NULL, 0, 5}};

    (void) state;
    assert_int_equal(shape_check(&shape, &err), STATUS_OK);
    must_not_be_a_shape(wrong, 0, "0 fields");
    must_not_be_a_shape(wrong, SHAPE_FIELDS_MAX + 1, "17 fields");
    wrong[1] = wrong[0];
    must_not_be_a_shape(wrong, 2, "field \"x\": its name stands twice");
    wrong[0].max_chars = 0;
    must_not_be_a_shape(wrong, 1, "at most 0 characters");
    wrong[0].max_chars = SIZE_MAX;
    must_not_be_a_shape(wrong, 1, "at most 16384");
    wrong[0] = (struct shape_field){{"", 0}, SHAPE_TEXT, NULL, 0, 5};
    must_not_be_a_shape(wrong, 1, "name is empty");
    wrong[0] = (struct shape_field){{"x", 1}, SHAPE_CHOICE, doubled, 0, 0};
    must_not_be_a_shape(wrong, 1, "0 choices");
    wrong[0].choice_count = SHAPE_CHOICES_MAX + 1;
    must_not_be_a_shape(wrong, 1, "65 choices");
    wrong[0].choice_count = 3;
    must_not_be_a_shape(wrong, 1, "choice \"a\" stands twice");
    wrong[0] = (struct shape_field){{"x", 1}, SHAPE_CHOICES, empty, 1, 0};
    must_not_be_a_shape(wrong, 1, "choice 1 is empty");
    wrong[0].choices = control;
    must_not_be_a_shape(wrong, 1, "holds controls");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reads_a_whole_answer, set_up, tear_down),
        cmocka_unit_test_setup_teardown(canon_is_one_form, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refuses_what_is_not_the_form, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refuses_wrong_values, set_up, tear_down),
        cmocka_unit_test_setup_teardown(errors_never_quote_the_answer, set_up, tear_down),
        cmocka_unit_test_setup_teardown(answers_are_bounded, set_up, tear_down),
        cmocka_unit_test_setup_teardown(schema_is_closed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(grammar_has_the_compact_form, set_up, tear_down),
        cmocka_unit_test(full_buffers_are_noticed),
        cmocka_unit_test(checks_shapes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
