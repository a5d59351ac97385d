/* What the stages of a run have still before them. */
#include "aggregator/backlog.h"

#include "tests/unit/study/control_fixture.h"

static struct backlog backlog;

static int set_up(void **state)
{
    if (control_open(state) != 0)
        return -1;
    announce_run("job", "main", "", "");
    announce_run("job", "again", "main", "main"); /* from extract */
    return bus_topic_create(control_bus, "job.main.documents", 2, &err) != STATUS_OK ||
           bus_topic_create(control_bus, "job.main.visits", 2, &err) != STATUS_OK;
}

static void append(const char *topic, uint32_t partition, int count)
{
    const struct bus_message message = {topic, partition, SLICE("k"), SLICE("v")};

    for (int i = 0; i < count; i++)
        assert_int_equal(bus_publish(control_bus, &message, NULL, &err), STATUS_OK);
    assert_int_equal(bus_flush(control_bus, 1000, &err), STATUS_OK);
}

static void commit(const char *stage, const char *topic, uint32_t partition, uint64_t offset)
{
    const struct bus_partition place = {topic, partition};
    const struct bus_reader_options options = {
        .stage = stage, .partitions = &place, .partition_count = 1};
    struct bus_reader *reader;

    assert_int_equal(bus_reader_open(control_bus, &options, &reader, &err), STATUS_OK);
    assert_int_equal(bus_reader_commit(reader, 0, offset, SLICE("clean"), &err), STATUS_OK);
    bus_reader_close(reader);
}

static void read_backlog(const char *run)
{
    assert_int_equal(backlog_read(control_bus, run_of("job", run), &backlog, &err), STATUS_OK);
}

static void assert_stage(size_t index, const char *name, uint64_t records)
{
    assert_true(index < backlog.count);
    assert_string_equal(backlog.stages[index].name, name);
    assert_int_equal(backlog.stages[index].records, records);
}

static void test_what_nobody_read_waits_whole(void **state)
{
    (void) state;
    append("job.main.documents", 0, 3);
    append("job.main.documents", 1, 2);
    read_backlog("main");
    assert_int_equal(backlog.count, 2); /* a crawl needs no parser */
    assert_stage(0, "classifier", 5);
    assert_stage(1, "extractor", 0);
}

static void test_what_is_committed_does_not(void **state)
{
    (void) state;
    append("job.main.documents", 0, 3);
    append("job.main.documents", 1, 2);
    append("job.main.visits", 0, 3);
    commit("classifier.job.main", "job.main.documents", 0, 3);
    commit("classifier.job.main", "job.main.documents", 1, 1);
    commit("extractor.job.main", "job.main.visits", 0, 2);
    read_backlog("main");
    assert_stage(0, "classifier", 1);
    assert_stage(1, "extractor", 1);
}

/* A replay reads the same log at a place of its own. */
static void test_a_replay_has_its_own(void **state)
{
    (void) state;
    append("job.main.visits", 0, 3);
    commit("extractor.job.main", "job.main.visits", 0, 3);
    read_backlog("again");
    assert_int_equal(backlog.count, 1);
    assert_stage(0, "extractor", 3);
    commit("extractor.job.again", "job.main.visits", 0, 1);
    read_backlog("again");
    assert_stage(0, "extractor", 2);
}

static void test_logs_that_are_gone_hold_nothing_up(void **state)
{
    (void) state;
    append("job.main.documents", 0, 3);
    assert_int_equal(bus_topic_delete(control_bus, "job.main.documents", &err), STATUS_OK);
    read_backlog("main");
    assert_stage(0, "classifier", 0);
}

int main(void)
{
#undef TEST
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, control_close)
    const struct CMUnitTest tests[] = {
        TEST(test_what_nobody_read_waits_whole),
        TEST(test_what_is_committed_does_not),
        TEST(test_a_replay_has_its_own),
        TEST(test_logs_that_are_gone_hold_nothing_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
