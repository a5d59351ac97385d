/*
 * Records only ever add to a row, and the first end wins: so a repeated record changes nothing
 * (hits are made unique at the end), and partitions may mix.
 */
#include "aggregator/dataset_log.h"

#include "aggregator/textset.h"
#include "base/message.h"
#include "study/request.h"

#include <string.h>

enum { JOINED_MAX = 1 << 20 };

/* BLOCKED is a pause of the frontier's: it ends in a verdict. */
bool fetch_is_final(const Xunfang__FetchResult *fetch)
{
    switch (fetch->outcome) {
    case XUNFANG__FETCH_RESULT__OUTCOME__TRY_AGAIN:
    case XUNFANG__FETCH_RESULT__OUTCOME__NOT_SENT:
    case XUNFANG__FETCH_RESULT__OUTCOME__BLOCKED:
        return false;
    default:
        return true;
    }
}

/* ---- urls ---- */

static void know_article(struct dataset *dataset, struct id id, const char *url,
                         uint32_t fetch_number)
{
    struct document *document = dataset_document(dataset, id);

    if (document == NULL)
        return; /* the failure sticks to the dataset */
    document->flags |= DOCUMENT_KNOWN;
    /* Part of the request's id: every record of this id says the same. Part of the request's id:
     * every record of this id says the same. */
    document->fetch_number = fetch_number;
    if (document->url == 0)
        document->url = strings_append(dataset->strings, slice_from(url));
}

static void know_page(struct dataset *dataset, struct id id, const Xunfang__Request *request)
{
    struct list_page *page = dataset_page(dataset, id);

    if (page == NULL)
        return;
    page->list = request->list;
    page->page = request->page;
}

static void know(struct dataset *dataset, struct id id, const Xunfang__Request *request)
{
    if (request == NULL)
        return;
    if (request->kind == XUNFANG__REQUEST__KIND__LIST)
        know_page(dataset, id, request);
    else if (request->kind == XUNFANG__REQUEST__KIND__ARTICLE)
        know_article(dataset, id, request->url, request->fetch_number);
}

static void know_links(struct dataset *dataset, const Xunfang__FetchResult *fetch)
{
    for (size_t i = 0; i < fetch->n_links; i++)
        if (fetch->links[i]->request != NULL)
            know(dataset, request_id(fetch->links[i]->request), fetch->links[i]->request);
}

static enum status know_hits(struct dataset *dataset, const Xunfang__FetchResult *fetch,
                             struct error *err)
{
    enum status status = STATUS_OK;

    for (size_t i = 0; i < fetch->n_hits && status == STATUS_OK; i++) {
        struct id id;

        if (id_from_bytes(message_slice(fetch->hits[i]->request_id), &id, NULL) != STATUS_OK) {
            dataset->bad_records++;
            continue;
        }
        know_article(dataset, id, fetch->hits[i]->url, 0);
        status = dataset_add_hit(dataset, fetch->request->list, id, err);
    }
    return status;
}

/* Why it failed is kept only until a report, if one should come, says more. A later result of the
 * same request, of a lease that was given out again, is passed over. */
static void end_article(struct dataset *dataset, struct id id, bool fetched, const char *why)
{
    struct document *document = dataset_document(dataset, id);

    if (document == NULL || (document->flags & DOCUMENT_FINAL))
        return;
    document->flags |= DOCUMENT_FINAL;
    if (fetched)
        document->flags |= DOCUMENT_FETCHED;
    else if (document->outcome == OUTCOME_NONE)
        document->reason = strings_put(dataset->strings, slice_from(why));
}

static void end_page(struct dataset *dataset, struct id id, enum page_state state, const char *why)
{
    struct list_page *page = dataset_page(dataset, id);

    if (page == NULL || page->state != PAGE_OPEN)
        return;
    page->state = (uint8_t) state;
    page->detail = strings_put(dataset->strings, slice_from(why));
}

static bool is_list(const Xunfang__Request *request)
{
    return request->kind == XUNFANG__REQUEST__KIND__LIST;
}

/* The result names its own request: that is enough to know it, whether or not a link was read. */
static enum status take_fetch(struct dataset *dataset, const Xunfang__FetchResult *fetch,
                              struct error *err)
{
    bool ok = fetch->outcome == XUNFANG__FETCH_RESULT__OUTCOME__OK;
    bool moved = fetch->outcome == XUNFANG__FETCH_RESULT__OUTCOME__MOVED;
    struct list_page *page;
    struct id id;

    if (fetch->request == NULL || fetch->request->kind == XUNFANG__REQUEST__KIND__ROBOTS)
        return STATUS_OK;
    if (id_from_bytes(message_slice(fetch->request_id), &id, NULL) != STATUS_OK) {
        dataset->bad_records++;
        return STATUS_OK;
    }
    know(dataset, id, fetch->request);
    know_links(dataset, fetch);
    page = is_list(fetch->request) ? dataset_page(dataset, id) : NULL;
    if (page != NULL && fetch->outcome == XUNFANG__FETCH_RESULT__OUTCOME__BLOCKED)
        /* A page that was blocked once may be fetched later: the list is then complete, and the
         * mark is only looked at where the page failed. */
        page->blocked = true;
    if (page != NULL && ok)
        page->declared = fetch->declared_total;
    if (fetch_is_final(fetch) && page != NULL)
        end_page(dataset, id, ok || moved ? PAGE_OK : PAGE_FAILED, ok ? "" : fetch->detail);
    else if (fetch_is_final(fetch))
        end_article(dataset, id, ok, fetch->detail);
    return know_hits(dataset, fetch, err);
}

/* LIST_END is the good end of a list; all others are gaps with a name. */
static enum page_state state_of(const Xunfang__Verdict *verdict)
{
    switch (verdict->reason) {
    case XUNFANG__VERDICT__REASON__LIST_END:
        return PAGE_LIST_END;
    case XUNFANG__VERDICT__REASON__LIMIT:
        return PAGE_LIMIT;
    case XUNFANG__VERDICT__REASON__ROBOTS:
        return PAGE_REFUSED;
    default:
        return PAGE_FAILED;
    }
}

static void take_verdict(struct dataset *dataset, const Xunfang__Verdict *verdict)
{
    struct id id;

    if (verdict->request == NULL || verdict->request->kind == XUNFANG__REQUEST__KIND__ROBOTS)
        return;
    if (id_from_bytes(message_slice(verdict->request_id), &id, NULL) != STATUS_OK) {
        dataset->bad_records++;
        return;
    }
    know(dataset, id, verdict->request);
    if (is_list(verdict->request))
        end_page(dataset, id, state_of(verdict), verdict->detail);
    else
        end_article(dataset, id, false, verdict->detail);
}

static enum status take_result(struct dataset *dataset, const Xunfang__Result *result,
                               struct error *err)
{
    enum status status = STATUS_OK;

    for (size_t i = 0; i < result->n_fetches && status == STATUS_OK; i++)
        status = take_fetch(dataset, result->fetches[i], err);
    return status;
}

enum status dataset_take_url(struct dataset *dataset, const struct record *record,
                             struct arena *arena, struct error *err)
{
    struct error cause = {.code = STATUS_OK};
    const Xunfang__UrlRecord *message =
        message_unpack(&xunfang__url_record__descriptor, record->payload, arena, &cause);
    enum status status = STATUS_OK;

    if (message == NULL && cause.code == STATUS_NOMEM)
        return error_set(err, STATUS_NOMEM, "%s", cause.message);
    if (message == NULL) {
        dataset->bad_records++;
        return STATUS_OK;
    }
    if (message->kind_case == XUNFANG__URL_RECORD__KIND_LINK)
        know(dataset, record->id, message->link->request);
    else if (message->kind_case == XUNFANG__URL_RECORD__KIND_RESULT)
        status = take_result(dataset, message->result, err);
    else if (message->kind_case == XUNFANG__URL_RECORD__KIND_VERDICT)
        take_verdict(dataset, message->verdict);
    return status == STATUS_OK ? dataset_status(dataset, err) : status;
}

/* ---- reports ---- */

static int32_t sane_day(bool known, int32_t day)
{
    int32_t first = civil_to_day((struct civil){1900, 1, 1});
    int32_t last = civil_to_day((struct civil){2100, 12, 31});

    return known && day >= first && day <= last ? day : CIVIL_NONE;
}

void dataset_put_brief(struct dataset *dataset, struct document *document,
                       const Xunfang__Brief *brief)
{
    if (document->url == 0)
        document->url = strings_append(dataset->strings, slice_from(brief->url));
    document->site_city = strings_put(dataset->strings, slice_from(brief->site_city));
    document->date = sane_day(brief->has_date, brief->date);
    document->flags &= (uint8_t) ~DOCUMENT_TEXT;
    if (id_from_bytes(message_slice(brief->fingerprint), &document->fingerprint, NULL) == STATUS_OK)
        document->flags |= DOCUMENT_TEXT;
}

/* A report's own list may repeat itself; as a set its order does not matter. */
static uint32_t put_set(struct dataset *dataset, char *const *texts, size_t count)
{
    struct textset set;
    struct buf joined;
    uint32_t name = 0;

    textset_init(&set);
    buf_init(&joined, JOINED_MAX);
    for (size_t i = 0; i < count; i++)
        textset_add(&set, slice_from(texts[i]));
    if (textset_join(&set, &joined, NULL) == STATUS_OK)
        name = strings_put(dataset->strings, buf_slice(&joined));
    textset_fini(&set);
    buf_fini(&joined);
    return name;
}

static uint32_t put_text(struct dataset *dataset, const char *text)
{
    return strings_put(dataset->strings, slice_from(text));
}

/* Only a full date counts as a day; a month is imputed like nothing. */
static void put_claim(struct dataset *dataset, uint32_t document, const Xunfang__Event *event)
{
    bool has_day = event->has_date && strcmp(event->date_precision, "day") == 0;
    struct claim *claim = rows_add(&dataset->claims);

    if (claim == NULL)
        return;
    claim->document = document;
    claim->origin = put_text(dataset, event->origin_city);
    claim->host = put_text(dataset, event->host_city);
    claim->origin_dept = put_text(dataset, event->origin_dept);
    claim->host_dept = put_text(dataset, event->host_dept);
    claim->visitor_titles = put_set(dataset, event->visitor_titles, event->n_visitor_titles);
    claim->host_titles = put_set(dataset, event->host_titles, event->n_host_titles);
    claim->level = put_text(dataset, event->level);
    claim->purpose = put_text(dataset, event->purpose);
    /* A quoted sentence is hardly ever twice the same: looking for it would cost more than it
     * saves. */
    claim->evidence = strings_append(dataset->strings, slice_from(event->evidence));
    claim->day = sane_day(has_day, event->date);
}

/* An end this version does not know is none that answers. */
static uint32_t end_of(Xunfang__Consulted__End end)
{
    switch (end) {
    case XUNFANG__CONSULTED__END__ANSWERED:
        return QUESTION_ANSWERED;
    case XUNFANG__CONSULTED__END__REFUSED:
        return QUESTION_REFUSED;
    default:
        return QUESTION_FAILED;
    }
}

enum status dataset_put_report(struct dataset *dataset, struct id id, const Xunfang__Report *report,
                               struct error *err)
{
    struct document *document = dataset_document(dataset, id);
    struct report *row = document == NULL ? NULL : rows_add(&dataset->reports);
    size_t count = report->n_events, index;

    if (row == NULL)
        return dataset_status(dataset, err);
    if (count > DATASET_CLAIMS_MAX) {
        dataset->extra_claims += count - DATASET_CLAIMS_MAX;
        count = DATASET_CLAIMS_MAX;
    }
    document->report = (uint32_t) dataset->reports.count;
    row->themes = put_set(dataset, report->themes, report->n_themes);
    row->purpose = put_text(dataset, report->purpose);
    row->first_claim = (uint32_t) dataset->claims.count;
    row->claim_count = (uint32_t) count;
    /* The row's number, not its address, is kept: the next document may move the table. */
    index = (size_t) (document - (const struct document *) dataset->documents.data);
    for (size_t i = 0; i < count; i++)
        put_claim(dataset, (uint32_t) index, report->events[i]);
    return dataset_status(dataset, err);
}

void dataset_put_report_ruling(struct dataset *dataset, struct document *document,
                               const Xunfang__Report *report)
{
    const Xunfang__Consulted *consulted = report->consulted;
    struct ruling ruling = {.decided_by = put_text(dataset, report->decided_by),
                            .model = put_text(dataset, report->model)};

    for (size_t i = 0; consulted != NULL && i < consulted->n_tasks && i < RULING_TASKS_MAX; i++) {
        ruling.tasks[i] = put_text(dataset, consulted->tasks[i]);
        ruling.ends[i] = i < consulted->n_ends ? end_of(consulted->ends[i]) : QUESTION_ANSWERED;
        ruling.task_count++;
    }
    if (ruling.decided_by != 0 || ruling.model != 0 || ruling.task_count > 0)
        document->ruling = dataset_put_ruling(dataset, &ruling);
}

/* A record without a usable payload still is an outcome, if only a dead one. */
static enum status put_outcome(struct dataset *dataset, const struct record *record,
                               const Xunfang__Report *report, struct error *err)
{
    struct document *document = dataset_document(dataset, record->id);

    if (document == NULL)
        return dataset_status(dataset, err);
    if (!document_takes(document, record->outcome))
        return STATUS_OK;
    document->outcome = (uint8_t) record->outcome;
    if (record->generation > 0)
        document->flags |= DOCUMENT_LATER;
    document->reason = strings_put(dataset->strings, record->reason);
    /* What stood here was of the dead outcome that this one replaces. */
    document->ruling = 0;
    if (report != NULL && report->brief != NULL)
        dataset_put_brief(dataset, document, report->brief);
    if (report != NULL)
        dataset_put_report_ruling(dataset, document, report);
    if (report == NULL || record->outcome != OUTCOME_PASSED)
        return dataset_status(dataset, err);
    return dataset_put_report(dataset, record->id, report, err);
}

enum status dataset_take_report(struct dataset *dataset, const struct record *record,
                                struct arena *arena, struct error *err)
{
    struct error cause = {.code = STATUS_OK};
    const Xunfang__Report *report =
        message_unpack(&xunfang__report__descriptor, record->payload, arena, &cause);

    if (report == NULL && cause.code == STATUS_NOMEM)
        return error_set(err, STATUS_NOMEM, "%s", cause.message);
    if (report == NULL)
        dataset->bad_records++;
    return put_outcome(dataset, record, report, err);
}
