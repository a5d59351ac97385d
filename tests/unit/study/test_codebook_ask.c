#include "study/codebook_ask.h"

#include "tests/unit/study/prompt_fixture.h"

#include <stdio.h>

/* The fixture with `old` replaced is refused with these words. */
static void fails(const char *old, const char *new, const char *message)
{
    const char *at = strstr(fixture_text, old);
    struct yaml_source source = {.file = "c.yaml", .arena = fixture_arena};
    struct codebook codebook;

    assert_non_null(at);
    source.text = slice_from(arena_printf(fixture_arena, "%.*s%s%s", (int) (at - fixture_text),
                                          fixture_text, new, at + strlen(old)));
    assert_int_equal(codebook_read(&source, &codebook, &err), STATUS_INVALID);
    if (strstr(err.message, message) == NULL)
        fail_msg("'%s' lacks '%s'", err.message, message);
}

static void test_asks_are_read(void **state)
{
    const struct codebook_ask *ask = &fixture_task("visit")->ask;

    (void) state;
    assert_true(ask->given);
    assert_int_equal(ask->from_percent, 30);
    assert_int_equal(ask->to_percent, 60);
    assert_string_equal(ask->instruction.data, "判断类型");
    assert_int_equal(ask->max_chars, 60);
    assert_int_equal(ask->max_tokens, 120);
    assert_int_equal(ask->form_count, 2);
    assert_int_equal(ask->form[0].choice_count, 0);
    assert_string_equal(ask->form[1].choices[2].means.data, "no");
    assert_int_equal(fixture_task("events")->kind, TASK_FIELDS);
}

static void test_defaults(void **state)
{
    (void) state;
    assert_true(fixture_task("themes")->ask.given);
    assert_int_equal(fixture_task("themes")->ask.from_percent, 20);
    assert_int_equal(fixture_task("themes")->ask.to_percent, 80);
    assert_int_equal(fixture_task("themes")->ask.max_chars, 500);
    assert_int_equal(fixture_task("purpose")->ask.form[0].max_chars, 40);
    assert_false(fixture_task("silent")->ask.given);
    assert_int_equal(fixture_task("silent")->ask.form_count, 0);
}

static void test_what_examples_say(void **state)
{
    const struct codebook_task *task = fixture_task("visit");

    (void) state;
    assert_string_equal(codebook_said(&task->examples[0], &task->ask.form[0]).data, "绍兴");
    assert_int_equal(codebook_said(&task->examples[1], &task->ask.form[0]).size, 0);
}

static void test_the_deciding_field(void **state)
{
    (void) state;
    assert_ptr_equal(codebook_deciding(fixture_task("visit")), &fixture_task("visit")->ask.form[1]);
    assert_null(codebook_deciding(fixture_task("themes")));
    assert_null(codebook_deciding(fixture_task("events")));
}

static void test_fields_have_targets(void **state)
{
    const struct codebook_form *form = fixture_task("events")->ask.form;

    (void) state;
    assert_string_equal(codebook_form_target(&form[0]).data, "origin_city");
    assert_string_equal(codebook_form_target(&form[2]).data, "date");
}

static void test_bands(void **state)
{
    (void) state;
    fails("to: 60", "to: 20", "c.yaml:6: tasks: 'visit', ask.band: from must not be more than to");
    fails("to: 60", "to: 100", "ask.band.to: '100' is not between 1 and 99");
    fails("band: {from: 30, to: 60}", "band: 3", "ask.band: must be a map");
    fails("band: {from: 30, to: 60}", "from: 3", "ask.from: unknown field");
}

static void test_forms(void **state)
{
    (void) state;
    fails("{name: 来访方,", "{name: 类型,", "'visit', ask.form: '类型' stands there twice");
    fails("{name: 回访, means: \"yes\"}", "{name: 来访, means: \"yes\"}",
          "the choice '来访' stands there twice");
    fails("means: \"no\"}", "means: maybe}", "'下乡' must mean one of the task's labels");
    fails("{name: 回访, means: \"yes\"}", "{name: 回访}",
          "'回访' must mean one of the task's labels");
    fails("{name: 合作, means: cooperative}, {name: 学习, means: learning}", "{name: 合作}",
          "'purpose', ask.form: exactly one field must have choices that mean labels");
    fails("{name: 来访方, max_chars: 6}", "{name: 来访方, choices: [{name: x, means: \"yes\"}]}",
          "exactly one field must have choices");
    fails("{name: 来访方, max_chars: 6}", "{name: 来访方, max_chars: 0}",
          "ask.form[0].max_chars: '0' is not between");
}

static void test_tasks_of_fields(void **state)
{
    (void) state;
    fails("{name: date}]}", "{name: day}]}",
          "'events', ask.form: 'day' is no field of the codebook");
    fails("ask: {form: [{name: 来, means: origin_city}, {name: 到, means: host_city}, {name: "
          "date}]}",
          "ask: {}", "'events', ask: a task of fields needs a form");
    fails("kind: fields", "kind: fields\n  labels: [{name: x}]",
          "'events': a task of fields has neither labels nor a model");
    fails("answer: {来: 我县, 到: 常熟}", "labels: x", "a task of fields has no labels");
}

static void test_examples(void **state)
{
    (void) state;
    fails("labels: \"no\", ", "", "'visit', example 2: needs exactly one label");
    fails("labels: \"no\"", "labels: [\"no\", \"yes\"]", "example 2: needs exactly one label");
    fails("labels: \"no\"", "labels: maybe", "example 2: 'maybe' is none of its labels");
    fails("来访方: 绍兴,", "去访方: 绍兴,", "example 1: '去访方' is no field of its form");
    fails("类型: 来访}", "类型: 出访}", "example 1: '出访' is none of the choices of '类型'");
    fails("类型: 来访}", "类型: 下乡}", "example 1: '下乡' does not mean its label");
    fails("labels: [生态, 经济]}", "labels: [生态], answer: {answer: 生态}}",
          "'themes', example 1: 'answer' is no field of its form");
}

static void test_a_labels_task_says_its_labels_by_labels(void **state)
{
    (void) state;
    fails("[生态, 经济]}, {text: 什么也没有, labels: []}]\n  ask: {max_tokens: 30}",
          "[生态], answer: {主题: 水}}]\n"
          "  ask: {form: [{name: 主题, choices: [{name: 水, means: 生态}]}]}",
          "'themes', example 1: '主题' is said by its labels");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_asks_are_read),
        TEST(test_defaults),
        TEST(test_what_examples_say),
        TEST(test_the_deciding_field),
        TEST(test_fields_have_targets),
        TEST(test_bands),
        TEST(test_forms),
        TEST(test_tasks_of_fields),
        TEST(test_examples),
        TEST(test_a_labels_task_says_its_labels_by_labels),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
