#include "tests/unit/aggregator/fixture.h"

#include "aggregator/textset.h"

static void expect(struct textset *set, const char *wanted)
{
    struct buf out;

    buf_init(&out, 10000);
    assert_int_equal(textset_join(set, &out, NULL), STATUS_OK);
    assert_string_equal(buf_text(&out), wanted);
    buf_fini(&out);
}

static void is_sorted_and_unique(void **state)
{
    struct textset set;

    (void) state;
    textset_init(&set);
    expect(&set, "");
    textset_add(&set, SLICE("c"));
    textset_add(&set, SLICE("a"));
    textset_add(&set, SLICE(""));
    textset_add(&set, SLICE("c"));
    textset_add_joined(&set, SLICE("b|a|d"));
    expect(&set, "a|b|c|d");
    textset_clear(&set);
    expect(&set, "");
    textset_fini(&set);
}

static void separators_inside_are_made_harmless(void **state)
{
    struct textset set;

    (void) state;
    textset_init(&set);
    textset_add(&set, SLICE("局长|书记\n一"));
    expect(&set, "局长/书记 一");
    textset_fini(&set);
}

static void knows_its_elements(void **state)
{
    (void) state;
    assert_true(textset_joined_has(SLICE("a|bc|d"), SLICE("bc")));
    assert_true(textset_joined_has(SLICE("a"), SLICE("a")));
    assert_false(textset_joined_has(SLICE("a|bc|d"), SLICE("b")));
    assert_false(textset_joined_has(SLICE(""), SLICE("b")));
}

static void too_many_are_left_out(void **state)
{
    struct textset set;
    struct buf out;

    (void) state;
    textset_init(&set);
    for (int i = 0; i < TEXTSET_MAX + 5; i++)
        textset_add(&set, SLICE("x"));
    buf_init(&out, 100);
    assert_int_equal(textset_join(&set, &out, NULL), STATUS_OK);
    assert_string_equal(buf_text(&out), "x");
    buf_fini(&out);
    textset_fini(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_sorted_and_unique),
        cmocka_unit_test(separators_inside_are_made_harmless),
        cmocka_unit_test(knows_its_elements),
        cmocka_unit_test(too_many_are_left_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
