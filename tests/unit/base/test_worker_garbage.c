/* Hostile and broken records through a map, a fold and an effect. */
#include "tests/support/garbage.h"
#include "tests/support/toy_map.h"

static unsigned seen; /* honest records, by the fold or the effect */

static void see(const struct record *record)
{
    if (kit_number(record) != GARBAGE_NUMBER)
        assert_int_equal(kit_number(record), seen++);
}

/* Garbage of every kind, with an honest record in front of and behind each. */
static void put_garbage(void)
{
    struct buf key;
    struct buf value;

    buf_init(&key, BUS_RECORD_MAX);
    buf_init(&value, BUS_RECORD_MAX);
    for (unsigned kind = 0; kind < GARBAGE_KINDS; kind++) {
        kit_put(&kit, 0, kind);
        buf_reset(&key);
        buf_reset(&value);
        garbage_make(kind, &key, &value);
        kit_put_bytes(&kit, 0, buf_slice(&key), buf_slice(&value));
    }
    kit_put(&kit, 0, GARBAGE_KINDS);
    buf_fini(&key);
    buf_fini(&value);
}

static void count_outcomes(unsigned *passed, unsigned *garbage)
{
    struct arena *arena = arena_create(BUS_RECORD_MAX);
    struct bus_record bytes;
    struct record record;

    for (uint32_t partition = 0; partition < 2; partition++)
        for (uint64_t at = 0; bus_world_record(kit.world, "out", partition, at, &bytes); at++) {
            assert_int_equal(record_decode(bytes.value, arena, &record, &kit.err), STATUS_OK);
            *passed += record.outcome == OUTCOME_PASSED;
            *garbage +=
                record.outcome == OUTCOME_DEAD && slice_equal(record.reason, SLICE("garbage"));
        }
    arena_destroy(arena);
}

static void test_map(void **state)
{
    unsigned passed = 0;
    unsigned garbage = 0;
    struct worker *worker;

    (void) state;
    put_garbage();
    worker = make(&sync_stage, 1);
    assert_int_equal(kit_run(&kit, worker, 100), STATUS_OK);
    kit_drain(&kit, worker);
    worker_destroy(worker);
    count_outcomes(&passed, &garbage);
    assert_int_equal(passed, GARBAGE_KINDS + 1);
    assert_int_equal(garbage, GARBAGE_KINDS);
    assert_string_equal(kit_commit(&kit, "toy", 0), "19 clean");
}

/* An outcome that what it carries on would make too large says so, without it. */
static void test_carried_on(void **state)
{
    struct record record = {.key = SLICE("key"), .job = SLICE("job"), .payload = SLICE("1")};
    size_t size = BUS_RECORD_MAX - 10 - 6;
    char head[] = {(char) 0x9a, 0x7d, 0, 0, 0, 0}; /* field 2003: that many bytes */
    struct worker *worker;
    struct buf value;

    (void) state;
    buf_init(&value, BUS_RECORD_MAX);
    record.id = id_of(SLICE("number"), SLICE("1"));
    assert_int_equal(record_encode(&record, &value, &kit.err), STATUS_OK);
    size -= value.size;
    for (int i = 0; i < 4; i++)
        head[2 + i] = (char) ((size >> (7 * i) & 0x7f) | (i < 3 ? 0x80 : 0));
    buf_append(&value, slice_of(head, sizeof head));
    for (size_t i = 0; i < size; i++)
        buf_putc(&value, 'x');
    kit_put_bytes(&kit, 0, SLICE("key"), buf_slice(&value));
    buf_fini(&value);
    worker = make(&sync_stage, 1);
    toy.deeds[1] = PASS;
    assert_int_equal(kit_run(&kit, worker, 10), STATUS_OK);
    kit_drain(&kit, worker);
    worker_destroy(worker);
    assert_true(kit_out(&kit, 0, &record));
    assert_int_equal(record.outcome, OUTCOME_DEAD);
    assert_true(slice_starts(record.reason, SLICE("too large")));
}

static enum status count_applied(void *self, struct fold_batch *batch, size_t input,
                                 const struct record *record, struct error *err)
{
    (void) self, (void) batch, (void) input, (void) err;
    see(record);
    return STATUS_OK;
}

static enum status count_begun(void *self, struct task *task, struct error *err)
{
    (void) self, (void) err;
    see(task_record(task));
    task_done(task);
    return STATUS_OK;
}

static enum status wait_for_nothing(void *self, int64_t timeout_ms, struct error *err)
{
    (void) self, (void) timeout_ms, (void) err;
    return STATUS_OK;
}

static void check_seen(struct worker *worker)
{
    for (unsigned i = 0; i < 200 && seen <= GARBAGE_KINDS; i++)
        assert_int_equal(kit_run(&kit, worker, 1), STATUS_OK);
    assert_int_equal(seen, GARBAGE_KINDS + 1);
    kit_drain(&kit, worker);
    worker_destroy(worker);
}

static void test_fold(void **state)
{
    static const struct fold_stage stage = {.name = "count", .apply = count_applied};
    struct worker_options options = kit_options(&kit, 1);
    struct worker *worker;

    (void) state;
    seen = 0;
    put_garbage();
    assert_int_equal(worker_create_fold(&stage, NULL, &options, &worker, &kit.err), STATUS_OK);
    check_seen(worker);
}

static void test_effect(void **state)
{
    static const struct effect_stage stage = {
        .name = "begin", .max_in_flight = 2, .begin = count_begun, .step = wait_for_nothing};
    struct worker_options options = kit_options(&kit, 1);
    struct worker *worker;

    (void) state;
    seen = 0;
    put_garbage();
    assert_int_equal(worker_create_effect(&stage, NULL, &options, &worker, &kit.err), STATUS_OK);
    check_seen(worker);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_map),
        TEST(test_carried_on),
        TEST(test_fold),
        TEST(test_effect),
    };
#undef TEST

    return cmocka_run_group_tests(tests, NULL, NULL);
}
