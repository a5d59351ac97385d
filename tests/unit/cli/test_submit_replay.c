/* Replays of the demo job on a bus in memory: which logs they read, and when they are refused. */
#include "cli/submit_replay.h"

#include "base/bus/bus_memory.h"
#include "cli/submit.h"
#include "tests/support/cmocka_all.h"

#include <string.h>

static struct clock_manual manual;
static struct bus_world *world;
static struct bus *bus;
static struct catalog *catalog;
static struct study *study;
static struct error err;

static int set_up(void **state)
{
    const struct bus_options bus_options = {.client = "test"};
    const struct submit_options options = {"main", 3, 2};
    const struct study_source source = {.job_path = SOURCE_DIR "/jobs/demo.yaml"};

    (void) state;
    clock_manual_init(&manual, 1000);
    world = bus_world_create(1, &manual);
    if (world == NULL || bus_memory_open(world, &bus_options, &bus, &err) != STATUS_OK ||
        study_load(&source, &study, &err) != STATUS_OK ||
        submit_job(bus, study, &options, &err) != STATUS_OK)
        return -1;
    return catalog_open(bus, &catalog, &err) == STATUS_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void) state;
    study_destroy(study);
    study = NULL;
    catalog_close(catalog);
    bus_close(bus);
    bus_world_destroy(world);
    return 0;
}

static void announce(const Xunfang__ControlRecord *record)
{
    assert_int_equal(catalog_announce(bus, record, &err), STATUS_OK);
    assert_int_equal(catalog_refresh(catalog, 0, &err), STATUS_OK);
}

static void seal(const char *run, uint32_t generation)
{
    Xunfang__ControlRecord record = XUNFANG__CONTROL_RECORD__INIT;
    Xunfang__Sealed sealed = XUNFANG__SEALED__INIT;

    sealed.job = (char *) "demo";
    sealed.run = (char *) (uintptr_t) run;
    sealed.generation = generation;
    record.kind_case = XUNFANG__CONTROL_RECORD__KIND_SEALED;
    record.sealed = &sealed;
    announce(&record);
}

static void ingest(uint32_t generation)
{
    Xunfang__ControlRecord record = XUNFANG__CONTROL_RECORD__INIT;
    Xunfang__Ingested ingested = XUNFANG__INGESTED__INIT;

    ingested.job = (char *) "demo";
    ingested.run = (char *) "main";
    ingested.generation = generation;
    ingested.documents = 1;
    record.kind_case = XUNFANG__CONTROL_RECORD__KIND_INGESTED;
    record.ingested = &ingested;
    announce(&record);
}

static enum status replay(const char *run, const char *source, enum replay_from from)
{
    const struct replay_options options = {run, source, from};

    return submit_replay(bus, catalog, study, &options, &err);
}

static const struct catalog_run *run_of(const char *name)
{
    const struct catalog_run *run = catalog_find(catalog, "demo", name);

    assert_non_null(run);
    return run;
}

static void assert_topics(const char *run, const char *visits, const char *reports)
{
    const struct catalog_run *found = run_of(run);
    uint32_t partitions;

    assert_string_equal(catalog_topic(found, TOPIC_DOCUMENTS).text, "demo.main.documents");
    assert_string_equal(catalog_topic(found, TOPIC_VISITS).text, visits);
    assert_string_equal(catalog_topic(found, TOPIC_REPORTS).text, reports);
    assert_int_equal(bus_topic_partitions(bus, visits, &partitions, &err), STATUS_OK);
    assert_int_equal(partitions, 2);
    assert_int_equal(bus_topic_partitions(bus, reports, &partitions, &err), STATUS_OK);
    assert_int_equal(partitions, 2);
}

static void test_each_stage_has_its_own_logs_from_there_on(void **state)
{
    uint32_t partitions;

    (void) state;
    seal("main", 0);
    assert_int_equal(replay("c", "main", REPLAY_CLASSIFY), STATUS_OK);
    assert_int_equal(replay("e", "main", REPLAY_EXTRACT), STATUS_OK);
    assert_int_equal(replay("a", "main", REPLAY_AGGREGATE), STATUS_OK);
    assert_topics("c", "demo.c.visits", "demo.c.reports");
    assert_topics("e", "demo.main.visits", "demo.e.reports");
    assert_topics("a", "demo.main.visits", "demo.main.reports");
    assert_int_equal(bus_topic_partitions(bus, "demo.c.documents", &partitions, &err),
                     STATUS_NOT_FOUND);
    assert_int_equal(bus_topic_partitions(bus, "demo.a.reports", &partitions, &err),
                     STATUS_NOT_FOUND);
    assert_int_equal(run_of("c")->submitted->n_files, study->file_count);
}

static void test_from_the_pages_everything_is_its_own(void **state)
{
    const struct catalog_run *run;
    uint32_t partitions;

    (void) state;
    ingest(1);
    seal("main", 1);
    assert_int_equal(replay("p", "main", REPLAY_PARSE), STATUS_OK);
    run = run_of("p");
    assert_true(catalog_is_replay(run));
    assert_int_equal(run->generation, 0); /* what was ingested has no page */
    assert_int_equal(catalog_generations(run), 1);
    assert_string_equal(catalog_topic(run, TOPIC_DOCUMENTS).text, "demo.p.documents");
    assert_string_equal(catalog_topic(run, TOPIC_PAGES).text, "demo.pages");
    assert_int_equal(bus_topic_partitions(bus, "demo.p.documents", &partitions, &err), STATUS_OK);
    assert_true(catalog_writes(run, TOPIC_DOCUMENTS));
    seal("p", 0);
    assert_int_equal(replay("q", "p", REPLAY_CLASSIFY), STATUS_OK);
    assert_string_equal(catalog_topic(run_of("q"), TOPIC_DOCUMENTS).text, "demo.p.documents");
    assert_int_equal(replay("p", "main", REPLAY_CLASSIFY), STATUS_INVALID);
    assert_string_equal(err.message, "run 'p' exists: it reads pages of run 'main'; give the new "
                                     "replay another name");
}

static void test_only_the_workers_that_write_are_needed(void **state)
{
    (void) state;
    seal("main", 0);
    assert_int_equal(replay("e", "main", REPLAY_EXTRACT), STATUS_OK);
    assert_true(catalog_writes(run_of("main"), TOPIC_DOCUMENTS));
    assert_true(catalog_writes(run_of("main"), TOPIC_VISITS));
    assert_false(catalog_writes(run_of("e"), TOPIC_DOCUMENTS));
    assert_false(catalog_writes(run_of("e"), TOPIC_VISITS));
    assert_true(catalog_writes(run_of("e"), TOPIC_REPORTS));
}

static void test_a_chain_leads_to_the_logs_themselves(void **state)
{
    (void) state;
    seal("main", 0);
    assert_int_equal(replay("one", "main", REPLAY_CLASSIFY), STATUS_OK);
    seal("one", 0);
    assert_int_equal(replay("two", "one", REPLAY_EXTRACT), STATUS_OK);
    seal("two", 0);
    assert_int_equal(replay("three", "two", REPLAY_AGGREGATE), STATUS_OK);
    assert_int_equal(replay("four", "two", REPLAY_EXTRACT), STATUS_OK);
    assert_topics("two", "demo.one.visits", "demo.two.reports");
    assert_topics("three", "demo.one.visits", "demo.two.reports");
    assert_topics("four", "demo.one.visits", "demo.four.reports");
}

static void test_a_source_must_be_sealed(void **state)
{
    (void) state;
    assert_int_equal(replay("c", "main", REPLAY_CLASSIFY), STATUS_USAGE);
    assert_non_null(strstr(err.message, "run 'main' of job 'demo' is not complete"));
    seal("main", 0);
    ingest(1);
    assert_int_equal(replay("c", "main", REPLAY_CLASSIFY), STATUS_USAGE);
    seal("main", 1);
    assert_int_equal(replay("c", "main", REPLAY_CLASSIFY), STATUS_OK);
    assert_int_equal(run_of("c")->generation, 1);
}

static void test_the_same_replay_goes_on_whatever_its_source_does(void **state)
{
    uint64_t before, after;

    (void) state;
    seal("main", 0);
    assert_int_equal(replay("c", "main", REPLAY_CLASSIFY), STATUS_OK);
    ingest(1); /* main is not sealed any more */
    assert_int_equal(bus_end(bus, "control", 0, &before, &err), STATUS_OK);
    assert_int_equal(replay("c", "main", REPLAY_CLASSIFY), STATUS_OK);
    assert_int_equal(bus_end(bus, "control", 0, &after, &err), STATUS_OK);
    assert_int_equal(before, after);
    assert_int_equal(run_of("c")->generation, 0);
}

static void test_another_replay_of_that_name_is_refused(void **state)
{
    (void) state;
    seal("main", 0);
    assert_int_equal(replay("c", "main", REPLAY_CLASSIFY), STATUS_OK);
    assert_int_equal(replay("c", "main", REPLAY_EXTRACT), STATUS_INVALID);
    assert_string_equal(err.message, "run 'c' exists: it reads visits of its own; give the new "
                                     "replay another name");
    study->files[0].sha256[5] ^= 1;
    assert_int_equal(replay("c", "main", REPLAY_CLASSIFY), STATUS_INVALID);
    assert_non_null(strstr(err.message, "is not what run 'c' was started with"));
}

static void test_names_that_cannot_be(void **state)
{
    (void) state;
    seal("main", 0);
    assert_int_equal(replay("main", "main", REPLAY_CLASSIFY), STATUS_USAGE);
    assert_int_equal(replay("a.b", "main", REPLAY_CLASSIFY), STATUS_INVALID);
    assert_int_equal(replay("c", "nobody", REPLAY_CLASSIFY), STATUS_NOT_FOUND);
    assert_non_null(strstr(err.message, "job 'demo' has no run 'nobody'"));
    assert_int_equal(replay("c", "main", REPLAY_CLASSIFY), STATUS_OK);
    seal("c", 0);
    assert_int_equal(replay("main", "c", REPLAY_CLASSIFY), STATUS_USAGE);
    assert_non_null(strstr(err.message, "is no replay"));
}

static void test_run_does_not_take_a_replay_up(void **state)
{
    const struct submit_options options = {"c", 3, 2};

    (void) state;
    seal("main", 0);
    assert_int_equal(replay("c", "main", REPLAY_CLASSIFY), STATUS_OK);
    assert_int_equal(submit_job(bus, study, &options, &err), STATUS_USAGE);
    assert_non_null(strstr(err.message, "is a replay"));
}

static void test_words_for_stages(void **state)
{
    enum replay_from from = REPLAY_AGGREGATE;

    (void) state;
    assert_int_equal(replay_from_text("parse", &from, &err), STATUS_OK);
    assert_int_equal(from, REPLAY_PARSE);
    assert_int_equal(replay_from_text("classify", &from, &err), STATUS_OK);
    assert_int_equal(from, REPLAY_CLASSIFY);
    assert_int_equal(replay_from_text("aggregate", &from, &err), STATUS_OK);
    assert_int_equal(from, REPLAY_AGGREGATE);
    assert_int_equal(replay_from_text("crawl", &from, &err), STATUS_USAGE);
}

static void say(const char *run, Xunfang__JobCommand__Action action)
{
    const struct catalog_command command = {"demo", run, action, 5000};

    assert_int_equal(catalog_command(bus, catalog, &command, &err), STATUS_OK);
    assert_int_equal(catalog_refresh(catalog, 0, &err), STATUS_OK);
}

static void test_what_was_ended_for_good_is_not_gone_on_with(void **state)
{
    (void) state;
    seal("main", 0);
    assert_int_equal(replay("c", "main", REPLAY_CLASSIFY), STATUS_OK);
    say("c", XUNFANG__JOB_COMMAND__ACTION__PAUSE);
    assert_int_equal(replay("c", "main", REPLAY_CLASSIFY), STATUS_OK);
    say("c", XUNFANG__JOB_COMMAND__ACTION__CANCEL);
    assert_int_equal(replay("c", "main", REPLAY_CLASSIFY), STATUS_USAGE);
    assert_string_equal(err.message,
                        "--as c: that run was cancelled; give the replay another name");
    say("", XUNFANG__JOB_COMMAND__ACTION__PURGE);
    assert_int_equal(replay("d", "main", REPLAY_CLASSIFY), STATUS_USAGE);
    assert_string_equal(err.message, "run 'main' of job 'demo' was purged: its logs are gone");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_each_stage_has_its_own_logs_from_there_on),
        TEST(test_from_the_pages_everything_is_its_own),
        TEST(test_only_the_workers_that_write_are_needed),
        TEST(test_a_chain_leads_to_the_logs_themselves),
        TEST(test_a_source_must_be_sealed),
        TEST(test_the_same_replay_goes_on_whatever_its_source_does),
        TEST(test_another_replay_of_that_name_is_refused),
        TEST(test_names_that_cannot_be),
        TEST(test_run_does_not_take_a_replay_up),
        TEST(test_words_for_stages),
        TEST(test_what_was_ended_for_good_is_not_gone_on_with),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
