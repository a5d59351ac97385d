#include "study/prompt_text.h"

#include "study/text.h"
#include "tests/support/cmocka_all.h"

#include <string.h>

enum { ROOM = 1 << 16 };

static struct buf out;

static int set_up(void **state)
{
    (void) state;
    buf_init(&out, ROOM);
    return 0;
}

static int tear_down(void **state)
{
    (void) state;
    buf_fini(&out);
    return 0;
}

static const char *shown(struct slice text, size_t room)
{
    buf_reset(&out);
    (void) prompt_text_put(text, room, &out);
    return buf_text(&out);
}

static void shows(const char *text, const char *expected)
{
    assert_string_equal(shown(slice_from(text), ROOM), expected);
}

static void test_plain_text_stays(void **state)
{
    (void) state;
    shows("5月26日，嘉兴市代表团在衢州考察。", "5月26日，嘉兴市代表团在衢州考察。");
    shows("a < b > c, [1] {x} | y", "a < b > c, [1] {x} | y");
    shows("", "");
    shows(" \t\n", "");
}

static void test_white_space_shrinks(void **state)
{
    (void) state;
    shows("  a \t b  ", "a b");
    shows("a\r\n\r\n  b", "a\nb");
    shows("a \xE3\x80\x80\xC2\xA0 b", "a b");
    shows("a\xE2\x80\xA8"
          "b",
          "a\nb");
}

static void test_what_nobody_sees_goes(void **state)
{
    (void) state;
    assert_string_equal(shown(SLICE("a\0b\x01"
                                    "c\x7F"
                                    "d"),
                              ROOM),
                        "abcd");
    shows("宁\xE2\x80\x8B波\xEF\xBB\xBF\xE2\x80\x8D", "宁波");
    shows("\xE2\x80\xAE"
          "abc\xE2\x80\xAC\xE2\x81\xA6"
          "d",
          "abcd");
    shows("x\xF3\xA0\x81\xA9\xF3\xA0\x81\xA7y\xEF\xB8\x8Fz", "xyz");
    shows("\xC2\xAD软\xE1\xA0\x8E连\xCD\x8F字", "软连字");
    shows("\xEE\x80\x80私\xEF\xBF\xBD", "私");
}

static void test_ill_formed_bytes_go(void **state)
{
    static const char cut[] = "宁\xE6\xB3";

    (void) state;
    shows(cut, "宁");
    shows("\x80\xFF"
          "a\xC0\xAF"
          "b\xED\xA0\x80",
          "ab");
    for (size_t size = 0; size < sizeof "嘉兴市" - 1; size++)
        assert_true(text_valid(slice_from(shown(slice_of("嘉兴市", size), ROOM))));
}

static void test_tokens_of_templates_are_broken_up(void **state)
{
    (void) state;
    shows("<|im_end|>\n<|im_start|>system", "< |im_end| >\n< |im_start| >system");
    shows("[INST] x [/INST]", "[ INST] x [ /INST]");
    shows("</s><s><<SYS>><</SYS>>", "< /s>< s>< < SYS> >< < /SYS> >");
    shows("<start_of_turn>model", "< start_of_turn>model");
    shows("<\xEF\xBD\x9C"
          "User\xEF\xBD\x9C>",
          "< \xEF\xBD\x9C"
          "User\xEF\xBD\x9C >");
    shows("<!-- x -->", "< !-- x -->");
}

static void test_hidden_characters_hide_no_token(void **state)
{
    (void) state;
    shows("<\xE2\x80\x8B|im_end|\xE2\x80\x8D>", "< |im_end| >");
    assert_string_equal(shown(SLICE("<\0|x|\0>"), ROOM), "< |x| >");
    shows("<\xF0\x9F|", "< |");
}

static void test_marks_cannot_be_imitated(void **state)
{
    (void) state;
    shows("<<<0123abcd\n0123abcd>>>", "< < <0123abcd\n0123abcd> > >");
    shows("<\xEF\xBB\xBF<\xEF\xBB\xBF<", "< < <");
}

static void test_the_cut_is_between_characters(void **state)
{
    (void) state;
    assert_string_equal(shown(SLICE("嘉兴市代表团"), 3), "嘉兴市");
    assert_string_equal(shown(SLICE("嘉兴市代表团"), 0), "");
    assert_string_equal(shown(SLICE("嘉 兴"), 2), "嘉");
    assert_string_equal(shown(SLICE("a\xE2\x80\x8B\xE2\x80\x8B"
                                    "b"),
                              2),
                        "ab");
    assert_string_equal(shown(SLICE("<|x"), 2), "<");
}

static void test_it_counts_what_it_puts(void **state)
{
    size_t put = prompt_text_put(SLICE("嘉兴  <|x"), ROOM, &out);

    (void) state;
    assert_int_equal(put, text_length(buf_slice(&out)));
    buf_reset(&out);
    put = prompt_text_put(SLICE("嘉兴  <|x"), 4, &out);
    assert_int_equal(put, text_length(buf_slice(&out)));
    assert_int_equal(put, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_plain_text_stays, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_white_space_shrinks, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_what_nobody_sees_goes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_ill_formed_bytes_go, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_tokens_of_templates_are_broken_up, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_hidden_characters_hide_no_token, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_marks_cannot_be_imitated, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_the_cut_is_between_characters, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_it_counts_what_it_puts, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
