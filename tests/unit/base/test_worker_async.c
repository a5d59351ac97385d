/* Maps whose tasks take long and end in any order: what a stage that asks somebody else needs. */
#include "base/util/random.h"
#include "tests/support/toy_map.h"

enum { MANY = 150, LONG_MS = 10 * 60 * 1000 };

static const struct map_stage wide_stage = {"toy", 256, toy_start, NULL};

static struct worker *make_wide(size_t window)
{
    struct worker_options options = kit_options(&kit, 2);
    struct worker *worker;

    options.window = window;
    assert_int_equal(worker_create_map(&wide_stage, NULL, &options, &worker, &kit.err), STATUS_OK);
    return worker;
}

static void all_later(unsigned first, unsigned count)
{
    for (unsigned i = first; i < first + count; i++)
        toy.deeds[i] = LATER;
}

/* How often the outcome of this number stands in the output. */
static unsigned outcomes_of(unsigned number)
{
    char text[16];
    struct record out;
    unsigned found = 0;

    (void) snprintf(text, sizeof text, "%u", number);
    for (uint64_t i = 0; kit_out(&kit, i, &out); i++)
        found += id_equal(out.id, id_of(SLICE("number"), slice_from(text)));
    return found;
}

/* ---- many open tasks ---- */

static void test_any_order_gives_each_its_outcome(void **state)
{
    struct worker *worker = make_wide(256);
    struct random random;
    unsigned left[MANY];

    (void) state;
    random_init(&random, 7);
    all_later(0, MANY);
    put(0, 0, MANY);
    assert_int_equal(kit_run(&kit, worker, 20), STATUS_OK);
    assert_int_equal(toy.open_count, MANY);
    for (unsigned i = 0; i < MANY; i++)
        left[i] = i;
    for (unsigned count = MANY; count > 0; count--) {
        unsigned at = (unsigned) random_below(&random, count);

        finish(left[at]);
        left[at] = left[count - 1];
        assert_int_equal(kit_run(&kit, worker, 1), STATUS_OK);
    }
    assert_int_equal(kit_run(&kit, worker, 10), STATUS_OK);
    for (unsigned i = 0; i < MANY; i++)
        assert_int_equal(outcomes_of(i), 1);
    assert_string_equal(kit_commit(&kit, "toy", 0), "150 running");
    worker_destroy(worker);
}

/* A slow task holds the commit and, beyond the window, its own partition; nothing else. */
static void test_a_slow_task_holds_its_partition_only(void **state)
{
    struct worker *worker = make_wide(8);

    (void) state;
    toy.deeds[0] = LATER;
    put(0, 0, 20);
    assert_int_equal(kit_run(&kit, worker, 20), STATUS_OK);
    put(1, 50, 40);
    for (int minute = 0; minute < 10; minute++) {
        assert_int_equal(kit_run(&kit, worker, 20), STATUS_OK);
        clock_manual_advance(&kit.clock, LONG_MS / 10);
    }
    assert_string_equal(kit_commit(&kit, "toy", 0), "0 running");
    assert_string_equal(kit_commit(&kit, "toy", 1), "40 running");
    assert_int_equal(kit_out_count(&kit), 7 + 40);
    finish(0);
    assert_int_equal(kit_run(&kit, worker, 30), STATUS_OK);
    assert_string_equal(kit_commit(&kit, "toy", 0), "20 running");
    worker_destroy(worker);
}

static void test_a_retry_waits_while_others_go_on(void **state)
{
    struct error cause = {STATUS_NETWORK, "nobody there"};
    struct worker *worker = make_wide(64);
    struct record out;

    (void) state;
    all_later(0, 3);
    put(0, 0, 10);
    assert_int_equal(kit_run(&kit, worker, 5), STATUS_OK);
    assert_int_equal(task_fail(toy.open[1], &cause, &kit.err), STATUS_OK);
    finish(2);
    assert_int_equal(kit_run(&kit, worker, 5), STATUS_OK);
    assert_int_equal(toy.starts[1], 1);
    assert_int_equal(kit_out_count(&kit), 8); /* all but 0 and 1 */
    assert_int_equal(kit_run(&kit, worker, 60), STATUS_OK);
    assert_int_equal(toy.starts[1], 2); /* again after its back-off, though 0 is still open */
    finish(1);
    finish(0);
    assert_int_equal(kit_run(&kit, worker, 5), STATUS_OK);
    assert_int_equal(outcomes_of(1), 1);
    assert_true(kit_out(&kit, 9, &out));
    assert_int_equal(out.outcome, OUTCOME_PASSED);
    assert_string_equal(kit_commit(&kit, "toy", 0), "10 running");
    worker_destroy(worker);
}

static void test_outcomes_of_one_id_keep_their_order(void **state)
{
    struct worker *worker = make_wide(64);
    struct record out;

    (void) state;
    toy.deeds[5] = LATER;
    put(0, 5, 1);
    put(0, 5, 1);
    put(0, 6, 2);
    assert_int_equal(kit_run(&kit, worker, 20), STATUS_OK);
    assert_int_equal(toy.starts[5], 1); /* the second waits for the first */
    assert_int_equal(kit_out_count(&kit), 2);
    finish(5);
    toy.deeds[5] = DROP;
    assert_int_equal(kit_run(&kit, worker, 20), STATUS_OK);
    assert_int_equal(toy.starts[5], 2);
    assert_int_equal(kit_out_count(&kit), 4);
    assert_true(kit_out(&kit, 2, &out));
    assert_int_equal(out.outcome, OUTCOME_PASSED);
    assert_true(kit_out(&kit, 3, &out));
    assert_int_equal(out.outcome, OUTCOME_DROPPED);
    worker_destroy(worker);
}

/* Large records wait for each other, however many tasks may be open. */
static void test_open_tasks_share_a_limit_of_bytes(void **state)
{
    enum { LARGE = 12 * 1024 * 1024 };
    struct record record = {.key = SLICE("key"), .schema = RECORD_SCHEMA};
    char *text = calloc(1, LARGE);
    struct worker *worker;
    struct buf bytes;

    (void) state;
    assert_non_null(text);
    memset(text, '0', LARGE); /* numbers 0, with an id each */
    record.payload = slice_of(text, LARGE);
    toy.deeds[0] = LATER;
    for (int i = 0; i < 5; i++) {
        record.id.bytes[0] = (unsigned char) i;
        buf_init(&bytes, BUS_RECORD_MAX);
        assert_int_equal(record_encode(&record, &bytes, &kit.err), STATUS_OK);
        kit_put_bytes(&kit, 0, record.key, buf_slice(&bytes));
        buf_fini(&bytes);
    }
    worker = make_wide(64);
    assert_int_equal(kit_run(&kit, worker, 20), STATUS_OK);
    assert_int_equal(toy.starts[0], 3);
    finish(0); /* one of them: the next may begin */
    assert_int_equal(kit_run(&kit, worker, 20), STATUS_OK);
    assert_int_equal(toy.starts[0], 4);
    worker_destroy(worker);
    free(text);
}

/* ---- ends ---- */

static void test_kill_repeats_what_was_open(void **state)
{
    struct worker *worker = make_wide(64);

    (void) state;
    all_later(0, 4);
    put(0, 0, 8);
    assert_int_equal(kit_run(&kit, worker, 10), STATUS_OK);
    finish(0);
    finish(3);
    assert_int_equal(kit_run(&kit, worker, 10), STATUS_OK);
    assert_string_equal(kit_commit(&kit, "toy", 0), "1 running");
    kit_kill(&kit, worker);
    memset(toy.deeds, 0, sizeof toy.deeds);
    worker = make_wide(64);
    assert_int_equal(kit_run(&kit, worker, 60), STATUS_OK);
    assert_string_equal(kit_commit(&kit, "toy", 0), "8 running");
    assert_int_equal(outcomes_of(0), 1);
    for (unsigned i = 1; i < 8; i++)
        assert_in_range(outcomes_of(i), 1, 2);
    worker_destroy(worker);
}

static void test_drain_leaves_what_stays_open(void **state)
{
    struct worker *worker = make_wide(64);

    (void) state;
    all_later(2, 2);
    put(0, 0, 6);
    assert_int_equal(kit_run(&kit, worker, 10), STATUS_OK);
    worker_drain(worker);
    assert_int_equal(kit_run(&kit, worker, 20), STATUS_OK);
    assert_false(worker_drained(worker));
    clock_manual_advance(&kit.clock, WORKER_GRACE_MS);
    kit_drain(&kit, worker);
    assert_string_equal(kit_commit(&kit, "toy", 0), "2 clean");
    worker_destroy(worker);
    /* The successor begins there, without care. */
    worker = make_wide(64);
    assert_int_equal(kit_run(&kit, worker, 10), STATUS_OK);
    assert_int_equal(toy.starts[2], 2);
    assert_int_equal(toy.starts[3], 2);
    assert_int_equal(toy.open_count, 4); /* the old two were never finished */
    worker_destroy(worker);
}

static void test_drain_leaves_open_tasks_of_lost_partitions(void **state)
{
    struct worker *worker = make_wide(64);

    (void) state;
    all_later(0, 1);
    put(0, 0, 1);
    assert_int_equal(kit_run(&kit, worker, 10), STATUS_OK);
    bus_world_move(kit.world, "toy", &kit.inputs[0], true);
    assert_int_equal(kit_run(&kit, worker, 5), STATUS_OK);
    worker_drain(worker);
    assert_int_equal(kit_run(&kit, worker, 5), STATUS_OK);
    assert_false(worker_drained(worker));
    clock_manual_advance(&kit.clock, WORKER_GRACE_MS);
    kit_drain(&kit, worker);
    worker_destroy(worker);
}

/* Killed again and again while the record merely waits for an answer: that is not its fault. */
static void test_waiting_is_not_blamed(void **state)
{
    struct worker *worker = make_wide(64);
    struct record out;

    (void) state;
    all_later(0, 1);
    put(0, 0, 2);
    assert_int_equal(kit_run(&kit, worker, 5), STATUS_OK);
    for (int death = 0; death < 6; death++) {
        kit_kill(&kit, worker);
        worker = make_wide(64);
        assert_int_equal(kit_run(&kit, worker, 5), STATUS_OK);
        assert_string_equal(kit_commit(&kit, "toy", 0), "0 try 1");
        clock_manual_advance(&kit.clock, WORKER_TRIAL_MS);
        assert_int_equal(kit_run(&kit, worker, 5), STATUS_OK);
        assert_string_equal(kit_commit(&kit, "toy", 0), "0 running");
        assert_int_equal(toy.starts[1], 1); /* it still runs alone */
    }
    finish(0);
    assert_int_equal(kit_run(&kit, worker, 20), STATUS_OK);
    assert_string_equal(kit_commit(&kit, "toy", 0), "2 running");
    assert_true(kit_out(&kit, kit_out_count(&kit) - 1, &out));
    assert_int_equal(out.outcome, OUTCOME_PASSED);
    worker_destroy(worker);
}

/* ---- other runs ---- */

static void test_owner_and_run_of_another_run(void **state)
{
    struct worker_options options = kit_options(&kit, 2);
    struct worker *worker = make_wide(64), *other;
    struct record out;

    (void) state;
    put(0, 0, 3);
    assert_int_equal(kit_run(&kit, worker, 10), STATUS_OK);
    options.owner = "toy.again";
    options.run = "again";
    assert_int_equal(worker_create_map(&wide_stage, NULL, &options, &other, &kit.err), STATUS_OK);
    assert_int_equal(kit_run(&kit, other, 10), STATUS_OK);
    assert_int_equal(kit_out_count(&kit), 6);
    assert_true(kit_out(&kit, 2, &out));
    assert_true(slice_equal(out.run, SLICE("run")));
    assert_true(kit_out(&kit, 5, &out));
    assert_true(slice_equal(out.run, SLICE("again")));
    assert_string_equal(kit_commit(&kit, "toy.again", 0), "3 running");
    /* The first is not fenced by it. */
    put(0, 3, 1);
    assert_int_equal(kit_run(&kit, worker, 10), STATUS_OK);
    assert_string_equal(kit_commit(&kit, "toy", 0), "4 running");
    worker_destroy(worker);
    worker_destroy(other);
}

/* Toy records are of generation 3. */
static void test_later_generations_are_passed_over(void **state)
{
    struct worker_options options = kit_options(&kit, 2);
    struct worker *worker;

    (void) state;
    options.generations = 3;
    put(0, 0, 9);
    assert_int_equal(worker_create_map(&wide_stage, NULL, &options, &worker, &kit.err), STATUS_OK);
    assert_int_equal(kit_run(&kit, worker, 30), STATUS_OK);
    assert_int_equal(kit_out_count(&kit), 0);
    assert_int_equal(toy.starts[0], 0);
    assert_string_equal(kit_commit(&kit, "toy", 0), "9 running");
    worker_destroy(worker);
    options.generations = 4;
    options.owner = "other";
    assert_int_equal(worker_create_map(&wide_stage, NULL, &options, &worker, &kit.err), STATUS_OK);
    assert_int_equal(kit_run(&kit, worker, 30), STATUS_OK);
    assert_int_equal(kit_out_count(&kit), 9);
    worker_destroy(worker);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_any_order_gives_each_its_outcome),
        TEST(test_a_slow_task_holds_its_partition_only),
        TEST(test_a_retry_waits_while_others_go_on),
        TEST(test_outcomes_of_one_id_keep_their_order),
        TEST(test_open_tasks_share_a_limit_of_bytes),
        TEST(test_kill_repeats_what_was_open),
        TEST(test_drain_leaves_what_stays_open),
        TEST(test_drain_leaves_open_tasks_of_lost_partitions),
        TEST(test_waiting_is_not_blamed),
        TEST(test_owner_and_run_of_another_run),
        TEST(test_later_generations_are_passed_over),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
