#include "study/catalog.h"

#include "base/bus/bus_memory.h"
#include "base/publish.h"
#include "study/topics.h"
#include "tests/support/cmocka_all.h"

#include <string.h>

static struct clock_manual manual;
static struct bus_world *world;
static struct bus *bus;
static struct error err;

static int set_up(void **state)
{
    const struct bus_options options = {.client = "test"};

    (void) state;
    clock_manual_init(&manual, 1000);
    world = bus_world_create(1, &manual);
    return world == NULL || bus_memory_open(world, &options, &bus, &err) != STATUS_OK;
}

static int tear_down(void **state)
{
    (void) state;
    bus_close(bus);
    bus_world_destroy(world);
    return 0;
}

static void announce_job(char *job, uint32_t partitions)
{
    Xunfang__JobSubmitted submitted = XUNFANG__JOB_SUBMITTED__INIT;
    Xunfang__ControlRecord record = XUNFANG__CONTROL_RECORD__INIT;
    Xunfang__JobFile file = XUNFANG__JOB_FILE__INIT, *files[] = {&file};

    file.name = "job.yaml";
    submitted.job = job;
    submitted.run = "main";
    submitted.partitions = partitions;
    submitted.files = files;
    submitted.n_files = 1;
    record.kind_case = XUNFANG__CONTROL_RECORD__KIND_SUBMITTED;
    record.submitted = &submitted;
    assert_int_equal(catalog_announce(bus, &record, &err), STATUS_OK);
}

static void announce_seeded(char *job, uint64_t seeds)
{
    Xunfang__JobSeeded seeded = XUNFANG__JOB_SEEDED__INIT;
    Xunfang__ControlRecord record = XUNFANG__CONTROL_RECORD__INIT;

    seeded.job = job;
    seeded.run = "main";
    seeded.seeds = seeds;
    record.kind_case = XUNFANG__CONTROL_RECORD__KIND_SEEDED;
    record.seeded = &seeded;
    assert_int_equal(catalog_announce(bus, &record, &err), STATUS_OK);
}

static void announce_sealed(char *job, uint32_t generation, char *state)
{
    Xunfang__Sealed sealed = XUNFANG__SEALED__INIT;
    Xunfang__ControlRecord record = XUNFANG__CONTROL_RECORD__INIT;

    sealed.job = job;
    sealed.run = "main";
    sealed.generation = generation;
    sealed.state = state;
    record.kind_case = XUNFANG__CONTROL_RECORD__KIND_SEALED;
    record.sealed = &sealed;
    assert_int_equal(catalog_announce(bus, &record, &err), STATUS_OK);
}

static void announce_ingested(char *job, uint32_t generation, uint64_t documents)
{
    Xunfang__Ingested ingested = XUNFANG__INGESTED__INIT;
    Xunfang__ControlRecord record = XUNFANG__CONTROL_RECORD__INIT;

    ingested.job = job;
    ingested.run = "main";
    ingested.generation = generation;
    ingested.documents = documents;
    record.kind_case = XUNFANG__CONTROL_RECORD__KIND_INGESTED;
    record.ingested = &ingested;
    assert_int_equal(catalog_announce(bus, &record, &err), STATUS_OK);
}

static void test_an_empty_bus_has_no_jobs(void **state)
{
    struct catalog *catalog;

    (void) state;
    assert_int_equal(catalog_open(bus, &catalog, &err), STATUS_OK);
    assert_int_equal(catalog_run_count(catalog), 0);
    assert_int_equal(catalog_url_partitions(catalog), 0);
    assert_null(catalog_find(catalog, "a", "main"));
    assert_int_equal(catalog_refresh(catalog, 10, &err), STATUS_OK);
    catalog_close(catalog);
}

static void test_the_first_of_a_kind_counts(void **state)
{
    const struct catalog_run *run;
    struct catalog *catalog;

    (void) state;
    assert_int_equal(catalog_open(bus, &catalog, &err), STATUS_OK);
    announce_job("a", 4);
    announce_job("b", 2);
    announce_job("a", 9);
    announce_seeded("a", 1640);
    announce_seeded("a", 1);
    announce_sealed("a", 0, "complete");
    announce_sealed("a", 0, "gaps: 3");
    announce_seeded("nobody", 1);
    assert_int_equal(catalog_refresh(catalog, 0, &err), STATUS_OK);
    assert_int_equal(catalog_run_count(catalog), 2);
    run = catalog_find(catalog, "a", "main");
    assert_int_equal(run->submitted->partitions, 4);
    assert_string_equal(run->submitted->files[0]->name, "job.yaml");
    assert_int_equal(run->seeds, 1640);
    assert_string_equal(run->sealed->state, "complete");
    assert_null(catalog_find(catalog, "b", "main")->sealed);
    assert_null(catalog_find(catalog, "a", "other"));
    catalog_close(catalog);
}

static void test_ingestion_opens_a_generation_that_is_not_sealed(void **state)
{
    const struct catalog_run *run;
    struct catalog *catalog;

    (void) state;
    assert_int_equal(catalog_open(bus, &catalog, &err), STATUS_OK);
    announce_job("a", 4);
    announce_sealed("a", 0, "complete");
    announce_ingested("a", 1, 10);
    announce_ingested("a", 1, 10); /* told twice by a submission cut off */
    assert_int_equal(catalog_refresh(catalog, 0, &err), STATUS_OK);
    run = catalog_find(catalog, "a", "main");
    assert_int_equal(run->generation, 1);
    assert_int_equal(run->ingested, 10);
    assert_null(run->sealed);
    announce_sealed("a", 0, "late standby");
    announce_sealed("a", 1, "complete");
    assert_int_equal(catalog_refresh(catalog, 0, &err), STATUS_OK);
    assert_int_equal(run->sealed->generation, 1);
    catalog_close(catalog);
}

static void test_garbage_in_the_log_is_stepped_over(void **state)
{
    struct topic_name control = topic_name(TOPIC_CONTROL, NULL, NULL);
    struct bus_message garbage = {control.text, 0, SLICE("x"), SLICE("\xff\xff not an envelope")};
    struct catalog *catalog;

    (void) state;
    assert_int_equal(catalog_open(bus, &catalog, &err), STATUS_OK);
    assert_int_equal(bus_publish(bus, &garbage, NULL, &err), STATUS_OK);
    assert_int_equal(bus_flush(bus, 1000, &err), STATUS_OK);
    announce_job("a", 4);
    assert_int_equal(catalog_refresh(catalog, 0, &err), STATUS_OK);
    assert_int_equal(catalog_run_count(catalog), 1);
    catalog_close(catalog);
}

static void announce_replay(char *run, char *visits_run, uint32_t generation)
{
    Xunfang__JobSubmitted submitted = XUNFANG__JOB_SUBMITTED__INIT;
    Xunfang__ControlRecord record = XUNFANG__CONTROL_RECORD__INIT;

    submitted.job = (char *) "a";
    submitted.run = run;
    submitted.documents_run = (char *) "main";
    submitted.visits_run = visits_run;
    submitted.generation = generation;
    record.kind_case = XUNFANG__CONTROL_RECORD__KIND_SUBMITTED;
    record.submitted = &submitted;
    assert_int_equal(catalog_announce(bus, &record, &err), STATUS_OK);
}

static void test_a_replay_reads_other_runs_logs(void **state)
{
    const struct catalog_run *run;
    struct catalog *catalog;

    (void) state;
    assert_int_equal(catalog_open(bus, &catalog, &err), STATUS_OK);
    announce_job("a", 4);
    announce_replay("again", "first", 2);
    assert_int_equal(catalog_refresh(catalog, 0, &err), STATUS_OK);
    run = catalog_find(catalog, "a", "main");
    assert_false(catalog_is_replay(run));
    assert_int_equal(catalog_generations(run), 0);
    assert_string_equal(catalog_documents_run(run), "main");
    assert_string_equal(catalog_topic(run, TOPIC_DOCUMENTS).text, "a.main.documents");
    run = catalog_find(catalog, "a", "again");
    assert_true(catalog_is_replay(run));
    assert_int_equal(run->generation, 2);
    assert_int_equal(catalog_generations(run), 3);
    assert_string_equal(catalog_documents_run(run), "main");
    assert_string_equal(catalog_topic(run, TOPIC_DOCUMENTS).text, "a.main.documents");
    assert_string_equal(catalog_topic(run, TOPIC_VISITS).text, "a.first.visits");
    assert_string_equal(catalog_topic(run, TOPIC_REPORTS).text, "a.again.reports");
    assert_string_equal(catalog_topic(run, TOPIC_PAGES).text, "a.pages");
    assert_string_equal(catalog_topic(run, TOPIC_ANSWERS).text, "a.answers");
    assert_string_equal(catalog_topic(run, TOPIC_URLS).text, "urls");
    catalog_close(catalog);
}

static void test_names_that_make_no_topics_are_no_run(void **state)
{
    struct catalog *catalog;

    (void) state;
    assert_int_equal(catalog_open(bus, &catalog, &err), STATUS_OK);
    announce_job("a.b", 4);
    announce_replay("x/y", "main", 0);
    announce_replay("again", "m n", 0);
    assert_int_equal(catalog_refresh(catalog, 0, &err), STATUS_OK);
    assert_int_equal(catalog_run_count(catalog), 0);
    catalog_close(catalog);
}

static void test_topic_names(void **state)
{
    (void) state;
    assert_string_equal(topic_name(TOPIC_URLS, NULL, NULL).text, "urls");
    assert_string_equal(topic_name(TOPIC_PAGES, "yrd", NULL).text, "yrd.pages");
    assert_string_equal(topic_name(TOPIC_REPORTS, "yrd", "main").text, "yrd.main.reports");
    assert_int_equal(topic_check_name("job", SLICE("a.b"), &err), STATUS_INVALID);
    assert_non_null(strstr(err.message, "job name 'a.b'"));
    assert_int_equal(topic_check_name("job", SLICE(""), &err), STATUS_INVALID);
    assert_int_equal(topic_check_name("run", SLICE("A_1-b"), &err), STATUS_OK);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_an_empty_bus_has_no_jobs),
        TEST(test_the_first_of_a_kind_counts),
        TEST(test_ingestion_opens_a_generation_that_is_not_sealed),
        TEST(test_garbage_in_the_log_is_stepped_over),
        TEST(test_a_replay_reads_other_runs_logs),
        TEST(test_names_that_make_no_topics_are_no_run),
        cmocka_unit_test(test_topic_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
