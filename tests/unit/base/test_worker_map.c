/* Maps: outcomes, commits, retries, draining. */
#include "tests/support/toy_map.h"

/* ---- outcomes ---- */

static void test_outcome_is_its_inputs(void **state)
{
    struct worker *worker;
    struct record out;
    char text[] = "1";

    (void) state;
    toy.deeds[1] = DROP;
    put(0, 0, 2);
    worker = make(&sync_stage, 2);
    assert_int_equal(kit_run(&kit, worker, 10), STATUS_OK);
    assert_int_equal(kit_out_count(&kit), 2);
    assert_true(kit_out(&kit, 0, &out));
    assert_int_equal(out.outcome, OUTCOME_PASSED);
    assert_true(slice_equal(out.payload, SLICE("content")));
    assert_true(kit_out(&kit, 1, &out));
    assert_int_equal(out.outcome, OUTCOME_DROPPED);
    assert_true(slice_equal(out.reason, SLICE("period: 2019")));
    assert_true(slice_equal(out.payload, SLICE("brief")));
    assert_true(id_equal(out.id, id_of(SLICE("number"), slice_from(text))));
    assert_true(slice_equal(out.key, SLICE("key")));
    assert_true(slice_equal(out.job, SLICE("job")));
    assert_true(slice_equal(out.run, SLICE("run")));
    assert_int_equal(out.generation, 3);
    assert_int_equal(out.source_count, 1);
    assert_true(slice_equal(out.sources[0].topic, SLICE("in")));
    assert_int_equal(out.sources[0].partition, 0);
    assert_int_equal(out.sources[0].offset, 1);
    worker_destroy(worker);
}

static void test_verdicts(void **state)
{
    struct worker *worker;
    struct record out;

    (void) state;
    toy.deeds[0] = FAIL_DEAD;
    toy.deeds[1] = DEAD;
    toy.deeds[2] = HUGE_OUTPUT;
    put(0, 0, 3);
    worker = make(&sync_stage, 2);
    assert_int_equal(kit_run(&kit, worker, 10), STATUS_OK);
    assert_true(kit_out(&kit, 0, &out));
    assert_int_equal(out.outcome, OUTCOME_DEAD);
    assert_true(slice_equal(out.reason, SLICE("invalid input: no sense")));
    assert_true(kit_out(&kit, 1, &out));
    assert_true(slice_equal(out.reason, SLICE("hopeless")));
    assert_true(kit_out(&kit, 2, &out));
    assert_int_equal(out.outcome, OUTCOME_DEAD);
    assert_true(slice_starts(out.reason, SLICE("too large:")));
    worker_destroy(worker);
}

static void test_stop_is_final(void **state)
{
    struct worker *worker;

    (void) state;
    toy.deeds[1] = FAIL_STOP;
    put(0, 0, 3);
    worker = make(&sync_stage, 2);
    assert_int_equal(kit_run(&kit, worker, 10), STATUS_DISK_FULL);
    assert_string_equal(kit.err.message, "full");
    assert_int_equal(kit_run(&kit, worker, 1), STATUS_DISK_FULL);
    assert_int_equal(toy.starts[1], 1);
    assert_int_equal(toy.starts[2], 0);
    worker_destroy(worker);
}

static void test_garbage(void **state)
{
    struct worker *worker;
    struct record out, again;

    (void) state;
    kit_put_bytes(&kit, 0, SLICE("key"), SLICE("no record"));
    kit_put_bytes(&kit, 0, SLICE("key"), SLICE("no record"));
    put(0, 5, 1);
    worker = make(&sync_stage, 2);
    assert_int_equal(kit_run(&kit, worker, 10), STATUS_OK);
    assert_int_equal(kit_out_count(&kit), 3);
    assert_true(kit_out(&kit, 0, &out));
    assert_int_equal(out.outcome, OUTCOME_DEAD);
    assert_true(slice_equal(out.reason, SLICE("garbage")));
    assert_int_equal(out.sources[0].offset, 0);
    assert_true(kit_out(&kit, 1, &again));
    assert_false(id_equal(out.id, again.id));
    assert_string_equal(kit_commit(&kit, "toy", 0), "3 running");
    worker_destroy(worker);
}

/* ---- retries ---- */

static void test_retry_lets_others_pass(void **state)
{
    struct worker *worker;
    struct record out;

    (void) state;
    toy.deeds[0] = FAIL_RETRY;
    toy.retries_needed[0] = 2;
    put(0, 0, 1);
    put(0, 1, 3);
    put(1, 10, 3);
    worker = make(&sync_stage, 2);
    assert_int_equal(kit_run(&kit, worker, 8), STATUS_OK);
    /* The put-off record holds the window of its partition and its commit, nothing else. */
    assert_int_equal(kit_out_count(&kit), 6);
    assert_string_equal(kit_commit(&kit, "toy", 0), "0 running");
    assert_string_equal(kit_commit(&kit, "toy", 1), "3 running");
    assert_int_equal(kit_run(&kit, worker, 100), STATUS_OK);
    assert_int_equal(toy.starts[0], 3);
    assert_true(kit_out(&kit, 6, &out));
    assert_true(slice_equal(out.payload, SLICE("at last")));
    assert_string_equal(kit_commit(&kit, "toy", 0), "4 running");
    worker_destroy(worker);
}

static void test_retries_end_in_death(void **state)
{
    struct worker *worker;
    struct record out;

    (void) state;
    toy.deeds[0] = FAIL_RETRY;
    put(0, 0, 1);
    worker = make(&sync_stage, 2);
    assert_int_equal(kit_run(&kit, worker, 200), STATUS_OK);
    assert_int_equal(toy.starts[0], 3);
    assert_true(kit_out(&kit, 0, &out));
    assert_int_equal(out.outcome, OUTCOME_DEAD);
    assert_true(slice_equal(out.reason, SLICE("network failure: nobody there")));
    worker_destroy(worker);
}

/* Many put-off records must not fill the memory. */
static void test_waiting_has_a_limit(void **state)
{
    struct worker_options options = kit_options(&kit, 1);
    struct worker *worker;
    unsigned started = 0;

    (void) state;
    for (unsigned i = 0; i < NUMBERS; i++)
        toy.deeds[i] = FAIL_RETRY;
    put(0, 0, NUMBERS);
    options.window = 1000;
    assert_int_equal(worker_create_map(&sync_stage, NULL, &options, &worker, &kit.err), STATUS_OK);
    for (unsigned i = 0; i < 5; i++)
        assert_int_equal(worker_step(worker, 0, &kit.err), STATUS_OK);
    for (unsigned i = 0; i < NUMBERS; i++)
        started += toy.starts[i];
    assert_int_equal(started, 64);
    worker_destroy(worker);
}

/* ---- asynchronous stages ---- */

static void test_commit_is_lowest_finished_prefix(void **state)
{
    struct worker *worker;

    (void) state;
    for (unsigned i = 0; i < 3; i++)
        toy.deeds[i] = LATER;
    put(0, 0, 5);
    worker = make(&async_stage, 2);
    assert_int_equal(kit_run(&kit, worker, 10), STATUS_OK);
    assert_int_equal(toy.open_most, 3);
    assert_int_equal(toy.starts[3], 0);
    finish(2);
    finish(1);
    assert_int_equal(kit_run(&kit, worker, 10), STATUS_OK);
    /* Outcomes go out as they come; the commit waits for the first record. */
    assert_int_equal(kit_out_count(&kit), 3);
    assert_string_equal(kit_commit(&kit, "toy", 0), "0 running");
    assert_int_equal(toy.starts[4], 0); /* the window of four is full */
    finish(0);
    assert_int_equal(kit_run(&kit, worker, 10), STATUS_OK);
    assert_string_equal(kit_commit(&kit, "toy", 0), "5 running");
    assert_int_equal(kit_out_count(&kit), 5);
    worker_destroy(worker);
}

static void test_task_fail_later(void **state)
{
    struct error cause = {STATUS_TIMEOUT, "slow"};
    struct worker *worker;
    struct record out;

    (void) state;
    toy.deeds[0] = LATER;
    put(0, 0, 1);
    worker = make(&async_stage, 2);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(kit_run(&kit, worker, 100), STATUS_OK);
        assert_int_equal(toy.starts[0], i + 1);
        assert_int_equal(task_fail(toy.open[0], &cause, &kit.err), STATUS_OK);
    }
    assert_int_equal(kit_run(&kit, worker, 5), STATUS_OK);
    assert_true(kit_out(&kit, 0, &out));
    assert_true(slice_equal(out.reason, SLICE("timed out: slow")));
    worker_destroy(worker);
}

static void test_task_fail_stop_is_returned(void **state)
{
    struct error cause = {STATUS_NOMEM, "gone"};
    struct worker *worker;

    (void) state;
    toy.deeds[0] = LATER;
    put(0, 0, 1);
    worker = make(&async_stage, 2);
    assert_int_equal(kit_run(&kit, worker, 5), STATUS_OK);
    assert_int_equal(task_fail(toy.open[0], &cause, &kit.err), STATUS_NOMEM);
    worker_destroy(worker);
}

/* ---- the bus makes trouble ---- */

static void test_full_queue_keeps_the_outcome(void **state)
{
    struct worker *worker;

    (void) state;
    put(0, 0, 6);
    worker = make(&sync_stage, 2);
    bus_world_set_faults(kit.world, (struct bus_faults){.queue_full = 1000});
    assert_int_equal(kit_run(&kit, worker, 20), STATUS_OK);
    assert_int_equal(kit_out_count(&kit), 0);
    assert_int_equal(toy.starts[0], 1);
    assert_int_equal(toy.starts[1], 0); /* nothing is begun that cannot leave */
    bus_world_set_faults(kit.world, (struct bus_faults){0});
    assert_int_equal(kit_run(&kit, worker, 20), STATUS_OK);
    assert_int_equal(kit_out_count(&kit), 6);
    assert_int_equal(toy.starts[0], 1);
    worker_destroy(worker);
}

static void test_no_commit_without_ack(void **state)
{
    struct worker *worker;

    (void) state;
    put(0, 0, 2);
    worker = make(&sync_stage, 2);
    bus_world_set_faults(kit.world, (struct bus_faults){.lost_ack = 1000});
    assert_int_equal(kit_run(&kit, worker, 10000), STATUS_TIMEOUT);
    assert_string_equal(kit_commit(&kit, "toy", 0), "0 running");
    bus_world_set_faults(kit.world, (struct bus_faults){0});
    kit_kill(&kit, worker);
    /* The successor says the same again. */
    worker = make(&sync_stage, 2);
    assert_int_equal(kit_run(&kit, worker, 50), STATUS_OK);
    assert_int_equal(kit_out_count(&kit), 4);
    assert_string_equal(kit_commit(&kit, "toy", 0), "2 running");
    worker_destroy(worker);
}

static void test_fenced(void **state)
{
    struct worker *old, *new;
    struct bus *old_bus;

    (void) state;
    put(0, 0, 1);
    old = make(&sync_stage, 2);
    assert_int_equal(kit_run(&kit, old, 3), STATUS_OK);
    old_bus = kit.bus;
    kit_open_bus(&kit);
    new = make(&sync_stage, 2);
    assert_int_equal(kit_run(&kit, old, 10), STATUS_FENCED);
    assert_int_equal(kit_run(&kit, new, 20), STATUS_OK);
    assert_string_equal(kit_commit(&kit, "toy", 0), "1 running");
    worker_destroy(old);
    bus_close(old_bus);
    worker_destroy(new);
}

static void test_revoked_work_is_dropped(void **state)
{
    struct worker *worker;

    (void) state;
    toy.deeds[0] = LATER;
    toy.deeds[10] = LATER;
    put(0, 0, 3);
    put(1, 10, 1);
    worker = make(&async_stage, 2);
    assert_int_equal(kit_run(&kit, worker, 10), STATUS_OK);
    assert_int_equal(kit_out_count(&kit), 2);
    bus_world_move(kit.world, "toy", &kit.inputs[0], true);
    assert_int_equal(kit_run(&kit, worker, 5), STATUS_OK);
    assert_false(worker_caught_up(worker));
    finish(0); /* comes too late: no outcome */
    finish(10);
    assert_int_equal(kit_run(&kit, worker, 10), STATUS_OK);
    assert_int_equal(kit_out_count(&kit), 3);
    assert_string_equal(kit_commit(&kit, "toy", 1), "1 running");
    /* It comes back, and begins where the commit stands: alone, for it was not left clean. */
    toy.deeds[0] = PASS;
    bus_world_move(kit.world, "toy", &kit.inputs[0], false);
    assert_int_equal(kit_run(&kit, worker, 20), STATUS_OK);
    assert_int_equal(kit_out_count(&kit), 6);
    assert_string_equal(kit_commit(&kit, "toy", 0), "3 running");
    worker_destroy(worker);
}

/* ---- draining ---- */

static void test_drain_waits_for_open_tasks(void **state)
{
    struct worker *worker;

    (void) state;
    toy.deeds[0] = LATER;
    put(0, 0, 9);
    worker = make(&async_stage, 2);
    assert_int_equal(kit_run(&kit, worker, 3), STATUS_OK);
    worker_drain(worker);
    assert_int_equal(kit_run(&kit, worker, 20), STATUS_OK);
    assert_false(worker_drained(worker));
    finish(0);
    kit_drain(&kit, worker);
    assert_int_equal(kit_out_count(&kit), 4);
    assert_string_equal(kit_commit(&kit, "toy", 0), "4 clean");
    assert_string_equal(kit_commit(&kit, "toy", 1), "0 clean");
    worker_destroy(worker);
}

static void test_drain_leaves_put_off_tasks(void **state)
{
    struct worker *worker;

    (void) state;
    toy.deeds[1] = FAIL_RETRY;
    put(0, 0, 3);
    worker = make(&sync_stage, 2);
    assert_int_equal(kit_run(&kit, worker, 3), STATUS_OK);
    kit_drain(&kit, worker);
    assert_string_equal(kit_commit(&kit, "toy", 0), "1 clean");
    worker_destroy(worker);
    toy.deeds[1] = PASS;
    worker = make(&sync_stage, 2);
    assert_int_equal(kit_run(&kit, worker, 10), STATUS_OK);
    assert_string_equal(kit_commit(&kit, "toy", 0), "3 running");
    assert_int_equal(toy.starts[0], 1);
    worker_destroy(worker);
}

static void test_caught_up_and_lag(void **state)
{
    struct worker *worker;

    (void) state;
    toy.deeds[1] = LATER;
    put(0, 0, 2);
    worker = make(&sync_stage, 2);
    assert_false(worker_caught_up(worker));
    assert_int_equal(kit_run(&kit, worker, 10), STATUS_OK);
    assert_false(worker_caught_up(worker));
    assert_int_equal(worker_lag(worker), 1);
    finish(1);
    assert_int_equal(kit_run(&kit, worker, 10), STATUS_OK);
    assert_true(worker_caught_up(worker));
    assert_int_equal(worker_lag(worker), 0);
    worker_destroy(worker);
}

static void test_empty_inputs_are_caught_up(void **state)
{
    struct worker *worker = make(&sync_stage, 2);

    (void) state;
    assert_int_equal(kit_run(&kit, worker, 4), STATUS_OK);
    assert_true(worker_caught_up(worker));
    worker_destroy(worker);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_outcome_is_its_inputs),
        TEST(test_verdicts),
        TEST(test_stop_is_final),
        TEST(test_garbage),
        TEST(test_retry_lets_others_pass),
        TEST(test_retries_end_in_death),
        TEST(test_waiting_has_a_limit),
        TEST(test_commit_is_lowest_finished_prefix),
        TEST(test_task_fail_later),
        TEST(test_task_fail_stop_is_returned),
        TEST(test_full_queue_keeps_the_outcome),
        TEST(test_no_commit_without_ack),
        TEST(test_fenced),
        TEST(test_revoked_work_is_dropped),
        TEST(test_drain_waits_for_open_tasks),
        TEST(test_drain_leaves_put_off_tasks),
        TEST(test_caught_up_and_lag),
        TEST(test_empty_inputs_are_caught_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
