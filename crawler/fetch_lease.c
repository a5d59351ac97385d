/*
 * A lease is worked on by small steps out of one loop, beside many others: send when it is time,
 * take acknowledgements, finish. Acknowledgements are never waited for before the next send, since
 * courtesy is about the host and not about our logs; only the result waits for all of them.
 */
#include "crawler/fetch_lease.h"

#include "base/message.h"
#include "base/util/crash.h"
#include "crawler/address.h"
#include "crawler/robots.h"
#include "study/request.h"
#include "study/rules.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

enum {
    LEASE_MAGIC = 0x4c656173,
    HOSTS_KEPT = 100000,
    IDLE_MS = 10 * 1000, /* a connection that gives nothing for so long is cut */
    CONNECT_MS = 10 * 1000,
};

#define OUTCOME(name) XUNFANG__FETCH_RESULT__OUTCOME__##name

/* ---- opening ---- */

/* The host's own clock outlives the lease, so that not even a jump of the wall clock brings two
 * requests together. */
static int64_t *host_end(struct fetch_shared *shared, const char *host)
{
    int64_t *end = map_get(shared->hosts, slice_from(host));

    if (end != NULL || map_size(shared->hosts) >= HOSTS_KEPT)
        return end;
    end = malloc(sizeof *end);
    if (end == NULL)
        return NULL;
    *end = INT64_MIN;
    if (map_put(shared->hosts, slice_from(host), end) == STATUS_OK)
        return end;
    free(end);
    return NULL;
}

/* NOT_SENT until something else is known: a lease that ends early needs no further care. */
static void init_items(struct fetch_lease *lease)
{
    for (size_t i = 0; i < lease->count; i++) {
        Xunfang__FetchResult *result = &lease->items[i].result;
        xunfang__fetch_result__init(result);
        result->request_id = lease->message->items[i]->request_id;
        result->request = lease->message->items[i]->request;
        result->outcome = OUTCOME(NOT_SENT);
    }
}

static void set_times(const struct fetch_shared *shared, struct fetch_lease *lease)
{
    const struct clock *clock = shared->options.clock;
    int64_t wall = clock_wall_ms(clock), mono = clock_mono_ms(clock);
    int64_t wait = lease->message->not_before_ms - wall;

    /* From here on the monotonic clock counts: nobody can set it. */
    lease->due_ms = wait > 0 ? mono + wait : mono;
    lease->deadline_ms = mono + (lease->message->expires_ms - wall);
    if (lease->host_end != NULL && *lease->host_end != INT64_MIN &&
        *lease->host_end + lease->message->delay_ms + 1 > lease->due_ms)
        lease->due_ms = *lease->host_end + lease->message->delay_ms + 1;
}

/* Leases come from our own frontier, but through a log that may hold anything. */
static enum status check_items(const Xunfang__Lease *message, struct error *err)
{
    for (size_t i = 0; i < message->n_items; i++)
        if (message->items[i]->request == NULL || message->items[i]->request_id.len != ID_SIZE)
            return error_set(err, STATUS_INVALID, "a lease without its requests");
    if (message->id.len != ID_SIZE || message->n_items == 0)
        return error_set(err, STATUS_INVALID, "an empty lease");
    return STATUS_OK;
}

static enum status fill(struct fetch_shared *shared, struct fetch_lease *lease, struct error *err)
{
    const Xunfang__Lease *message = lease->message;
    struct arena *arena = task_arena(lease->task);

    lease->job = shared->options.find_job(shared->options.self, slice_from(message->job));
    if (lease->job == NULL)
        return error_set(err, STATUS_INVALID, "a lease of an unknown job '%s'", message->job);
    lease->count = message->n_items;
    lease->items = calloc(lease->count, sizeof *lease->items);
    lease->agent = crawl_job_agent(lease->job, arena);
    if (lease->items == NULL || lease->agent == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for a lease");
    init_items(lease);
    lease->target = (struct fetch_target){
        shared->worker, slice_from(message->job), slice_from(message->run), {""}, {""}};
    lease->target.pages = topic_name(TOPIC_PAGES, message->job, NULL);
    lease->target.documents = topic_name(TOPIC_DOCUMENTS, message->job, message->run);
    lease->host_end = host_end(shared, message->host);
    set_times(shared, lease);
    return STATUS_OK;
}

enum status fetch_lease_open(struct fetch_shared *shared, struct task *task,
                             struct fetch_lease **result, struct error *err)
{
    const Xunfang__Lease *message = message_unpack(
        &xunfang__lease__descriptor, task_record(task)->payload, task_arena(task), err);
    struct fetch_lease *lease;
    enum status status;

    if (message == NULL)
        return STATUS_INVALID;
    status = check_items(message, err);
    if (status == STATUS_OK)
        status = topic_check_name("run", slice_from(message->run), err);
    if (status != STATUS_OK)
        return status;
    lease = calloc(1, sizeof *lease);
    if (lease == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for a lease");
    lease->magic = LEASE_MAGIC;
    lease->task = task;
    lease->message = message;
    status = fill(shared, lease, err);
    if (status == STATUS_OK)
        *result = lease;
    else
        fetch_lease_close(lease);
    return status;
}

void fetch_lease_close(struct fetch_lease *lease)
{
    if (lease == NULL)
        return;
    ENSURE(lease->magic == LEASE_MAGIC);
    for (size_t i = 0; lease->items != NULL && i < lease->count; i++)
        fetch_output_fini(&lease->items[i].output);
    free(lease->items);
    lease->magic = 0;
    free(lease);
}

/* ---- sending ---- */

static uint16_t port_of(const struct sockaddr *address)
{
    const void *bytes = address;

    if (address->sa_family == AF_INET6)
        return ntohs(((const struct sockaddr_in6 *) bytes)->sin6_port);
    return ntohs(((const struct sockaddr_in *) bytes)->sin_port);
}

static bool allow(void *self, const struct sockaddr *address, socklen_t size)
{
    const struct fetch_lease *lease = self;
    enum address_kind kind = address_kind(address, size);

    /* The port, too, is that of the address: no redirect and no odd URL can hide it. */
    if (kind == ADDRESS_UNKNOWN || !rules_port_allowed(lease->job->study, port_of(address)))
        return false;
    return kind == ADDRESS_PUBLIC || lease->job->study->job.crawl.allow_private_addresses;
}

static enum status copy_headers(const Xunfang__Request *from, struct arena *arena,
                                struct http_request *request, struct error *err)
{
    struct http_header *headers = arena_array(arena, from->n_headers + 1, sizeof *headers);

    if (headers == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for a request");
    for (size_t i = 0; i < from->n_headers; i++) {
        headers[i].name = slice_from(from->headers[i]->name);
        headers[i].value = slice_from(from->headers[i]->value);
    }
    request->headers = headers;
    request->header_count = from->n_headers;
    return STATUS_OK;
}

static enum status submit(struct fetch_shared *shared, struct fetch_lease *lease, struct error *err)
{
    const Xunfang__Request *from = lease->message->items[lease->at]->request;
    struct http_request request = {
        .method = from->method,
        .url = slice_from(from->url),
        .host = request_host(slice_from(from->url)),
        .body = message_slice(from->body),
        .user_agent = lease->agent,
        .connect_timeout_ms = CONNECT_MS,
        .timeout_ms = lease->message->request_timeout_ms,
        .idle_ms = IDLE_MS,
        .max_body = from->kind == XUNFANG__REQUEST__KIND__ROBOTS
                        ? (uint64_t) ROBOTS_SIZE_MAX
                        : lease->job->study->job.crawl.max_body,
        .deadline_ms = lease->deadline_ms,
        .allow = allow,
        .allow_self = lease,
        .owner = lease,
    };
    enum status status = copy_headers(from, shared->scratch, &request, err);

    if (status == STATUS_OK)
        status = crash_here(CRASH_FETCH_BEFORE_SEND, err);
    return status == STATUS_OK ? http_submit(shared->http, &request, err) : status;
}

static enum status send_next(struct fetch_shared *shared, struct fetch_lease *lease,
                             struct error *err)
{
    struct error cause;
    enum status status = submit(shared, lease, &cause);
    Xunfang__FetchResult *result = &lease->items[lease->at].result;

    if (status == STATUS_OK) {
        lease->state = LEASE_FETCHING;
        return STATUS_OK;
    }
    if (status == STATUS_AGAIN) /* every transfer is taken: the next step tries again */
        return STATUS_OK;
    if (status_verdict(status) == VERDICT_STOP)
        return error_set(err, status, "%s", cause.message);
    /* The request itself is the fault: it cannot be sent, ever. */
    result->outcome = OUTCOME(REFUSED);
    result->detail = message_text(task_arena(lease->task), slice_from(cause.message));
    if (result->detail == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for a result");
    lease->at++;
    return STATUS_OK;
}

/* ---- ending ---- */

static const char expired_text[] = "the lease has expired";

/* The first reason is the one that counts. */
static void step_down(struct fetch_lease *lease, const char *why)
{
    if (lease->stopped == NULL)
        lease->stopped = why;
    lease->state = LEASE_CLOSING;
}

static bool expired(const struct fetch_shared *shared, const struct fetch_lease *lease)
{
    const struct clock *clock = shared->options.clock;

    /* Both clocks: the wall may have been set back, the process may have slept. */
    return clock_mono_ms(clock) >= lease->deadline_ms ||
           clock_wall_ms(clock) >= lease->message->expires_ms;
}

/* Nobody works on a job that was paused, cancelled or purged meanwhile. */
static bool closed(const struct fetch_shared *shared, const struct fetch_lease *lease)
{
    const struct crawl_job *job =
        shared->options.find_job(shared->options.self, slice_from(lease->message->job));

    return job == NULL || !job->open;
}

/* A lease that this build must not work on is kept until it expires: given back at once it would
 * be here again in a moment. */
static enum status go_on(struct fetch_shared *shared, struct fetch_lease *lease, struct error *err)
{
    bool due = clock_mono_ms(shared->options.clock) >= lease->due_ms;

    if (lease->at == lease->count || lease->stopped != NULL)
        step_down(lease, "");
    else if (expired(shared, lease))
        step_down(lease, expired_text);
    else if (due && closed(shared, lease))
        step_down(lease, "the job is not open");
    else if (due && !lease->job->able)
        lease->due_ms = lease->deadline_ms;
    else if (due)
        return send_next(shared, lease, err);
    return STATUS_OK;
}

/* For people who look at the log: why the rest was not sent. */
static enum status say_why(struct fetch_lease *lease, struct error *err)
{
    char *why = message_text(task_arena(lease->task), slice_from(lease->stopped));

    if (why == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for a result");
    for (size_t i = lease->at; i < lease->count; i++)
        lease->items[i].result.detail = why;
    return STATUS_OK;
}

static enum status publish_result(struct fetch_lease *lease, struct error *err)
{
    const Xunfang__Lease *message = lease->message;
    struct arena *arena = task_arena(lease->task);
    struct topic_name urls = topic_name(TOPIC_URLS, NULL, NULL);
    Xunfang__Result body = XUNFANG__RESULT__INIT;
    Xunfang__UrlRecord record = XUNFANG__URL_RECORD__INIT;
    struct record envelope = {
        .key = slice_from(message->host), .job = slice_from(message->job), .schema = RECORD_SCHEMA};
    enum status status = say_why(lease, err);

    if (status == STATUS_OK)
        status = id_from_bytes(message_slice(message->id), &envelope.id, err);
    body.lease = message->id;
    body.n_fetches = message->n_items;
    body.fetches = arena_array(arena, message->n_items, sizeof(Xunfang__FetchResult *));
    for (size_t i = 0; body.fetches != NULL && i < message->n_items; i++)
        body.fetches[i] = &lease->items[i].result;
    record.kind_case = XUNFANG__URL_RECORD__KIND_RESULT;
    record.result = &body;
    if (status == STATUS_OK && body.fetches != NULL)
        envelope.payload = message_pack_arena(&record.base, arena);
    if (status == STATUS_OK && envelope.payload.data == NULL)
        status = error_set(err, STATUS_NOMEM, "no memory for a result");
    if (status == STATUS_OK)
        status = crash_here(CRASH_EFFECT_BEFORE_RESULT, err);
    if (status == STATUS_OK)
        status = fetch_publish(lease->target.worker, urls.text, &envelope, &lease->published, err);
    if (status == STATUS_OK)
        lease->state = LEASE_RESULT;
    return status;
}

static enum status step_outputs(struct fetch_lease *lease, struct error *err)
{
    enum status status = STATUS_OK;

    /* They finish nearly in order, so this stays short however long the lease. */
    while (lease->done < lease->at && fetch_output_done(&lease->items[lease->done].output))
        lease->done++;
    for (size_t i = lease->done; i < lease->at && status == STATUS_OK; i++)
        status = fetch_output_step(&lease->items[i].output, &lease->target, err);
    return status;
}

enum status fetch_lease_step(struct fetch_shared *shared, struct fetch_lease *lease,
                             struct error *err)
{
    enum status status = step_outputs(lease, err);

    ENSURE(lease->magic == LEASE_MAGIC);
    if (status == STATUS_OK && lease->state == LEASE_WAITING)
        status = go_on(shared, lease, err);
    /* Only when all that was sent stands in the logs: what a result calls final is not fetched
     * again. */
    if (status == STATUS_OK && lease->state == LEASE_CLOSING && lease->done == lease->at)
        status = publish_result(lease, err);
    if (status != STATUS_OK || lease->state != LEASE_RESULT || !lease->published.acknowledged)
        return status;
    lease->state = LEASE_OVER;
    task_done(lease->task);
    return crash_here(CRASH_EFFECT_AFTER_RESULT, err);
}

void fetch_lease_expired(struct fetch_lease *lease)
{
    ENSURE(lease->state == LEASE_FETCHING);
    step_down(lease, expired_text);
}

void fetch_lease_stop(struct fetch_shared *shared, struct fetch_lease *lease, bool abort)
{
    Xunfang__FetchResult *result = &lease->items[lease->at].result;

    if (lease->stopped == NULL)
        lease->stopped = "the crawler is told to stop";
    if (lease->state != LEASE_FETCHING || !abort)
        return;
    http_cancel(shared->http, lease);
    /* It may have been sent: the host's clock runs from here. */
    result->sent_ms = clock_wall_ms(shared->options.clock);
    result->ended_ms = result->sent_ms;
    lease->at++;
    lease->state = LEASE_WAITING;
}
