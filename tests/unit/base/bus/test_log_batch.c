#include "base/bus/log_batch.h"
#include "base/util/random.h"
#include "tests/support/cmocka_all.h"

#include <stdlib.h>
#include <string.h>

static void put_three(struct buf *batch)
{
    buf_init(batch, 1000);
    log_batch_put(batch, SLICE("k1"), SLICE("value one"));
    log_batch_put(batch, SLICE(""), SLICE(""));
    log_batch_put(batch, SLICE("k3"), slice_of("\0\xff", 2));
    assert_int_equal(buf_status(batch, NULL), STATUS_OK);
}

static void test_round_trip(void **state)
{
    struct buf batch;
    struct slice rest;
    struct slice key;
    struct slice value;

    (void) state;
    put_three(&batch);
    rest = buf_slice(&batch);
    assert_true(log_batch_next(&rest, &key, &value));
    assert_true(slice_equal(key, SLICE("k1")) && slice_equal(value, SLICE("value one")));
    assert_true(log_batch_next(&rest, &key, &value));
    assert_int_equal(key.size + value.size, 0);
    assert_true(log_batch_next(&rest, &key, &value));
    assert_true(slice_equal(key, SLICE("k3")) && slice_equal(value, slice_of("\0\xff", 2)));
    assert_false(log_batch_next(&rest, &key, &value));
    assert_true(slice_equal(key, SLICE("k3")));
    assert_int_equal(log_batch_size(SLICE("k1"), SLICE("value one")), LOG_RECORD_HEAD + 11);
    buf_fini(&batch);
}

static void test_check(void **state)
{
    struct buf batch;
    struct slice all;
    char huge[LOG_RECORD_HEAD] = {1, 0, 0, 1, 0, 0, 0, 0};

    (void) state;
    put_three(&batch);
    all = buf_slice(&batch);
    assert_int_equal(log_batch_check(all, 3, NULL), STATUS_OK);
    assert_int_equal(log_batch_check(all, 2, NULL), STATUS_INVALID);
    assert_int_equal(log_batch_check(all, 4, NULL), STATUS_INVALID);
    assert_int_equal(log_batch_check(slice_sub(all, 0, 0), 0, NULL), STATUS_INVALID);
    for (size_t cut = 1; cut < all.size; cut++)
        assert_int_equal(log_batch_check(slice_sub(all, 0, all.size - cut), 3, NULL),
                         STATUS_INVALID);
    assert_int_equal(log_batch_check(slice_of(huge, sizeof huge), 1, NULL), STATUS_INVALID);
    buf_fini(&batch);
}

static void test_too_large(void **state)
{
    size_t size = LOG_RECORD_HEAD + BUS_RECORD_MAX + 1;
    char *record = calloc(1, size);

    (void) state;
    assert_non_null(record);
    record[4] = 1; /* 0x01000001 bytes of value */
    record[7] = 1;
    assert_int_equal(log_batch_check(slice_of(record, size), 1, NULL), STATUS_TOO_LARGE);
    record[7] = 0;
    assert_int_equal(log_batch_check(slice_of(record, size - 1), 1, NULL), STATUS_OK);
    free(record);
}

static void test_skip_and_fit(void **state)
{
    struct buf batch;
    struct slice all;
    uint64_t count = 99;

    (void) state;
    put_three(&batch);
    all = buf_slice(&batch);
    assert_int_equal(log_batch_skip(all, 0).size, all.size);
    assert_int_equal(log_batch_skip(all, 1).size, 8 + 12);
    assert_int_equal(log_batch_skip(all, 3).size, 0);
    assert_int_equal(log_batch_skip(all, 9).size, 0);
    assert_int_equal(log_batch_fit(all, 0, &count), 0);
    assert_int_equal(count, 0);
    assert_int_equal(log_batch_fit(all, 18, &count), 0);
    assert_int_equal(log_batch_fit(all, 19, &count), 19);
    assert_int_equal(count, 1);
    assert_int_equal(log_batch_fit(all, 38, &count), 27);
    assert_int_equal(count, 2);
    assert_int_equal(log_batch_fit(all, SIZE_MAX, &count), all.size);
    assert_int_equal(count, 3);
    buf_fini(&batch);
}

/* Random bytes: never past the end, never a success that is not whole. */
static void test_garbage(void **state)
{
    struct random random;
    unsigned char bytes[64];

    (void) state;
    random_init(&random, 5);
    for (int i = 0; i < 20000; i++) {
        size_t size = random_below(&random, sizeof bytes);
        struct slice rest = slice_of(bytes, size);
        struct slice key;
        struct slice value;
        size_t walked = 0;
        for (size_t j = 0; j < size; j++)
            bytes[j] = (unsigned char) (random_chance(&random, 800) ? random_below(&random, 4) : 0);
        while (log_batch_next(&rest, &key, &value))
            walked += log_batch_size(key, value);
        assert_int_equal(walked + rest.size, size);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip), cmocka_unit_test(test_check),
        cmocka_unit_test(test_too_large),  cmocka_unit_test(test_skip_and_fit),
        cmocka_unit_test(test_garbage),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
