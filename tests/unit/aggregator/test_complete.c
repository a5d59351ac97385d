#include "tests/unit/aggregator/logs.h"

#include "aggregator/complete.h"
#include "base/util/random.h"

#define OK        XUNFANG__FETCH_RESULT__OUTCOME__OK
#define TRY_AGAIN XUNFANG__FETCH_RESULT__OUTCOME__TRY_AGAIN
#define NOT_FOUND XUNFANG__FETCH_RESULT__OUTCOME__NOT_FOUND
#define MOVED     XUNFANG__FETCH_RESULT__OUTCOME__MOVED
#define BLOCKED   XUNFANG__FETCH_RESULT__OUTCOME__BLOCKED

/* One aggregator over the logs, as aggregator_main sets it up. */
struct folding {
    struct logs logs;
    bool replay;   /* run `again` over generation 0 of `main`, with reports of its own */
    bool onlooker; /* as on a bus of many machines */
    struct store *store;
    struct complete *complete;
    struct worker *worker;
};

static void start(struct folding *f)
{
    const struct complete_options options = {.job = "test",
                                             .run = f->replay ? "again" : "main",
                                             .url_partitions = LOG_PARTITIONS,
                                             .partitions = LOG_PARTITIONS,
                                             .documents_run = f->replay ? "main" : NULL,
                                             .documents = f->logs.topics[TOPIC_DOCUMENTS].text,
                                             .reports = f->logs.topics[TOPIC_REPORTS].text,
                                             .generations = f->replay ? 1 : 0};
    struct bus_partition inputs[3 * LOG_PARTITIONS + 1];
    struct worker_options worker = {.bus = f->logs.bus,
                                    .clock = &f->logs.clock.clock,
                                    .inputs = inputs,
                                    .store = f->store,
                                    .onlooker = f->onlooker};
    static const enum topic_kind kinds[] = {TOPIC_URLS, TOPIC_DOCUMENTS, TOPIC_REPORTS};

    for (size_t k = 0; k < 3; k++)
        for (uint32_t p = 0; p < LOG_PARTITIONS; p++)
            inputs[worker.input_count++] = (struct bus_partition){f->logs.topics[kinds[k]].text, p};
    inputs[worker.input_count++] = (struct bus_partition){"control", 0};
    f->complete = complete_create(&options);
    assert_non_null(f->complete);
    assert_int_equal(worker_create_fold(&complete_stage, f->complete, &worker, &f->worker, NULL),
                     STATUS_OK);
}

static void stop(struct folding *f)
{
    worker_destroy(f->worker);
    complete_destroy(f->complete);
}

static void open_all(struct folding *f)
{
    logs_open(&f->logs);
    f->replay = f->onlooker = false;
    f->store = store_open_memory();
    start(f);
}

static void close_all(struct folding *f)
{
    stop(f);
    store_close(f->store);
    logs_close(&f->logs);
}

static const struct progress *settle(struct folding *f)
{
    struct error err;

    for (int i = 0; i < 60; i++) {
        if (worker_step(f->worker, 20, &err) != STATUS_OK)
            fail_msg("%s", err.message);
        clock_manual_advance(&f->logs.clock, 50);
    }
    return complete_progress(f->complete);
}

static const char *const two_hits[] = {"http://a.example/1", "http://a.example/2", NULL};

/* A list with two articles, everything fetched and read but the report of the second. */
static void write_nearly_all(struct logs *logs)
{
    Xunfang__Request *seed = logs_request(logs, "http://a.example/search?p=1", true);
    Xunfang__Request *next = logs_request(logs, "http://a.example/search?p=2", true);
    Xunfang__Request *one = logs_request(logs, two_hits[0], false);
    Xunfang__Request *two = logs_request(logs, two_hits[1], false);

    logs_link(logs, seed, true);
    logs_seeded(logs, 1);
    logs_result(
        logs, &(struct logs_fetch){.request = seed, .outcome = OK, .hits = two_hits, .next = next});
    logs_link(logs, one, false);
    logs_link(logs, two, false);
    logs_verdict(logs, next, XUNFANG__VERDICT__REASON__LIST_END, "");
    logs_result(logs, &(struct logs_fetch){.request = one, .outcome = TRY_AGAIN});
    logs_document(logs, two_hits[0], 0);
    logs_result(logs, &(struct logs_fetch){.request = one, .outcome = OK});
    logs_document(logs, two_hits[1], 0);
    logs_result(logs, &(struct logs_fetch){.request = two, .outcome = OK});
    logs_report(logs, two_hits[0], OUTCOME_PASSED, "");
}

static void seals_when_the_last_outcome_is_there(void **state)
{
    const Xunfang__Sealed *sealed;
    struct folding f;

    (void) state;
    open_all(&f);
    write_nearly_all(&f.logs);
    assert_int_equal(progress_remaining(settle(&f)), 1);
    assert_null(logs_seal(&f.logs, 0));
    logs_report(&f.logs, two_hits[1], OUTCOME_DROPPED, "no visit");
    assert_int_equal(settle(&f)->sealed, 1);
    sealed = logs_seal(&f.logs, 0);
    assert_non_null(sealed);
    assert_string_equal(sealed->state, "complete");
    assert_string_equal(sealed->job, "test");
    assert_int_equal(sealed->generation, 0);
    assert_int_equal(sealed->n_ranges, 3);
    for (size_t i = 0; i < 3; i++) {
        uint64_t end;

        assert_int_equal(sealed->ranges[i]->n_ends, LOG_PARTITIONS);
        for (uint32_t p = 0; p < LOG_PARTITIONS; p++) {
            assert_int_equal(bus_end(f.logs.bus, sealed->ranges[i]->topic, p, &end, NULL),
                             STATUS_OK);
            assert_int_equal(sealed->ranges[i]->ends[p], end);
        }
    }
    (void) settle(&f);
    assert_null(logs_seal(&f.logs, 1)); /* once */
    close_all(&f);
}

static void progress_counts_what_happened(void **state)
{
    const struct progress *progress;
    struct folding f;

    (void) state;
    open_all(&f);
    write_nearly_all(&f.logs);
    progress = settle(&f);
    assert_int_equal(progress->urls_known, 4);
    assert_int_equal(progress->urls_final, 4);
    assert_int_equal(progress->lists_known, 1);
    assert_int_equal(progress->lists_final, 1);
    assert_int_equal(progress->documents, 2);
    assert_int_equal(progress->outcomes, 1);
    assert_int_equal(progress->visits, 1);
    assert_int_equal(progress->events, 1);
    assert_int_equal(progress->waiting, 1);
    close_all(&f);
}

/* A second start from the same state, and one from nothing, know the same and seal no more. */
static void restart_changes_nothing(void **state)
{
    struct folding f;
    struct progress before;

    (void) state;
    open_all(&f);
    write_nearly_all(&f.logs);
    logs_report(&f.logs, two_hits[1], OUTCOME_DROPPED, "no event");
    before = *settle(&f);
    assert_int_equal(before.visits, 2);
    stop(&f);
    start(&f);
    assert_memory_equal(settle(&f), &before, sizeof before);
    stop(&f);
    assert_int_equal(store_wipe(f.store, NULL), STATUS_OK);
    start(&f);
    assert_memory_equal(settle(&f), &before, sizeof before);
    assert_non_null(logs_seal(&f.logs, 0));
    assert_null(logs_seal(&f.logs, 1));
    close_all(&f);
}

static void nothing_is_sealed_before_all_seeds_are_known(void **state)
{
    struct folding f;
    Xunfang__Request *seed;

    (void) state;
    open_all(&f);
    seed = logs_request(&f.logs, "http://a.example/search", true);
    logs_seeded(&f.logs, 2);
    logs_link(&f.logs, seed, true);
    logs_link(&f.logs, seed, true); /* a repeat is no second seed */
    logs_result(&f.logs, &(struct logs_fetch){.request = seed, .outcome = OK});
    assert_int_equal(settle(&f)->sealed, 0);
    seed = logs_request(&f.logs, "http://b.example/search", true);
    logs_link(&f.logs, seed, true);
    logs_result(&f.logs, &(struct logs_fetch){.request = seed, .outcome = OK});
    assert_int_equal(settle(&f)->sealed, 1);
    close_all(&f);
}

/* One list is given up, one cut, one blocked and then given up; a document is dead: four gaps. */
static void gaps_are_counted_in_the_seal(void **state)
{
    static const char *const hit[] = {"http://a.example/9", NULL};
    struct folding f;
    Xunfang__Request *lists[4];

    (void) state;
    open_all(&f);
    for (int i = 0; i < 4; i++) {
        char *url = arena_printf(f.logs.arena, "http://a.example/search%d", i);

        lists[i] = logs_request(&f.logs, url, true);
        lists[i]->list = (uint32_t) i;
        logs_link(&f.logs, lists[i], true);
    }
    logs_seeded(&f.logs, 4);
    logs_result(&f.logs, &(struct logs_fetch){.request = lists[0], .outcome = OK, .hits = hit});
    logs_verdict(&f.logs, lists[1], XUNFANG__VERDICT__REASON__GAVE_UP, "HTTP 503");
    logs_verdict(&f.logs, lists[2], XUNFANG__VERDICT__REASON__LIMIT, "max_pages_per_list");
    logs_result(&f.logs, &(struct logs_fetch){.request = lists[3], .outcome = BLOCKED});
    logs_document(&f.logs, hit[0], 0);
    logs_result(&f.logs, &(struct logs_fetch){.request = logs_request(&f.logs, hit[0], false),
                                              .outcome = OK});
    logs_report(&f.logs, hit[0], OUTCOME_DEAD, "crash");
    assert_int_equal(settle(&f)->sealed, 0); /* blocked is not the end */
    logs_verdict(&f.logs, lists[3], XUNFANG__VERDICT__REASON__GAVE_UP, "a product");
    assert_int_equal(settle(&f)->sealed, 1);
    assert_string_equal(logs_seal(&f.logs, 0)->state, "gaps: 4");
    close_all(&f);
}

static void a_moved_article_waits_for_its_target(void **state)
{
    static const char *const hit[] = {"http://a.example/old", NULL};
    struct folding f;
    Xunfang__Request *seed, *old, *target;

    (void) state;
    open_all(&f);
    seed = logs_request(&f.logs, "http://a.example/search", true);
    old = logs_request(&f.logs, hit[0], false);
    target = logs_request(&f.logs, "http://a.example/new", false);
    logs_seeded(&f.logs, 1);
    logs_link(&f.logs, seed, true);
    logs_result(&f.logs, &(struct logs_fetch){.request = seed, .outcome = OK, .hits = hit});
    logs_result(&f.logs, &(struct logs_fetch){.request = old, .outcome = MOVED, .next = target});
    assert_int_equal(settle(&f)->sealed, 0);
    logs_result(&f.logs, &(struct logs_fetch){.request = target, .outcome = NOT_FOUND});
    assert_int_equal(settle(&f)->sealed, 1);
    assert_string_equal(logs_seal(&f.logs, 0)->state, "complete");
    close_all(&f);
}

/* Ingesting opens a generation: it is sealed when its documents are there and read. */
static void ingest_opens_a_generation(void **state)
{
    struct folding f;

    (void) state;
    open_all(&f);
    write_nearly_all(&f.logs);
    logs_report(&f.logs, two_hits[1], OUTCOME_DROPPED, "no visit");
    assert_int_equal(settle(&f)->sealed, 1);
    logs_ingested(&f.logs, 1, 1);
    assert_int_equal(settle(&f)->sealed, 1);
    logs_document(&f.logs, "http://z.example/1", 1);
    assert_int_equal(settle(&f)->sealed, 1);
    {
        Xunfang__Report report = XUNFANG__REPORT__INIT;

        logs_put_message(&f.logs, TOPIC_REPORTS,
                         logs_record("http://z.example/1", OUTCOME_DROPPED, "period", 1),
                         &report.base);
    }
    assert_int_equal(settle(&f)->sealed, 2);
    assert_int_equal(logs_seal(&f.logs, 1)->generation, 1);
    close_all(&f);
}

static void put_ingested(struct logs *logs, const char *url, uint32_t generation)
{
    Xunfang__Report report = XUNFANG__REPORT__INIT;

    logs_document(logs, url, generation);
    logs_put_message(logs, TOPIC_REPORTS, logs_record(url, OUTCOME_DROPPED, "period", generation),
                     &report.base);
}

/* What an intake wrote that was given up never stands for the documents of the next one. */
static void an_abandoned_generation_counts_for_none(void **state)
{
    struct folding f;

    (void) state;
    open_all(&f);
    write_nearly_all(&f.logs);
    logs_report(&f.logs, two_hits[1], OUTCOME_DROPPED, "no visit");
    put_ingested(&f.logs, "http://z.example/1", 1);
    put_ingested(&f.logs, "http://z.example/2", 1);
    assert_int_equal(settle(&f)->sealed, 1);
    logs_ingested(&f.logs, 2, 2);
    put_ingested(&f.logs, "http://z.example/1", 2);
    assert_int_equal(settle(&f)->ingest_missing, 1);
    assert_int_equal(settle(&f)->sealed, 1);
    put_ingested(&f.logs, "http://z.example/3", 2);
    assert_int_equal(settle(&f)->ingest_missing, 0);
    assert_int_equal(settle(&f)->sealed, 3);
    close_all(&f);
}

/* Two aggregators, neither owning anything: one dies, the other seals; the first comes back
 * without its disk and leaves it at that. */
static void a_standby_seals(void **state)
{
    struct folding active, standby;

    (void) state;
    open_all(&active);
    stop(&active);
    active.onlooker = true;
    start(&active);
    standby = active;
    standby.store = store_open_memory();
    start(&standby);
    write_nearly_all(&active.logs);
    assert_int_equal(progress_remaining(settle(&active)), 1);
    assert_int_equal(progress_remaining(settle(&standby)), 1);
    stop(&active);
    logs_report(&active.logs, two_hits[1], OUTCOME_DROPPED, "no visit");
    assert_int_equal(settle(&standby)->sealed, 1);
    assert_non_null(logs_seal(&active.logs, 0));
    assert_int_equal(store_wipe(active.store, NULL), STATUS_OK);
    start(&active);
    assert_int_equal(settle(&active)->sealed, 1);
    assert_null(logs_seal(&active.logs, 1));
    stop(&standby);
    store_close(standby.store);
    close_all(&active);
}

/* A later generation's seeds. */
static void seed_again(struct logs *logs, uint32_t generation)
{
    Xunfang__ControlRecord control = XUNFANG__CONTROL_RECORD__INIT;
    Xunfang__JobSeeded seeded = XUNFANG__JOB_SEEDED__INIT;

    seeded.job = fixture_text("test");
    seeded.run = fixture_text("main");
    seeded.generation = generation;
    seeded.seeds = 99;
    control.kind_case = XUNFANG__CONTROL_RECORD__KIND_SEEDED;
    control.seeded = &seeded;
    logs_control(logs, &control);
}

/* Its source has gone on since: those documents and reports, and their announcement, are not its
 * own. The seal has its name and the topics it read. */
static void a_replay_sees_its_generation_only(void **state)
{
    const Xunfang__Sealed *sealed;
    struct folding f;

    (void) state;
    open_all(&f);
    write_nearly_all(&f.logs);
    logs_ingested(&f.logs, 1, 1);
    logs_document(&f.logs, "http://z.example/1", 1);
    seed_again(&f.logs, 1);
    stop(&f);
    assert_int_equal(store_wipe(f.store, NULL), STATUS_OK);
    f.replay = true;
    f.logs.topics[TOPIC_REPORTS] = topic_name(TOPIC_REPORTS, "test", "again");
    assert_int_equal(
        bus_topic_create(f.logs.bus, f.logs.topics[TOPIC_REPORTS].text, LOG_PARTITIONS, NULL),
        STATUS_OK);
    start(&f);
    assert_int_equal(settle(&f)->outcomes, 0);
    logs_report(&f.logs, two_hits[0], OUTCOME_PASSED, "");
    assert_int_equal(settle(&f)->sealed, 0);
    logs_report(&f.logs, two_hits[1], OUTCOME_DROPPED, "no visit");
    assert_int_equal(settle(&f)->sealed, 1);
    assert_int_equal(complete_progress(f.complete)->ingest_missing, 0);
    sealed = logs_seal(&f.logs, 0);
    assert_string_equal(sealed->run, "again");
    assert_int_equal(sealed->generation, 0);
    assert_string_equal(sealed->ranges[1]->topic, "test.main.documents");
    assert_string_equal(sealed->ranges[2]->topic, "test.again.reports");
    close_all(&f);
}

static void other_jobs_and_robots_do_not_count(void **state)
{
    struct folding f;
    Xunfang__Request *robots, *seed;
    struct record foreign = {.key = SLICE("host"), .schema = RECORD_SCHEMA, .job = SLICE("other")};
    Xunfang__UrlRecord url = XUNFANG__URL_RECORD__INIT;
    Xunfang__Link link = XUNFANG__LINK__INIT;

    (void) state;
    open_all(&f);
    robots = logs_request(&f.logs, "http://a.example/robots.txt", false);
    robots->kind = XUNFANG__REQUEST__KIND__ROBOTS;
    seed = logs_request(&f.logs, "http://a.example/search", true);
    logs_link(&f.logs, robots, true);
    link.request = logs_request(&f.logs, "http://o.example/", false);
    url.kind_case = XUNFANG__URL_RECORD__KIND_LINK;
    url.link = &link;
    foreign.id = request_id(link.request);
    foreign.payload = message_pack_arena(&url.base, f.logs.arena);
    logs_put(&f.logs, TOPIC_URLS, &foreign, 0);
    logs_seeded(&f.logs, 1);
    logs_link(&f.logs, seed, true);
    logs_result(&f.logs, &(struct logs_fetch){.request = seed, .outcome = OK});
    assert_int_equal(settle(&f)->urls_known, 1);
    assert_int_equal(settle(&f)->sealed, 1);
    close_all(&f);
}

static void unreadable_payloads_are_stepped_over(void **state)
{
    struct record record = {.key = SLICE("host"),
                            .schema = RECORD_SCHEMA,
                            .job = SLICE("test"),
                            .payload = SLICE("\xFF\xFF\xFFgarbage")};
    struct folding f;

    (void) state;
    open_all(&f);
    logs_put(&f.logs, TOPIC_URLS, &record, 0);
    logs_put(&f.logs, TOPIC_CONTROL, &record, 0);
    write_nearly_all(&f.logs);
    logs_report(&f.logs, two_hits[1], OUTCOME_DROPPED, "no visit");
    assert_int_equal(settle(&f)->sealed, 1);
    close_all(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seals_when_the_last_outcome_is_there),
        cmocka_unit_test(progress_counts_what_happened),
        cmocka_unit_test(restart_changes_nothing),
        cmocka_unit_test(nothing_is_sealed_before_all_seeds_are_known),
        cmocka_unit_test(gaps_are_counted_in_the_seal),
        cmocka_unit_test(a_moved_article_waits_for_its_target),
        cmocka_unit_test(ingest_opens_a_generation),
        cmocka_unit_test(an_abandoned_generation_counts_for_none),
        cmocka_unit_test(a_standby_seals),
        cmocka_unit_test(a_replay_sees_its_generation_only),
        cmocka_unit_test(other_jobs_and_robots_do_not_count),
        cmocka_unit_test(unreadable_payloads_are_stepped_over),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
