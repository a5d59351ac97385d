#include "crawler/url_state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static enum url_state walk(enum url_state state, const enum url_event *events, size_t count)
{
    for (size_t i = 0; i < count; i++)
        state = url_next(state, events[i]);
    return state;
}

#define WALK(...)                                                                                  \
    walk(URL_NEW, (const enum url_event[]){__VA_ARGS__},                                           \
         sizeof((const enum url_event[]){__VA_ARGS__}) / sizeof(enum url_event))

static void test_ways_to_the_end(void **state)
{
    (void) state;
    assert_int_equal(WALK(URL_LINK), URL_QUEUED);
    assert_int_equal(WALK(URL_LINK, URL_LEASE), URL_LEASED);
    assert_int_equal(WALK(URL_LINK, URL_LEASE, URL_DONE), URL_FINAL);
    assert_int_equal(WALK(URL_LINK, URL_LEASE, URL_RETURN), URL_QUEUED);
    assert_int_equal(WALK(URL_LINK, URL_LEASE, URL_AGAIN), URL_WAITING);
    assert_int_equal(WALK(URL_LINK, URL_LEASE, URL_AGAIN, URL_DUE), URL_QUEUED);
    assert_int_equal(WALK(URL_LINK, URL_LEASE, URL_CLOSE), URL_CLOSING);
    assert_int_equal(WALK(URL_LINK, URL_LEASE, URL_CLOSE, URL_VERDICT), URL_FINAL);
    assert_int_equal(WALK(URL_VERDICT), URL_FINAL);
}

static void test_late_words(void **state)
{
    (void) state;
    /* A result of a lease that had expired. */
    assert_int_equal(WALK(URL_LINK, URL_LEASE, URL_RETURN, URL_DONE), URL_FINAL);
    assert_int_equal(WALK(URL_LINK, URL_LEASE, URL_AGAIN, URL_DONE), URL_FINAL);
    assert_int_equal(WALK(URL_LINK, URL_CLOSE, URL_DONE), URL_FINAL);
    /* A verdict under way is not taken back. */
    assert_int_equal(WALK(URL_LINK, URL_CLOSE, URL_RETURN), URL_CLOSING);
    assert_int_equal(WALK(URL_LINK, URL_CLOSE, URL_AGAIN), URL_CLOSING);
    assert_int_equal(WALK(URL_LINK, URL_CLOSE, URL_LINK), URL_CLOSING);
    /* A second wish changes nothing. */
    assert_int_equal(WALK(URL_LINK, URL_LEASE, URL_LINK), URL_LEASED);
}

static void test_final_is_final_but_for_revive(void **state)
{
    (void) state;
    for (int event = 0; event < URL_EVENTS; event++)
        assert_int_equal(url_next(URL_FINAL, (enum url_event) event),
                         event == URL_REVIVE ? URL_QUEUED : URL_FINAL);
}

static void test_nothing_but_lease_leads_to_leased(void **state)
{
    (void) state;
    for (int from = 0; from < URL_STATES; from++)
        for (int event = 0; event < URL_EVENTS; event++)
            if (from != URL_LEASED && event != URL_LEASE)
                assert_int_not_equal(url_next((enum url_state) from, (enum url_event) event),
                                     URL_LEASED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ways_to_the_end),
        cmocka_unit_test(test_late_words),
        cmocka_unit_test(test_final_is_final_but_for_revive),
        cmocka_unit_test(test_nothing_but_lease_leads_to_leased),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
