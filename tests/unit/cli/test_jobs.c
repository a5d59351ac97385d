/* The list of jobs. */
#include "cli/jobs.h"

#include "base/json.h"
#include "base/message.h"
#include "tests/unit/study/control_fixture.h"

enum { TEXT_MAX = 1 << 16 };

static struct buf out;

static int set_up(void **state)
{
    buf_init(&out, TEXT_MAX);
    return control_open(state);
}

static int tear_down(void **state)
{
    buf_fini(&out);
    return control_close(state);
}

static void append(const char *topic, uint32_t partition)
{
    const struct bus_message message = {topic, partition, SLICE("k"), SLICE("v")};

    assert_int_equal(bus_publish(control_bus, &message, NULL, &err), STATUS_OK);
    assert_int_equal(bus_flush(control_bus, 1000, &err), STATUS_OK);
}

static void make_logs(const char *documents, const char *reports)
{
    assert_int_equal(bus_topic_create(control_bus, documents, 2, &err), STATUS_OK);
    assert_int_equal(bus_topic_create(control_bus, reports, 2, &err), STATUS_OK);
}

static void announce_dated(const char *job, int64_t made_ms)
{
    Xunfang__JobSubmitted submitted = XUNFANG__JOB_SUBMITTED__INIT;

    submitted.job = (char *) (uintptr_t) job;
    submitted.run = (char *) "main";
    submitted.partitions = 2;
    submitted.made_ms = made_ms;
    announce(&submitted);
}

static void seal(const char *job, const char *words)
{
    Xunfang__Sealed sealed = XUNFANG__SEALED__INIT;
    Xunfang__ControlRecord record = XUNFANG__CONTROL_RECORD__INIT;

    sealed.job = (char *) (uintptr_t) job;
    sealed.run = (char *) "main";
    sealed.state = (char *) (uintptr_t) words;
    record.kind_case = XUNFANG__CONTROL_RECORD__KIND_SEALED;
    record.sealed = &sealed;
    assert_int_equal(catalog_announce(control_bus, &record, &err), STATUS_OK);
}

static void seed(const char *job, uint64_t seeds)
{
    Xunfang__JobSeeded seeded = XUNFANG__JOB_SEEDED__INIT;
    Xunfang__ControlRecord record = XUNFANG__CONTROL_RECORD__INIT;

    seeded.job = (char *) (uintptr_t) job;
    seeded.run = (char *) "main";
    seeded.seeds = seeds;
    record.kind_case = XUNFANG__CONTROL_RECORD__KIND_SEEDED;
    record.seeded = &seeded;
    assert_int_equal(catalog_announce(control_bus, &record, &err), STATUS_OK);
}

static struct job_line line_of(const char *job)
{
    struct job_line line = {0};

    assert_int_equal(job_line_read(control_bus, run_of(job, "main"), &line, &err), STATUS_OK);
    return line;
}

static void test_counts_are_those_of_the_logs(void **state)
{
    struct job_line line;

    (void) state;
    announce_dated("job", 0);
    make_logs("job.main.documents", "job.main.reports");
    append("job.main.documents", 0);
    append("job.main.documents", 1);
    append("job.main.documents", 1);
    append("job.main.reports", 1);
    line = line_of("job");
    assert_true(line.counted);
    assert_int_equal(line.documents, 3);
    assert_int_equal(line.reports, 1);
}

static void test_logs_that_are_gone_are_no_failure(void **state)
{
    (void) state;
    announce_dated("job", 0);
    assert_false(line_of("job").counted);
    make_logs("job.main.documents", "job.main.reports");
    assert_true(line_of("job").counted);
    assert_int_equal(command("job", "", ACTION(PURGE)), STATUS_OK);
    assert_false(line_of("job").counted);
}

static void test_a_seal_has_the_counts(void **state)
{
    Xunfang__ControlRecord record = XUNFANG__CONTROL_RECORD__INIT;
    Xunfang__Sealed sealed = XUNFANG__SEALED__INIT;
    Xunfang__SealedRange documents = XUNFANG__SEALED_RANGE__INIT,
                         reports = XUNFANG__SEALED_RANGE__INIT;
    Xunfang__SealedRange *ranges[] = {&documents, &reports};
    uint64_t ends[][2] = {{2, 3}, {4, 0}};
    struct job_line line;

    (void) state;
    announce_dated("job", 0);
    documents.topic = (char *) "job.main.documents";
    documents.ends = ends[0];
    reports.topic = (char *) "job.main.reports";
    reports.ends = ends[1];
    documents.n_ends = reports.n_ends = 2;
    sealed.job = (char *) "job";
    sealed.run = (char *) "main";
    sealed.ranges = ranges;
    sealed.n_ranges = 2;
    record.kind_case = XUNFANG__CONTROL_RECORD__KIND_SEALED;
    record.sealed = &sealed;
    assert_int_equal(catalog_announce(control_bus, &record, &err), STATUS_OK);
    line = line_of("job"); /* whose logs are not even there */
    assert_true(line.counted);
    assert_int_equal(line.documents, 5);
    assert_int_equal(line.reports, 4);
    assert_int_equal(command("job", "", ACTION(PURGE)), STATUS_OK);
    assert_false(line_of("job").counted);
}

static void test_the_table(void **state)
{
    struct job_line lines[2];

    (void) state;
    announce_dated("demo", 1764008105000); /* 2025-11-24T18:15:05Z */
    announce_dated("much-longer-name", 0);
    seed("demo", 1640);
    seal("demo", "gaps: 2");
    make_logs("demo.main.documents", "demo.main.reports");
    lines[0] = line_of("demo");
    lines[1] = line_of("much-longer-name");
    job_lines_put_table(lines, 2, &out);
    assert_string_equal(
        buf_text(&out),
        "job               run   state      gen  sealed       lists  documents   reports  "
        "submitted\n"
        "demo              main  open         0  gaps: 2       1640          0         0  "
        "2025-11-24T18:15:05Z\n"
        "much-longer-name  main  open         0  no               -          -         -  \n");
}

static void test_json_has_the_same_and_more(void **state)
{
    struct arena *arena = arena_create(TEXT_MAX);
    const struct json *value = NULL;
    struct job_line line;

    (void) state;
    assert_non_null(arena);
    announce_dated("demo", 1764008105000);
    seed("demo", 12);
    assert_int_equal(command("demo", "", ACTION(PAUSE)), STATUS_OK);
    line = line_of("demo");
    job_line_put_json(&line, &out);
    assert_int_equal(json_parse(buf_slice(&out), arena, &value, &err), STATUS_OK);
    assert_string_equal(json_text(json_member(value, "job")).data, "demo");
    assert_string_equal(json_text(json_member(value, "run")).data, "main");
    assert_string_equal(json_text(json_member(value, "state")).data, "paused");
    assert_string_equal(json_text(json_member(value, "submitted")).data, "2025-11-24T18:15:05Z");
    assert_int_equal(json_int(json_member(value, "lists"), -1), 12);
    assert_int_equal(json_int(json_member(value, "partitions"), -1), 2);
    assert_int_equal(json_int(json_member(value, "generation"), -1), 0);
    assert_int_equal(json_kind(json_member(value, "sealed")), JSON_KIND_NULL);
    assert_int_equal(json_kind(json_member(value, "documents")), JSON_KIND_NULL);
    assert_int_equal(json_kind(json_member(value, "adding")), JSON_KIND_NULL);
    assert_false(json_truth(json_member(value, "replay"), true));
    arena_destroy(arena);
}

int main(void)
{
#undef TEST
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_counts_are_those_of_the_logs), TEST(test_logs_that_are_gone_are_no_failure),
        TEST(test_a_seal_has_the_counts),        TEST(test_the_table),
        TEST(test_json_has_the_same_and_more),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
