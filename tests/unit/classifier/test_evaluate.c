#include "classifier/evaluate.h"

#include "tests/unit/classifier/small_corpus.h"

static struct corpus *corpus;
static struct judge *judge;

static void test_figures(void **state)
{
    struct tally tallies[100] = {{0, 0, 0}};
    struct score score;

    (void) state;
    for (size_t i = 0; i < 100; i++)
        tallies[i] = (struct tally){i < 60, i >= 60 && i < 80, i >= 80 && i < 90};
    assert_int_equal(evaluate_tallies("x", tallies, 100, &score, &fixture.err), STATUS_OK);
    assert_int_equal(score.sum.right_yes, 60);
    assert_float_equal(score.precision.value, 0.75, 1e-9);
    assert_float_equal(score.recall.value, 60.0 / 70, 1e-9);
    assert_float_equal(score.f1.value, 0.8, 1e-9);
    assert_true(score.f1.low > 0.7 && score.f1.low < 0.8);
    assert_true(score.f1.high > 0.8 && score.f1.high < 0.9);
}

static void test_interval_is_repeatable(void **state)
{
    struct tally tallies[30];
    struct score a;
    struct score b;

    (void) state;
    for (size_t i = 0; i < 30; i++)
        tallies[i] = (struct tally){i % 2, i % 3 == 0, i % 5 == 0};
    assert_int_equal(evaluate_tallies("x", tallies, 30, &a, &fixture.err), STATUS_OK);
    assert_int_equal(evaluate_tallies("x", tallies, 30, &b, &fixture.err), STATUS_OK);
    assert_true(a.f1.low == b.f1.low && a.f1.high == b.f1.high);
}

static void test_nothing_to_count(void **state)
{
    const struct tally tally = {0, 0, 0};
    struct score score;

    (void) state;
    assert_int_equal(evaluate_tallies("x", NULL, 0, &score, &fixture.err), STATUS_OK);
    assert_float_equal(score.f1.value, 0, 1e-9);
    assert_int_equal(evaluate_tallies("x", &tally, 1, &score, &fixture.err), STATUS_OK);
    assert_float_equal(score.precision.high, 0, 1e-9);
}

static struct evaluation evaluate(enum task task)
{
    struct evaluation evaluation;

    assert_int_equal(evaluate_corpus(task, corpus, judge, &evaluation, &fixture.err), STATUS_OK);
    return evaluation;
}

static void test_corpus(void **state)
{
    struct evaluation visit = evaluate(TASK_NAME_VISIT);
    struct evaluation events = evaluate(TASK_NAME_EVENTS);
    struct evaluation themes = evaluate(TASK_NAME_THEMES);
    struct evaluation purpose = evaluate(TASK_NAME_PURPOSE);

    (void) state;
    assert_int_equal(visit.count, 1);
    assert_int_equal(visit.scores[0].documents, SMALL_SIZE);
    assert_float_equal(visit.scores[0].f1.value, 1, 1e-9);
    assert_int_equal(events.scores[0].sum.right_yes, SMALL_SIZE / 2);
    assert_int_equal(events.scores[0].sum.wrong_yes, 0);
    assert_int_equal(themes.count, 9); /* eight and all together */
    assert_int_equal(themes.scores[8].documents, SMALL_SIZE / 2);
    assert_string_equal(themes.scores[8].label, "micro");
    assert_int_equal(purpose.scores[0].documents, SMALL_SIZE / 2);
    assert_true(purpose.scores[0].f1.value > 0.9);
}

static void test_printing(void **state)
{
    struct evaluation evaluation = evaluate(TASK_NAME_VISIT);
    struct buf out;

    (void) state;
    buf_init(&out, 1 << 16);
    evaluate_print(TASK_NAME_VISIT, &evaluation, true, &out);
    assert_non_null(strstr(buf_text(&out),
                           "{\"task\":\"visit\",\"label\":\"visit\",\"documents\":60,"
                           "\"right_yes\":30,\"wrong_yes\":0,\"wrong_no\":0"));
    assert_non_null(
        strstr(buf_text(&out), "\"f1\":1.0000,\"f1_low\":1.0000,\"f1_high\":1.0000}\n"));
    buf_reset(&out);
    evaluate_print(TASK_NAME_VISIT, &evaluation, false, &out);
    assert_non_null(strstr(buf_text(&out), "1.000 [1.000, 1.000]"));
    buf_fini(&out);
}

static int open_all(void **state)
{
    if (fixture_open(state) != 0)
        return 1;
    corpus = small_load();
    return judge_load(SOURCE_DIR "/codebooks/visits", fixture.reader, &judge, &fixture.err) !=
           STATUS_OK;
}

static int close_all(void **state)
{
    judge_destroy(judge);
    corpus_destroy(corpus);
    return fixture_close(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_figures),          cmocka_unit_test(test_interval_is_repeatable),
        cmocka_unit_test(test_nothing_to_count), cmocka_unit_test(test_corpus),
        cmocka_unit_test(test_printing),
    };

    return cmocka_run_group_tests(tests, open_all, close_all);
}
