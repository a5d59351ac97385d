/* url_percent: sets, decoding, normal form. */
#include "crawler/url_percent.h"

#include "tests/support/cmocka_all.h"

static struct buf out;

static const char *encoded(const char *text, enum percent_set set)
{
    buf_reset(&out);
    percent_encode(&out, slice_from(text), set);
    return buf_text(&out);
}

static const char *decoded(struct slice text)
{
    buf_reset(&out);
    percent_decode(&out, text);
    return buf_text(&out);
}

static const char *normal(const char *text)
{
    buf_reset(&out);
    percent_normalise(&out, slice_from(text));
    return buf_text(&out);
}

static const char *clean(struct slice text)
{
    buf_reset(&out);
    percent_clean(&out, text);
    return buf_text(&out);
}

static void sets(void **state)
{
    (void) state;
    assert_string_equal(encoded("a `#?'", PERCENT_FRAGMENT), "a%20%60#?'");
    assert_string_equal(encoded("a `#?'", PERCENT_QUERY), "a%20`%23?%27");
    assert_string_equal(encoded("a{}`#?^'%", PERCENT_PATH), "a%7B%7D%60%23%3F%5E'%");
    assert_string_equal(encoded("a/:;=@[\\]|", PERCENT_USERINFO), "a%2F%3A%3B%3D%40%5B%5C%5D%7C");
    assert_string_equal(encoded("a&b+c,d%$", PERCENT_COMPONENT), "a%26b%2Bc%2Cd%25%24");
    assert_string_equal(encoded("\x7F\x01苏", PERCENT_FRAGMENT), "%7F%01%E8%8B%8F");
    assert_string_equal(encoded("", PERCENT_PATH), "");
}

static void decoding(void **state)
{
    (void) state;
    assert_string_equal(decoded(SLICE("%e8%8B%8f")), "苏");
    assert_string_equal(decoded(SLICE("%zz%4%")), "%zz%4%");
    assert_string_equal(decoded(SLICE("%2541")), "%41");
    assert_string_equal(decoded(SLICE("%4")), "%4");
}

static void normal_form(void **state)
{
    (void) state;
    assert_string_equal(normal("%7e%41%2f%e5"), "~A%2F%E5");
    assert_string_equal(normal("%%34%31"), "%%341");
    assert_string_equal(normal("%4%31"), "%4%31");
    assert_string_equal(normal("%25%34%31"), "%2541");
    assert_string_equal(normal("%e"), "%e");
}

static void cleaning(void **state)
{
    (void) state;
    assert_string_equal(clean(SLICE(" \t a\n b\r\0")), "a b");
    assert_string_equal(clean(SLICE("a\xFF\t\xE8\x8B\x8F")), "a\xEF\xBF\xBD苏");
    assert_string_equal(clean(SLICE(" \n")), "");
}

static void hex_digits(void **state)
{
    (void) state;
    assert_int_equal(percent_hex('0'), 0);
    assert_int_equal(percent_hex('a'), 10);
    assert_int_equal(percent_hex('F'), 15);
    assert_int_equal(percent_hex('g'), -1);
    assert_int_equal(percent_hex('\0'), -1);
}

static int set_up(void **state)
{
    (void) state;
    buf_init(&out, 10000);
    return 0;
}

static int tear_down(void **state)
{
    (void) state;
    buf_fini(&out);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sets),     cmocka_unit_test(decoding),   cmocka_unit_test(normal_form),
        cmocka_unit_test(cleaning), cmocka_unit_test(hex_digits),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
