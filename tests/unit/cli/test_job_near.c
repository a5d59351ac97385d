/* What is said of jobs that are not there. */
#include "cli/job_near.h"

#include "tests/unit/study/control_fixture.h"

static const struct bus_place place = {.local = true, .folder = "d", .url = "local:d"};

static const char *unknown(const char *job, const char *run)
{
    const struct job_wanted wanted = {job, run};

    refresh();
    assert_int_equal(job_unknown(catalog, &place, &wanted, &err), STATUS_USAGE);
    return err.message;
}

static void test_no_jobs_at_all(void **state)
{
    const struct job_wanted wanted = {"demo", NULL};

    (void) state;
    assert_string_equal(unknown("demo", "main"), "--data d: no job 'demo' there, nor any other");
    assert_int_equal(job_unknown(NULL, &place, &wanted, &err), STATUS_USAGE);
    assert_string_equal(err.message, "--data d: no job 'demo' there, nor any other");
}

static void test_a_name_that_is_near(void **state)
{
    (void) state;
    announce_run("demo", "main", "", "");
    announce_run("yangtze", "main", "", "");
    assert_string_equal(unknown("dmo", "main"),
                        "--data d: no job 'dmo' there; did you mean 'demo'?");
    assert_string_equal(unknown("yangtse", ""),
                        "--data d: no job 'yangtse' there; did you mean 'yangtze'?");
    assert_string_equal(unknown("other", NULL),
                        "--data d: no job 'other' there; `xunfang jobs` lists those there are");
}

static void test_the_runs_there_are(void **state)
{
    (void) state;
    announce_run("demo", "main", "", "");
    announce_run("demo", "two", "main", "");
    announce_run("other", "three", "", "");
    assert_string_equal(unknown("demo", "tow"),
                        "--data d: job 'demo' has no run 'tow' there; it has 'main', 'two'");
}

static void test_many_runs_are_cut(void **state)
{
    const char *const names[] = {"a", "b", "c", "d", "e", "f"};

    (void) state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        announce_run("demo", names[i], "", "");
    assert_string_equal(
        unknown("demo", "z"),
        "--data d: job 'demo' has no run 'z' there; it has 'a', 'b', 'c', 'd' and 2 more");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_no_jobs_at_all),
        TEST(test_a_name_that_is_near),
        TEST(test_the_runs_there_are),
        TEST(test_many_runs_are_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
