/*
 * libcurl calls back while it works, and the only word it takes from a callback is "abort". So a
 * callback that objects leaves its verdict in the transfer first; http_transfer_end prefers that to
 * what libcurl made of the abort.
 */
#include "base/http/http_transfer.h"

#include "base/http/http_socket.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    TRANSFER_MAGIC = 0x48747470,
    TRANSFER_ARENA = 4 * 1024 * 1024,
    TRANSFER_WIRE_LAG = 16 * 1024, /* libcurl's read buffer */
    DEFAULT_BODY = 8 * 1024 * 1024,
    DEFAULT_CONNECT_MS = 10 * 1000,
    DEFAULT_TIMEOUT_MS = 30 * 1000,
    SLOW_BYTES = 100, /* a second */
};

struct http_transfer *http_transfer_create(const struct clock *clock, size_t *bytes_left)
{
    struct http_transfer *transfer = calloc(1, sizeof *transfer);

    if (transfer == NULL)
        return NULL;
    transfer->magic = TRANSFER_MAGIC;
    transfer->clock = clock;
    transfer->bytes_left = bytes_left;
    transfer->arena = arena_create(TRANSFER_ARENA);
    transfer->easy = curl_easy_init();
    buf_init(&transfer->body, DEFAULT_BODY);
    if (transfer->arena != NULL && transfer->easy != NULL)
        return transfer;
    http_transfer_destroy(transfer);
    return NULL;
}

void http_transfer_reset(struct http_transfer *transfer)
{
    ENSURE(transfer->magic == TRANSFER_MAGIC && !transfer->in_flight);
    curl_easy_reset(transfer->easy);
    curl_slist_free_all(transfer->list);
    curl_url_cleanup(transfer->url);
    transfer->list = NULL;
    transfer->url = NULL;
    buf_fini(&transfer->body);
    *transfer->bytes_left += transfer->bytes_taken;
    transfer->bytes_taken = 0;
    transfer->sent = false;
    transfer->verdict = HTTP_NONE;
    transfer->header_count = 0;
    transfer->header_bytes = 0;
    arena_reset(transfer->arena);
}

void http_transfer_destroy(struct http_transfer *transfer)
{
    if (transfer == NULL)
        return;
    if (transfer->easy != NULL)
        http_transfer_reset(transfer);
    curl_easy_cleanup(transfer->easy);
    arena_destroy(transfer->arena);
    transfer->magic = 0;
    free(transfer);
}

/* ---- callbacks: each returns what makes libcurl abort, with the verdict set ---- */

/* Headers are kept as they come; what repeats stands there twice. */
static bool keep_header(struct http_transfer *transfer, struct slice line)
{
    size_t colon = slice_find(line, SLICE(":"));
    struct http_header *header = &transfer->headers[transfer->header_count];

    if (colon == line.size)
        return true; /* the status line, the empty line */
    if (transfer->header_count == HTTP_HEADER_MAX)
        return false;
    header->name = arena_copy(transfer->arena, slice_trim(slice_sub(line, 0, colon)));
    header->value = arena_copy(transfer->arena, slice_trim(slice_sub(line, colon + 1, SIZE_MAX)));
    transfer->header_count++;
    return header->name.data != NULL && header->value.data != NULL;
}

static size_t on_header(char *data, size_t one, size_t size, void *self)
{
    struct http_transfer *transfer = self;
    struct slice line = slice_of(data, size);

    (void) one;
    if (slice_starts(line, SLICE("HTTP/")))
        transfer->header_count = 0; /* those before belong to a 100 Continue */
    transfer->header_bytes += size;
    if (transfer->header_bytes <= HTTP_HEADER_BYTES && keep_header(transfer, line))
        return size;
    transfer->verdict = HTTP_HEADERS;
    return 0;
}

/* Takes from the common budget what the body needs beyond its free part. */
static bool take_budget(struct http_transfer *transfer, size_t size)
{
    size_t needed = transfer->body.size + size;
    size_t more;

    if (needed <= HTTP_BODY_FREE + transfer->bytes_taken)
        return true;
    more = needed - HTTP_BODY_FREE - transfer->bytes_taken;
    if (more > *transfer->bytes_left)
        return false;
    *transfer->bytes_left -= more;
    transfer->bytes_taken += more;
    return true;
}

/* Compares decoded bytes with those of the wire, which are counted up to one buffer late. */
static bool is_bomb(struct http_transfer *transfer, size_t size)
{
    curl_off_t wire = 0;
    uint64_t decoded = (uint64_t) transfer->body.size + size;

    if (curl_easy_getinfo(transfer->easy, CURLINFO_SIZE_DOWNLOAD_T, &wire) != CURLE_OK || wire < 0)
        wire = 0;
    return decoded > HTTP_RATIO_MAX * ((uint64_t) wire + TRANSFER_WIRE_LAG);
}

/* Keeps what fits even when it aborts: a robots.txt counts as far as it came. */
static size_t on_body(char *data, size_t one, size_t size, void *self)
{
    struct http_transfer *transfer = self;
    size_t room = transfer->body.limit - transfer->body.size;

    (void) one;
    if (is_bomb(transfer, size))
        transfer->verdict = HTTP_BOMB;
    else if (!take_budget(transfer, size < room ? size : room))
        transfer->verdict = HTTP_CROWDED;
    else
        buf_append(&transfer->body, slice_of(data, size < room ? size : room));
    if (transfer->verdict == HTTP_NONE && size > room)
        transfer->verdict = HTTP_TOO_LARGE;
    if (transfer->verdict == HTTP_NONE && transfer->body.failure != STATUS_OK)
        transfer->verdict = HTTP_CROWDED;
    return transfer->verdict == HTTP_NONE ? size : 0;
}

/* ---- arming ---- */

/* RFC 9110's token, roughly: nothing that could end a header's name or the request line. */
static bool is_token(const char *text)
{
    for (const char *c = text; *c != '\0'; c++)
        if ((unsigned char) *c <= ' ' || *c == ':' || (unsigned char) *c >= 0x7f)
            return false;
    return text[0] != '\0';
}

/* CR or LF would begin a header of the page's own choosing. */
static bool is_field_text(struct slice text)
{
    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] == '\r' || text.data[i] == '\n' || text.data[i] == '\0')
            return false;
    return true;
}

static enum status add_header(struct http_transfer *transfer, const struct http_header *header,
                              struct error *err)
{
    char *name = arena_printf(transfer->arena, "%.*s", SLICE_ARG(header->name));
    char *line;
    struct curl_slist *list;

    if (name != NULL && (!is_token(name) || !is_field_text(header->value)))
        return error_set(err, STATUS_INVALID, "header '%s' cannot be sent", name);
    /* libcurl's form for a header without a value is a semicolon in place of the colon. */
    line = arena_printf(transfer->arena, header->value.size == 0 ? "%s;%.*s" : "%s: %.*s",
                        name == NULL ? "" : name, SLICE_ARG(header->value));
    list = name == NULL || line == NULL ? NULL : curl_slist_append(transfer->list, line);
    if (list == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for a header");
    transfer->list = list;
    return STATUS_OK;
}

/* The connect time-out is part of the whole one: nobody waits longer than he was told. */
static void fill_limits(struct http_request *request)
{
    if (request->timeout_ms <= 0)
        request->timeout_ms = DEFAULT_TIMEOUT_MS;
    if (request->connect_timeout_ms <= 0)
        request->connect_timeout_ms = DEFAULT_CONNECT_MS;
    if (request->connect_timeout_ms > request->timeout_ms)
        request->connect_timeout_ms = request->timeout_ms;
}

static enum status copy_request(struct http_transfer *transfer, const struct http_request *request,
                                struct error *err)
{
    struct http_request *copy = &transfer->request;
    struct curl_slist *list;
    enum status status = STATUS_OK;

    *copy = *request;
    fill_limits(copy);
    if (!is_token(request->method))
        return error_set(err, STATUS_INVALID, "'%s' is no method", request->method);
    if (request->user_agent != NULL && !is_field_text(slice_from(request->user_agent)))
        return error_set(err, STATUS_INVALID, "the user agent has a line break");
    if (request->header_count > HTTP_REQUEST_HEADERS)
        return error_set(err, STATUS_TOO_LARGE, "%zu headers: %d are allowed",
                         request->header_count, (int) HTTP_REQUEST_HEADERS);
    copy->method = arena_printf(transfer->arena, "%s", request->method);
    copy->url = arena_copy(transfer->arena, request->url);
    copy->body = arena_copy(transfer->arena, request->body);
    if (copy->method == NULL || copy->url.data == NULL || copy->body.data == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for a request");
    /* No waiting for a 100 Continue that old servers never send. */
    list = curl_slist_append(transfer->list, "Expect:");
    if (list == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for a header");
    transfer->list = list;
    for (size_t i = 0; i < request->header_count && status == STATUS_OK; i++)
        status = add_header(transfer, &request->headers[i], err);
    return status;
}

/* Is this part of the URL as libcurl reads it one of the two texts? */
static bool url_part_is(CURLU *url, CURLUPart part, struct slice this, struct slice that)
{
    char *text = NULL;
    bool same;

    if (curl_url_get(url, part, &text, 0) != CURLUE_OK)
        return false;
    same = slice_equal_nocase(slice_from(text), this) || slice_equal_nocase(slice_from(text), that);
    curl_free(text);
    return same;
}

/* Parses as libcurl will; false if it understands another host than the caller. */
static bool set_url(struct http_transfer *transfer)
{
    const struct http_request *request = &transfer->request;
    const unsigned flags = CURLU_PATH_AS_IS | CURLU_DISALLOW_USER;

    transfer->url = curl_url();
    if (transfer->url == NULL || !is_field_text(request->url) ||
        curl_url_set(transfer->url, CURLUPART_URL, request->url.data, flags) != CURLUE_OK ||
        !url_part_is(transfer->url, CURLUPART_SCHEME, SLICE("http"), SLICE("https")))
        return false;
    return request->host.size == 0 ||
           url_part_is(transfer->url, CURLUPART_HOST, request->host, request->host);
}

static void set_limits(CURL *easy, const struct http_request *request)
{
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long) request->connect_timeout_ms);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long) request->timeout_ms);
    if (request->idle_ms > 0) {
        curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, (long) SLOW_BYTES);
        curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, (long) ((request->idle_ms + 999) / 1000));
    }
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, (long) TRANSFER_WIRE_LAG);
}

/* Nothing is sent but what was asked for, to nobody but who was asked. */
static void set_safety(CURL *easy)
{
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_NETRC, (long) CURL_NETRC_IGNORED);
    curl_easy_setopt(easy, CURLOPT_UNRESTRICTED_AUTH, 0L);
    curl_easy_setopt(easy, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    curl_easy_setopt(easy, CURLOPT_HTTP09_ALLOWED, 0L);
    curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
    /* One kept connection a host; HTTP/2 would bring nothing to requests in single file. */
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long) CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip, deflate, br");
}

static void set_callbacks(struct http_transfer *transfer)
{
    CURL *easy = transfer->easy;

    curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->error);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, http_socket_open);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, http_socket_send);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
}

static void set_method(CURL *easy, const struct http_request *request)
{
    if (strcmp(request->method, "GET") == 0) {
        curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
        return;
    }
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t) request->body.size);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body.data);
    if (strcmp(request->method, "POST") != 0)
        curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
}

enum status http_transfer_arm(struct http_transfer *transfer, const struct http_request *request,
                              struct error *err)
{
    CURL *easy = transfer->easy;
    enum status status = copy_request(transfer, request, err);

    if (status != STATUS_OK)
        return status;
    transfer->response =
        (struct http_response){.owner = request->owner, .sent_ms = clock_wall_ms(transfer->clock)};
    transfer->address[0] = '\0';
    transfer->error[0] = '\0';
    buf_init(&transfer->body,
             request->max_body > 0 ? (size_t) request->max_body : (size_t) DEFAULT_BODY);
    set_limits(easy, &transfer->request);
    set_safety(easy);
    set_callbacks(transfer);
    set_method(easy, &transfer->request);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer->list);
    if (request->user_agent != NULL)
        curl_easy_setopt(easy, CURLOPT_USERAGENT, request->user_agent);
    if (!set_url(transfer))
        transfer->verdict = HTTP_BAD_URL;
    else
        curl_easy_setopt(easy, CURLOPT_CURLU, transfer->url);
    return STATUS_OK;
}

/* ---- the end ---- */

/* Refused says that the machine is there and the service is not; a person wants to know. */
static enum http_failure connect_failure(CURL *easy)
{
    long errnum = 0;

    if (curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &errnum) == CURLE_OK && errnum == ECONNREFUSED)
        return HTTP_REFUSED;
    return HTTP_UNREACHABLE;
}

static enum http_failure failure_of(CURL *easy, CURLcode code)
{
    switch ((int) code) {
    case CURLE_OK:
        return HTTP_NONE;
    case CURLE_URL_MALFORMAT:
        return HTTP_BAD_URL;
    case CURLE_COULDNT_RESOLVE_HOST:
        return HTTP_UNRESOLVED;
    case CURLE_COULDNT_CONNECT:
        return connect_failure(easy);
    case CURLE_OPERATION_TIMEDOUT:
        return HTTP_TIMEOUT;
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
        return HTTP_RESET;
    case CURLE_PARTIAL_FILE:
        return HTTP_CUT;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
        return HTTP_TLS;
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_BAD_CONTENT_ENCODING:
    case CURLE_WRITE_ERROR: /* broken compressed data ends so, too */
        return HTTP_GARBLED;
    default:
        return HTTP_OTHER;
    }
}

/* What to say beyond the failure's own words. libcurl's text has times in it for some failures, so
 * only those are passed on where it tells a person what to do. */
static const char *detail_of(const struct http_transfer *transfer, enum http_failure failure)
{
    if (failure == HTTP_TLS || failure == HTTP_OTHER || failure == HTTP_GARBLED)
        return transfer->error;
    return "";
}

void http_transfer_end(struct http_transfer *transfer, CURLcode code)
{
    struct http_response *response = &transfer->response;
    long status = 0;

    ENSURE(transfer->magic == TRANSFER_MAGIC);
    if (curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status) != CURLE_OK)
        status = 0;
    response->failure =
        transfer->verdict != HTTP_NONE ? transfer->verdict : failure_of(transfer->easy, code);
    response->detail = detail_of(transfer, response->failure);
    response->status = (unsigned) status;
    response->headers = transfer->headers;
    response->header_count = transfer->header_count;
    response->body = buf_slice(&transfer->body);
    response->address = transfer->address;
    response->ended_ms = clock_wall_ms(transfer->clock);
    response->ended_mono_ms = clock_mono_ms(transfer->clock);
}
