/* crawl_job: which jobs there are, and whether they may crawl now. */
#include "base/log.h"
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

/* Submits the study that we have as another job. */
static void submit(struct setting *setting, const char *name)
{
    Xunfang__JobSubmitted submitted = XUNFANG__JOB_SUBMITTED__INIT;
    Xunfang__ControlRecord record = XUNFANG__CONTROL_RECORD__INIT;
    Xunfang__JobFile files[8], *pointers[8];
    const struct study *study = setting->world->study;
    char run[] = "main";

    for (size_t i = 0; i < study->file_count; i++) {
        xunfang__job_file__init(&files[i]);
        files[i].name =
            arena_printf(setting->world->arena, "%.*s", SLICE_ARG(study->files[i].name));
        files[i].content = message_bytes(study->files[i].content);
        pointers[i] = &files[i];
    }
    submitted.job = arena_printf(setting->world->arena, "%s", name);
    submitted.run = run;
    submitted.files = pointers;
    submitted.n_files = study->file_count;
    record.kind_case = XUNFANG__CONTROL_RECORD__KIND_SUBMITTED;
    record.submitted = &submitted;
    OK_OR_FAIL(catalog_announce(setting->world->bus, &record, &world_error));
}

/* Another job of the cluster, submitted with a run of its own: followed, but not crawled by us. */
static void test_other_job_is_followed(void **state)
{
    struct setting setting;
    const struct crawl_job *found;

    (void) state;
    open_setting(&setting);
    submit(&setting, "second");
    found = crawl_jobs_find(setting.jobs, SLICE("second"));
    assert_non_null(found);
    assert_false(found->active);
    assert_true(found->open && found->able);
    assert_true(found->study != setting.world->study);
    assert_int_equal(found->study->job.crawl.delay_ms, 40);
    close_setting(&setting);
}

static void command(struct setting *setting, const char *job, Xunfang__JobCommand__Action action)
{
    const struct catalog_command word = {.job = job, .run = "", .action = action};

    OK_OR_FAIL(catalog_refresh(setting->role.catalog, 0, &world_error));
    OK_OR_FAIL(catalog_command(setting->world->bus, setting->role.catalog, &word, &world_error));
    clock_manual_advance(&setting->world->clock, CRAWL_REFRESH_MS);
}

/* A frontier of the cluster serves every job that is open, by what `control` says. */
static void test_cluster(void **state)
{
    struct setting setting;
    const struct crawl_job *job;

    (void) state;
    open_setting(&setting);
    setting.role.groups = true;
    setting.role.run = NULL;
    setting.role.study = NULL;
    assert_null(crawl_jobs_find(setting.jobs, SLICE("job")));
    assert_int_equal(crawl_jobs_longest_timeout(setting.jobs), 0);
    submit(&setting, "first");
    submit(&setting, "second");
    job = crawl_jobs_find(setting.jobs, SLICE("first"));
    assert_true(job != NULL && job->active && job->open);
    assert_int_equal(job->max_requests, job->study->job.crawl.max_requests); /* not divided */
    assert_true(crawl_jobs_find(setting.jobs, SLICE("second"))->active);
    assert_int_equal(crawl_jobs_longest_timeout(setting.jobs), 30000);
    command(&setting, "first", XUNFANG__JOB_COMMAND__ACTION__PAUSE);
    assert_ptr_equal(crawl_jobs_find(setting.jobs, SLICE("first")), job);
    assert_false(job->active || job->open);
    assert_true(crawl_jobs_find(setting.jobs, SLICE("second"))->active);
    command(&setting, "first", XUNFANG__JOB_COMMAND__ACTION__RESUME);
    assert_true(crawl_jobs_look(setting.jobs, SLICE("first"))->open);
    command(&setting, "first", XUNFANG__JOB_COMMAND__ACTION__PURGE);
    assert_null(crawl_jobs_look(setting.jobs, SLICE("first")));
    assert_null(crawl_jobs_find(setting.jobs, SLICE("first")));
    assert_int_equal(crawl_jobs_longest_timeout(setting.jobs), 30000);
    command(&setting, "second", XUNFANG__JOB_COMMAND__ACTION__PURGE);
    assert_int_equal(crawl_jobs_longest_timeout(setting.jobs), 0);
    close_setting(&setting);
}

/* Pinned to what this build has not: known, but nothing is sent for it. */
static void test_pins(void **state)
{
    struct setting setting;
    Xunfang__Pin pin = XUNFANG__PIN__INIT, *pins[1] = {&pin};
    char what[] = "logic crawler", version[] = "of tomorrow";
    const struct crawl_job *job;

    (void) state;
    open_setting(&setting);
    pin.what = what;
    pin.version = version;
    setting.submitted.pins = pins;
    setting.submitted.n_pins = 1;
    job = crawl_jobs_find(setting.jobs, SLICE("job"));
    assert_true(job != NULL && job->open);
    assert_false(job->able || job->active);
    close_setting(&setting);
}

/* A job whose files make no study is nobody's, and does not end the others. */
static void test_unreadable_job(void **state)
{
    struct setting setting;
    Xunfang__JobSubmitted submitted = XUNFANG__JOB_SUBMITTED__INIT;
    Xunfang__ControlRecord record = XUNFANG__CONTROL_RECORD__INIT;
    char job[] = "broken", run[] = "main";

    (void) state;
    open_setting(&setting);
    submitted.job = job;
    submitted.run = run;
    record.kind_case = XUNFANG__CONTROL_RECORD__KIND_SUBMITTED;
    record.submitted = &submitted;
    OK_OR_FAIL(catalog_announce(setting.world->bus, &record, &world_error));
    assert_null(crawl_jobs_find(setting.jobs, SLICE("broken")));
    assert_null(crawl_jobs_find(setting.jobs, SLICE("broken")));
    assert_non_null(crawl_jobs_find(setting.jobs, SLICE("job")));
    close_setting(&setting);
}

/* While the bus fails nobody can say that there is no such job; what is known stays known. */
static void test_unsure(void **state)
{
    struct setting setting;
    struct bus_message message = {.topic = "urls", .key = SLICE("k"), .value = SLICE("v")};
    enum status status;

    (void) state;
    open_setting(&setting);
    assert_null(crawl_jobs_find(setting.jobs, SLICE("nobody")));
    assert_true(crawl_jobs_sure(setting.jobs));
    bus_world_fail(setting.world->logs, 1, STATUS_TIMEOUT);
    status = bus_publish(setting.world->bus, &message, NULL, &world_error);
    assert_int_equal(status, STATUS_TIMEOUT);
    assert_null(crawl_jobs_find(setting.jobs, SLICE("nobody")));
    assert_false(crawl_jobs_sure(setting.jobs));
    assert_non_null(crawl_jobs_find(setting.jobs, SLICE("job")));
    assert_true(crawl_jobs_sure(setting.jobs));
    clock_manual_advance(&setting.world->clock, CRAWL_REFRESH_MS);
    assert_true(crawl_jobs_longest_timeout(setting.jobs) < 0);
    close_setting(&setting);
}

/* The source stops when the classifier is too far behind, and goes on when it has caught up. */
static void test_lag_holds_the_job(void **state)
{
    struct setting setting;
    struct bus_partition at = {"job.main.documents", 0};
    struct bus_reader_options options = {
        .stage = "classifier.job.main", .partitions = &at, .partition_count = 1};
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
        cmocka_unit_test(test_our_job),           cmocka_unit_test(test_other_job_is_followed),
        cmocka_unit_test(test_cluster),           cmocka_unit_test(test_pins),
        cmocka_unit_test(test_unreadable_job),    cmocka_unit_test(test_unsure),
        cmocka_unit_test(test_lag_holds_the_job),
    };

    return cmocka_run_group_tests(tests, server_start, NULL);
}
