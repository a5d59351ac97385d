#include "tests/unit/aggregator/asked.h"

#include "aggregator/answer_log.h"

static void read_log(struct asked_job *job, struct answer_log *log)
{
    struct error err = {.code = STATUS_OK};

    if (answer_log_read(&job->source, log, &err) != STATUS_OK)
        fail_msg("%s", err.message);
}

static void replies_are_found_by_their_key(void **state)
{
    const struct answer_row *row;
    struct asked_job job;
    struct answer_log log;
    struct id key, failed;

    (void) state;
    asked_open(&job);
    key = asked_answer(&job, &asked_texts[0], "visit", ASKED_YES);
    failed = asked_fail(&job, &asked_texts[1], "visit");
    read_log(&job, &log);
    row = answer_log_find(&log, key);
    assert_non_null(row);
    assert_int_equal(row->replies, 1);
    assert_true(slice_equal(answer_log_text(&log, row->task), SLICE("visit")));
    assert_true(slice_equal(answer_log_text(&log, row->model), SLICE("m")));
    assert_true(slice_equal(answer_log_text(&log, row->text), slice_from(ASKED_YES)));
    assert_null(answer_log_find(&log, failed));
    assert_int_equal(log.replied, 1);
    assert_int_equal(log.claims, 2);
    assert_int_equal(log.used.calls, 3);
    assert_int_equal(log.used.tokens, 100);
    assert_int_equal(log.used.money, 8);
    assert_int_equal(log.caps.calls, 100);
    assert_int_equal(log.caps.money, 0);
    answer_log_fini(&log);
    asked_close(&job);
}

static void put_reply(struct asked_job *job, struct id key, uint64_t claim, const char *text)
{
    Xunfang__AnswerRecord record = XUNFANG__ANSWER_RECORD__INIT;
    Xunfang__AnswerReply reply = XUNFANG__ANSWER_REPLY__INIT;
    Xunfang__AnswerUsage usage = XUNFANG__ANSWER_USAGE__INIT;

    usage.calls = 1;
    reply.task = fixture_text("visit");
    reply.text = fixture_text(text);
    reply.usage = &usage;
    reply.life = 9;
    reply.claim = claim;
    record.kind_case = XUNFANG__ANSWER_RECORD__KIND_REPLY;
    record.reply = &reply;
    asked_put_answer(job, key, &record);
}

/* Of one claim's reply that stands there twice, one was paid; a second claim's cost something. */
static void the_first_reply_counts_and_repeats_cost_nothing(void **state)
{
    struct id key = fixture_id("x");
    struct asked_job job;
    struct answer_log log;

    (void) state;
    asked_open(&job);
    put_reply(&job, key, 1, "first");
    put_reply(&job, key, 1, "first");
    put_reply(&job, key, 2, "second");
    read_log(&job, &log);
    assert_int_equal(answer_log_find(&log, key)->replies, 3);
    assert_true(
        slice_equal(answer_log_text(&log, answer_log_find(&log, key)->text), SLICE("first")));
    assert_int_equal(log.replied, 1);
    assert_int_equal(log.used.calls, 2);
    answer_log_fini(&log);
    asked_close(&job);
}

static void put_claim(struct asked_job *job, uint64_t calls, uint64_t tokens)
{
    Xunfang__AnswerRecord record = XUNFANG__ANSWER_RECORD__INIT;
    Xunfang__AnswerClaim claim = XUNFANG__ANSWER_CLAIM__INIT;
    Xunfang__AnswerCost caps = XUNFANG__ANSWER_COST__INIT;

    caps.calls = calls;
    caps.tokens = tokens;
    claim.caps = &caps;
    record.kind_case = XUNFANG__ANSWER_RECORD__KIND_CLAIM;
    record.claim = &claim;
    asked_put_answer(job, fixture_id("x"), &record);
}

/* A replay may have other caps; no cap is larger than any. */
static void the_largest_caps_of_all_claims_hold(void **state)
{
    struct asked_job job;
    struct answer_log log;

    (void) state;
    asked_open(&job);
    put_claim(&job, 10, 500);
    put_claim(&job, 30, 0);
    put_claim(&job, 20, 900);
    read_log(&job, &log);
    assert_int_equal(log.caps.calls, 30);
    assert_int_equal(log.caps.tokens, 0);
    answer_log_fini(&log);
    asked_close(&job);
}

static void garbage_is_counted(void **state)
{
    struct record record = {.id = fixture_id("x"),
                            .key = SLICE("x"),
                            .schema = RECORD_SCHEMA,
                            .payload = SLICE("\xFF\xFF")};
    struct asked_job job;
    struct answer_log log;

    (void) state;
    asked_open(&job);
    logs_put(&job.logs, TOPIC_ANSWERS, &record, 0);
    read_log(&job, &log);
    assert_int_equal(log.bad, 1);
    assert_int_equal(log.rows.count, 0);
    answer_log_fini(&log);
    asked_close(&job);
}

static void a_job_without_the_log_has_an_empty_one(void **state)
{
    struct asked_job job;
    struct answer_log log;

    (void) state;
    asked_open(&job);
    job.source.topics[TOPIC_ANSWERS] = topic_name(TOPIC_ANSWERS, "other", NULL);
    read_log(&job, &log);
    assert_int_equal(log.rows.count, 0);
    answer_log_fini(&log);
    asked_close(&job);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replies_are_found_by_their_key),
        cmocka_unit_test(the_first_reply_counts_and_repeats_cost_nothing),
        cmocka_unit_test(the_largest_caps_of_all_claims_hold),
        cmocka_unit_test(garbage_is_counted),
        cmocka_unit_test(a_job_without_the_log_has_an_empty_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
