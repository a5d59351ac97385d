#include "base/http/retry_after.h"

#include "tests/support/cmocka_all.h"

static const int64_t now = 784111777000; /* Sun, 06 Nov 1994 08:49:37 GMT */

static void test_seconds(void **state)
{
    (void) state;
    assert_int_equal(retry_after_ms(SLICE("120"), now), 120000);
    assert_int_equal(retry_after_ms(SLICE("0"), now), 0);
    assert_int_equal(retry_after_ms(SLICE("-5"), now), 0);
    assert_int_equal(retry_after_ms(SLICE("1.5"), now), 0);
    assert_int_equal(retry_after_ms(SLICE("99999999999999999999"), now), 0);
}

static void test_dates(void **state)
{
    (void) state;
    assert_int_equal(retry_after_ms(SLICE("Sun, 06 Nov 1994 08:50:37 GMT"), now), 60000);
    assert_int_equal(retry_after_ms(SLICE("Mon, 07 Nov 1994 08:49:37 GMT"), now), 86400000);
    assert_int_equal(retry_after_ms(SLICE("Sun, 06 Nov 1994 08:40:00 GMT"), now), 0);
}

static void test_what_is_no_date(void **state)
{
    static const char *const texts[] = {
        "",
        "soon",
        "Sun, 31 Feb 1994 08:40:00 GMT",
        "Sun, 06 ovD 1994 08:50:37 GMT",
        "Sun, 06 Nov 1994 24:50:37 GMT",
        "Sun, 06 Nov 1994 08:50:37 CST",
        "Sun, 06 Nov 1994 08:50:37 GMT ",
        "Sunday, 06-Nov-94 08:50:37 GMT",
    };

    (void) state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_int_equal(retry_after_ms(slice_from(texts[i]), now), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_seconds),
        cmocka_unit_test(test_dates),
        cmocka_unit_test(test_what_is_no_date),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
