/* Documents in, visits out: every outcome, on a bus in memory. */
#include "classifier/stage.h"

#include "base/message.h"
#include "proto/document.pb-c.h"
#include "tests/support/worker_kit.h"
#include "tests/unit/study/consult_fake.h"
#include "tests/unit/study/reader_fixture.h"

static const struct slice words[] = {{"考察", 6}, {"通知", 6}};
static struct judge *judge;
static struct kit kit;

enum { GENERATION = 5 };

/* A document record into "in". */
static void put(const char *title, const char *body, int32_t day, enum outcome outcome)
{
    Xunfang__Brief brief = XUNFANG__BRIEF__INIT;
    Xunfang__Document document = XUNFANG__DOCUMENT__INIT;
    struct record record = {
        .key = SLICE("key"), .job = SLICE("job"), .run = SLICE("run"), .generation = GENERATION};
    struct buf bytes;
    bool blank = title[0] == '\0' && body[0] == '\0';

    brief.url = (char *) "http://x/1";
    brief.site_city = (char *) "常州";
    brief.title = (char *) title;
    brief.has_date = day != CIVIL_NONE;
    brief.date = brief.has_date ? day : 0;
    brief.fingerprint = message_bytes(blank ? SLICE("") : SLICE("0123456789abcdef"));
    document.brief = &brief;
    document.body = (char *) body;
    record.id = id_of(slice_from(title), slice_from(body));
    record.outcome = outcome;
    record.reason = outcome == OUTCOME_DROPPED ? SLICE("elsewhere") : SLICE("");
    record.payload = message_pack_arena(&document.base, kit.arena);
    buf_init(&bytes, 1 << 16);
    assert_int_equal(record_encode(&record, &bytes, &kit.err), STATUS_OK);
    kit_put_bytes(&kit, 0, record.key, buf_slice(&bytes));
    buf_fini(&bytes);
}

static const Xunfang__Visit *out(uint64_t offset, struct record *record)
{
    const Xunfang__Visit *visit;

    assert_true(kit_out(&kit, offset, record));
    visit = message_unpack(&xunfang__visit__descriptor, record->payload, kit.arena, &kit.err);
    assert_non_null(visit);
    return visit;
}

/* ---- a worker, with or without somebody to ask ---- */

static struct {
    struct classifier classifier;
    struct worker *worker;
} stand;

static void open_stand(struct consult *consult)
{
    const struct screen_rules rules = {0, 20000, words, 2};
    struct worker_options options = kit_options(&kit, 1);

    options.window = 16;
    assert_int_equal(screen_create(&rules, &stand.classifier.screen, &kit.err), STATUS_OK);
    assert_int_equal(cascade_create(judge, consult, &stand.classifier.cascade, &kit.err),
                     STATUS_OK);
    assert_int_equal(
        worker_create_map(&classifier_stage, &stand.classifier, &options, &stand.worker, &kit.err),
        STATUS_OK);
}

static void close_stand(void)
{
    worker_destroy(stand.worker);
    cascade_destroy(stand.classifier.cascade);
    screen_destroy(stand.classifier.screen);
}

static void steps(unsigned count)
{
    assert_int_equal(kit_run(&kit, stand.worker, count), STATUS_OK);
}

static void run(void)
{
    open_stand(NULL);
    steps(30);
    close_stand();
}

static void expect_drop(uint64_t offset, const char *reason)
{
    struct record record;
    const Xunfang__Visit *visit = out(offset, &record);

    assert_int_equal(record.outcome, OUTCOME_DROPPED);
    assert_true(slice_equal(record.reason, slice_from(reason)));
    assert_string_equal(visit->brief->url, "http://x/1");
    assert_string_equal(visit->body, "");
    assert_false(visit->is_visit);
    assert_null(visit->consulted);
    assert_string_equal(visit->decided_by, strcmp(reason, "no visit") == 0 ? "model" : "");
    assert_string_equal(visit->model, strcmp(reason, "no visit") == 0 ? judge_version(judge) : "");
}

static void test_reasons(void **state)
{
    (void) state;
    kit_open(&kit);
    put("", "", 100, OUTCOME_PASSED);
    put("无锡市代表团来我市考察", "", 20001, OUTCOME_PASSED);
    put("天气", "晴", 100, OUTCOME_PASSED);
    put("关于医保的通知", "各单位：现通知如下。", CIVIL_NONE, OUTCOME_PASSED);
    put("题", "文", 100, OUTCOME_DROPPED);
    run();
    assert_int_equal(kit_out_count(&kit), 5);
    expect_drop(0, "blank");
    expect_drop(1, "period");
    expect_drop(2, "dictionary");
    expect_drop(3, "no visit");
    expect_drop(4, "elsewhere");
    kit_close(&kit);
}

static void test_visit(void **state)
{
    static const char body[] = "5月8日，无锡市委书记率党政代表团来常州考察，签署合作协议。";
    const Xunfang__Visit *visit;
    struct record record;

    (void) state;
    kit_open(&kit);
    put("无锡市党政代表团来我市考察", body, 100, OUTCOME_PASSED);
    run();
    visit = out(0, &record);
    assert_int_equal(record.outcome, OUTCOME_PASSED);
    assert_true(visit->is_visit);
    assert_true(visit->margin > 0);
    assert_string_equal(visit->body, body);
    assert_string_equal(visit->brief->title, "无锡市党政代表团来我市考察");
    assert_string_equal(visit->decided_by, "model");
    assert_string_equal(visit->model, judge_version(judge));
    assert_string_equal(visit->purpose, "cooperative");
    assert_true(visit->n_themes >= 1);
    assert_null(visit->consulted);
    kit_close(&kit);
}

/* ---- a language model is asked ---- */

static const char visit_title[] = "无锡市党政代表团来我市考察";
static const char visit_body[] = "5月8日，无锡市委书记率党政代表团来常州考察，签署合作协议。";

static void open_asking(void)
{
    kit_open(&kit);
    fake_open();
    fake_band(JUDGE_VISIT, 50, 100);
    open_stand(fake_consult());
}

static void close_asking(void)
{
    close_stand();
    kit_close(&kit);
}

static void test_others_go_past_a_document_that_waits(void **state)
{
    struct record record;

    (void) state;
    open_asking();
    put(visit_title, visit_body, 100, OUTCOME_PASSED);
    put("关于医保的通知", "各单位：现通知如下。", 100, OUTCOME_PASSED);
    steps(300);
    assert_int_equal(fake.count, 1);
    assert_int_equal(kit_out_count(&kit), 1);
    expect_drop(0, "no visit");
    assert_string_equal(kit_commit(&kit, "classifier", 0), "0 running");
    fake_answer(0, PROMPT_YES);
    steps(10);
    assert_int_equal(kit_out_count(&kit), 2);
    assert_true(out(1, &record)->is_visit);
    steps(300);
    assert_string_equal(kit_commit(&kit, "classifier", 0), "2 running");
    close_asking();
}

static void test_what_an_answer_decided(void **state)
{
    const Xunfang__Visit *visit;
    struct record record;

    (void) state;
    open_asking();
    put(visit_title, visit_body, 100, OUTCOME_PASSED);
    put("无锡市代表团来我市考察", visit_body, 100, OUTCOME_PASSED);
    steps(10);
    fake_answer(0, PROMPT_NO);
    steps(10);
    visit = out(0, &record);
    assert_int_equal(record.outcome, OUTCOME_DROPPED);
    assert_true(slice_equal(record.reason, SLICE("no visit")));
    assert_string_equal(visit->decided_by, "llm");
    assert_string_equal(visit->model, "small@visit");
    assert_string_equal(visit->brief->title, visit_title);
    assert_string_equal(visit->body, "");
    assert_non_null(visit->consulted);
    assert_int_equal(visit->consulted->n_answers, 1);
    assert_string_equal(visit->consulted->tasks[0], "visit");
    fake_answer(1, PROMPT_YES);
    steps(10);
    visit = out(1, &record);
    assert_int_equal(record.outcome, OUTCOME_PASSED);
    assert_string_equal(visit->decided_by, "llm");
    assert_string_equal(visit->body, visit_body);
    assert_non_null(visit->consulted);
    close_asking();
}

static void test_no_answer(void **state)
{
    const Xunfang__Visit *visit;
    struct record record;

    (void) state;
    open_asking();
    put(visit_title, visit_body, 100, OUTCOME_PASSED);
    steps(10);
    fake_fail(0, "HTTP 500");
    steps(10);
    visit = out(0, &record);
    assert_int_equal(record.outcome, OUTCOME_PASSED);
    assert_string_equal(visit->decided_by, "model");
    assert_int_equal(visit->consulted->failed, 1);
    fake.failure_is_dead = true;
    put("无锡市代表团来我市考察", visit_body, 100, OUTCOME_PASSED);
    steps(10);
    fake_fail(1, "HTTP 500");
    steps(10);
    visit = out(1, &record);
    assert_int_equal(record.outcome, OUTCOME_DEAD);
    assert_true(slice_equal(record.reason, SLICE("model: HTTP 500")));
    assert_false(visit->is_visit);
    assert_string_equal(visit->body, "");
    assert_string_equal(visit->brief->url, "http://x/1");
    assert_string_equal(visit->decided_by, "");
    assert_int_equal(visit->consulted->failed, 1);
    close_asking();
}

static void test_generation_of_the_record_is_that_of_the_question(void **state)
{
    (void) state;
    open_asking();
    put(visit_title, visit_body, 100, OUTCOME_PASSED);
    steps(10);
    assert_int_equal(fake.questions[0].generation, GENERATION);
    close_asking();
}

static void test_many_wait_at_once(void **state)
{
    enum { MANY = 12 };
    struct record record;
    char title[64];

    (void) state;
    open_asking();
    for (int i = 0; i < MANY; i++) {
        (void) snprintf(title, sizeof title, "%s%d", visit_title, i);
        put(title, visit_body, 100, OUTCOME_PASSED);
    }
    steps(50);
    assert_int_equal(fake.count, MANY);
    for (size_t i = MANY; i-- > 0;) {
        fake_answer(i, PROMPT_YES);
        steps(3);
    }
    assert_int_equal(kit_out_count(&kit), MANY);
    (void) snprintf(title, sizeof title, "%s%d", visit_title, MANY - 1);
    assert_string_equal(out(0, &record)->brief->title, title);
    close_asking();
}

/* The process dies while documents wait: whoever comes next asks again, one at a time, and
 * there is one outcome each. */
static void test_death_while_documents_wait(void **state)
{
    (void) state;
    open_asking();
    put(visit_title, visit_body, 100, OUTCOME_PASSED);
    put("无锡市代表团来我市考察", visit_body, 100, OUTCOME_PASSED);
    steps(10);
    assert_int_equal(fake.count, 2);
    close_stand();
    bus_close(kit.bus);
    kit_open_bus(&kit);
    fake_open();
    fake_band(JUDGE_VISIT, 50, 100);
    open_stand(fake_consult());
    steps(50);
    assert_int_equal(fake.count, 1);
    fake_answer(0, PROMPT_YES);
    steps(50);
    assert_int_equal(fake.count, 2);
    fake_answer(1, PROMPT_YES);
    steps(50);
    assert_int_equal(kit_out_count(&kit), 2);
    close_asking();
}

static void test_garbage(void **state)
{
    struct record record = {.key = SLICE("key"), .job = SLICE("job"), .run = SLICE("run")};
    struct record dead;
    struct buf bytes;

    (void) state;
    kit_open(&kit);
    record.payload = SLICE("\xff\xff");
    buf_init(&bytes, 1 << 16);
    assert_int_equal(record_encode(&record, &bytes, &kit.err), STATUS_OK);
    kit_put_bytes(&kit, 0, record.key, buf_slice(&bytes));
    buf_fini(&bytes);
    run();
    assert_true(kit_out(&kit, 0, &dead));
    assert_int_equal(dead.outcome, OUTCOME_DEAD);
    kit_close(&kit);
}

static int open_judge(void **state)
{
    return fixture_open(state) != 0 || judge_load(SOURCE_DIR "/codebooks/visits", fixture.reader,
                                                  &judge, &fixture.err) != STATUS_OK;
}

static int close_judge(void **state)
{
    judge_destroy(judge);
    return fixture_close(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reasons),
        cmocka_unit_test(test_visit),
        cmocka_unit_test(test_others_go_past_a_document_that_waits),
        cmocka_unit_test(test_what_an_answer_decided),
        cmocka_unit_test(test_no_answer),
        cmocka_unit_test(test_generation_of_the_record_is_that_of_the_question),
        cmocka_unit_test(test_many_wait_at_once),
        cmocka_unit_test(test_death_while_documents_wait),
        cmocka_unit_test(test_garbage),
    };

    return cmocka_run_group_tests(tests, open_judge, close_judge);
}
