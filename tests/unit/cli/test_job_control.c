/* An operator's word about jobs, on a bus in memory. */
#include "cli/job_control.h"

#include "tests/unit/study/control_fixture.h"

static struct bus_loan loan;

static int set_up(void **state)
{
    if (control_open(state) != 0)
        return -1;
    announce_run("job", "main", "", "");
    announce_run("job", "again", "main", "");
    announce_run("other", "main", "", "");
    refresh();
    loan = (struct bus_loan){.place = {.folder = "d"}, .bus = control_bus, .catalog = catalog};
    return 0;
}

static enum status say(const char *job, const char *run, Xunfang__JobCommand__Action action)
{
    const struct job_word word = {job, run, action};

    return job_say(&loan, &word, &err);
}

static enum run_state state_of(const char *job, const char *run)
{
    return run_of(job, run)->state;
}

static void test_a_word_holds_for_all_runs_of_the_job(void **state)
{
    (void) state;
    assert_int_equal(say("job", "", ACTION(PAUSE)), STATUS_OK);
    assert_int_equal(state_of("job", "main"), RUN_PAUSED);
    assert_int_equal(state_of("job", "again"), RUN_PAUSED);
    assert_int_equal(state_of("other", "main"), RUN_OPEN);
    assert_true(run_of("job", "main")->command_ms > 0);
    assert_int_equal(say("job", "", ACTION(RESUME)), STATUS_OK);
    assert_int_equal(state_of("job", "main"), RUN_OPEN);
}

static void test_or_for_one(void **state)
{
    (void) state;
    assert_int_equal(say("job", "again", ACTION(CANCEL)), STATUS_OK);
    assert_int_equal(state_of("job", "again"), RUN_CANCELLED);
    assert_int_equal(state_of("job", "main"), RUN_OPEN);
    assert_int_equal(say("job", "again", ACTION(RESUME)), STATUS_USAGE);
    assert_non_null(strstr(err.message, "is cancelled: that is for good"));
}

static void test_who_is_not_there(void **state)
{
    uint64_t before, after;

    (void) state;
    assert_int_equal(bus_end(control_bus, "control", 0, &before, &err), STATUS_OK);
    assert_int_equal(say("jop", "", ACTION(PAUSE)), STATUS_USAGE);
    assert_non_null(strstr(err.message, "did you mean 'job'?"));
    assert_int_equal(say("job", "agian", ACTION(PAUSE)), STATUS_USAGE);
    assert_non_null(strstr(err.message, "it has 'main', 'again'"));
    assert_int_equal(bus_end(control_bus, "control", 0, &after, &err), STATUS_OK);
    assert_int_equal(before, after);
    loan.catalog = NULL;
    assert_int_equal(say("job", "", ACTION(PAUSE)), STATUS_USAGE);
    assert_non_null(strstr(err.message, "nor any other"));
}

static void test_a_loan_finds_a_run(void **state)
{
    const struct catalog_run *run = NULL;

    (void) state;
    assert_int_equal(bus_loan_find(&loan, "job", "again", &run, &err), STATUS_OK);
    assert_string_equal(run->run, "again");
    assert_int_equal(bus_loan_find(&loan, "job", "never", &run, &err), STATUS_USAGE);
    assert_string_equal(run->run, "again");
    loan.catalog = NULL;
    assert_int_equal(bus_loan_find(&loan, "job", "again", &run, &err), STATUS_USAGE);
}

int main(void)
{
#undef TEST
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, control_close)
    const struct CMUnitTest tests[] = {
        TEST(test_a_word_holds_for_all_runs_of_the_job),
        TEST(test_or_for_one),
        TEST(test_who_is_not_there),
        TEST(test_a_loan_finds_a_run),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
