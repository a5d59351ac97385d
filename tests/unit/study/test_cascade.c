/* Who is asked, in which order, and what a decision is made of, with the shipped models. */
#include "study/cascade.h"

#include "tests/unit/study/cascade_fixture.h"

static struct decision *begin_visit(void)
{
    return begin(visit_title, visit_body);
}

static struct decision *begin_doubtful(void)
{
    return begin("", "代表团在衢州考察学习经验。");
}

static void expect_consulted(const struct decision *decision, size_t tasks, size_t answers)
{
    assert_int_equal(decision->consulted.task_count, tasks);
    assert_int_equal(decision->consulted.answer_count, answers);
}

static void expect_builtin(const struct decision *decision)
{
    assert_non_null(decision);
    assert_string_equal(decision->decided_by, "model");
    assert_string_equal(decision->model, judge_version(judge));
    assert_int_equal(decision->dead.size, 0);
}

/* ---- who is asked ---- */

static void test_nobody_is_asked_without_a_consult(void **state)
{
    struct decision *decision;
    struct judgement judgement;

    (void) state;
    create(NULL);
    decision = begin_visit();
    expect_builtin(decision);
    expect_consulted(decision, 0, 0);
    assert_ptr_equal(decision->owner, &owner);
    assert_int_equal(judge_document(judge, &source, fixture.arena, &judgement, &fixture.err),
                     STATUS_OK);
    assert_true(judgement.margin == decision->judgement.margin);
    assert_int_equal(judgement.theme_count, decision->judgement.theme_count);
    assert_string_equal(judgement.purpose, decision->judgement.purpose);
    assert_null(step());
    assert_int_equal(cascade_open_count(cascade), 0);
}

static void test_only_within_the_band(void **state)
{
    struct judgement judgement;
    unsigned percent;

    (void) state;
    create(NULL);
    judgement = begin_doubtful()->judgement;
    percent = (unsigned) (judgement.chance * 100);
    assert_in_range(percent, 1, 98);
    cascade_destroy(cascade);
    create(fake_consult());
    expect_builtin(begin_doubtful()); /* no task is asked about */
    cascade_destroy(cascade);
    fake_band(JUDGE_VISIT, percent + 1, 100);
    create(fake_consult());
    expect_builtin(begin_doubtful());
    fake_band(JUDGE_VISIT, 0, percent);
    expect_builtin(begin_doubtful());
    fake_band(JUDGE_VISIT, percent, percent + 1);
    assert_null(begin_doubtful());
    assert_int_equal(fake.count, 1);
    assert_string_equal(fake_asked(0), "visit");
    assert_int_equal(fake.questions[0].generation, 7);
    assert_int_equal(cascade_open_count(cascade), 1);
}

static void test_subject_is_asked_of_visits_only(void **state)
{
    (void) state;
    fake_band(JUDGE_PURPOSE, 0, 100);
    fake_band(JUDGE_THEMES, 0, 100);
    create(fake_consult());
    expect_builtin(begin(other_title, other_body));
    assert_int_equal(fake.count, 0);
    assert_null(begin_visit());
    assert_int_equal(fake.count, 2);
    assert_string_equal(fake_asked(0), "purpose");
    assert_string_equal(fake_asked(1), "themes");
}

/* ---- what comes of it ---- */

static void test_all_tasks_answered(void **state)
{
    struct decision *decision;

    (void) state;
    for (int i = 0; i < JUDGE_TASKS; i++)
        fake_band((enum judge_task) i, 0, 100);
    create(fake_consult());
    assert_null(begin_visit());
    fake_answer(0, PROMPT_YES);
    assert_null(step());
    assert_int_equal(fake.count, 3);
    /* The later task ends first: the decision is told in the order of the tasks. */
    fake_answer(2, 2);
    fake.questions[2].labels[fake.questions[2].label_count++] = 1;
    fake.questions[2].labels[fake.questions[2].label_count++] = 3;
    assert_null(step());
    fake_answer(1, 1);
    decision = step();
    assert_non_null(decision);
    assert_ptr_equal(decision->owner, &owner);
    assert_true(decision->judgement.is_visit);
    assert_string_equal(decision->judgement.purpose, "learning");
    assert_int_equal(decision->judgement.theme_count, 2);
    assert_string_equal(decision->judgement.themes[0], "公共服务");
    assert_string_equal(decision->judgement.themes[1], "城市建设");
    assert_string_equal(decision->decided_by, "llm");
    assert_string_equal(decision->model, "small@visit");
    expect_consulted(decision, 3, 3);
    assert_string_equal(decision->consulted.tasks[1], "purpose");
    assert_string_equal(decision->consulted.tasks[2], "themes");
    assert_int_equal(decision->consulted.ends[2], ASKED_ANSWERED);
    assert_int_equal(cascade_open_count(cascade), 0);
    assert_null(step());
}

static void test_answer_turns_a_visit_down(void **state)
{
    struct decision *decision;

    (void) state;
    for (int i = 0; i < JUDGE_TASKS; i++)
        fake_band((enum judge_task) i, 0, 100);
    create(fake_consult());
    assert_null(begin_visit());
    fake_answer(0, PROMPT_NO);
    decision = step();
    assert_false(decision->judgement.is_visit);
    assert_true(decision->judgement.margin > 0);
    assert_int_equal(decision->judgement.theme_count, 0);
    assert_null(decision->judgement.purpose);
    assert_string_equal(decision->decided_by, "llm");
    assert_string_equal(decision->model, "small@visit");
    expect_consulted(decision, 1, 1);
    assert_int_equal(fake.count, 1);
}

static void test_answer_makes_a_visit(void **state)
{
    struct decision *decision;

    (void) state;
    fake_band(JUDGE_VISIT, 0, 100);
    create(fake_consult());
    assert_null(begin(other_title, other_body));
    fake_answer(0, PROMPT_YES);
    decision = step();
    assert_true(decision->judgement.is_visit);
    assert_true(decision->judgement.margin <= 0);
    assert_true(decision->judgement.theme_count >= 1);
    assert_non_null(decision->judgement.purpose);
}

static void test_the_first_task_decided_names_the_model(void **state)
{
    struct decision *decision;

    (void) state;
    fake_band(JUDGE_VISIT, 0, 100);
    fake_band(JUDGE_THEMES, 0, 100);
    create(fake_consult());
    assert_null(begin_visit());
    fake_fail(0, "HTTP 500");
    assert_null(step());
    fake_answer(1, 0);
    decision = step();
    assert_string_equal(decision->decided_by, "llm");
    assert_string_equal(decision->model, "small@themes");
    assert_true(decision->judgement.is_visit);
    expect_consulted(decision, 2, 1);
    assert_int_equal(decision->consulted.failed, 1);
}

static void test_an_answer_without_a_label_decides_nothing(void **state)
{
    struct decision *decision;

    (void) state;
    fake_band(JUDGE_THEMES, 0, 100);
    create(fake_consult());
    assert_null(begin_visit());
    fake_end(0, ASKED_ANSWERED, "");
    decision = step();
    expect_builtin(decision);
    assert_true(decision->judgement.theme_count >= 1);
    expect_consulted(decision, 1, 1);
}

/* ---- failures ---- */

static void test_failures_leave_the_builtin_decision(void **state)
{
    struct decision *decision;

    (void) state;
    fake_band(JUDGE_VISIT, 0, 100);
    fake_band(JUDGE_PURPOSE, 0, 100);
    create(fake_consult());
    assert_null(begin_visit());
    fake_fail(0, "HTTP 500");
    assert_null(step());
    fake_refuse(1);
    decision = step();
    expect_builtin(decision);
    assert_true(decision->judgement.is_visit);
    assert_string_equal(decision->judgement.purpose, "cooperative");
    expect_consulted(decision, 2, 0);
    assert_int_equal(decision->consulted.failed, 1);
    assert_int_equal(decision->consulted.refused, 1);
    assert_int_equal(decision->consulted.ends[0], ASKED_FAILED);
    assert_int_equal(decision->consulted.ends[1], ASKED_REFUSED);
}

static void test_failures_are_dead_by_the_jobs_word(void **state)
{
    struct decision *decision;

    (void) state;
    fake.failure_is_dead = true;
    fake_band(JUDGE_VISIT, 0, 100);
    fake_band(JUDGE_PURPOSE, 0, 100);
    create(fake_consult());
    assert_null(begin_visit());
    fake_fail(0, "HTTP 500");
    decision = step();
    assert_true(slice_equal(decision->dead, SLICE("model: HTTP 500")));
    expect_consulted(decision, 1, 0);
    assert_int_equal(fake.count, 1); /* nothing further is asked */
    assert_null(begin_visit());
    fake_refuse(1);
    assert_null(step());
    fake_fail(2, "no answer");
    decision = step();
    assert_true(slice_equal(decision->dead, SLICE("model: no answer")));
    assert_int_equal(decision->consulted.refused, 1);
}

static void test_the_first_task_names_the_reason(void **state)
{
    (void) state;
    fake.failure_is_dead = true;
    fake_band(JUDGE_PURPOSE, 0, 100);
    fake_band(JUDGE_THEMES, 0, 100);
    create(fake_consult());
    assert_null(begin_visit());
    fake_fail(1, "of themes");
    assert_null(step());
    fake_fail(0, "of purpose");
    assert_true(slice_equal(step()->dead, SLICE("model: of purpose")));
}

static void test_what_cannot_be_asked_is_a_failed_question(void **state)
{
    struct decision *decision;

    (void) state;
    fake_band(JUDGE_VISIT, 0, 100);
    create(fake_consult());
    decision = begin("无法提问", visit_body);
    expect_builtin(decision);
    assert_int_equal(decision->consulted.failed, 1);
    fake.ask_status = STATUS_TOO_LARGE;
    decision = begin_visit();
    expect_builtin(decision);
    assert_int_equal(decision->consulted.failed, 1);
    assert_int_equal(cascade_open_count(cascade), 0);
    assert_int_equal(fake.count, 0);
}

static void test_trouble_of_the_bus_is_returned(void **state)
{
    const struct cascade_input input = {&source, fixture.arena, 0, NULL};
    struct decision *decision = NULL;

    (void) state;
    fake_band(JUDGE_VISIT, 0, 100);
    create(fake_consult());
    fake.ask_status = STATUS_FENCED;
    assert_int_equal(cascade_begin(cascade, &input, &decision, &fixture.err), STATUS_FENCED);
}

/* ---- room ---- */

static void test_questions_wait_for_room_in_turn(void **state)
{
    (void) state;
    fake_band(JUDGE_VISIT, 0, 100);
    fake_band(JUDGE_PURPOSE, 0, 100);
    create(fake_consult());
    fake.room = 1;
    assert_null(begin_visit());
    assert_null(begin(other_title, other_body));
    assert_int_equal(fake.count, 1);
    assert_null(step());
    fake_answer(0, PROMPT_YES); /* its purpose stands behind the other document */
    assert_null(step());
    assert_int_equal(fake.count, 2);
    assert_string_equal(fake_asked(1), "visit");
    fake_answer(1, PROMPT_NO);
    assert_non_null(step());
    assert_int_equal(fake.count, 3);
    assert_string_equal(fake_asked(2), "purpose");
    fake.room = 0;
    fake_answer(2, 1);
    assert_string_equal(step()->judgement.purpose, "learning");
    assert_int_equal(cascade_open_count(cascade), 0);
}

static void test_nobody_pushes_in(void **state)
{
    (void) state;
    fake_band(JUDGE_VISIT, 0, 100);
    create(fake_consult());
    fake.room = 0;
    assert_null(begin("", "甲"));
    fake.room = 1;
    assert_null(begin("", "乙")); /* there would be room, but it is not this one's turn */
    assert_int_equal(fake.count, 0);
    assert_null(step());
    assert_int_equal(fake.count, 1);
    assert_true(slice_equal(fake.questions[0].content, SLICE("甲")));
}

static void test_no_waiting_while_decisions_lie_there(void **state)
{
    (void) state;
    fake_band(JUDGE_VISIT, 0, 100);
    create(fake_consult());
    assert_null(begin_visit());
    fake_answer(0, PROMPT_NO);
    assert_int_equal(cascade_step(cascade, 5, &fixture.err), STATUS_OK);
    assert_int_equal(fake.waited_ms, 5);
    assert_int_equal(cascade_step(cascade, 5, &fixture.err), STATUS_OK);
    assert_int_equal(fake.waited_ms, 0);
    assert_non_null(cascade_next(cascade));
}

static void test_a_question_in_line_may_fail_too(void **state)
{
    struct decision *decision;

    (void) state;
    fake_band(JUDGE_VISIT, 0, 100);
    create(fake_consult());
    fake.room = 0;
    assert_null(begin_visit());
    fake.ask_status = STATUS_TOO_LARGE;
    decision = step();
    expect_builtin(decision);
    assert_int_equal(decision->consulted.failed, 1);
}

static void test_limit_of_open_documents(void **state)
{
    const struct cascade_input input = {&source, fixture.arena, 0, NULL};
    struct decision *decision = NULL;

    (void) state;
    fake_band(JUDGE_VISIT, 0, 100);
    create(fake_consult());
    for (int i = 0; i < CASCADE_OPEN_MAX; i++)
        assert_null(begin("访", "考察"));
    assert_int_equal(cascade_begin(cascade, &input, &decision, &fixture.err), STATUS_AGAIN);
    assert_int_equal(cascade_open_count(cascade), CASCADE_OPEN_MAX);
    fake_answer(0, PROMPT_NO);
    assert_non_null(step());
    assert_null(begin("访", "考察"));
}

static void test_more_labels_than_a_judgement_holds(void **state)
{
    struct cascade *none = NULL;

    (void) state;
    fake_band(JUDGE_THEMES, 0, 100);
    fake.prompts[JUDGE_THEMES].task.label_count = JUDGE_THEMES_MAX + 1;
    assert_int_equal(cascade_create(judge, fake_consult(), &none, &fixture.err), STATUS_INVALID);
    assert_non_null(strstr(fixture.err.message, "themes"));
    assert_null(none);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_nobody_is_asked_without_a_consult),
        TEST(test_only_within_the_band),
        TEST(test_subject_is_asked_of_visits_only),
        TEST(test_all_tasks_answered),
        TEST(test_answer_turns_a_visit_down),
        TEST(test_answer_makes_a_visit),
        TEST(test_the_first_task_decided_names_the_model),
        TEST(test_an_answer_without_a_label_decides_nothing),
        TEST(test_failures_leave_the_builtin_decision),
        TEST(test_failures_are_dead_by_the_jobs_word),
        TEST(test_the_first_task_names_the_reason),
        TEST(test_what_cannot_be_asked_is_a_failed_question),
        TEST(test_trouble_of_the_bus_is_returned),
        TEST(test_questions_wait_for_room_in_turn),
        TEST(test_nobody_pushes_in),
        TEST(test_no_waiting_while_decisions_lie_there),
        TEST(test_a_question_in_line_may_fail_too),
        TEST(test_limit_of_open_documents),
        TEST(test_more_labels_than_a_judgement_holds),
    };

    return cmocka_run_group_tests(tests, open_judge, close_judge);
}
