/* Effects: claims, at most once, publishing, draining. */
#include "base/util/crash.h"
#include "tests/support/worker_kit.h"

enum { NUMBERS = 64 };

static struct kit kit;
static struct {
    unsigned begins[NUMBERS];
    struct task *open[NUMBERS];
    unsigned open_count;
    enum status begin_with; /* what `begin` answers */
    bool done_at_once;
    bool told_to_drain;
    int64_t longest_wait;
} toy;

static enum status toy_begin(void *self, struct task *task, struct error *err)
{
    unsigned number = kit_number(task_record(task));

    (void) self;
    toy.begins[number]++;
    if (toy.begin_with != STATUS_OK)
        return error_set(err, toy.begin_with, "refused");
    if (toy.done_at_once) {
        task_done(task);
        return STATUS_OK;
    }
    toy.open[number] = task;
    toy.open_count++;
    return STATUS_OK;
}

static enum status toy_step(void *self, int64_t timeout_ms, struct error *err)
{
    (void) self;
    (void) err;
    if (timeout_ms > toy.longest_wait)
        toy.longest_wait = timeout_ms;
    clock_manual_advance(&kit.clock, timeout_ms);
    return STATUS_OK;
}

static void toy_drain(void *self)
{
    (void) self;
    toy.told_to_drain = true;
}

static const struct effect_stage stage = {"toy", 2, toy_begin, toy_step, toy_drain};

static int set_up(void **state)
{
    (void) state;
    memset(&toy, 0, sizeof toy);
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

static struct worker *make(void)
{
    struct worker_options options = kit_options(&kit, 2);
    struct worker *worker;

    assert_int_equal(worker_create_effect(&stage, NULL, &options, &worker, &kit.err), STATUS_OK);
    return worker;
}

static void end(unsigned number)
{
    task_done(toy.open[number]);
    toy.open[number] = NULL;
    toy.open_count--;
}

static void put(unsigned first, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        kit_put(&kit, 0, first + i);
}

/* The offset is committed when `begin` runs, and not beyond what was begun. */
static void test_claims_before_begin(void **state)
{
    struct worker *worker = make();

    (void) state;
    put(0, 5);
    assert_int_equal(kit_run(&kit, worker, 10), STATUS_OK);
    assert_int_equal(toy.open_count, 2);
    assert_string_equal(kit_commit(&kit, "toy", 0), "2 running");
    end(1);
    assert_int_equal(kit_run(&kit, worker, 10), STATUS_OK);
    assert_int_equal(toy.begins[2], 1);
    assert_string_equal(kit_commit(&kit, "toy", 0), "3 running");
    kit_kill(&kit, worker);
    /* What was begun and not finished is not begun again. */
    memset(toy.open, 0, sizeof toy.open);
    worker = make();
    assert_int_equal(kit_run(&kit, worker, 10), STATUS_OK);
    for (unsigned i = 0; i < 5; i++)
        assert_int_equal(toy.begins[i], 1);
    worker_destroy(worker);
}

static bool at_point(void *self, enum crash_point point)
{
    return point == *(const enum crash_point *) self;
}

static void test_deaths_around_the_claim(void **state)
{
    enum crash_point point = CRASH_EFFECT_BEFORE_CLAIM;
    struct worker *worker = make();

    (void) state;
    put(0, 2);
    crash_set_hook(at_point, &point);
    assert_int_equal(kit_run(&kit, worker, 10), STATUS_CRASHED);
    assert_string_equal(kit_commit(&kit, "toy", 0), "none");
    kit_kill(&kit, worker);
    point = CRASH_EFFECT_AFTER_CLAIM;
    worker = make();
    assert_int_equal(kit_run(&kit, worker, 10), STATUS_CRASHED);
    assert_string_equal(kit_commit(&kit, "toy", 0), "1 running");
    kit_kill(&kit, worker);
    crash_set_hook(NULL, NULL);
    worker = make();
    assert_int_equal(kit_run(&kit, worker, 10), STATUS_OK);
    assert_int_equal(toy.begins[0], 0); /* lost with the process: the lease expires */
    assert_int_equal(toy.begins[1], 1);
    worker_destroy(worker);
}

static void test_fenced_claim_begins_nothing(void **state)
{
    struct worker *old = make(), *new;
    struct bus *old_bus = kit.bus;

    (void) state;
    assert_int_equal(kit_run(&kit, old, 4), STATUS_OK);
    kit_open_bus(&kit);
    new = make();
    put(0, 1);
    assert_int_equal(kit_run(&kit, old, 5), STATUS_FENCED);
    assert_int_equal(toy.begins[0], 0);
    assert_int_equal(kit_run(&kit, new, 5), STATUS_OK);
    assert_int_equal(toy.begins[0], 1);
    worker_destroy(old);
    bus_close(old_bus);
    worker_destroy(new);
}

static void test_garbage_and_refusals_go_on(void **state)
{
    struct worker *worker = make();

    (void) state;
    kit_put_bytes(&kit, 0, SLICE("k"), SLICE("garbage"));
    put(0, 1);
    toy.begin_with = STATUS_INVALID;
    assert_int_equal(kit_run(&kit, worker, 10), STATUS_OK);
    assert_int_equal(toy.begins[0], 1);
    assert_string_equal(kit_commit(&kit, "toy", 0), "2 running");
    toy.begin_with = STATUS_NETWORK; /* RETRY too: at most once */
    put(1, 1);
    assert_int_equal(kit_run(&kit, worker, 500), STATUS_OK);
    assert_int_equal(toy.begins[1], 1);
    toy.begin_with = STATUS_DISK_FULL;
    put(2, 1);
    assert_int_equal(kit_run(&kit, worker, 10), STATUS_DISK_FULL);
    worker_destroy(worker);
}

static void test_done_within_begin(void **state)
{
    struct worker *worker = make();

    (void) state;
    toy.done_at_once = true;
    put(0, 20);
    assert_int_equal(kit_run(&kit, worker, 30), STATUS_OK);
    assert_string_equal(kit_commit(&kit, "toy", 0), "20 running");
    worker_destroy(worker);
}

static void test_stage_waits_at_most_a_slice(void **state)
{
    struct worker *worker = make();

    (void) state;
    put(0, 2);
    for (int i = 0; i < 10; i++)
        assert_int_equal(worker_step(worker, 1000, &kit.err), STATUS_OK);
    assert_int_equal(toy.longest_wait, 10);
    worker_destroy(worker);
}

static void test_publish_and_flush(void **state)
{
    struct record record = {.id = id_of(SLICE("a"), SLICE("b")), .key = SLICE("key")};
    struct bus_ticket ticket = {.acknowledged = true};
    struct worker *worker = make();
    struct record out;

    (void) state;
    assert_int_equal(worker_publish(worker, "out", &record, &ticket, &kit.err), STATUS_OK);
    assert_false(ticket.acknowledged);
    assert_int_equal(worker_flush(worker, &kit.err), STATUS_OK);
    assert_true(ticket.acknowledged);
    assert_int_equal(ticket.offset, 0);
    assert_true(kit_out(&kit, 0, &out));
    assert_true(id_equal(out.id, record.id));
    assert_int_equal(worker_publish(worker, "nowhere", &record, NULL, &kit.err), STATUS_NOT_FOUND);
    bus_world_set_faults(kit.world, (struct bus_faults){.queue_full = 1000});
    assert_int_equal(worker_publish(worker, "out", &record, NULL, &kit.err), STATUS_AGAIN);
    worker_destroy(worker);
}

static void test_drain(void **state)
{
    struct worker *worker = make();

    (void) state;
    put(0, 3);
    assert_int_equal(kit_run(&kit, worker, 10), STATUS_OK);
    worker_drain(worker);
    end(0);
    assert_int_equal(kit_run(&kit, worker, 10), STATUS_OK);
    assert_true(toy.told_to_drain);
    assert_false(worker_drained(worker));
    assert_int_equal(toy.begins[2], 0);
    end(1);
    kit_drain(&kit, worker);
    assert_string_equal(kit_commit(&kit, "toy", 0), "2 clean");
    worker_destroy(worker);
}

static void test_revoked_work_is_finished(void **state)
{
    struct worker *worker = make();

    (void) state;
    put(0, 3);
    assert_int_equal(kit_run(&kit, worker, 10), STATUS_OK);
    bus_world_move(kit.world, "toy", &kit.inputs[0], true);
    assert_int_equal(kit_run(&kit, worker, 10), STATUS_OK);
    end(0);
    end(1);
    assert_int_equal(kit_run(&kit, worker, 10), STATUS_OK);
    assert_int_equal(toy.begins[2], 0);
    bus_world_move(kit.world, "toy", &kit.inputs[0], false);
    assert_int_equal(kit_run(&kit, worker, 10), STATUS_OK);
    assert_int_equal(toy.begins[2], 1);
    worker_destroy(worker);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_claims_before_begin),         TEST(test_deaths_around_the_claim),
        TEST(test_fenced_claim_begins_nothing), TEST(test_garbage_and_refusals_go_on),
        TEST(test_done_within_begin),           TEST(test_stage_waits_at_most_a_slice),
        TEST(test_publish_and_flush),           TEST(test_drain),
        TEST(test_revoked_work_is_finished),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
