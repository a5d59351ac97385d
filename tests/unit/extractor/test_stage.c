/* Visits in, reports out: every outcome, on a bus in memory. */
#include "extractor/stage.h"

#include "base/message.h"
#include "proto/document.pb-c.h"
#include "tests/support/worker_kit.h"
#include "tests/unit/extractor/extract_fixture.h"

static struct kit kit;
static char *themes[] = {(char *) "经济发展"};

static void put(const char *title, const char *body, enum outcome outcome)
{
    Xunfang__Brief brief = XUNFANG__BRIEF__INIT;
    Xunfang__Visit visit = XUNFANG__VISIT__INIT;
    struct record record = {.key = SLICE("key"), .job = SLICE("job"), .run = SLICE("run")};
    struct buf bytes;

    brief.url = (char *) "http://x/1";
    brief.site_city = (char *) "常州";
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

static void run(void)
{
    struct worker_options options = kit_options(&kit, 1);
    struct worker *worker = NULL;

    assert_int_equal(worker_create_map(&extractor_stage, &extractor, &options, &worker, &kit.err),
                     STATUS_OK);
    assert_int_equal(kit_run(&kit, worker, 30), STATUS_OK);
    worker_destroy(worker);
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
    report = out(1, &record);
    assert_int_equal(record.outcome, OUTCOME_DROPPED);
    assert_true(slice_equal(record.reason, SLICE("no event")));
    assert_int_equal(report->n_events, 0);
    assert_string_equal(report->brief->title, "两地交流");
    kit_close(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_report),
        cmocka_unit_test(test_drops),
    };

    return cmocka_run_group_tests(tests, extract_open, extract_close);
}
