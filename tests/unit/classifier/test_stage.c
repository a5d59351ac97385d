/* Documents in, visits out: every outcome, on a bus in memory. */
#include "classifier/stage.h"

#include "base/message.h"
#include "proto/document.pb-c.h"
#include "tests/support/worker_kit.h"
#include "tests/unit/study/reader_fixture.h"

static const struct slice words[] = {{"考察", 6}, {"通知", 6}};
static struct judge *judge;
static struct kit kit;

/* A document record into "in". */
static void put(const char *title, const char *body, int32_t day, enum outcome outcome)
{
    Xunfang__Brief brief = XUNFANG__BRIEF__INIT;
    Xunfang__Document document = XUNFANG__DOCUMENT__INIT;
    struct record record = {.key = SLICE("key"), .job = SLICE("job"), .run = SLICE("run")};
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

static void run(void)
{
    const struct screen_rules rules = {0, 20000, words, 2};
    struct worker_options options = kit_options(&kit, 1);
    struct classifier classifier = {NULL, judge};
    struct worker *worker = NULL;

    assert_int_equal(screen_create(&rules, &classifier.screen, &kit.err), STATUS_OK);
    assert_int_equal(worker_create_map(&classifier_stage, &classifier, &options, &worker, &kit.err),
                     STATUS_OK);
    assert_int_equal(kit_run(&kit, worker, 30), STATUS_OK);
    worker_destroy(worker);
    screen_destroy(classifier.screen);
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
    kit_close(&kit);
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
        cmocka_unit_test(test_garbage),
    };

    return cmocka_run_group_tests(tests, open_judge, close_judge);
}
