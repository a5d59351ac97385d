#include "study/lines.h"

#include "tests/support/cmocka_all.h"

#include <stdlib.h>
#include <string.h>

static struct error err;

static FILE *open_text(const char *text)
{
    return fmemopen((char *) text, strlen(text), "r");
}

static void expect(struct lines_reader *reader, const char *want)
{
    struct slice line;

    assert_int_equal(lines_next(reader, &line, &err), STATUS_OK);
    assert_true(slice_equal(line, slice_from(want)));
}

static void test_lines(void **state)
{
    FILE *file = open_text("a\n\n  b \r\nlast");
    struct lines_reader reader;
    struct slice line;

    (void) state;
    lines_open(&reader, file, 100);
    expect(&reader, "a");
    expect(&reader, "");
    expect(&reader, "b");
    assert_int_equal(reader.number, 3);
    expect(&reader, "last");
    assert_int_equal(lines_next(&reader, &line, &err), STATUS_NOT_FOUND);
    assert_int_equal(reader.number, 4);
    lines_close(&reader);
    fclose(file);
}

static void test_long_line_is_skipped(void **state)
{
    char *text = malloc(50002);
    struct lines_reader reader;
    struct slice line;
    FILE *file;

    (void) state;
    memset(text, 'x', 50001);
    memcpy(text + 49999, "\nb", 3);
    file = open_text(text);
    lines_open(&reader, file, 40000);
    assert_int_equal(lines_next(&reader, &line, &err), STATUS_TOO_LARGE);
    assert_non_null(strstr(err.message, "40000"));
    expect(&reader, "b");
    assert_int_equal(reader.number, 2);
    lines_close(&reader);
    fclose(file);
    free(text);
}

static void test_line_of_many_chunks(void **state)
{
    char *text = malloc(50001);
    struct lines_reader reader;
    FILE *file;

    (void) state;
    memset(text, 'x', 50000);
    text[50000] = '\0';
    file = open_text(text);
    lines_open(&reader, file, 60000);
    expect(&reader, text);
    lines_close(&reader);
    lines_close(&reader);
    fclose(file);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_long_line_is_skipped),
        cmocka_unit_test(test_line_of_many_chunks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
