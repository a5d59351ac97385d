/* A job out of one bus and into another: the same records, the same seals, the same numbers. */
#include "tests/unit/aggregator/folder.h"
#include "tests/unit/aggregator/logs.h"

#include "aggregator/archive_restore.h"
#include "aggregator/archive_save.h"

static const char *folder;
static char place[128];
static struct logs from, to;
static struct error err;
static const char *const hits[] = {"http://a.example/1", "http://a.example/2", NULL};

/* ---- the job ---- */

static void submit(struct logs *logs, const char *job, const char *run, const char *reports_run)
{
    Xunfang__ControlRecord control = XUNFANG__CONTROL_RECORD__INIT;
    Xunfang__JobSubmitted submitted = XUNFANG__JOB_SUBMITTED__INIT;

    submitted.job = fixture_text(job);
    submitted.run = fixture_text(run);
    submitted.partitions = LOG_PARTITIONS;
    if (reports_run != NULL) {
        submitted.documents_run = fixture_text("main");
        submitted.visits_run = fixture_text("main");
    }
    control.kind_case = XUNFANG__CONTROL_RECORD__KIND_SUBMITTED;
    control.submitted = &submitted;
    logs_control(logs, &control);
}

static void found_cluster(struct logs *logs, uint32_t partitions)
{
    Xunfang__ControlRecord control = XUNFANG__CONTROL_RECORD__INIT;
    Xunfang__Cluster cluster = XUNFANG__CLUSTER__INIT;

    cluster.url_partitions = partitions;
    control.kind_case = XUNFANG__CONTROL_RECORD__KIND_CLUSTER;
    control.cluster = &cluster;
    logs_control(logs, &control);
}

/* Where the logs end now, as a seal of `run`. */
static void seal(struct logs *logs, const char *run, uint32_t generation)
{
    static const enum topic_kind kinds[] = {TOPIC_URLS, TOPIC_DOCUMENTS, TOPIC_REPORTS};
    Xunfang__ControlRecord control = XUNFANG__CONTROL_RECORD__INIT;
    Xunfang__Sealed sealed = XUNFANG__SEALED__INIT;
    Xunfang__SealedRange ranges[3], *pointers[3];
    uint64_t ends[3][LOG_PARTITIONS];

    for (int i = 0; i < 3; i++) {
        pointers[i] = &ranges[i];
        xunfang__sealed_range__init(&ranges[i]);
        ranges[i].topic = logs->topics[kinds[i]].text;
        ranges[i].n_ends = LOG_PARTITIONS;
        ranges[i].ends = ends[i];
        for (uint32_t p = 0; p < LOG_PARTITIONS; p++)
            assert_int_equal(bus_end(logs->bus, ranges[i].topic, p, &ends[i][p], &err), STATUS_OK);
    }
    sealed.job = fixture_text("test");
    sealed.run = fixture_text(run);
    sealed.generation = generation;
    sealed.ranges = pointers;
    sealed.n_ranges = 3;
    sealed.state = fixture_text("complete");
    control.kind_case = XUNFANG__CONTROL_RECORD__KIND_SEALED;
    control.sealed = &sealed;
    logs_control(logs, &control);
}

/* A record of another job in urls, on the partition of this key. */
static void put_foreign(struct logs *logs, const char *key, uint32_t partitions)
{
    struct record record = {.id = id_of(SLICE("foreign"), slice_from(key)),
                            .key = slice_from(key),
                            .job = SLICE("other")};

    logs_put(logs, TOPIC_URLS, &record, partition_of(record.key, partitions));
}

static void write_article(struct logs *logs, const char *url, int64_t sent_ms)
{
    const struct logs_fetch fetch = {.request = logs_request(logs, url, false),
                                     .outcome = XUNFANG__FETCH_RESULT__OUTCOME__OK,
                                     .sent_ms = sent_ms};
    struct record page = {.id = request_id(fetch.request), .key = SLICE("k"), .job = SLICE("test")};

    logs_link(logs, fetch.request, false);
    logs_put(logs, TOPIC_PAGES, &page, 0);
    logs_document(logs, url, 0);
    logs_result(logs, &fetch);
    logs_outcome(logs, TOPIC_VISITS, url, OUTCOME_PASSED, "");
    logs_report(logs, url, OUTCOME_PASSED, "");
}

/* A list and two articles, sealed; a document ingested, sealed again; other jobs' records between,
 * and one of ours behind the last seal. */
static void write_job(struct logs *logs)
{
    Xunfang__Request *list = logs_request(logs, "http://a.example/s", true);

    found_cluster(logs, LOG_PARTITIONS);
    submit(logs, "other", "main", NULL);
    submit(logs, "test", "main", NULL);
    logs_seeded(logs, 1);
    put_foreign(logs, "host", LOG_PARTITIONS);
    logs_link(logs, list, true);
    logs_result(logs, &(struct logs_fetch){.request = list,
                                           .outcome = XUNFANG__FETCH_RESULT__OUTCOME__OK,
                                           .hits = hits,
                                           .sent_ms = 1000});
    write_article(logs, hits[0], 1100);
    put_foreign(logs, "host", LOG_PARTITIONS);
    write_article(logs, hits[1], 1200);
    seal(logs, "main", 0);
    logs_document(logs, "http://b.example/3", 1);
    logs_report(logs, "http://b.example/3", OUTCOME_PASSED, "");
    logs_ingested(logs, 1, 1);
    put_foreign(logs, "host", LOG_PARTITIONS);
    seal(logs, "main", 1);
    logs_link(logs, list, true); /* a repeat of a frontier that came too late */
}

/* ---- looking ---- */

/* Records of the job before `ends` in urls, as ids in the order of their partition and offset. */
static size_t count_urls(struct logs *logs, const Xunfang__SealedRange *range)
{
    struct bus_record found;
    struct record record;
    size_t count = 0;

    for (uint32_t p = 0; p < range->n_ends; p++)
        for (uint64_t i = 0;
             i < range->ends[p] && bus_world_record(logs->world, "urls", p, i, &found); i++) {
            assert_int_equal(record_decode(found.value, logs->arena, &record, &err), STATUS_OK);
            count += slice_equal(record.job, SLICE("test"));
        }
    return count;
}

static void expect_same_logs(void)
{
    static const enum topic_kind kinds[] = {TOPIC_PAGES, TOPIC_ANSWERS, TOPIC_DOCUMENTS,
                                            TOPIC_VISITS, TOPIC_REPORTS};
    struct bus_record a, b;

    for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++)
        for (uint32_t p = 0; p < logs_partitions(kinds[k]); p++) {
            const char *topic = from.topics[kinds[k]].text;
            uint64_t i = 0;

            for (; bus_world_record(from.world, topic, p, i, &a); i++) {
                assert_true(bus_world_record(to.world, topic, p, i, &b));
                assert_true(slice_equal(a.key, b.key));
                assert_true(slice_equal(a.value, b.value));
            }
            assert_false(bus_world_record(to.world, topic, p, i, &b));
        }
}

static void expect_same_seals(size_t url_partitions)
{
    for (size_t i = 0; i < 2; i++) {
        const Xunfang__Sealed *old = logs_seal(&from, i), *new = logs_seal(&to, i);

        assert_non_null(new);
        assert_string_equal(new->job, "test");
        assert_int_equal(new->generation, old->generation);
        assert_string_equal(new->state, "complete");
        assert_int_equal(new->n_ranges, 3);
        assert_int_equal(new->ranges[0]->n_ends, url_partitions);
        assert_int_equal(count_urls(&to, new->ranges[0]), count_urls(&from, old->ranges[0]));
        for (size_t r = 1; r < 3; r++) {
            assert_string_equal(new->ranges[r]->topic, old->ranges[r]->topic);
            assert_memory_equal(new->ranges[r]->ends, old->ranges[r]->ends,
                                LOG_PARTITIONS * sizeof(uint64_t));
        }
    }
    assert_null(logs_seal(&to, 2));
}

static enum status save(void)
{
    struct archive_manifest manifest;
    enum status status;

    archive_manifest_init(&manifest);
    status = archive_save(from.bus, "test", place, &manifest, &err);
    archive_manifest_fini(&manifest);
    return status;
}

static enum status restore(struct buf *findings)
{
    struct archive_manifest manifest;
    enum status status;

    buf_init(findings, 1 << 16);
    archive_manifest_init(&manifest);
    status = archive_restore(to.bus, place, &manifest, findings, &err);
    archive_manifest_fini(&manifest);
    return status;
}

static void expect_restored(void)
{
    struct buf findings;

    if (restore(&findings) != STATUS_OK)
        fail_msg("%s", err.message);
    assert_int_equal(findings.size, 0);
    buf_fini(&findings);
}

/* ---- tests ---- */

static int set_up(void **state)
{
    const struct bus_options options = {.client = "empty"};

    (void) state;
    folder = folder_make();
    (void) snprintf(place, sizeof place, "%s/archive", folder);
    logs_open(&from);
    write_job(&from);
    memset(&to, 0, sizeof to);
    clock_manual_init(&to.clock, 1000);
    to.world = bus_world_create(2, &to.clock);
    to.arena = arena_create(64 << 20);
    memcpy(to.topics, from.topics, sizeof to.topics);
    return bus_memory_open(to.world, &options, &to.bus, &err) != STATUS_OK;
}

static int tear_down(void **state)
{
    (void) state;
    logs_close(&from);
    logs_close(&to);
    folder_remove(folder);
    return 0;
}

static void onto_an_empty_bus(void **state)
{
    struct catalog *catalog;
    const struct catalog_run *run;

    (void) state;
    assert_int_equal(save(), STATUS_OK);
    expect_restored();
    expect_same_logs();
    expect_same_seals(LOG_PARTITIONS);
    assert_int_equal(catalog_open(to.bus, &catalog, &err), STATUS_OK);
    assert_int_equal(catalog_url_partitions(catalog), LOG_PARTITIONS);
    assert_int_equal(catalog_run_count(catalog), 1);
    run = catalog_find(catalog, "test", "main");
    assert_non_null(run);
    assert_non_null(run->sealed);
    assert_int_equal(run->generation, 1);
    assert_true(run->seeded);
    catalog_close(catalog);
}

/* Other records of others, and another number of partitions: offsets move, seals with them. */
static void onto_a_bus_with_jobs(void **state)
{
    enum { PARTITIONS = 5 };

    (void) state;
    assert_int_equal(save(), STATUS_OK);
    assert_int_equal(bus_topic_create(to.bus, "control", 1, &err), STATUS_OK);
    assert_int_equal(bus_topic_create(to.bus, "urls", PARTITIONS, &err), STATUS_OK);
    found_cluster(&to, PARTITIONS);
    submit(&to, "elsewhere", "main", NULL);
    put_foreign(&to, "host", PARTITIONS);
    put_foreign(&to, "another", PARTITIONS);
    expect_restored();
    expect_same_logs();
    expect_same_seals(PARTITIONS);
}

/* The frontier's late repeat lies behind the last seal again. */
static void what_came_after_the_seal(void **state)
{
    const Xunfang__Sealed *last;
    uint64_t end = 0, all = 0;

    (void) state;
    assert_int_equal(save(), STATUS_OK);
    expect_restored();
    last = logs_seal(&to, 1);
    for (uint32_t p = 0; p < LOG_PARTITIONS; p++) {
        uint64_t here;
        assert_int_equal(bus_end(to.bus, "urls", p, &here, &err), STATUS_OK);
        all += here;
        end += last->ranges[0]->ends[p];
    }
    assert_int_equal(all, end + 1);
}

static void a_second_time(void **state)
{
    struct buf findings;

    (void) state;
    assert_int_equal(save(), STATUS_OK);
    assert_int_equal(save(), STATUS_EXISTS); /* the folder is not empty */
    expect_restored();
    assert_int_equal(restore(&findings), STATUS_EXISTS);
    assert_non_null(strstr(err.message, "known here already"));
    buf_fini(&findings);
}

/* Logs that a restore left, which did not come to its end, are no obstacle. */
static void after_a_restore_that_was_cut_off(void **state)
{
    struct bus_message stray = {"test.main.reports", 1, SLICE("k"), SLICE("half a log")};

    (void) state;
    assert_int_equal(save(), STATUS_OK);
    assert_int_equal(bus_topic_create(to.bus, stray.topic, LOG_PARTITIONS, &err), STATUS_OK);
    assert_int_equal(bus_publish(to.bus, &stray, NULL, &err), STATUS_OK);
    assert_int_equal(bus_flush(to.bus, 1000, &err), STATUS_OK);
    expect_restored();
    expect_same_logs();
}

static void a_damaged_file_leaves_the_bus_alone(void **state)
{
    struct bus_record found;
    struct buf findings;

    (void) state;
    assert_int_equal(save(), STATUS_OK);
    folder_write(place, "test.main.visits-1.zst", "rubbish");
    assert_int_equal(restore(&findings), STATUS_CORRUPT);
    assert_non_null(strstr(buf_text(&findings), "test.main.visits-1.zst is damaged"));
    assert_false(bus_world_record(to.world, "control", 0, 0, &found));
    buf_fini(&findings);
}

static void jobs_that_are_not_complete(void **state)
{
    struct archive_manifest manifest;

    (void) state;
    submit(&from, "test", "again", "again");
    assert_int_equal(save(), STATUS_INVALID);
    assert_non_null(strstr(err.message, "run 'again'"));
    assert_false(folder_has(folder, "archive"));
    archive_manifest_init(&manifest);
    assert_int_equal(archive_save(from.bus, "nobody", place, &manifest, &err), STATUS_NOT_FOUND);
    assert_int_equal(archive_save(from.bus, "a/b", place, &manifest, &err), STATUS_INVALID);
    archive_manifest_fini(&manifest);
}

/* A log of its own of a second run comes along; logs it only reads do not come twice. */
static void a_replay_comes_along(void **state)
{
    struct bus_message report = {"test.again.reports", 0, SLICE("k"), SLICE("a report")};
    struct bus_record found;

    (void) state;
    submit(&from, "test", "again", "again");
    seal(&from, "again", 0);
    assert_int_equal(bus_topic_create(from.bus, report.topic, LOG_PARTITIONS, &err), STATUS_OK);
    assert_int_equal(bus_publish(from.bus, &report, NULL, &err), STATUS_OK);
    assert_int_equal(bus_flush(from.bus, 1000, &err), STATUS_OK);
    assert_int_equal(save(), STATUS_OK);
    assert_true(folder_has(place, "test.again.reports-0.zst"));
    assert_false(folder_has(place, "test.again.visits-0.zst"));
    expect_restored();
    assert_true(bus_world_record(to.world, report.topic, 0, 0, &found));
    assert_true(slice_equal(found.value, report.value));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(onto_an_empty_bus),
        TEST(onto_a_bus_with_jobs),
        TEST(what_came_after_the_seal),
        TEST(a_second_time),
        TEST(after_a_restore_that_was_cut_off),
        TEST(a_damaged_file_leaves_the_bus_alone),
        TEST(jobs_that_are_not_complete),
        TEST(a_replay_comes_along),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
