/*
 * For each log one pass: records about the ids are unpacked and told as one line. Records of urls
 * are about many requests, so there the ids are looked for inside.
 */
#include "aggregator/trace.h"

#include "base/json.h"
#include "base/message.h"
#include "base/util/civil.h"
#include "proto/document.pb-c.h"
#include "proto/page.pb-c.h"
#include "proto/url.pb-c.h"
#include "study/request.h"
#include "study/seeds.h"

#include <string.h>

enum { WHAT_MAX = 64 * 1024 };

/* For people the place comes first, since it is what to look up next. */
void trace_line(struct trace *trace, const struct log_place *place, const char *what)
{
    trace->lines++;
    if (!trace->json) {
        if (place != NULL)
            buf_printf(trace->out, "%-28s %3u:%-8llu ", place->topic, place->partition,
                       (unsigned long long) place->offset);
        buf_printf(trace->out, "%s\n", what);
        return;
    }
    buf_putc(trace->out, '{');
    if (place != NULL) {
        buf_puts(trace->out, "\"topic\":");
        json_put_text(trace->out, slice_from(place->topic));
        buf_printf(trace->out, ",\"partition\":%u,\"offset\":%llu,", place->partition,
                   (unsigned long long) place->offset);
    }
    buf_puts(trace->out, "\"what\":");
    json_put_text(trace->out, slice_from(what));
    buf_puts(trace->out, "}\n");
}

static bool is_one(const struct trace *trace, ProtobufCBinaryData bytes, struct id *id)
{
    return id_from_bytes(message_slice(bytes), id, NULL) == STATUS_OK &&
           idset_has(&trace->ids, *id);
}

static const char *enum_name(const ProtobufCEnumDescriptor *type, int value)
{
    const ProtobufCEnumValue *found = protobuf_c_enum_descriptor_get_value(type, value);

    return found == NULL ? "UNKNOWN" : found->name;
}

/* ---- urls ---- */

static void tell_list(const struct trace *trace, uint32_t list, struct buf *what)
{
    const struct study *study = trace->source->study;
    struct slice keyword;

    buf_printf(what, "list %u", list);
    if (list >= study->list_count)
        return;
    keyword = study->lists[list].keyword;
    buf_printf(what, " (%.*s searched for %.*s)", SLICE_ARG(seeds_publisher(study, list)->site),
               SLICE_ARG(keyword));
}

/* Which list led to it, and at what place. */
static void tell_hits(struct trace *trace, const struct log_place *place,
                      const Xunfang__FetchResult *fetch, struct buf *what)
{
    struct id id;

    for (size_t i = 0; fetch->request != NULL && i < fetch->n_hits; i++) {
        if (!is_one(trace, fetch->hits[i]->request_id, &id))
            continue;
        buf_reset(what);
        buf_puts(what, "hit on ");
        tell_list(trace, fetch->request->list, what);
        buf_printf(what, ", rank %u: %s", fetch->hits[i]->rank, fetch->hits[i]->title);
        trace_line(trace, place, buf_text(what));
    }
}

static void tell_fetch(struct trace *trace, const struct log_place *place,
                       const Xunfang__FetchResult *fetch, struct buf *what)
{
    struct id id;

    tell_hits(trace, place, fetch, what);
    if (!is_one(trace, fetch->request_id, &id))
        return;
    buf_reset(what);
    buf_printf(what, "fetched: %s, HTTP %u, sent %lld ms, ended %lld ms%s%s",
               enum_name(&xunfang__fetch_result__outcome__descriptor, (int) fetch->outcome),
               fetch->http_status, (long long) fetch->sent_ms, (long long) fetch->ended_ms,
               fetch->detail[0] == '\0' ? "" : ": ", fetch->detail);
    trace_line(trace, place, buf_text(what));
}

static void tell_verdict(struct trace *trace, const struct log_place *place,
                         const Xunfang__Verdict *verdict, struct buf *what)
{
    struct id id;

    if (!is_one(trace, verdict->request_id, &id))
        return;
    buf_printf(what, "verdict: %s: %s",
               enum_name(&xunfang__verdict__reason__descriptor, (int) verdict->reason),
               verdict->detail);
    trace_line(trace, place, buf_text(what));
}

/* A result holds the answers to a whole lease: only ours are told. */
static void tell_url(struct trace *trace, const struct log_place *place,
                     const struct record *record, const Xunfang__UrlRecord *message,
                     struct buf *what)
{
    if (message->kind_case == XUNFANG__URL_RECORD__KIND_LINK &&
        idset_has(&trace->ids, record->id) && message->link->request != NULL) {
        buf_printf(what, "wanted: %s %s, fetch number %u", message->link->request->method,
                   message->link->request->url, message->link->request->fetch_number);
        trace_line(trace, place, buf_text(what));
    } else if (message->kind_case == XUNFANG__URL_RECORD__KIND_RESULT) {
        for (size_t i = 0; i < message->result->n_fetches; i++)
            tell_fetch(trace, place, message->result->fetches[i], what);
    } else if (message->kind_case == XUNFANG__URL_RECORD__KIND_VERDICT) {
        tell_verdict(trace, place, message->verdict, what);
    }
}

/* ---- the document's own logs ---- */

static void tell_outcome(const struct record *record, struct buf *what)
{
    buf_printf(what, "%s%s%.*s", outcome_text(record->outcome), record->reason.size > 0 ? ": " : "",
               SLICE_ARG(record->reason));
    if (record->generation > 0)
        buf_printf(what, " (generation %u)", record->generation);
}

static void tell_page(const Xunfang__Page *page, struct buf *what)
{
    buf_printf(what, "page: HTTP %u, %zu bytes from %s", page->http_status, page->body.len,
               page->address);
}

static void tell_brief(const Xunfang__Brief *brief, struct buf *what)
{
    char date[CIVIL_TEXT_SIZE];

    if (brief == NULL)
        return;
    buf_printf(what, "%s, %s, site of %s, %s", brief->title,
               brief->has_date ? civil_text(brief->date, date) : "no date",
               brief->site_city[0] == '\0' ? "nobody known" : brief->site_city, brief->url);
}

static void tell_document(const Xunfang__Document *document, struct buf *what)
{
    buf_puts(what, "document: ");
    tell_brief(document->brief, what);
    buf_printf(what, "; date by %s, charset %s, body %zu bytes", document->date_rule,
               document->charset, strlen(document->body));
}

/* Of dropped ones too: what a language model was to be asked about, and how that ended. */
static void tell_consulted(const char *decided_by, const Xunfang__Consulted *consulted,
                           struct buf *what)
{
    if (consulted == NULL)
        return;
    buf_printf(what, "; decided by %s, asked about", decided_by);
    for (size_t i = 0; i < consulted->n_tasks; i++)
        buf_printf(what, "%s %s: %s", i == 0 ? "" : ",", consulted->tasks[i],
                   i < consulted->n_ends
                       ? enum_name(&xunfang__consulted__end__descriptor, (int) consulted->ends[i])
                       : "UNKNOWN");
}

static void tell_visit(const struct record *record, const Xunfang__Visit *visit, struct buf *what)
{
    buf_puts(what, "classifier: ");
    tell_outcome(record, what);
    tell_consulted(visit->decided_by, visit->consulted, what);
    if (record->outcome != OUTCOME_PASSED)
        return;
    buf_printf(what, "; a visit by %s %s, margin %lld, %s", visit->decided_by, visit->model,
               (long long) visit->margin, visit->purpose);
    for (size_t i = 0; i < visit->n_themes; i++)
        buf_printf(what, "%s%s", i == 0 ? ", " : "|", visit->themes[i]);
}

static void tell_report(const struct record *record, const Xunfang__Report *report,
                        struct buf *what)
{
    char date[CIVIL_TEXT_SIZE];

    buf_puts(what, "extractor: ");
    tell_outcome(record, what);
    tell_consulted(report->decided_by, report->consulted, what);
    for (size_t i = 0; i < report->n_events; i++) {
        const Xunfang__Event *event = report->events[i];

        buf_printf(what, "; %s → %s, %s, %s, %s", event->origin_city, event->host_city,
                   event->has_date ? civil_text(event->date, date) : "no day", event->level,
                   event->purpose);
    }
}

static const ProtobufCMessageDescriptor *type_of(enum topic_kind kind)
{
    switch (kind) {
    case TOPIC_URLS:
        return &xunfang__url_record__descriptor;
    case TOPIC_PAGES:
        return &xunfang__page__descriptor;
    case TOPIC_DOCUMENTS:
        return &xunfang__document__descriptor;
    case TOPIC_VISITS:
        return &xunfang__visit__descriptor;
    default:
        return &xunfang__report__descriptor;
    }
}

struct tracing {
    struct trace *trace;
    enum topic_kind kind;
    struct buf what;
};

static void tell(struct tracing *tracing, const struct log_place *place,
                 const struct record *record, const void *message)
{
    buf_reset(&tracing->what);
    switch (tracing->kind) {
    case TOPIC_URLS:
        tell_url(tracing->trace, place, record, message, &tracing->what);
        return;
    case TOPIC_PAGES:
        tell_page(message, &tracing->what);
        break;
    case TOPIC_DOCUMENTS:
        tell_document(message, &tracing->what);
        break;
    case TOPIC_VISITS:
        tell_visit(record, message, &tracing->what);
        break;
    default:
        tell_report(record, message, &tracing->what);
    }
    trace_line(tracing->trace, place, buf_text(&tracing->what));
}

/* A record that cannot be read is part of the story. */
static enum status on_record(void *self, const struct log_place *place, const struct record *record,
                             struct arena *arena, struct error *err)
{
    struct tracing *tracing = self;
    const void *message;

    (void) err;
    if (tracing->kind != TOPIC_URLS && !idset_has(&tracing->trace->ids, record->id))
        return STATUS_OK;
    message = message_unpack(type_of(tracing->kind), record->payload, arena, NULL);
    if (message != NULL)
        tell(tracing, place, record, message);
    else
        trace_line(tracing->trace, place, "a record that cannot be read");
    return STATUS_OK;
}

enum status trace_log(struct trace *trace, enum topic_kind kind, struct error *err)
{
    struct tracing tracing = {.trace = trace, .kind = kind};
    const struct log_handler handler = {.on_record = on_record, .self = &tracing};
    enum status status;

    buf_init(&tracing.what, WHAT_MAX);
    status = job_read_now(trace->source, kind, &handler, err);
    buf_fini(&tracing.what);
    return status == STATUS_OK ? buf_status(trace->out, err) : status;
}

/* ---- resolving a URL ---- */

static bool is_url(const struct trace *trace, const char *url)
{
    return slice_equal(slice_from(url), trace->url);
}

static enum status on_link(void *self, const struct log_place *place, const struct record *record,
                           struct arena *arena, struct error *err)
{
    struct trace *trace = self;
    const Xunfang__UrlRecord *message =
        message_unpack(&xunfang__url_record__descriptor, record->payload, arena, NULL);

    (void) place;
    if (message == NULL || message->kind_case != XUNFANG__URL_RECORD__KIND_LINK ||
        message->link->request == NULL || !is_url(trace, message->link->request->url))
        return STATUS_OK;
    return idset_add(&trace->ids, record->id, NULL, err);
}

static enum status on_document(void *self, const struct log_place *place,
                               const struct record *record, struct arena *arena, struct error *err)
{
    struct trace *trace = self;
    const Xunfang__Document *document =
        message_unpack(&xunfang__document__descriptor, record->payload, arena, NULL);

    (void) place;
    if (document == NULL || document->brief == NULL || !is_url(trace, document->brief->url))
        return STATUS_OK;
    return idset_add(&trace->ids, record->id, NULL, err);
}

/* The id of a plain GET is tried even if no log has it as a link: a hit on a list names it so. */
enum status trace_resolve(struct trace *trace, struct error *err)
{
    const struct log_handler links = {.on_record = on_link, .self = trace};
    const struct log_handler documents = {.on_record = on_document, .self = trace};
    enum status status = idset_add(&trace->ids, request_id_of_url(trace->url), NULL, err);

    if (status == STATUS_OK)
        status = job_read_now(trace->source, TOPIC_URLS, &links, err);
    return status == STATUS_OK ? job_read_now(trace->source, TOPIC_DOCUMENTS, &documents, err)
                               : status;
}
