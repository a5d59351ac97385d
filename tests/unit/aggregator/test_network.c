#include "tests/unit/aggregator/fixture.h"

static uint64_t count(const struct results *results, const struct network_filter *filter)
{
    uint64_t taken = 0;

    for (size_t i = 0; i < events_count(&results->events); i++)
        taken += network_takes(results->dataset, events_at(&results->events, i), filter);
    return taken;
}

static void filters_let_their_part_through(void **state)
{
    struct results results;

    (void) state;
    fixture_results(fixture_dataset(fixture_story, FIXTURE_STORY), &results);
    assert_int_equal(count(&results, &(struct network_filter){.kind = NETWORK_ALL}), 6);
    assert_int_equal(count(&results, &(struct network_filter){.kind = NETWORK_COOPERATIVE}), 4);
    /* One purpose is unknown: in neither of the two. */
    assert_int_equal(count(&results, &(struct network_filter){.kind = NETWORK_LEARNING}), 1);
    assert_int_equal(count(&results, &(struct network_filter){.year = 2018}), 2);
    assert_int_equal(count(&results, &(struct network_filter){.theme = SLICE("经济发展")}), 5);
    assert_int_equal(count(&results, &(struct network_filter){.theme = SLICE("经济")}), 0);
    assert_int_equal(count(&results, &(struct network_filter){.level = SLICE("deputy")}), 3);
    assert_int_equal(count(&results, &(struct network_filter){.level = SLICE("")}), 1);
    assert_int_equal(count(&results, &(struct network_filter){.reporters = REPORTER_HOST}), 1);
    assert_int_equal(
        count(&results, &(struct network_filter){.theme = SLICE("经济发展"), .year = 2018}), 2);
    results_fini(&results);
}

static void matrix_keeps_directions(void **state)
{
    struct results results;
    const struct network *all = &results.networks[NETWORK_ALL];

    (void) state;
    fixture_results(fixture_dataset(fixture_story, FIXTURE_STORY), &results);
    assert_int_equal(network_visits(all, SHANGHAI, NANJING), 2);
    assert_int_equal(network_visits(all, NANJING, SHANGHAI), 1);
    assert_int_equal(network_visits(all, HEFEI, SUZHOU), 1);
    assert_int_equal(network_visits(all, SUZHOU, HEFEI), 1);
    assert_int_equal(network_visits(all, SHANGHAI, HEFEI), 0);
    results_fini(&results);
}

static void clearing_empties(void **state)
{
    struct network network;

    (void) state;
    assert_int_equal(network_create(3, &network, NULL), STATUS_OK);
    network_add(&network, 2, 0);
    network_add(&network, 2, 0);
    assert_int_equal(network_visits(&network, 2, 0), 2);
    network_clear(&network);
    assert_int_equal(network_visits(&network, 2, 0), 0);
    network_fini(&network);
}

static void years_of_days(void **state)
{
    (void) state;
    assert_int_equal(network_year(CIVIL_NONE), 0);
    assert_int_equal(network_year(fixture_day("2019-12-31")), 2019);
    assert_int_equal(network_year(fixture_day("2020-01-01")), 2020);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(filters_let_their_part_through),
        cmocka_unit_test(matrix_keeps_directions),
        cmocka_unit_test(clearing_empties),
        cmocka_unit_test(years_of_days),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
