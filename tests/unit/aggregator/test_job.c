#include "tests/unit/aggregator/logs.h"

#include "aggregator/dead.h"
#include "aggregator/job_source.h"
#include "aggregator/trace.h"
#include "aggregator/verify_courtesy.h"
#include "aggregator/verify_logs.h"
#include "base/json.h"

#define OK XUNFANG__FETCH_RESULT__OUTCOME__OK

static const char *const hits[] = {"http://a.example/1", "http://a.example/2", NULL};

/* A job source over the logs, put together by hand: the bus is in memory, the study hardly used. */
struct opened {
    struct logs logs;
    struct job_settings settings;
    struct catalog_run run;
    Xunfang__JobSubmitted submitted;
    struct study study;
    struct job_source source;
};

static void open_all(struct opened *o)
{
    memset(o, 0, sizeof *o);
    logs_open(&o->logs);
    o->settings.so_far = true;
    o->run.job = "test";
    o->run.run = "main";
    xunfang__job_submitted__init(&o->submitted);
    o->run.submitted = &o->submitted;
    o->study.job.crawl.delay_ms = 20;
    o->study.job.crawl.connections_per_host = 1;
    o->source = (struct job_source){
        .settings = &o->settings, .bus = o->logs.bus, .run = &o->run, .study = &o->study};
    memcpy(o->source.topics, o->logs.topics, sizeof o->source.topics);
}

/* One list with two articles, both on their way to the end; `lost` leaves one page out. */
static void write_job(struct logs *logs, bool lost)
{
    Xunfang__Request *list = logs_request(logs, "http://a.example/s", true);
    struct record page = {.key = SLICE("k"), .schema = RECORD_SCHEMA};

    logs_link(logs, list, true);
    logs_result(
        logs, &(struct logs_fetch){.request = list, .outcome = OK, .hits = hits, .sent_ms = 1000});
    for (int i = 0; i < 2; i++) {
        Xunfang__Request *article = logs_request(logs, hits[i], false);

        logs_link(logs, article, false);
        page.id = request_id(article);
        if (!lost || i == 0)
            logs_put(logs, TOPIC_PAGES, &page, 0);
        logs_document(logs, hits[i], 0);
        logs_result(logs, &(struct logs_fetch){
                              .request = article, .outcome = OK, .sent_ms = 1100 + 100 * i});
        logs_outcome(logs, TOPIC_VISITS, hits[i], OUTCOME_PASSED, "");
        logs_report(logs, hits[i], OUTCOME_PASSED, "");
    }
}

static void compute(struct opened *o, struct results *results)
{
    struct dataset *dataset = NULL;

    assert_int_equal(job_dataset(&o->source, &dataset, NULL), STATUS_OK);
    fixture_results(dataset, results);
}

static uint64_t failed_checks(struct opened *o, struct buf *out)
{
    struct verify verify = {.out = out};
    struct results results;

    compute(o, &results);
    buf_init(out, 1 << 20);
    assert_int_equal(verify_logs(&o->source, &results, &verify, NULL), STATUS_OK);
    assert_int_equal(verify_courtesy(&o->source, &verify, NULL), STATUS_OK);
    results_fini(&results);
    return verify.failed;
}

/* Two of the fixture's three lists were never asked: that check fails, the rest holds. */
static void conserved_logs_pass(void **state)
{
    struct opened o;
    struct buf out;

    (void) state;
    open_all(&o);
    write_job(&o.logs, false);
    assert_int_equal(failed_checks(&o, &out), 1);
    assert_non_null(strstr(buf_text(&out), "every list was asked\",\"ok\":false"));
    buf_fini(&out);
    logs_close(&o.logs);
}

static void a_lost_page_is_found(void **state)
{
    char id[ID_TEXT_SIZE];
    struct opened o;
    struct buf out;

    (void) state;
    open_all(&o);
    write_job(&o.logs, true);
    /* The page itself, and an event that no longer leads to it. */
    assert_int_equal(failed_checks(&o, &out), 3);
    (void) id_text(request_id_of_url(slice_from(hits[1])), id);
    assert_non_null(strstr(buf_text(&out), id));
    buf_fini(&out);
    logs_close(&o.logs);
}

static void a_lost_outcome_is_found(void **state)
{
    struct opened o;
    struct buf out;

    (void) state;
    open_all(&o);
    write_job(&o.logs, false);
    logs_document(&o.logs, "http://a.example/9", 0);
    assert_int_equal(failed_checks(&o, &out), 3); /* neither visits nor reports have it */
    buf_fini(&out);
    logs_close(&o.logs);
}

static void an_open_url_is_found(void **state)
{
    struct opened o;
    struct buf out;

    (void) state;
    open_all(&o);
    write_job(&o.logs, false);
    logs_link(&o.logs, logs_request(&o.logs, "http://a.example/open", false), false);
    assert_int_equal(failed_checks(&o, &out), 2);
    assert_non_null(strstr(buf_text(&out), "every known URL came to an end\",\"ok\":false"));
    buf_fini(&out);
    logs_close(&o.logs);
}

static void an_early_request_is_found(void **state)
{
    struct opened o;
    struct buf out;

    (void) state;
    open_all(&o);
    write_job(&o.logs, false);
    logs_result(&o.logs, &(struct logs_fetch){
                             .request = logs_request(&o.logs, "http://a.example/gone", false),
                             .outcome = XUNFANG__FETCH_RESULT__OUTCOME__NOT_FOUND,
                             .sent_ms = 1010});
    assert_int_equal(failed_checks(&o, &out), 2);
    assert_non_null(strstr(buf_text(&out), "host a.example"));
    buf_fini(&out);
    logs_close(&o.logs);
}

static void an_unsealed_job_is_not_complete(void **state)
{
    static struct log_range range;
    struct opened o;
    struct error err;

    (void) state;
    open_all(&o);
    o.settings.so_far = false;
    assert_int_equal(job_range(&o.source, TOPIC_URLS, &range, &err), STATUS_NOT_FOUND);
    assert_non_null(strstr(err.message, "not complete"));
    logs_close(&o.logs);
}

/* Exactly the sealed range is read, whatever stands behind it. */
static void the_seal_bounds_what_is_read(void **state)
{
    uint64_t ends[LOG_PARTITIONS];
    Xunfang__SealedRange urls = XUNFANG__SEALED_RANGE__INIT, reports = XUNFANG__SEALED_RANGE__INIT;
    Xunfang__SealedRange *ranges[] = {&urls, &reports};
    Xunfang__Sealed sealed = XUNFANG__SEALED__INIT;
    uint64_t url_ends[LOG_PARTITIONS];
    struct results results;
    struct opened o;

    (void) state;
    open_all(&o);
    write_job(&o.logs, false);
    for (uint32_t p = 0; p < LOG_PARTITIONS; p++) {
        assert_int_equal(bus_end(o.logs.bus, "urls", p, &url_ends[p], NULL), STATUS_OK);
        assert_int_equal(bus_end(o.logs.bus, o.logs.topics[TOPIC_REPORTS].text, p, &ends[p], NULL),
                         STATUS_OK);
    }
    urls.topic = fixture_text("urls");
    urls.ends = url_ends;
    reports.topic = o.logs.topics[TOPIC_REPORTS].text;
    reports.ends = ends;
    urls.n_ends = reports.n_ends = LOG_PARTITIONS;
    sealed.ranges = ranges;
    sealed.n_ranges = 2;
    o.settings.so_far = false;
    o.run.sealed = &sealed;
    logs_result(&o.logs,
                &(struct logs_fetch){.request = logs_request(&o.logs, "http://a.example/3", false),
                                     .outcome = OK});
    logs_report(&o.logs, "http://a.example/3", OUTCOME_PASSED, "");
    compute(&o, &results);
    assert_int_equal(results.dataset->documents.count, 2);
    results_fini(&results);
    o.settings.so_far = true;
    compute(&o, &results);
    assert_int_equal(results.dataset->documents.count, 3);
    results_fini(&results);
    logs_close(&o.logs);
}

/* ---- trace ---- */

static void trace_all(struct opened *o, struct trace *trace, struct buf *out)
{
    static const enum topic_kind kinds[] = {TOPIC_URLS, TOPIC_DOCUMENTS, TOPIC_VISITS,
                                            TOPIC_REPORTS};

    buf_init(out, 1 << 20);
    trace->source = &o->source;
    trace->out = out;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        assert_int_equal(trace_log(trace, kinds[i], NULL), STATUS_OK);
}

static void a_trace_follows_one_document(void **state)
{
    struct trace trace = {.url = slice_from(hits[1])};
    struct opened o;
    struct buf out;
    const char *at;

    (void) state;
    open_all(&o);
    write_job(&o.logs, false);
    idset_init(&trace.ids);
    trace.source = &o.source;
    assert_int_equal(trace_resolve(&trace, NULL), STATUS_OK);
    assert_int_equal(trace.ids.ids.count, 1);
    trace_all(&o, &trace, &out);
    assert_int_equal(trace.lines, 6);
    at = strstr(buf_text(&out), "hit on list 0");
    assert_non_null(at);
    at = strstr(at, "wanted: GET http://a.example/2");
    assert_non_null(at);
    at = strstr(at, "fetched: OK");
    assert_non_null(at);
    at = strstr(at, "document: ");
    assert_non_null(at);
    at = strstr(at, "classifier: passed");
    assert_non_null(at);
    assert_non_null(strstr(at, "extractor: passed; 上海 → 南京, 2019-05-08"));
    assert_null(strstr(buf_text(&out), "http://a.example/1"));
    buf_fini(&out);
    idset_fini(&trace.ids);
    logs_close(&o.logs);
}

static void a_trace_as_json_is_an_object_a_line(void **state)
{
    struct trace trace = {.json = true};
    struct arena *arena = arena_create(1 << 20);
    const struct json *object;
    struct opened o;
    struct slice rest;
    struct buf out;

    (void) state;
    open_all(&o);
    write_job(&o.logs, false);
    idset_init(&trace.ids);
    assert_int_equal(idset_add(&trace.ids, request_id_of_url(slice_from(hits[0])), NULL, NULL),
                     STATUS_OK);
    trace_all(&o, &trace, &out);
    trace_line(&trace, NULL, "result: \"event\"");
    rest = buf_slice(&out);
    for (uint64_t i = 0; i < trace.lines; i++) {
        assert_int_equal(json_parse(slice_split(&rest, '\n'), arena, &object, NULL), STATUS_OK);
        assert_int_equal(json_kind(json_member(object, "what")), JSON_KIND_TEXT);
    }
    assert_true(slice_equal(json_text(json_member(object, "what")), SLICE("result: \"event\"")));
    buf_fini(&out);
    arena_destroy(arena);
    idset_fini(&trace.ids);
    logs_close(&o.logs);
}

/* ---- dead ---- */

/* Documents 1 and 2 died, one in each stage; 3 died and was answered later. */
static void write_dead(struct logs *logs)
{
    static const char *const urls[] = {"http://a.example/1", "http://a.example/2",
                                       "http://a.example/3"};

    for (int i = 0; i < 3; i++)
        logs_document(logs, urls[i], 0);
    logs_document(logs, urls[0], 0); /* a repeat */
    logs_outcome(logs, TOPIC_VISITS, urls[0], OUTCOME_DEAD, "crash");
    logs_report(logs, urls[0], OUTCOME_DEAD, "crash");
    logs_outcome(logs, TOPIC_VISITS, urls[1], OUTCOME_PASSED, "");
    logs_report(logs, urls[1], OUTCOME_DEAD, "too large");
    logs_report(logs, urls[2], OUTCOME_DEAD, "crash");
    logs_report(logs, urls[2], OUTCOME_DROPPED, "no visit");
}

static void the_dead_are_listed_with_stage_and_reason(void **state)
{
    struct opened o;
    struct dead dead;
    struct buf out;

    (void) state;
    open_all(&o);
    write_dead(&o.logs);
    assert_int_equal(dead_find(&o.source, &dead, NULL), STATUS_OK);
    assert_int_equal(dead.count, 2);
    buf_init(&out, 4096);
    dead_print(&dead, true, &out);
    assert_non_null(strstr(buf_text(&out), "\"stage\":\"classifier\",\"reason\":\"crash\","
                                           "\"url\":\"http://a.example/1\"}"));
    assert_non_null(strstr(buf_text(&out), "\"stage\":\"extractor\",\"reason\":\"too large\""));
    buf_reset(&out);
    dead_print(&dead, false, &out);
    assert_non_null(strstr(buf_text(&out), "extractor   too large  http://a.example/2"));
    buf_fini(&out);
    dead_fini(&dead);
    logs_close(&o.logs);
}

/* The same job as `control` tells it: whoever adds to a job claims its generation there. */
static void announce(struct opened *o)
{
    Xunfang__ControlRecord control = XUNFANG__CONTROL_RECORD__INIT;

    o->submitted.job = fixture_text("test");
    o->submitted.run = fixture_text("main");
    o->submitted.partitions = LOG_PARTITIONS;
    control.kind_case = XUNFANG__CONTROL_RECORD__KIND_SUBMITTED;
    control.submitted = &o->submitted;
    logs_control(&o->logs, &control);
    assert_int_equal(catalog_open(o->logs.bus, &o->source.catalog, NULL), STATUS_OK);
    o->source.run = catalog_find(o->source.catalog, "test", "main");
    assert_non_null(o->source.run);
}

static uint32_t announced_generation(struct opened *o)
{
    assert_int_equal(catalog_refresh(o->source.catalog, 0, NULL), STATUS_OK);
    return o->source.run->generation;
}

/* Both documents stand in the log once more, in the next generation, and control says so. */
static void redrive_appends_and_announces(void **state)
{
    struct record record;
    struct bus_record found;
    struct opened o;
    struct dead dead;
    size_t count = 0, again = 0;

    (void) state;
    open_all(&o);
    announce(&o);
    write_dead(&o.logs);
    assert_int_equal(dead_find(&o.source, &dead, NULL), STATUS_OK);
    assert_int_equal(dead_redrive(&dead, &count, NULL), STATUS_OK);
    assert_int_equal(count, 2);
    for (uint32_t p = 0; p < LOG_PARTITIONS; p++)
        for (uint64_t i = 0;
             bus_world_record(o.logs.world, o.logs.topics[TOPIC_DOCUMENTS].text, p, i, &found);
             i++) {
            assert_int_equal(record_decode(found.value, o.logs.arena, &record, NULL), STATUS_OK);
            again += record.generation == 1;
        }
    assert_int_equal(again, 2);
    assert_int_equal(announced_generation(&o), 1);
    assert_int_equal(o.source.run->ingested, 2);
    dead_fini(&dead);
    catalog_close(o.source.catalog);
    logs_close(&o.logs);
}

static void nothing_dead_announces_nothing(void **state)
{
    struct opened o;
    struct dead dead;
    size_t count = 7;

    (void) state;
    open_all(&o);
    announce(&o);
    write_job(&o.logs, false);
    assert_int_equal(dead_find(&o.source, &dead, NULL), STATUS_OK);
    assert_int_equal(dead_redrive(&dead, &count, NULL), STATUS_OK);
    assert_int_equal(count, 0);
    assert_int_equal(announced_generation(&o), 0);
    dead_fini(&dead);
    catalog_close(o.source.catalog);
    logs_close(&o.logs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conserved_logs_pass),
        cmocka_unit_test(a_lost_page_is_found),
        cmocka_unit_test(a_lost_outcome_is_found),
        cmocka_unit_test(an_open_url_is_found),
        cmocka_unit_test(an_early_request_is_found),
        cmocka_unit_test(an_unsealed_job_is_not_complete),
        cmocka_unit_test(the_seal_bounds_what_is_read),
        cmocka_unit_test(a_trace_follows_one_document),
        cmocka_unit_test(a_trace_as_json_is_an_object_a_line),
        cmocka_unit_test(the_dead_are_listed_with_stage_and_reason),
        cmocka_unit_test(redrive_appends_and_announces),
        cmocka_unit_test(nothing_dead_announces_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
