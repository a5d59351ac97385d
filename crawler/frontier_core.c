/*
 * frontier_move is the only place that changes a request's state. It takes the request out of the
 * queue that its old state stands for and puts it into that of the new one, so queue and state
 * cannot part. The counters are kept in the same way: by what a change does, never by counting
 * again.
 */
#include "crawler/frontier_core.h"

#include "base/message.h"
#include "crawler/frontier_count.h"
#include "study/request.h"
#include "study/site.h"
#include "study/topics.h"

#include <stdlib.h>
#include <string.h>

/* A lease of the most requests must fit into a record. */
enum { REQUEST_MAX = 100 * 1024 };

/* ---- requests ---- */

enum status frontier_find(struct frontier *frontier, struct slice job, struct id id,
                          struct url_ref *ref, struct error *err)
{
    ref->job = job;
    ref->id = id;
    return frontier_get_url(&frontier->store, job, id, &ref->state, err);
}

void frontier_save(struct frontier *frontier, const struct url_ref *ref)
{
    frontier_put_url(&frontier->store, ref->job, ref->id, ref->state);
}

bool frontier_held_elsewhere(const struct url_ref *ref, struct id lease)
{
    return ref->state->state == URL_LEASED &&
           !slice_equal(message_slice(ref->state->lease), id_slice(&lease));
}

enum frontier_class frontier_class_of(const Xunfang__Request *request)
{
    switch ((int) request->kind) {
    case XUNFANG__REQUEST__KIND__ROBOTS:
        return CLASS_ROBOTS;
    case XUNFANG__REQUEST__KIND__LIST:
        return CLASS_LIST;
    default:
        return CLASS_ARTICLE;
    }
}

bool frontier_accepts_host(struct slice name)
{
    return name.size > 0 && name.size <= SITE_HOST_MAX;
}

bool frontier_accepts(const Xunfang__Request *request)
{
    return frontier_accepts_host(request_host(slice_from(request->url))) &&
           protobuf_c_message_get_packed_size(&request->base) <= REQUEST_MAX;
}

enum status frontier_host_of(struct frontier *frontier, const Xunfang__Request *request,
                             struct host **host, struct error *err)
{
    enum status status =
        hosts_get(frontier->hosts, request_host(slice_from(request->url)), host, err);

    ENSURE(status != STATUS_OK || *host != NULL);
    return status;
}

/* Puts the request where its state says, or takes it away from there. */
static void place(struct frontier *frontier, const struct url_ref *ref, const struct host *host,
                  bool there)
{
    struct queue_place queue = {host->name, ref->job, frontier_class_of(ref->state->request),
                                ref->state->order};
    struct waiting_entry waiting = {ref->state->due_ms, ref->job, ref->id};

    if (ref->state->state == URL_QUEUED && there)
        frontier_put_queued(&frontier->store, &queue, ref->id);
    else if (ref->state->state == URL_QUEUED)
        frontier_delete_queued(&frontier->store, &queue);
    else if (ref->state->state == URL_WAITING && there)
        frontier_put_waiting(&frontier->store, host->name, &waiting);
    else if (ref->state->state == URL_WAITING)
        frontier_delete_waiting(&frontier->store, host->name, &waiting);
}

/* robots.txt is nobody's list and nobody's article. */
static enum status count_url(struct frontier *frontier, const struct url_ref *ref, bool final,
                             int change, struct error *err)
{
    enum frontier_class class = frontier_class_of(ref->state->request);
    uint32_t part =
        partition_of(request_host(slice_from(ref->state->request->url)), frontier->part_count);
    struct job_count *count = NULL;
    uint64_t *counter;
    enum status status;

    if (class == CLASS_ROBOTS)
        return STATUS_OK;
    status = frontier_count(frontier, ref->job, &count, err);
    if (status != STATUS_OK)
        return status;
    ENSURE(count != NULL);
    counter = final ? count->parts[part].final : count->parts[part].known;
    counter += class - CLASS_LIST;
    *counter = (uint64_t) ((int64_t) *counter + change);
    frontier_count_save(frontier, count, part);
    return STATUS_OK;
}

enum status frontier_move(struct frontier *frontier, struct url_ref *ref, enum url_event event,
                          int64_t due_ms, struct error *err)
{
    Xunfang__UrlState *state = ref->state;
    enum url_state before = (enum url_state) state->state;
    enum url_state after = url_next(before, event);
    struct host *host = NULL;
    enum status status = STATUS_OK;

    /* WAITING may change its time only, which is part of its place. */
    if (before == after && after != URL_WAITING)
        return STATUS_OK;
    ENSURE(state->request != NULL);
    status = frontier_host_of(frontier, state->request, &host, err);
    if (status != STATUS_OK)
        return status;
    ENSURE(host != NULL);
    place(frontier, ref, host, false);
    state->state = after;
    if (event == URL_AGAIN)
        state->due_ms = due_ms;
    place(frontier, ref, host, true);
    if (after == URL_FINAL || before == URL_FINAL)
        status = count_url(frontier, ref, true, after == URL_FINAL ? 1 : -1, err);
    /* What is over is asked for by id alone; most of the state is such requests. */
    if (after == URL_FINAL)
        state->request = NULL;
    frontier_save(frontier, ref);
    if (after == URL_QUEUED || after == URL_WAITING)
        hosts_set_due(frontier->hosts, host, 0);
    return status;
}

enum status frontier_enter(struct frontier *frontier, struct url_ref *ref,
                           Xunfang__Request *request, struct error *err)
{
    Xunfang__UrlState *state = arena_alloc(frontier->arena, sizeof *state);
    struct host *host = NULL;
    enum status status = frontier_host_of(frontier, request, &host, err);

    if (status != STATUS_OK)
        return status;
    if (state == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for a request");
    ENSURE(host != NULL);
    xunfang__url_state__init(state);
    state->request = request;
    state->hops = request->hops;
    /* The place in the queue is kept over retries and lost leases: nobody is overtaken for ever. */
    state->order = host->next_order++;
    ref->state = state;
    host_save(host, &frontier->store);
    status = count_url(frontier, ref, false, 1, err);
    return status == STATUS_OK ? frontier_move(frontier, ref, URL_LINK, 0, err) : status;
}

/* ---- publishing ---- */

enum status frontier_publish(struct frontier *frontier, const Xunfang__UrlRecord *message,
                             const struct record *envelope, struct error *err)
{
    struct topic_name urls = topic_name(TOPIC_URLS, NULL, NULL);
    struct record record = *envelope;
    enum status status;

    buf_reset(&frontier->payload);
    message_pack(&message->base, &frontier->payload);
    status = buf_status(&frontier->payload, err);
    if (status != STATUS_OK)
        return status;
    record.schema = RECORD_SCHEMA;
    record.payload = buf_slice(&frontier->payload);
    return fold_emit(frontier->batch, urls.text, &record, err);
}

enum status frontier_publish_link(struct frontier *frontier, struct slice job,
                                  Xunfang__Request *request, struct slice parent, struct error *err)
{
    Xunfang__Link link = XUNFANG__LINK__INIT;
    Xunfang__UrlRecord message = XUNFANG__URL_RECORD__INIT;
    struct record envelope = {
        .id = request_id(request), .key = request_host(slice_from(request->url)), .job = job};

    /* A page may name anything; what has no host belongs to no partition. */
    if (!frontier_accepts(request)) {
        frontier->ignored++;
        return STATUS_OK;
    }
    link.request = request;
    link.parent = message_bytes(parent);
    message.kind_case = XUNFANG__URL_RECORD__KIND_LINK;
    message.link = &link;
    return frontier_publish(frontier, &message, &envelope, err);
}

enum status frontier_publish_verdict(struct frontier *frontier, const struct closing *closing,
                                     struct error *err)
{
    Xunfang__Verdict body = XUNFANG__VERDICT__INIT;
    Xunfang__UrlRecord message = XUNFANG__URL_RECORD__INIT;
    struct id id = request_id(closing->request);
    struct record envelope = {.id = id_of(id_slice(&id), SLICE("verdict")),
                              .key = request_host(slice_from(closing->request->url)),
                              .job = closing->job};

    body.request_id = message_bytes(id_slice(&id));
    body.reason = (Xunfang__Verdict__Reason) closing->reason;
    body.detail = message_text(frontier->arena, slice_from(closing->detail));
    body.request = closing->request;
    if (body.detail == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for a verdict");
    message.kind_case = XUNFANG__URL_RECORD__KIND_VERDICT;
    message.verdict = &body;
    return frontier_publish(frontier, &message, &envelope, err);
}

enum status frontier_close(struct frontier *frontier, struct url_ref *ref, int reason,
                           const char *detail, struct error *err)
{
    struct closing closing = {ref->job, ref->state->request, reason, detail};
    enum status status = frontier_publish_verdict(frontier, &closing, err);

    return status == STATUS_OK ? frontier_move(frontier, ref, URL_CLOSE, 0, err) : status;
}
