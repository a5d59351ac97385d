/* A newer worker's records among ours: what it added to the envelope, and to messages that travel
 * on, arrives at the other end of the pipeline, whatever becomes of the document. */
#include "base/message.h"
#include "classifier/stage.h"
#include "crawler/parse_stage.h"
#include "extractor/stage.h"
#include "proto/document.pb-c.h"
#include "proto/page.pb-c.h"
#include "tests/support/worker_kit.h"
#include "tests/unit/extractor/extract_fixture.h"

#include "study/study.h"

enum { LATER = 1000, LATER_STILL = 1001 };

static const char title[] = "无锡市党政代表团来我市考察";
static const char body[] = "5月8日，无锡市委书记张三率党政代表团来常州考察，签署合作协议。";
static const char *const topics[] = {"pages", "documents", "visits", "reports"};
static struct judge *judge;
static struct study *study;
static struct kit kit;

/* ---- what a newer version writes ---- */

static uint8_t later_bytes[] = {5, 'l', 'a', 't', 'e', 'r'};
static ProtobufCMessageUnknownField later_field = {LATER, PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED,
                                                   sizeof later_bytes, later_bytes};
static uint8_t still_bytes[] = {0x96, 0x01};
static ProtobufCMessageUnknownField still_field = {LATER_STILL, PROTOBUF_C_WIRE_TYPE_VARINT,
                                                   sizeof still_bytes, still_bytes};

static void add_later(ProtobufCMessage *message)
{
    message->n_unknown_fields = 1;
    message->unknown_fields = &later_field;
}

static void put(const char *topic, const ProtobufCMessage *payload)
{
    struct record record = {.id = id_of(SLICE("a"), SLICE("b")),
                            .key = SLICE("key"),
                            .job = SLICE("job"),
                            .run = SLICE("run"),
                            .outcome = OUTCOME_PASSED,
                            .sources = {{SLICE("pages"), 0, 7}},
                            .source_count = 1,
                            .beyond = {&still_field, 1},
                            .sources_beyond = {{&later_field, 1}}};
    struct bus_message message = {.topic = topic, .key = record.key};
    struct buf bytes;

    buf_init(&bytes, 1 << 16);
    record.payload = message_pack_arena(payload, kit.arena);
    assert_int_equal(record_encode(&record, &bytes, &kit.err), STATUS_OK);
    message.value = buf_slice(&bytes);
    assert_int_equal(bus_publish(kit.bus, &message, NULL, &kit.err), STATUS_OK);
    assert_int_equal(bus_flush(kit.bus, 1000, &kit.err), STATUS_OK);
    buf_fini(&bytes);
}

static void put_document(const char *text, int32_t day)
{
    Xunfang__Document document = XUNFANG__DOCUMENT__INIT;
    Xunfang__Brief brief = XUNFANG__BRIEF__INIT;

    brief.url = (char *) "http://x/1";
    brief.site_city = (char *) "常州";
    brief.title = (char *) title;
    brief.has_date = true;
    brief.date = day;
    brief.fingerprint = message_bytes(SLICE("0123456789abcdef"));
    add_later(&brief.base);
    document.brief = &brief;
    document.body = (char *) text;
    put("documents", &document.base);
}

/* ---- our stages ---- */

static void run_map(const struct map_stage *stage, void *self, size_t from)
{
    const struct bus_partition input = {topics[from], 0};
    struct worker_options options = kit_options(&kit, 1);
    struct worker *worker;

    options.inputs = &input;
    options.output = topics[from + 1];
    assert_int_equal(worker_create_map(stage, self, &options, &worker, &kit.err), STATUS_OK);
    assert_int_equal(kit_run(&kit, worker, 30), STATUS_OK);
    worker_destroy(worker);
}

static void parse(void)
{
    struct page_parser self = {.study = study};

    assert_int_equal(fetch_parser_create(&self.parser, &kit.err), STATUS_OK);
    run_map(&parser_stage, &self, 0);
    fetch_parser_destroy(self.parser);
}

static void classify(void)
{
    static const struct slice words[] = {{"考察", 6}};
    const struct screen_rules rules = {0, 20000, words, 1};
    struct classifier classifier;

    assert_int_equal(screen_create(&rules, &classifier.screen, &kit.err), STATUS_OK);
    assert_int_equal(cascade_create(judge, NULL, &classifier.cascade, &kit.err), STATUS_OK);
    run_map(&classifier_stage, &classifier, 1);
    cascade_destroy(classifier.cascade);
    screen_destroy(classifier.screen);
}

static void extract(void)
{
    struct resolver *resolver;

    assert_int_equal(resolver_create(&extractor, NULL, &resolver, &kit.err), STATUS_OK);
    run_map(&extractor_stage, resolver, 2);
    resolver_destroy(resolver);
}

/* ---- what arrives ---- */

static void expect_later(const ProtobufCMessage *message)
{
    assert_int_equal(message->n_unknown_fields, 1);
    assert_int_equal(message->unknown_fields[0].tag, LATER);
    assert_int_equal(message->unknown_fields[0].len, sizeof later_bytes);
    assert_memory_equal(message->unknown_fields[0].data, later_bytes, sizeof later_bytes);
}

/* The first record of a topic, with the envelope's additions, and those of its oldest source. */
static void take(const char *topic, enum outcome outcome, struct record *record)
{
    struct bus_record bytes;

    assert_true(bus_world_record(kit.world, topic, 0, 0, &bytes));
    assert_int_equal(record_decode(bytes.value, kit.arena, record, &kit.err), STATUS_OK);
    assert_int_equal(record->outcome, outcome);
    assert_int_equal(record->beyond.count, 1);
    assert_int_equal(record->beyond.fields[0].tag, LATER_STILL);
    assert_int_equal(record->sources_beyond[0].count, 1);
    assert_int_equal(record->sources_beyond[0].fields[0].tag, LATER);
    assert_true(record->source_count > 1);
    assert_int_equal(record->sources_beyond[record->source_count - 1].count, 0);
}

static const Xunfang__Report *take_report(enum outcome outcome)
{
    const Xunfang__Report *report;
    struct record record;

    take("reports", outcome, &record);
    report = message_unpack(&xunfang__report__descriptor, record.payload, kit.arena, &kit.err);
    assert_non_null(report);
    return report;
}

static void test_a_passed_document(void **state)
{
    const Xunfang__Report *report;

    (void) state;
    put_document(body, 19000);
    classify();
    extract();
    report = take_report(OUTCOME_PASSED);
    assert_int_equal(report->n_events, 1);
    expect_later(&report->brief->base);
}

static void test_a_dropped_document(void **state)
{
    (void) state;
    put_document(body, 20001); /* out of the period */
    classify();
    extract();
    expect_later(&take_report(OUTCOME_DROPPED)->brief->base);
}

static void test_what_was_asked_before(void **state)
{
    Xunfang__Consulted consulted = XUNFANG__CONSULTED__INIT;
    Xunfang__Visit visit = XUNFANG__VISIT__INIT;
    Xunfang__Brief brief = XUNFANG__BRIEF__INIT;
    const Xunfang__Report *report;

    (void) state;
    brief.url = (char *) "http://x/1";
    brief.site_city = (char *) "常州";
    brief.title = (char *) title;
    add_later(&brief.base);
    add_later(&consulted.base);
    visit.brief = &brief;
    visit.body = (char *) body;
    visit.is_visit = true;
    visit.consulted = &consulted;
    put("visits", &visit.base);
    extract();
    report = take_report(OUTCOME_PASSED);
    expect_later(&report->brief->base);
    assert_non_null(report->consulted);
    expect_later(&report->consulted->base);
}

/* A page becomes a document of our own making: the envelope's additions go on, the page's end. */
static void test_a_page(void **state)
{
    static const char html[] =
        "<html><head><title>无锡市代表团来常州考察</title></head><body><p>"
        "5月8日，无锡市委书记率党政代表团来常州考察，双方签署协议。</p></body></html>";
    Xunfang__Request request = XUNFANG__REQUEST__INIT;
    Xunfang__Page page = XUNFANG__PAGE__INIT;
    struct record record;

    (void) state;
    request.method = (char *) "GET";
    request.url = (char *) "http://www.changzhou.gov.cn/1.html";
    page.request = &request;
    page.http_status = 200;
    page.body = message_bytes(slice_from(html));
    add_later(&page.base);
    add_later(&request.base);
    put("pages", &page.base);
    parse();
    take("documents", OUTCOME_PASSED, &record);
    classify();
    extract();
    take("visits", OUTCOME_PASSED, &record);
    (void) take_report(OUTCOME_PASSED);
}

/* ---- life ---- */

static int open_all(void **state)
{
    const struct study_source source = {.job_path = SOURCE_DIR "/jobs/demo.yaml"};

    return extract_open(state) != 0 ||
           judge_load(SOURCE_DIR "/codebooks/visits", fixture.reader, &judge, &fixture.err) !=
               STATUS_OK ||
           study_load(&source, &study, &fixture.err) != STATUS_OK;
}

static int close_all(void **state)
{
    study_destroy(study);
    judge_destroy(judge);
    return extract_close(state);
}

static int open_kit(void **state)
{
    (void) state;
    kit_open(&kit);
    for (size_t i = 0; i < sizeof topics / sizeof topics[0]; i++)
        assert_int_equal(bus_topic_create(kit.bus, topics[i], 1, &kit.err), STATUS_OK);
    return 0;
}

static int close_kit(void **state)
{
    (void) state;
    kit_close(&kit);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_kit, close_kit)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_passed_document),
        TEST(test_a_dropped_document),
        TEST(test_what_was_asked_before),
        TEST(test_a_page),
    };

    return cmocka_run_group_tests(tests, open_all, close_all);
}
