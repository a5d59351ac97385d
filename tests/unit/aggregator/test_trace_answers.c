#include "tests/unit/aggregator/asked.h"

#include "aggregator/trace_answers.h"

static void trace(struct asked_job *job, const char *url, struct buf *out)
{
    struct trace trace = {.source = &job->source, .out = out};
    struct error err = {.code = STATUS_OK};

    buf_init(out, 1 << 20);
    idset_init(&trace.ids);
    assert_int_equal(idset_add(&trace.ids, request_id_of_url(slice_from(url)), NULL, NULL),
                     STATUS_OK);
    if (trace_answers(&trace, &err) != STATUS_OK)
        fail_msg("%s", err.message);
    if (trace_log(&trace, TOPIC_REPORTS, &err) != STATUS_OK)
        fail_msg("%s", err.message);
    idset_fini(&trace.ids);
}

/* In the order of the log, which says what came of each question. */
static void questions_and_replies_are_told(void **state)
{
    struct asked_job job;
    struct buf out;
    const char *at;

    (void) state;
    asked_open(&job);
    asked_document(&job, &asked_texts[0]);
    asked_document(&job, &asked_texts[1]);
    (void) asked_answer(&job, &asked_texts[1], "visit", ASKED_NO);
    (void) asked_answer(&job, &asked_texts[0], "visit", ASKED_YES);
    (void) asked_fail(&job, &asked_texts[0], "purpose");
    trace(&job, asked_texts[0].url, &out);
    at = strstr(buf_text(&out), "question about visit, prompt ");
    assert_non_null(at);
    at = strstr(at, "visit: claimed by main.classifier-0, generation 0, reserves 4 calls");
    assert_non_null(at);
    at = strstr(at, "visit: m answered {\"来访方\":\"上海市\"");
    assert_non_null(at);
    at = strstr(at, "served by server (calls 1, tokens 30 + 10, 12 ms)");
    assert_non_null(at);
    at = strstr(at, "question about purpose, prompt ");
    assert_non_null(at);
    assert_non_null(strstr(at, "purpose: no usable answer: HTTP 500 (calls 2"));
    assert_null(strstr(buf_text(&out), "本市活动"));              /* the other document's */
    assert_null(strstr(buf_text(&out), "question about events")); /* never asked */
    buf_fini(&out);
    asked_close(&job);
}

static void refusals_and_releases_are_told(void **state)
{
    struct answer_question parts;
    struct asked_job job;
    struct buf out;
    struct id key;

    (void) state;
    asked_open(&job);
    asked_document(&job, &asked_texts[0]);
    key = asked_question(&job, &asked_texts[0], "visit", &parts);
    assert_int_equal(answers_release(job.answers, key, asked_claim(&job, key), NULL), STATUS_OK);
    asked_poll(&job);
    assert_int_equal(answers_refuse(job.answers, key, "tokens", NULL), STATUS_OK);
    asked_poll(&job);
    trace(&job, asked_texts[0].url, &out);
    assert_non_null(strstr(buf_text(&out), "visit: the claim was given back"));
    assert_non_null(strstr(buf_text(&out), "visit: not asked, the budget is used up: tokens"));
    buf_fini(&out);
    asked_close(&job);
}

/* An answer of another model's run is known by the report alone. */
static void answers_named_in_reports_are_told(void **state)
{
    struct asked_report report = {.text = &asked_texts[0],
                                  .outcome = OUTCOME_DROPPED,
                                  .reason = "no visit",
                                  .decided_by = "llm",
                                  .asked = "visit+ purpose0",
                                  .answer_count = 1};
    struct asked_job job;
    struct buf out;

    (void) state;
    asked_open(&job);
    asked_document(&job, &asked_texts[0]);
    job.study->job.llm.model = SLICE("old");
    report.answers[0] = asked_answer(&job, &asked_texts[0], "visit", ASKED_NO);
    job.study->job.llm.model = SLICE("m");
    asked_put_report(&job, &report);
    trace(&job, asked_texts[0].url, &out);
    assert_non_null(strstr(buf_text(&out), "old answered {"));
    assert_non_null(strstr(buf_text(&out),
                           "extractor: dropped: no visit; decided by llm, asked about"
                           " visit: ANSWERED, purpose: REFUSED"));
    buf_fini(&out);
    asked_close(&job);
}

static void a_job_that_asks_nobody_tells_nothing(void **state)
{
    struct asked_job job;
    struct buf out;

    (void) state;
    asked_open(&job);
    asked_document(&job, &asked_texts[0]);
    (void) asked_answer(&job, &asked_texts[0], "visit", ASKED_YES);
    job.study->job.llm.endpoint = SLICE("");
    trace(&job, asked_texts[0].url, &out);
    assert_int_equal(out.size, 0);
    buf_fini(&out);
    asked_close(&job);
}

static void garbage_on_a_key_is_told(void **state)
{
    struct answer_question parts;
    struct record record = {.schema = RECORD_SCHEMA, .payload = SLICE("\xFF\xFF")};
    struct asked_job job;
    struct buf out;

    (void) state;
    asked_open(&job);
    asked_document(&job, &asked_texts[0]);
    record.id = asked_question(&job, &asked_texts[0], "visit", &parts);
    record.key = id_slice(&record.id);
    logs_put(&job.logs, TOPIC_ANSWERS, &record, 0);
    trace(&job, asked_texts[0].url, &out);
    assert_non_null(strstr(buf_text(&out), "visit: a record that cannot be read"));
    buf_fini(&out);
    asked_close(&job);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(questions_and_replies_are_told),
        cmocka_unit_test(refusals_and_releases_are_told),
        cmocka_unit_test(answers_named_in_reports_are_told),
        cmocka_unit_test(a_job_that_asks_nobody_tells_nothing),
        cmocka_unit_test(garbage_on_a_key_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
