#include "classifier/rows.h"

#include "tests/unit/classifier/small_corpus.h"

static struct corpus *corpus;

static struct rows make(bool visits_only)
{
    const struct rows_request request = {corpus, fixture.reader, FEATURES_EVENT, 1 << 12,
                                         5,      visits_only};
    struct rows rows = {NULL, 0};

    arena_reset(fixture.arena);
    assert_int_equal(rows_make(&request, fixture.arena, &rows, &fixture.err), STATUS_OK);
    return rows;
}

static void test_variants(void **state)
{
    struct rows rows = make(false);
    size_t variants[ROWS_VARIANTS] = {0};

    (void) state;
    assert_int_equal(rows.count, SMALL_SIZE * ROWS_VARIANTS);
    for (size_t i = 0; i < rows.count; i++) {
        variants[rows.rows[i].variant]++;
        assert_true(rows.rows[i].fold < 5);
        assert_true(rows.rows[i].count > 0);
        if (i > 0 && rows.rows[i].doc == rows.rows[i - 1].doc)
            assert_int_equal(rows.rows[i].fold, rows.rows[i - 1].fold);
    }
    for (size_t i = 0; i < ROWS_VARIANTS; i++)
        assert_int_equal(variants[i], SMALL_SIZE);
}

static void test_visits_only(void **state)
{
    struct rows rows = make(true);

    (void) state;
    assert_int_equal(rows.count, SMALL_SIZE / 2 * ROWS_VARIANTS);
    for (size_t i = 0; i < rows.count; i++)
        assert_true(corpus_at(corpus, rows.rows[i].doc)->gold.is_visit);
}

static size_t features_of(const struct rows *rows)
{
    size_t count = 0;

    for (size_t i = 0; i < rows->count; i++)
        count += rows->rows[i].count;
    return count;
}

static void test_pruning(void **state)
{
    struct rows rows = make(false);
    size_t all = features_of(&rows);
    size_t kept;

    (void) state;
    assert_int_equal(rows_prune(&rows, 1 << 12, 1, &fixture.err), STATUS_OK);
    assert_int_equal(features_of(&rows), all);
    assert_int_equal(rows_prune(&rows, 1 << 12, SMALL_SIZE / 2 + 1, &fixture.err), STATUS_OK);
    kept = features_of(&rows);
    assert_true(kept < all);
    assert_int_equal(rows_prune(&rows, 1 << 12, SMALL_SIZE + 1, &fixture.err), STATUS_OK);
    assert_int_equal(features_of(&rows), 0);
}

static void test_memory_is_bounded(void **state)
{
    const struct rows_request request = {corpus, fixture.reader, FEATURES_EVENT, 1 << 12, 5, false};
    struct arena *small = arena_create(20000);
    struct rows rows;

    (void) state;
    assert_int_equal(rows_make(&request, small, &rows, &fixture.err), STATUS_NOMEM);
    arena_destroy(small);
}

static int open_all(void **state)
{
    if (fixture_open(state) != 0)
        return 1;
    corpus = small_load();
    return 0;
}

static int close_all(void **state)
{
    corpus_destroy(corpus);
    return fixture_close(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_variants),
        cmocka_unit_test(test_visits_only),
        cmocka_unit_test(test_pruning),
        cmocka_unit_test(test_memory_is_bounded),
    };

    return cmocka_run_group_tests(tests, open_all, close_all);
}
