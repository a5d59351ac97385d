/* Maps whose process dies: marks, the careful first window, dead(crash). */
#include "base/util/crash.h"
#include "tests/support/toy_map.h"

/* The process runs until it dies of record 2, and is taken away. */
static void live_and_die(void)
{
    struct worker *worker = make(&sync_stage, 2);

    assert_int_equal(kit_run(&kit, worker, 100), STATUS_CRASHED);
    kit_kill(&kit, worker);
}

static void test_marks_count_deaths_at_one_record(void **state)
{
    static const char *const marks[] = {"0 running", "2 try 1", "2 try 2", "2 try 3"};

    (void) state;
    toy.deeds[2] = KILL;
    put(0, 0, 4);
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        live_and_die();
        assert_string_equal(kit_commit(&kit, "toy", 0), marks[i]);
    }
    assert_int_equal(toy.starts[2], 4);
}

static void test_third_death_is_the_outcome(void **state)
{
    struct worker *worker;
    struct record out;
    char text[] = "2";

    (void) state;
    toy.deeds[2] = KILL;
    put(0, 0, 4);
    for (int i = 0; i < 4; i++)
        live_and_die();
    worker = make(&sync_stage, 2);
    assert_int_equal(kit_run(&kit, worker, 50), STATUS_OK);
    assert_int_equal(toy.starts[2], 4);
    assert_string_equal(kit_commit(&kit, "toy", 0), "4 running");
    assert_true(kit_out(&kit, kit_out_count(&kit) - 2, &out));
    assert_int_equal(out.outcome, OUTCOME_DEAD);
    assert_true(slice_equal(out.reason, SLICE("crash")));
    assert_true(id_equal(out.id, id_of(SLICE("number"), slice_from(text))));
    assert_true(kit_out(&kit, kit_out_count(&kit) - 1, &out));
    assert_int_equal(out.outcome, OUTCOME_PASSED);
    worker_destroy(worker);
}

static void test_deaths_elsewhere_do_not_count(void **state)
{
    (void) state;
    toy.deeds[2] = KILL;
    put(0, 0, 4);
    live_and_die();
    live_and_die();
    live_and_die();
    assert_string_equal(kit_commit(&kit, "toy", 0), "2 try 2");
    /* The third attempt goes well; the next killer starts from one. */
    toy.deeds[2] = PASS;
    toy.deeds[3] = KILL;
    live_and_die();
    assert_string_equal(kit_commit(&kit, "toy", 0), "3 try 1");
}

static bool at_publish(void *self, enum crash_point point)
{
    (void) self;
    return point == CRASH_MAP_BEFORE_PUBLISH;
}

/* The handler has returned: what kills the process then is not the record. */
static void test_survival_is_noted_before_publishing(void **state)
{
    (void) state;
    put(0, 0, 4);
    crash_set_hook(at_publish, NULL);
    for (int i = 0; i < 6; i++) {
        live_and_die();
        assert_string_equal(kit_commit(&kit, "toy", 0), "0 running");
    }
    crash_set_hook(NULL, NULL);
}

/* Within the first window nothing runs beside a record, in any partition; behind it everything
 * may. */
static void test_at_most_one_open_while_careful(void **state)
{
    struct worker *worker;

    (void) state;
    put(0, 0, 4);
    put(1, 50, 4);
    toy.deeds[3] = toy.deeds[53] = KILL;
    live_and_die(); /* both partitions are left running */
    for (unsigned i = 0; i < 4; i++)
        toy.deeds[i] = toy.deeds[50 + i] = LATER;
    worker = make(&async_stage, 2);
    for (unsigned done = 0; done < 8; done++) {
        assert_int_equal(kit_run(&kit, worker, 30), STATUS_OK);
        assert_int_equal(toy.open_count, 1);
        for (unsigned i = 0; i < NUMBERS; i++)
            if (toy.open[i] != NULL) {
                finish(i);
                toy.open[i] = NULL;
            }
    }
    assert_int_equal(kit_run(&kit, worker, 30), STATUS_OK);
    assert_int_equal(toy.open_most, 1);
    assert_string_equal(kit_commit(&kit, "toy", 0), "4 running");
    assert_string_equal(kit_commit(&kit, "toy", 1), "4 running");
    /* Behind it three at a time again. */
    for (unsigned i = 4; i < 10; i++)
        toy.deeds[i] = LATER;
    put(0, 4, 6);
    assert_int_equal(kit_run(&kit, worker, 30), STATUS_OK);
    assert_int_equal(toy.open_count, 3);
    worker_destroy(worker);
}

/* A put-off attempt has not killed; its mark goes back to running while it waits. */
static void test_careful_retry(void **state)
{
    struct worker *worker;

    (void) state;
    toy.deeds[2] = KILL;
    put(0, 0, 4);
    live_and_die();
    live_and_die();
    assert_string_equal(kit_commit(&kit, "toy", 0), "2 try 1");
    toy.deeds[2] = FAIL_RETRY;
    toy.retries_needed[2] = toy.starts[2] + 1;
    worker = make(&sync_stage, 2);
    assert_int_equal(kit_run(&kit, worker, 5), STATUS_OK);
    assert_string_equal(kit_commit(&kit, "toy", 0), "2 running");
    assert_int_equal(toy.starts[3], 0);
    assert_int_equal(kit_run(&kit, worker, 100), STATUS_OK);
    assert_string_equal(kit_commit(&kit, "toy", 0), "4 running");
    assert_int_equal(kit_out_count(&kit), 6);
    worker_destroy(worker);
}

static void test_clean_is_not_careful(void **state)
{
    struct worker *worker;

    (void) state;
    for (unsigned i = 1; i < 5; i++)
        toy.deeds[i] = LATER;
    put(0, 0, 1);
    worker = make(&async_stage, 2);
    assert_int_equal(kit_run(&kit, worker, 10), STATUS_OK);
    kit_drain(&kit, worker);
    worker_destroy(worker);
    put(0, 1, 4);
    worker = make(&async_stage, 2);
    assert_int_equal(kit_run(&kit, worker, 10), STATUS_OK);
    assert_int_equal(toy.open_count, 3);
    worker_destroy(worker);
}

/* Draining in the middle of the careful window must not call the partition clean. */
static void test_drain_keeps_an_unfinished_mark(void **state)
{
    struct worker *worker;

    (void) state;
    toy.deeds[2] = KILL;
    put(0, 0, 4);
    live_and_die();
    live_and_die();
    live_and_die();
    worker = make(&sync_stage, 2);
    worker_drain(worker);
    kit_drain(&kit, worker);
    assert_string_equal(kit_commit(&kit, "toy", 0), "2 try 2");
    worker_destroy(worker);
}

static void test_careful_window_ends_with_the_log(void **state)
{
    struct worker *worker;

    (void) state;
    toy.deeds[1] = KILL;
    put(0, 0, 2);
    live_and_die();
    toy.deeds[1] = PASS;
    worker = make(&sync_stage, 2);
    assert_int_equal(kit_run(&kit, worker, 30), STATUS_OK);
    kit_drain(&kit, worker);
    assert_string_equal(kit_commit(&kit, "toy", 0), "2 clean");
    worker_destroy(worker);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_marks_count_deaths_at_one_record),
        TEST(test_third_death_is_the_outcome),
        TEST(test_deaths_elsewhere_do_not_count),
        TEST(test_survival_is_noted_before_publishing),
        TEST(test_at_most_one_open_while_careful),
        TEST(test_careful_retry),
        TEST(test_clean_is_not_careful),
        TEST(test_drain_keeps_an_unfinished_mark),
        TEST(test_careful_window_ends_with_the_log),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
