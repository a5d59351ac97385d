/* Folds and effects on a bus with groups: state stays, outputs in time, claims once. */
#include "base/util/crash.h"
#include "tests/support/worker_kit.h"

enum { NUMBERS = 64 };

static struct kit kit;
static struct {
    unsigned calls[NUMBERS]; /* applies of the fold, begins of the effect */
    unsigned ticks;
    bool owned[2];  /* as the last tick saw it */
    char moves[64]; /* what it was told, of which input: "K0K1" */
    struct fold_past past;
    int64_t reach_ms; /* of input 0; one more of input 1 */
    int64_t tick_ms;  /* of the last tick */
    int64_t nap_ms;   /* an apply takes so long */
    struct task *open;
} toy;

static enum status toy_apply(void *self, struct fold_batch *batch, size_t input,
                             const struct record *record, struct error *err)
{
    struct record out = {.id = record->id, .key = SLICE("key"), .payload = record->payload};

    (void) self;
    (void) input;
    toy.calls[kit_number(record)]++;
    clock_manual_advance(&kit.clock, toy.nap_ms);
    return fold_emit(batch, "out", &out, err);
}

static enum status toy_tick(void *self, struct fold_batch *batch, struct error *err)
{
    (void) self;
    (void) err;
    toy.ticks++;
    toy.tick_ms = fold_wall_ms(batch);
    for (size_t i = 0; i < 2; i++)
        toy.owned[i] = fold_owns(batch, i);
    return STATUS_OK;
}

static void toy_moved(void *self, size_t input, enum fold_move move, const struct fold_past *past)
{
    size_t used = strlen(toy.moves);

    (void) self;
    assert_true(used + 2 < sizeof toy.moves);
    toy.moves[used] = "LKG"[move];
    toy.moves[used + 1] = (char) ('0' + input);
    toy.moves[used + 2] = '\0';
    toy.past = *past;
}

static int64_t toy_reach(void *self, size_t input)
{
    (void) self;
    return toy.reach_ms == 0 ? 0 : toy.reach_ms + (int64_t) input;
}

static const struct fold_stage fold = {.name = "toy",
                                       .apply = toy_apply,
                                       .tick = toy_tick,
                                       .tick_ms = 20,
                                       .moved = toy_moved,
                                       .reach = toy_reach};

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
    assert_memory_equal(kit_commit(&kit, "toy", 0), "2 clean ", 8);
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

/* Another member of the group, on a machine of its own. */
struct other {
    struct bus *bus;
    struct store *store;
    struct worker *worker;
};

static void other_open(struct other *other)
{
    const struct bus_options bus_options = {.client = "other", .timeout_ms = 3000};
    struct worker_options options = kit_options(&kit, 2);

    other->store = store_open_memory();
    assert_int_equal(bus_memory_open(kit.world, &bus_options, &other->bus, &kit.err), STATUS_OK);
    options.bus = other->bus;
    options.store = other->store;
    assert_int_equal(worker_create_fold(&fold, NULL, &options, &other->worker, &kit.err),
                     STATUS_OK);
}

static void other_close(struct other *other)
{
    worker_destroy(other->worker);
    bus_close(other->bus);
    store_close(other->store);
}

static void give(const char *client)
{
    for (size_t i = 0; i < 2; i++)
        bus_world_give(kit.world, "toy", &kit.inputs[i], client);
}

static bool at_mark(void *self, enum crash_point point)
{
    (void) self;
    return point == CRASH_MARK_AFTER_COMMIT;
}

/* Nobody was ever there; then nobody but us; then somebody who did not get to act; then one who
 * did: and that is known after a restart, too. */
static void test_who_acted(void **state)
{
    struct worker *worker = make_fold();
    struct other other;

    (void) state;
    run(worker, 20);
    assert_string_equal(toy.moves, "K0K1");
    assert_int_equal(toy.past.others_ms, 0);
    bus_world_recall(kit.world, "toy", &kit.inputs[0]);
    run(worker, 5);
    bus_world_move(kit.world, "toy", &kit.inputs[0], false);
    run(worker, 5);
    assert_string_equal(toy.moves, "K0K1L0K0");
    kit_kill(&kit, worker);
    toy.moves[0] = '\0';
    worker = make_fold();
    run(worker, 5);
    assert_string_equal(toy.moves, "K0K1");
    assert_int_equal(toy.past.others_ms, 0);

    /* The other is given everything, and dies before it is sure of it. */
    give("test");
    other_open(&other);
    give("other");
    crash_set_hook(at_mark, NULL);
    assert_int_equal(kit_run(&kit, other.worker, 1), STATUS_CRASHED);
    crash_set_hook(NULL, NULL);
    other_close(&other);
    run(worker, 5);
    give("test");
    run(worker, 10);
    assert_string_equal(toy.moves, "K0K1L0L1K0K1");

    toy.moves[0] = '\0';
    other_open(&other);
    give("other");
    run(other.worker, 10);
    assert_string_equal(toy.moves, "G0G1");
    run(worker, 5);
    give("test");
    run(worker, 10);
    assert_string_equal(toy.moves, "G0G1L0L1G0G1");
    assert_int_equal(toy.past.until_ms, 0); /* taken away without a word */
    assert_in_range(toy.past.others_ms, kit.clock.now_ms - 60, kit.clock.now_ms);
    other_close(&other);
    kit_kill(&kit, worker);
    clock_manual_advance(&kit.clock, 10000);
    toy.moves[0] = '\0';
    worker = make_fold();
    run(worker, 10);
    assert_string_equal(toy.moves, "K0K1");
    assert_in_range(toy.past.others_ms, kit.clock.now_ms - 10200, kit.clock.now_ms - 10000);
    worker_destroy(worker);
}

/* Who leaves in order tells when all is over that he did; who gets it knows that over restarts. */
static void test_last_words(void **state)
{
    struct worker *worker = make_fold();
    struct other other;

    (void) state;
    toy.reach_ms = 77000;
    run(worker, 20);
    give("test");
    other_open(&other);
    kit_drain(&kit, worker);
    assert_non_null(strstr(kit_commit(&kit, "toy", 0), " 77000"));
    give("other");
    run(other.worker, 10);
    assert_int_equal(toy.past.until_ms, 77001); /* of input 1 */
    toy.reach_ms = 0;
    bus_world_recall(kit.world, "toy", &kit.inputs[1]);
    run(other.worker, 5);
    assert_string_equal(strrchr(kit_commit(&kit, "toy", 1), ' '), " 1"); /* all is over */
    worker_destroy(worker);
    other_close(&other);
}

/* Who slept, or worked for long, asks again before it acts; and the time it acts by is never far
 * from an answer. */
static void test_no_tick_after_a_nap(void **state)
{
    struct worker *worker = make_fold();
    unsigned ticks;

    (void) state;
    run(worker, 20);
    ticks = toy.ticks;
    toy.nap_ms = WORKER_OWNED_MS + 1;
    bus_world_steal(kit.world, "toy", &kit.inputs[0]);
    kit_put(&kit, 1, 1);
    run(worker, 3);
    assert_int_equal(toy.calls[1], 1);
    run(worker, 50);
    assert_true(toy.ticks > ticks);
    assert_true(!toy.owned[0] && toy.owned[1]); /* in every tick since, for there was none before */
    worker_destroy(worker);
}

/* Two onlookers read all there is, each from its own offset; the group sees neither. */
static void test_onlookers(void **state)
{
    struct worker_options options = kit_options(&kit, 2);
    struct worker *worker;

    (void) state;
    options.onlooker = true;
    for (unsigned i = 0; i < 4; i++)
        kit_put(&kit, i % 2, i);
    assert_int_equal(worker_create_fold(&fold, NULL, &options, &worker, &kit.err), STATUS_OK);
    run(worker, 20);
    assert_true(worker_caught_up(worker) && toy.ticks > 0);
    assert_string_equal(toy.moves, "");
    assert_string_equal(kit_commit(&kit, "toy", 0), "none");
    kit_drain(&kit, worker);
    worker_destroy(worker);
    assert_int_equal(worker_create_fold(&fold, NULL, &options, &worker, &kit.err), STATUS_OK);
    kit_put(&kit, 0, 4);
    run(worker, 20);
    for (unsigned i = 0; i < 5; i++)
        assert_int_equal(toy.calls[i], 1);
    worker_destroy(worker);
}

/* A member that the group gives nothing is ready after a while, not before. */
static void test_standby_is_ready(void **state)
{
    struct worker *worker = make_fold();
    struct other other;

    (void) state;
    run(worker, 10);
    assert_true(worker_ready(worker));
    give("test");
    other_open(&other);
    run(other.worker, 10);
    assert_false(worker_ready(other.worker));
    clock_manual_advance(&kit.clock, WORKER_STANDBY_MS);
    run(other.worker, 1);
    assert_true(worker_ready(other.worker));
    assert_false(worker_caught_up(other.worker));
    other_close(&other);
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
        TEST(test_fold_comes_back), TEST(test_fold_finishes_its_batch), TEST(test_fold_fenced),
        TEST(test_who_acted),       TEST(test_no_tick_after_a_nap),     TEST(test_onlookers),
        TEST(test_last_words),      TEST(test_standby_is_ready),        TEST(test_effect),
    };
#undef TEST

    return cmocka_run_group_tests(tests, NULL, NULL);
}
