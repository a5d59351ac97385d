/*
 * The file of an origin is known, pending or unknown. Pending means that a request for it is
 * queued, leased, waiting for its next try, or that a redirect has carried it to another host;
 * every one of these ends in an answer, so nothing waits for ever. Requests of a pending origin
 * stay in the queue.
 */
#include "crawler/frontier_robots.h"

#include "base/message.h"
#include "crawler/courtesy.h"
#include "crawler/robots.h"
#include "crawler/url.h"
#include "study/request.h"

#include <stdio.h>
#include <stdlib.h>

enum { STATUS_ABSENT = 404, ORIGIN_MAX = 300 };

struct origin {
    bool known;
    bool pending;
    unsigned http_status;
    int64_t fetched_ms;
    struct robots *rules; /* NULL: all is allowed, or nothing if unreachable */
    char detail[HOST_DETAIL_MAX];
};

struct id frontier_robots_id(const Xunfang__Request *request)
{
    struct id id = request_id(request);

    return id_of(id_slice(&id), slice_from(request->robots_origin));
}

/* ---- origins in memory ---- */

static void destroy_origin(struct origin *origin)
{
    if (origin != NULL)
        robots_destroy(origin->rules);
    free(origin);
}

void frontier_robots_forget(struct frontier *frontier)
{
    void *origin;
    size_t cursor = 0;

    while (map_next(frontier->origins, &cursor, NULL, &origin))
        destroy_origin(origin);
    map_destroy(frontier->origins);
    frontier->origins = NULL;
}

/* RFC 9309, 2.3.1.3 and 2.3.1.4: no answer and server errors forbid all, client errors nothing. */
static bool unreachable(const struct origin *origin)
{
    return origin->http_status == 0 || origin->http_status >= 500;
}

static enum status read_origin(struct origin *origin, const Xunfang__OriginState *state,
                               struct error *err)
{
    origin->known = state->known;
    origin->pending = state->pending;
    origin->http_status = state->http_status;
    origin->fetched_ms = state->fetched_ms;
    (void) snprintf(origin->detail, sizeof origin->detail, "%s", state->detail);
    if (!state->known || state->http_status < 200 || state->http_status > 299)
        return STATUS_OK;
    return robots_create(message_slice(state->body), SLICE("xunfang"), &origin->rules, err);
}

/* Makes the map anew when it is full: files are parsed again when they are needed. */
static enum status remember(struct frontier *frontier, struct slice name, struct origin *origin,
                            struct error *err)
{
    if (frontier->origins != NULL && map_size(frontier->origins) >= ORIGINS_MAX)
        frontier_robots_forget(frontier);
    if (frontier->origins == NULL)
        frontier->origins = map_create();
    if (frontier->origins != NULL)
        destroy_origin(map_remove(frontier->origins, name));
    if (frontier->origins != NULL && map_put(frontier->origins, name, origin) == STATUS_OK)
        return STATUS_OK;
    (void) error_set(err, STATUS_NOMEM, "no memory for robots.txt");
    return STATUS_NOMEM;
}

static enum status keep_origin(struct frontier *frontier, struct slice name,
                               const Xunfang__OriginState *state, struct origin **result,
                               struct error *err)
{
    struct origin *origin = calloc(1, sizeof *origin);
    enum status status;

    if (origin == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for robots.txt");
    status = state == NULL ? STATUS_OK : read_origin(origin, state, err);
    if (status == STATUS_OK)
        status = remember(frontier, name, origin, err);
    if (status == STATUS_OK)
        *result = origin;
    else
        destroy_origin(origin);
    return status;
}

/* From memory, else from the store, else new and unknown. */
static enum status get_origin(struct frontier *frontier, struct slice name, struct origin **origin,
                              struct error *err)
{
    Xunfang__OriginState *state;
    enum status status;

    *origin = frontier->origins == NULL ? NULL : map_get(frontier->origins, name);
    if (*origin != NULL)
        return STATUS_OK;
    status = frontier_get_origin(&frontier->store, name, &state, err);
    return status == STATUS_OK ? keep_origin(frontier, name, state, origin, err) : status;
}

/* ---- asking ---- */

static enum status enter_request(struct frontier *frontier, struct slice job,
                                 Xunfang__Request *request, struct error *err)
{
    struct url_ref ref;
    enum status status =
        frontier_find(frontier, slice_of("", 0), frontier_robots_id(request), &ref, err);

    /* A final one is of an earlier day: the file is fetched anew under the same id. */
    if (status != STATUS_OK || (ref.state != NULL && ref.state->state != URL_FINAL))
        return status; /* or it is under way already */
    status = frontier_enter(frontier, &ref, request, err);
    if (status != STATUS_OK)
        return status;
    ref.state->job = message_text(frontier->arena, job);
    if (ref.state->job == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for robots.txt");
    frontier_save(frontier, &ref);
    return STATUS_OK;
}

/* On behalf of the job that asks first; the answer is everybody's. */
static enum status want(struct frontier *frontier, struct slice job, struct slice name,
                        struct slice page, struct error *err)
{
    Xunfang__Request *request = arena_alloc(frontier->arena, sizeof *request);
    Xunfang__OriginState state = XUNFANG__ORIGIN_STATE__INIT;
    struct origin *origin;
    struct slice url;
    enum status status = url_canonical(SLICE("/robots.txt"), page, frontier->arena, &url, err);

    if (status != STATUS_OK)
        return status;
    if (request == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for robots.txt");
    xunfang__request__init(request);
    request->method = message_text(frontier->arena, SLICE("GET"));
    request->url = message_text(frontier->arena, url);
    request->kind = XUNFANG__REQUEST__KIND__ROBOTS;
    request->robots_origin = message_text(frontier->arena, name);
    if (request->method == NULL || request->url == NULL || request->robots_origin == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for robots.txt");
    /* Written before the request, so that no second request follows the first. */
    state.pending = true;
    frontier_put_origin(&frontier->store, name, &state);
    status = keep_origin(frontier, name, &state, &origin, err);
    return status == STATUS_OK ? enter_request(frontier, job, request, err) : status;
}

static void reply_known(const struct origin *origin, struct slice url, struct robots_reply *reply)
{
    int64_t delay = origin->rules == NULL ? -1 : robots_crawl_delay_ms(origin->rules);

    reply->detail = origin->detail;
    if (delay > COURTESY_DELAY_MAX_MS)
        delay = COURTESY_DELAY_MAX_MS;
    reply->delay_ms = delay < 0 ? 0 : delay;
    if (unreachable(origin))
        reply->verdict = ROBOTS_UNREACHABLE;
    else if (origin->rules == NULL || robots_allows(origin->rules, url))
        reply->verdict = ROBOTS_ALLOWED;
    else
        reply->verdict = ROBOTS_DISALLOWED;
}

enum status frontier_robots_ask(struct frontier *frontier, struct slice job,
                                const Xunfang__Request *request, struct robots_reply *reply,
                                struct error *err)
{
    struct slice text = slice_from(request->url), name;
    struct origin *origin = NULL;
    struct url url;
    enum status status = url_parse(text, NULL, frontier->arena, &url, err);

    *reply = (struct robots_reply){.verdict = ROBOTS_UNREACHABLE, .detail = "no URL"};
    if (status != STATUS_OK) /* a request that nobody can send has its end here */
        return status == STATUS_NOMEM ? status : STATUS_OK;
    name = url_origin(&url, frontier->arena);
    if (name.data == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for robots.txt");
    status = get_origin(frontier, name, &origin, err);
    if (status != STATUS_OK)
        return status;
    ENSURE(origin != NULL);
    *reply = (struct robots_reply){.verdict = ROBOTS_PENDING, .detail = ""};
    if (origin->known && frontier->now_ms - origin->fetched_ms <= ROBOTS_GOOD_MS)
        reply_known(origin, text, reply);
    else if (!origin->pending)
        status = want(frontier, job, name, text, err);
    return status;
}

/* ---- answers ---- */

enum status frontier_robots_answer(struct frontier *frontier, const Xunfang__RobotsAnswer *answer,
                                   struct error *err)
{
    Xunfang__OriginState state = XUNFANG__ORIGIN_STATE__INIT;
    struct slice name = slice_from(answer->origin);
    struct slice host_name = request_host(name);
    struct origin *origin;
    struct host *host = NULL;
    enum status status;

    if (!frontier_accepts_host(host_name) || name.size > ORIGIN_MAX) {
        frontier->ignored++;
        return STATUS_OK;
    }
    state.known = true;
    state.http_status = answer->http_status;
    state.body = message_bytes(slice_sub(message_slice(answer->body), 0, ROBOTS_SIZE_MAX));
    state.fetched_ms = answer->fetched_ms;
    state.detail = answer->detail;
    frontier_put_origin(&frontier->store, name, &state);
    status = keep_origin(frontier, name, &state, &origin, err);
    if (status == STATUS_OK)
        status = hosts_get(frontier->hosts, host_name, &host, err);
    if (status == STATUS_OK)
        hosts_set_due(frontier->hosts, host, 0);
    return status;
}

/* The origin's own frontier hears of it: at once if that is we, else through `urls`. */
static enum status give_answer(struct frontier *frontier, const Xunfang__Request *request,
                               Xunfang__RobotsAnswer *answer, struct slice job, struct error *err)
{
    Xunfang__UrlRecord message = XUNFANG__URL_RECORD__INIT;
    struct id id = frontier_robots_id(request);
    struct record envelope = {.id = id_of(id_slice(&id), SLICE("robots")), .job = job};

    answer->origin = request->robots_origin;
    if (request->hops == 0)
        return frontier_robots_answer(frontier, answer, err);
    envelope.key = request_host(slice_from(answer->origin));
    if (envelope.key.size == 0)
        return STATUS_OK;
    message.kind_case = XUNFANG__URL_RECORD__KIND_ROBOTS;
    message.robots = answer;
    return frontier_publish(frontier, &message, &envelope, err);
}

/* ---- requests for the file ---- */

enum status frontier_robots_link(struct frontier *frontier, struct slice job,
                                 Xunfang__Request *request, struct error *err)
{
    if (!frontier_accepts(request) ||
        !frontier_accepts_host(request_host(slice_from(request->robots_origin)))) {
        frontier->ignored++;
        return STATUS_OK;
    }
    return enter_request(frontier, job, request, err);
}

/* The request is over: `http_status` 0 says unreachable. */
static enum status finish(struct frontier *frontier, struct url_ref *ref,
                          Xunfang__RobotsAnswer *answer, struct error *err)
{
    Xunfang__Request *request = ref->state->request;
    struct slice job = slice_from(ref->state->job);
    enum status status = frontier_move(frontier, ref, URL_DONE, 0, err);

    return status == STATUS_OK ? give_answer(frontier, request, answer, job, err) : status;
}

/* Counted and repeated like any request; at the end of its tries it is unreachable. */
static enum status on_failure(struct frontier *frontier, struct url_ref *ref, struct id lease,
                              const Xunfang__FetchResult *fetch, struct error *err)
{
    Xunfang__RobotsAnswer answer = XUNFANG__ROBOTS_ANSWER__INIT;
    const struct crawl_job *job = frontier_job(frontier, slice_from(ref->state->job));
    int64_t delay = job == NULL ? 0 : job->study->job.crawl.delay_ms;

    if (frontier_held_elsewhere(ref, lease))
        return STATUS_OK;
    ref->state->attempts++;
    if (ref->state->attempts < frontier->options.attempts)
        return frontier_move(
            frontier, ref, URL_AGAIN,
            courtesy_retry_ms(fetch->ended_ms, delay, ref->state->attempts, ref->id), err);
    answer.fetched_ms = fetch->ended_ms;
    answer.detail = fetch->detail;
    return finish(frontier, ref, &answer, err);
}

static enum status on_moved(struct frontier *frontier, struct url_ref *ref,
                            const Xunfang__FetchResult *fetch, struct error *err)
{
    Xunfang__RobotsAnswer answer = XUNFANG__ROBOTS_ANSWER__INIT;
    Xunfang__Request *from = ref->state->request;
    Xunfang__Request *target = fetch->n_links == 0 ? NULL : fetch->links[0]->request;
    struct slice job = slice_from(ref->state->job);
    enum status status;

    /* RFC 9309, 2.3.1.2: after five redirects the file may be taken as not there. */
    if (target == NULL || !frontier_accepts(target) || from->hops >= FRONTIER_HOPS) {
        answer.http_status = STATUS_ABSENT;
        answer.fetched_ms = fetch->ended_ms;
        return finish(frontier, ref, &answer, err);
    }
    target->kind = XUNFANG__REQUEST__KIND__ROBOTS;
    target->robots_origin = from->robots_origin;
    target->hops = from->hops + 1;
    status = frontier_move(frontier, ref, URL_DONE, 0, err);
    return status == STATUS_OK
               ? frontier_publish_link(frontier, job, target, message_slice(fetch->request_id), err)
               : status;
}

/* Any final answer, good or not, is an answer about the file. */
static enum status on_file(struct frontier *frontier, struct url_ref *ref,
                           const Xunfang__FetchResult *fetch, struct error *err)
{
    Xunfang__RobotsAnswer answer = XUNFANG__ROBOTS_ANSWER__INIT;

    /* A host that may not be asked at all answers the requests themselves. */
    answer.http_status = fetch->outcome == XUNFANG__FETCH_RESULT__OUTCOME__OK
                             ? fetch->http_status
                             : (uint32_t) STATUS_ABSENT;
    answer.body = fetch->robots;
    answer.fetched_ms = fetch->ended_ms;
    return finish(frontier, ref, &answer, err);
}

enum status frontier_robots_result(struct frontier *frontier, struct id lease,
                                   const Xunfang__FetchResult *fetch, struct error *err)
{
    struct url_ref ref;
    enum status status =
        frontier_find(frontier, slice_of("", 0), frontier_robots_id(fetch->request), &ref, err);

    if (status != STATUS_OK || ref.state == NULL || ref.state->state == URL_FINAL)
        return status;
    switch ((int) fetch->outcome) {
    case XUNFANG__FETCH_RESULT__OUTCOME__NOT_SENT:
        if (frontier_held_elsewhere(&ref, lease))
            return STATUS_OK;
        return frontier_move(frontier, &ref, URL_RETURN, 0, err);
    case XUNFANG__FETCH_RESULT__OUTCOME__TRY_AGAIN:
    case XUNFANG__FETCH_RESULT__OUTCOME__BLOCKED:
        return on_failure(frontier, &ref, lease, fetch, err);
    case XUNFANG__FETCH_RESULT__OUTCOME__MOVED:
        return on_moved(frontier, &ref, fetch, err);
    default:
        return on_file(frontier, &ref, fetch, err);
    }
}

enum status frontier_robots_give_up(struct frontier *frontier, struct url_ref *ref,
                                    const char *detail, struct error *err)
{
    Xunfang__RobotsAnswer answer = XUNFANG__ROBOTS_ANSWER__INIT;

    answer.fetched_ms = frontier->now_ms;
    answer.detail = message_text(frontier->arena, slice_from(detail));
    if (answer.detail == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for robots.txt");
    return finish(frontier, ref, &answer, err);
}
