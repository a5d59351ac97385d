#include "classifier/train.h"

#include "tests/unit/classifier/small_corpus.h"

static struct corpus *corpus;
static struct training training;

static void train(enum task task, struct buf *out)
{
    const struct train_request request = {task, corpus, fixture.reader};

    buf_init(out, 8 << 20);
    assert_int_equal(train_task(&request, out, &training, &fixture.err), STATUS_OK);
}

static void test_tasks(void **state)
{
    enum task task = TASK_NAME_VISIT;

    (void) state;
    assert_int_equal(task_parse(SLICE("events"), &task, &fixture.err), STATUS_OK);
    assert_int_equal(task, TASK_NAME_EVENTS);
    assert_string_equal(task_text(TASK_NAME_PURPOSE), "purpose");
    assert_int_equal(task_label_count(TASK_NAME_THEMES), 8);
    assert_int_equal(task_label_count(TASK_NAME_VISIT), 1);
    assert_string_equal(task_label(TASK_NAME_PURPOSE, 0), "cooperative");
    assert_int_equal(task_parse(SLICE("x"), &task, &fixture.err), STATUS_USAGE);
}

static void test_model_and_figures(void **state)
{
    struct linear_model *model = NULL;
    struct buf out;

    (void) state;
    train(TASK_NAME_VISIT, &out);
    assert_int_equal(model_parse(buf_slice(&out), "m", &model, &fixture.err), STATUS_OK);
    assert_string_equal(model_task(model), "visit");
    assert_int_equal(model_features(model), FEATURES_VERSION);
    assert_int_equal(training.figure_count, 1);
    assert_int_equal(training.figures[0].documents, SMALL_SIZE);
    assert_int_equal(training.figures[0].right_yes, SMALL_SIZE / 2); /* an easy corpus */
    assert_int_equal(training.figures[0].wrong_yes, 0);
    model_destroy(model);
    buf_fini(&out);
}

static void test_twice_the_same_bytes(void **state)
{
    struct buf a;
    struct buf b;

    (void) state;
    train(TASK_NAME_PURPOSE, &a);
    train(TASK_NAME_PURPOSE, &b);
    assert_true(slice_equal(buf_slice(&a), buf_slice(&b)));
    buf_fini(&a);
    buf_fini(&b);
}

static void test_label_that_never_occurs(void **state)
{
    const struct train_request request = {TASK_NAME_THEMES, corpus, fixture.reader};
    struct buf out;

    (void) state;
    buf_init(&out, 8 << 20);
    assert_int_equal(train_task(&request, &out, &training, &fixture.err), STATUS_INVALID);
    assert_non_null(strstr(fixture.err.message, "label 政治党建"));
    buf_fini(&out);
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
        cmocka_unit_test(test_tasks),
        cmocka_unit_test(test_model_and_figures),
        cmocka_unit_test(test_twice_the_same_bytes),
        cmocka_unit_test(test_label_that_never_occurs),
    };

    return cmocka_run_group_tests(tests, open_all, close_all);
}
