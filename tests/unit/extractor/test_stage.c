/* Visits in, reports out: every outcome, on a bus in memory. */
#include "extractor/stage.h"

#include "base/message.h"
#include "proto/document.pb-c.h"
#include "tests/unit/extractor/scripted_consult.h"

#include "tests/support/worker_kit.h"
#include "tests/unit/extractor/extract_fixture.h"

static struct kit kit;
static struct resolver *resolver;
static struct worker *worker;
static char *themes[] = {(char *) "经济发展"};

/* What the classifier had asked about the visit, if anything. */
static Xunfang__Consulted *asked_before;

static void put(const char *title, const char *body, enum outcome outcome)
{
    Xunfang__Brief brief = XUNFANG__BRIEF__INIT;
    Xunfang__Visit visit = XUNFANG__VISIT__INIT;
    struct record record = {.key = SLICE("key"), .job = SLICE("job"), .run = SLICE("run")};
    struct buf bytes;

    brief.url = (char *) "http://x/1";
    brief.site_city = (char *) (strstr(title, "联席") != NULL ? "" : "常州");
    brief.title = (char *) title;
    brief.has_date = true;
    brief.date = civil_to_day((struct civil){2023, 5, 10});
    visit.brief = &brief;
    if (outcome == OUTCOME_PASSED) {
        visit.body = (char *) body;
        visit.is_visit = true;
        visit.n_themes = 1;
        visit.themes = themes;
        visit.purpose = (char *) "learning";
        visit.decided_by = (char *) "model";
        visit.model = (char *) "visit@1";
        visit.consulted = asked_before;
    }
    record.id = id_of(slice_from(title), slice_from(body));
    record.outcome = outcome;
    record.reason = outcome == OUTCOME_DROPPED ? SLICE("dictionary") : SLICE("");
    record.payload = message_pack_arena(&visit.base, kit.arena);
    buf_init(&bytes, 1 << 16);
    assert_int_equal(record_encode(&record, &bytes, &kit.err), STATUS_OK);
    kit_put_bytes(&kit, 0, record.key, buf_slice(&bytes));
    buf_fini(&bytes);
}

static const Xunfang__Report *out(uint64_t offset, struct record *record)
{
    const Xunfang__Report *report;

    assert_true(kit_out(&kit, offset, record));
    report = message_unpack(&xunfang__report__descriptor, record->payload, kit.arena, &kit.err);
    assert_non_null(report);
    return report;
}

static void start(struct consult *consult)
{
    struct worker_options options = kit_options(&kit, 1);

    assert_int_equal(resolver_create(&extractor, consult, &resolver, &kit.err), STATUS_OK);
    assert_int_equal(worker_create_map(&extractor_stage, resolver, &options, &worker, &kit.err),
                     STATUS_OK);
    assert_int_equal(kit_run(&kit, worker, 30), STATUS_OK);
}

static void stop(void)
{
    worker_destroy(worker);
    resolver_destroy(resolver);
}

static void run(void)
{
    start(NULL);
    stop();
}

static const char title_of_meeting[] = "松江区、昭通市协作联席会议";
static const char body_of_meeting[] = "5月8日，松江区与昭通市签订协议书，双方领导讲话。";

static void put_meeting(void)
{
    put(title_of_meeting, body_of_meeting, OUTCOME_PASSED);
}

static void test_report(void **state)
{
    const Xunfang__Report *report;
    const Xunfang__Event *event;
    struct record record;

    (void) state;
    kit_open(&kit);
    put("无锡市党政代表团来我市考察", "5月8日，无锡市委书记张三率党政代表团来常州考察。",
        OUTCOME_PASSED);
    run();
    report = out(0, &record);
    assert_int_equal(record.outcome, OUTCOME_PASSED);
    assert_int_equal(report->n_events, 1);
    event = report->events[0];
    assert_string_equal(event->origin_city, "无锡");
    assert_string_equal(event->host_city, "常州");
    assert_string_equal(event->level, "principal");
    assert_string_equal(event->purpose, "learning");
    assert_string_equal(event->date_precision, "day");
    assert_true(event->has_date);
    assert_int_equal(event->date, civil_to_day((struct civil){2023, 5, 8}));
    assert_int_equal(event->n_visitor_titles, 1);
    assert_string_equal(event->visitor_titles[0], "市委书记");
    assert_string_equal(event->evidence, "5月8日，无锡市委书记张三率党政代表团来常州考察");
    assert_int_equal(report->n_themes, 1);
    assert_string_equal(report->themes[0], "经济发展");
    assert_string_equal(report->decided_by, "model");
    assert_string_equal(report->model, "visit@1");
    assert_string_equal(report->brief->url, "http://x/1");
    assert_null(report->consulted);
    kit_close(&kit);
}

static void test_drops(void **state)
{
    const Xunfang__Report *report;
    struct record record;

    (void) state;
    kit_open(&kit);
    put("天气", "", OUTCOME_DROPPED);
    put("两地交流", "双方座谈。", OUTCOME_PASSED);
    run();
    report = out(0, &record);
    assert_int_equal(record.outcome, OUTCOME_DROPPED);
    assert_true(slice_equal(record.reason, SLICE("dictionary")));
    assert_string_equal(report->brief->title, "天气");
    assert_string_equal(report->decided_by, "");
    report = out(1, &record);
    assert_int_equal(record.outcome, OUTCOME_DROPPED);
    assert_true(slice_equal(record.reason, SLICE("no event")));
    assert_int_equal(report->n_events, 0);
    assert_string_equal(report->brief->title, "两地交流");
    assert_string_equal(report->decided_by, "model");
    assert_null(report->consulted);
    kit_close(&kit);
}

static void test_answers(void **state)
{
    ProtobufCBinaryData key = {3, (uint8_t *) "abc"};
    char *task = (char *) "visit";
    Xunfang__Consulted__End end = XUNFANG__CONSULTED__END__ANSWERED;
    Xunfang__Consulted before = XUNFANG__CONSULTED__INIT;
    const Xunfang__Report *report;
    struct record record;

    (void) state;
    kit_open(&kit);
    scripted_open();
    before.n_answers = before.n_tasks = before.n_ends = 1;
    before.answers = &key;
    before.tasks = &task;
    before.ends = &end;
    asked_before = &before;
    put_meeting();
    asked_before = NULL;
    start(&scripted);
    assert_int_equal(scripted.asked, 1);
    assert_int_equal(kit_out_count(&kit), 0); /* waits for its answer */
    scripted_end(0, ASKED_ANSWERED, scripted_json("昭通市", "松江区", "", "", ""));
    assert_int_equal(kit_run(&kit, worker, 30), STATUS_OK);
    report = out(0, &record);
    assert_int_equal(record.outcome, OUTCOME_PASSED);
    assert_int_equal(report->n_events, 1);
    assert_string_equal(report->events[0]->origin_city, "昭通");
    assert_string_equal(report->events[0]->host_city, "上海");
    assert_string_equal(report->decided_by, "llm");
    assert_string_equal(report->model, "scripted@1");
    assert_int_equal(report->consulted->n_tasks, 2);
    assert_string_equal(report->consulted->tasks[0], "visit");
    assert_string_equal(report->consulted->tasks[1], "events");
    assert_int_equal(report->consulted->n_answers, 2);
    assert_memory_equal(report->consulted->answers[0].data, "abc", 3);
    assert_int_equal(report->consulted->answers[1].len, ID_SIZE);
    assert_int_equal(report->consulted->n_ends, 2);
    stop();
    scripted_close();
    kit_close(&kit);
}

static void test_failed_answers(void **state)
{
    const Xunfang__Report *report;
    struct record record;

    (void) state;
    kit_open(&kit);
    scripted_open();
    put_meeting();
    start(&scripted);
    scripted_end(0, ASKED_FAILED, "HTTP 500");
    assert_int_equal(kit_run(&kit, worker, 30), STATUS_OK);
    report = out(0, &record);
    assert_int_equal(record.outcome, OUTCOME_DROPPED);
    assert_true(slice_equal(record.reason, SLICE("no event")));
    assert_string_equal(report->decided_by, "model");
    assert_string_equal(report->model, "visit@1");
    assert_int_equal(report->consulted->failed, 1);
    assert_int_equal(report->consulted->ends[0], XUNFANG__CONSULTED__END__FAILED);
    stop();
    scripted_close();
    kit_close(&kit);
}

static void test_dead_without_an_answer(void **state)
{
    const Xunfang__Report *report;
    struct record record;

    (void) state;
    kit_open(&kit);
    scripted_open();
    scripted.dead = true;
    put_meeting();
    start(&scripted);
    scripted_end(0, ASKED_FAILED, "HTTP 500");
    assert_int_equal(kit_run(&kit, worker, 30), STATUS_OK);
    report = out(0, &record);
    assert_int_equal(record.outcome, OUTCOME_DEAD);
    assert_true(slice_equal(record.reason, SLICE("model: HTTP 500")));
    assert_string_equal(report->brief->url, "http://x/1");
    assert_int_equal(report->consulted->failed, 1);
    stop();
    scripted_close();
    kit_close(&kit);
}

/* What was dead before stays dead with its reason: its text is read by nobody. */
static void test_dead_before(void **state)
{
    struct record record;

    (void) state;
    kit_open(&kit);
    put("无锡市党政代表团来我市考察", "5月8日，无锡市委书记张三率党政代表团来常州考察。",
        OUTCOME_DEAD);
    run();
    (void) out(0, &record);
    assert_int_equal(record.outcome, OUTCOME_DEAD);
    kit_close(&kit);
}

/* Others go on while one waits; killed then, it is asked again and ends alike. */
static void test_killed_while_waiting(void **state)
{
    struct record record;

    (void) state;
    kit_open(&kit);
    scripted_open();
    put_meeting();
    put("无锡市党政代表团来我市考察", "一行来常州。", OUTCOME_PASSED);
    start(&scripted);
    assert_int_equal(kit_out_count(&kit), 1);
    (void) out(0, &record);
    assert_int_equal(record.outcome, OUTCOME_PASSED);
    kit_kill(&kit, worker);
    resolver_destroy(resolver);
    scripted.asked = 0;
    start(&scripted);
    assert_int_equal(scripted.asked, 1);
    scripted_end(0, ASKED_ANSWERED, scripted_json("昭通市", "松江区", "", "", ""));
    assert_int_equal(kit_run(&kit, worker, 30), STATUS_OK);
    (void) out(1, &record);
    assert_int_equal(record.outcome, OUTCOME_PASSED);
    kit_drain(&kit, worker);
    assert_string_equal(kit_commit(&kit, "extractor", 0), "2 clean");
    stop();
    scripted_close();
    kit_close(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_report),
        cmocka_unit_test(test_drops),
        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_failed_answers),
        cmocka_unit_test(test_dead_without_an_answer),
        cmocka_unit_test(test_dead_before),
        cmocka_unit_test(test_killed_while_waiting),
    };

    return cmocka_run_group_tests(tests, extract_open, extract_close);
}
