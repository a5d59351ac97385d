#include "study/model.h"

#include "tests/support/cmocka_all.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char two_labels[] = "xunfang-model 1\ntask themes\nversion 1a\nfeatures 3\nbuckets 8\n"
                                 "label 甲 bias -2 slope 1000000 offset 0 weights 2\n1 5\n7 -3\n"
                                 "label 乙 bias 4 slope 0 offset 0 weights 0\n";
static struct error err;

static struct linear_model *parse(const char *text)
{
    struct linear_model *model = NULL;

    assert_int_equal(model_parse(slice_from(text), "m", &model, &err), STATUS_OK);
    return model;
}

static void test_reads(void **state)
{
    struct linear_model *model = parse(two_labels);

    (void) state;
    assert_string_equal(model_task(model), "themes");
    assert_string_equal(model_version(model), "1a");
    assert_int_equal(model_features(model), 3);
    assert_int_equal(model_buckets(model), 8);
    assert_int_equal(model_labels(model), 2);
    assert_string_equal(model_label(model, 0), "甲");
    assert_string_equal(model_label(model, 1), "乙");
    model_destroy(model);
    model_destroy(NULL);
}

static void test_margin_is_exact(void **state)
{
    struct linear_model *model = parse(two_labels);
    const struct feature some[] = {{0, MODEL_UNIT}, {7, 3}, {3, 1000}};
    const struct feature other_order[] = {{3, 1000}, {7, 3}, {0, MODEL_UNIT}};

    (void) state;
    assert_int_equal(model_margin(model, 0, some, 3), 3 * MODEL_UNIT - 9);
    assert_int_equal(model_margin(model, 0, other_order, 3), 3 * MODEL_UNIT - 9);
    assert_int_equal(model_margin(model, 0, NULL, 0), -2 * MODEL_UNIT);
    assert_int_equal(model_margin(model, 1, some, 3), 4 * MODEL_UNIT);
    model_destroy(model);
}

static void test_chance(void **state)
{
    struct linear_model *model = parse(two_labels);

    (void) state;
    assert_float_equal(model_chance(model, 0, 0), 0.5, 1e-9);
    assert_true(model_chance(model, 0, 1000000) > 0.7310); /* 1 / (1 + exp(-1)) = 0.73106 */
    assert_true(model_chance(model, 0, 1000000) < 0.7311);
    assert_true(model_chance(model, 0, -1000000) < 0.27);
    model_destroy(model);
}

static void test_margin_at_a_chance(void **state)
{
    static const char shifted[] = "xunfang-model 1\ntask t\nversion 1\nfeatures 1\nbuckets 8\n"
                                  "label a bias 0 slope 5562 offset -356852 weights 0\n"
                                  "label b bias 0 slope -7 offset 0 weights 0\n"
                                  "label c bias 0 slope 7 offset 9000000000000 weights 0\n";
    struct linear_model *model = parse(shifted);
    int64_t before = INT64_MIN;

    (void) state;
    for (unsigned percent = 1; percent <= 99; percent++) {
        int64_t margin = model_margin_at(model, 0, percent);

        assert_true(fabs(model_chance(model, 0, margin) - percent / 100.0) < 1e-6);
        assert_true(margin > before);
        before = margin;
    }
    assert_true(model_margin_at(model, 0, 50) == 64158935); /* 356852e6 / 5562 */
    assert_true(model_margin_at(model, 1, 50) == INT64_MAX);
    assert_true(model_margin_at(model, 2, 1) == INT64_MAX);
    model_destroy(model);
}

static void test_written_is_read(void **state)
{
    int16_t weights[8] = {0, 7, 0, 0, -32767, 0, 0, 1};
    const struct model_label label = {"visit", -12, -34, 56, weights};
    struct linear_model *model;
    struct buf out;

    (void) state;
    buf_init(&out, 4096);
    model_write_head(&out, &(struct model_head){"visit", "v", 2, 8});
    model_write_label(&out, &label, 8);
    assert_string_equal(buf_text(&out),
                        "xunfang-model 1\ntask visit\nversion v\nfeatures 2\nbuckets 8\n"
                        "label visit bias -12 slope -34 offset 56 weights 3\n2 7\n3 -32767\n3 1\n");
    model = parse(buf_text(&out));
    assert_int_equal(model_margin(model, 0, &(struct feature){4, 1}, 1),
                     -12 * (int64_t) MODEL_UNIT - 32767);
    model_destroy(model);
    buf_fini(&out);
}

static void refuse(const char *text, const char *message)
{
    struct linear_model *model = NULL;

    assert_int_equal(model_parse(slice_from(text), "m", &model, &err), STATUS_INVALID);
    assert_null(model);
    if (strstr(err.message, message) == NULL)
        fail_msg("\"%s\" lacks \"%s\"", err.message, message);
}

#define HEAD "xunfang-model 1\ntask t\nversion v\nfeatures 1\nbuckets 8\n"

static void test_bad_files(void **state)
{
    (void) state;
    refuse("", "line 1");
    refuse("xunfang-model 2\n", "line 1: no model of version 1");
    refuse("xunfang-model 1\ntask \n", "line 2");
    refuse("xunfang-model 1\ntask t\nversion v\nfeatures 0\nbuckets 8\n", "line 5");
    refuse("xunfang-model 1\ntask t\nversion v\nfeatures 1\nbuckets 99999999\n", "line 5");
    refuse(HEAD, "no label");
    refuse(HEAD "label a bias 1 slope 1 offset 1\n", "line 6: no label line");
    refuse(HEAD "label a bias x slope 1 offset 1 weights 0\n", "line 6");
    refuse(HEAD "label a bias 1 slope 1 offset 1 weights 1\n", "line 7");
    refuse(HEAD "label a bias 1 slope 1 offset 1 weights 1\n0 5\n", "line 7: no gap");
    refuse(HEAD "label a bias 1 slope 1 offset 1 weights 1\n9 5\n", "beyond the last");
    refuse(HEAD "label a bias 1 slope 1 offset 1 weights 1\n1 40000\n", "line 7");
}

static void test_missing_file(void **state)
{
    struct linear_model *model = NULL;

    (void) state;
    assert_int_equal(model_load("/nowhere/x.model", &model, &err), STATUS_NOT_FOUND);
    assert_non_null(strstr(err.message, "/nowhere/x.model"));
}

static void test_shipped_models(void **state)
{
    static const char *const names[] = {"visit", "themes", "purpose"};
    static const size_t labels[] = {1, 8, 1};

    (void) state;
    for (size_t i = 0; i < 3; i++) {
        struct linear_model *model = NULL;
        char path[512];

        (void) snprintf(path, sizeof path, "%s/codebooks/visits/models/%s.model", SOURCE_DIR,
                        names[i]);
        assert_int_equal(model_load(path, &model, &err), STATUS_OK);
        assert_string_equal(model_task(model), names[i]);
        assert_int_equal(model_labels(model), labels[i]);
        model_destroy(model);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads),           cmocka_unit_test(test_margin_is_exact),
        cmocka_unit_test(test_chance),          cmocka_unit_test(test_margin_at_a_chance),
        cmocka_unit_test(test_written_is_read), cmocka_unit_test(test_bad_files),
        cmocka_unit_test(test_missing_file),    cmocka_unit_test(test_shipped_models),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
