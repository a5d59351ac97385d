#include "tests/unit/aggregator/fixture.h"

#include "aggregator/idtable.h"

static struct id numbered(unsigned number)
{
    return id_of(SLICE("n"), slice_of(&number, sizeof number));
}

static void finds_rows_by_id(void **state)
{
    struct row {
        struct id id;
        unsigned number;
    };
    struct rows rows;
    struct idtable table;

    (void) state;
    rows_init(&rows, sizeof(struct row), 10000);
    idtable_init(&table, &rows);
    assert_int_equal(idtable_find(&table, numbered(1)), SIZE_MAX);
    for (unsigned i = 0; i < 5000; i++) {
        struct row *row = rows_add(&rows);
        row->id = numbered(i);
        row->number = i;
        assert_int_equal(idtable_add(&table, NULL), STATUS_OK);
    }
    for (unsigned i = 0; i < 5000; i++)
        assert_int_equal(idtable_find(&table, numbered(i)), i);
    assert_int_equal(idtable_find(&table, numbered(5000)), SIZE_MAX);
    idtable_fini(&table);
    rows_fini(&rows);
}

static void set_tells_new_from_known(void **state)
{
    struct idset set;
    bool added = false;

    (void) state;
    idset_init(&set);
    assert_int_equal(idset_add(&set, numbered(7), &added, NULL), STATUS_OK);
    assert_true(added);
    assert_int_equal(idset_add(&set, numbered(7), &added, NULL), STATUS_OK);
    assert_false(added);
    assert_true(idset_has(&set, numbered(7)));
    assert_false(idset_has(&set, numbered(8)));
    assert_int_equal(set.ids.count, 1);
    idset_fini(&set);
}

static void missing_ids_are_counted_with_an_example(void **state)
{
    struct idset a, b;
    struct id example;

    (void) state;
    idset_init(&a);
    idset_init(&b);
    for (unsigned i = 0; i < 10; i++) {
        assert_int_equal(idset_add(&a, numbered(i), NULL, NULL), STATUS_OK);
        if (i % 3 != 0)
            assert_int_equal(idset_add(&b, numbered(i), NULL, NULL), STATUS_OK);
    }
    assert_int_equal(idset_missing(&a, &b, &example), 4);
    assert_true(id_equal(example, numbered(0)));
    assert_int_equal(idset_missing(&b, &a, &example), 0);
    idset_fini(&a);
    idset_fini(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_rows_by_id),
        cmocka_unit_test(set_tells_new_from_known),
        cmocka_unit_test(missing_ids_are_counted_with_an_example),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
