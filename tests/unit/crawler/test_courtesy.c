#include "crawler/courtesy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_batch(void **state)
{
    (void) state;
    assert_int_equal(courtesy_batch(1000, 0), 2);
    assert_int_equal(courtesy_batch(1000, 900), 1);
    assert_int_equal(courtesy_batch(60000, 0), 1);
    assert_int_equal(courtesy_batch(20, 5), COURTESY_K_MAX);
    assert_int_equal(courtesy_batch(0, 0), COURTESY_K_MAX);
    assert_int_equal(courtesy_batch(100, 100), 10);
}

static void test_first_lease_may_begin_at_once(void **state)
{
    struct courtesy_plan plan = {
        .now_ms = 1000000, .delay_ms = 5000, .timeout_ms = 30000, .count = 1};
    struct courtesy_lease lease = courtesy_lease(&plan);

    (void) state;
    assert_int_equal(lease.not_before_ms, 1000000);
    assert_int_equal(lease.expires_ms, 1000000 + COURTESY_SLACK_MS);
    assert_int_equal(lease.free_ms, lease.expires_ms + 30000 + COURTESY_SKEW_MS);
}

/* Times are cut to milliseconds, so one more must pass for the delay to be whole. */
static void test_delay_counts_from_the_end(void **state)
{
    struct courtesy_plan plan = {
        .now_ms = 1000000, .ended_ms = 999900, .delay_ms = 5000, .timeout_ms = 30000, .count = 2};

    (void) state;
    assert_int_equal(courtesy_lease(&plan).not_before_ms, 999900 + 5001);
    plan.ended_ms = 1;
    assert_int_equal(courtesy_lease(&plan).not_before_ms, 1000000);
}

static void test_no_lease_lives_long(void **state)
{
    (void) state;
    for (int64_t delay = 0; delay < 100000; delay = delay * 2 + 7)
        for (int64_t average = 0; average < 40000; average = average * 3 + 5) {
            struct courtesy_plan plan = {.now_ms = 1000000,
                                         .ended_ms = 1000000 - delay,
                                         .delay_ms = delay,
                                         .average_ms = average,
                                         .timeout_ms = 1,
                                         .count = courtesy_batch(delay, average)};
            struct courtesy_lease lease = courtesy_lease(&plan);
            assert_true(lease.expires_ms > lease.not_before_ms);
            assert_true(lease.expires_ms <= 1000000 + COURTESY_LEASE_MS);
        }
}

static void test_retry_doubles_and_is_the_same_everywhere(void **state)
{
    struct id id = {{1, 2, 3}}, other = {{9, 9, 9}};

    (void) state;
    for (unsigned attempts = 1; attempts < 6; attempts++) {
        int64_t wait = courtesy_retry_ms(0, 1000, attempts, id);
        assert_in_range(wait, (5000 << attempts) / 2, 5000 << attempts);
        assert_int_equal(wait, courtesy_retry_ms(0, 1000, attempts, id));
    }
    assert_int_not_equal(courtesy_retry_ms(0, 60000, 1, id), courtesy_retry_ms(0, 60000, 1, other));
    /* A test farm with a delay of nothing still rests a little; nobody waits for ever. */
    assert_in_range(courtesy_retry_ms(0, 0, 1, id), 500, 1000);
    assert_true(courtesy_retry_ms(0, 1000, 40, id) <= 30 * 60 * 1000);
}

static void test_pause_is_longer_when_blocked(void **state)
{
    (void) state;
    assert_in_range(courtesy_pause_ms(1000, 1000, 1, false), 1000 + 5000, 1000 + 10000);
    assert_in_range(courtesy_pause_ms(1000, 1000, 1, true), 1000 + 150000, 1000 + 300000);
    assert_in_range(courtesy_pause_ms(0, 20, 2, true), 6000, 12000);
    assert_true(courtesy_pause_ms(0, 3600000, 50, true) <= COURTESY_PAUSE_MAX_MS);
}

static void test_average(void **state)
{
    int64_t average = 0;

    (void) state;
    for (int i = 0; i < 100; i++)
        average = courtesy_average(average, 900);
    assert_in_range(average, 880, 900);
    assert_int_equal(courtesy_average(0, -5), 0); /* a clock set back */
    assert_true(courtesy_average(0, INT64_MAX) <= COURTESY_LEASE_MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_batch),
        cmocka_unit_test(test_first_lease_may_begin_at_once),
        cmocka_unit_test(test_delay_counts_from_the_end),
        cmocka_unit_test(test_no_lease_lives_long),
        cmocka_unit_test(test_retry_doubles_and_is_the_same_everywhere),
        cmocka_unit_test(test_pause_is_longer_when_blocked),
        cmocka_unit_test(test_average),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
