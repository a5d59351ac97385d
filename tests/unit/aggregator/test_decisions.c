#include "tests/unit/aggregator/fixture.h"

/* Counts of one row; all zero if there is none. */
static struct decision_row row_of(const struct decisions *decisions, const char *task,
                                  enum decision_result result, enum decider decider)
{
    for (size_t i = 0; i < decisions->count; i++)
        if (slice_equal(decisions->rows[i].task, slice_from(task)) &&
            decisions->rows[i].result == result && decisions->rows[i].decider == decider)
            return decisions->rows[i];
    return (struct decision_row){.documents = 0};
}

static void expect(const struct results *results, const char *task, enum decision_result result,
                   enum decider decider, uint64_t documents)
{
    struct decision_row row = row_of(&results->decisions, task, result, decider);

    if (row.documents != documents)
        fail_msg("%s %s %s: %llu documents, not %llu", task, decision_result_text(result),
                 decider_text(decider), (unsigned long long) row.documents,
                 (unsigned long long) documents);
}

/* A document by its name; the rest of it does not matter here. */
static void add(struct dataset *dataset, const char *url, const char *decided_by, const char *asked,
                const char *drop)
{
    const struct telling telling = {.url = url,
                                    .origin = "上海",
                                    .host = "南京",
                                    .day = "2019-01-01",
                                    .decided_by = decided_by,
                                    .asked = asked};

    if (drop == NULL)
        fixture_tell(dataset, &telling);
    else
        fixture_outcome(dataset, &telling, OUTCOME_DROPPED, drop);
}

static void without_a_language_model_the_codebook_says_who(void **state)
{
    struct dataset *dataset = dataset_create();
    struct results results;

    (void) state;
    add(dataset, "a", "model", NULL, NULL);
    add(dataset, "b", "model", NULL, "no event");
    add(dataset, "c", "model", NULL, "no visit");
    add(dataset, "d", "rule", NULL, "no visit");
    add(dataset, "e", "", NULL, "period");
    fixture_results(dataset, &results);
    expect(&results, "visit", DECISION_YES, DECIDER_MODEL, 2);
    expect(&results, "visit", DECISION_NO, DECIDER_MODEL, 1);
    expect(&results, "visit", DECISION_NO, DECIDER_RULE, 1);
    expect(&results, "purpose", DECISION_LABELS, DECIDER_MODEL, 2);
    expect(&results, "themes", DECISION_LABELS, DECIDER_MODEL, 2);
    expect(&results, "events", DECISION_YES, DECIDER_RULE, 1);
    expect(&results, "events", DECISION_NO, DECIDER_RULE, 1);
    assert_int_equal(
        results.decisions.answered + results.decisions.failed + results.decisions.refused, 0);
    results_fini(&results);
}

/* The report says llm for the document as a whole; each task is told apart. */
static void every_task_has_its_own_decider(void **state)
{
    struct dataset *dataset = dataset_create();
    struct results results;

    (void) state;
    add(dataset, "a", "llm", "visit+", NULL);
    add(dataset, "b", "llm", "visit- purpose+", NULL);
    add(dataset, "c", "llm", "events+", NULL);
    add(dataset, "d", "llm", "visit+", "no visit");
    add(dataset, "e", "model", "visit0", "no visit");
    add(dataset, "f", "model", "visit+ events+", NULL); /* answers of no use */
    fixture_results(dataset, &results);
    expect(&results, "visit", DECISION_YES, DECIDER_LLM, 1);
    expect(&results, "visit", DECISION_YES, DECIDER_MODEL, 3);
    expect(&results, "visit", DECISION_NO, DECIDER_LLM, 1);
    expect(&results, "visit", DECISION_NO, DECIDER_MODEL, 1);
    expect(&results, "purpose", DECISION_LABELS, DECIDER_LLM, 1);
    expect(&results, "purpose", DECISION_LABELS, DECIDER_MODEL, 3);
    expect(&results, "events", DECISION_YES, DECIDER_LLM, 1);
    expect(&results, "events", DECISION_YES, DECIDER_RULE, 3);
    results_fini(&results);
}

static void questions_are_counted_where_they_were_asked(void **state)
{
    struct dataset *dataset = dataset_create();
    struct decision_row row;
    struct results results;

    (void) state;
    add(dataset, "a", "model", "visit-", NULL);
    add(dataset, "b", "model", "visit0", NULL);
    add(dataset, "c", "llm", "visit+ themes-", NULL);
    fixture_results(dataset, &results);
    row = row_of(&results.decisions, "visit", DECISION_YES, DECIDER_MODEL);
    assert_int_equal(row.documents, 2);
    assert_int_equal(decision_asked(&row), 2);
    assert_int_equal(row.failed, 1);
    assert_int_equal(row.refused, 1);
    row = row_of(&results.decisions, "themes", DECISION_LABELS, DECIDER_MODEL);
    assert_int_equal(row.documents, 3);
    assert_int_equal(row.failed, 1);
    assert_int_equal(results.decisions.answered, 1);
    assert_int_equal(results.decisions.failed, 2);
    assert_int_equal(results.decisions.refused, 1);
    results_fini(&results);
}

/* Copies say nothing of their own, as in the funnel. */
static void equal_texts_count_once(void **state)
{
    struct telling telling = {.url = "a",
                              .published = "2019-01-01",
                              .text = "t",
                              .decided_by = "llm",
                              .asked = "visit+",
                              .origin = "上海",
                              .host = "南京"};
    struct dataset *dataset = dataset_create();
    struct results results;

    (void) state;
    fixture_tell(dataset, &telling);
    telling.url = "b";
    telling.published = "2019-01-02";
    telling.decided_by = "model";
    telling.asked = NULL;
    fixture_tell(dataset, &telling);
    fixture_results(dataset, &results);
    expect(&results, "visit", DECISION_YES, DECIDER_LLM, 1);
    expect(&results, "visit", DECISION_YES, DECIDER_MODEL, 0);
    assert_int_equal(results.funnel.visits, 1);
    results_fini(&results);
}

static void who_died_of_a_question_is_told_apart(void **state)
{
    const struct telling telling = {.url = "a", .asked = "visit+ purpose-"};
    const struct telling copy = {.url = "c", .text = "a", .asked = "visit+ purpose-"};
    struct dataset *dataset = dataset_create();
    struct decision_row row;
    struct results results;

    (void) state;
    fixture_outcome(dataset, &telling, OUTCOME_DEAD, "model: HTTP 500");
    fixture_outcome(dataset, &copy, OUTCOME_DEAD, "model: HTTP 500");
    add(dataset, "b", "model", NULL, NULL);
    fixture_results(dataset, &results);
    row = row_of(&results.decisions, "purpose", DECISION_DEAD, DECIDER_OTHER);
    assert_int_equal(row.documents, 1);
    assert_int_equal(row.failed, 1);
    row = row_of(&results.decisions, "visit", DECISION_DEAD, DECIDER_OTHER);
    assert_int_equal(row.answered, 1);
    expect(&results, "visit", DECISION_YES, DECIDER_MODEL, 1);
    results_fini(&results);
}

static void words_of_later_versions_are_others(void **state)
{
    struct dataset *dataset = dataset_create();
    struct results results;

    (void) state;
    add(dataset, "a", "oracle", NULL, NULL);
    add(dataset, "b", "llm", NULL, NULL); /* a line of text that does not say which task */
    fixture_results(dataset, &results);
    expect(&results, "visit", DECISION_YES, DECIDER_OTHER, 1);
    expect(&results, "visit", DECISION_YES, DECIDER_LLM, 1);
    assert_int_equal(decider_of(SLICE("")), DECIDER_OTHER);
    assert_int_equal(decider_of(SLICE("rule")), DECIDER_RULE);
    results_fini(&results);
}

/* Three deciders for yes and no of two tasks, and for two tasks with labels. */
static void rows_do_not_depend_on_what_was_found(void **state)
{
    struct results empty, full;
    struct dataset *dataset = dataset_create();

    (void) state;
    add(dataset, "a", "llm", "visit+", NULL);
    fixture_results(dataset_create(), &empty);
    fixture_results(dataset, &full);
    assert_int_equal(empty.decisions.count, 3 * (2 + 2 + 1 + 1));
    assert_int_equal(full.decisions.count, empty.decisions.count);
    for (size_t i = 0; i < full.decisions.count; i++) {
        assert_true(slice_equal(full.decisions.rows[i].task, empty.decisions.rows[i].task));
        assert_int_equal(full.decisions.rows[i].decider, empty.decisions.rows[i].decider);
    }
    results_fini(&empty);
    results_fini(&full);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_language_model_the_codebook_says_who),
        cmocka_unit_test(every_task_has_its_own_decider),
        cmocka_unit_test(questions_are_counted_where_they_were_asked),
        cmocka_unit_test(equal_texts_count_once),
        cmocka_unit_test(who_died_of_a_question_is_told_apart),
        cmocka_unit_test(words_of_later_versions_are_others),
        cmocka_unit_test(rows_do_not_depend_on_what_was_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
