#include "tests/unit/aggregator/fixture.h"

#include "base/util/random.h"

static struct results story_results(void)
{
    struct results results;

    fixture_results(fixture_dataset(fixture_story, FIXTURE_STORY), &results);
    return results;
}

static const struct event *find(const struct results *results, uint32_t origin, uint32_t host,
                                const char *day)
{
    for (size_t i = 0; i < events_count(&results->events); i++) {
        const struct event *event = events_at(&results->events, i);

        if (event->origin == origin && event->host == host && event->day == fixture_day(day))
            return event;
    }
    fail_msg("no event %u %u %s", origin, host, day);
    return NULL;
}

static void expect(const struct results *results, uint32_t text, const char *wanted)
{
    struct slice found = dataset_text(results->dataset, text);

    if (!slice_equal(found, slice_from(wanted)))
        fail_msg("'%.*s' is not '%s'", SLICE_ARG(found), wanted);
}

static void reports_combine_by_the_rules(void **state)
{
    struct results results = story_results();
    const struct event *event = find(&results, SHANGHAI, NANJING, "2019-05-08");

    (void) state;
    assert_int_equal(events_count(&results.events), 6);
    assert_int_equal(event->reports, 3); /* both sides and the undated one; the copy is none */
    expect(&results, event->level, "principal");
    expect(&results, event->themes, "公共服务|经济发展");
    expect(&results, event->purpose, "cooperative");
    expect(&results, event->origin_dept, "市教育局");
    expect(&results, event->decided_by, "model");
    expect(&results, event->model, "linear@1");
    assert_true(event->cooperative);
    assert_string_equal(reporters_text(event->reporters), "both");
    assert_int_equal(event->source, DATE_TEXT);
    assert_int_equal(results.events.disagreeing, 1);
    results_fini(&results);
}

static void a_late_report_is_imputed(void **state)
{
    struct results results = story_results();
    const struct event *event = find(&results, SHANGHAI, NANJING, "2019-06-19");

    (void) state;
    assert_int_equal(event->source, DATE_IMPUTED);
    assert_string_equal(reporters_text(event->reporters), "origin");
    expect(&results, event->purpose, "learning");
    assert_false(event->cooperative);
    results_fini(&results);
}

static void one_trip_to_two_hosts(void **state)
{
    struct results results = story_results();
    const struct event *a = find(&results, HEFEI, SHANGHAI, "2018-03-01");
    const struct event *b = find(&results, HEFEI, SUZHOU, "2018-03-01");
    const struct event *c = find(&results, NANJING, SHANGHAI, "2020-01-03");

    (void) state;
    assert_true(id_equal(a->trip, b->trip));
    assert_true(id_equal(c->trip, c->id));
    assert_false(id_equal(a->id, b->id));
    /* The trip is named by its first event in the order of the table. */
    assert_true(id_equal(a->trip, a->id) || id_equal(a->trip, b->id));
    results_fini(&results);
}

static void cities_outside_are_left_out_and_counted(void **state)
{
    struct results results = story_results();

    (void) state;
    assert_int_equal(results.events.outside, 1);
    assert_int_equal(results.events.loops, 0);
    results_fini(&results);
}

static void without_date_comes_first(void **state)
{
    struct results results = story_results();
    const struct event *event = events_at(&results.events, 0);

    (void) state;
    assert_int_equal(event->source, DATE_NONE);
    assert_int_equal(event->purpose, 0);
    assert_string_equal(reporters_text(event->reporters), "other");
    for (size_t i = 2; i < events_count(&results.events); i++)
        assert_true(events_at(&results.events, i)->day >= events_at(&results.events, i - 1)->day);
    results_fini(&results);
}

/* The copy on 苏州's site adds a reporter only if that city takes part. */
static void copies_add_to_reporters_only(void **state)
{
    struct telling tellings[] = {
        {.url = "a",
         .site = "合肥",
         .published = "2019-01-02",
         .origin = "上海",
         .host = "南京",
         .day = "2019-01-01",
         .text = "t",
         .purpose = "learning"},
        {.url = "b",
         .site = "南京",
         .published = "2019-01-03",
         .origin = "上海",
         .host = "南京",
         .day = "2019-01-01",
         .text = "t",
         .purpose = "cooperative"},
    };
    struct results results;
    const struct event *event;

    (void) state;
    fixture_results(fixture_dataset(tellings, 2), &results);
    assert_int_equal(events_count(&results.events), 1);
    event = events_at(&results.events, 0);
    assert_string_equal(reporters_text(event->reporters), "host");
    assert_int_equal(event->reports, 1);
    assert_false(event->cooperative); /* the speaker's word counts */
    results_fini(&results);
}

/* Days more than a week apart are two trips, though one report tells both. */
static void trips_end_after_a_week(void **state)
{
    struct telling tellings[] = {
        {.url = "a",
         .published = "2019-02-01",
         .origin = "上海",
         .host = "南京",
         .day = "2019-01-01"},
        {.url = "b",
         .published = "2019-02-01",
         .origin = "上海",
         .host = "苏州",
         .day = "2019-01-20"},
    };
    struct results results;

    (void) state;
    fixture_results(fixture_dataset(tellings, 2), &results);
    assert_false(
        id_equal(events_at(&results.events, 0)->trip, events_at(&results.events, 1)->trip));
    results_fini(&results);
}

/* One event told by three reports, decided by the three words given. */
static void decided_by_three(const char *const words[3], const char *decided_by, const char *model)
{
    static const char *const urls[] = {"a", "b", "c"};
    static const char *const models[] = {"linear@1", "qwen@2", "linear@1"};
    struct telling tellings[3];
    struct results results;

    for (int i = 0; i < 3; i++)
        tellings[i] = (struct telling){.url = urls[i],
                                       .origin = "上海",
                                       .host = "南京",
                                       .day = "2019-01-01",
                                       .decided_by = words[i],
                                       .model = models[i]};
    fixture_results(fixture_dataset(tellings, 3), &results);
    assert_int_equal(events_count(&results.events), 1);
    expect(&results, events_at(&results.events, 0)->decided_by, decided_by);
    expect(&results, events_at(&results.events, 0)->model, model);
    results_fini(&results);
}

/* One report that a language model had a part in is enough; all models are named. */
static void the_most_expensive_decider_is_told(void **state)
{
    (void) state;
    decided_by_three((const char *const[]){"rule", "llm", "model"}, "llm", "linear@1|qwen@2");
    decided_by_three((const char *const[]){"llm", "model", "rule"}, "llm", "linear@1|qwen@2");
    decided_by_three((const char *const[]){"rule", "model", ""}, "model", "linear@1|qwen@2");
    decided_by_three((const char *const[]){"", "rule", ""}, "rule", "linear@1|qwen@2");
    decided_by_three((const char *const[]){"seer", "oracle", ""}, "oracle", "linear@1|qwen@2");
    decided_by_three((const char *const[]){"oracle", "seer", ""}, "oracle", "linear@1|qwen@2");
}

static void a_visit_to_oneself_is_none(void **state)
{
    struct telling telling = {.url = "a", .origin = "上海", .host = "上海", .day = "2019-01-01"};
    struct results results;

    (void) state;
    fixture_results(fixture_dataset(&telling, 1), &results);
    assert_int_equal(events_count(&results.events), 0);
    assert_int_equal(results.events.loops, 1);
    results_fini(&results);
}

/* Ids and every combined field are the same for any order of arrival. */
static void arrival_does_not_matter(void **state)
{
    struct results wanted = story_results();
    struct random random;

    (void) state;
    random_init(&random, 3);
    for (int round = 0; round < 50; round++) {
        struct telling shuffled[FIXTURE_STORY];
        struct results results;

        memcpy(shuffled, fixture_story, sizeof shuffled);
        for (size_t i = FIXTURE_STORY; i > 1; i--) {
            size_t other = random_below(&random, i);
            struct telling kept = shuffled[i - 1];

            shuffled[i - 1] = shuffled[other];
            shuffled[other] = kept;
        }
        fixture_results(fixture_dataset(shuffled, FIXTURE_STORY), &results);
        assert_int_equal(events_count(&results.events), events_count(&wanted.events));
        for (size_t i = 0; i < events_count(&wanted.events); i++) {
            const struct event *a = events_at(&wanted.events, i);
            const struct event *b = events_at(&results.events, i);

            assert_true(id_equal(a->id, b->id));
            assert_true(id_equal(a->trip, b->trip));
            assert_int_equal(a->reporters, b->reporters);
            assert_true(slice_equal(dataset_text(wanted.dataset, a->themes),
                                    dataset_text(results.dataset, b->themes)));
        }
        results_fini(&results);
    }
    results_fini(&wanted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reports_combine_by_the_rules),
        cmocka_unit_test(a_late_report_is_imputed),
        cmocka_unit_test(one_trip_to_two_hosts),
        cmocka_unit_test(cities_outside_are_left_out_and_counted),
        cmocka_unit_test(without_date_comes_first),
        cmocka_unit_test(copies_add_to_reporters_only),
        cmocka_unit_test(trips_end_after_a_week),
        cmocka_unit_test(the_most_expensive_decider_is_told),
        cmocka_unit_test(a_visit_to_oneself_is_none),
        cmocka_unit_test(arrival_does_not_matter),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
