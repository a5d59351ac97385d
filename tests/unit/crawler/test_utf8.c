/* utf8: reading, counting, repair. */
#include "crawler/utf8.h"

#include "tests/support/cmocka_all.h"

#include <string.h>

static void check_next(struct slice text, size_t size, uint32_t expected)
{
    uint32_t code_point = 0;

    assert_int_equal(utf8_next(text, &code_point), size);
    assert_int_equal(code_point, expected);
}

static void reads_code_points(void **state)
{
    (void) state;
    check_next(SLICE("a"), 1, 'a');
    check_next(SLICE("\xC2\x80x"), 2, 0x80);
    check_next(SLICE("\xDF\xBF"), 2, 0x7FF);
    check_next(SLICE("\xE0\xA0\x80"), 3, 0x800);
    check_next(SLICE("\xEF\xBF\xBF"), 3, 0xFFFF);
    check_next(SLICE("\xF0\x90\x80\x80"), 4, 0x10000);
    check_next(SLICE("\xF4\x8F\xBF\xBF"), 4, 0x10FFFF);
}

static void refuses_what_is_ill_formed(void **state)
{
    (void) state;
    check_next(SLICE("\x80"), 1, UINT32_MAX);
    check_next(SLICE("\xC0\x80"), 1, UINT32_MAX);
    check_next(SLICE("\xC1\xBF"), 1, UINT32_MAX);
    check_next(SLICE("\xE0\x9F\xBF"), 1, UINT32_MAX);
    check_next(SLICE("\xED\xA0\x80"), 1, UINT32_MAX);
    check_next(SLICE("\xF0\x8F\xBF\xBF"), 1, UINT32_MAX);
    check_next(SLICE("\xF4\x90\x80\x80"), 1, UINT32_MAX);
    check_next(SLICE("\xF5\x80\x80\x80"), 1, UINT32_MAX);
    check_next(SLICE("\xE8\x8B"), 2, UINT32_MAX);
    check_next(SLICE("\xF0\x9F\x98<"), 3, UINT32_MAX);
}

static void finds_ascii_runs(void **state)
{
    char text[40];

    (void) state;
    memset(text, 'a', sizeof text);
    assert_int_equal(utf8_ascii_run(slice_of(text, sizeof text)), sizeof text);
    for (size_t i = 0; i < sizeof text; i++) {
        text[i] = (char) 0xE8;
        assert_int_equal(utf8_ascii_run(slice_of(text, sizeof text)), i);
        text[i] = 'a';
    }
    assert_int_equal(utf8_ascii_run(SLICE("")), 0);
}

static void counts_bad_places(void **state)
{
    size_t multibyte;

    (void) state;
    assert_int_equal(utf8_count_bad(SLICE("plain"), &multibyte), 0);
    assert_int_equal(multibyte, 0);
    assert_int_equal(utf8_count_bad(SLICE("苏州 \xFF\xE8 市"), &multibyte), 2);
    assert_int_equal(multibyte, 3);
    assert_int_equal(utf8_count_bad(SLICE(""), NULL), 0);
}

static void check_clean(struct slice text, const char *expected, size_t bad)
{
    struct buf out;

    buf_init(&out, 1000);
    assert_int_equal(utf8_append_clean(&out, text), bad);
    assert_string_equal(buf_text(&out), expected);
    buf_fini(&out);
}

static void repairs(void **state)
{
    (void) state;
    check_clean(SLICE("苏州"), "苏州", 0);
    check_clean(SLICE(""), "", 0);
    check_clean(SLICE("a\xFF"), "a\xEF\xBF\xBD", 1);
    check_clean(SLICE("\xE8\x8B苏\xE8"), "\xEF\xBF\xBD苏\xEF\xBF\xBD", 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_code_points), cmocka_unit_test(refuses_what_is_ill_formed),
        cmocka_unit_test(finds_ascii_runs),  cmocka_unit_test(counts_bad_places),
        cmocka_unit_test(repairs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
