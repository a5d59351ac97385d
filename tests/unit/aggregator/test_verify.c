#include "tests/unit/aggregator/folder.h"

#include "aggregator/output.h"
#include "aggregator/verify_answers.h"
#include "aggregator/verify_courtesy.h"
#include "aggregator/verify_events.h"
#include "aggregator/verify_folder.h"
#include "aggregator/verify_numbers.h"
#include "base/json.h"
#include "base/util/random.h"

#include <math.h>

struct judged {
    struct buf out;
    struct verify verify;
};

static void judge_open(struct judged *judged)
{
    buf_init(&judged->out, 1 << 20);
    judged->verify = (struct verify){.out = &judged->out};
}

/* How many checks failed; their lines are shown if that is not what was wanted. */
static void judge_close(struct judged *judged, uint64_t failed)
{
    if (judged->verify.failed != failed)
        fail_msg("%llu checks fail:\n%s", (unsigned long long) judged->verify.failed,
                 buf_text(&judged->out));
    buf_fini(&judged->out);
}

static void one_object_a_check(void **state)
{
    const struct finding finding = {"a \"check\"", 3, 4, "where"};
    struct arena *arena = arena_create(1 << 20);
    const struct json *object;
    struct judged judged;
    struct slice rest;

    (void) state;
    judge_open(&judged);
    verify_tell(&judged.verify, &finding);
    verify_none(&judged.verify, "nothing lost", 0, "never told");
    rest = buf_slice(&judged.out);
    assert_int_equal(json_parse(slice_split(&rest, '\n'), arena, &object, NULL), STATUS_OK);
    assert_true(slice_equal(json_text(json_member(object, "check")), SLICE("a \"check\"")));
    assert_false(json_truth(json_member(object, "ok"), true));
    assert_int_equal(json_int(json_member(object, "expected"), 0), 3);
    assert_int_equal(json_int(json_member(object, "found"), 0), 4);
    assert_int_equal(json_parse(slice_split(&rest, '\n'), arena, &object, NULL), STATUS_OK);
    assert_true(json_truth(json_member(object, "ok"), false));
    assert_int_equal(json_kind(json_member(object, "detail")), JSON_KIND_NULL);
    assert_int_equal(judged.verify.checks, 2);
    arena_destroy(arena);
    judge_close(&judged, 1);
}

/* Seeded reports of all shapes: undated, copies, departments, trips, cities outside. */
static struct dataset *make_dataset(struct random *random)
{
    static const char *const cities[] = {"上海", "南京", "苏州", "合肥", "北京"};
    static const char *const days[] = {NULL, "2018-12-29", "2019-01-02", "2019-01-04",
                                       "2020-02-28"};
    static const char *const depts[] = {"", "市教育局", "市发改委", "市委、市教育局"};
    static const char *const purposes[] = {"", "learning", "cooperative"};
    static const char *const deciders[] = {NULL, "llm", "rule", "oracle"};
    static const char *const asked[] = {
        NULL, NULL, "visit+", "visit0", "visit- events+", "purpose+ themes-"};
    struct dataset *dataset = dataset_create();
    size_t count = random_below(random, 150);

    for (size_t i = 0; i < count; i++) {
        char url[32], text[32];
        struct telling telling = {
            .url = url,
            .site = cities[random_below(random, 5)],
            .published = days[random_below(random, 5)],
            .origin = cities[random_below(random, 5)],
            .host = cities[random_below(random, 5)],
            .day = days[random_below(random, 5)],
            .origin_dept = depts[random_below(random, 4)],
            .host_dept = depts[random_below(random, 4)],
            .level = random_chance(random, 500) ? "deputy" : "department",
            .theme = random_chance(random, 500) ? "经济发展" : NULL,
            .purpose = purposes[random_below(random, 3)],
            .text = text,
            .second_host = random_chance(random, 300) ? cities[random_below(random, 5)] : NULL,
            .decided_by = deciders[random_below(random, 4)],
            .asked = asked[random_below(random, 6)]};

        (void) snprintf(url, sizeof url, "http://a.example/%zu", i);
        (void) snprintf(text, sizeof text, "%llu", (unsigned long long) random_below(random, 120));
        if (random_chance(random, 150)) {
            telling.asked = asked[random_below(random, 4)]; /* nothing else is asked of no visit */
            fixture_outcome(dataset, &telling, OUTCOME_DROPPED, "no visit");
        } else
            fixture_tell(dataset, &telling);
    }
    return dataset;
}

/* The two routes agree on whatever comes. */
static void both_routes_agree(void **state)
{
    struct random random;

    (void) state;
    random_init(&random, 17);
    for (int round = 0; round < 40; round++) {
        struct results results;
        struct judged judged;

        fixture_results(make_dataset(&random), &results);
        judge_open(&judged);
        assert_int_equal(verify_events(&results, &judged.verify, NULL), STATUS_OK);
        assert_int_equal(verify_numbers(&results, &judged.verify, NULL), STATUS_OK);
        assert_int_equal(verify_decisions(&results, &judged.verify, NULL), STATUS_OK);
        assert_true(judged.verify.checks >= 17);
        judge_close(&judged, 0);
        results_fini(&results);
    }
}

/* Results tampered with after they were computed are found out. */
static void a_wrong_number_is_found(void **state)
{
    struct results results;
    struct judged judged;

    (void) state;
    fixture_results(fixture_dataset(fixture_story, FIXTURE_STORY), &results);
    network_add(&results.networks[NETWORK_ALL], SHANGHAI, NANJING);
    judge_open(&judged);
    assert_int_equal(verify_numbers(&results, &judged.verify, NULL), STATUS_OK);
    assert_true(judged.verify.failed >= 3); /* network, pairs, cities */
    assert_non_null(strstr(buf_text(&judged.out), "all: 上海, 南京"));
    judge_close(&judged, judged.verify.failed);
    results_fini(&results);
}

static void a_wrong_measure_is_found(void **state)
{
    struct results results;
    struct judged judged;
    struct measure *whole;

    (void) state;
    fixture_results(fixture_dataset(fixture_story, FIXTURE_STORY), &results);
    whole = rows_at(&results.measures[NETWORK_COOPERATIVE].rows, 0);
    whole->summary.mean_u += 0.001;
    judge_open(&judged);
    assert_int_equal(verify_numbers(&results, &judged.verify, NULL), STATUS_OK);
    assert_non_null(strstr(buf_text(&judged.out), "cooperative whole"));
    judge_close(&judged, 1);
    results_fini(&results);
}

static void a_moved_event_is_found(void **state)
{
    struct results results;
    struct judged judged;
    struct event *event;

    (void) state;
    fixture_results(fixture_dataset(fixture_story, FIXTURE_STORY), &results);
    event = rows_at(&results.events.events, 3);
    event->day++;
    judge_open(&judged);
    assert_int_equal(verify_events(&results, &judged.verify, NULL), STATUS_OK);
    judge_close(&judged, 1);
    results_fini(&results);
}

static void a_wrong_funnel_is_found(void **state)
{
    struct results results;
    struct judged judged;

    (void) state;
    fixture_results(fixture_dataset(fixture_story, FIXTURE_STORY), &results);
    results.funnel.screened--;
    results.funnel.cooperative++;
    judge_open(&judged);
    assert_int_equal(verify_events(&results, &judged.verify, NULL), STATUS_OK);
    assert_int_equal(verify_numbers(&results, &judged.verify, NULL), STATUS_OK);
    judge_close(&judged, 2);
    results_fini(&results);
}

static void numbers_are_equal_but_for_rounding(void **state)
{
    (void) state;
    assert_true(verify_same_number(0.333333, 1.0 / 3));
    assert_false(verify_same_number(0.333332, 1.0 / 3));
    assert_true(verify_same_number(NAN, NAN));
    assert_false(verify_same_number(NAN, 0));
}

static void a_changed_folder_is_found(void **state)
{
    const char *base = folder_make();
    struct error warning = {.code = STATUS_OK};
    struct results results;
    struct judged judged;
    char path[FOLDER_PATH];

    (void) state;
    (void) snprintf(path, sizeof path, "%s/out", base);
    fixture_results(fixture_dataset(fixture_story, FIXTURE_STORY), &results);
    assert_int_equal(output_results(&results, NULL, path, &warning, NULL), STATUS_OK);
    judge_open(&judged);
    assert_int_equal(verify_folder(&results, path, &judged.verify, NULL), STATUS_OK);
    assert_int_equal(judged.verify.failed, 0);
    folder_write(base, "out/pairs.csv", "network,city_a\n");
    assert_int_equal(verify_folder(&results, path, &judged.verify, NULL), STATUS_OK);
    assert_non_null(strstr(buf_text(&judged.out), "pairs.csv"));
    judge_close(&judged, 1);
    results_fini(&results);
    folder_remove(base);
}

/* ---- courtesy ---- */

static struct send_time sent(const char *host, int64_t from, int64_t to)
{
    return (struct send_time){slice_from(host), from, to, 20, INT64_MAX};
}

/* Of a lease that was over for good at `free`. */
static struct send_time leased(const char *host, int64_t from, int64_t to, int64_t free)
{
    return (struct send_time){slice_from(host), from, to, 20, free};
}

static size_t early_of(struct send_time *sends, size_t count)
{
    struct courtesy_count result;

    courtesy_count(sends, count, &result);
    assert_int_equal(result.excused + result.stops, 0);
    return result.early;
}

static void the_delay_counts_from_end_to_start(void **state)
{
    struct send_time good[] = {sent("a", 0, 5), sent("a", 25, 40), sent("a", 60, 61)};
    struct send_time early[] = {sent("a", 0, 5), sent("a", 23, 40), sent("b", 24, 30)};
    struct courtesy_count result;

    (void) state;
    assert_int_equal(early_of(good, 3), 0);
    courtesy_count(early, 3, &result);
    assert_int_equal(result.early, 1);
    assert_true(slice_equal(result.first.host, SLICE("a")));
    assert_int_equal(result.first.sent_ms, 23);
    assert_int_equal(result.first_gap_ms, 18);
}

static void hosts_and_order_do_not_mix(void **state)
{
    struct send_time sends[] = {sent("b", 30, 31), sent("a", 25, 26), sent("b", 0, 1),
                                sent("a", 0, 1)};

    (void) state;
    assert_int_equal(early_of(sends, 4), 0);
}

static void a_repeated_result_is_one_send(void **state)
{
    struct send_time sends[] = {sent("a", 0, 5), sent("a", 0, 5), sent("a", 30, 31)};

    (void) state;
    assert_int_equal(early_of(sends, 3), 0);
}

static void a_raised_delay_counts(void **state)
{
    struct send_time sends[] = {sent("a", 0, 5), sent("a", 30, 31)};

    (void) state;
    sends[1].delay_ms = 50;
    assert_int_equal(early_of(sends, 2), 1);
}

/* Two jobs share a host: each waits as long as its own lease says, whoever was there before. */
static void jobs_share_a_clock(void **state)
{
    struct send_time sends[] = {sent("a", 0, 5), sent("a", 105, 110), sent("a", 130, 135)};
    struct send_time early[] = {sent("a", 0, 5), sent("a", 30, 35)};

    (void) state;
    sends[1].delay_ms = 100;
    assert_int_equal(early_of(sends, 3), 0);
    early[1].delay_ms = 100;
    assert_int_equal(early_of(early, 2), 1);
}

/* Stopped with a request under way: the host was another's when it went on. */
static void a_stop_over_a_request(void **state)
{
    struct send_time sends[] = {leased("a", 0, 900, 500), leased("a", 600, 605, 1000),
                                leased("a", 630, 635, 1000), leased("a", 660, 665, 1000)};
    struct courtesy_count result;

    (void) state;
    courtesy_count(sends, 4, &result);
    assert_int_equal(result.early, 0);
    assert_int_equal(result.stops, 1);
    assert_int_equal(result.excused, 1);
    assert_int_equal(result.first.sent_ms, 600);
}

/* Stopped between the look at the clock and the send: one request in another's rhythm. */
static void a_stop_before_a_send(void **state)
{
    struct send_time sends[] = {leased("a", 600, 605, 1000), leased("a", 610, 615, 500),
                                leased("a", 630, 635, 1000), leased("a", 660, 665, 1000)};
    struct courtesy_count result;

    (void) state;
    courtesy_count(sends, 4, &result);
    assert_int_equal(result.early, 0);
    assert_int_equal(result.stops, 1);
    assert_int_equal(result.excused, 1);
    assert_int_equal(result.first.sent_ms, 610);
}

/* One stop costs one interval: the second has no excuse. Nor has who came before the lease was
 * over. */
static void a_stop_excuses_one_interval(void **state)
{
    struct send_time two[] = {leased("a", 0, 900, 500), leased("a", 600, 605, 1000),
                              leased("a", 610, 615, 1000)};
    struct send_time before[] = {leased("a", 0, 900, 500), leased("a", 450, 460, 1000)};
    struct courtesy_count result;

    (void) state;
    courtesy_count(two, 3, &result);
    assert_int_equal(result.excused, 1);
    assert_int_equal(result.early, 1);
    assert_int_equal(result.first.sent_ms, 610);
    courtesy_count(before, 2, &result);
    assert_int_equal(result.stops, 1);
    assert_int_equal(result.excused, 0);
    assert_int_equal(result.early, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_object_a_check),
        cmocka_unit_test(both_routes_agree),
        cmocka_unit_test(a_wrong_number_is_found),
        cmocka_unit_test(a_wrong_measure_is_found),
        cmocka_unit_test(a_moved_event_is_found),
        cmocka_unit_test(a_wrong_funnel_is_found),
        cmocka_unit_test(numbers_are_equal_but_for_rounding),
        cmocka_unit_test(a_changed_folder_is_found),
        cmocka_unit_test(the_delay_counts_from_end_to_start),
        cmocka_unit_test(hosts_and_order_do_not_mix),
        cmocka_unit_test(a_repeated_result_is_one_send),
        cmocka_unit_test(a_raised_delay_counts),
        cmocka_unit_test(jobs_share_a_clock),
        cmocka_unit_test(a_stop_over_a_request),
        cmocka_unit_test(a_stop_before_a_send),
        cmocka_unit_test(a_stop_excuses_one_interval),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
