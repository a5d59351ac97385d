#include "classifier/fit.h"

#include "tests/support/cmocka_all.h"

#include <stdlib.h>

enum { ROWS = 40, BUCKETS = 8 };

/* Bucket 1 tells the label, bucket 2 is in every row, bucket 3 in one row of five. */
static struct feature items[ROWS][3];
static struct fit_row rows[ROWS];
static struct error err;

static int make_rows(void **state)
{
    (void) state;
    for (size_t i = 0; i < ROWS; i++) {
        bool positive = i % 2 == 0;
        size_t count = 0;

        if (positive)
            items[i][count++] = (struct feature){1, MODEL_UNIT};
        items[i][count++] = (struct feature){2, MODEL_UNIT};
        if (i % 5 == 0)
            items[i][count++] = (struct feature){3, MODEL_UNIT};
        rows[i] = (struct fit_row){items[i], count, positive, (unsigned) i % 4, 0, i};
    }
    return 0;
}

static struct fit_weights fit(int without)
{
    const struct fit_options options = {BUCKETS, 10, 1, without};
    struct fit_weights fitted = {NULL, 0};

    assert_int_equal(fit_linear(rows, ROWS, &options, &fitted, &err), STATUS_OK);
    return fitted;
}

static void test_separates(void **state)
{
    struct fit_weights fitted = fit(-1);

    (void) state;
    for (size_t i = 0; i < ROWS; i++)
        assert_int_equal(fit_margin(&fitted, &rows[i]) > 0, rows[i].positive);
    assert_true(fitted.weights[1] > 0);
    assert_int_equal(fitted.weights[0], 0);
    assert_int_equal(fitted.weights[7], 0);
    free(fitted.weights);
}

static void test_same_rows_same_weights(void **state)
{
    struct fit_weights a = fit(-1);
    struct fit_weights b = fit(-1);

    (void) state;
    assert_memory_equal(a.weights, b.weights, BUCKETS * sizeof *a.weights);
    assert_int_equal(a.bias, b.bias);
    free(a.weights);
    free(b.weights);
}

static void test_weights_are_scaled(void **state)
{
    struct fit_weights fitted = fit(-1);
    int largest = 0;

    (void) state;
    for (size_t i = 0; i < BUCKETS; i++) {
        assert_true(fitted.weights[i] == 0 || abs(fitted.weights[i]) >= FIT_SMALLEST);
        largest = abs(fitted.weights[i]) > largest ? abs(fitted.weights[i]) : largest;
    }
    assert_true(largest > 1 << 13 && largest <= 1 << 14);
    free(fitted.weights);
}

static void test_fold_is_left_out(void **state)
{
    struct fit_weights whole = fit(-1);
    struct fit_weights part = fit(1);

    (void) state;
    assert_true(whole.weights[1] != part.weights[1] || whole.bias != part.bias);
    assert_int_equal(fit_margin(&part, &rows[1]) > 0, rows[1].positive);
    free(whole.weights);
    free(part.weights);
}

static void test_one_label_only(void **state)
{
    const struct fit_options options = {BUCKETS, 1, 1, -1};
    struct fit_weights fitted = {NULL, 0};
    struct fit_row same = {items[0], 2, true, 0, 0, 0};

    (void) state;
    assert_int_equal(fit_linear(&same, 1, &options, &fitted, &err), STATUS_INVALID);
    assert_null(fitted.weights);
}

static void test_sigmoid(void **state)
{
    struct fit_point points[200];
    int64_t slope = 0;
    int64_t offset = 0;

    (void) state;
    for (int i = 0; i < 200; i++)
        points[i] =
            (struct fit_point){(int64_t) (i - 100) * 10000, i >= 100 ? i % 10 != 0 : i % 10 == 0};
    fit_sigmoid(points, 200, &slope, &offset);
    assert_true(slope > 0);              /* larger margins, larger chances */
    assert_true(llabs(offset) < 500000); /* balanced: near one half at 0 */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_separates),          cmocka_unit_test(test_same_rows_same_weights),
        cmocka_unit_test(test_weights_are_scaled), cmocka_unit_test(test_fold_is_left_out),
        cmocka_unit_test(test_one_label_only),     cmocka_unit_test(test_sigmoid),
    };

    return cmocka_run_group_tests(tests, make_rows, NULL);
}
