#include "base/fields_near.h"

#include "tests/support/cmocka_all.h"

static const struct field fields[] = {{.name = "delay"}, {.name = "hours"}, {.name = "host"}, {0}};
static const struct field_table table = {"t", 0, 0, fields};

static void test_slips_are_near(void **state)
{
    (void) state;
    assert_string_equal(fields_nearest(&table, SLICE("dealy")), "delay");
    assert_string_equal(fields_nearest(&table, SLICE("dela")), "delay");
    assert_string_equal(fields_nearest(&table, SLICE("delayss")), "delay");
    assert_string_equal(fields_nearest(&table, SLICE("hour")), "hours");
}

static void test_the_first_of_equals(void **state)
{
    (void) state;
    assert_string_equal(fields_nearest(&table, SLICE("hous")), "hours");
}

static void test_other_words_are_not(void **state)
{
    (void) state;
    assert_null(fields_nearest(&table, SLICE("contact")));
    assert_null(fields_nearest(&table, SLICE("")));
    assert_null(fields_nearest(&table, SLICE("delaydelaydelaydelaydelaydelaydelaydelaydelay")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_slips_are_near),
        cmocka_unit_test(test_the_first_of_equals),
        cmocka_unit_test(test_other_words_are_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
