/* charset: labels, decoders, which declaration is believed. */
#include "crawler/charset.h"

#include "crawler/charset_sniff.h"
#include "tests/unit/crawler/suite.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* One U+FFFD. */
#define BAD "\xEF\xBF\xBD"

static void check_decode(const char *label, struct slice bytes, const char *expected, size_t bad)
{
    const struct charset *charset = charset_find(slice_from(label));
    struct buf out;
    size_t replaced = 0;

    buf_init(&out, 1 << 20);
    assert_non_null(charset);
    assert_int_equal(charset_decode(bytes, charset, &out, &replaced, NULL), STATUS_OK);
    assert_string_equal(buf_text(&out), expected);
    assert_int_equal(replaced, bad);
    buf_fini(&out);
}

#define CHECK_DECODE(label, bytes, expected, bad) check_decode(label, SLICE(bytes), expected, bad)

/* The charset a page is read in; the text goes to `text` if not NULL. */
static const char *page_charset(struct slice bytes, const char *content_type, struct buf *text,
                                size_t *replaced)
{
    struct charset_result result;
    struct buf out;

    buf_init(&out, 16 << 20);
    assert_int_equal(charset_decode_page(bytes, slice_from(content_type), &out, &result, NULL),
                     STATUS_OK);
    if (text != NULL)
        buf_append(text, buf_slice(&out));
    if (replaced != NULL)
        *replaced = result.replaced;
    buf_fini(&out);
    return charset_name(result.charset);
}

#define PAGE_CHARSET(bytes, content_type) page_charset(SLICE(bytes), content_type, NULL, NULL)

static void labels(void **state)
{
    (void) state;
    assert_string_equal(charset_name(charset_find(SLICE(" GB2312\n"))), "GBK");
    assert_string_equal(charset_name(charset_find(SLICE("Utf8"))), "UTF-8");
    assert_string_equal(charset_name(charset_find(SLICE("latin1"))), "windows-1252");
    assert_string_equal(charset_name(charset_find(SLICE("x-x-big5"))), "Big5");
    assert_null(charset_find(SLICE("utf-9")));
    assert_null(charset_find(SLICE("")));
    assert_null(charset_find(SLICE("utf-8 utf8")));
}

static void utf8(void **state)
{
    (void) state;
    CHECK_DECODE("utf-8", "a\xE8\x8B\x8F", "a苏", 0);
    CHECK_DECODE("utf-8", "\xE8\x8B<", BAD "<", 1);
    CHECK_DECODE("utf-8", "\xC0\x80\xED\xA0\x80", BAD BAD BAD BAD BAD, 5);
    CHECK_DECODE("utf-8", "\xF0\x9F\x98", BAD, 1);
    CHECK_DECODE("utf-8", "\xF0\x9F\x98\x80\xF5", "😀" BAD, 1);
    CHECK_DECODE("utf-8", "\xEF\xBB\xBFx", "x", 0);
}

static void gb18030(void **state)
{
    (void) state;
    CHECK_DECODE("gb2312", "\xCB\xD5\xD6\xDD", "苏州", 0);
    CHECK_DECODE("gbk", "\x80", "€", 0);
    CHECK_DECODE("gbk", "\xA2\xE3", "€", 0);
    CHECK_DECODE("gb18030", "\x81\x30\x81\x30", "\xC2\x80", 0);
    CHECK_DECODE("gb18030", "\x90\x30\x81\x30", "𐀀", 0);
    CHECK_DECODE("gb18030", "\xA3\xA0", "\xE3\x80\x80", 0);
    CHECK_DECODE("gbk", "\xCB<p>", BAD "<p>", 1);
    CHECK_DECODE("gbk", "\xFF\xCB\xD5\xCB", BAD "苏" BAD, 2);
    CHECK_DECODE("gb18030", "\x81\x30\x81<", BAD "0" BAD "<", 2);
    CHECK_DECODE("gb18030", "\x81\x30", BAD "0", 1);
    CHECK_DECODE("gb18030", "\xFE\x39\xFE\x39", BAD, 1);
}

static void other_encodings(void **state)
{
    (void) state;
    CHECK_DECODE("big5", "\xC4\xAC\xA6\x7B", "蘇州", 0);
    CHECK_DECODE("big5", "\xC4\xAC<\xC4", "蘇<" BAD, 1);
    CHECK_DECODE("euc-jp", "\xC6\xFC\xCB\xDC", "日本", 0);
    CHECK_DECODE("sjis", "\x93\xFA\x96\x7B\xB1", "日本ｱ", 0);
    CHECK_DECODE("euc-kr", "\xB0\xA1", "가", 0);
    CHECK_DECODE("iso-2022-jp", "\x1B$B\x46\x7C\x1B(B.", "日.", 0);
    CHECK_DECODE("windows-1252", "\x80\x81\xE9", "€\xC2\x81é", 0);
    CHECK_DECODE("iso-8859-1", "caf\xE9", "café", 0);
    CHECK_DECODE("windows-1253", "\xAA\xC1", BAD "Α", 1);
    CHECK_DECODE("koi8-r", "\xC1", "а", 0);
    CHECK_DECODE("x-user-defined", "a\x80\xFF", "a\xEF\x9E\x80\xEF\x9F\xBF", 0);
    CHECK_DECODE("utf-16le", "\xCF\x82\x3D\xD8\x00\xDEx", "苏😀" BAD, 1);
    CHECK_DECODE("utf-16be", "\x82\xCF\xDC\x00\xD8\x00\x00\x61\xD8\x00", "苏" BAD BAD "a" BAD, 3);
    CHECK_DECODE("utf-8", "\xFE\xFF\x82\xCF", "苏", 0);
    CHECK_DECODE("hz-gb-2312", "anything", BAD, 1);
    CHECK_DECODE("hz-gb-2312", "", "", 0);
}

static void declarations(void **state)
{
    size_t size;

    (void) state;
    assert_string_equal(charset_name(charset_of_content_type(SLICE("text/html; charset=GBK"))),
                        "GBK");
    assert_string_equal(
        charset_name(charset_of_content_type(SLICE("text/html;Charset = \"utf-8\" ; x"))), "UTF-8");
    assert_null(charset_of_content_type(SLICE("text/html")));
    assert_null(charset_of_content_type(SLICE("text/html; charset='gbk")));
    assert_null(charset_of_content_type(SLICE("charset charset x")));
    assert_string_equal(charset_name(charset_prescan(SLICE("<META CHARSET=gb2312>"))), "GBK");
    assert_string_equal(charset_name(charset_prescan(SLICE("<meta charset=utf-16>"))), "UTF-8");
    /* NUL ends no name, and no loop stands still at it. */
    assert_null(charset_prescan(SLICE("<meta a\0b")));
    assert_string_equal(charset_name(charset_prescan(SLICE("<meta a\0b><\0<meta charset=gbk>"))),
                        "GBK");
    assert_null(charset_prescan(SLICE("<!-- <meta charset=gbk> -->")));
    assert_null(charset_prescan(SLICE("<a title='<meta charset=gbk>'>")));
    assert_null(charset_prescan(SLICE("<meta content='text/html; charset=gbk'>")));
    assert_non_null(charset_of_bom(SLICE("\xFF\xFE"), &size));
    assert_int_equal(size, 2);
    assert_null(charset_of_bom(SLICE("\xFF"), &size));
}

static void prescan_limit(void **state)
{
    struct buf page;

    (void) state;
    buf_init(&page, 1 << 20);
    while (page.size < CHARSET_PRESCAN - 30)
        buf_putc(&page, ' ');
    buf_puts(&page, "<meta charset=gbk>");
    assert_non_null(charset_prescan(buf_slice(&page)));
    buf_reset(&page);
    while (page.size < CHARSET_PRESCAN - 10)
        buf_putc(&page, ' ');
    buf_puts(&page, "<meta charset=gbk>");
    assert_null(charset_prescan(buf_slice(&page)));
    buf_fini(&page);
}

static void believed_declaration(void **state)
{
    (void) state;
    assert_string_equal(PAGE_CHARSET("<meta charset=big5>\xC4\xAC", "text/html"), "Big5");
    assert_string_equal(PAGE_CHARSET("<meta charset=big5>\xCB\xD5", "text/html; charset=gbk"),
                        "GBK");
    assert_string_equal(PAGE_CHARSET("\xEF\xBB\xBF<meta charset=big5>", "text/html; charset=gbk"),
                        "UTF-8");
    /* Latin-1 in a header is a server's default. */
    assert_string_equal(
        PAGE_CHARSET("<meta charset=gb2312>\xCB\xD5", "text/html; charset=iso-8859-1"), "GBK");
    assert_string_equal(PAGE_CHARSET("caf\xE9", "text/html; charset=iso-8859-1"), "windows-1252");
    assert_string_equal(PAGE_CHARSET("苏州", "text/html; charset=iso-8859-1"), "UTF-8");
    assert_string_equal(PAGE_CHARSET("plain", "text/html; charset=iso-8859-1"), "windows-1252");
    assert_string_equal(PAGE_CHARSET("plain", ""), "UTF-8");
}

static void undeclared(void **state)
{
    (void) state;
    assert_string_equal(PAGE_CHARSET("<p>苏州", ""), "UTF-8");
    assert_string_equal(PAGE_CHARSET("<p>\xCB\xD5\xD6\xDD", ""), "gb18030");
    assert_string_equal(PAGE_CHARSET("<p>caf\xE9 au lait", ""), "windows-1252");
}

/* Sites lie: the bytes decide against the declaration. */
static void wrong_declaration(void **state)
{
    struct buf text;
    size_t replaced;

    (void) state;
    buf_init(&text, 1 << 20);
    assert_string_equal(PAGE_CHARSET("<meta charset=gb2312>苏州市政府代表团赴我市考察", ""),
                        "UTF-8");
    assert_string_equal(PAGE_CHARSET("<meta charset=iso-8859-1>苏州", ""), "UTF-8");
    assert_string_equal(
        page_charset(SLICE("<meta charset=utf-8>\xCB\xD5\xD6\xDD\xCA\xD0"), "", &text, &replaced),
        "gb18030");
    assert_string_equal(buf_text(&text), "<meta charset=utf-8>苏州市");
    assert_int_equal(replaced, 0);
    buf_fini(&text);
}

/* A title cut in the middle of a character does not make a page another encoding. */
static void one_bad_place(void **state)
{
    struct buf page, text;
    size_t replaced;

    (void) state;
    buf_init(&page, 1 << 20);
    buf_init(&text, 1 << 20);
    buf_puts(&page, "<meta charset=utf-8>\xE8\x8B<p>");
    for (int i = 0; i < 200; i++)
        buf_puts(&page, "苏州");
    assert_string_equal(page_charset(buf_slice(&page), "", &text, &replaced), "UTF-8");
    assert_int_equal(replaced, 1);
    assert_non_null(strstr(buf_text(&text), BAD "<p>苏州"));
    buf_fini(&page);
    buf_fini(&text);
}

static void output_limit(void **state)
{
    struct buf out;
    struct error err;
    struct charset_result result = {.replaced = 7};

    (void) state;
    buf_init(&out, 5);
    assert_int_equal(charset_decode_page(SLICE("123456"), SLICE(""), &out, &result, &err),
                     STATUS_TOO_LARGE);
    assert_int_equal(result.replaced, 7);
    buf_fini(&out);
}

static unsigned long code_point_of(struct slice text)
{
    const unsigned char *at = (const unsigned char *) text.data;

    if (text.size == 1)
        return at[0];
    if (text.size == 2)
        return (at[0] & 0x1FUL) << 6 | (at[1] & 0x3FU);
    if (text.size == 3)
        return (at[0] & 0xFUL) << 12 | (at[1] & 0x3FUL) << 6 | (at[2] & 0x3FU);
    return (at[0] & 7UL) << 18 | (at[1] & 0x3FUL) << 12 | (at[2] & 0x3FUL) << 6 | (at[3] & 0x3FU);
}

/* How many of [hex, code point] pairs are decoded otherwise. */
static size_t count_wrong(const struct json *vectors)
{
    const struct charset *charset = charset_find(SLICE("gb18030"));
    struct buf out;
    size_t wrong = 0, replaced = 0;

    buf_init(&out, 64);
    for (size_t i = 0; i < json_size(vectors); i++) {
        const struct json *pair = json_element(vectors, i);
        struct slice hex = json_text(json_element(pair, 0));
        unsigned long number = strtoul(hex.data, NULL, 16);
        char bytes[4];
        size_t size = hex.size / 2;
        for (size_t at = 0; at < size; at++)
            bytes[at] = (char) (number >> (8 * (size - 1 - at)));
        buf_reset(&out);
        assert_int_equal(charset_decode(slice_of(bytes, size), charset, &out, &replaced, NULL),
                         STATUS_OK);
        wrong +=
            code_point_of(buf_slice(&out)) != (unsigned long) json_int(json_element(pair, 1), -1);
    }
    buf_fini(&out);
    return wrong;
}

static void gb18030_suite(void **state)
{
    struct suite suite;
    const struct json *vectors;

    (void) state;
    if (!suite_open(&suite, "encoding/gb18030_vectors.json"))
        skip();
    vectors = suite_json(&suite);
    assert_int_equal(json_size(json_member(vectors, "two_byte")), 23940);
    assert_int_equal(count_wrong(json_member(vectors, "two_byte")), 0);
    assert_true(json_size(json_member(vectors, "four_byte_edges")) > 300);
    assert_int_equal(count_wrong(json_member(vectors, "four_byte_edges")), 0);
    suite_close(&suite);
}

static void check_labels_of(const struct json *encoding)
{
    const struct json *list = json_member(encoding, "labels");

    for (size_t i = 0; i < json_size(list); i++) {
        const struct charset *charset = charset_find(json_text(json_element(list, i)));
        assert_non_null(charset);
        assert_string_equal(charset_name(charset), suite_text(encoding, "name").data);
    }
}

static void label_suite(void **state)
{
    struct suite suite;
    const struct json *groups;

    (void) state;
    if (!suite_open(&suite, "encoding/encodings.json"))
        skip();
    groups = suite_json(&suite);
    assert_true(json_size(groups) >= 5);
    for (size_t g = 0; g < json_size(groups); g++) {
        const struct json *list = json_member(json_element(groups, g), "encodings");
        for (size_t i = 0; i < json_size(list); i++)
            check_labels_of(json_element(list, i));
    }
    suite_close(&suite);
}

/* "#data\n…\n#encoding\nNAME\n" again and again; returns cases, adds those missed. */
static size_t run_sniffing(struct slice rest, size_t *missed)
{
    size_t cases = 0;

    while (slice_starts(rest, SLICE("#data\n"))) {
        size_t end = slice_find(rest, SLICE("\n#encoding\n"));
        struct slice data = slice_sub(rest, 6, end - 6);
        struct slice name = slice_sub(rest, end + 11, rest.size);
        size_t mark;
        const struct charset *found = charset_of_bom(data, &mark);
        const struct charset *expected;

        name = slice_sub(name, 0, slice_find(name, SLICE("\n")));
        expected = charset_find(name);
        if (found == NULL)
            found = charset_prescan(data);
        if (found == NULL)
            found = charset_find(SLICE("windows-1252"));
        if (found != expected) {
            print_message("%.*s instead of %s: %.*s\n", SLICE_ARG(name), charset_name(found),
                          SLICE_ARG(slice_sub(data, 0, 200)));
            ++*missed;
        }
        cases++;
        rest = slice_sub(rest, end + 11 + name.size, rest.size);
        rest = slice_sub(rest, slice_find(rest, SLICE("#data\n")), rest.size);
    }
    return cases;
}

static void sniffing_suite(void **state)
{
    static const char *const files[] = {"sniffing/tests1.dat", "sniffing/tests2.dat",
                                        "sniffing/test-yahoo-jp.dat"};
    size_t cases = 0, missed = 0;

    (void) state;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct suite suite;
        if (!suite_open(&suite, files[i]))
            skip();
        cases += run_sniffing(suite.text, &missed);
        suite_close(&suite);
    }
    assert_int_equal(cases, 82);
    assert_int_equal(missed, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(labels),
        cmocka_unit_test(utf8),
        cmocka_unit_test(gb18030),
        cmocka_unit_test(other_encodings),
        cmocka_unit_test(declarations),
        cmocka_unit_test(prescan_limit),
        cmocka_unit_test(believed_declaration),
        cmocka_unit_test(undeclared),
        cmocka_unit_test(wrong_declaration),
        cmocka_unit_test(one_bad_place),
        cmocka_unit_test(output_limit),
        cmocka_unit_test(gb18030_suite),
        cmocka_unit_test(label_suite),
        cmocka_unit_test(sniffing_suite),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
