#include "tests/unit/aggregator/fixture.h"

#include "aggregator/measures_json.h"
#include "base/json.h"

#include <math.h>

static struct results story_results(void)
{
    struct results results;

    fixture_results(fixture_dataset(fixture_story, FIXTURE_STORY), &results);
    return results;
}

static const struct summary *part(const struct results *results, enum network_kind kind,
                                  enum measure_group group, const char *key)
{
    const struct summary *found = measures_find(&results->measures[kind], group, key);

    if (found == NULL)
        fail_msg("no measure %d %s", (int) group, key);
    return found;
}

static uint64_t events_of(const struct results *results, enum measure_group group, const char *key)
{
    return part(results, NETWORK_ALL, group, key)->events;
}

/* Six events: 上海→南京 2019 twice, 合肥→上海 and 合肥→苏州 2018, 南京→上海 2020, 苏州→合肥 undated. */
static void parts_count_their_events(void **state)
{
    struct results results = story_results();

    (void) state;
    assert_int_equal(events_of(&results, MEASURE_WHOLE, ""), 6);
    assert_int_equal(events_of(&results, MEASURE_THEME, "经济发展"), 5);
    assert_int_equal(events_of(&results, MEASURE_THEME, "公共服务"), 1);
    assert_int_equal(events_of(&results, MEASURE_LEVEL, "principal"), 1);
    assert_int_equal(events_of(&results, MEASURE_LEVEL, "deputy"), 3);
    assert_int_equal(events_of(&results, MEASURE_LEVEL, "department"), 1);
    assert_int_equal(events_of(&results, MEASURE_YEAR, "2018"), 2);
    assert_int_equal(events_of(&results, MEASURE_YEAR, "2019"), 2);
    assert_int_equal(events_of(&results, MEASURE_YEAR, "2020"), 1);
    assert_null(measures_find(&results.measures[NETWORK_ALL], MEASURE_YEAR, "2021"));
    assert_int_equal(events_of(&results, MEASURE_CLASS, "central"), 4);
    assert_int_equal(events_of(&results, MEASURE_CLASS, "other"), 2);
    assert_int_equal(events_of(&results, MEASURE_DISTANCE, "200-300"), 3);
    assert_int_equal(events_of(&results, MEASURE_DISTANCE_OTHER, "200-300"), 3);
    assert_int_equal(events_of(&results, MEASURE_DISTANCE_SAME, "200-300"), 0);
    results_fini(&results);
}

static void u_of_the_parts(void **state)
{
    struct results results = story_results();
    const struct summary *whole = part(&results, NETWORK_ALL, MEASURE_WHOLE, "");
    const struct summary *cooperative = part(&results, NETWORK_COOPERATIVE, MEASURE_WHOLE, "");

    (void) state;
    /* 上海–南京 2:1, 上海–合肥 0:1, 苏州–合肥 1:1. */
    assert_int_equal(whole->pairs, 3);
    assert_int_equal(whole->links, 5);
    assert_true(fabs(whole->mean_u - (1.0 / 3 + 1 + 0) / 3) < 1e-12);
    assert_true(fabs(whole->reciprocity_pairs - 2.0 / 3) < 1e-12);
    assert_true(fabs(whole->reciprocity_links - 0.8) < 1e-12);
    /* cooperative: 上海–南京 1:1, 上海–合肥 0:1, 苏州–合肥 0:1. */
    assert_int_equal(cooperative->events, 4);
    assert_true(fabs(cooperative->mean_u - 2.0 / 3) < 1e-12);
    results_fini(&results);
}

/* No pair has visits in 2018, 2019 and 2020. */
static void constant_pairs_are_those_of_every_year(void **state)
{
    static const char *const days[] = {"2018-01-01", "2019-01-01", "2020-01-01"};
    struct results results = story_results();
    struct telling tellings[4];

    (void) state;
    assert_int_equal(events_of(&results, MEASURE_YEAR_CONSTANT, "2019"), 0);
    results_fini(&results);
    for (int i = 0; i < 3; i++)
        tellings[i] = (struct telling){.url = days[i],
                                       .origin = i == 1 ? "南京" : "上海",
                                       .host = i == 1 ? "上海" : "南京",
                                       .day = days[i]};
    tellings[3] =
        (struct telling){.url = "x", .origin = "合肥", .host = "南京", .day = "2019-01-01"};
    fixture_results(fixture_dataset(tellings, 4), &results);
    assert_int_equal(events_of(&results, MEASURE_YEAR, "2019"), 2);
    assert_int_equal(events_of(&results, MEASURE_YEAR_CONSTANT, "2019"), 1);
    results_fini(&results);
}

/* n₁ = origin 1 + both 1, n₂ = host 0 + both 1 … from hand-made captures. */
static void two_sources_give_chapmans_estimate(void **state)
{
    struct measures measures = {
        .captures = {[REPORTER_ORIGIN] = 30, [REPORTER_HOST] = 10, [3] = 20}};

    (void) state;
    assert_true(fabs(measures_two_sources(&measures) - (51.0 * 31 / 21 - 1)) < 1e-9);
    measures.captures[REPORTER_HOST] = measures.captures[3] = 0;
    assert_true(isnan(measures_two_sources(&measures)));
}

static void story_has_captures(void **state)
{
    struct results results = story_results();
    const uint64_t *captures = results.measures[NETWORK_ALL].captures;

    (void) state;
    assert_int_equal(captures[REPORTER_ORIGIN | REPORTER_HOST], 1);
    assert_int_equal(captures[REPORTER_ORIGIN], 4);
    assert_int_equal(captures[0], 1);
    assert_int_equal(events_of(&results, MEASURE_REPORTER, "origin"), 5);
    assert_int_equal(events_of(&results, MEASURE_REPORTER, "host"), 1);
    results_fini(&results);
}

static void json_has_the_contracts_members(void **state)
{
    static const char *const members[] = {
        "events",   "links",    "pairs",   "reciprocity_links", "reciprocity_pairs", "mean_u",
        "by_theme", "by_level", "by_year", "by_distance",       "by_pair_class"};
    struct results results = story_results();
    struct arena *arena = arena_create(8 << 20);
    const struct json *file, *band;
    struct buf out;

    (void) state;
    buf_init(&out, 1 << 20);
    table_measures_json(&results, &out);
    assert_int_equal(json_parse(buf_slice(&out), arena, &file, NULL), STATUS_OK);
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        assert_non_null(json_member(json_member(file, "all"), members[i]));
        assert_non_null(json_member(json_member(file, "cooperative"), members[i]));
    }
    band = json_member(json_member(json_member(file, "all"), "by_distance"), "200-300");
    assert_int_equal(json_int(json_member(json_member(band, "other_province"), "events"), -1), 3);
    assert_int_equal(json_kind(json_member(json_member(band, "same_province"), "mean_u")),
                     JSON_KIND_NULL);
    buf_fini(&out);
    arena_destroy(arena);
    results_fini(&results);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_count_their_events),
        cmocka_unit_test(u_of_the_parts),
        cmocka_unit_test(constant_pairs_are_those_of_every_year),
        cmocka_unit_test(two_sources_give_chapmans_estimate),
        cmocka_unit_test(story_has_captures),
        cmocka_unit_test(json_has_the_contracts_members),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
