#include "study/encode.h"

#include "tests/support/cmocka_all.h"

#include <string.h>

static struct buf out;
static struct error err;

static int set_up(void **state)
{
    (void) state;
    buf_init(&out, 1000);
    return 0;
}

static int tear_down(void **state)
{
    (void) state;
    buf_fini(&out);
    return 0;
}

static void test_known_charsets(void **state)
{
    (void) state;
    assert_true(encode_known(SLICE("utf-8")));
    assert_true(encode_known(SLICE("UTF8")));
    assert_true(encode_known(SLICE("gbk")));
    assert_true(encode_known(SLICE("GB18030")));
    assert_true(encode_known(SLICE("big5")));
    assert_false(encode_known(SLICE("utf-16")));
    assert_false(encode_known(SLICE("nonsense")));
    assert_false(encode_known(SLICE("")) && encode_known(SLICE("nonsense")));
    assert_false(encode_known(SLICE("a-name-that-is-much-longer-than-any-charset")));
}

static void test_charsets(void **state)
{
    (void) state;
    assert_int_equal(encode_charset(SLICE("苏州a"), SLICE("gbk"), &out, &err), STATUS_OK);
    assert_string_equal(buf_text(&out), "\xCB\xD5\xD6\xDD"
                                        "a");
    buf_reset(&out);
    assert_int_equal(encode_charset(SLICE("苏州"), SLICE("utf-8"), &out, &err), STATUS_OK);
    assert_string_equal(buf_text(&out), "苏州");
    buf_reset(&out);
    assert_int_equal(encode_charset(SLICE(""), SLICE("gbk"), &out, &err), STATUS_OK);
    assert_int_equal(out.size, 0);
}

static void test_characters_a_charset_lacks(void **state)
{
    (void) state;
    assert_int_equal(encode_charset(SLICE("😀"), SLICE("gbk"), &out, &err), STATUS_INVALID);
    assert_string_equal(err.message, "'😀' cannot be written in gbk");
    assert_int_equal(out.size, 0);
    assert_int_equal(encode_charset(SLICE("\xE4\xB8"), SLICE("gbk"), &out, &err), STATUS_INVALID);
    assert_int_equal(encode_charset(SLICE("a"), SLICE("none"), &out, &err), STATUS_UNSUPPORTED);
}

static void test_percent(void **state)
{
    (void) state;
    encode_percent(SLICE("苏 a-._~/?&=+%"), "", &out);
    assert_string_equal(buf_text(&out), "%E8%8B%8F%20a-._~%2F%3F%26%3D%2B%25");
    buf_reset(&out);
    encode_percent(SLICE("a/b c"), "/", &out);
    assert_string_equal(buf_text(&out), "a/b%20c");
    buf_reset(&out);
    encode_percent(slice_of("\0", 1), "/", &out);
    assert_string_equal(buf_text(&out), "%00");
}

static void test_base64(void **state)
{
    static const struct {
        const char *from;
        const char *to;
    } cases[] = {{"", ""},
                 {"f", "Zg=="},
                 {"fo", "Zm8="},
                 {"foo", "Zm9v"},
                 {"foob", "Zm9vYg=="},
                 {"fooba", "Zm9vYmE="},
                 {"foobar", "Zm9vYmFy"},
                 {"苏州", "6IuP5bee"}};

    (void) state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        buf_reset(&out);
        encode_base64(slice_from(cases[i].from), &out);
        assert_string_equal(out.size == 0 ? "" : buf_text(&out), cases[i].to);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_charsets),
        cmocka_unit_test_setup_teardown(test_charsets, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_characters_a_charset_lacks, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_percent, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_base64, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
