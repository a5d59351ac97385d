/* What goes with a purge, and how long workers are waited for. */
#include "cli/purge.h"

#include "tests/unit/study/control_fixture.h"

#include <stdlib.h>

enum { COMMANDED_MS = 77 }; /* of the fixture's commands */

static struct purge_logs logs;

static int set_up(void **state)
{
    logs = (struct purge_logs){calloc(PURGE_LOGS_MAX, sizeof *logs.names), 0};
    if (logs.names == NULL || control_open(state) != 0)
        return -1;
    announce_run("job", "main", "", "");
    announce_run("other", "main", "", "");
    announce_run("job", "c", "main", "");  /* from classify */
    announce_run("job", "e", "main", "c"); /* from extract, of that one */
    refresh();
    return 0;
}

static int tear_down(void **state)
{
    free(logs.names);
    return control_close(state);
}

static enum status plan(const char *run)
{
    refresh();
    return purge_plan(catalog, "job", run, &logs, &err);
}

static void assert_plan(const char *const *names)
{
    size_t i = 0;

    for (; names[i] != NULL; i++) {
        assert_true(i < logs.count);
        assert_string_equal(logs.names[i].text, names[i]);
    }
    assert_int_equal(logs.count, i);
}

static void test_all_that_a_job_wrote_goes_once(void **state)
{
    const char *const names[] = {"job.pages",       "job.answers",      "job.main.documents",
                                 "job.main.visits", "job.main.reports", "job.c.visits",
                                 "job.c.reports",   "job.e.reports",    NULL};

    (void) state;
    assert_int_equal(plan(""), STATUS_OK);
    assert_plan(names);
}

static void test_one_replay_goes_alone_unless_it_is_read(void **state)
{
    const char *const of_e[] = {"job.e.reports", NULL};
    const char *const of_c[] = {"job.c.visits", "job.c.reports", NULL};

    (void) state;
    assert_int_equal(plan("c"), STATUS_USAGE);
    assert_string_equal(err.message, "run 'e' reads the logs of run 'c': purge that one first");
    assert_int_equal(plan("e"), STATUS_OK);
    assert_plan(of_e);
    assert_int_equal(command("job", "e", ACTION(PURGE)), STATUS_OK);
    assert_int_equal(plan("c"), STATUS_OK);
    assert_plan(of_c);
}

static void test_the_crawl_goes_only_with_the_job(void **state)
{
    (void) state;
    logs.count = 99;
    assert_int_equal(plan("main"), STATUS_USAGE);
    assert_non_null(strstr(err.message, "purge the whole job"));
    assert_int_equal(logs.count, 99);
}

static int64_t wait_at(int64_t after_ms)
{
    refresh();
    return purge_wait(catalog, "job", "", COMMANDED_MS + after_ms);
}

static void test_workers_get_time_to_let_go(void **state)
{
    (void) state;
    assert_int_equal(wait_at(0), PURGE_WAIT_MS);
    assert_int_equal(wait_at(1000000), PURGE_WAIT_MS); /* nobody told them */
    assert_int_equal(command("job", "", ACTION(PAUSE)), STATUS_OK);
    assert_int_equal(wait_at(5000), PURGE_WAIT_MS - 5000);
    assert_int_equal(wait_at(PURGE_WAIT_MS), 0);
    assert_int_equal(wait_at(1000000), 0);
    assert_int_equal(wait_at(-5000), PURGE_WAIT_MS); /* a clock that is behind */
}

static void test_on_sealed_runs_nobody_works(void **state)
{
    (void) state;
    announce_sealed("job", "main", 0);
    announce_sealed("job", "c", 0);
    assert_int_equal(wait_at(0), PURGE_WAIT_MS);
    announce_sealed("job", "e", 0);
    assert_int_equal(wait_at(0), 0);
}

int main(void)
{
#undef TEST
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_all_that_a_job_wrote_goes_once),
        TEST(test_one_replay_goes_alone_unless_it_is_read),
        TEST(test_the_crawl_goes_only_with_the_job),
        TEST(test_workers_get_time_to_let_go),
        TEST(test_on_sealed_runs_nobody_works),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
