#include "tests/unit/aggregator/asked.h"

#include "aggregator/asked_check.h"
#include "aggregator/verify_answers.h"

/* The checks over all that stands in the logs; how many failed. */
static uint64_t check(struct asked_job *job, struct buf *out)
{
    struct verify verify = {.out = out};
    struct dataset *dataset = NULL;
    struct results results;
    struct error err = {.code = STATUS_OK};

    assert_int_equal(job_dataset(&job->source, &dataset, NULL), STATUS_OK);
    fixture_results(dataset, &results);
    buf_init(out, 1 << 20);
    if (verify_answers(&job->source, &results, &verify, &err) != STATUS_OK)
        fail_msg("%s", err.message);
    results_fini(&results);
    return verify.failed;
}

/* Exactly the named check fails, and names the first document. */
static void expect_fault(struct asked_job *job, enum asked_fault fault)
{
    char id[ID_TEXT_SIZE], line[256];
    struct buf out;

    if (check(job, &out) != 1)
        fail_msg("not one check fails:\n%s", buf_text(&out));
    (void) snprintf(line, sizeof line, "\"%s\",\"ok\":false", asked_fault_text(fault));
    if (strstr(buf_text(&out), line) == NULL)
        fail_msg("another check fails:\n%s", buf_text(&out));
    (void) id_text(request_id_of_url(slice_from(asked_texts[0].url)), id);
    assert_non_null(strstr(buf_text(&out), id));
    buf_fini(&out);
}

/* The report of the first text as the stages would write it, with two answers used. */
static struct asked_report good_report(struct asked_job *job)
{
    struct asked_report report = {.text = &asked_texts[0],
                                  .outcome = OUTCOME_PASSED,
                                  .reason = "",
                                  .decided_by = "llm",
                                  .asked = "visit+ purpose+ themes- events+",
                                  .answer_count = 3,
                                  .purpose = "learning",
                                  .theme = "公共服务",
                                  .origin = "上海",
                                  .origin_dept = "市教育局"};

    asked_document(job, &asked_texts[0]);
    report.answers[0] = asked_answer(job, &asked_texts[0], "visit", ASKED_YES);
    report.answers[1] = asked_answer(job, &asked_texts[0], "purpose", ASKED_LEARN);
    (void) asked_fail(job, &asked_texts[0], "themes");
    report.answers[2] = asked_answer(job, &asked_texts[0], "events", asked_event);
    return report;
}

static void put_others(struct asked_job *job)
{
    struct asked_report no = {.text = &asked_texts[1],
                              .outcome = OUTCOME_DROPPED,
                              .reason = "no visit",
                              .decided_by = "llm",
                              .asked = "visit+",
                              .answer_count = 1};
    const struct asked_report refused = {.text = &asked_texts[2],
                                         .outcome = OUTCOME_DROPPED,
                                         .reason = "no visit",
                                         .decided_by = "model",
                                         .asked = "visit0"};

    asked_document(job, &asked_texts[1]);
    asked_document(job, &asked_texts[2]);
    no.answers[0] = asked_answer(job, &asked_texts[1], "visit", ASKED_NO);
    asked_put_report(job, &no);
    asked_put_report(job, &refused);
}

static void what_the_stages_write_is_clean(void **state)
{
    struct asked_report report;
    struct asked_job job;
    struct buf out;

    (void) state;
    asked_open(&job);
    report = good_report(&job);
    asked_put_report(&job, &report);
    put_others(&job);
    if (check(&job, &out) != 0)
        fail_msg("%s", buf_text(&out));
    assert_non_null(strstr(buf_text(&out), "text in the log\",\"ok\":true,\"expected\":3"));
    assert_non_null(strstr(buf_text(&out), "replies, counted again\",\"ok\":true,\"expected\":4"));
    assert_non_null(
        strstr(buf_text(&out), "decisions.csv: questions\",\"ok\":true,\"expected\":6"));
    buf_fini(&out);
    asked_close(&job);
}

static void without_a_language_model_little_is_checked(void **state)
{
    const struct asked_report report = {.text = &asked_texts[0],
                                        .outcome = OUTCOME_PASSED,
                                        .reason = "",
                                        .decided_by = "model",
                                        .origin = "上海"};
    struct asked_job job;
    struct buf out;

    (void) state;
    asked_open(&job);
    job.study->job.llm.endpoint = SLICE("");
    asked_document(&job, &asked_texts[0]);
    asked_put_report(&job, &report);
    assert_int_equal(check(&job, &out), 0);
    assert_null(strstr(buf_text(&out), "answer"));
    assert_non_null(strstr(buf_text(&out), "decisions.csv"));
    buf_fini(&out);
    asked_close(&job);
}

static void an_answer_that_nobody_gave_is_found(void **state)
{
    struct asked_report report;
    struct asked_job job;

    (void) state;
    asked_open(&job);
    report = good_report(&job);
    report.answers[0] = fixture_id("nowhere");
    asked_put_report(&job, &report);
    expect_fault(&job, ASKED_ANSWERS);
    asked_close(&job);
}

static void an_answer_to_another_task_is_found(void **state)
{
    struct asked_report report;
    struct asked_job job;

    (void) state;
    asked_open(&job);
    report = good_report(&job);
    report.answers[0] = report.answers[1];
    asked_put_report(&job, &report);
    expect_fault(&job, ASKED_ANSWERS);
    asked_close(&job);
}

static void an_answer_about_another_text_is_found(void **state)
{
    struct asked_report report;
    struct asked_job job;

    (void) state;
    asked_open(&job);
    report = good_report(&job);
    report.answers[0] = asked_answer(&job, &asked_texts[2], "visit", ASKED_YES);
    asked_put_report(&job, &report);
    expect_fault(&job, ASKED_KEYS);
    asked_close(&job);
}

static void a_decision_without_an_answer_is_found(void **state)
{
    const struct asked_report report = {.text = &asked_texts[0],
                                        .outcome = OUTCOME_DROPPED,
                                        .reason = "no visit",
                                        .decided_by = "llm",
                                        .asked = "visit-"};
    struct asked_job job;

    (void) state;
    asked_open(&job);
    asked_document(&job, &asked_texts[0]);
    asked_put_report(&job, &report);
    expect_fault(&job, ASKED_NAMED);
    asked_close(&job);
}

static void counts_that_do_not_agree_are_found(void **state)
{
    struct asked_report report;
    struct asked_job job;

    (void) state;
    asked_open(&job);
    report = good_report(&job);
    report.answer_count = 2;
    asked_put_report(&job, &report);
    expect_fault(&job, ASKED_ENDS);
    asked_close(&job);
}

/* The reply says learning. */
static void a_decision_that_is_not_the_answer_is_found(void **state)
{
    struct asked_report report;
    struct asked_job job;

    (void) state;
    asked_open(&job);
    report = good_report(&job);
    report.purpose = "cooperative";
    asked_put_report(&job, &report);
    expect_fault(&job, ASKED_DECISIONS);
    asked_close(&job);
}

/* The log may hold a second reply to the key: the decision must follow the first. */
static void a_decision_by_a_later_reply_is_found(void **state)
{
    Xunfang__AnswerRecord record = XUNFANG__ANSWER_RECORD__INIT;
    Xunfang__AnswerReply reply = XUNFANG__ANSWER_REPLY__INIT;
    struct asked_report report = {.text = &asked_texts[0],
                                  .outcome = OUTCOME_DROPPED,
                                  .reason = "no visit",
                                  .decided_by = "llm",
                                  .asked = "visit+",
                                  .answer_count = 1};
    struct asked_job job;

    (void) state;
    asked_open(&job);
    asked_document(&job, &asked_texts[0]);
    report.answers[0] = asked_answer(&job, &asked_texts[0], "visit", ASKED_YES);
    reply.task = fixture_text("visit");
    reply.model = fixture_text("m");
    reply.text = fixture_text(ASKED_NO);
    record.kind_case = XUNFANG__ANSWER_RECORD__KIND_REPLY;
    record.reply = &reply;
    asked_put_answer(&job, report.answers[0], &record);
    asked_put_report(&job, &report);
    {
        struct buf out;

        /* The stray reply, which no worker writes, may fail checks of the log as well. */
        assert_true(check(&job, &out) >= 1);
        assert_non_null(strstr(buf_text(&out), "first answer says\",\"ok\":false"));
        buf_fini(&out);
    }
    asked_close(&job);
}

static void a_city_that_the_text_does_not_name_is_found(void **state)
{
    struct asked_report report;
    struct asked_job job;

    (void) state;
    asked_open(&job);
    report = good_report(&job);
    report.origin = "合肥";
    asked_put_report(&job, &report);
    expect_fault(&job, ASKED_VALUES);
    asked_close(&job);
}

/* The answer says 教育局 of a text that has none. */
static void an_organ_that_the_text_does_not_hold_is_found(void **state)
{
    struct asked_report report = {.text = &asked_texts[0],
                                  .outcome = OUTCOME_PASSED,
                                  .reason = "",
                                  .decided_by = "llm",
                                  .asked = "events+",
                                  .answer_count = 1,
                                  .origin = "上海",
                                  .origin_dept = "市财政局"};
    struct asked_job job;

    (void) state;
    asked_open(&job);
    asked_document(&job, &asked_texts[0]);
    report.answers[0] = asked_answer(&job, &asked_texts[0], "events",
                                     "{\"来访城市\":\"上海市\",\"接待城市\":\"我市\",\"来访单位\":"
                                     "\"财政局\",\"接待单位\":\"\",\"日期\":\"5月8日\"}");
    asked_put_report(&job, &report);
    expect_fault(&job, ASKED_VALUES);
    asked_close(&job);
}

/* Of repeats the chosen report is looked at, not what stands behind it. */
static void the_chosen_report_is_examined(void **state)
{
    struct asked_report report;
    struct asked_job job;
    struct buf out;

    (void) state;
    asked_open(&job);
    report = good_report(&job);
    asked_put_report(&job, &report);
    report.purpose = "cooperative";
    asked_put_report(&job, &report);
    assert_int_equal(check(&job, &out), 0);
    buf_fini(&out);
    asked_close(&job);
}

static void a_lost_text_is_found(void **state)
{
    const struct asked_report report = {.text = &asked_texts[0],
                                        .outcome = OUTCOME_DROPPED,
                                        .reason = "no visit",
                                        .decided_by = "model",
                                        .asked = "visit0"};
    struct asked_job job;
    struct buf out;

    (void) state;
    asked_open(&job);
    asked_put_report(&job, &report);
    assert_int_equal(check(&job, &out), 1);
    assert_non_null(strstr(buf_text(&out), "text in the log\",\"ok\":false"));
    buf_fini(&out);
    asked_close(&job);
}

/* More was spent than any claim allowed: a worker that does not keep to its reservation. */
static void a_budget_that_was_broken_is_found(void **state)
{
    struct answer_question parts;
    struct asked_job job;
    struct answer_reply reply = {.text = {ASKED_YES, sizeof ASKED_YES - 1},
                                 .usage = {101, 30, 10, 12}};
    struct buf out;
    struct id key;

    (void) state;
    asked_open(&job);
    key = asked_question(&job, &asked_texts[0], "visit", &parts);
    reply.question = &parts;
    reply.claim = asked_claim(&job, key);
    assert_int_equal(answers_reply(job.answers, key, &reply, NULL), STATUS_OK);
    asked_poll(&job);
    assert_int_equal(check(&job, &out), 1);
    assert_non_null(strstr(buf_text(&out), "calls stay within the budget\",\"ok\":false"));
    assert_non_null(strstr(buf_text(&out), "\"found\":1,"));
    buf_fini(&out);
    asked_close(&job);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_stages_write_is_clean),
        cmocka_unit_test(without_a_language_model_little_is_checked),
        cmocka_unit_test(an_answer_that_nobody_gave_is_found),
        cmocka_unit_test(an_answer_to_another_task_is_found),
        cmocka_unit_test(an_answer_about_another_text_is_found),
        cmocka_unit_test(a_decision_without_an_answer_is_found),
        cmocka_unit_test(counts_that_do_not_agree_are_found),
        cmocka_unit_test(a_decision_that_is_not_the_answer_is_found),
        cmocka_unit_test(a_decision_by_a_later_reply_is_found),
        cmocka_unit_test(a_city_that_the_text_does_not_name_is_found),
        cmocka_unit_test(an_organ_that_the_text_does_not_hold_is_found),
        cmocka_unit_test(the_chosen_report_is_examined),
        cmocka_unit_test(a_lost_text_is_found),
        cmocka_unit_test(a_budget_that_was_broken_is_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
