#include "base/llm/shape.h"
#include "tests/llm/answer.h"
#include "tests/llm/gbnf.h"
#include "tests/support/cmocka_all.h"

#include <stdio.h>
#include <string.h>

enum { ROOM = 1 << 20 };

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

#define SCHEMA                                                                                     \
    "\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"a\","               \
    "\"schema\":{\"type\":\"object\",\"properties\":{"                                             \
    "\"c\":{\"type\":\"string\",\"enum\":[\"yes\",\"no\",\"maybe\"]},"                             \
    "\"d\":{\"type\":\"array\",\"items\":{\"type\":\"string\",\"enum\":[\"x\",\"y\"]}},"           \
    "\"t\":{\"type\":\"string\",\"description\":\"at most 3 characters\"}}}}}"

static struct question read(const char *body)
{
    struct question question;

    assert_int_equal(question_read(slice_from(body), arena, &question, &err), STATUS_OK);
    return question;
}

static struct question about(const char *user, const char *form)
{
    char body[4096];

    snprintf(body, sizeof body,
             "{\"model\":\"m\",\"messages\":[{\"role\":\"system\",\"content\":\"s\"},"
             "{\"role\":\"user\",\"content\":\"%s\"}]%s%s}",
             user, form[0] == 0 ? "" : ",", form);
    return read(body);
}

static void answer(const char *user, const char *form, struct buf *out)
{
    const struct question question = about(user, form);

    buf_init(out, ROOM);
    answer_put(&question, out);
}

static void questions_are_read(void **state)
{
    struct question question = about("<<<ab12\\n上海 text\\nab12>>>\\nanswer!", SCHEMA);

    (void) state;
    assert_true(slice_equal(question.model, SLICE("m")));
    assert_int_equal(question.turn_count, 2);
    assert_null(question.assistant.data);
    assert_null(question.grammar.data);
    assert_non_null(question.schema);
    assert_true(slice_equal(question_data(&question), SLICE("上海 text")));
    question = about("no marks", "\"grammar\":\"root ::= \\\"x\\\"\"");
    assert_int_equal(question_data(&question).size, 0);
    assert_null(question.schema);
    assert_non_null(question.grammar.data);
    question = about("<<<ab\\nnever closed", "");
    assert_int_equal(question_data(&question).size, 0);
    question = read("{\"messages\":[{\"role\":\"user\",\"content\":\"<<<x\\nthe text\\nx>>>\"},"
                    "{\"role\":\"assistant\",\"content\":\"no\"},"
                    "{\"role\":\"user\",\"content\":\"that was wrong\"}]}");
    assert_true(slice_equal(question_data(&question), SLICE("the text")));
    question = read("{\"input\":[\"a\",\"b\"]}");
    assert_true(slice_equal(question.user, SLICE("a")));
    question = read("{\"input\":\"z\"}");
    assert_true(slice_equal(question.user, SLICE("z")));
}

static void bad_questions_are_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "[]",
        "{}",
        "{\"messages\":[]}",
        "{\"messages\":[{\"role\":\"user\"}]}",
        "{\"messages\":[{\"role\":\"robot\",\"content\":\"x\"}]}",
        "{\"messages\":[{\"role\":\"system\",\"content\":\"x\"}]}",
        "{\"input\":5}",
        "{\"input\":[]}",
    };
    struct question question;

    (void) state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(question_read(slice_from(bad[i]), arena, &question, &err), STATUS_INVALID);
}

static void equal_questions_get_equal_answers(void **state)
{
    struct buf first;
    struct buf second;
    unsigned different = 0;

    (void) state;
    answer("<<<a1\\nsome text\\na1>>>", SCHEMA, &first);
    for (unsigned i = 0; i < 20; i++) {
        char user[64];

        snprintf(user, sizeof user, "<<<a1\\nsome text %u\\na1>>>", i);
        answer("<<<a1\\nsome text\\na1>>>", SCHEMA, &second);
        assert_string_equal(buf_text(&first), buf_text(&second));
        buf_fini(&second);
        answer(user, SCHEMA, &second);
        different += strcmp(buf_text(&first), buf_text(&second)) != 0;
        buf_fini(&second);
    }
    assert_true(different > 10);
    buf_fini(&first);
}

static void without_a_form_the_example_is_repeated(void **state)
{
    struct question question = read("{\"messages\":[{\"role\":\"user\",\"content\":\"e\"},"
                                    "{\"role\":\"assistant\",\"content\":\"{\\\"a\\\":1}\"},"
                                    "{\"role\":\"user\",\"content\":\"q\"}]}");
    struct buf out;

    (void) state;
    buf_init(&out, ROOM);
    answer_put(&question, &out);
    assert_string_equal(buf_text(&out), "{\"a\":1}");
    buf_fini(&out);
    answer("q", "", &out);
    assert_string_equal(buf_text(&out), "{}");
    buf_fini(&out);
}

/* ---- against the product's own reading of the form ---- */

static const struct slice labels[] = {{"是", 3}, {"\"否\" \\", 7}, {"|()[*?]", 7}};
static const struct shape_field fields[] = {{{"f", 1}, SHAPE_CHOICE, labels, 3, 0},
                                            {{"集", 3}, SHAPE_CHOICES, labels, 3, 0},
                                            {{"t", 1}, SHAPE_TEXT, NULL, 0, 8}};
static const struct shape shape = {fields, 3};

static void assert_fits(struct slice text, const char *user)
{
    const struct shape_value *values;

    if (shape_read(&shape, text, arena, &values, &err) != STATUS_OK)
        fail_msg("%s: %.*s: %s", user, SLICE_ARG(text), err.message);
}

static void every_answer_fits_the_form(void **state)
{
    struct buf schema;
    struct buf out;

    (void) state;
    buf_init(&schema, ROOM);
    shape_put_schema(&shape, &schema);
    for (unsigned i = 0; i < 200; i++) {
        struct question question = {.user = SLICE("<<<c\n上海市 visits \"北京\"\nc>>>"),
                                    .assistant = {NULL, 0},
                                    .grammar = {NULL, 0}};
        char model[16];

        snprintf(model, sizeof model, "%u", i);
        question.model = slice_from(model);
        assert_int_equal(json_parse(buf_slice(&schema), arena, &question.schema, &err), STATUS_OK);
        buf_init(&out, ROOM);
        answer_put(&question, &out);
        assert_fits(buf_slice(&out), model);
        buf_reset(&out);
        answer_put_wrong_label(&question, &out);
        assert_non_null(strstr(buf_text(&out), "no such label"));
        buf_fini(&out);
    }
    buf_fini(&schema);
}

static void every_grammar_answer_fits_the_form(void **state)
{
    struct buf grammar;
    struct buf out;
    unsigned with_text = 0;

    (void) state;
    buf_init(&grammar, ROOM);
    shape_put_grammar(&shape, &grammar);
    for (unsigned i = 0; i < 200; i++) {
        struct question question = {.user = SLICE("<<<c\n上海市 visits 北京\nc>>>"),
                                    .grammar = buf_slice(&grammar)};
        char model[16];

        snprintf(model, sizeof model, "%u", i);
        question.model = slice_from(model);
        buf_init(&out, ROOM);
        answer_put(&question, &out);
        assert_fits(buf_slice(&out), model);
        with_text += strstr(buf_text(&out), "\"t\":\"\"") == NULL;
        buf_fini(&out);
    }
    assert_true(with_text > 50);
    buf_fini(&grammar);
}

static void odd_grammars_end(void **state)
{
    static const char *const odd[] = {"",
                                      "root ::= root",
                                      "root ::= root root",
                                      "root ::= \"never closed",
                                      "root ::= (((",
                                      "root ::= nobody",
                                      "root ::= | | |",
                                      "root ::= [abc]+ ? * +",
                                      "other ::= \"x\""};
    struct dice dice = {.rolls = 0};
    struct buf out;

    (void) state;
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        buf_init(&out, ROOM);
        gbnf_put(slice_from(odd[i]), SLICE("data"), &dice, &out);
        assert_int_equal(buf_status(&out, &err), STATUS_OK);
        buf_fini(&out);
    }
}

static void spans_lie_in_the_text(void **state)
{
    const struct slice text = SLICE("上海市代表团访问北京\n第二行\"quoted\"");
    struct dice dice = {.rolls = 0};

    (void) state;
    for (unsigned i = 0; i < 500; i++) {
        struct slice span = dice_span(&dice, text, 4);

        assert_true(slice_contains(text, span));
        assert_true(span.size <= 12);
        assert_int_equal(slice_find(span, SLICE("\n")), span.size);
    }
    assert_int_equal(dice_span(&dice, SLICE(""), 4).size, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(questions_are_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(bad_questions_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(equal_questions_get_equal_answers, set_up, tear_down),
        cmocka_unit_test_setup_teardown(without_a_form_the_example_is_repeated, set_up, tear_down),
        cmocka_unit_test_setup_teardown(every_answer_fits_the_form, set_up, tear_down),
        cmocka_unit_test_setup_teardown(every_grammar_answer_fits_the_form, set_up, tear_down),
        cmocka_unit_test(odd_grammars_end),
        cmocka_unit_test(spans_lie_in_the_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
