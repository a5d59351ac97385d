/* Intakes: who may add documents, who is told to wait, what counts when one is taken for dead. */
#include "study/intake.h"

#include "base/message.h"
#include "base/util/clock.h"
#include "tests/unit/study/control_fixture.h"

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static int set_up(void **state)
{
    if (control_open(state) != 0)
        return -1;
    announce_run("job", "main", "", "");
    refresh();
    return 0;
}

static enum status begin(struct intake *intake)
{
    return intake_begin(control_bus, catalog, run_of("job", "main"), intake, &err);
}

/* Somebody else's claim: under this generation, last heard of so long ago. */
static void claim(uint32_t generation, const char *by, int64_t age_ms)
{
    Xunfang__IngestBegun begun = XUNFANG__INGEST_BEGUN__INIT;
    Xunfang__ControlRecord record = XUNFANG__CONTROL_RECORD__INIT;

    begun.job = (char *) "job";
    begun.run = (char *) "main";
    begun.generation = generation;
    begun.token = message_bytes(slice_from(by));
    begun.made_ms = clock_wall_ms(clock_system()) - age_ms;
    begun.by = (char *) (uintptr_t) by;
    record.kind_case = XUNFANG__CONTROL_RECORD__KIND_INGEST_BEGUN;
    record.ingest_begun = &begun;
    assert_int_equal(catalog_announce(control_bus, &record, &err), STATUS_OK);
    refresh();
}

static void test_each_intake_has_a_generation_of_its_own(void **state)
{
    struct intake intake;

    (void) state;
    assert_int_equal(begin(&intake), STATUS_OK);
    assert_int_equal(intake.generation, 1);
    assert_int_equal(run_of("job", "main")->generation, 0);
    assert_int_equal(intake_alive(&intake, &err), STATUS_OK);
    assert_int_equal(intake_end(&intake, 7, &err), STATUS_OK);
    assert_int_equal(run_of("job", "main")->generation, 1);
    assert_int_equal(run_of("job", "main")->ingested, 7);
    assert_null(run_of("job", "main")->claim);
    assert_int_equal(begin(&intake), STATUS_OK);
    assert_int_equal(intake.generation, 2);
    assert_int_equal(intake_end(&intake, 1, &err), STATUS_OK);
    assert_int_equal(run_of("job", "main")->ingested, 8);
}

static void test_the_second_of_two_waits(void **state)
{
    struct intake first, second;

    (void) state;
    assert_int_equal(begin(&first), STATUS_OK);
    assert_int_equal(begin(&second), STATUS_BUSY);
    assert_non_null(strstr(err.message, first.by));
    assert_non_null(strstr(err.message, "repeat this when it is done"));
    assert_int_equal(intake_end(&first, 3, &err), STATUS_OK);
    assert_int_equal(begin(&second), STATUS_OK);
    assert_int_equal(second.generation, 2);
}

/* Both saw a free run; the log says who was first. */
static void test_of_two_claims_at_once_the_first_counts(void **state)
{
    struct intake intake;
    uint64_t before, after;

    (void) state;
    claim(1, "elsewhere:5", 0);
    claim(1, "elsewhere:6", 0);
    assert_string_equal(run_of("job", "main")->claim->by, "elsewhere:5");
    assert_int_equal(bus_end(control_bus, "control", 0, &before, &err), STATUS_OK);
    assert_int_equal(begin(&intake), STATUS_BUSY);
    assert_int_equal(bus_end(control_bus, "control", 0, &after, &err), STATUS_OK);
    assert_int_equal(before, after);
}

static void test_nothing_added_opens_nothing(void **state)
{
    struct intake intake;

    (void) state;
    assert_int_equal(begin(&intake), STATUS_OK);
    assert_int_equal(intake_end(&intake, 0, &err), STATUS_OK);
    assert_int_equal(run_of("job", "main")->generation, 0);
    assert_null(run_of("job", "main")->claim);
    assert_int_equal(begin(&intake), STATUS_OK);
    assert_int_equal(intake.generation, 2); /* records of 1 may stand in the log */
    intake_give_up(&intake);
    assert_int_equal(begin(&intake), STATUS_OK);
    assert_int_equal(intake.generation, 3);
}

static void test_a_silent_one_is_taken_over(void **state)
{
    struct intake intake;

    (void) state;
    claim(1, "elsewhere:5", INTAKE_STALE_MS - 5000);
    assert_int_equal(begin(&intake), STATUS_BUSY);
    claim(1, "elsewhere:5", INTAKE_STALE_MS + 5000);
    assert_int_equal(begin(&intake), STATUS_OK);
    assert_int_equal(intake.generation, 2);
    /* The silent one wakes up and ends first: both count. */
    announce_ingested("job", "main", 1);
    assert_int_equal(run_of("job", "main")->generation, 1);
    assert_non_null(run_of("job", "main")->claim);
    assert_int_equal(intake_end(&intake, 4, &err), STATUS_OK);
    assert_int_equal(run_of("job", "main")->ingested, 5);
}

static void test_who_comes_too_late_is_told(void **state)
{
    struct intake intake;

    (void) state;
    assert_int_equal(begin(&intake), STATUS_OK);
    claim(2, "elsewhere:5", 0);
    announce_ingested("job", "main", 2);
    refresh();
    assert_int_equal(intake_end(&intake, 4, &err), STATUS_BUSY);
    assert_non_null(strstr(err.message, "repeat this"));
    assert_int_equal(run_of("job", "main")->ingested, 1);
    assert_int_equal(begin(&intake), STATUS_OK);
    assert_int_equal(intake.generation, 3);
}

static void test_a_dead_process_of_this_machine_is_not_waited_for(void **state)
{
    struct intake intake;
    char by[INTAKE_BY_MAX + 16];
    pid_t child = fork();

    (void) state;
    if (child == 0)
        _exit(0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_int_equal(begin(&intake), STATUS_OK);
    (void) snprintf(by, sizeof by, "%.*s:%ld", (int) (strrchr(intake.by, ':') - intake.by),
                    intake.by, (long) child);
    intake_give_up(&intake);
    refresh();
    claim(2, by, 0);
    assert_int_equal(begin(&intake), STATUS_OK);
    assert_int_equal(intake.generation, 3);
}

static void test_runs_that_take_nothing(void **state)
{
    struct intake intake;

    (void) state;
    announce_run("job", "again", "main", "");
    assert_int_equal(intake_begin(control_bus, catalog, run_of("job", "again"), &intake, &err),
                     STATUS_USAGE);
    assert_non_null(strstr(err.message, "reads the documents of run 'main'"));
    assert_int_equal(command("job", "main", ACTION(PAUSE)), STATUS_OK);
    assert_int_equal(begin(&intake), STATUS_OK);
    intake_give_up(&intake);
    assert_int_equal(command("job", "main", ACTION(CANCEL)), STATUS_OK);
    assert_int_equal(begin(&intake), STATUS_USAGE);
    assert_string_equal(err.message, "job 'job' is cancelled: nothing enters it any more");
}

int main(void)
{
#undef TEST
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, control_close)
    const struct CMUnitTest tests[] = {
        TEST(test_each_intake_has_a_generation_of_its_own),
        TEST(test_the_second_of_two_waits),
        TEST(test_of_two_claims_at_once_the_first_counts),
        TEST(test_nothing_added_opens_nothing),
        TEST(test_a_silent_one_is_taken_over),
        TEST(test_who_comes_too_late_is_told),
        TEST(test_a_dead_process_of_this_machine_is_not_waited_for),
        TEST(test_runs_that_take_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
