#include "tests/unit/aggregator/fixture.h"

#include "aggregator/rows.h"

static void keeps_what_is_added(void **state)
{
    struct rows rows;

    (void) state;
    rows_init(&rows, sizeof(uint64_t), 1000);
    for (uint64_t i = 0; i < 1000; i++) {
        uint64_t *row = rows_add(&rows);
        assert_non_null(row);
        assert_int_equal(*row, 0);
        *row = i * i;
    }
    for (uint64_t i = 0; i < 1000; i++)
        assert_int_equal(*(uint64_t *) rows_at(&rows, i), i * i);
    assert_int_equal(rows_status(&rows, "squares", NULL), STATUS_OK);
    rows_fini(&rows);
    rows_fini(&rows);
}

static void limit_is_sticky_and_named(void **state)
{
    struct error err;
    struct rows rows;

    (void) state;
    rows_init(&rows, 1, 3);
    for (int i = 0; i < 3; i++)
        assert_non_null(rows_add(&rows));
    assert_null(rows_add(&rows));
    assert_null(rows_add(&rows));
    assert_int_equal(rows.count, 3);
    assert_int_equal(rows_status(&rows, "cities", &err), STATUS_TOO_LARGE);
    assert_string_equal(err.message, "more than 3 cities");
    rows_fini(&rows);
}

static void unaffordable_size_is_no_memory(void **state)
{
    struct rows rows;

    (void) state;
    rows_init(&rows, SIZE_MAX / 4, 100);
    assert_null(rows_add(&rows));
    assert_int_equal(rows_status(&rows, "giants", NULL), STATUS_NOMEM);
    rows_fini(&rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_what_is_added),
        cmocka_unit_test(limit_is_sticky_and_named),
        cmocka_unit_test(unaffordable_size_is_no_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
