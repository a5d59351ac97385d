#include "base/util/map.h"
#include "base/util/random.h"
#include "tests/support/cmocka_all.h"

#include <stdio.h>

enum { KEYS = 500 };

static struct slice key_of(unsigned number, char text[16])
{
    (void) snprintf(text, 16, "key-%u", number);
    return slice_from(text);
}

static void test_put_get_remove(void **state)
{
    struct map *map = map_create();
    int one = 1, two = 2;

    (void) state;
    assert_null(map_get(map, SLICE("a")));
    assert_int_equal(map_put(map, SLICE("a"), &one), STATUS_OK);
    assert_int_equal(map_put(map, SLICE(""), &two), STATUS_OK);
    assert_ptr_equal(map_get(map, SLICE("a")), &one);
    assert_int_equal(map_put(map, SLICE("a"), &two), STATUS_OK);
    assert_ptr_equal(map_get(map, SLICE("a")), &two);
    assert_int_equal(map_size(map), 2);
    assert_ptr_equal(map_remove(map, SLICE("a")), &two);
    assert_null(map_remove(map, SLICE("a")));
    assert_ptr_equal(map_get(map, SLICE("")), &two);
    map_destroy(map);
    map_destroy(NULL);
}

/* Random puts and removes against a plain array as the model. */
static void test_agrees_with_a_model(void **state)
{
    struct map *map = map_create();
    static int values[KEYS];
    bool present[KEYS] = {false};
    size_t count = 0;
    struct random random;
    char text[16];

    (void) state;
    random_init(&random, 1);
    for (int step = 0; step < 50000; step++) {
        unsigned number = (unsigned) random_below(&random, KEYS);
        if (random_chance(&random, 500)) {
            assert_int_equal(map_put(map, key_of(number, text), &values[number]), STATUS_OK);
            count += !present[number];
            present[number] = true;
        } else {
            void *removed = map_remove(map, key_of(number, text));
            assert_ptr_equal(removed, present[number] ? &values[number] : NULL);
            count -= present[number];
            present[number] = false;
        }
        assert_int_equal(map_size(map), count);
    }
    for (unsigned i = 0; i < KEYS; i++)
        assert_ptr_equal(map_get(map, key_of(i, text)), present[i] ? &values[i] : NULL);
    map_destroy(map);
}

static void test_walk_sees_each_key_once(void **state)
{
    struct map *map = map_create();
    int seen[KEYS] = {0};
    size_t cursor = 0;
    struct slice key;
    char text[16];
    void *value;

    (void) state;
    for (unsigned i = 0; i < KEYS; i++)
        assert_int_equal(map_put(map, key_of(i, text), &seen[i]), STATUS_OK);
    while (map_next(map, &cursor, &key, &value)) {
        assert_true(slice_starts(key, SLICE("key-")));
        ++*(int *) value;
    }
    for (unsigned i = 0; i < KEYS; i++)
        assert_int_equal(seen[i], 1);
    map_destroy(map);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_put_get_remove),
        cmocka_unit_test(test_agrees_with_a_model),
        cmocka_unit_test(test_walk_sees_each_key_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
