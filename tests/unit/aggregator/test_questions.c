#include "tests/unit/aggregator/asked.h"

static void a_question_is_made_again_from_its_text(void **state)
{
    const struct source_text source = {.title = slice_from(asked_texts[0].title),
                                       .body = slice_from(asked_texts[0].body),
                                       .site_city = SLICE("南京"),
                                       .day = CIVIL_NONE};
    struct answer_question parts;
    struct question question = {NULL, {{0}}, NULL};
    struct asked_job job;
    struct id key;

    (void) state;
    asked_open(&job);
    key = asked_question(&job, &asked_texts[0], "purpose", &parts);
    question.prompt = questions_find(&job.questions, SLICE("purpose"));
    assert_int_equal(questions_make(&job.questions, &source, job.logs.arena, &question, NULL),
                     STATUS_OK);
    assert_true(id_equal(question.key, key));
    assert_int_equal(question.shape->field_count, 1);
    asked_close(&job);
}

/* Another task, another text, another model: other keys. */
static void keys_differ_by_task_text_and_model(void **state)
{
    struct answer_question parts;
    struct asked_job job;
    struct id keys[4];

    (void) state;
    asked_open(&job);
    keys[0] = asked_question(&job, &asked_texts[0], "visit", &parts);
    keys[1] = asked_question(&job, &asked_texts[0], "purpose", &parts);
    keys[2] = asked_question(&job, &asked_texts[1], "visit", &parts);
    job.study->job.llm.model = SLICE("other");
    keys[3] = asked_question(&job, &asked_texts[0], "visit", &parts);
    for (int i = 0; i < 4; i++)
        for (int k = 0; k < i; k++)
            assert_false(id_equal(keys[i], keys[k]));
    asked_close(&job);
}

static void tasks_without_ask_make_none(void **state)
{
    struct questions questions;
    struct asked_job job;

    (void) state;
    asked_open(&job);
    assert_non_null(questions_find(&job.questions, SLICE("events")));
    assert_null(questions_find(&job.questions, SLICE("weather")));
    job.study->codebook.tasks[0].ask.given = false;
    assert_int_equal(questions_init(&questions, job.study, NULL), STATUS_OK);
    assert_int_equal(questions.count, job.questions.count - 1);
    assert_null(questions_find(&questions, job.study->codebook.tasks[0].name));
    questions_fini(&questions);
    asked_close(&job);
}

static void a_job_that_asks_nobody_has_none(void **state)
{
    struct questions questions;
    struct asked_job job;

    (void) state;
    asked_open(&job);
    job.study->job.llm.endpoint = SLICE("");
    assert_int_equal(questions_init(&questions, job.study, NULL), STATUS_OK);
    assert_int_equal(questions.count, 0);
    questions_fini(&questions);
    asked_close(&job);
}

static void a_document_is_a_source_with_or_without_its_brief(void **state)
{
    Xunfang__Document document = XUNFANG__DOCUMENT__INIT;
    Xunfang__Brief brief = XUNFANG__BRIEF__INIT;
    struct source_text source;

    (void) state;
    document.body = fixture_text("body");
    source = questions_source(&document);
    assert_true(slice_equal(source.body, SLICE("body")));
    assert_int_equal(source.title.size, 0);
    assert_int_equal(source.day, CIVIL_NONE);
    brief.title = fixture_text("title");
    brief.has_date = true;
    brief.date = 17000;
    document.brief = &brief;
    source = questions_source(&document);
    assert_true(slice_equal(source.title, SLICE("title")));
    assert_int_equal(source.day, 17000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_question_is_made_again_from_its_text),
        cmocka_unit_test(keys_differ_by_task_text_and_model),
        cmocka_unit_test(tasks_without_ask_make_none),
        cmocka_unit_test(a_job_that_asks_nobody_has_none),
        cmocka_unit_test(a_document_is_a_source_with_or_without_its_brief),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
