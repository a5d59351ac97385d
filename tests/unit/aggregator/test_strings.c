#include "tests/unit/aggregator/fixture.h"

#include "aggregator/strings.h"

static void equal_texts_have_one_number(void **state)
{
    struct strings *strings = strings_create();
    uint32_t a = strings_put(strings, SLICE("上海"));
    uint32_t b = strings_put(strings, SLICE("南京"));

    (void) state;
    assert_int_not_equal(a, 0);
    assert_int_not_equal(a, b);
    assert_int_equal(strings_put(strings, SLICE("上海")), a);
    assert_int_equal(strings_find(strings, SLICE("南京")), b);
    assert_int_equal(strings_find(strings, SLICE("苏州")), 0);
    assert_true(slice_equal(strings_get(strings, b), SLICE("南京")));
    assert_string_equal(strings_get(strings, b).data, "南京"); /* a NUL stands behind */
    strings_destroy(strings);
}

static void empty_text_is_zero(void **state)
{
    struct strings *strings = strings_create();

    (void) state;
    assert_int_equal(strings_put(strings, SLICE("")), 0);
    assert_int_equal(strings_append(strings, SLICE("")), 0);
    assert_int_equal(strings_get(strings, 0).size, 0);
    strings_destroy(strings);
}

static void appended_texts_are_kept_apart(void **state)
{
    struct strings *strings = strings_create();
    uint32_t a = strings_append(strings, SLICE("http://a.example/"));
    uint32_t b = strings_append(strings, SLICE("http://a.example/"));

    (void) state;
    assert_int_not_equal(a, b);
    assert_int_equal(strings_find(strings, SLICE("http://a.example/")), 0);
    assert_true(slice_equal(strings_get(strings, a), strings_get(strings, b)));
    strings_destroy(strings);
}

/* Through several growths of bytes and slots; texts with NULs inside among them. */
static void many_texts_survive_growth(void **state)
{
    struct strings *strings = strings_create();
    uint32_t names[20000];
    char text[32];

    (void) state;
    for (int i = 0; i < 20000; i++) {
        memset(text, 0, sizeof text);
        int size = snprintf(text, sizeof text, "n%d", i);
        names[i] = strings_put(strings, slice_of(text, (size_t) size + (i % 3 == 0)));
    }
    for (int i = 0; i < 20000; i++) {
        memset(text, 0, sizeof text);
        int size = snprintf(text, sizeof text, "n%d", i);
        struct slice wanted = slice_of(text, (size_t) size + (i % 3 == 0));

        assert_true(slice_equal(strings_get(strings, names[i]), wanted));
        assert_int_equal(strings_put(strings, wanted), names[i]);
    }
    assert_int_equal(strings_status(strings, NULL), STATUS_OK);
    strings_destroy(strings);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_texts_have_one_number),
        cmocka_unit_test(empty_text_is_zero),
        cmocka_unit_test(appended_texts_are_kept_apart),
        cmocka_unit_test(many_texts_survive_growth),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
