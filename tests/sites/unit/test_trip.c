#include "tests/sites/trip.h"
#include "tests/support/cmocka_all.h"

enum { DRAWS = 4000 };

static struct places places;

static struct trip_model *model_of(int cities)
{
    struct trip_model *model = trip_model_create(&places, ((uint64_t) 1 << cities) - 1, 7);

    assert_non_null(model);
    return model;
}

static void test_trips_are_sound(void **state)
{
    struct trip_model *model = model_of(5);
    struct random random;
    unsigned several = 0;

    (void) state;
    random_init(&random, 1);
    for (int i = 0; i < DRAWS; i++) {
        struct trip trip = trip_draw(model, &random);

        assert_in_range(trip.hosts, 1, TRIP_HOSTS_MAX);
        assert_in_range(trip.origin, 0, 4);
        several += trip.hosts > 1;
        for (int h = 0; h < trip.hosts; h++) {
            assert_in_range(trip.host[h], 0, 4);
            assert_int_not_equal(trip.host[h], trip.origin);
            for (int k = 0; k < h; k++)
                assert_int_not_equal(trip.host[h], trip.host[k]);
        }
        assert_int_equal(trip.scope == SCOPE_CITY, trip.level != LEVEL_DEPARTMENT);
        assert_int_equal(trip.scope == SCOPE_DEPARTMENT, trip.department != PLACES_NONE);
    }
    assert_in_range(several, DRAWS / 20, DRAWS / 8);
    trip_model_destroy(model);
}

static void test_departments_exist_at_the_time(void **state)
{
    struct trip_model *model = model_of(41);
    struct random random;

    (void) state;
    random_init(&random, 2);
    for (int i = 0; i < DRAWS; i++) {
        struct trip trip = trip_draw(model, &random);
        bool young = trip.department != PLACES_NONE &&
                     slice_equal(places.departments[trip.department].before, SLICE("-"));

        if (young) /* 2019-01-01 is day 6940 from 2000-01-01 */
            assert_true(trip.day >= 6940);
    }
    trip_model_destroy(model);
}

static void test_the_poor_court_the_rich(void **state)
{
    struct trip_model *model = model_of(41);
    struct random random;
    int up = 0;

    (void) state;
    random_init(&random, 3);
    for (int i = 0; i < DRAWS; i++) {
        struct trip trip = trip_draw(model, &random);

        up += places.cities[trip.host[0]].wealth > places.cities[trip.origin].wealth ? 1 : 0;
        up -= places.cities[trip.host[0]].wealth < places.cities[trip.origin].wealth ? 1 : 0;
    }
    assert_true(up > DRAWS / 20);
    trip_model_destroy(model);
}

static void test_neighbours(void **state)
{
    struct trip_model *model = trip_model_create(&places, 0x31, 7); /* cities 0, 4, 5 */
    struct random random;
    bool seen[3] = {false};

    (void) state;
    random_init(&random, 4);
    for (int i = 0; i < 200; i++) {
        int other = trip_draw_neighbour(model, 4, &random);
        int any = trip_draw_city(model, &random);

        assert_true(other == 0 || other == 5);
        assert_true(any == 0 || any == 4 || any == 5);
        seen[any == 0 ? 0 : any - 3] = true;
    }
    assert_true(seen[0] && seen[1] && seen[2]);
    trip_model_destroy(model);
    trip_model_destroy(NULL);
}

static void test_days(void **state)
{
    struct random random;
    int inside = 0;

    (void) state;
    random_init(&random, 5);
    for (int i = 0; i < DRAWS; i++) {
        int16_t day = trip_draw_day(&random);

        assert_in_range(day, 2922, 9132);    /* 2008 … 2024 */
        inside += day >= 3653 && day < 8766; /* 2010 … 2023 */
    }
    assert_in_range(inside, DRAWS * 90 / 100, DRAWS * 97 / 100);
    assert_string_equal(level_text(LEVEL_DEPUTY), "deputy");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_trips_are_sound),
        cmocka_unit_test(test_departments_exist_at_the_time),
        cmocka_unit_test(test_the_poor_court_the_rich),
        cmocka_unit_test(test_neighbours),
        cmocka_unit_test(test_days),
    };

    return places_load(&places, NULL) != STATUS_OK || cmocka_run_group_tests(tests, NULL, NULL);
}
