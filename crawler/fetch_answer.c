/*
 * What comes from a page lives in the scratch arena and is gone with the next answer; what the
 * result must hold (hits, links, robots.txt, details) is copied into the task's arena, which lives
 * as long as the lease.
 */
#include "crawler/fetch_answer.h"

#include "base/message.h"
#include "base/util/crash.h"
#include "crawler/fetch_policy.h"
#include "crawler/robots.h"

#define OUTCOME(name) XUNFANG__FETCH_RESULT__OUTCOME__##name

/* All of them: cookies and server names tell later which product stood before a site. */
static enum status page_headers(const struct http_response *response, struct arena *arena,
                                Xunfang__Page *page, struct error *err)
{
    Xunfang__Header *headers = arena_array(arena, response->header_count + 1, sizeof *headers);

    page->headers = arena_array(arena, response->header_count + 1, sizeof(Xunfang__Header *));
    if (headers == NULL || page->headers == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for a page");
    for (size_t i = 0; i < response->header_count; i++) {
        xunfang__header__init(&headers[i]);
        headers[i].name = message_text(arena, response->headers[i].name);
        headers[i].value = message_text(arena, response->headers[i].value);
        if (headers[i].name == NULL || headers[i].value == NULL)
            return error_set(err, STATUS_NOMEM, "no memory for a page");
        page->headers[page->n_headers++] = &headers[i];
    }
    return STATUS_OK;
}

/* Does the answer belong into the archive? Only a final one; robots.txt stands in the result. */
static bool is_kept(const Xunfang__FetchResult *result, const struct http_response *response)
{
    return response->status != 0 && result->request->kind != XUNFANG__REQUEST__KIND__ROBOTS &&
           result->outcome != OUTCOME(TRY_AGAIN) && result->outcome != OUTCOME(BLOCKED);
}

static enum status keep(struct fetch_shared *shared, struct fetch_lease *lease,
                        const struct http_response *response, const Xunfang__Document *document,
                        struct error *err)
{
    struct fetch_item *item = &lease->items[lease->at];
    Xunfang__Page page = XUNFANG__PAGE__INIT;
    enum status status;

    if (!is_kept(&item->result, response))
        return STATUS_OK;
    page.request = item->result.request;
    page.http_status = response->status;
    page.fetched_ms = response->ended_ms;
    page.address = message_text(shared->scratch, slice_from(response->address));
    /* Half of a body would look like all of it to whoever reads the archive later. */
    if (item->result.outcome != OUTCOME(TOO_LARGE))
        page.body = message_bytes(response->body);
    if (page.address == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for a page");
    status = page_headers(response, shared->scratch, &page, err);
    return status == STATUS_OK
               ? fetch_output_begin(&item->output, &lease->target, &page, document, err)
               : status;
}

/* A page that our own limits or a platform's mistakes make unreadable is no failure of ours. */
static enum status as_unreadable(Xunfang__FetchResult *result, enum status status,
                                 struct arena *arena, struct error *err)
{
    if (status != STATUS_INVALID && status != STATUS_TOO_LARGE)
        return status;
    result->outcome = OUTCOME(UNREADABLE);
    result->detail = message_text(arena, slice_from(err->message));
    return result->detail == NULL ? error_set(err, STATUS_NOMEM, "no memory for a result")
                                  : STATUS_OK;
}

/* By kind; only a good answer is worth reading. */
static enum status read_answer(struct fetch_shared *shared, struct fetch_lease *lease,
                               const struct http_response *response, Xunfang__Document **document,
                               struct error *err)
{
    Xunfang__FetchResult *result = &lease->items[lease->at].result;
    struct fetch_page page = {lease->job->study, result->request, response};
    struct arena *arena = task_arena(lease->task);
    struct slice robots;
    enum status status = STATUS_OK;

    if (result->outcome != OUTCOME(OK))
        return STATUS_OK;
    switch ((int) result->request->kind) {
    case XUNFANG__REQUEST__KIND__LIST:
        status = fetch_parser_list(shared->parser, &page, arena, result, err);
        break;
    case XUNFANG__REQUEST__KIND__ROBOTS:
        robots = arena_copy(arena, slice_sub(response->body, 0, ROBOTS_SIZE_MAX));
        result->robots = message_bytes(robots);
        if (robots.data == NULL)
            return error_set(err, STATUS_NOMEM, "no memory for robots.txt");
        break;
    default:
        status = fetch_parser_article(shared->parser, &page, shared->scratch, document, err);
    }
    return as_unreadable(result, status, arena, err);
}

/* Never followed in place: the target's host has a clock of its own. */
static enum status add_target(struct fetch_lease *lease, Xunfang__FetchResult *result,
                              struct slice target, struct error *err)
{
    struct arena *arena = task_arena(lease->task);
    Xunfang__Link *link = arena_alloc(arena, sizeof *link);

    result->links = arena_alloc(arena, sizeof(Xunfang__Link *));
    if (link == NULL || result->links == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for a redirect");
    xunfang__link__init(link);
    link->request = fetch_policy_follow(result->request, result->http_status, target, arena);
    if (link->request == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for a redirect");
    result->links[0] = link;
    result->n_links = 1;
    return STATUS_OK;
}

static enum status judge(struct fetch_shared *shared, struct fetch_lease *lease,
                         const struct http_response *response, struct error *err)
{
    Xunfang__FetchResult *result = &lease->items[lease->at].result;
    struct fetch_verdict verdict;
    enum status status =
        fetch_policy_judge(result->request, response, shared->scratch, &verdict, err);

    if (status != STATUS_OK)
        return status;
    result->outcome = (Xunfang__FetchResult__Outcome) verdict.outcome;
    result->detail = message_text(task_arena(lease->task), slice_from(verdict.detail));
    result->http_status = response->status;
    result->sent_ms = response->sent_ms;
    result->ended_ms = response->ended_ms;
    result->retry_after_ms = verdict.retry_after_ms;
    if (result->detail == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for a result");
    if (verdict.ends_lease)
        lease->stopped = "the host wants a rest";
    return verdict.outcome == OUTCOME(MOVED) ? add_target(lease, result, verdict.target, err)
                                             : STATUS_OK;
}

/* What this answer adds to the result. */
static void count_bytes(struct fetch_lease *lease)
{
    /* A lease of list pages can bring megabytes of hits; the bus takes 16 MiB in one record. */
    lease->result_bytes += protobuf_c_message_get_packed_size(&lease->items[lease->at].result.base);
    if (lease->result_bytes > RESULT_MAX)
        lease->stopped = "the result is full";
}

enum status fetch_lease_answer(struct fetch_shared *shared, struct fetch_lease *lease,
                               const struct http_response *response, struct error *err)
{
    Xunfang__Document *document = NULL;
    enum status status;

    ENSURE(lease->state == LEASE_FETCHING);
    if (response->failure == HTTP_LATE) {
        fetch_lease_expired(lease);
        return STATUS_OK;
    }
    /* First of all: whatever happens to the answer, the host's clock runs from its end. */
    lease->due_ms = response->ended_mono_ms + lease->message->delay_ms + 1;
    if (lease->host_end != NULL)
        *lease->host_end = response->ended_mono_ms;
    status = crash_here(CRASH_FETCH_AFTER_RESPONSE, err);
    if (status == STATUS_OK)
        status = judge(shared, lease, response, err);
    if (status == STATUS_OK)
        status = read_answer(shared, lease, response, &document, err);
    if (status == STATUS_OK)
        status = keep(shared, lease, response, document, err);
    if (status != STATUS_OK)
        return status;
    count_bytes(lease);
    lease->at++;
    lease->state = LEASE_WAITING;
    return STATUS_OK;
}
