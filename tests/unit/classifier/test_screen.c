#include "classifier/screen.h"

#include "tests/support/cmocka_all.h"

static struct error err;
static const struct slice words[] = {{"考察", 6}, {"赴", 3}};

static struct screen *make(void)
{
    const struct screen_rules rules = {100, 200, words, 2};
    struct screen *screen = NULL;

    assert_int_equal(screen_create(&rules, &screen, &err), STATUS_OK);
    return screen;
}

static void test_period(void **state)
{
    struct screen *screen = make();

    (void) state;
    assert_false(screen_in_period(screen, 99));
    assert_true(screen_in_period(screen, 100));
    assert_true(screen_in_period(screen, 200));
    assert_false(screen_in_period(screen, 201));
    assert_true(screen_in_period(screen, CIVIL_NONE));
    screen_destroy(screen);
    screen_destroy(NULL);
}

static void test_words(void **state)
{
    struct screen *screen = make();

    (void) state;
    assert_true(screen_has_word(screen, SLICE("市长赴外")));
    assert_true(screen_has_word(screen, SLICE("来我市考察")));
    assert_true(screen_has_word(screen, SLICE("考察考察赴")));
    assert_false(screen_has_word(screen, SLICE("天气晴朗")));
    assert_false(screen_has_word(screen, SLICE("考 察")));
    assert_false(screen_has_word(screen, SLICE("")));
    assert_false(screen_has_word(screen, (struct slice){NULL, 0}));
    screen_destroy(screen);
}

static void test_special_characters_are_literal(void **state)
{
    const struct slice odd[] = {{"a.c", 3}, {"(x|y)*", 6}};
    const struct screen_rules rules = {0, 1, odd, 2};
    struct screen *screen = NULL;

    (void) state;
    assert_int_equal(screen_create(&rules, &screen, &err), STATUS_OK);
    assert_false(screen_has_word(screen, SLICE("abc")));
    assert_true(screen_has_word(screen, SLICE("a.c")));
    assert_true(screen_has_word(screen, SLICE("1(x|y)*2")));
    screen_destroy(screen);
}

static void test_bad_rules(void **state)
{
    const struct slice empty = {"", 0};
    struct screen *screen = NULL;

    (void) state;
    assert_int_equal(screen_create(&(struct screen_rules){0, 1, words, 0}, &screen, &err),
                     STATUS_INVALID);
    assert_int_equal(screen_create(&(struct screen_rules){0, 1, &empty, 1}, &screen, &err),
                     STATUS_INVALID);
    assert_null(screen);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_period),
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_special_characters_are_literal),
        cmocka_unit_test(test_bad_rules),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
