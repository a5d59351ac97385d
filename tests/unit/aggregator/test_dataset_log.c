#include "tests/unit/aggregator/logs.h"

#include "aggregator/job_source.h"
#include "aggregator/lists.h"

#define OK XUNFANG__FETCH_RESULT__OUTCOME__OK

/* Reads all of urls and reports, as job_dataset does. */
static enum status on_url(void *self, const struct log_place *place, const struct record *record,
                          struct arena *arena, struct error *err)
{
    (void) place;
    return dataset_take_url(self, record, arena, err);
}

static enum status on_report(void *self, const struct log_place *place, const struct record *record,
                             struct arena *arena, struct error *err)
{
    (void) place;
    return dataset_take_report(self, record, arena, err);
}

static struct dataset *load(struct logs *logs)
{
    static struct log_range range;
    struct dataset *dataset = dataset_create();
    struct log_handler handler = {.on_record = on_url, .self = dataset};

    assert_int_equal(log_range_now(logs->bus, "urls", &range, NULL), STATUS_OK);
    assert_int_equal(log_range_read(logs->bus, &range, &handler, NULL), STATUS_OK);
    handler.on_record = on_report;
    assert_int_equal(log_range_now(logs->bus, logs->topics[TOPIC_REPORTS].text, &range, NULL),
                     STATUS_OK);
    assert_int_equal(log_range_read(logs->bus, &range, &handler, NULL), STATUS_OK);
    assert_int_equal(dataset_finish(dataset, NULL), STATUS_OK);
    return dataset;
}

static const struct document *document_of(const struct dataset *dataset, const char *url)
{
    size_t index = idtable_find(&dataset->by_id, request_id_of_url(slice_from(url)));

    assert_int_not_equal(index, SIZE_MAX);
    return dataset_at(dataset, index);
}

static void an_article_goes_from_hit_to_report(void **state)
{
    static const char *const hits[] = {"http://a.example/1", "http://a.example/2", NULL};
    struct logs logs;
    struct dataset *dataset;
    const struct document *document;
    Xunfang__Request *list;

    (void) state;
    logs_open(&logs);
    list = logs_request(&logs, "http://a.example/s", true);
    list->list = 1;
    logs_result(&logs,
                &(struct logs_fetch){.request = list, .outcome = OK, .hits = hits, .declared = 40});
    logs_result(
        &logs, &(struct logs_fetch){.request = logs_request(&logs, hits[0], false), .outcome = OK});
    logs_report(&logs, hits[0], OUTCOME_PASSED, "");
    dataset = load(&logs);
    assert_int_equal(dataset->documents.count, 2);
    assert_int_equal(dataset->hits.count, 2);
    document = document_of(dataset, hits[0]);
    assert_int_equal(document->flags, DOCUMENT_KNOWN | DOCUMENT_FINAL | DOCUMENT_FETCHED |
                                          DOCUMENT_TEXT | DOCUMENT_COUNTED);
    assert_int_equal(document->date, fixture_day("2019-05-09"));
    assert_true(slice_equal(dataset_text(dataset, document->site_city), SLICE("上海")));
    assert_int_equal(dataset->claims.count, 1);
    assert_int_equal(dataset_claim(dataset, 0)->day, fixture_day("2019-05-08"));
    assert_int_equal(document_of(dataset, hits[1])->flags, DOCUMENT_KNOWN);
    dataset_destroy(dataset);
    logs_close(&logs);
}

/* The first final outcome counts; tries before it do not, and what comes after does not. */
static void first_final_result_counts(void **state)
{
    struct logs logs;
    struct dataset *dataset;
    Xunfang__Request *article;

    (void) state;
    logs_open(&logs);
    article = logs_request(&logs, "http://a.example/1", false);
    logs_result(&logs, &(struct logs_fetch){.request = article,
                                            .outcome = XUNFANG__FETCH_RESULT__OUTCOME__TRY_AGAIN});
    logs_result(&logs, &(struct logs_fetch){.request = article,
                                            .outcome = XUNFANG__FETCH_RESULT__OUTCOME__NOT_FOUND,
                                            .detail = "HTTP 404"});
    logs_result(&logs, &(struct logs_fetch){.request = article, .outcome = OK});
    dataset = load(&logs);
    assert_int_equal(document_of(dataset, "http://a.example/1")->flags,
                     DOCUMENT_KNOWN | DOCUMENT_FINAL);
    assert_true(
        slice_equal(dataset_text(dataset, document_of(dataset, "http://a.example/1")->reason),
                    SLICE("HTTP 404")));
    dataset_destroy(dataset);
    logs_close(&logs);
}

static void repeats_of_a_report_are_chosen_among(void **state)
{
    struct logs logs;
    struct dataset *dataset;

    (void) state;
    logs_open(&logs);
    logs_report(&logs, "http://a.example/1", OUTCOME_DEAD, "crash");
    logs_report(&logs, "http://a.example/1", OUTCOME_DROPPED, "no visit");
    logs_report(&logs, "http://a.example/1", OUTCOME_PASSED, "");
    dataset = load(&logs);
    assert_int_equal(dataset->documents.count, 1);
    assert_int_equal(dataset_at(dataset, 0)->outcome, OUTCOME_DROPPED);
    assert_int_equal(dataset->claims.count, 0);
    dataset_destroy(dataset);
    logs_close(&logs);
}

static void states_of_lists(void **state)
{
    static const char *const hits[] = {"http://a.example/1", "http://a.example/2", NULL};
    struct setting setting = fixture_setting();
    struct dataset *dataset;
    struct lists lists;
    struct logs logs;
    Xunfang__Request *page, *next;
    struct buf reason;

    (void) state;
    logs_open(&logs);
    page = logs_request(&logs, "http://a.example/0?p=1", true);
    next = logs_request(&logs, "http://a.example/0?p=2", true);
    next->page = 1;
    logs_result(&logs,
                &(struct logs_fetch){
                    .request = page, .outcome = OK, .hits = hits, .next = next, .declared = 2});
    logs_verdict(&logs, next, XUNFANG__VERDICT__REASON__LIST_END, "");
    page = logs_request(&logs, "http://a.example/1?p=1", true);
    page->list = 1;
    logs_verdict(&logs, page, XUNFANG__VERDICT__REASON__GAVE_UP, "HTTP 503");
    page = logs_request(&logs, "http://b.example/2?p=1", true);
    page->list = 2;
    logs_result(&logs, &(struct logs_fetch){.request = page,
                                            .outcome = XUNFANG__FETCH_RESULT__OUTCOME__BLOCKED});
    logs_verdict(&logs, page, XUNFANG__VERDICT__REASON__GAVE_UP, "a wall");
    dataset = load(&logs);
    assert_int_equal(lists_build(dataset, &setting, &lists, NULL), STATUS_OK);
    assert_int_equal(lists.rows[0].state, LIST_COMPLETE);
    assert_int_equal(lists.rows[0].collected, 2);
    assert_int_equal(lists.rows[0].declared, 2);
    assert_int_equal(lists.rows[1].state, LIST_INCOMPLETE);
    assert_int_equal(lists.rows[2].state, LIST_BLOCKED);
    buf_init(&reason, 100);
    list_reason(dataset, &lists.rows[1], &reason);
    assert_string_equal(buf_text(&reason), "failed: HTTP 503");
    buf_reset(&reason);
    list_reason(dataset, &lists.rows[2], &reason);
    assert_string_equal(buf_text(&reason), "blocked: a wall");
    buf_fini(&reason);
    /* 上海 was searched for 南京 completely, 南京 for 上海 not: one side is enough. */
    assert_true(lists_observed(&lists, &setting, SHANGHAI, NANJING));
    assert_true(lists_observed(&lists, &setting, NANJING, SHANGHAI));
    assert_false(lists_observed(&lists, &setting, SHANGHAI, SUZHOU));
    assert_false(lists_observed(&lists, &setting, NANJING, HEFEI));
    lists_fini(&lists);
    dataset_destroy(dataset);
    logs_close(&logs);
}

static void a_list_nobody_asked_is_incomplete(void **state)
{
    struct setting setting = fixture_setting();
    struct dataset *dataset = dataset_create();
    struct lists lists;
    struct buf reason;

    (void) state;
    assert_int_equal(dataset_finish(dataset, NULL), STATUS_OK);
    assert_int_equal(lists_build(dataset, &setting, &lists, NULL), STATUS_OK);
    assert_int_equal(lists.states[LIST_INCOMPLETE], 3);
    buf_init(&reason, 100);
    list_reason(dataset, &lists.rows[0], &reason);
    assert_string_equal(buf_text(&reason), "not asked");
    buf_fini(&reason);
    lists_fini(&lists);
    dataset_destroy(dataset);
}

static void garbage_is_counted_and_left_out(void **state)
{
    struct dataset *dataset = dataset_create();
    struct arena *arena = arena_create(1 << 20);
    struct record record = {
        .id = fixture_id("a"), .payload = SLICE("\xFF\xFF\xFF"), .outcome = OUTCOME_PASSED};

    (void) state;
    assert_int_equal(dataset_take_url(dataset, &record, arena, NULL), STATUS_OK);
    assert_int_equal(dataset->bad_records, 1);
    assert_int_equal(dataset->documents.count, 0);
    assert_int_equal(dataset_take_report(dataset, &record, arena, NULL), STATUS_OK);
    assert_int_equal(dataset->bad_records, 2);
    arena_destroy(arena);
    dataset_destroy(dataset);
}

/* Days no calendar here knows, and too many visits in one report. */
static void hostile_reports_are_tamed(void **state)
{
    struct dataset *dataset = dataset_create();
    Xunfang__Report report = XUNFANG__REPORT__INIT;
    Xunfang__Event event = XUNFANG__EVENT__INIT;
    Xunfang__Event *events[DATASET_CLAIMS_MAX + 3];
    Xunfang__Brief brief = XUNFANG__BRIEF__INIT;

    (void) state;
    for (size_t i = 0; i < DATASET_CLAIMS_MAX + 3; i++)
        events[i] = &event;
    event.has_date = true;
    event.date = INT32_MAX;
    event.date_precision = fixture_text("day");
    brief.has_date = true;
    brief.date = INT32_MIN;
    report.brief = &brief;
    report.events = events;
    report.n_events = DATASET_CLAIMS_MAX + 3;
    dataset_put_brief(dataset, dataset_document(dataset, fixture_id("a")), &brief);
    assert_int_equal(dataset_put_report(dataset, fixture_id("a"), &report, NULL), STATUS_OK);
    assert_int_equal(dataset->claims.count, DATASET_CLAIMS_MAX);
    assert_int_equal(dataset->extra_claims, 3);
    assert_int_equal(dataset_claim(dataset, 0)->day, CIVIL_NONE);
    assert_int_equal(dataset_at(dataset, 0)->date, CIVIL_NONE);
    dataset_destroy(dataset);
}

static struct ruling ruling_of(const struct dataset *dataset, const char *url)
{
    size_t index = idtable_find(&dataset->by_id, fixture_id(url));

    assert_int_not_equal(index, SIZE_MAX);
    return dataset_ruling(dataset, dataset_at(dataset, index));
}

static void expect_text(const struct dataset *dataset, uint32_t text, const char *wanted)
{
    assert_true(slice_equal(dataset_text(dataset, text), slice_from(wanted)));
}

/* Dropped documents say who decided, too; two alike share one entry. */
static void who_decided_is_kept_of_every_outcome(void **state)
{
    struct telling telling = {
        .url = "a", .decided_by = "llm", .model = "q@1", .asked = "visit+ events0"};
    struct dataset *dataset = dataset_create();
    struct ruling ruling;

    (void) state;
    fixture_outcome(dataset, &telling, OUTCOME_DROPPED, "no visit");
    telling.url = "b";
    fixture_tell(dataset, &telling);
    ruling = ruling_of(dataset, "a");
    expect_text(dataset, ruling.decided_by, "llm");
    expect_text(dataset, ruling.model, "q@1");
    assert_int_equal(ruling.task_count, 2);
    expect_text(dataset, ruling.tasks[1], "events");
    assert_int_equal(ruling.ends[0], QUESTION_ANSWERED);
    assert_int_equal(ruling.ends[1], QUESTION_REFUSED);
    assert_int_equal(dataset_at(dataset, 0)->ruling, dataset_at(dataset, 1)->ruling);
    dataset_destroy(dataset);
}

/* The first good outcome stays, with its own ruling; a dead one is replaced, ruling and all. */
static void the_ruling_is_that_of_the_chosen_outcome(void **state)
{
    struct telling telling = {.url = "a", .asked = "visit-"};
    struct dataset *dataset = dataset_create();
    struct ruling ruling;

    (void) state;
    fixture_outcome(dataset, &telling, OUTCOME_DEAD, "model: HTTP 500");
    assert_int_equal(ruling_of(dataset, "a").ends[0], QUESTION_FAILED);
    telling.asked = NULL;
    telling.decided_by = "rule";
    fixture_tell(dataset, &telling);
    telling.decided_by = "llm";
    fixture_tell(dataset, &telling);
    ruling = ruling_of(dataset, "a");
    expect_text(dataset, ruling.decided_by, "rule");
    assert_int_equal(ruling.task_count, 0);
    dataset_destroy(dataset);
}

static void of_too_many_tasks_the_first_are_kept(void **state)
{
    struct dataset *dataset = dataset_create();
    struct document *document = dataset_document(dataset, fixture_id("a"));
    Xunfang__Report report = XUNFANG__REPORT__INIT;
    Xunfang__Consulted consulted = XUNFANG__CONSULTED__INIT;
    char *tasks[RULING_TASKS_MAX + 2];

    (void) state;
    for (size_t i = 0; i < RULING_TASKS_MAX + 2; i++)
        tasks[i] = fixture_text("visit");
    consulted.tasks = tasks;
    consulted.n_tasks = RULING_TASKS_MAX + 2;
    report.consulted = &consulted;
    dataset_put_report_ruling(dataset, document, &report);
    assert_int_equal(dataset_ruling(dataset, document).task_count, RULING_TASKS_MAX);
    dataset_destroy(dataset);
}

/* "2019-05" is no day, whatever number stands beside it. */
static void a_month_is_no_day(void **state)
{
    struct dataset *dataset = dataset_create();
    Xunfang__Report report = XUNFANG__REPORT__INIT;
    Xunfang__Event event = XUNFANG__EVENT__INIT, *events[] = {&event};

    (void) state;
    event.has_date = true;
    event.date = 18000;
    event.date_precision = fixture_text("month");
    report.events = events;
    report.n_events = 1;
    assert_int_equal(dataset_put_report(dataset, fixture_id("a"), &report, NULL), STATUS_OK);
    assert_int_equal(dataset_claim(dataset, 0)->day, CIVIL_NONE);
    dataset_destroy(dataset);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_article_goes_from_hit_to_report),
        cmocka_unit_test(first_final_result_counts),
        cmocka_unit_test(repeats_of_a_report_are_chosen_among),
        cmocka_unit_test(states_of_lists),
        cmocka_unit_test(a_list_nobody_asked_is_incomplete),
        cmocka_unit_test(garbage_is_counted_and_left_out),
        cmocka_unit_test(hostile_reports_are_tamed),
        cmocka_unit_test(who_decided_is_kept_of_every_outcome),
        cmocka_unit_test(the_ruling_is_that_of_the_chosen_outcome),
        cmocka_unit_test(of_too_many_tasks_the_first_are_kept),
        cmocka_unit_test(a_month_is_no_day),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
