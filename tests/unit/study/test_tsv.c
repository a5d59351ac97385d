#include "study/tsv.h"

#include "tests/support/cmocka_all.h"

#include <stdio.h>
#include <string.h>

static char text[8192];
static struct tsv tsv;
static struct error err;

static enum status open_text(const char *content, char separator)
{
    (void) snprintf(text, sizeof text, "%s", content);
    return tsv_open(&tsv, slice_from(text), separator, "x.tsv", &err);
}

static void test_rows(void **state)
{
    size_t column = 9;
    bool more;

    (void) state;
    assert_int_equal(open_text("# about\ncode\tname\n\n1\t苏州\r\n# remark\n2\t\n3\tlast", '\t'),
                     STATUS_OK);
    assert_int_equal(tsv_column(&tsv, "name", &column, &err), STATUS_OK);
    assert_int_equal(column, 1);
    assert_true(tsv_rows(&tsv) >= 3);
    assert_int_equal(tsv_next(&tsv, &more, &err), STATUS_OK);
    assert_true(more);
    assert_string_equal(tsv.cells[1].data, "苏州");
    assert_int_equal(tsv.line, 4);
    assert_int_equal(tsv_next(&tsv, &more, &err), STATUS_OK);
    assert_int_equal(tsv.cells[1].size, 0);
    assert_int_equal(tsv_next(&tsv, &more, &err), STATUS_OK);
    assert_string_equal(tsv.cells[1].data, "last");
    assert_int_equal(tsv_next(&tsv, &more, &err), STATUS_OK);
    assert_false(more);
    assert_int_equal(tsv_next(&tsv, &more, &err), STATUS_OK);
    assert_false(more);
}

static void test_commas_and_byte_order_mark(void **state)
{
    bool more;

    (void) state;
    assert_int_equal(open_text("\xEF\xBB\xBF"
                               "a,b\n1,2\n",
                               ','),
                     STATUS_OK);
    assert_string_equal(tsv.names[0].data, "a");
    assert_int_equal(tsv_next(&tsv, &more, &err), STATUS_OK);
    assert_string_equal(tsv.cells[1].data, "2");
}

static void test_errors(void **state)
{
    size_t column;
    bool more;

    (void) state;
    assert_int_equal(open_text("", '\t'), STATUS_INVALID);
    assert_string_equal(err.message, "x.tsv: is empty (a header line is needed)");
    assert_int_equal(open_text("a\tb\n1\n", '\t'), STATUS_OK);
    assert_int_equal(tsv_column(&tsv, "c", &column, &err), STATUS_INVALID);
    assert_string_equal(err.message, "x.tsv:1: column 'c' is missing");
    assert_int_equal(tsv_next(&tsv, &more, &err), STATUS_INVALID);
    assert_string_equal(err.message, "x.tsv:2: has 1 columns, the header has 2");
    memcpy(text, "a\0b", 4);
    assert_int_equal(tsv_open(&tsv, slice_of(text, 3), '\t', "x.tsv", &err), STATUS_INVALID);
    assert_non_null(strstr(err.message, "is no text"));
}

static void test_too_many_columns(void **state)
{
    bool more;

    (void) state;
    memset(text, '\t', TSV_COLUMNS_MAX);
    text[TSV_COLUMNS_MAX] = 0;
    assert_int_equal(tsv_open(&tsv, slice_from(text), '\t', "x.tsv", &err), STATUS_TOO_LARGE);
    assert_int_equal(open_text("a\n\t\t\n", '\t'), STATUS_OK);
    assert_int_equal(tsv_next(&tsv, &more, &err), STATUS_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_commas_and_byte_order_mark),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_too_many_columns),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
