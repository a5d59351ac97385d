/* Submitting the demo job to a bus in memory. */
#include "cli/submit.h"

#include "base/bus/bus_memory.h"
#include "base/message.h"
#include "proto/url.pb-c.h"
#include "study/catalog.h"
#include "study/pins.h"
#include "study/request.h"
#include "study/topics.h"
#include "tests/support/cmocka_all.h"

#include <string.h>

enum { DEMO_LISTS = 41 * 40, URL_PARTITIONS = 3 };

static const struct submit_options options = {"main", URL_PARTITIONS, 2};
static struct clock_manual manual;
static struct bus_world *world;
static struct bus *bus;
static struct study *study;
static struct error err;

static int set_up(void **state)
{
    const struct bus_options bus_options = {.client = "test"};
    const struct study_source source = {.job_path = SOURCE_DIR "/jobs/demo.yaml"};

    (void) state;
    clock_manual_init(&manual, 1000);
    world = bus_world_create(1, &manual);
    if (world == NULL || bus_memory_open(world, &bus_options, &bus, &err) != STATUS_OK)
        return -1;
    if (study_load(&source, &study, &err) != STATUS_OK)
        print_message("%s\n", err.message);
    return study == NULL ? -1 : 0;
}

static int tear_down(void **state)
{
    (void) state;
    study_destroy(study);
    study = NULL;
    bus_close(bus);
    bus_world_destroy(world);
    return 0;
}

static uint64_t end_of(const char *topic, uint32_t partitions)
{
    uint64_t sum = 0, end;

    for (uint32_t i = 0; i < partitions; i++) {
        assert_int_equal(bus_end(bus, topic, i, &end, &err), STATUS_OK);
        sum += end;
    }
    return sum;
}

static void check_catalog(void)
{
    const struct catalog_run *run;
    struct catalog *catalog;

    assert_int_equal(catalog_open(bus, &catalog, &err), STATUS_OK);
    assert_int_equal(catalog_url_partitions(catalog), URL_PARTITIONS);
    assert_int_equal(catalog_run_count(catalog), 1);
    run = catalog_find(catalog, "demo", "main");
    assert_non_null(run);
    assert_true(run->seeded);
    assert_int_equal(run->seeds, DEMO_LISTS);
    assert_int_equal(run->submitted->n_files, study->file_count);
    catalog_close(catalog);
}

static void test_a_job_arrives_whole_and_once(void **state)
{
    uint32_t partitions;

    (void) state;
    assert_int_equal(submit_job(bus, study, &options, &err), STATUS_OK);
    check_catalog();
    assert_int_equal(end_of("urls", URL_PARTITIONS), DEMO_LISTS);
    assert_int_equal(end_of("control", 1), 3);
    assert_int_equal(bus_topic_partitions(bus, "demo.main.reports", &partitions, &err), STATUS_OK);
    assert_int_equal(partitions, 2);
    assert_int_equal(bus_topic_partitions(bus, "demo.answers", &partitions, &err), STATUS_OK);
    assert_int_equal(partitions, 1);
    assert_int_equal(submit_job(bus, study, &options, &err), STATUS_OK);
    assert_int_equal(end_of("urls", URL_PARTITIONS), DEMO_LISTS);
    assert_int_equal(end_of("control", 1), 3);
}

static void test_seeds_lie_where_the_frontier_of_their_host_reads(void **state)
{
    struct arena *arena = arena_create(64 << 20);
    struct bus_record raw;
    struct record record;

    (void) state;
    assert_int_equal(submit_job(bus, study, &options, &err), STATUS_OK);
    for (uint32_t partition = 0; partition < URL_PARTITIONS; partition++) {
        for (uint64_t i = 0; bus_world_record(world, "urls", partition, i, &raw); i++) {
            const Xunfang__UrlRecord *url;
            struct id id;

            assert_int_equal(record_decode(raw.value, arena, &record, &err), STATUS_OK);
            url = message_unpack(&xunfang__url_record__descriptor, record.payload, arena, &err);
            assert_non_null(url);
            assert_int_equal(url->kind_case, XUNFANG__URL_RECORD__KIND_LINK);
            assert_int_equal(
                partition_of(request_host(slice_from(url->link->request->url)), URL_PARTITIONS),
                partition);
            id = request_id(url->link->request);
            assert_true(id_equal(id, record.id));
            assert_int_equal(url->link->parent.len, 0);
        }
    }
    arena_destroy(arena);
}

/* What a submission killed after the job's record leaves behind: no seeds. */
static void test_a_submission_cut_off_is_completed(void **state)
{
    const struct bus_faults faults = {.lost_publish = 1000};
    const struct bus_options bus_options = {.client = "test"};

    (void) state;
    assert_int_equal(bus_topic_create(bus, "urls", URL_PARTITIONS, &err), STATUS_OK);
    bus_world_set_faults(world, faults);
    assert_int_not_equal(submit_job(bus, study, &options, &err), STATUS_OK);
    bus_close(bus);
    bus_world_set_faults(world, (struct bus_faults){0});
    assert_int_equal(bus_memory_open(world, &bus_options, &bus, &err), STATUS_OK);
    assert_int_equal(submit_job(bus, study, &options, &err), STATUS_OK);
    check_catalog();
}

static void test_changed_files_are_refused(void **state)
{
    (void) state;
    assert_int_equal(submit_job(bus, study, &options, &err), STATUS_OK);
    study->files[0].sha256[3] ^= 1;
    assert_int_equal(submit_job(bus, study, &options, &err), STATUS_INVALID);
    assert_non_null(strstr(err.message, "changed since job 'demo' was started here"));
    assert_non_null(strstr(err.message, study->files[0].name.data));
}

static const Xunfang__JobSubmitted *submitted_of(const struct catalog *catalog)
{
    const struct catalog_run *run = catalog_find(catalog, "demo", "main");

    assert_non_null(run);
    return run->submitted;
}

static void test_the_record_tells_when_and_by_what_build(void **state)
{
    const Xunfang__JobSubmitted *submitted;
    struct catalog *catalog;
    struct pins pins;

    (void) state;
    assert_int_equal(submit_job(bus, study, &options, &err), STATUS_OK);
    assert_int_equal(catalog_open(bus, &catalog, &err), STATUS_OK);
    submitted = submitted_of(catalog);
    pins_of(study, &pins);
    assert_true(submitted->made_ms > 0);
    assert_true(pins.count > 0);
    assert_int_equal(submitted->n_pins, pins.count);
    for (size_t i = 0; i < pins.count; i++) {
        assert_string_equal(submitted->pins[i]->what, pins.list[i].what);
        assert_string_equal(submitted->pins[i]->version, pins.list[i].version);
    }
    catalog_close(catalog);
}

static void say(Xunfang__JobCommand__Action action)
{
    const struct catalog_command command = {"demo", "", action, 5000};
    struct catalog *catalog;

    assert_int_equal(catalog_open(bus, &catalog, &err), STATUS_OK);
    assert_int_equal(catalog_command(bus, catalog, &command, &err), STATUS_OK);
    catalog_close(catalog);
}

static void test_what_was_ended_for_good_is_refused(void **state)
{
    (void) state;
    assert_int_equal(submit_job(bus, study, &options, &err), STATUS_OK);
    say(XUNFANG__JOB_COMMAND__ACTION__PAUSE);
    assert_int_equal(submit_job(bus, study, &options, &err), STATUS_OK);
    say(XUNFANG__JOB_COMMAND__ACTION__CANCEL);
    assert_int_equal(submit_job(bus, study, &options, &err), STATUS_INVALID);
    assert_non_null(strstr(err.message, "job 'demo' was cancelled, for good"));
    say(XUNFANG__JOB_COMMAND__ACTION__PURGE);
    assert_int_equal(submit_job(bus, study, &options, &err), STATUS_INVALID);
    assert_non_null(strstr(err.message, "job 'demo' was purged here"));
    assert_int_equal(end_of("control", 1), 6); /* no word about it since */
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_a_job_arrives_whole_and_once),
        TEST(test_seeds_lie_where_the_frontier_of_their_host_reads),
        TEST(test_a_submission_cut_off_is_completed),
        TEST(test_changed_files_are_refused),
        TEST(test_the_record_tells_when_and_by_what_build),
        TEST(test_what_was_ended_for_good_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
