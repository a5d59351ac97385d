#include "study/text.h"

#include "tests/support/cmocka_all.h"

#include <string.h>

static void test_validity(void **state)
{
    static const char *const good[] = {"", "a", "é", "中", "😀", "\xEF\xBF\xBD", NULL};
    static const char *const bad[] = {"\x80",         "\xC0\x80", "\xE4\xB8",
                                      "\xED\xA0\x80", "\xF5\x80", "\xF4\x90\x80\x80",
                                      "\xE0\x80\x80", "a\xFFz",   NULL};

    (void) state;
    for (size_t i = 0; good[i] != NULL; i++)
        assert_true(text_valid(slice_from(good[i])));
    for (size_t i = 0; bad[i] != NULL; i++)
        assert_false(text_valid(slice_from(bad[i])));
}

static void test_walking_both_ways(void **state)
{
    struct slice text = SLICE("a中\xE4\xB8😀");
    static const uint32_t expected[] = {'a', 0x4E2D, TEXT_REPLACEMENT, TEXT_REPLACEMENT, 0x1F600};
    uint32_t c;
    size_t at = 0;

    (void) state;
    for (size_t i = 0; i < 5; i++) {
        assert_true(text_next(text, &at, &c));
        assert_int_equal(c, expected[i]);
    }
    assert_false(text_next(text, &at, &c));
    assert_int_equal(at, text.size);
    for (size_t i = 5; i-- > 0;) {
        assert_true(text_previous(text, &at, &c));
        assert_int_equal(c, expected[i]);
    }
    assert_int_equal(at, 0);
    assert_false(text_previous(text, &at, &c));
    assert_int_equal(text_length(text), 5);
}

static void test_kinds_of_characters(void **state)
{
    static const uint32_t spaces[] = {' ', '\t', '\n', 0xA0, 0x3000, 0x2003, 0x2028, 0x85, 0x1C};

    (void) state;
    for (size_t i = 0; i < sizeof spaces / sizeof *spaces; i++)
        assert_true(text_is_space(spaces[i]));
    assert_false(text_is_space(0x200B)); /* invisible, but no white space to Unicode */
    assert_false(text_is_space('a'));
    assert_true(text_is_han(0x4E2D));
    assert_false(text_is_han('a'));
    assert_true(text_is_blank(SLICE(" \n\t　 ")));
    assert_true(text_is_blank(SLICE("")));
    assert_false(text_is_blank(SLICE(" x")));
}

static void check_normal(struct slice from, const char *to)
{
    struct buf out;

    buf_init(&out, 1000);
    text_normalise(from, &out);
    assert_string_equal(buf_text(&out), to);
    buf_fini(&out);
}

static void test_normal_form(void **state)
{
    (void) state;
    check_normal(SLICE("　２０２３年５月８日，ＡＢｃ（苏州）"), "2023年5月8日,ABc(苏州)");
    check_normal(SLICE("a \n\t　b  "), "a b");
    check_normal(SLICE("苏\xE2\x80\x8B州\xEF\xBB\xBF市\xE2\x80\xAE"), "苏州市");
    check_normal(SLICE("“引号”、《书名》。"), "“引号”、《书名》。");
    check_normal(SLICE("bad\xFF"), "bad\xEF\xBF\xBD");
    check_normal(SLICE("a\x01\x7F b"), "a b");
    check_normal(SLICE(""), "");
}

static void test_fingerprint(void **state)
{
    struct id id = text_fingerprint(SLICE("标题"), SLICE("正文 一"));

    (void) state;
    assert_true(id_equal(id, text_fingerprint(SLICE("标 题\n"), SLICE("正\xC2\xA0文　一\r\n"))));
    assert_true(id_equal(id, text_fingerprint(SLICE("标"), SLICE("题正文一"))));
    assert_false(id_equal(id, text_fingerprint(SLICE("标题"), SLICE("正文二"))));
    assert_false(id_equal(id, text_fingerprint(SLICE("标题"), SLICE("正文\xE2\x80\x8B一"))));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_validity),
        cmocka_unit_test(test_walking_both_ways),
        cmocka_unit_test(test_kinds_of_characters),
        cmocka_unit_test(test_normal_form),
        cmocka_unit_test(test_fingerprint),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
