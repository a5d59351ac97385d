#include "base/worker_state.h"

#include "base/worker_life.h"
#include "tests/support/worker_kit.h"

static struct kit kit;
static struct input *inputs;

static int set_up(void **state)
{
    (void) state;
    kit_open(&kit);
    inputs = inputs_create(kit.inputs, 2);
    return inputs == NULL;
}

static int tear_down(void **state)
{
    (void) state;
    inputs_destroy(inputs, 2);
    kit_close(&kit);
    return 0;
}

static void write_row(size_t index, uint64_t offset)
{
    assert_int_equal(state_write(kit.store, &inputs[index], offset,
                                 (struct mark){.kind = MARK_TRY, .tries = 2}, &kit.err),
                     STATUS_OK);
}

static void test_rows(void **state)
{
    struct mark mark;
    uint64_t offset;

    (void) state;
    assert_int_equal(state_load(kit.store, &inputs[0], &offset, &mark, &kit.err), STATUS_OK);
    assert_int_equal(offset, 0);
    assert_int_equal(mark.kind, MARK_CLEAN);
    write_row(0, UINT64_MAX - 1);
    write_row(1, 7);
    assert_int_equal(state_load(kit.store, &inputs[0], &offset, &mark, &kit.err), STATUS_OK);
    assert_true(offset == UINT64_MAX - 1);
    assert_int_equal(mark.kind, MARK_TRY);
    assert_int_equal(mark.tries, 2);
    assert_int_equal(state_load(kit.store, &inputs[1], &offset, &mark, &kit.err), STATUS_OK);
    assert_int_equal(offset, 7);
}

/* The key of the first input's row, as the header says it. */
static void test_keys_begin_with_zero(void **state)
{
    struct store_scan *scan;
    struct slice key, value;

    (void) state;
    write_row(0, 1);
    scan = store_scan_open(kit.store, NULL, (struct slice){NULL, 0}, (struct slice){NULL, 0});
    assert_true(store_scan_next(scan, &key, &value));
    assert_int_equal(key.data[0], 0);
    assert_true(slice_equal(value, SLICE("\0\0\0\0\0\0\0\1try 2")));
    assert_int_equal(store_scan_close(scan, &kit.err), STATUS_OK);
}

static void test_short_row_is_corrupt(void **state)
{
    struct store_batch *batch = store_batch_create(kit.store);
    struct store_scan *scan;
    struct slice key, value;
    struct mark mark;
    uint64_t offset;

    (void) state;
    write_row(0, 1);
    scan = store_scan_open(kit.store, NULL, (struct slice){NULL, 0}, (struct slice){NULL, 0});
    assert_true(store_scan_next(scan, &key, &value));
    store_batch_put(batch, key, SLICE("short"));
    assert_int_equal(store_scan_close(scan, &kit.err), STATUS_OK);
    assert_int_equal(store_commit(batch, false, &kit.err), STATUS_OK);
    store_batch_destroy(batch);
    assert_int_equal(state_load(kit.store, &inputs[0], &offset, &mark, &kit.err), STATUS_CORRUPT);
}

static bool usable(size_t count)
{
    struct worker worker = {.bus = kit.bus, .inputs = inputs, .input_count = count};
    bool good = false;

    assert_int_equal(state_check(kit.store, &worker, &good, &kit.err), STATUS_OK);
    return good;
}

static void test_check(void **state)
{
    uint64_t life;

    (void) state;
    assert_true(usable(2));
    kit_put(&kit, 0, 1);
    write_row(0, 1);
    assert_true(usable(2));
    write_row(0, 2);
    assert_false(usable(2)); /* beyond the end */
    write_row(0, 0);
    write_row(1, 0);
    assert_true(usable(2));
    assert_int_equal(life_open(kit.store, &life, &kit.err), STATUS_OK);
    assert_true(usable(2));  /* the fold's own life is no partition */
    assert_false(usable(1)); /* of a partition that is not ours */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_rows),
        TEST(test_keys_begin_with_zero),
        TEST(test_short_row_is_corrupt),
        TEST(test_check),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
