#include "base/llm/breaker.h"

#include "tests/support/cmocka_all.h"

static struct breaker closed(void)
{
    struct breaker breaker;

    breaker_init(&breaker);
    return breaker;
}

static struct breaker opened(int64_t now)
{
    struct breaker breaker = closed();

    for (int i = 0; i < BREAKER_TRIPS; i++)
        breaker_failed(&breaker, now, false);
    return breaker;
}

static void test_closed(void **state)
{
    struct breaker breaker = closed();

    (void) state;
    assert_int_equal(breaker_state(&breaker, 0), BREAKER_CLOSED);
    assert_true(breaker_allows(&breaker, 0));
    assert_false(breaker_sent(&breaker));
    assert_int_equal(breaker_next_ms(&breaker, 77), 77);
}

static void test_away(void **state)
{
    struct breaker breaker = closed();

    (void) state;
    breaker_failed(&breaker, 100, false);
    assert_int_equal(breaker_away_ms(&breaker, 500), 0);
    breaker_answered(&breaker);
    for (int i = 0; i < BREAKER_TRIPS; i++)
        breaker_failed(&breaker, 1000 + i, false);
    assert_int_equal(breaker_away_ms(&breaker, 5000), 4000);
    breaker_answered(&breaker);
    assert_int_equal(breaker_away_ms(&breaker, 6000), 0);
}

static void test_trips_only_in_a_row(void **state)
{
    struct breaker breaker = closed();

    (void) state;
    for (int i = 0; i < 10 * BREAKER_TRIPS; i++) {
        breaker_failed(&breaker, i, false);
        if (i % (BREAKER_TRIPS - 1) == BREAKER_TRIPS - 2)
            breaker_answered(&breaker);
        assert_true(breaker_allows(&breaker, i));
    }
    breaker_answered(&breaker);
    for (int i = 0; i < BREAKER_TRIPS; i++) {
        assert_true(breaker_allows(&breaker, 100));
        breaker_failed(&breaker, 100, false);
    }
    assert_false(breaker_allows(&breaker, 100));
    assert_int_equal(breaker_state(&breaker, 100), BREAKER_OPEN);
}

static void test_one_probe(void **state)
{
    struct breaker breaker = opened(1000);

    (void) state;
    assert_int_equal(breaker_next_ms(&breaker, 1000), 1000 + BREAKER_FIRST_MS);
    assert_false(breaker_allows(&breaker, 1000 + BREAKER_FIRST_MS - 1));
    assert_true(breaker_allows(&breaker, 1000 + BREAKER_FIRST_MS));
    assert_int_equal(breaker_state(&breaker, 1000 + BREAKER_FIRST_MS), BREAKER_HALF_OPEN);
    assert_true(breaker_sent(&breaker));
    assert_false(breaker_allows(&breaker, 99999));
    assert_int_equal(breaker_next_ms(&breaker, 99999), INT64_MAX);
    breaker_answered(&breaker);
    assert_true(breaker_allows(&breaker, 99999));
    assert_false(breaker_sent(&breaker));
}

static void test_wait_grows_to_its_limit(void **state)
{
    struct breaker breaker = opened(0);
    int64_t now = 0, wait = BREAKER_FIRST_MS;

    (void) state;
    for (int i = 0; i < 20; i++) {
        assert_int_equal(breaker_next_ms(&breaker, now), now + wait);
        now += wait;
        assert_true(breaker_sent(&breaker));
        breaker_failed(&breaker, now, true);
        wait = 2 * wait < BREAKER_MOST_MS ? 2 * wait : BREAKER_MOST_MS;
    }
    assert_int_equal(wait, BREAKER_MOST_MS);
    /* An answer makes it forget how bad it was. */
    breaker_answered(&breaker);
    for (int i = 0; i < BREAKER_TRIPS; i++)
        breaker_failed(&breaker, now, false);
    assert_int_equal(breaker_next_ms(&breaker, now), now + BREAKER_FIRST_MS);
}

static void test_stragglers(void **state)
{
    struct breaker breaker = opened(0);

    (void) state;
    /* Thirty more that were sent before. */
    for (int i = 0; i < 30; i++)
        breaker_failed(&breaker, 500, false);
    assert_int_equal(breaker_next_ms(&breaker, 500), BREAKER_FIRST_MS);
    assert_true(breaker_sent(&breaker));
    breaker_failed(&breaker, BREAKER_FIRST_MS, false);
    assert_int_equal(breaker_next_ms(&breaker, BREAKER_FIRST_MS), INT64_MAX);
    /* An old question is answered after all, and the probe fails later: one failure, no more. */
    breaker_answered(&breaker);
    breaker_failed(&breaker, 2000, true);
    assert_true(breaker_allows(&breaker, 2000));
}

static void test_forgotten_probe(void **state)
{
    struct breaker breaker = opened(0);

    (void) state;
    assert_true(breaker_sent(&breaker));
    breaker_forgot(&breaker, false);
    assert_false(breaker_allows(&breaker, 5000));
    breaker_forgot(&breaker, true);
    assert_true(breaker_allows(&breaker, 5000));
    assert_true(breaker_sent(&breaker));
}

static void test_pause(void **state)
{
    struct breaker breaker = closed();

    (void) state;
    breaker_pause(&breaker, 1000, 7000);
    assert_int_equal(breaker_state(&breaker, 1000), BREAKER_CLOSED);
    assert_false(breaker_allows(&breaker, 7999));
    assert_true(breaker_allows(&breaker, 8000));
    /* A shorter one behind it takes nothing back, an answer neither. */
    breaker_pause(&breaker, 1000, 10);
    breaker_answered(&breaker);
    assert_int_equal(breaker_next_ms(&breaker, 2000), 8000);
    breaker_pause(&breaker, 1000, INT64_MAX / 2);
    assert_int_equal(breaker_next_ms(&breaker, 2000), 1000 + BREAKER_PAUSE_MOST_MS);
}

static void test_pause_while_open(void **state)
{
    struct breaker breaker = opened(0);

    (void) state;
    breaker_pause(&breaker, 0, 5000);
    assert_int_equal(breaker_next_ms(&breaker, 0), 5000);
    assert_false(breaker_allows(&breaker, BREAKER_FIRST_MS));
    assert_true(breaker_allows(&breaker, 5000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_closed),
        cmocka_unit_test(test_away),     cmocka_unit_test(test_trips_only_in_a_row),
        cmocka_unit_test(test_one_probe),  cmocka_unit_test(test_wait_grows_to_its_limit),
        cmocka_unit_test(test_stragglers), cmocka_unit_test(test_forgotten_probe),
        cmocka_unit_test(test_pause),      cmocka_unit_test(test_pause_while_open),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
