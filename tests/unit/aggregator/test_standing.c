#include "tests/unit/aggregator/asked.h"

#include "aggregator/standing.h"
#include "base/json.h"

#define OK XUNFANG__FETCH_RESULT__OUTCOME__OK

static void read_standing(struct asked_job *job, struct standing *standing)
{
    struct error err = {.code = STATUS_OK};

    if (standing_read(&job->source, standing, &err) != STATUS_OK)
        fail_msg("%s", err.message);
}

/* One list of two ended, three articles known, two fetched; one ingested. */
static void write_crawl(struct asked_job *job)
{
    static const char *const hits[] = {"http://b.example/1", "http://b.example/2",
                                       "http://b.example/9", NULL};
    Xunfang__Request *list = logs_request(&job->logs, "http://a.example/s", true);
    Xunfang__Request *open = logs_request(&job->logs, "http://a.example/t", true);

    open->list = 1;
    logs_link(&job->logs, list, true);
    logs_link(&job->logs, open, true);
    logs_result(&job->logs, &(struct logs_fetch){.request = list, .outcome = OK, .hits = hits});
    for (int i = 0; i < 2; i++)
        logs_result(&job->logs,
                    &(struct logs_fetch){.request = logs_request(&job->logs, hits[i], false),
                                         .outcome = OK});
    job->study->list_count = 2;
}

static void write_reports(struct asked_job *job)
{
    const struct asked_report visit = {.text = &asked_texts[0],
                                       .outcome = OUTCOME_PASSED,
                                       .reason = "",
                                       .decided_by = "llm",
                                       .asked = "visit+",
                                       .origin = "上海"};
    const struct asked_report dead = {.text = &asked_texts[2],
                                      .outcome = OUTCOME_DEAD,
                                      .reason = "model: HTTP 500",
                                      .decided_by = "model",
                                      .asked = "visit-"};

    asked_put_report(job, &visit);
    asked_put_report(job, &dead);
}

static void a_running_job_is_counted_from_its_logs(void **state)
{
    struct standing standing;
    struct asked_job job;

    (void) state;
    asked_open(&job);
    write_crawl(&job);
    write_reports(&job);
    read_standing(&job, &standing);
    assert_int_equal(standing.state, STANDING_RUNNING);
    assert_int_equal(standing.lists, 2);
    assert_int_equal(standing.lists_ended, 1);
    assert_int_equal(standing.urls, 5);
    assert_int_equal(standing.urls_ended, 3);
    assert_int_equal(standing.documents, 3); /* two fetched, one ingested and dead */
    assert_int_equal(standing.outcomes, 2);
    assert_int_equal(standing.visits, 1);
    assert_int_equal(standing.events, 1);
    assert_int_equal(standing.dead, 1);
    assert_int_equal(standing.asked, 2);
    asked_close(&job);
}

static void the_seal_says_complete_or_gaps(void **state)
{
    Xunfang__Sealed sealed = XUNFANG__SEALED__INIT;
    struct standing standing;
    struct asked_job job;
    struct buf out;

    (void) state;
    asked_open(&job);
    sealed.state = fixture_text("complete");
    job.run.sealed = &sealed;
    job.run.generation = 3;
    read_standing(&job, &standing);
    assert_int_equal(standing.state, STANDING_COMPLETE);
    sealed.state = fixture_text("gaps: 2");
    read_standing(&job, &standing);
    assert_int_equal(standing.state, STANDING_GAPS);
    buf_init(&out, 1 << 16);
    standing_put_text(&standing, &out);
    assert_non_null(strstr(buf_text(&out), "job test, run main: gaps: 2, generation 3\n"));
    buf_fini(&out);
    asked_close(&job);
}

static void an_operators_word_holds_until_the_seal(void **state)
{
    Xunfang__Sealed sealed = XUNFANG__SEALED__INIT;
    struct standing standing;
    struct asked_job job;
    struct buf out;

    (void) state;
    asked_open(&job);
    job.run.state = RUN_PAUSED;
    read_standing(&job, &standing);
    assert_int_equal(standing.state, STANDING_PAUSED);
    buf_init(&out, 1 << 16);
    standing_put_text(&standing, &out);
    assert_non_null(strstr(buf_text(&out), "job test, run main: paused, generation 0\n"));
    buf_fini(&out);
    job.run.state = RUN_CANCELLED;
    read_standing(&job, &standing);
    assert_int_equal(standing.state, STANDING_CANCELLED);
    sealed.state = fixture_text("complete");
    job.run.sealed = &sealed;
    read_standing(&job, &standing);
    assert_int_equal(standing.state, STANDING_COMPLETE);
    asked_close(&job);
}

static int64_t number_of(const struct json *object, const char *key)
{
    assert_int_equal(json_kind(json_member(object, key)), JSON_KIND_NUMBER);
    return json_int(json_member(object, key), -1);
}

static const struct json *parse(const struct standing *standing, struct arena *arena)
{
    const struct json *object;
    struct buf out;
    struct error err;

    buf_init(&out, 1 << 16);
    standing_put_json(standing, &out);
    assert_true(slice_ends(buf_slice(&out), SLICE("}\n")));
    if (json_parse(arena_copy(arena, buf_slice(&out)), arena, &object, &err) != STATUS_OK)
        fail_msg("%s: %s", err.message, buf_text(&out));
    buf_fini(&out);
    return object;
}

static void json_has_the_account(void **state)
{
    const struct json *object, *model;
    struct standing standing;
    struct asked_job job;

    (void) state;
    asked_open(&job);
    write_reports(&job);
    (void) asked_answer(&job, &asked_texts[0], "visit", ASKED_YES);
    (void) asked_fail(&job, &asked_texts[1], "visit");
    read_standing(&job, &standing);
    object = parse(&standing, job.logs.arena);
    assert_true(slice_equal(json_text(json_member(object, "state")), SLICE("running")));
    assert_int_equal(number_of(object, "documents"), 2);
    assert_int_equal(number_of(object, "asked_documents"), 2);
    model = json_member(object, "model");
    assert_int_equal(number_of(model, "questions"), 2);
    assert_int_equal(number_of(model, "replies"), 1);
    assert_int_equal(number_of(model, "failures"), 1);
    assert_int_equal(number_of(model, "refusals"), 0);
    assert_int_equal(number_of(model, "calls"), 3);
    assert_int_equal(number_of(model, "prompt_tokens"), 90);
    assert_int_equal(number_of(model, "completion_tokens"), 10);
    assert_int_equal(number_of(model, "latency_ms"), 32);
    assert_true(json_double(json_member(model, "money"), 0) == 0.000008);
    assert_int_equal(number_of(json_member(model, "caps"), "calls"), 100);
    assert_int_equal(json_kind(json_member(json_member(model, "caps"), "money")), JSON_KIND_NULL);
    assert_int_equal(number_of(json_member(model, "spent"), "tokens"), 100);
    assert_int_equal(number_of(json_member(model, "held"), "calls"), 0);
    asked_close(&job);
}

/* Two documents stand in the log, and no classifier ever committed. */
static void what_waits_is_told_in_both_forms(void **state)
{
    const struct json *waiting;
    struct standing standing;
    struct asked_job job;
    struct buf out;

    (void) state;
    asked_open(&job);
    asked_document(&job, &asked_texts[0]);
    asked_document(&job, &asked_texts[1]);
    read_standing(&job, &standing);
    waiting = json_member(parse(&standing, job.logs.arena), "waiting");
    assert_int_equal(json_size(waiting), 2);
    assert_int_equal(number_of(waiting, "classifier"), 2);
    assert_int_equal(number_of(waiting, "extractor"), 0);
    buf_init(&out, 1 << 16);
    standing_put_text(&standing, &out);
    assert_non_null(
        strstr(buf_text(&out), "waiting    2 for the classifier, 0 for the extractor\n"));
    buf_fini(&out);
    asked_close(&job);
}

static void without_a_language_model_there_is_none(void **state)
{
    struct standing standing;
    struct asked_job job;
    struct buf out;

    (void) state;
    asked_open(&job);
    job.study->job.llm.endpoint = SLICE("");
    read_standing(&job, &standing);
    assert_int_equal(json_kind(json_member(parse(&standing, job.logs.arena), "model")),
                     JSON_KIND_NULL);
    buf_init(&out, 1 << 16);
    standing_put_text(&standing, &out);
    assert_null(strstr(buf_text(&out), "language model"));
    buf_fini(&out);
    asked_close(&job);
}

static void people_read_what_is_left(void **state)
{
    struct answer_question parts;
    struct standing standing;
    struct asked_job job;
    struct buf out;

    (void) state;
    asked_open(&job);
    (void) asked_answer(&job, &asked_texts[0], "visit", ASKED_YES);
    (void) asked_claim(&job, asked_question(&job, &asked_texts[1], "visit", &parts));
    read_standing(&job, &standing);
    buf_init(&out, 1 << 16);
    standing_put_text(&standing, &out);
    assert_non_null(strstr(buf_text(&out), "language model m at http://127.0.0.1:1/v1; of all"));
    assert_non_null(strstr(buf_text(&out), "questions  1: 1 answered, 0 without a usable answer"));
    assert_non_null(strstr(buf_text(&out), "calls      1 (and 4 held) of 100\n"));
    assert_non_null(strstr(buf_text(&out), "cost       0.000005 CNY\n"));
    assert_null(strstr(buf_text(&out), "used up"));
    standing.account.totals.refusals = 1;
    standing_put_text(&standing, &out);
    assert_non_null(strstr(buf_text(&out), "the budget is used up"));
    buf_fini(&out);
    asked_close(&job);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_running_job_is_counted_from_its_logs),
        cmocka_unit_test(the_seal_says_complete_or_gaps),
        cmocka_unit_test(an_operators_word_holds_until_the_seal),
        cmocka_unit_test(what_waits_is_told_in_both_forms),
        cmocka_unit_test(json_has_the_account),
        cmocka_unit_test(without_a_language_model_there_is_none),
        cmocka_unit_test(people_read_what_is_left),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
