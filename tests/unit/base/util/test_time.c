/* civil, clock, retry, random: the small modules around time. */
#include "base/util/civil.h"
#include "base/util/clock.h"
#include "base/util/random.h"
#include "base/util/retry.h"
#include "tests/support/cmocka_all.h"

#include <string.h>

static void test_days_and_back(void **state)
{
    char text[CIVIL_TEXT_SIZE];
    int32_t last = civil_to_day((struct civil){1900, 1, 1}) - 1;

    (void) state;
    assert_int_equal(civil_to_day((struct civil){1970, 1, 1}), 0);
    assert_int_equal(civil_to_day((struct civil){2000, 3, 1}), 11017);
    for (int32_t day = last + 1; day <= civil_to_day((struct civil){2100, 12, 31}); day++) {
        struct civil date = civil_from_day(day);
        int32_t parsed;

        assert_true(civil_valid(date));
        assert_int_equal(civil_to_day(date), day);
        assert_int_equal(civil_parse(slice_from(civil_text(day, text)), &parsed, NULL), STATUS_OK);
        assert_int_equal(parsed, day);
    }
}

static void test_dates_that_are_none(void **state)
{
    static const char *const wrong[] = {"2023-02-29", "2023-13-01", "2023-1-5",   "2023-01-05 ",
                                        "1899-12-31", "2101-01-01", "2023/01/05", ""};
    int32_t day = 5;
    char text[CIVIL_TEXT_SIZE];

    (void) state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(civil_parse(slice_from(wrong[i]), &day, NULL), STATUS_INVALID);
    assert_int_equal(day, 5);
    assert_string_equal(civil_text(CIVIL_NONE, text), "");
    assert_true(civil_valid((struct civil){2024, 2, 29}));
    assert_false(civil_valid((struct civil){2100, 2, 29}));
}

static void test_days_are_those_of_shanghai(void **state)
{
    char text[CIVIL_TEXT_SIZE];

    (void) state;
    assert_string_equal(civil_text(civil_from_wall_ms(1700000000000), text), "2023-11-15");
    assert_string_equal(civil_text(civil_from_wall_ms(1699977599999), text), "2023-11-14");
    assert_string_equal(civil_text(civil_from_wall_ms(1699977600000), text), "2023-11-15");
    assert_string_equal(civil_text(civil_from_wall_ms(-8 * 3600000 - 1), text), "1969-12-31");
}

static void test_manual_clock_moves_when_told(void **state)
{
    struct clock_manual manual;

    (void) state;
    clock_manual_init(&manual, 100);
    assert_int_equal(clock_wall_ms(&manual.clock), 100);
    clock_sleep_ms(&manual.clock, 50);
    clock_manual_advance(&manual, 1);
    assert_int_equal(clock_mono_ms(&manual.clock), 151);
    assert_true(clock_mono_ms(clock_system()) <= clock_mono_ms(clock_system()));
    assert_true(clock_wall_ms(clock_system()) > 1700000000000);
}

static void test_back_off_stays_in_its_band(void **state)
{
    const struct retry_policy policy = {100, 3000, 9};

    (void) state;
    for (unsigned attempt = 0; attempt < 80; attempt++) {
        int64_t top = attempt < 5 ? 100 << attempt : 3000;
        int64_t wait = retry_wait_ms(&policy, attempt, 42);

        top = top > 3000 ? 3000 : top;
        assert_in_range(wait, top / 2, top);
        assert_int_equal(wait, retry_wait_ms(&policy, attempt, 42));
    }
    assert_int_not_equal(retry_wait_ms(&policy, 4, 1), retry_wait_ms(&policy, 4, 2));
}

static void test_random_repeats_by_seed(void **state)
{
    struct random a, b;
    unsigned hits = 0;

    (void) state;
    random_init(&a, 9);
    random_init(&b, 9);
    for (int i = 0; i < 10000; i++) {
        assert_true(random_next(&a) == random_next(&b));
        assert_in_range(random_below(&a, 7), 0, 6);
        hits += random_chance(&b, 250);
    }
    assert_in_range(hits, 2300, 2700);
    assert_int_equal(random_below(&a, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_days_and_back),
        cmocka_unit_test(test_dates_that_are_none),
        cmocka_unit_test(test_days_are_those_of_shanghai),
        cmocka_unit_test(test_manual_clock_moves_when_told),
        cmocka_unit_test(test_back_off_stays_in_its_band),
        cmocka_unit_test(test_random_repeats_by_seed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
