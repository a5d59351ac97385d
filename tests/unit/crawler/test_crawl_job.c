/* crawl_job: which jobs there are, and whether they may crawl now. */
#include "tests/unit/crawler/fetch_world.h"

struct setting {
    struct world *world;
    struct daemon_settings settings;
    struct catalog_run run;
    Xunfang__JobSubmitted submitted;
    struct role role;
    struct crawl_jobs *jobs;
};

static void open_setting(struct setting *setting)
{
    memset(setting, 0, sizeof *setting);
    setting->world = world_open();
    xunfang__job_submitted__init(&setting->submitted);
    setting->settings.job = "job";
    setting->settings.of = 3;
    setting->run =
        (struct catalog_run){.job = "job", .run = "main", .submitted = &setting->submitted};
    setting->role.settings = &setting->settings;
    setting->role.bus = setting->world->bus;
    setting->role.study = setting->world->study;
    setting->role.run = &setting->run;
    OK_OR_FAIL(catalog_open(setting->world->bus, &setting->role.catalog, &world_error));
    for (int kind = 0; kind < TOPIC_KINDS; kind++)
        setting->role.topics[kind] = topic_name((enum topic_kind) kind, "job", "main");
    OK_OR_FAIL(crawl_jobs_create(&setting->role, &setting->world->clock.clock, &setting->jobs,
                                 &world_error));
}

static void close_setting(struct setting *setting)
{
    crawl_jobs_destroy(setting->jobs);
    catalog_close(setting->role.catalog);
    world_close(setting->world);
}

static void test_our_job(void **state)
{
    struct setting setting;
    const struct crawl_job *job;

    (void) state;
    open_setting(&setting);
    setting.world->study->job.crawl.max_requests = 100;
    job = crawl_jobs_find(setting.jobs, SLICE("job"));
    assert_non_null(job);
    assert_ptr_equal(job->study, setting.world->study);
    assert_string_equal(job->run, "main");
    assert_true(job->active);
    assert_int_equal(job->max_requests, 34); /* one of three frontiers */
    assert_ptr_equal(crawl_jobs_find(setting.jobs, SLICE("job")), job);
    assert_null(crawl_jobs_find(setting.jobs, SLICE("nobody")));
    assert_int_equal(crawl_job_timeout(job), 30000);
    assert_string_equal(crawl_job_agent(job, setting.world->arena),
                        "xunfang/" XUNFANG_VERSION " (+a@example.org)");
    close_setting(&setting);
}

/* Another job of the cluster, submitted with a run of its own: followed, but not crawled by us. */
static void test_other_job_is_followed(void **state)
{
    struct setting setting;
    Xunfang__JobSubmitted submitted = XUNFANG__JOB_SUBMITTED__INIT;
    Xunfang__ControlRecord record = XUNFANG__CONTROL_RECORD__INIT;
    Xunfang__JobFile files[8], *pointers[8];
    char job[] = "second", run[] = "main";
    const struct crawl_job *found;
    const struct study *study;

    (void) state;
    open_setting(&setting);
    study = setting.world->study;
    for (size_t i = 0; i < study->file_count; i++) {
        xunfang__job_file__init(&files[i]);
        files[i].name = arena_printf(setting.world->arena, "%.*s", SLICE_ARG(study->files[i].name));
        files[i].content = message_bytes(study->files[i].content);
        pointers[i] = &files[i];
    }
    submitted.job = job;
    submitted.run = run;
    submitted.files = pointers;
    submitted.n_files = study->file_count;
    record.kind_case = XUNFANG__CONTROL_RECORD__KIND_SUBMITTED;
    record.submitted = &submitted;
    OK_OR_FAIL(catalog_announce(setting.world->bus, &record, &world_error));
    found = crawl_jobs_find(setting.jobs, SLICE("second"));
    assert_non_null(found);
    assert_false(found->active);
    assert_true(found->study != study);
    assert_int_equal(found->study->job.crawl.delay_ms, 40);
    close_setting(&setting);
}

/* The source stops when the classifier is too far behind, and goes on when it has caught up. */
static void test_lag_holds_the_job(void **state)
{
    struct setting setting;
    struct bus_partition at = {"job.main.documents", 0};
    struct bus_reader_options options = {
        .stage = "classifier", .partitions = &at, .partition_count = 1};
    struct bus_message message = {.topic = at.topic, .key = SLICE("k"), .value = SLICE("v")};
    struct bus_reader *reader;

    (void) state;
    open_setting(&setting);
    for (int i = 0; i <= CRAWL_LAG_MAX; i++)
        OK_OR_FAIL(bus_publish(setting.world->bus, &message, NULL, &world_error));
    OK_OR_FAIL(bus_flush(setting.world->bus, 1000, &world_error));
    assert_false(crawl_jobs_find(setting.jobs, SLICE("job"))->active);
    OK_OR_FAIL(bus_reader_open(setting.world->bus, &options, &reader, &world_error));
    OK_OR_FAIL(bus_reader_commit(reader, 0, CRAWL_LAG_MAX, SLICE(""), &world_error));
    assert_false(crawl_jobs_find(setting.jobs, SLICE("job"))->active); /* asked once a second */
    clock_manual_advance(&setting.world->clock, 1000);
    assert_true(crawl_jobs_find(setting.jobs, SLICE("job"))->active);
    bus_reader_close(reader);
    close_setting(&setting);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_our_job),
        cmocka_unit_test(test_other_job_is_followed),
        cmocka_unit_test(test_lag_holds_the_job),
    };

    return cmocka_run_group_tests(tests, server_start, NULL);
}
