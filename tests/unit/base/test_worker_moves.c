/* Folds and effects on a bus with groups: state stays, outputs in time, claims once. */
#include "tests/support/worker_kit.h"

enum { NUMBERS = 64 };

static struct kit kit;
static struct {
    unsigned calls[NUMBERS]; /* applies of the fold, begins of the effect */
    unsigned ticks;
    bool owned[2]; /* as the last tick saw it */
    struct task *open;
} toy;

static enum status toy_apply(void *self, struct fold_batch *batch, size_t input,
                             const struct record *record, struct error *err)
{
    struct record out = {.id = record->id, .key = SLICE("key"), .payload = record->payload};

    (void) self;
    (void) input;
    toy.calls[kit_number(record)]++;
    return fold_emit(batch, "out", &out, err);
}

static enum status toy_tick(void *self, struct fold_batch *batch, struct error *err)
{
    (void) self;
    (void) err;
    toy.ticks++;
    for (size_t i = 0; i < 2; i++)
        toy.owned[i] = fold_owns(batch, i);
    return STATUS_OK;
}

static const struct fold_stage fold = {
    .name = "toy", .apply = toy_apply, .tick = toy_tick, .tick_ms = 20};

static enum status toy_begin(void *self, struct task *task, struct error *err)
{
    (void) self;
    (void) err;
    toy.calls[kit_number(task_record(task))]++;
    toy.open = task;
    return STATUS_OK;
}

static enum status toy_step(void *self, int64_t timeout_ms, struct error *err)
{
    (void) self;
    (void) err;
    clock_manual_advance(&kit.clock, timeout_ms);
    return STATUS_OK;
}

static const struct effect_stage effect = {"toy", 1, toy_begin, toy_step, NULL};

static int set_up(void **state)
{
    (void) state;
    memset(&toy, 0, sizeof toy);
    kit_open(&kit);
    bus_world_set_groups(kit.world);
    bus_close(kit.bus);
    kit_open_bus(&kit);
    return 0;
}

static int tear_down(void **state)
{
    (void) state;
    kit_close(&kit);
    return 0;
}

static void run(struct worker *worker, unsigned rounds)
{
    if (kit_run(&kit, worker, rounds) != STATUS_OK)
        fail_msg("%s", kit.err.message);
}

static struct worker *make_fold(void)
{
    struct worker_options options = kit_options(&kit, 2);
    struct worker *worker;

    assert_int_equal(worker_create_fold(&fold, NULL, &options, &worker, &kit.err), STATUS_OK);
    return worker;
}

/* The state goes on where it was, whatever the bus says; ticks know what is ours. */
static void test_fold_comes_back(void **state)
{
    struct worker *worker;
    unsigned ticks;

    (void) state;
    for (unsigned i = 0; i < 4; i++)
        kit_put(&kit, i % 2, i);
    worker = make_fold();
    run(worker, 20);
    assert_true(toy.ticks > 0 && toy.owned[0] && toy.owned[1]);
    bus_world_recall(kit.world, "toy", &kit.inputs[0]);
    run(worker, 20);
    assert_true(!toy.owned[0] && toy.owned[1]);
    assert_string_equal(kit_commit(&kit, "toy", 0), "2 clean");
    kit_put(&kit, 0, 4);
    kit_put(&kit, 1, 5);
    run(worker, 10);
    assert_int_equal(toy.calls[4], 0);
    assert_int_equal(toy.calls[5], 1);
    bus_world_move(kit.world, "toy", &kit.inputs[0], false);
    run(worker, 20);
    assert_true(toy.owned[0] && toy.owned[1]);
    for (unsigned i = 0; i < 6; i++)
        assert_int_equal(toy.calls[i], 1);
    assert_int_equal(kit_out_count(&kit), 6);
    bus_world_move(kit.world, "toy", &kit.inputs[0], true);
    bus_world_move(kit.world, "toy", &kit.inputs[1], true);
    run(worker, 5);
    ticks = toy.ticks;
    run(worker, 30);
    assert_int_equal(toy.ticks, ticks); /* nothing is ours */
    worker_destroy(worker);
}

/* A batch that waits for acknowledgements when the group calls is written before it goes, so what
 * was applied is not applied again when the partition is back. */
static void test_fold_finishes_its_batch(void **state)
{
    struct worker *worker;

    (void) state;
    kit_put(&kit, 0, 0);
    kit_put(&kit, 0, 1);
    worker = make_fold();
    bus_world_set_faults(kit.world, (struct bus_faults){.late_ack = 1000});
    while (toy.calls[1] == 0)
        run(worker, 1);
    bus_world_recall(kit.world, "toy", &kit.inputs[0]);
    run(worker, 2);
    bus_world_move(kit.world, "toy", &kit.inputs[0], false);
    run(worker, 50);
    assert_int_equal(toy.calls[0], 1);
    assert_int_equal(toy.calls[1], 1);
    worker_destroy(worker);
}

/* The confirmation that the inputs are ours fails for one: the fold lives on with the other. */
static void test_fold_fenced(void **state)
{
    struct worker *worker = make_fold();

    (void) state;
    run(worker, 20);
    bus_world_steal(kit.world, "toy", &kit.inputs[0]);
    clock_manual_advance(&kit.clock, 2000);
    run(worker, 20);
    assert_true(!toy.owned[0] && toy.owned[1]);
    kit_put(&kit, 0, 7);
    kit_put(&kit, 1, 8);
    run(worker, 10);
    assert_int_equal(toy.calls[7], 0);
    assert_int_equal(toy.calls[8], 1);
    worker_destroy(worker);
}

/* What was claimed is finished; what could not be claimed was never begun. */
static void test_effect(void **state)
{
    struct worker_options options = kit_options(&kit, 2);
    struct worker *worker;

    (void) state;
    kit_put(&kit, 0, 0);
    assert_int_equal(worker_create_effect(&effect, NULL, &options, &worker, &kit.err), STATUS_OK);
    run(worker, 5);
    assert_int_equal(toy.calls[0], 1);
    bus_world_steal(kit.world, "toy", &kit.inputs[0]);
    kit_put(&kit, 0, 1);
    run(worker, 3);
    task_done(toy.open); /* now there is room for the next */
    run(worker, 5);
    assert_int_equal(toy.calls[1], 0);
    assert_string_equal(kit_commit(&kit, "toy", 0), "1 running");
    bus_world_move(kit.world, "toy", &kit.inputs[0], true);
    run(worker, 3);
    bus_world_move(kit.world, "toy", &kit.inputs[0], false);
    run(worker, 5);
    assert_int_equal(toy.calls[1], 1);
    bus_world_recall(kit.world, "toy", &kit.inputs[0]);
    run(worker, 3);
    task_done(toy.open);
    assert_string_equal(kit_commit(&kit, "toy", 0), "2 clean");
    kit_drain(&kit, worker);
    worker_destroy(worker);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_fold_comes_back),
        TEST(test_fold_finishes_its_batch),
        TEST(test_fold_fenced),
        TEST(test_effect),
    };
#undef TEST

    return cmocka_run_group_tests(tests, NULL, NULL);
}
