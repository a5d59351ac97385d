#include "study/prompt_form.h"

#include "tests/unit/study/prompt_fixture.h"

enum { ROOM = 1 << 16 };

static struct prompt_form form;

static void make(const char *task)
{
    if (prompt_form_make(fixture_task(task), fixture_arena, &form, &err) != STATUS_OK)
        fail_msg("%s", err.message);
}

/* The example as an assistant would have said it. */
static void fills(const char *task, size_t example, const char *expected)
{
    const struct shape_value *values;
    struct buf out;

    make(task);
    buf_init(&out, ROOM);
    assert_int_equal(prompt_form_fill(&form, &fixture_task(task)->examples[example], fixture_arena,
                                      &values, &err),
                     STATUS_OK);
    shape_put_canon(&form.shape, values, &out);
    assert_string_equal(buf_text(&out), expected);
    buf_fini(&out);
}

static void describes(const char *task, const char *expected)
{
    struct buf out;

    make(task);
    buf_init(&out, ROOM);
    prompt_form_describe(&form, &out);
    assert_string_equal(buf_text(&out), expected);
    buf_fini(&out);
}

static void test_a_form_of_ones_own(void **state)
{
    (void) state;
    make("visit");
    assert_int_equal(form.shape.field_count, 2);
    assert_int_equal(form.shape.fields[0].kind, SHAPE_TEXT);
    assert_int_equal(form.shape.fields[0].max_chars, 6);
    assert_int_equal(form.shape.fields[1].kind, SHAPE_CHOICE);
    assert_int_equal(form.deciding, 1);
    assert_int_equal(form.meaning[0], 1);
    assert_int_equal(form.meaning[1], 1);
    assert_int_equal(form.meaning[2], 0);
}

static void test_a_form_from_labels(void **state)
{
    (void) state;
    make("themes");
    assert_int_equal(form.shape.field_count, 1);
    assert_string_equal(form.shape.fields[0].name.data, "answer");
    assert_int_equal(form.shape.fields[0].kind, SHAPE_CHOICES);
    assert_int_equal(form.shape.fields[0].choice_count, 3);
    assert_int_equal(form.deciding, 0);
    assert_int_equal(form.meaning[2], 2);
    make("silent");
    assert_int_equal(form.shape.fields[0].kind, SHAPE_CHOICE);
    assert_string_equal(form.shape.fields[0].choices[1].data, "yes");
}

static void test_fields_decide_nothing(void **state)
{
    (void) state;
    make("events");
    assert_int_equal(form.shape.field_count, 3);
    assert_int_equal(form.deciding, PROMPT_FORM_NONE);
}

static void test_examples_fill_it(void **state)
{
    (void) state;
    fills("visit", 0, "{\"来访方\":\"绍兴\",\"类型\":\"来访\"}");
    fills("visit", 1, "{\"来访方\":\"\",\"类型\":\"下乡\"}");
    fills("themes", 0, "{\"answer\":[\"经济\",\"生态\"]}");
    fills("themes", 1, "{\"answer\":[]}");
    fills("purpose", 0, "{\"目的\":\"合作\"}");
    fills("events", 0, "{\"来\":\"我县\",\"到\":\"常熟\",\"date\":\"\"}");
}

static void test_the_label_chooses_the_first_that_means_it(void **state)
{
    (void) state;
    fixture_change(", 类型: 来访}", "}");
    fills("visit", 0, "{\"来访方\":\"绍兴\",\"类型\":\"来访\"}");
    fixture_change("类型: 来访}", "类型: 回访}");
    fills("visit", 0, "{\"来访方\":\"绍兴\",\"类型\":\"回访\"}");
}

static void test_an_example_that_does_not_fit(void **state)
{
    const struct shape_value *values;

    (void) state;
    fixture_change("来访方: 绍兴", "来访方: 绍兴市党政代表团");
    make("visit");
    assert_int_equal(
        prompt_form_fill(&form, &fixture_task("visit")->examples[0], fixture_arena, &values, &err),
        STATUS_INVALID);
    assert_non_null(strstr(err.message, "'来访方' has more than 6 characters"));
}

static void test_it_is_described(void **state)
{
    (void) state;
    describes("visit", "来访方（没有就留空）、类型（来访|回访|下乡）");
    describes("themes", "answer（经济|生态|治理，可多选）");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_form_of_ones_own, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(test_a_form_from_labels, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(test_fields_decide_nothing, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(test_examples_fill_it, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(test_the_label_chooses_the_first_that_means_it,
                                        fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(test_an_example_that_does_not_fit, fixture_open,
                                        fixture_close),
        cmocka_unit_test_setup_teardown(test_it_is_described, fixture_open, fixture_close),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
