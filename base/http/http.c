/*
 * One multi handle drives all transfers. Easy handles are kept in a pool, since making one costs
 * more than a request to a near host; connections are kept by the multi handle and outlive
 * transfers. An ended transfer waits in a queue with its response until the caller has read it.
 */
#include "base/http/http.h"

#include "base/http/http_transfer.h"

#include <pthread.h>
#include <stdlib.h>

enum {
    LOOP_MAGIC = 0x4c6f6f70,
    DEFAULT_TRANSFERS = 256,
    DEFAULT_TOTAL = 64 * 1024 * 1024,
    CONNECTION_LIFE_S = 600, /* a kept connection older than this is not used again */
};

struct http {
    unsigned magic;
    const struct clock *clock;
    CURLM *multi;
    size_t limit;
    size_t bytes_left;
    size_t count; /* transfers in `all` */
    size_t in_flight;
    struct http_transfer **all;
    struct http_transfer *idle;
    struct http_transfer *ended_first;
    struct http_transfer **ended_last;
};

/* libcurl wants one call before any thread uses it; there is no good place to undo it. */
static void start_library(void)
{
    ENSURE(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK);
}

static pthread_once_t library_once = PTHREAD_ONCE_INIT;

enum status http_create(const struct http_options *options, struct http **result, struct error *err)
{
    struct http *http;

    ENSURE(pthread_once(&library_once, start_library) == 0);
    http = calloc(1, sizeof *http);
    if (http == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for HTTP");
    http->magic = LOOP_MAGIC;
    http->clock = options->clock;
    http->limit = options->max_transfers > 0 ? options->max_transfers : (size_t) DEFAULT_TRANSFERS;
    http->bytes_left =
        options->max_total_bytes > 0 ? options->max_total_bytes : (size_t) DEFAULT_TOTAL;
    http->ended_last = &http->ended_first;
    http->all = calloc(http->limit, sizeof(struct http_transfer *));
    http->multi = curl_multi_init();
    if (http->all == NULL || http->multi == NULL) {
        http_destroy(http);
        return error_set(err, STATUS_NOMEM, "no memory for HTTP");
    }
    curl_multi_setopt(http->multi, CURLMOPT_MAXCONNECTS, (long) http->limit);
    curl_multi_setopt(http->multi, CURLMOPT_PIPELINING, (long) CURLPIPE_NOTHING);
    *result = http;
    return STATUS_OK;
}

/* The connection stays with the multi handle, for the next request to that host. */
static void take_out(struct http *http, struct http_transfer *transfer)
{
    ENSURE(transfer->in_flight);
    curl_multi_remove_handle(http->multi, transfer->easy);
    transfer->in_flight = false;
    http->in_flight--;
}

void http_destroy(struct http *http)
{
    if (http == NULL)
        return;
    ENSURE(http->magic == LOOP_MAGIC);
    for (size_t i = 0; i < http->count; i++) {
        if (http->all[i]->in_flight)
            take_out(http, http->all[i]);
        http_transfer_destroy(http->all[i]);
    }
    free(http->all);
    if (http->multi != NULL)
        curl_multi_cleanup(http->multi);
    http->magic = 0;
    free(http);
}

size_t http_in_flight(const struct http *http)
{
    return http->in_flight;
}

/* Gives back what the transfer held of the common budget. */
static void make_idle(struct http *http, struct http_transfer *transfer)
{
    http_transfer_reset(transfer);
    transfer->next = http->idle;
    http->idle = transfer;
}

static enum status get_idle(struct http *http, struct http_transfer **transfer, struct error *err)
{
    if (http->idle == NULL) {
        if (http->count == http->limit)
            return error_set(err, STATUS_AGAIN, "%zu transfers are under way", http->count);
        http->idle = http_transfer_create(http->clock, &http->bytes_left);
        if (http->idle == NULL)
            return error_set(err, STATUS_NOMEM, "no memory for a transfer");
        http->all[http->count++] = http->idle;
    }
    *transfer = http->idle;
    http->idle = http->idle->next;
    (*transfer)->next = NULL;
    return STATUS_OK;
}

static void add_ended(struct http *http, struct http_transfer *transfer, CURLcode code)
{
    http_transfer_end(transfer, code);
    transfer->next = NULL;
    *http->ended_last = transfer;
    http->ended_last = &transfer->next;
}

enum status http_submit(struct http *http, const struct http_request *request, struct error *err)
{
    struct http_transfer *transfer = NULL;
    enum status status;

    ENSURE(http->magic == LOOP_MAGIC);
    status = get_idle(http, &transfer, err);
    if (status != STATUS_OK)
        return status;
    ENSURE(transfer != NULL);
    status = http_transfer_arm(transfer, request, err);
    if (status != STATUS_OK) {
        make_idle(http, transfer);
        return status;
    }
    /* Known to fail before anything is sent: it still ends like any other, through http_next. */
    if (transfer->verdict != HTTP_NONE) {
        add_ended(http, transfer, CURLE_URL_MALFORMAT);
        return STATUS_OK;
    }
    curl_easy_setopt(transfer->easy, CURLOPT_MAXLIFETIME_CONN, (long) CONNECTION_LIFE_S);
    if (curl_multi_add_handle(http->multi, transfer->easy) != CURLM_OK) {
        make_idle(http, transfer);
        return error_set(err, STATUS_NOMEM, "no memory for a transfer");
    }
    transfer->in_flight = true;
    http->in_flight++;
    return STATUS_OK;
}

/* A cancelled transfer may have ended already, with its response not read yet. */
static void drop_ended(struct http *http, const void *owner)
{
    struct http_transfer **link = &http->ended_first;

    while (*link != NULL) {
        struct http_transfer *transfer = *link;
        if (transfer->response.owner != owner) {
            link = &transfer->next;
            continue;
        }
        *link = transfer->next;
        make_idle(http, transfer);
    }
    http->ended_last = link;
}

void http_cancel(struct http *http, const void *owner)
{
    for (size_t i = 0; i < http->count; i++) {
        struct http_transfer *transfer = http->all[i];
        if (!transfer->in_flight || transfer->response.owner != owner)
            continue;
        take_out(http, transfer);
        make_idle(http, transfer);
    }
    drop_ended(http, owner);
}

/* Moves what has ended from libcurl's queue into ours, in its order. */
static void collect(struct http *http)
{
    CURLMsg *message;
    int left;

    while ((message = curl_multi_info_read(http->multi, &left)) != NULL) {
        CURLcode code = message->data.result;
        char *private = NULL;
        struct http_transfer *transfer;

        if (message->msg != CURLMSG_DONE)
            continue;
        ENSURE(curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &private) == CURLE_OK);
        transfer = (struct http_transfer *) (void *) private;
        take_out(http, transfer);
        add_ended(http, transfer, code);
    }
}

static enum status perform(struct http *http, struct error *err)
{
    int running;
    CURLMcode code = curl_multi_perform(http->multi, &running);

    if (code != CURLM_OK)
        return error_set(err, code == CURLM_OUT_OF_MEMORY ? STATUS_NOMEM : STATUS_INTERNAL,
                         "libcurl: %s", curl_multi_strerror(code));
    collect(http);
    return STATUS_OK;
}

enum status http_step(struct http *http, int64_t timeout_ms, struct error *err)
{
    enum status status;
    CURLMcode code;

    ENSURE(http->magic == LOOP_MAGIC);
    status = perform(http, err);
    /* Somebody waits for an answer that is there: no sleeping. */
    if (status != STATUS_OK || http->ended_first != NULL || timeout_ms <= 0)
        return status;
    code = curl_multi_poll(http->multi, NULL, 0, (int) timeout_ms, NULL);
    if (code != CURLM_OK)
        return error_set(err, STATUS_INTERNAL, "libcurl: %s", curl_multi_strerror(code));
    return perform(http, err);
}

const struct http_response *http_next(struct http *http)
{
    struct http_transfer *transfer = http->ended_first;

    if (transfer == NULL)
        return NULL;
    http->ended_first = transfer->next;
    if (http->ended_first == NULL)
        http->ended_last = &http->ended_first;
    transfer->next = NULL;
    return &transfer->response;
}

void http_release(struct http *http, const struct http_response *response)
{
    size_t i = 0;

    while (i < http->count && &http->all[i]->response != response)
        i++;
    ENSURE(i < http->count);
    make_idle(http, http->all[i]);
}

/* ---- reading a response ---- */

const char *http_failure_text(enum http_failure failure)
{
    static const char *const texts[] = {
#define X(name, text) text,
        HTTP_FAILURES(X)
#undef X
    };

    ENSURE((size_t) failure < sizeof texts / sizeof texts[0]);
    return texts[failure];
}

struct slice http_find_header(const struct http_response *response, const char *name)
{
    for (size_t i = 0; i < response->header_count; i++)
        if (slice_equal_nocase(response->headers[i].name, slice_from(name)))
            return response->headers[i].value;
    return slice_of("", 0);
}
