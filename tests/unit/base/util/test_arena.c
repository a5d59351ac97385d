#include "base/util/arena.h"
#include "tests/support/cmocka_all.h"

#include <string.h>

static char trace[16];

static void note(void *object)
{
    strncat(trace, object, sizeof trace - strlen(trace) - 1);
}

static void test_memory_is_zeroed_and_aligned(void **state)
{
    struct arena *arena = arena_create(1 << 20);

    (void) state;
    for (size_t size = 0; size < 200; size += 7) {
        unsigned char *bytes = arena_alloc(arena, size);
        assert_non_null(bytes);
        assert_int_equal((uintptr_t) bytes % _Alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(bytes[i], 0);
        memset(bytes, 0xAA, size);
    }
    arena_reset(arena);
    assert_int_equal(*(unsigned char *) arena_alloc(arena, 1), 0);
    arena_destroy(arena);
}

static void test_limit_holds_for_all_blocks_together(void **state)
{
    struct arena *arena = arena_create(64 * 1024);
    size_t got = 0;

    (void) state;
    while (arena_alloc(arena, 10000) != NULL)
        got++;
    assert_in_range(got, 1, 6);
    assert_null(arena_alloc(arena, SIZE_MAX));
    assert_null(arena_array(arena, SIZE_MAX / 2, 4));
    arena_reset(arena);
    assert_non_null(arena_alloc(arena, 10000));
    arena_destroy(arena);
}

static void test_hooks_run_last_in_first_out(void **state)
{
    struct arena *arena = arena_create(1 << 20);

    (void) state;
    trace[0] = '\0';
    assert_true(arena_on_reset(arena, note, "a"));
    assert_true(arena_on_reset(arena, note, "b"));
    arena_reset(arena);
    assert_string_equal(trace, "ba");
    assert_true(arena_on_reset(arena, note, "c"));
    arena_destroy(arena);
    assert_string_equal(trace, "bac");
}

static void test_copies_and_texts(void **state)
{
    struct arena *arena = arena_create(1 << 20);
    struct slice copy = arena_copy(arena, SLICE("苏州"));

    (void) state;
    assert_string_equal(copy.data, "苏州");
    assert_int_equal(arena_copy(arena, slice_from(NULL)).size, 0);
    assert_non_null(arena_copy(arena, slice_from(NULL)).data);
    assert_string_equal(arena_printf(arena, "%s-%d", "x", 3), "x-3");
    assert_true(arena_used(arena) > 0);
    arena_reset(arena);
    assert_int_equal(arena_used(arena), 0);
    arena_destroy(arena);
    arena_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_memory_is_zeroed_and_aligned),
        cmocka_unit_test(test_limit_holds_for_all_blocks_together),
        cmocka_unit_test(test_hooks_run_last_in_first_out),
        cmocka_unit_test(test_copies_and_texts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
