/* Maps on a bus with groups: partitions come and go while the process lives. */
#include "tests/support/toy_map.h"

static int set_up_groups(void **state)
{
    int status = set_up(state);

    bus_world_set_groups(kit.world);
    bus_close(kit.bus);
    kit_open_bus(&kit);
    return status;
}

static void run(struct worker *worker, unsigned rounds)
{
    if (kit_run(&kit, worker, rounds) != STATUS_OK)
        fail_msg("%s", kit.err.message);
}

/* What is finished is committed clean on the way out; what is not is the successor's, who need not
 * be careful, since nobody died. */
static void test_last_word(void **state)
{
    struct worker *worker;

    (void) state;
    toy.deeds[2] = LATER;
    put(0, 0, 4);
    worker = make(&async_stage, 2);
    run(worker, 10);
    assert_int_equal(toy.open_count, 1);
    bus_world_recall(kit.world, "toy", &kit.inputs[0]);
    run(worker, 5);
    assert_string_equal(kit_commit(&kit, "toy", 0), "2 clean");
    finish(2); /* in vain */
    run(worker, 5);
    assert_int_equal(kit_out_count(&kit), 3);
    assert_string_equal(kit_commit(&kit, "toy", 0), "2 clean");
    toy.deeds[2] = PASS;
    bus_world_move(kit.world, "toy", &kit.inputs[0], false);
    run(worker, 10);
    assert_int_equal(toy.starts[2], 2);
    assert_string_equal(kit_commit(&kit, "toy", 0), "4 running");
    kit_drain(&kit, worker);
    assert_string_equal(kit_commit(&kit, "toy", 0), "4 clean");
    worker_destroy(worker);
}

/* Without a last word (the group did not wait) the mark says so, and the next owner is careful. */
static void test_lost_without_a_word(void **state)
{
    struct worker *worker;

    (void) state;
    toy.deeds[2] = LATER;
    put(0, 0, 4);
    put(1, 10, 4);
    worker = make(&async_stage, 2);
    run(worker, 10);
    bus_world_move(kit.world, "toy", &kit.inputs[0], true);
    put(1, 14, 2);
    run(worker, 10);
    assert_string_equal(kit_commit(&kit, "toy", 0), "2 running");
    assert_string_equal(kit_commit(&kit, "toy", 1), "6 running"); /* the other goes on */
    finish(2);
    toy.deeds[2] = PASS;
    bus_world_move(kit.world, "toy", &kit.inputs[0], false);
    run(worker, 30);
    assert_string_equal(kit_commit(&kit, "toy", 0), "4 running");
    assert_int_equal(toy.starts[3], 2);
    kit_drain(&kit, worker);
    worker_destroy(worker);
}

/* The commit hears of it before the reader does: that ends one partition's work, no more. */
static void test_fenced_commit(void **state)
{
    struct worker *worker;

    (void) state;
    put(0, 0, 2);
    put(1, 10, 2);
    worker = make(&async_stage, 2);
    run(worker, 10);
    bus_world_steal(kit.world, "toy", &kit.inputs[0]);
    put(0, 2, 6);
    put(1, 12, 6);
    run(worker, 20);
    assert_string_equal(kit_commit(&kit, "toy", 0), "2 running");
    assert_string_equal(kit_commit(&kit, "toy", 1), "8 running");
    bus_world_move(kit.world, "toy", &kit.inputs[0], true);
    run(worker, 5);
    bus_world_move(kit.world, "toy", &kit.inputs[0], false);
    run(worker, 40);
    assert_string_equal(kit_commit(&kit, "toy", 0), "8 running");
    kit_drain(&kit, worker);
    assert_string_equal(kit_commit(&kit, "toy", 0), "8 clean");
    worker_destroy(worker);
}

/* The record that runs alone keeps its count: leaving in the middle of it is no death, but no
 * survival either. */
static void test_careful_record_moves(void **state)
{
    struct worker *worker;

    (void) state;
    toy.deeds[0] = KILL;
    put(0, 0, 3);
    worker = make(&async_stage, 2);
    assert_int_equal(kit_run(&kit, worker, 10), STATUS_CRASHED);
    kit_kill(&kit, worker);
    toy.deeds[0] = LATER;
    worker = make(&async_stage, 2);
    run(worker, 5);
    assert_string_equal(kit_commit(&kit, "toy", 0), "0 try 1");
    bus_world_recall(kit.world, "toy", &kit.inputs[0]);
    run(worker, 5);
    assert_string_equal(kit_commit(&kit, "toy", 0), "0 try 1");
    finish(0);
    toy.deeds[0] = PASS;
    bus_world_move(kit.world, "toy", &kit.inputs[0], false);
    run(worker, 30);
    assert_string_equal(kit_commit(&kit, "toy", 0), "3 running");
    worker_destroy(worker);
}

/* A member without partitions is idle, not caught up, and drains at once. */
static void test_standby(void **state)
{
    struct worker *worker;

    (void) state;
    put(0, 0, 2);
    worker = make(&sync_stage, 2);
    run(worker, 10);
    assert_true(worker_caught_up(worker));
    bus_world_recall(kit.world, "toy", &kit.inputs[1]);
    run(worker, 3);
    assert_true(worker_caught_up(worker));
    bus_world_recall(kit.world, "toy", &kit.inputs[0]);
    run(worker, 3);
    assert_false(worker_caught_up(worker));
    put(0, 2, 2);
    run(worker, 10);
    assert_int_equal(toy.starts[2], 0);
    kit_drain(&kit, worker);
    assert_string_equal(kit_commit(&kit, "toy", 0), "2 clean");
    worker_destroy(worker);
}

/* A commit is a round trip to another machine: a pause in the input does not ask for it at once. */
static void test_pause_is_committed_soon(void **state)
{
    struct worker *worker;

    (void) state;
    put(0, 0, 1); /* less than half a window */
    worker = make(&sync_stage, 2);
    run(worker, 20); /* 100 ms */
    assert_int_equal(kit_out_count(&kit), 1);
    assert_string_equal(kit_commit(&kit, "toy", 0), "0 running");
    run(worker, 40);
    assert_string_equal(kit_commit(&kit, "toy", 0), "1 running");
    worker_destroy(worker);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_groups, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_last_word),     TEST(test_lost_without_a_word),
        TEST(test_fenced_commit), TEST(test_careful_record_moves),
        TEST(test_standby),       TEST(test_pause_is_committed_soon),
    };
#undef TEST

    return cmocka_run_group_tests(tests, NULL, NULL);
}
