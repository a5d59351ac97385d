#include "extractor/rows.h"
#include "tests/support/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char path[] = "/tmp/xunfang-test-rows-XXXXXX";
static char seen[128];
static struct error err;

static enum status on_row(void *self, struct slice line, struct error *row_err)
{
    (void) self;
    if (slice_equal(line, SLICE("bad")))
        return error_set(row_err, STATUS_INVALID, "no such row");
    strncat(seen, line.data, line.size);
    strncat(seen, ";", 1);
    return STATUS_OK;
}

static enum status read_text(const char *text, size_t limit)
{
    const struct rows_handler handler = {.on_row = on_row};
    FILE *file = fopen(path, "wb");
    char *bytes = NULL;
    enum status status;

    assert_non_null(file);
    assert_int_equal(fputs(text, file) >= 0, 1);
    (void) fclose(file);
    seen[0] = '\0';
    status = rows_read(path, limit, &handler, &bytes, &err);
    free(bytes);
    return status;
}

static void test_header_comments_and_empty_lines_are_skipped(void **state)
{
    (void) state;
    assert_int_equal(read_text("# about\n\nname\tvalue\na\t1\n# more\n\nb\t2", 100), STATUS_OK);
    assert_string_equal(seen, "a\t1;b\t2;");
    assert_int_equal(read_text("", 100), STATUS_OK);
    assert_string_equal(seen, "");
}

static void test_a_bad_row_is_named_with_its_line(void **state)
{
    (void) state;
    assert_int_equal(read_text("head\na\n#\nbad\nb\n", 100), STATUS_INVALID);
    assert_non_null(strstr(err.message, path));
    assert_non_null(strstr(err.message, ": line 4: no such row"));
    assert_string_equal(seen, "a;");
}

static void test_limits_and_missing_files(void **state)
{
    const struct rows_handler handler = {.on_row = on_row};
    char *bytes = NULL;

    (void) state;
    assert_int_equal(read_text("12345\n789", 9), STATUS_OK);
    assert_int_equal(read_text("12345\n7890", 9), STATUS_INVALID);
    assert_non_null(strstr(err.message, "too large"));
    assert_int_equal(rows_read("/nonexistent/table.tsv", 9, &handler, &bytes, &err),
                     STATUS_NOT_FOUND);
    assert_string_equal(err.message, "cannot open /nonexistent/table.tsv");
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_header_comments_and_empty_lines_are_skipped),
        cmocka_unit_test(test_a_bad_row_is_named_with_its_line),
        cmocka_unit_test(test_limits_and_missing_files),
    };
    int file = mkstemp(path);
    int failed;

    if (file < 0)
        return 1;
    (void) close(file);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    (void) unlink(path);
    return failed;
}
