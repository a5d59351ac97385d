#include "study/pairs.h"

#include "tests/support/cmocka_all.h"
#include "tests/unit/study/job_files.h"

static struct study *yrd;
static struct error err;

static int load(void **state)
{
    (void) state;
    return study_load_parts("yrd", NULL, SOURCE_DIR, &yrd, &err) != STATUS_OK;
}

static int unload(void **state)
{
    (void) state;
    study_destroy(yrd);
    return 0;
}

static int32_t day(int year)
{
    return civil_to_day((struct civil){year, 1, 1});
}

static struct pair describe(const char *a, const char *b, int from, int to)
{
    int x = region_find_city(&yrd->region, slice_from(a));
    int y = region_find_city(&yrd->region, slice_from(b));
    struct pair pair = pair_describe(yrd, (uint32_t) x, (uint32_t) y, day(from), day(to));
    struct pair other = pair_describe(yrd, (uint32_t) y, (uint32_t) x, day(from), day(to));

    assert_int_equal(pair.flags, other.flags);
    assert_int_equal(pair.class, other.class);
    assert_int_equal(pair.distance_m, other.distance_m);
    return pair;
}

static void check_class(const char *a, const char *b, enum pair_class class)
{
    struct pair pair = describe(a, b, 2010, 2023);

    if (pair.class != class)
        fail_msg("%s–%s is %s", a, b, pair_class_label(pair.class));
}

static void test_classes_by_precedence(void **state)
{
    (void) state;
    check_class("南京", "滁州", PAIR_CLASS_PAIRED); /* adjacent and in one area too */
    check_class("上海", "淮南", PAIR_CLASS_PAIRED);
    check_class("南京", "合肥", PAIR_CLASS_CENTRAL);
    check_class("上海", "苏州", PAIR_CLASS_ADJACENT); /* across a border, one area */
    check_class("无锡", "苏州", PAIR_CLASS_ADJACENT);
    check_class("上海", "无锡", PAIR_CLASS_METRO);
    check_class("苏州", "徐州", PAIR_CLASS_PROVINCE);
    check_class("上海", "安庆", PAIR_CLASS_PERIPHERY);
    check_class("苏州", "宁波", PAIR_CLASS_METRO);
    check_class("温州", "黄山", PAIR_CLASS_OTHER);
}

static void test_flags_hold_together(void **state)
{
    unsigned flags = describe("南京", "滁州", 2010, 2023).flags;

    (void) state;
    assert_true(flags & PAIR_PAIRED);
    assert_true(flags & PAIR_ADJACENT);
    assert_true(flags & PAIR_METRO);
    assert_true(flags & PAIR_PERIPHERY);
    assert_false(flags & PAIR_PROVINCE);
    assert_true(describe("苏州", "徐州", 2010, 2023).same_province);
    assert_false(describe("苏州", "上海", 2010, 2023).same_province);
}

static void test_facts_have_dates(void **state)
{
    (void) state;
    assert_int_equal(describe("徐州", "淮北", 2010, 2020).class, PAIR_CLASS_OTHER);
    assert_int_equal(describe("徐州", "淮北", 2010, 2022).class, PAIR_CLASS_PAIRED);
}

static void test_distances(void **state)
{
    (void) state;
    assert_int_equal(describe("上海", "南京", 2010, 2023).distance_m, 270300);
    assert_int_equal(describe("南京", "马鞍山", 2010, 2023).distance_m, 48800);
    assert_int_equal(pair_great_circle_m(yrd->region.cities[0].city,
                                         gazetteer_find_city(yrd->gazetteer, SLICE("成都"))),
                     -1);
}

static void test_all_distances(void **state)
{
    (void) state;
    for (uint32_t i = 0; i < yrd->region.city_count; i++)
        for (uint32_t j = 0; j < i; j++) {
            int32_t metres = pair_describe(yrd, i, j, day(2010), day(2023)).distance_m;
            assert_in_range(metres, 15000, 850000);
            assert_int_equal(metres % 100, 0);
        }
}

static void test_labels(void **state)
{
    enum pair_class class = PAIR_CLASS_OTHER;

    (void) state;
    for (int i = 0; i < PAIR_CLASSES; i++) {
        assert_true(pair_class_find(slice_from(pair_class_label((enum pair_class) i)), &class));
        assert_int_equal(class, i);
    }
    assert_true(pair_class_find(SLICE("centre–periphery"), &class));
    assert_int_equal(class, PAIR_CLASS_PERIPHERY);
    assert_true(pair_class_find(SLICE("metro cross-province"), &class));
    assert_int_equal(class, PAIR_CLASS_METRO);
    assert_false(pair_class_find(SLICE("near"), &class));
    assert_false(pair_class_find(SLICE(""), &class));
    assert_false(pair_class_find(SLICE("a label much longer than any label there is"), &class));
}

static void test_regions_override_and_group(void **state)
{
    struct temp_dir dir;
    struct study_source source = {.data_dir = SOURCE_DIR};
    struct study *small = NULL;

    (void) state;
    assert_int_equal(temp_dir_create(&dir), 0);
    source.job_path = job_files_write(&dir);
    temp_dir_write(&dir, "region.yaml",
                   REGION_TEXT "pair_overrides: [[上海, 苏州, other]]\n"
                               "groups: {g: {members: [苏州, 宿州], metro: true, valid_from: "
                               "2015, valid_to: 2016}}\n"
                               "distances: d.csv\n");
    temp_dir_write(&dir, "d.csv", "city,苏州,宿州市,310000\n苏州,0,431.25,NA\n上海,85,,0\n");
    if (study_load(&source, &small, &err) != STATUS_OK)
        fail_msg("%s", err.message);
    assert_int_equal(pair_describe(small, 0, 2, day(2010), day(2023)).class, PAIR_CLASS_OTHER);
    assert_int_equal(pair_describe(small, 0, 1, day(2016), day(2023)).class, PAIR_CLASS_METRO);
    assert_int_equal(pair_describe(small, 0, 1, day(2017), day(2023)).class, PAIR_CLASS_OTHER);
    assert_int_equal(pair_describe(small, 0, 1, day(2010), day(2023)).distance_m, 431250);
    assert_int_equal(pair_describe(small, 2, 0, day(2010), day(2023)).distance_m, 85000);
    assert_int_equal(pair_describe(small, 1, 2, day(2010), day(2023)).distance_m, -1);
    study_destroy(small);
    temp_dir_write(&dir, "d.csv", "city,苏州\n苏州,0\n上海,far\n");
    assert_int_equal(study_load(&source, &small, &err), STATUS_INVALID);
    assert_non_null(strstr(err.message, "d.csv:3: 'far' is no distance in kilometres"));
    temp_dir_destroy(&dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_classes_by_precedence),
        cmocka_unit_test(test_flags_hold_together),
        cmocka_unit_test(test_facts_have_dates),
        cmocka_unit_test(test_distances),
        cmocka_unit_test(test_all_distances),
        cmocka_unit_test(test_labels),
        cmocka_unit_test(test_regions_override_and_group),
    };

    return cmocka_run_group_tests(tests, load, unload);
}
