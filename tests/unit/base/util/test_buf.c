#include "base/util/buf.h"
#include "tests/support/cmocka_all.h"

#include <stdlib.h>
#include <string.h>

static void test_grows_up_to_its_limit_and_no_further(void **state)
{
    struct buf buf;
    struct error err;

    (void) state;
    buf_init(&buf, 100);
    for (int i = 0; i < 100; i++)
        buf_putc(&buf, 'x');
    assert_int_equal(buf_status(&buf, &err), STATUS_OK);
    assert_int_equal(strlen(buf_text(&buf)), 100);
    buf_putc(&buf, 'y');
    assert_int_equal(buf_status(&buf, &err), STATUS_TOO_LARGE);
    assert_string_equal(err.message, "buffer of 100 bytes, limit 100: over its limit");
    buf_puts(&buf, "");
    assert_int_equal(buf.size, 100);
    buf_reset(&buf);
    buf_puts(&buf, "again");
    assert_int_equal(buf_status(&buf, &err), STATUS_OK);
    assert_string_equal(buf_text(&buf), "again");
    buf_fini(&buf);
    buf_fini(&buf);
}

static void test_an_append_that_does_not_fit_leaves_nothing(void **state)
{
    struct buf buf;

    (void) state;
    buf_init(&buf, 4);
    buf_puts(&buf, "abc");
    buf_puts(&buf, "de");
    assert_int_equal(buf.size, 3);
    buf_puts(&buf, "f"); /* sticky: it would fit */
    assert_int_equal(buf.size, 3);
    assert_null(buf_take(&buf, NULL));
    buf_fini(&buf);
}

static void test_printf_and_bytes(void **state)
{
    struct buf buf;

    (void) state;
    buf_init(&buf, 1000);
    assert_string_equal(buf_text(&buf), "");
    buf_printf(&buf, "%d-%s", 5, "x");
    buf_append(&buf, slice_of("a\0b", 3));
    assert_int_equal(buf.size, 6);
    assert_memory_equal(buf.data, "5-xa\0b", 7);
    buf_truncate(&buf, 3);
    buf_truncate(&buf, 100);
    assert_string_equal(buf_text(&buf), "5-x");
    buf_fini(&buf);
}

static void test_utf8(void **state)
{
    struct buf buf;

    (void) state;
    buf_init(&buf, 100);
    buf_put_utf8(&buf, 'a');
    buf_put_utf8(&buf, 0xE9);
    buf_put_utf8(&buf, 0x82CF);
    buf_put_utf8(&buf, 0x20000);
    buf_put_utf8(&buf, 0xD800);
    buf_put_utf8(&buf, 0x110000);
    assert_string_equal(buf_text(&buf), "aé苏\xF0\xA0\x80\x80\xEF\xBF\xBD\xEF\xBF\xBD");
    buf_fini(&buf);
}

static void test_take_hands_over(void **state)
{
    struct buf buf;
    size_t size = 0;
    char *data;

    (void) state;
    buf_init(&buf, 100);
    buf_puts(&buf, "mine");
    data = buf_take(&buf, &size);
    assert_int_equal(size, 4);
    assert_string_equal(data, "mine");
    assert_int_equal(buf.size, 0);
    buf_puts(&buf, "new");
    assert_string_equal(data, "mine");
    free(data);
    buf_fini(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_grows_up_to_its_limit_and_no_further),
        cmocka_unit_test(test_an_append_that_does_not_fit_leaves_nothing),
        cmocka_unit_test(test_printf_and_bytes),
        cmocka_unit_test(test_utf8),
        cmocka_unit_test(test_take_hands_over),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
