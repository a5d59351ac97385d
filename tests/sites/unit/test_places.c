#include "tests/sites/places.h"
#include "tests/support/cmocka_all.h"

static struct places places;

static const struct municipality *city(struct slice name)
{
    int found = places_find(&places, name);

    assert_true(found >= 0);
    return &places.cities[found];
}

static void test_table(void **state)
{
    (void) state;
    assert_int_equal(places.city_count, 41);
    for (int i = 1; i < places.city_count; i++)
        assert_true(places.cities[i - 1].code < places.cities[i].code);
    assert_int_equal(city(SLICE("苏州"))->code, 320500);
    assert_int_equal(city(SLICE("宿州市"))->code, 341300);
    assert_int_equal(places_find(&places, SLICE("苏州区")), -1);
    assert_int_equal(places_find(&places, SLICE("成都")), -1);
    assert_int_equal(places_find(&places, SLICE("")), -1);
    assert_true(slice_equal(city(SLICE("安庆"))->alias, SLICE("宜")));
    assert_int_equal(city(SLICE("铜陵"))->county_count, 0);
}

static void test_assistance(void **state)
{
    int helped = places_find(&places, SLICE("阜阳"));

    (void) state;
    assert_true((city(SLICE("苏州"))->helps >> helped & 1) != 0);
    assert_int_equal(city(SLICE("阜阳"))->helps, 0);
}

static void test_departments(void **state)
{
    (void) state;
    assert_true(places.department_count > 25);
    for (int i = 0; i < places.department_count; i++) {
        const struct department *department = &places.departments[i];

        assert_true(department->head_count > 0);
        assert_true(slice_starts(department->after, SLICE("~")));
        assert_true(department->year >= 2000 && department->year < 2024);
    }
}

static void test_distance(void **state)
{
    int32_t far = places_distance_km(city(SLICE("上海")), city(SLICE("亳州")));
    int32_t near = places_distance_km(city(SLICE("上海")), city(SLICE("苏州")));

    (void) state;
    assert_in_range(near, 78, 88);
    assert_in_range(far, 590, 625);
    assert_int_equal(places_distance_km(city(SLICE("苏州")), city(SLICE("上海"))), near);
    assert_int_equal(places_distance_km(city(SLICE("苏州")), city(SLICE("苏州"))), 0);
}

static void test_names(void **state)
{
    (void) state;
    assert_true(slice_equal(places_stem(SLICE("昆山市")), SLICE("昆山")));
    assert_true(slice_equal(places_stem(SLICE("浦东新区")), SLICE("浦东新")));
    assert_true(slice_equal(places_stem(SLICE("泗县")), SLICE("泗县")));
    assert_true(slice_equal(places_suffix(SLICE("昆山市")), SLICE("市")));
    assert_true(slice_equal(places_suffix(SLICE("泗县")), SLICE("县")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),       cmocka_unit_test(test_assistance),
        cmocka_unit_test(test_departments), cmocka_unit_test(test_distance),
        cmocka_unit_test(test_names),
    };

    return places_load(&places, NULL) != STATUS_OK || cmocka_run_group_tests(tests, NULL, NULL);
}
