/* Folds: state and offset together, outputs before and after, ticks, marks, rebuilds. */
#include "base/util/crash.h"
#include "tests/support/worker_kit.h"

/* The toy's state: one key "sum" with the sum of all numbers, one "nN" for each. */
enum { NUMBERS = 64 };

static struct kit kit;
static struct {
    unsigned applies[NUMBERS];
    unsigned ticks;
    unsigned loads;
    uint64_t loaded_sum;
    bool emit; /* each record to "out" as emitted */
    bool send; /* each tick one record to "out" as sent */
    unsigned kill;
    enum status apply_with;
    unsigned fail_at;
    int64_t tick_wall_ms;
} toy;

static uint64_t number_in(struct slice text)
{
    uint64_t number = 0;

    if (text.size > 0)
        assert_int_equal(slice_to_uint(text, 0, 1000000, &number, NULL), STATUS_OK);
    return number;
}

static void add(struct fold_batch *batch, unsigned number)
{
    char text[32];
    struct buf sum;

    buf_init(&sum, 32);
    status_ignore(store_batch_get(fold_store(batch), SLICE("sum"), &sum, NULL));
    (void) snprintf(text, sizeof text, "%llu",
                    (unsigned long long) number_in(buf_slice(&sum)) + number);
    store_batch_put(fold_store(batch), SLICE("sum"), slice_from(text));
    buf_fini(&sum);
}

static enum status toy_apply(void *self, struct fold_batch *batch, size_t input,
                             const struct record *record, struct error *err)
{
    unsigned number = kit_number(record);
    struct record out = {.id = record->id, .key = SLICE("key"), .payload = record->payload};

    (void) self;
    toy.applies[number]++;
    if (number == toy.kill)
        return error_set(err, STATUS_CRASHED, "killed");
    if (toy.apply_with != STATUS_OK && number == toy.fail_at)
        return error_set(err, toy.apply_with, "no");
    assert_true(slice_equal(fold_position(batch).topic, SLICE("in")));
    assert_int_equal(fold_position(batch).partition, kit.inputs[input].partition);
    assert_int_equal(fold_offset(batch, input), fold_position(batch).offset + 1);
    add(batch, number);
    return toy.emit ? fold_emit(batch, "out", &out, err) : STATUS_OK;
}

static enum status toy_tick(void *self, struct fold_batch *batch, struct error *err)
{
    struct record out = {.id = id_of(SLICE("t"), SLICE("k")), .key = SLICE("key")};

    (void) self;
    toy.ticks++;
    toy.tick_wall_ms = fold_wall_ms(batch);
    if (!toy.send)
        return STATUS_OK;
    store_batch_put(fold_store(batch), SLICE("ticked"), SLICE("yes"));
    return fold_send(batch, "out", &out, err);
}

static uint64_t stored_sum(void)
{
    struct buf sum;
    uint64_t number;

    buf_init(&sum, 32);
    status_ignore(store_get(kit.store, SLICE("sum"), &sum, NULL));
    number = number_in(buf_slice(&sum));
    buf_fini(&sum);
    return number;
}

static bool stored(struct slice key)
{
    struct buf value;
    bool found;

    buf_init(&value, 1000);
    found = store_get(kit.store, key, &value, NULL) == STATUS_OK;
    buf_fini(&value);
    return found;
}

static enum status toy_load(void *self, struct store *store, struct error *err)
{
    (void) self;
    (void) err;
    assert_ptr_equal(store, kit.store);
    toy.loads++;
    toy.loaded_sum = stored_sum();
    return STATUS_OK;
}

static const struct fold_stage stage = {
    .name = "toy", .apply = toy_apply, .tick = toy_tick, .tick_ms = 100, .load = toy_load};

static int set_up(void **state)
{
    (void) state;
    memset(&toy, 0, sizeof toy);
    toy.kill = NUMBERS;
    kit_open(&kit);
    return 0;
}

static int tear_down(void **state)
{
    (void) state;
    crash_set_hook(NULL, NULL);
    kit_close(&kit);
    return 0;
}

static enum status try_make(struct worker **worker, size_t inputs, const struct record_source *skip)
{
    struct worker_options options = kit_options(&kit, inputs);

    options.skips = skip;
    options.skip_count = skip != NULL;
    return worker_create_fold(&stage, NULL, &options, worker, &kit.err);
}

static struct worker *make(void)
{
    struct worker *worker;

    assert_int_equal(try_make(&worker, 2, NULL), STATUS_OK);
    return worker;
}

static void put(uint32_t partition, unsigned first, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        kit_put(&kit, partition, first + i);
}

/* ---- state ---- */

static void test_applies_and_goes_on(void **state)
{
    struct worker *worker = make();

    (void) state;
    put(0, 1, 10);
    put(1, 20, 2);
    assert_int_equal(kit_run(&kit, worker, 30), STATUS_OK);
    assert_int_equal(stored_sum(), 55 + 41);
    assert_true(worker_caught_up(worker));
    kit_kill(&kit, worker);
    put(0, 30, 1);
    worker = make();
    assert_int_equal(toy.loaded_sum, 96);
    assert_int_equal(kit_run(&kit, worker, 10), STATUS_OK);
    assert_int_equal(stored_sum(), 126);
    for (unsigned i = 1; i <= 10; i++)
        assert_int_equal(toy.applies[i], 1);
    worker_destroy(worker);
}

/* The bus's offset is only for people. */
static void test_starts_at_its_own_offset(void **state)
{
    struct worker *worker = make();

    (void) state;
    put(0, 1, 3);
    assert_int_equal(kit_run(&kit, worker, 400), STATUS_OK);
    kit_drain(&kit, worker);
    assert_string_equal(kit_commit(&kit, "toy", 0), "3 clean");
    worker_destroy(worker);
    store_close(kit.store);
    kit.store = store_open_memory();
    worker = make();
    assert_int_equal(kit_run(&kit, worker, 10), STATUS_OK);
    assert_int_equal(stored_sum(), 6);
    worker_destroy(worker);
}

static void test_store_failure_stops(void **state)
{
    struct worker *worker = make();

    (void) state;
    assert_int_equal(kit_run(&kit, worker, 4), STATUS_OK);
    put(0, 1, 3);
    store_memory_fail(kit.store, 1, STATUS_DISK_FULL);
    assert_int_equal(kit_run(&kit, worker, 10), STATUS_DISK_FULL);
    kit_kill(&kit, worker);
    assert_int_equal(stored_sum(), 0);
    store_memory_recover(kit.store);
    worker = make();
    assert_int_equal(kit_run(&kit, worker, 20), STATUS_OK);
    assert_int_equal(stored_sum(), 6);
    worker_destroy(worker);
}

static void test_apply_failure_names_the_record(void **state)
{
    struct worker *worker = make();

    (void) state;
    toy.fail_at = 2;
    toy.apply_with = STATUS_NETWORK;
    put(0, 1, 3);
    assert_int_equal(kit_run(&kit, worker, 10), STATUS_NETWORK);
    assert_string_equal(kit.err.message, "in/0/1: no");
    worker_destroy(worker);
}

static void test_garbage_is_stepped_over(void **state)
{
    struct worker *worker = make();

    (void) state;
    put(0, 1, 1);
    kit_put_bytes(&kit, 0, SLICE("k"), SLICE("garbage"));
    put(0, 2, 1);
    assert_int_equal(kit_run(&kit, worker, 10), STATUS_OK);
    assert_int_equal(stored_sum(), 3);
    assert_int_equal(worker_lag(worker), 0);
    worker_destroy(worker);
}

/* ---- outputs ---- */

static void test_emitted_before_written(void **state)
{
    struct worker *worker = make();

    (void) state;
    toy.emit = true;
    assert_int_equal(kit_run(&kit, worker, 4), STATUS_OK);
    put(0, 1, 3);
    bus_world_set_faults(kit.world, (struct bus_faults){.lost_ack = 1000});
    assert_int_equal(kit_run(&kit, worker, 2000), STATUS_TIMEOUT);
    assert_int_equal(stored_sum(), 0);
    assert_int_equal(kit_out_count(&kit), 3);
    bus_world_set_faults(kit.world, (struct bus_faults){.queue_full = 600, .late_ack = 500});
    kit_kill(&kit, worker);
    worker = make();
    assert_int_equal(kit_run(&kit, worker, 300), STATUS_OK);
    assert_int_equal(stored_sum(), 6);
    assert_int_equal(kit_out_count(&kit), 6);
    worker_destroy(worker);
}

static void test_rebuilding_emits_what_is_new(void **state)
{
    struct worker *worker = make();

    (void) state;
    toy.emit = true;
    put(0, 1, 3);
    assert_int_equal(kit_run(&kit, worker, 20), STATUS_OK);
    kit_drain(&kit, worker);
    worker_destroy(worker);
    assert_int_equal(store_wipe(kit.store, NULL), STATUS_OK);
    put(0, 4, 1);
    assert_int_equal(kit_run(&kit, worker = make(), 20), STATUS_OK);
    assert_int_equal(stored_sum(), 10);
    assert_int_equal(kit_out_count(&kit), 4);
    worker_destroy(worker);
}

static bool at_point(void *self, enum crash_point point)
{
    return point == *(const enum crash_point *) self;
}

static void test_sent_after_written(void **state)
{
    enum crash_point point = CRASH_FOLD_BEFORE_SEND;
    struct worker *worker = make();

    (void) state;
    toy.send = true;
    crash_set_hook(at_point, &point);
    assert_int_equal(kit_run(&kit, worker, 100), STATUS_CRASHED);
    assert_true(stored(SLICE("ticked")));
    assert_int_equal(kit_out_count(&kit), 0); /* lost, as promised */
    kit_kill(&kit, worker);
    crash_set_hook(NULL, NULL);
    bus_world_set_faults(kit.world, (struct bus_faults){.queue_full = 900});
    worker = make();
    assert_int_equal(kit_run(&kit, worker, 200), STATUS_OK);
    bus_world_set_faults(kit.world, (struct bus_faults){0});
    assert_int_equal(kit_run(&kit, worker, 5), STATUS_OK);
    assert_true(kit_out_count(&kit) >= 2);
    assert_true(kit_out_count(&kit) <= toy.ticks);
    worker_destroy(worker);
}

/* ---- ticks ---- */

static void test_tick_waits_for_catching_up(void **state)
{
    struct worker *worker;

    (void) state;
    put(0, 1, 40);
    worker = make();
    while (!worker_caught_up(worker)) {
        assert_int_equal(toy.ticks, 0);
        assert_int_equal(kit_run(&kit, worker, 1), STATUS_OK);
        clock_manual_advance(&kit.clock, 50);
    }
    assert_int_equal(kit_run(&kit, worker, 1), STATUS_OK);
    assert_int_equal(toy.ticks, 1);
    assert_true(toy.tick_wall_ms > kit.clock.now_ms - 100);
    /* And then every 100 ms. */
    assert_int_equal(kit_run(&kit, worker, 100), STATUS_OK);
    assert_in_range(toy.ticks, 5, 6);
    worker_destroy(worker);
}

/* Whoever ticks has just been told that nobody newer owns the partitions. */
static void test_fenced_before_tick(void **state)
{
    struct worker *worker = make();
    struct bus *other;

    (void) state;
    assert_int_equal(kit_run(&kit, worker, 300), STATUS_OK);
    assert_true(toy.ticks > 0);
    toy.ticks = 0;
    assert_int_equal(bus_memory_open(kit.world, NULL, &other, &kit.err), STATUS_OK);
    bus_world_move(kit.world, "toy", &kit.inputs[0], false);
    clock_manual_advance(&kit.clock, 1000);
    assert_int_equal(kit_run(&kit, worker, 2), STATUS_FENCED);
    assert_int_equal(toy.ticks, 0);
    bus_close(other);
    worker_destroy(worker);
}

static void test_revoked_stops(void **state)
{
    struct worker *worker = make();

    (void) state;
    assert_int_equal(kit_run(&kit, worker, 4), STATUS_OK);
    bus_world_move(kit.world, "toy", &kit.inputs[0], true);
    assert_int_equal(kit_run(&kit, worker, 4), STATUS_FENCED);
    worker_destroy(worker);
}

/* ---- deaths ---- */

static void live_and_die(void)
{
    struct worker *worker = make();

    assert_int_equal(kit_run(&kit, worker, 50), STATUS_CRASHED);
    kit_kill(&kit, worker);
}

static void test_refuses_after_three_deaths(void **state)
{
    struct record_source skip = {SLICE("in"), 0, 2};
    struct worker *worker;

    (void) state;
    put(0, 1, 5);
    toy.kill = 3;
    for (int i = 0; i < 4; i++)
        live_and_die();
    assert_int_equal(toy.applies[3], 4);
    assert_int_equal(stored_sum(), 3); /* the first two, one by one */
    worker = make();
    assert_int_equal(kit_run(&kit, worker, 50), STATUS_CORRUPT);
    assert_non_null(strstr(kit.err.message, "in/0/2"));
    assert_int_equal(toy.applies[3], 4);
    kit_kill(&kit, worker);
    assert_int_equal(try_make(&worker, 2, &skip), STATUS_OK);
    assert_int_equal(kit_run(&kit, worker, 50), STATUS_OK);
    assert_int_equal(toy.applies[3], 4);
    assert_int_equal(stored_sum(), 1 + 2 + 4 + 5);
    worker_destroy(worker);
}

static void test_survival_is_noted_before_closing(void **state)
{
    enum crash_point point = CRASH_FOLD_BEFORE_PUBLISH;
    struct worker *worker;

    (void) state;
    put(0, 1, 5);
    crash_set_hook(at_point, &point);
    for (int i = 0; i < 8; i++)
        live_and_die();
    crash_set_hook(NULL, NULL);
    worker = make();
    assert_int_equal(kit_run(&kit, worker, 50), STATUS_OK);
    assert_int_equal(stored_sum(), 15);
    worker_destroy(worker);
}

/* ---- states that do not fit ---- */

static void test_beyond_the_end_is_rebuilt(void **state)
{
    struct worker *worker = make();

    (void) state;
    put(0, 1, 5);
    assert_int_equal(kit_run(&kit, worker, 20), STATUS_OK);
    kit_drain(&kit, worker);
    worker_destroy(worker);
    bus_world_cut(kit.world, "in", 0, 2);
    worker = make();
    assert_int_equal(toy.loads, 2);
    assert_int_equal(toy.loaded_sum, 0);
    assert_int_equal(kit_run(&kit, worker, 20), STATUS_OK);
    assert_int_equal(stored_sum(), 3);
    worker_destroy(worker);
}

static void test_other_partitions_are_rebuilt(void **state)
{
    struct worker *worker = make();

    (void) state;
    put(0, 1, 2);
    put(1, 10, 2);
    assert_int_equal(kit_run(&kit, worker, 20), STATUS_OK);
    assert_int_equal(stored_sum(), 24);
    kit_drain(&kit, worker);
    worker_destroy(worker);
    assert_int_equal(try_make(&worker, 1, NULL), STATUS_OK);
    assert_int_equal(kit_run(&kit, worker, 20), STATUS_OK);
    assert_int_equal(stored_sum(), 3);
    kit_drain(&kit, worker);
    worker_destroy(worker);
    /* More partitions than before need no rebuild: the new one is read from its start. */
    worker = make();
    assert_int_equal(toy.loaded_sum, 3);
    assert_int_equal(kit_run(&kit, worker, 20), STATUS_OK);
    assert_int_equal(stored_sum(), 24);
    worker_destroy(worker);
}

static void test_drain_is_clean(void **state)
{
    struct worker *worker = make();

    (void) state;
    put(0, 1, 5);
    assert_int_equal(kit_run(&kit, worker, 20), STATUS_OK);
    kit_drain(&kit, worker);
    worker_destroy(worker);
    put(0, 6, 4);
    toy.emit = true;
    worker = make();
    /* Not careful: the whole window is one batch, so all or nothing is there. */
    store_memory_fail(kit.store, 3, STATUS_IO);
    assert_int_equal(kit_run(&kit, worker, 20), STATUS_IO);
    assert_int_equal(stored_sum(), 15);
    assert_int_equal(toy.applies[9], 1);
    worker_destroy(worker);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_applies_and_goes_on),
        TEST(test_starts_at_its_own_offset),
        TEST(test_store_failure_stops),
        TEST(test_apply_failure_names_the_record),
        TEST(test_garbage_is_stepped_over),
        TEST(test_emitted_before_written),
        TEST(test_rebuilding_emits_what_is_new),
        TEST(test_sent_after_written),
        TEST(test_tick_waits_for_catching_up),
        TEST(test_fenced_before_tick),
        TEST(test_revoked_stops),
        TEST(test_refuses_after_three_deaths),
        TEST(test_survival_is_noted_before_closing),
        TEST(test_beyond_the_end_is_rebuilt),
        TEST(test_other_partitions_are_rebuilt),
        TEST(test_drain_is_clean),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
