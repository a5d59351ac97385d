#include "base/store/key.h"
#include "base/util/random.h"
#include "tests/support/cmocka_all.h"

#include <string.h>

static void begin(struct buf *key)
{
    buf_init(key, KEY_MAX);
}

static void test_numbers(void **state)
{
    struct buf key;
    struct key_reader reader;

    (void) state;
    begin(&key);
    key_put_u8(&key, 200);
    key_put_u32(&key, UINT32_MAX - 1);
    key_put_u64(&key, 1);
    key_put_i64(&key, -5);
    key_put_i64(&key, INT64_MIN);
    key_put_i64(&key, INT64_MAX);
    assert_int_equal(key.size, 1 + 4 + 4 * 8);
    reader = key_read(buf_slice(&key));
    assert_int_equal(key_read_u8(&reader), 200);
    assert_int_equal(key_read_u32(&reader), UINT32_MAX - 1);
    assert_int_equal(key_read_u64(&reader), 1);
    assert_int_equal(key_read_i64(&reader), -5);
    assert_false(key_done(&reader));
    assert_true(key_read_i64(&reader) == INT64_MIN);
    assert_true(key_read_i64(&reader) == INT64_MAX);
    assert_true(key_done(&reader));
    buf_fini(&key);
}

static void test_texts(void **state)
{
    static const struct slice texts[] = {
        {"", 0},     {"a", 1},      {"\0", 1},       {"\0\0", 2},
        {"a\0b", 3}, {"\xff\0", 2}, {"\0\xff\1", 3}, {"\xe4\xb8\x8a\xe6\xb5\xb7", 6},
    };
    struct buf key;
    struct buf text;
    struct key_reader reader;

    (void) state;
    begin(&key);
    begin(&text);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        key_put_text(&key, texts[i]);
        key_put_u8(&key, (uint8_t) i);
    }
    key_put_raw(&key, SLICE("rest"));
    reader = key_read(buf_slice(&key));
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        buf_reset(&text);
        key_read_text(&reader, &text);
        assert_true(slice_equal(buf_slice(&text), texts[i]));
        assert_int_equal(key_read_u8(&reader), i);
    }
    assert_true(slice_equal(key_read_raw(&reader, 2), SLICE("re")));
    assert_true(slice_equal(key_read_raw(&reader, SIZE_MAX), SLICE("st")));
    assert_true(key_done(&reader));
    buf_fini(&text);
    buf_fini(&key);
}

/* Every way a key can end too early or hold nonsense. */
static void test_broken(void **state)
{
    struct key_reader reader = key_read(SLICE("\1\2\3"));
    struct buf text;

    (void) state;
    begin(&text);
    assert_int_equal(key_read_u32(&reader), 0);
    assert_true(reader.failed);
    assert_int_equal(key_read_u8(&reader), 0); /* sticky */
    assert_int_equal(key_read_i64(&reader), 0);
    assert_int_equal(key_read_raw(&reader, 0).size, 0);
    assert_false(key_done(&reader));
    reader = key_read(slice_of("abc", 3));
    key_read_text(&reader, &text);
    assert_true(reader.failed);
    reader = key_read(slice_of("abc\0", 4));
    key_read_text(&reader, &text);
    assert_true(reader.failed);
    reader = key_read(slice_of("abc\0\2", 5));
    key_read_text(&reader, &text);
    assert_true(reader.failed);
    reader = key_read(SLICE("abc"));
    assert_int_equal(key_read_raw(&reader, 4).size, 0);
    assert_true(reader.failed);
    buf_fini(&text);
}

static int sign(int64_t number)
{
    return (number > 0) - (number < 0);
}

/* The bytes of pairs sort as the pairs: short texts of few letters collide often. */
static void test_order(void **state)
{
    struct random random;
    struct buf keys[2];

    (void) state;
    random_init(&random, 11);
    begin(&keys[0]);
    begin(&keys[1]);
    for (int i = 0; i < 20000; i++) {
        char texts[2][4];
        size_t sizes[2];
        int64_t numbers[2];
        int expected;
        for (int j = 0; j < 2; j++) {
            sizes[j] = random_below(&random, 4);
            for (size_t k = 0; k < sizeof texts[j]; k++)
                texts[j][k] = "\0\1\xff\x02"[random_below(&random, 4)];
            numbers[j] = (int64_t) random_below(&random, 5) - 2;
            if (random_chance(&random, 200))
                numbers[j] = (int64_t) random_next(&random);
            buf_reset(&keys[j]);
            key_put_text(&keys[j], slice_of(texts[j], sizes[j]));
            key_put_i64(&keys[j], numbers[j]);
        }
        expected = sign(slice_compare(slice_of(texts[0], sizes[0]), slice_of(texts[1], sizes[1])));
        if (expected == 0)
            expected = (numbers[0] > numbers[1]) - (numbers[0] < numbers[1]);
        assert_int_equal(sign(slice_compare(buf_slice(&keys[0]), buf_slice(&keys[1]))), expected);
    }
    buf_fini(&keys[0]);
    buf_fini(&keys[1]);
}

static void test_after_prefix(void **state)
{
    struct buf after;

    (void) state;
    begin(&after);
    assert_true(key_after_prefix(SLICE("ab"), &after));
    assert_string_equal(buf_text(&after), "ac");
    buf_reset(&after);
    assert_true(key_after_prefix(SLICE("a\xff\xff"), &after));
    assert_string_equal(buf_text(&after), "b");
    assert_false(key_after_prefix(SLICE("\xff\xff"), &after));
    assert_false(key_after_prefix(SLICE(""), &after));
    buf_fini(&after);
}

static void test_limit(void **state)
{
    struct buf key;
    char most[KEY_MAX];

    (void) state;
    begin(&key);
    memset(most, 'k', sizeof most);
    key_put_raw(&key, slice_of(most, sizeof most));
    assert_int_equal(buf_status(&key, NULL), STATUS_OK);
    key_put_u8(&key, 1);
    assert_int_equal(buf_status(&key, NULL), STATUS_TOO_LARGE);
    buf_fini(&key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),      cmocka_unit_test(test_texts),
        cmocka_unit_test(test_broken),       cmocka_unit_test(test_order),
        cmocka_unit_test(test_after_prefix), cmocka_unit_test(test_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
