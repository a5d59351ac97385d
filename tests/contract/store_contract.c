#include "tests/contract/store_contract.h"

#include "base/store/key.h"
#include "base/util/random.h"
#include "tests/contract/bus_tools.h"
#include "tests/support/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct contract {
    const struct store_contract_place *place;
    void *self;
    struct store *store;
    struct store_batch *batch;
    struct buf value;
};

static const struct slice none = {NULL, 0};
static const struct store_contract_place *place_now; /* cmocka's set-up takes no argument of ours */

/* ---- fixture ---- */

static void open_store(struct contract *contract)
{
    tool_ok(contract->place->open(contract->self, &contract->store, &tool_error));
    contract->batch = store_batch_create(contract->store);
    assert_non_null(contract->batch);
}

static void close_store(struct contract *contract)
{
    store_batch_destroy(contract->batch);
    store_close(contract->store);
}

static int setup(void **state)
{
    struct contract *contract = calloc(1, sizeof *contract);

    if (contract == NULL)
        return -1;
    contract->place = place_now;
    contract->self = place_now->setup();
    buf_init(&contract->value, STORE_VALUE_MAX);
    open_store(contract);
    *state = contract;
    return 0;
}

static int teardown(void **state)
{
    struct contract *contract = *state;

    close_store(contract);
    buf_fini(&contract->value);
    contract->place->teardown(contract->self);
    free(contract);
    return 0;
}

static void put(struct contract *contract, const char *key, const char *value)
{
    store_batch_put(contract->batch, slice_from(key), slice_from(value));
}

static void commit(struct contract *contract)
{
    tool_ok(store_commit(contract->batch, false, &tool_error));
}

/* The store (or the batch) must hold `value` under `key`; NULL: nothing. */
static void expect(struct contract *contract, bool through_batch, const char *key,
                   const char *value)
{
    enum status status =
        through_batch
            ? store_batch_get(contract->batch, slice_from(key), &contract->value, &tool_error)
            : store_get(contract->store, slice_from(key), &contract->value, &tool_error);

    tool_fails(value == NULL ? STATUS_NOT_FOUND : STATUS_OK, status);
    assert_string_equal(buf_text(&contract->value), value == NULL ? "" : value);
}

/* The scan must give exactly these keys, joined by spaces. */
static void expect_scan(struct contract *contract, bool through_batch, const char *prefix,
                        const char *from, const char *keys)
{
    struct store_scan *scan =
        store_scan_open(contract->store, through_batch ? contract->batch : NULL, slice_from(prefix),
                        slice_from(from));
    struct buf seen;
    struct slice key;
    struct slice value;

    buf_init(&seen, 4096);
    while (store_scan_next(scan, &key, &value)) {
        if (seen.size > 0)
            buf_putc(&seen, ' ');
        buf_append(&seen, key);
    }
    assert_false(store_scan_next(scan, &key, &value));
    tool_ok(store_scan_close(scan, &tool_error));
    assert_string_equal(buf_text(&seen), keys);
    buf_fini(&seen);
}

/* ---- tests ---- */

static void test_get_put_delete(void **state)
{
    struct contract *contract = *state;

    expect(contract, false, "a", NULL);
    put(contract, "a", "1");
    put(contract, "b", "");
    commit(contract);
    expect(contract, false, "a", "1");
    expect(contract, false, "b", "");
    put(contract, "a", "2");
    store_batch_delete(contract->batch, SLICE("b"));
    store_batch_delete(contract->batch, SLICE("never there"));
    expect(contract, false, "a", "1");
    commit(contract);
    expect(contract, false, "a", "2");
    expect(contract, false, "b", NULL);
    commit(contract); /* an empty batch */
    tool_ok(store_sync(contract->store, &tool_error));
}

static void test_binary_and_large(void **state)
{
    struct contract *contract = *state;
    size_t size = 3 * 1024 * 1024;
    char *large = malloc(size);
    struct buf narrow;

    assert_non_null(large);
    memset(large, 'x', size);
    store_batch_put(contract->batch, slice_of("\0\xff", 2), slice_of("\0\0", 2));
    store_batch_put(contract->batch, SLICE("large"), slice_of(large, size));
    tool_ok(store_commit(contract->batch, true, &tool_error));
    tool_ok(store_get(contract->store, slice_of("\0\xff", 2), &contract->value, &tool_error));
    assert_true(slice_equal(buf_slice(&contract->value), slice_of("\0\0", 2)));
    tool_ok(store_get(contract->store, SLICE("large"), &contract->value, &tool_error));
    assert_true(slice_equal(buf_slice(&contract->value), slice_of(large, size)));
    buf_init(&narrow, 10);
    tool_fails(STATUS_TOO_LARGE, store_get(contract->store, SLICE("large"), &narrow, &tool_error));
    buf_fini(&narrow);
    free(large);
}

static void test_batch_reads_own_writes(void **state)
{
    struct contract *contract = *state;

    put(contract, "p1", "old");
    put(contract, "p2", "old");
    put(contract, "p4", "old");
    commit(contract);
    put(contract, "p1", "new");
    put(contract, "p1", "newer");
    store_batch_delete(contract->batch, SLICE("p2"));
    put(contract, "p3", "new");
    expect(contract, true, "p1", "newer");
    expect(contract, true, "p2", NULL);
    expect(contract, true, "p3", "new");
    expect(contract, true, "p4", "old");
    expect(contract, false, "p1", "old");
    expect(contract, false, "p3", NULL);
    expect_scan(contract, true, "p", "", "p1 p3 p4");
    expect_scan(contract, false, "p", "", "p1 p2 p4");
    put(contract, "p2", "back");
    expect(contract, true, "p2", "back");
    store_batch_clear(contract->batch);
    assert_int_equal(store_batch_bytes(contract->batch), 0);
    expect(contract, true, "p3", NULL);
    commit(contract);
    expect(contract, false, "p2", "old");
}

static void test_scan(void **state)
{
    struct contract *contract = *state;

    expect_scan(contract, false, "", "", "");
    put(contract, "b", "");
    put(contract, "a", "");
    put(contract, "ba", "");
    put(contract, "b\xff", "");
    put(contract, "c", "");
    put(contract, "\xff", "");
    put(contract, "\xff\xff", "");
    commit(contract);
    expect_scan(contract, false, "", "", "a b ba b\xff c \xff \xff\xff");
    expect_scan(contract, false, "b", "", "b ba b\xff");
    expect_scan(contract, false, "b", "a", "b ba b\xff");
    expect_scan(contract, false, "b", "ba", "ba b\xff");
    expect_scan(contract, false, "b", "bab", "b\xff");
    expect_scan(contract, false, "b", "c", "");
    expect_scan(contract, false, "\xff", "", "\xff \xff\xff");
    expect_scan(contract, false, "", "c", "c \xff \xff\xff");
    expect_scan(contract, false, "d", "", "");
    /* Keys of the batch behind the prefix must not show. */
    put(contract, "bz", "");
    put(contract, "ca", "");
    expect_scan(contract, true, "b", "", "b ba bz b\xff");
    expect_scan(contract, true, "ca", "", "ca");
    store_batch_clear(contract->batch);
}

/* Slices of a scan stay valid while other reads happen. */
static void test_scan_memory(void **state)
{
    struct contract *contract = *state;
    struct store_scan *scan;
    struct slice key;
    struct slice value;

    put(contract, "a", "first");
    put(contract, "b", "second");
    commit(contract);
    scan = store_scan_open(contract->store, NULL, none, none);
    assert_true(store_scan_next(scan, &key, &value));
    expect(contract, false, "b", "second");
    assert_true(slice_equal(key, SLICE("a")) && slice_equal(value, SLICE("first")));
    assert_true(store_scan_next(scan, &key, &value));
    assert_true(slice_equal(key, SLICE("b")) && slice_equal(value, SLICE("second")));
    assert_false(store_scan_next(scan, &key, &value));
    tool_ok(store_scan_close(scan, &tool_error));
}

static void test_sticky(void **state)
{
    struct contract *contract = *state;
    char long_key[STORE_KEY_MAX + 1];

    memset(long_key, 'k', sizeof long_key);
    put(contract, "a", "1");
    store_batch_put(contract->batch, slice_of(long_key, sizeof long_key), SLICE("v"));
    put(contract, "b", "2");
    tool_fails(STATUS_TOO_LARGE, store_commit(contract->batch, false, &tool_error));
    tool_fails(STATUS_TOO_LARGE, store_commit(contract->batch, false, &tool_error));
    expect(contract, false, "a", NULL);
    expect(contract, false, "b", NULL);
    store_batch_clear(contract->batch);
    store_batch_put(contract->batch, none, SLICE("v"));
    tool_fails(STATUS_INVALID, store_commit(contract->batch, false, &tool_error));
    store_batch_clear(contract->batch);
    store_batch_put(contract->batch, slice_of(long_key, STORE_KEY_MAX), SLICE("v"));
    put(contract, "a", "1");
    assert_int_equal(store_batch_bytes(contract->batch), STORE_KEY_MAX + 1 + 2);
    commit(contract);
    assert_int_equal(store_batch_bytes(contract->batch), 0);
    expect(contract, false, "a", "1");
    store_batch_put(NULL, SLICE("a"), SLICE("b"));
    tool_fails(STATUS_NOMEM, store_commit(NULL, false, &tool_error));
    tool_fails(STATUS_NOMEM, store_scan_close(NULL, &tool_error));
}

static void test_wipe(void **state)
{
    struct contract *contract = *state;

    tool_ok(store_wipe(contract->store, &tool_error));
    for (int i = 0; i < 100; i++) {
        char key[8];
        (void) snprintf(key, sizeof key, "%d", i);
        put(contract, key, "x");
    }
    put(contract, "\xff\xff\xff", "last");
    commit(contract);
    tool_ok(store_wipe(contract->store, &tool_error));
    expect_scan(contract, false, "", "", "");
    expect(contract, false, "\xff\xff\xff", NULL);
    put(contract, "50", "again");
    commit(contract);
    expect_scan(contract, false, "", "", "50");
    expect(contract, false, "50", "again");
}

static void test_reopen(void **state)
{
    struct contract *contract = *state;

    if (!contract->place->keeps)
        skip();
    for (int round = 0; round < 5; round++) {
        char key[8];
        (void) snprintf(key, sizeof key, "r%d", round);
        put(contract, key, "kept");
        commit(contract);
        put(contract, "lost", "never committed");
        close_store(contract);
        open_store(contract);
        expect(contract, false, key, "kept");
        expect(contract, false, "lost", NULL);
    }
    expect_scan(contract, false, "", "", "r0 r1 r2 r3 r4");
    tool_ok(store_wipe(contract->store, &tool_error));
    close_store(contract);
    open_store(contract);
    expect_scan(contract, false, "", "", "");
}

/* ---- a model ---- */

enum { MODEL_KEYS = 200, MODEL_STEPS = 4000, MODEL_ABSENT = 0 };

struct model {
    uint32_t committed[MODEL_KEYS]; /* 0: not there */
    uint32_t pending[MODEL_KEYS];
};

static struct slice model_key(struct buf *key, uint64_t number)
{
    buf_reset(key);
    key_put_u8(key, (uint8_t) (number % 3));
    key_put_u32(key, (uint32_t) number);
    return buf_slice(key);
}

static void model_check(struct contract *contract, const struct model *model, struct buf *key)
{
    for (uint64_t group = 0; group < 3; group++) {
        char prefix = (char) group;
        struct store_scan *scan =
            store_scan_open(contract->store, contract->batch, slice_of(&prefix, 1), none);
        struct slice found;
        struct slice value;
        for (uint64_t i = group; i < MODEL_KEYS; i += 3) {
            if (model->pending[i] == MODEL_ABSENT)
                continue;
            assert_true(store_scan_next(scan, &found, &value));
            assert_true(slice_equal(found, model_key(key, i)));
            assert_true(slice_equal(value, slice_of(&model->pending[i], sizeof(uint32_t))));
        }
        assert_false(store_scan_next(scan, &found, &value));
        tool_ok(store_scan_close(scan, &tool_error));
    }
}

static void model_step(struct contract *contract, struct model *model, struct random *random,
                       struct buf *key)
{
    uint64_t number = random_below(random, MODEL_KEYS);
    uint32_t value = (uint32_t) random_below(random, 1000) + 1;

    switch (random_below(random, 12)) {
    case 0:
        tool_ok(store_commit(contract->batch, false, &tool_error));
        memcpy(model->committed, model->pending, sizeof model->committed);
        break;
    case 1:
        store_batch_clear(contract->batch);
        memcpy(model->pending, model->committed, sizeof model->pending);
        break;
    case 2:
    case 3:
    case 4:
        store_batch_delete(contract->batch, model_key(key, number));
        model->pending[number] = MODEL_ABSENT;
        break;
    default:
        store_batch_put(contract->batch, model_key(key, number), slice_of(&value, sizeof value));
        model->pending[number] = value;
    }
}

static void test_model(void **state)
{
    struct contract *contract = *state;
    struct random random;
    struct model model = {{0}, {0}};
    struct buf key;

    random_init(&random, 42);
    buf_init(&key, KEY_MAX);
    for (int i = 0; i < MODEL_STEPS; i++) {
        model_step(contract, &model, &random, &key);
        if (i % 200 == 0)
            model_check(contract, &model, &key);
        if (i % 1000 == 0 && contract->place->keeps) {
            close_store(contract);
            open_store(contract);
            memcpy(model.pending, model.committed, sizeof model.pending);
        }
    }
    model_check(contract, &model, &key);
    buf_fini(&key);
}

int store_contract_run(const struct store_contract_place *place)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_get_put_delete), TEST(test_binary_and_large), TEST(test_batch_reads_own_writes),
        TEST(test_scan),           TEST(test_scan_memory),      TEST(test_sticky),
        TEST(test_wipe),           TEST(test_reopen),           TEST(test_model),
    };
#undef TEST

    place_now = place;
    print_message("---- store contract: %s\n", place->name);
    return cmocka_run_group_tests_name(place->name, tests, NULL, NULL);
}
