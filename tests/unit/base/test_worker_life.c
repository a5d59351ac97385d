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

static uint64_t open_life(void)
{
    uint64_t life = 0;

    assert_int_equal(life_open(kit.store, &life, &kit.err), STATUS_OK);
    assert_true(life != 0);
    return life;
}

/* Overwrites the only row there is: `value`, or its own bytes with another run of the machine. */
static void change_row(struct slice value, bool reboot)
{
    struct store_batch *batch = store_batch_create(kit.store);
    struct store_scan *scan =
        store_scan_open(kit.store, NULL, (struct slice){NULL, 0}, (struct slice){NULL, 0});
    struct slice key, old;
    char bytes[64];

    assert_true(store_scan_next(scan, &key, &old));
    assert_true(life_owns_key(key));
    if (reboot) {
        assert_true(old.size > 8 && old.size <= sizeof bytes);
        memcpy(bytes, old.data, old.size);
        bytes[old.size - 2] ^= 1;
        value = slice_of(bytes, old.size);
    }
    store_batch_put(batch, key, value);
    assert_false(store_scan_next(scan, &key, &old));
    assert_int_equal(store_scan_close(scan, &kit.err), STATUS_OK);
    assert_int_equal(store_commit(batch, false, &kit.err), STATUS_OK);
    store_batch_destroy(batch);
}

/* Kept over restarts of the process; not over one of the machine, nor by another store. */
static void test_life(void **state)
{
    uint64_t life = open_life(), next;

    (void) state;
    assert_true(open_life() == life);
    change_row(SLICE(""), true);
    next = open_life();
    assert_true(next != life);
    assert_true(open_life() == next);
    assert_int_equal(store_wipe(kit.store, &kit.err), STATUS_OK);
    assert_true(open_life() != next);
}

static void test_garbage_is_corrupt(void **state)
{
    uint64_t life = open_life();

    (void) state;
    change_row(SLICE("short"), false);
    assert_int_equal(life_open(kit.store, &life, &kit.err), STATUS_CORRUPT);
}

static int64_t others(size_t index, uint64_t found, bool first, int64_t now_ms)
{
    struct life_claim claim = {.life = 7,
                               .found = {.kind = MARK_RUNNING, .life = found},
                               .first = first,
                               .now_ms = now_ms};

    assert_int_equal(life_claim(kit.store, &inputs[index], &claim, &kit.err), STATUS_OK);
    assert_int_equal(claim.kept, first || found == 7);
    assert_int_equal(claim.past.until_ms, 0);
    return claim.past.others_ms;
}

static void test_others(void **state)
{
    (void) state;
    assert_int_equal(others(0, 0, true, 1000), 0); /* nobody was ever there */
    assert_int_equal(others(0, 7, false, 2000), 0);
    assert_int_equal(others(0, 9, false, 3000), 3000);
    assert_int_equal(others(0, 7, false, 4000), 3000); /* as it was gained */
    assert_int_equal(others(1, 7, false, 4000), 0);    /* each input for itself */
    assert_int_equal(others(0, 0, false, 5000), 5000); /* somebody who tells no life */
}

/* What was told in order is kept; what was told before another word, or by nobody, is not. */
static void test_until(void **state)
{
    struct life_claim claim = {
        .life = 7, .found = {.kind = MARK_CLEAN, .life = 9, .until_ms = 5}, .now_ms = 10};

    (void) state;
    assert_int_equal(life_claim(kit.store, &inputs[0], &claim, &kit.err), STATUS_OK);
    assert_false(claim.kept);
    assert_int_equal(claim.past.others_ms, 10);
    assert_int_equal(claim.past.until_ms, 5);
    claim.found.life = 7;
    claim.past = (struct fold_past){0, 0};
    assert_int_equal(life_claim(kit.store, &inputs[0], &claim, &kit.err), STATUS_OK);
    assert_int_equal(claim.past.others_ms, 10);
    assert_int_equal(claim.past.until_ms, 5);
    claim.found = (struct mark){.kind = MARK_RUNNING, .life = 9, .until_ms = 6};
    assert_int_equal(life_claim(kit.store, &inputs[0], &claim, &kit.err), STATUS_OK);
    assert_int_equal(claim.past.until_ms, 0);
}

static void test_keys(void **state)
{
    (void) state;
    assert_true(life_owns_key(slice_of("\0\0\1x", 4)));
    assert_false(life_owns_key(slice_of("\0in\0\1", 5)));
    assert_false(life_owns_key(SLICE("h")));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_life), TEST(test_garbage_is_corrupt), TEST(test_others), TEST(test_until),
        TEST(test_keys),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
