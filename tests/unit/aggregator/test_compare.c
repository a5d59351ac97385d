#include "aggregator/compare_print.h"

#include "base/json.h"
#include "tests/unit/aggregator/fixture.h"

/* The story's documents by what they are here. */
enum { BOTH_SIDES, HIS_SIDE, COPY, JOINS, IMPUTED, TRIP, WAY_BACK, UNDATED, OUTSIDE };

struct pair_of_runs {
    struct results first;
    struct results second;
    struct comparison comparison;
    struct buf out;
};

static void open_runs(struct pair_of_runs *runs, struct dataset *second)
{
    fixture_results(fixture_dataset(fixture_story, FIXTURE_STORY), &runs->first);
    fixture_results(second, &runs->second);
    runs->second.setting.run = SLICE("again");
    buf_init(&runs->out, 1 << 20);
    assert_int_equal(compare_results(&runs->first, &runs->second, &runs->comparison, NULL),
                     STATUS_OK);
}

static void close_runs(struct pair_of_runs *runs)
{
    compare_fini(&runs->comparison);
    buf_fini(&runs->out);
    results_fini(&runs->first);
    results_fini(&runs->second);
}

/* In another order, with other evidence of who decided: the same all the same. */
static void equal_runs_are_the_same(void **state)
{
    struct dataset *dataset = dataset_create();
    struct pair_of_runs runs;

    (void) state;
    for (size_t i = FIXTURE_STORY; i > 0; i--) {
        struct telling telling = fixture_story[i - 1];

        telling.decided_by = "llm";
        fixture_tell(dataset, &telling);
    }
    open_runs(&runs, dataset);
    assert_true(compare_same(&runs.comparison));
    assert_int_equal(runs.comparison.documents, FIXTURE_STORY);
    assert_int_equal(runs.comparison.events, events_count(&runs.first.events));
    compare_put_table(&runs.comparison, &runs.out);
    assert_non_null(strstr(buf_text(&runs.out), "\nnothing differs\n"));
    close_runs(&runs);
}

/* One document each way. */
static struct dataset *other_reading(void)
{
    static const struct telling more = {.url = "http://z.example/1", .site = "上海"};
    struct dataset *dataset = dataset_create();

    for (size_t i = 0; i < FIXTURE_STORY; i++) {
        struct telling telling = fixture_story[i];

        if (i == IMPUTED) {
            fixture_outcome(dataset, &telling, OUTCOME_DROPPED, "no visit: margin -3");
            continue;
        }
        if (i == TRIP)
            telling.host = "南京";
        if (i == WAY_BACK)
            telling.theme = "公共服务";
        if (i == UNDATED)
            telling.purpose = "learning";
        if (i != OUTSIDE)
            fixture_tell(dataset, &telling);
    }
    fixture_outcome(dataset, &more, OUTCOME_DROPPED, "period");
    return dataset;
}

static void every_kind_of_difference_is_counted(void **state)
{
    const struct comparison *comparison;
    struct pair_of_runs runs;

    (void) state;
    open_runs(&runs, other_reading());
    comparison = &runs.comparison;
    assert_false(compare_same(comparison));
    assert_int_equal(comparison->documents, FIXTURE_STORY - 1);
    assert_int_equal(comparison->documents_only[FIRST], 1);
    assert_int_equal(comparison->documents_only[SECOND], 1);
    assert_int_equal(comparison->other_end, 1);
    assert_int_equal(comparison->ends[REASON_EVENT][REASON_NO_VISIT], 1);
    assert_int_equal(comparison->other_themes, 1);
    assert_int_equal(comparison->other_purpose, 1);
    assert_int_equal(comparison->other_events, 1);
    assert_int_equal(comparison->documents_differing, 4);
    close_runs(&runs);
}

/* The imputed visit is gone, 合肥 → 上海 became 合肥 → 南京. */
static void events_and_pairs_follow(void **state)
{
    const struct comparison *comparison;
    const struct pair_change *pair;
    struct pair_of_runs runs;

    (void) state;
    open_runs(&runs, other_reading());
    comparison = &runs.comparison;
    assert_int_equal(comparison->events_only[FIRST], 2);
    assert_int_equal(comparison->events_only[SECOND], 1);
    assert_int_equal(comparison->events + 2, events_count(&runs.first.events));
    assert_int_equal(comparison->event_themes, 1);
    assert_int_equal(comparison->event_purpose, 1);
    assert_int_equal(comparison->pairs.count, 3);
    pair = rows_at(&comparison->pairs, 0); /* all differ by one: in the order of codes */
    assert_int_equal(pair->origin, SHANGHAI);
    assert_int_equal(pair->host, NANJING);
    assert_int_equal(pair->visits[FIRST], pair->visits[SECOND] + 1);
    pair = rows_at(&comparison->pairs, 2);
    assert_int_equal(pair->origin, HEFEI);
    assert_int_equal(pair->host, NANJING);
    assert_int_equal(pair->visits[SECOND], pair->visits[FIRST] + 1);
    close_runs(&runs);
}

static void the_table_names_what_changed(void **state)
{
    struct pair_of_runs runs;

    (void) state;
    open_runs(&runs, other_reading());
    compare_put_table(&runs.comparison, &runs.out);
    assert_non_null(strstr(buf_text(&runs.out), "main        again\n"));
    assert_non_null(
        strstr(buf_text(&runs.out), "documents read otherwise                4 of 8\n"));
    assert_non_null(strstr(buf_text(&runs.out), "  only in again                         1\n"));
    assert_non_null(strstr(buf_text(&runs.out), "  event      → no visit                 1\n"));
    assert_non_null(strstr(buf_text(&runs.out), "  合肥 → 南京: 0, 1\n"));
    assert_null(strstr(buf_text(&runs.out), "nothing differs"));
    close_runs(&runs);
}

static void the_json_has_the_same_numbers(void **state)
{
    struct arena *arena = arena_create(1 << 20);
    const struct json *json, *documents, *pairs;
    struct pair_of_runs runs;

    (void) state;
    open_runs(&runs, other_reading());
    compare_put_json(&runs.comparison, &runs.out);
    assert_int_equal(json_parse(buf_slice(&runs.out), arena, &json, NULL), STATUS_OK);
    assert_true(slice_equal(json_text(json_element(json_member(json, "runs"), 1)), SLICE("again")));
    assert_false(json_truth(json_member(json, "same"), true));
    documents = json_member(json, "documents");
    assert_int_equal(json_int(json_member(documents, "both"), 0), FIXTURE_STORY - 1);
    assert_int_equal(json_int(json_member(documents, "differing"), 0), 4);
    assert_int_equal(json_size(json_member(documents, "ends")), 1);
    assert_int_equal(json_int(json_member(json_member(json, "events"), "themes"), 0), 1);
    assert_int_equal(json_size(json_member(json, "funnel")), FUNNEL_STAGES);
    pairs = json_member(json, "pairs");
    assert_int_equal(json_size(pairs), 3);
    assert_int_equal(json_int(json_element(json_member(json_element(pairs, 2), "visits"), 1), 0),
                     1);
    close_runs(&runs);
    arena_destroy(arena);
}

static void other_cities_are_not_compared(void **state)
{
    struct comparison comparison;
    struct pair_of_runs runs;
    struct error err;

    (void) state;
    open_runs(&runs, fixture_dataset(fixture_story, FIXTURE_STORY));
    runs.second.setting.city_count--;
    assert_int_equal(compare_results(&runs.first, &runs.second, &comparison, &err), STATUS_INVALID);
    assert_string_equal(err.message, "runs 'main' and 'again' have different cities");
    runs.second.setting.city_count++;
    close_runs(&runs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_runs_are_the_same),
        cmocka_unit_test(every_kind_of_difference_is_counted),
        cmocka_unit_test(events_and_pairs_follow),
        cmocka_unit_test(the_table_names_what_changed),
        cmocka_unit_test(the_json_has_the_same_numbers),
        cmocka_unit_test(other_cities_are_not_compared),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
