/*
 * logs: a job's logs on a bus in memory, filled by hand as crawler, classifier and extractor would
 * have written.
 *
 * Topics   urls (2 partitions), test.main.documents, test.main.visits, test.main.reports,
 *          test.pages (2 each), leases (2), control and test.answers (1); job "test", run
 *           "main".
 * Failure  of any call fails the test.
 */
#ifndef XUNFANG_TESTS_UNIT_AGGREGATOR_LOGS_H
#define XUNFANG_TESTS_UNIT_AGGREGATOR_LOGS_H

#include "tests/unit/aggregator/fixture.h"

#include "base/bus/bus_memory.h"
#include "proto/control.pb-c.h"
#include "study/request.h"
#include "study/topics.h"

enum { LOG_PARTITIONS = 2 };

struct logs {
    struct clock_manual clock;
    struct bus_world *world;
    struct bus *bus;
    struct topic_name topics[TOPIC_KINDS];
    struct arena *arena;
};

static inline uint32_t logs_partitions(enum topic_kind kind)
{
    return kind == TOPIC_CONTROL || kind == TOPIC_ANSWERS ? 1 : LOG_PARTITIONS;
}

static inline void logs_open(struct logs *logs)
{
    struct bus_options options = {.client = "test"};

    memset(logs, 0, sizeof *logs);
    clock_manual_init(&logs->clock, 1000);
    logs->world = bus_world_create(1, &logs->clock);
    logs->arena = arena_create(64 << 20);
    assert_non_null(logs->world);
    assert_int_equal(bus_memory_open(logs->world, &options, &logs->bus, NULL), STATUS_OK);
    for (int kind = 0; kind < TOPIC_KINDS; kind++) {
        logs->topics[kind] = topic_name((enum topic_kind) kind, "test", "main");
        assert_int_equal(bus_topic_create(logs->bus, logs->topics[kind].text,
                                          logs_partitions((enum topic_kind) kind), NULL),
                         STATUS_OK);
    }
}

static inline void logs_close(struct logs *logs)
{
    bus_close(logs->bus);
    bus_world_destroy(logs->world);
    arena_destroy(logs->arena);
}

static inline void logs_put(struct logs *logs, enum topic_kind kind, const struct record *record,
                            uint32_t partition)
{
    struct buf value;
    struct bus_message message = {.topic = logs->topics[kind].text, .partition = partition};

    buf_init(&value, BUS_RECORD_MAX);
    assert_int_equal(record_encode(record, &value, NULL), STATUS_OK);
    message.key = record->key;
    message.value = buf_slice(&value);
    assert_int_equal(bus_publish(logs->bus, &message, NULL, NULL), STATUS_OK);
    assert_int_equal(bus_flush(logs->bus, 1000, NULL), STATUS_OK);
    buf_fini(&value);
}

static inline void logs_put_message(struct logs *logs, enum topic_kind kind, struct record record,
                                    const ProtobufCMessage *message)
{
    uint32_t partitions = logs_partitions(kind);

    record.schema = RECORD_SCHEMA;
    record.job = SLICE("test");
    if (record.key.data == NULL)
        record.key = id_slice(&record.id);
    record.payload = message_pack_arena(message, logs->arena);
    logs_put(logs, kind, &record, partition_of(record.key, partitions));
}

/* ---- urls ---- */

static inline Xunfang__Request *logs_request(struct logs *logs, const char *url, bool list)
{
    Xunfang__Request *request = arena_alloc(logs->arena, sizeof *request);

    xunfang__request__init(request);
    request->method = fixture_text("GET");
    request->url = fixture_text(url);
    request->kind = list ? XUNFANG__REQUEST__KIND__LIST : XUNFANG__REQUEST__KIND__ARTICLE;
    return request;
}

static inline void logs_put_url(struct logs *logs, struct id id, const Xunfang__UrlRecord *url)
{
    const struct record record = {.id = id, .key = SLICE("host")};

    logs_put_message(logs, TOPIC_URLS, record, &url->base);
}

static inline void logs_link(struct logs *logs, Xunfang__Request *request, bool seed)
{
    static const unsigned char parent[ID_SIZE] = {1};
    Xunfang__UrlRecord record = XUNFANG__URL_RECORD__INIT;
    Xunfang__Link link = XUNFANG__LINK__INIT;

    link.request = request;
    if (!seed)
        link.parent = (ProtobufCBinaryData){ID_SIZE, (uint8_t *) (uintptr_t) parent};
    record.kind_case = XUNFANG__URL_RECORD__KIND_LINK;
    record.link = &link;
    logs_put_url(logs, request_id(request), &record);
}

struct logs_fetch {
    Xunfang__Request *request;
    Xunfang__FetchResult__Outcome outcome;
    const char *const *hits; /* URLs, ended by NULL; NULL: none */
    Xunfang__Request *next;  /* or the target of a move */
    int64_t sent_ms;
    uint64_t declared;
    const char *detail;
};

static inline void logs_fill_hits(struct logs *logs, const char *const *urls,
                                  Xunfang__FetchResult *fetch)
{
    while (urls != NULL && urls[fetch->n_hits] != NULL)
        fetch->n_hits++;
    fetch->hits = arena_array(logs->arena, fetch->n_hits + 1, sizeof *fetch->hits);
    for (size_t i = 0; i < fetch->n_hits; i++) {
        struct id *id = arena_alloc(logs->arena, sizeof *id);

        fetch->hits[i] = arena_alloc(logs->arena, sizeof **fetch->hits);
        xunfang__hit__init(fetch->hits[i]);
        *id = request_id_of_url(slice_from(urls[i]));
        fetch->hits[i]->url = fixture_text(urls[i]);
        fetch->hits[i]->request_id = message_bytes(id_slice(id));
    }
}

static inline void logs_result(struct logs *logs, const struct logs_fetch *given)
{
    Xunfang__UrlRecord record = XUNFANG__URL_RECORD__INIT;
    Xunfang__Result result = XUNFANG__RESULT__INIT;
    Xunfang__FetchResult fetch = XUNFANG__FETCH_RESULT__INIT, *fetches[] = {&fetch};
    Xunfang__Link link = XUNFANG__LINK__INIT, *links[] = {&link};
    struct id id = request_id(given->request);
    struct id lease = id_of(SLICE("lease"), id_slice(&id));

    fetch.request = given->request;
    fetch.request_id = message_bytes(id_slice(&id));
    fetch.outcome = given->outcome;
    fetch.detail = fixture_text(given->detail);
    fetch.declared_total = given->declared;
    fetch.sent_ms = given->sent_ms;
    fetch.ended_ms = given->sent_ms + 5;
    logs_fill_hits(logs, given->hits, &fetch);
    link.request = given->next;
    fetch.links = links;
    fetch.n_links = given->next != NULL;
    result.lease = message_bytes(id_slice(&lease));
    result.fetches = fetches;
    result.n_fetches = 1;
    record.kind_case = XUNFANG__URL_RECORD__KIND_RESULT;
    record.result = &result;
    logs_put_url(logs, lease, &record);
}

static inline void logs_verdict(struct logs *logs, Xunfang__Request *request,
                                Xunfang__Verdict__Reason reason, const char *detail)
{
    Xunfang__UrlRecord record = XUNFANG__URL_RECORD__INIT;
    Xunfang__Verdict verdict = XUNFANG__VERDICT__INIT;
    struct id id = request_id(request);

    verdict.request = request;
    verdict.request_id = message_bytes(id_slice(&id));
    verdict.reason = reason;
    verdict.detail = fixture_text(detail);
    record.kind_case = XUNFANG__URL_RECORD__KIND_VERDICT;
    record.verdict = &verdict;
    logs_put_url(logs, id_of(id_slice(&id), SLICE("verdict")), &record);
}

/* ---- the document's logs ---- */

static inline struct record logs_record(const char *url, enum outcome outcome, const char *reason,
                                        uint32_t generation)
{
    return (struct record){.id = request_id_of_url(slice_from(url)),
                           .run = {"main", 4},
                           .outcome = outcome,
                           .reason = slice_from(reason),
                           .generation = generation};
}

static inline void logs_document(struct logs *logs, const char *url, uint32_t generation)
{
    Xunfang__Document document = XUNFANG__DOCUMENT__INIT;
    Xunfang__Brief brief = XUNFANG__BRIEF__INIT;

    brief.url = fixture_text(url);
    document.brief = &brief;
    logs_put_message(logs, TOPIC_DOCUMENTS, logs_record(url, OUTCOME_PASSED, "", generation),
                     &document.base);
}

/* An outcome of `kind` (visits or reports); a passed report tells one visit 上海 → 南京. */
static inline void logs_outcome(struct logs *logs, enum topic_kind kind, const char *url,
                                enum outcome outcome, const char *reason)
{
    const struct telling telling = {.url = url,
                                    .site = "上海",
                                    .published = "2019-05-09",
                                    .origin = "上海",
                                    .host = "南京",
                                    .day = "2019-05-08"};
    Xunfang__Report report = XUNFANG__REPORT__INIT;
    Xunfang__Brief brief = XUNFANG__BRIEF__INIT;
    Xunfang__Event event, *events[] = {&event};
    struct id fingerprint;

    fixture_fill_brief(&brief, &telling, &fingerprint);
    fixture_fill_event(&event, &telling, telling.host);
    report.brief = &brief;
    report.events = events;
    report.n_events = kind == TOPIC_REPORTS && outcome == OUTCOME_PASSED;
    logs_put_message(logs, kind, logs_record(url, outcome, reason, 0), &report.base);
}

static inline void logs_report(struct logs *logs, const char *url, enum outcome outcome,
                               const char *reason)
{
    logs_outcome(logs, TOPIC_REPORTS, url, outcome, reason);
}

/* ---- control ---- */

static inline void logs_control(struct logs *logs, const Xunfang__ControlRecord *control)
{
    struct record record = {.key = SLICE("control")};

    record.id = id_of(SLICE("control"), SLICE("x"));
    logs_put_message(logs, TOPIC_CONTROL, record, &control->base);
}

static inline void logs_seeded(struct logs *logs, uint64_t seeds)
{
    Xunfang__ControlRecord control = XUNFANG__CONTROL_RECORD__INIT;
    Xunfang__JobSeeded seeded = XUNFANG__JOB_SEEDED__INIT;

    seeded.job = fixture_text("test");
    seeded.run = fixture_text("main");
    seeded.seeds = seeds;
    control.kind_case = XUNFANG__CONTROL_RECORD__KIND_SEEDED;
    control.seeded = &seeded;
    logs_control(logs, &control);
}

static inline void logs_ingested(struct logs *logs, uint32_t generation, uint64_t documents)
{
    Xunfang__ControlRecord control = XUNFANG__CONTROL_RECORD__INIT;
    Xunfang__Ingested ingested = XUNFANG__INGESTED__INIT;

    ingested.job = fixture_text("test");
    ingested.run = fixture_text("main");
    ingested.generation = generation;
    ingested.documents = documents;
    control.kind_case = XUNFANG__CONTROL_RECORD__KIND_INGESTED;
    control.ingested = &ingested;
    logs_control(logs, &control);
}

/* The n-th seal in control, unpacked into the arena; NULL if there are fewer. */
static inline const Xunfang__Sealed *logs_seal(struct logs *logs, size_t n)
{
    struct bus_record found;

    for (uint64_t i = 0; bus_world_record(logs->world, "control", 0, i, &found); i++) {
        const Xunfang__ControlRecord *control;
        struct record record;

        assert_int_equal(record_decode(found.value, logs->arena, &record, NULL), STATUS_OK);
        control =
            message_unpack(&xunfang__control_record__descriptor, record.payload, logs->arena, NULL);
        assert_non_null(control);
        if (control->kind_case == XUNFANG__CONTROL_RECORD__KIND_SEALED && n-- == 0)
            return control->sealed;
    }
    return NULL;
}

#endif
