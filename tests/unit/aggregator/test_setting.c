#include "tests/unit/aggregator/fixture.h"

#include "study/pairs.h"

static void pairs_are_numbered_without_gaps(void **state)
{
    struct setting setting = {.city_count = 9};
    bool seen[36] = {false};

    (void) state;
    assert_int_equal(setting_pair_count(&setting), 36);
    for (uint32_t a = 0; a < 9; a++)
        for (uint32_t b = a + 1; b < 9; b++) {
            size_t index = setting_pair_index(&setting, b, a);

            assert_int_equal(index, setting_pair_index(&setting, a, b));
            assert_true(index < 36);
            assert_false(seen[index]);
            seen[index] = true;
        }
    setting.city_count = 1;
    assert_int_equal(setting_pair_count(&setting), 0);
}

static void cities_and_levels_are_found_by_name(void **state)
{
    struct setting setting = fixture_setting();

    (void) state;
    assert_int_equal(setting_find_city(&setting, SLICE("苏州")), SUZHOU);
    assert_int_equal(setting_find_city(&setting, SLICE("宿州")), FIXTURE_CITIES);
    assert_int_equal(setting_level_rank(&setting, SLICE("principal")), 0);
    assert_int_equal(setting_level_rank(&setting, SLICE("")), 3);
}

/* The shipped study: 41 cities by code, 1,640 lists or more, the eight themes. */
static void the_study_becomes_a_setting(void **state)
{
    const struct study_source source = {.job_path = SOURCE_DIR "/jobs/yrd.yaml",
                                        .data_dir = SOURCE_DIR};
    struct setting setting;
    struct study *study = NULL;
    struct error err;

    (void) state;
    if (study_load(&source, &study, &err) != STATUS_OK)
        fail_msg("%s", err.message);
    assert_int_equal(setting_from_study(study, true, &setting, NULL), STATUS_OK);
    study_destroy(study); /* nothing of it is needed any more */
    assert_int_equal(setting.city_count, 41);
    for (uint32_t i = 1; i < setting.city_count; i++)
        assert_true(setting.cities[i - 1].code < setting.cities[i].code);
    assert_true(slice_equal(setting.cities[0].name, SLICE("上海")));
    assert_int_equal(setting.list_count, setting.list_count / 40 * 40);
    assert_true(setting.list_count >= 1640);
    for (uint32_t i = 0; i < setting.list_count; i++)
        assert_true(setting.lists[i].site != setting.lists[i].query &&
                    setting.lists[i].query < setting.city_count);
    assert_int_equal(setting.theme_count, 8);
    assert_int_equal(setting.level_count, 3);
    assert_true(slice_equal(setting.cooperative, SLICE("cooperative")));
    assert_int_equal(setting.lag_days, 1);
    assert_int_equal(setting.before_days, 7);
    assert_int_equal(setting.after_days, 1);
    assert_int_equal(setting.chain_days, 3);
    assert_int_equal(setting.low_percent, 33);
    assert_int_equal(setting.high_percent, 67);
    assert_int_equal(setting.from, fixture_day("2010-01-01"));
    for (size_t i = 0; i < setting_pair_count(&setting); i++) {
        enum pair_class class;

        assert_true(pair_class_find(slice_from(setting.pairs[i].class), &class));
        assert_true(setting.pairs[i].distance_m > 0);
    }
    setting_fini(&setting);
}

/* Every task of the codebook, and events even where no task reads them. */
static void tasks_say_what_decides_them(void **state)
{
    struct setting setting;
    struct study *study = NULL;
    size_t count, events = 0;

    (void) state;
    assert_int_equal(study_load_parts(NULL, NULL, SOURCE_DIR, &study, NULL), STATUS_OK);
    assert_int_equal(setting_from_study(study, false, &setting, NULL), STATUS_OK);
    count = setting.task_count;
    assert_int_equal(count, study->codebook.task_count);
    for (size_t i = 0; i < count; i++) {
        events += setting.tasks[i].kind == TASK_FIELDS;
        assert_int_equal(setting.tasks[i].has_model, setting.tasks[i].kind != TASK_FIELDS);
    }
    assert_int_equal(events, 1);
    setting_fini(&setting);
    study->codebook.task_count = 1; /* visit */
    assert_int_equal(setting_from_study(study, false, &setting, NULL), STATUS_OK);
    assert_int_equal(setting.task_count, 2);
    assert_true(slice_equal(setting.tasks[1].name, SLICE("events")));
    assert_false(setting.tasks[1].has_model);
    setting_fini(&setting);
    study_destroy(study);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairs_are_numbered_without_gaps),
        cmocka_unit_test(cities_and_levels_are_found_by_name),
        cmocka_unit_test(the_study_becomes_a_setting),
        cmocka_unit_test(tasks_say_what_decides_them),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
