/* Commands, and who is needed by which run. */
#include "tests/unit/study/control_fixture.h"

static void test_commands_count_in_turn(void **state)
{
    const struct catalog_run *run;

    (void) state;
    announce_run("a", "main", "", "");
    run = run_of("a", "main");
    assert_int_equal(run->state, RUN_OPEN);
    assert_int_equal(run->command_ms, 0);
    assert_int_equal(command("a", "main", ACTION(PAUSE)), STATUS_OK);
    refresh();
    assert_int_equal(run->state, RUN_PAUSED);
    assert_int_equal(run->command_ms, 77);
    assert_int_equal(command("a", "", ACTION(RESUME)), STATUS_OK);
    refresh();
    assert_int_equal(run->state, RUN_OPEN);
    assert_int_equal(command("a", "", ACTION(PAUSE)), STATUS_OK);
    assert_int_equal(command("a", "", ACTION(CANCEL)), STATUS_OK);
    refresh();
    assert_int_equal(run->state, RUN_CANCELLED);
    assert_string_equal(run_state_text(run->state), "cancelled");
}

static void test_a_command_names_one_run_or_all(void **state)
{
    (void) state;
    announce_run("a", "main", "", "");
    announce_run("a", "again", "main", "main");
    announce_run("b", "main", "", "");
    assert_int_equal(command("a", "again", ACTION(PAUSE)), STATUS_OK);
    assert_int_equal(run_of("a", "main")->state, RUN_OPEN);
    assert_int_equal(run_of("a", "again")->state, RUN_PAUSED);
    assert_int_equal(command("a", "", ACTION(CANCEL)), STATUS_OK);
    assert_int_equal(run_of("a", "main")->state, RUN_CANCELLED);
    assert_int_equal(run_of("a", "again")->state, RUN_CANCELLED);
    assert_int_equal(run_of("b", "main")->state, RUN_OPEN);
    /* A later run of a cancelled job is another matter. */
    announce_run("a", "third", "main", "main");
    assert_int_equal(run_of("a", "third")->state, RUN_OPEN);
}

static void test_what_is_for_good(void **state)
{
    (void) state;
    announce_run("a", "main", "", "");
    assert_int_equal(command("nobody", "", ACTION(PAUSE)), STATUS_USAGE);
    assert_string_equal(err.message, "no job 'nobody' on this bus");
    assert_int_equal(command("a", "other", ACTION(PAUSE)), STATUS_USAGE);
    assert_string_equal(err.message, "no job 'a' with a run 'other' on this bus");
    assert_int_equal(command("a", "", ACTION(CANCEL)), STATUS_OK);
    assert_int_equal(command("a", "", ACTION(RESUME)), STATUS_USAGE);
    assert_string_equal(err.message, "job 'a' is cancelled: that is for good");
    assert_int_equal(command("a", "", ACTION(PURGE)), STATUS_OK);
    assert_int_equal(run_of("a", "main")->state, RUN_PURGED);
    assert_int_equal(command("a", "main", ACTION(PURGE)), STATUS_USAGE);
    assert_string_equal(err.message, "job 'a', run 'main', is purged: that is for good");
}

/* Commands that a check let through since the log moved on meanwhile. */
static void test_late_commands_change_nothing(void **state)
{
    const struct catalog_run *run;

    (void) state;
    announce_run("a", "main", "", "");
    run = run_of("a", "main");
    assert_int_equal(command("a", "", ACTION(RESUME)), STATUS_OK); /* open already */
    refresh();
    assert_int_equal(run->state, RUN_OPEN);
    assert_int_equal(run->command_ms, 0);
    for (int i = 0; i < 2; i++) {
        const struct catalog_command late = {"a", "", i == 0 ? ACTION(CANCEL) : ACTION(RESUME), 5};
        assert_int_equal(catalog_command(control_bus, catalog, &late, &err), STATUS_OK);
    }
    refresh();
    assert_int_equal(run->state, RUN_CANCELLED);
}

static void test_a_purged_name_is_taken(void **state)
{
    (void) state;
    announce_run("a", "main", "", "");
    announce_run("a", "again", "main", "main");
    assert_false(catalog_purged(catalog, "a"));
    assert_int_equal(command("a", "again", ACTION(PURGE)), STATUS_OK);
    refresh();
    assert_false(catalog_purged(catalog, "a")); /* one run of it */
    assert_int_equal(command("a", "", ACTION(PURGE)), STATUS_OK);
    refresh();
    assert_true(catalog_purged(catalog, "a"));
    assert_false(catalog_purged(catalog, "b"));
    announce_run("a", "new", "", "");
    assert_null(run_of("a", "new"));
    announce_run("b", "new", "", "");
    assert_non_null(run_of("b", "new"));
}

static void test_the_run_that_crawls(void **state)
{
    (void) state;
    announce_run("a", "again", "main", "");
    announce_run("a", "main", "", "");
    announce_run("a", "second", "", "");
    refresh();
    assert_ptr_equal(catalog_crawl(catalog, "a"), catalog_find(catalog, "a", "main"));
    assert_null(catalog_crawl(catalog, "b"));
}

static void check_needs(const struct catalog_run *run, const char *expected)
{
    static const char *const stages[] = {"frontier",   "crawler",   "parser",
                                         "classifier", "extractor", "aggregator"};
    char needed[8] = "";

    for (size_t i = 0; i < 6; i++)
        needed[i] = catalog_needs(run, stages[i]) ? stages[i][0] : '-';
    assert_string_equal(needed, expected);
}

static void test_stages_that_write_a_log_of_the_run(void **state)
{
    Xunfang__JobSubmitted pages = XUNFANG__JOB_SUBMITTED__INIT;

    (void) state;
    announce_run("a", "main", "", "");
    announce_run("a", "classify", "main", "");
    announce_run("a", "extract", "main", "main");
    pages.job = (char *) "a";
    pages.run = (char *) "parse";
    pages.pages_run = (char *) "main";
    announce(&pages);
    check_needs(run_of("a", "main"), "fc-cea");
    check_needs(run_of("a", "classify"), "---cea");
    check_needs(run_of("a", "extract"), "----ea");
    check_needs(run_of("a", "parse"), "--pcea");
    assert_false(catalog_needs(run_of("a", "main"), "gardener"));
    assert_true(catalog_writes(run_of("a", "classify"), TOPIC_VISITS));
    assert_false(catalog_writes(run_of("a", "classify"), TOPIC_DOCUMENTS));
}

static void test_who_is_wanted_now(void **state)
{
    const struct catalog_run *run;

    (void) state;
    announce_run("a", "main", "", "");
    run = run_of("a", "main");
    assert_true(catalog_wants(run, "classifier"));
    assert_false(catalog_wants(run, "parser"));
    announce_sealed("a", "main", 0);
    refresh();
    assert_false(catalog_wants(run, "classifier"));
    announce_ingested("a", "main", 1);
    refresh();
    assert_true(catalog_wants(run, "classifier"));
    assert_int_equal(command("a", "", ACTION(PAUSE)), STATUS_OK);
    refresh();
    assert_false(catalog_wants(run, "classifier"));
}

static void test_each_run_owns_its_commits(void **state)
{
    (void) state;
    announce_run("a", "main", "", "");
    announce_run("a", "again", "main", "");
    assert_string_equal(catalog_owner(run_of("a", "main"), "classifier").text, "classifier.a.main");
    assert_string_equal(catalog_owner(run_of("a", "again"), "extractor").text, "extractor.a.again");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_commands_count_in_turn),
        TEST(test_a_command_names_one_run_or_all),
        TEST(test_what_is_for_good),
        TEST(test_late_commands_change_nothing),
        TEST(test_a_purged_name_is_taken),
        TEST(test_the_run_that_crawls),
        TEST(test_stages_that_write_a_log_of_the_run),
        TEST(test_who_is_wanted_now),
        TEST(test_each_run_owns_its_commits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
