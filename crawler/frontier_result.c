/*
 * Everything here is a function of the record and of what was read before it: no clock, no lease
 * that must still be known. So a state that is computed again from the log ends where the lost one
 * stood, and a result that comes late, or twice, changes nothing that was decided.
 */
#include "crawler/frontier_result.h"

#include "base/message.h"
#include "crawler/courtesy.h"
#include "crawler/frontier_count.h"
#include "crawler/frontier_robots.h"
#include "study/request.h"

#include <stdio.h>

enum { DEAD_MS = 24 * 60 * 60 * 1000, HTTP_TOO_MANY = 429, HTTP_UNAVAILABLE = 503 };

/* ---- links and verdicts ---- */

/* A second link to a known request matters only if it comes with fewer redirects. */
static enum status shorter_way(struct frontier *frontier, struct url_ref *ref,
                               Xunfang__Request *request, struct error *err)
{
    Xunfang__UrlState *state = ref->state;
    struct id id = ref->id;

    if (request->hops >= state->hops)
        return STATUS_OK;
    /* The fewest redirects count, whichever way was found first: then the set of requests made
     * does not depend on the order of the links. */
    state->hops = request->hops;
    if (state->request != NULL)
        state->request->hops = request->hops;
    if (state->state == URL_FINAL && state->hops_verdict) {
        state->hops_verdict = false;
        state->request = request;
        return frontier_move(frontier, ref, URL_REVIVE, 0, err);
    }
    frontier_save(frontier, ref);
    if (state->target == NULL)
        return STATUS_OK;
    /* What this one redirects to is nearer now, too. */
    state->target->hops = state->hops + 1;
    return frontier_publish_link(frontier, ref->job, state->target, id_slice(&id), err);
}

enum status frontier_link(struct frontier *frontier, struct slice job, Xunfang__Request *request,
                          struct error *err)
{
    struct url_ref ref;
    enum status status;

    if (!frontier_accepts(request)) {
        frontier->ignored++;
        return STATUS_OK;
    }
    if (request->kind == XUNFANG__REQUEST__KIND__ROBOTS)
        return frontier_robots_link(frontier, job, request, err);
    status = frontier_find(frontier, job, request_id(request), &ref, err);
    if (status != STATUS_OK)
        return status;
    return ref.state == NULL ? frontier_enter(frontier, &ref, request, err)
                             : shorter_way(frontier, &ref, request, err);
}

/* Verdicts that only say that a request was not worth making: they do not touch one that somebody
 * else wants. */
static bool is_mild(int reason)
{
    return reason == XUNFANG__VERDICT__REASON__HOPS ||
           reason == XUNFANG__VERDICT__REASON__LIST_END ||
           reason == XUNFANG__VERDICT__REASON__LIMIT;
}

enum status frontier_verdict(struct frontier *frontier, struct slice job,
                             const Xunfang__Verdict *verdict, struct error *err)
{
    struct url_ref ref;
    enum status status;

    if (verdict->request == NULL || !frontier_accepts(verdict->request)) {
        frontier->ignored++;
        return STATUS_OK;
    }
    status = frontier_find(frontier, job, request_id(verdict->request), &ref, err);
    if (status != STATUS_OK || (ref.state != NULL && is_mild((int) verdict->reason)))
        return status;
    /* A request that will never be made is known and over, both at once. */
    if (ref.state == NULL) {
        status = frontier_enter(frontier, &ref, verdict->request, err);
        if (status != STATUS_OK)
            return status;
        ref.state->hops_verdict = verdict->reason == XUNFANG__VERDICT__REASON__HOPS;
    }
    return frontier_move(frontier, &ref, URL_VERDICT, 0, err);
}

/* ---- lists ---- */

/* A link for a hit, unless the article is known to be no redirect away: then nothing would be
 * new. */
static enum status publish_hit(struct frontier *frontier, const struct list_hit *hit, char *url,
                               struct slice parent, struct error *err)
{
    Xunfang__Request request = XUNFANG__REQUEST__INIT;
    char method[] = "GET";
    struct url_ref known;
    enum status status = frontier_find(frontier, hit->job, hit->id, &known, err);

    if (status != STATUS_OK || (known.state != NULL && known.state->hops == 0))
        return status;
    request.method = method;
    request.url = url;
    return frontier_publish_link(frontier, hit->job, &request, parent, err);
}

static enum status take_hits(struct frontier *frontier, struct slice job,
                             const Xunfang__FetchResult *fetch, size_t *new_hits, struct error *err)
{
    struct list_hit hit = {.job = job, .list = fetch->request->list};
    struct slice parent = message_slice(fetch->request_id);
    enum status status = STATUS_OK;

    *new_hits = 0;
    for (size_t i = 0; i < fetch->n_hits && i < FRONTIER_HITS && status == STATUS_OK; i++) {
        bool is_new = false;
        hit.id = request_id_of_url(slice_from(fetch->hits[i]->url));
        status = frontier_add_hit(&frontier->store, &hit, &is_new, err);
        if (status != STATUS_OK || !is_new)
            continue;
        ++*new_hits;
        status = publish_hit(frontier, &hit, fetch->hits[i]->url, parent, err);
    }
    return status;
}

/* A list goes on by its own pages alone: hits that other lists have brought are news to it. */
static enum status on_list(struct frontier *frontier, const struct crawl_job *job,
                           const Xunfang__FetchResult *fetch, struct error *err)
{
    struct closing end = {.job = slice_from(job->name),
                          .reason = XUNFANG__VERDICT__REASON__LIST_END};
    size_t new_hits;
    enum status status = take_hits(frontier, end.job, fetch, &new_hits, err);

    if (status != STATUS_OK || fetch->n_links == 0 || fetch->links[0]->request == NULL ||
        !frontier_accepts(fetch->links[0]->request))
        return status;
    end.request = fetch->links[0]->request;
    if (new_hits > 0 && end.request->page < job->study->job.crawl.max_pages_per_list)
        return frontier_publish_link(frontier, end.job, end.request,
                                     message_slice(fetch->request_id), err);
    /* The next page stands in the result, so whoever counts knows about it: its end must be
     * told. */
    end.detail = fetch->n_hits == 0 ? "a page without hits" : "a page with only known hits";
    if (new_hits > 0) {
        end.reason = XUNFANG__VERDICT__REASON__LIMIT;
        end.detail = "max_pages_per_list";
    }
    return frontier_publish_verdict(frontier, &end, err);
}

/* ---- outcomes ---- */

static enum status on_moved(struct frontier *frontier, struct url_ref *ref,
                            const Xunfang__FetchResult *fetch, struct error *err)
{
    struct closing verdict = {.job = ref->job,
                              .reason = XUNFANG__VERDICT__REASON__HOPS,
                              .detail = "more than 5 redirects"};
    enum status status;

    if (fetch->n_links == 0 || fetch->links[0]->request == NULL ||
        !frontier_accepts(fetch->links[0]->request))
        return frontier_move(frontier, ref, URL_DONE, 0, err);
    verdict.request = fetch->links[0]->request;
    verdict.request->hops = ref->state->hops + 1;
    ref->state->target = verdict.request;
    status = frontier_move(frontier, ref, URL_DONE, 0, err);
    if (status != STATUS_OK)
        return status;
    if (verdict.request->hops > FRONTIER_HOPS)
        return frontier_publish_verdict(frontier, &verdict, err);
    return frontier_publish_link(frontier, ref->job, verdict.request,
                                 message_slice(fetch->request_id), err);
}

/* Failures are counted for the request; what they say about the host is note_trouble's. */
static enum status on_failure(struct frontier *frontier, struct url_ref *ref, struct id lease,
                              const Xunfang__FetchResult *fetch, struct error *err)
{
    const struct crawl_job *job = frontier_job(frontier, ref->job);
    char detail[HOST_DETAIL_MAX];
    int64_t due_ms;

    if (job == NULL || frontier_held_elsewhere(ref, lease))
        return STATUS_OK;
    ref->state->attempts++;
    due_ms = courtesy_retry_ms(fetch->ended_ms, job->study->job.crawl.delay_ms,
                               ref->state->attempts, ref->id);
    if (ref->state->attempts < frontier->options.attempts)
        return frontier_move(frontier, ref, URL_AGAIN, due_ms, err);
    (void) snprintf(detail, sizeof detail, "%s, %u times", fetch->detail, ref->state->attempts);
    return frontier_close(frontier, ref, XUNFANG__VERDICT__REASON__GAVE_UP, detail, err);
}

static enum status on_fetch(struct frontier *frontier, const struct crawl_job *job, struct id lease,
                            const Xunfang__FetchResult *fetch, struct error *err)
{
    struct url_ref ref;
    enum status status =
        frontier_find(frontier, slice_from(job->name), request_id(fetch->request), &ref, err);

    if (status != STATUS_OK || ref.state == NULL || ref.state->state == URL_FINAL)
        return status;
    switch ((int) fetch->outcome) {
    case XUNFANG__FETCH_RESULT__OUTCOME__NOT_SENT:
        return frontier_held_elsewhere(&ref, lease)
                   ? STATUS_OK
                   : frontier_move(frontier, &ref, URL_RETURN, 0, err);
    case XUNFANG__FETCH_RESULT__OUTCOME__TRY_AGAIN:
    case XUNFANG__FETCH_RESULT__OUTCOME__BLOCKED:
        return on_failure(frontier, &ref, lease, fetch, err);
    case XUNFANG__FETCH_RESULT__OUTCOME__MOVED:
        return on_moved(frontier, &ref, fetch, err);
    default:
        status = frontier_move(frontier, &ref, URL_DONE, 0, err);
        if (status == STATUS_OK && fetch->outcome == XUNFANG__FETCH_RESULT__OUTCOME__OK &&
            fetch->request->kind == XUNFANG__REQUEST__KIND__LIST)
            status = on_list(frontier, job, fetch, err);
        return status;
    }
}

/* ---- the host ---- */

static bool is_blocked(const Xunfang__FetchResult *fetch)
{
    return fetch->outcome == XUNFANG__FETCH_RESULT__OUTCOME__BLOCKED;
}

/* Does the failure say something about the host rather than the page? */
static bool is_trouble(const Xunfang__FetchResult *fetch)
{
    return is_blocked(fetch) || (fetch->outcome == XUNFANG__FETCH_RESULT__OUTCOME__TRY_AGAIN &&
                                 (fetch->http_status == 0 || fetch->http_status == HTTP_TOO_MANY ||
                                  fetch->http_status == HTTP_UNAVAILABLE));
}

/* Rows of failures, not single ones, give a host up; a good answer in between ends the row. */
static void note_trouble(struct frontier *frontier, struct host *host, int64_t delay_ms,
                         const Xunfang__FetchResult *fetch)
{
    unsigned limit =
        is_blocked(fetch) ? frontier->options.blocked_max : frontier->options.trouble_max;
    int64_t pause =
        courtesy_pause_ms(fetch->ended_ms, delay_ms, host->trouble + 1, is_blocked(fetch));

    host->trouble++;
    host_set_detail(host, fetch->detail);
    if (pause > host->pause_ms)
        host->pause_ms = pause;
    /* Its requests get their verdicts in the next ticks, some at a time. */
    if (host->trouble >= limit)
        host->dead_ms = fetch->ended_ms + DEAD_MS;
}

static void note_fetch(struct frontier *frontier, struct host *host, int64_t delay_ms,
                       const Xunfang__FetchResult *fetch)
{
    int64_t retry_after = fetch->retry_after_ms;

    /* What was not sent says nothing about the host. */
    if (fetch->sent_ms == 0)
        return;
    if (fetch->ended_ms > host->ended_ms)
        host->ended_ms = fetch->ended_ms;
    if (fetch->http_status != 0)
        host->average_ms = courtesy_average(host->average_ms, fetch->ended_ms - fetch->sent_ms);
    if (retry_after > COURTESY_RETRY_AFTER_MAX_MS)
        retry_after = COURTESY_RETRY_AFTER_MAX_MS;
    if (retry_after > 0 && fetch->ended_ms + retry_after > host->pause_ms)
        host->pause_ms = fetch->ended_ms + retry_after;
    if (is_trouble(fetch))
        note_trouble(frontier, host, delay_ms, fetch);
    else if (fetch->outcome != XUNFANG__FETCH_RESULT__OUTCOME__TRY_AGAIN)
        host->trouble = 0;
}

/* ---- results ---- */

enum status frontier_end_lease(struct frontier *frontier, struct host *host, struct error *err)
{
    struct id lease = host->lease;
    struct job_count *count = NULL;
    struct job_tally *tally;
    Xunfang__LeaseState *state;
    enum status status = frontier_get_lease(&frontier->store, lease, &state, err);

    ENSURE(host->leased);
    host->leased = false;
    frontier->leases -= frontier->leases > 0;
    hosts_set_due(frontier->hosts, host, 0);
    if (status != STATUS_OK || state == NULL)
        return status;
    frontier_delete_lease(&frontier->store, lease);
    status = frontier_count(frontier, slice_from(state->payer), &count, err);
    if (status != STATUS_OK)
        return status;
    count->leases -= count->leases > 0;
    tally = &count->parts[host->part];
    tally->leased -= tally->leased < state->n_items ? tally->leased : state->n_items;
    frontier_count_save(frontier, count, host->part);
    for (size_t i = 0; i < state->n_items && status == STATUS_OK; i++) {
        struct url_ref ref = {.state = NULL};
        struct id id;
        if (id_from_bytes(message_slice(state->items[i]), &id, NULL) == STATUS_OK)
            status = frontier_find(frontier, slice_from(state->job), id, &ref, err);
        if (status == STATUS_OK && ref.state != NULL && ref.state->state == URL_LEASED &&
            !frontier_held_elsewhere(&ref, lease))
            status = frontier_move(frontier, &ref, URL_RETURN, 0, err);
    }
    return status;
}

/* max_requests counts what was sent, robots.txt and failures included. */
static enum status count_requests(struct frontier *frontier, const struct record *record,
                                  const Xunfang__Result *result, struct error *err)
{
    uint32_t part = partition_of(record->key, frontier->part_count);
    struct job_count *count = NULL;
    enum status status = frontier_count(frontier, record->job, &count, err);

    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < result->n_fetches; i++)
        count->parts[part].requests += result->fetches[i]->sent_ms != 0 ? 1 : 0;
    frontier_count_save(frontier, count, part);
    return STATUS_OK;
}

/* In the order they were sent. */
static enum status take_fetches(struct frontier *frontier, const struct crawl_job *job,
                                struct id lease, const Xunfang__Result *result, struct error *err)
{
    enum status status = STATUS_OK;

    for (size_t i = 0; i < result->n_fetches && status == STATUS_OK; i++) {
        const Xunfang__FetchResult *fetch = result->fetches[i];
        if (fetch->request == NULL)
            frontier->ignored++;
        else if (fetch->request->kind == XUNFANG__REQUEST__KIND__ROBOTS)
            status = frontier_robots_result(frontier, lease, fetch, err);
        else
            status = on_fetch(frontier, job, lease, fetch, err);
    }
    return status;
}

enum status frontier_result(struct frontier *frontier, const struct record *record,
                            const Xunfang__Result *result, struct error *err)
{
    const struct crawl_job *job = frontier_job(frontier, record->job);
    struct host *host = NULL;
    struct id lease;
    enum status status;

    if (job == NULL || !frontier_accepts_host(record->key) ||
        id_from_bytes(message_slice(result->lease), &lease, NULL) != STATUS_OK) {
        frontier->ignored++;
        return STATUS_OK;
    }
    status = hosts_get(frontier->hosts, record->key, &host, err);
    if (status != STATUS_OK)
        return status;
    if (id_equal(lease, host->last_result))
        return STATUS_OK; /* the bus may repeat what it did not see acknowledged */
    host->last_result = lease;
    for (size_t i = 0; i < result->n_fetches; i++)
        note_fetch(frontier, host, job->study->job.crawl.delay_ms, result->fetches[i]);
    status = take_fetches(frontier, job, lease, result, err);
    if (status == STATUS_OK && host->leased && id_equal(host->lease, lease))
        status = frontier_end_lease(frontier, host, err);
    if (status == STATUS_OK)
        status = count_requests(frontier, record, result, err);
    hosts_set_due(frontier->hosts, host, 0);
    host_save(host, &frontier->store);
    return status;
}
