/*
 * http: HTTP(S) requests, many at once on one thread; the only door to the network beside the bus.
 *
 * Use      http_submit any number, http_step to move them, http_next for what has ended; every
 *          submitted transfer ends exactly once, cancelled ones without a response.
 * Sends    One request is sent at most once: no redirect is followed, no retry made, not even where
 *          a kept connection dies under it. What to do next is the caller's business.
 * Check    `allow` sees the address before the connection is made and again before the request goes
 *          out on a kept one, so neither DNS nor another caller's connection opens a way around it.
 *          `host` is compared with what libcurl understood of the URL.
 * Caps     Bodies count decoded: max_body, and HTTP_RATIO_MAX times the bytes on the wire; headers
 *          HTTP_HEADER_BYTES and HTTP_HEADER_MAX; all bodies together max_total_bytes.
 * Off      Proxies of the environment, cookies, .netrc, passwords in URLs, HTTP/0.9. TLS is
 *          verified always.
 * Times    Milliseconds of the clock given, wall and monotonic.
 * Memory   A request is copied. A response lives until http_release.
 * Threads  A struct http and all that hangs on it belong to one thread; no signals are used.
 * Never    blocks longer than the timeout given, logs.
 */
#ifndef XUNFANG_BASE_HTTP_HTTP_H
#define XUNFANG_BASE_HTTP_HTTP_H

#include "base/util/clock.h"
#include "base/util/slice.h"

#include <sys/socket.h>

struct http;

enum {
    HTTP_RATIO_MAX = 100,
    HTTP_HEADER_MAX = 200,
    HTTP_HEADER_BYTES = 64 * 1024,
    HTTP_REQUEST_HEADERS = 32,
};

struct http_options {
    const struct clock *clock;
    size_t max_transfers; /* in flight; 0: 256 */
    size_t
        max_total_bytes; /* of bodies in memory; 0: 64 MiB. Each transfer may have 64 KiB anyway */
};

/* name, words for people */
#define HTTP_FAILURES(X)                                                                           \
    X(NONE, "answered")                                                                            \
    X(BAD_URL, "libcurl reads the URL differently")                                                \
    X(ADDRESS, "address not allowed")                                                              \
    X(UNRESOLVED, "host name not found")                                                           \
    X(REFUSED, "connection refused")                                                               \
    X(UNREACHABLE, "no connection")                                                                \
    X(RESET, "connection closed without an answer")                                                \
    X(CUT, "answer ended early")                                                                   \
    X(TIMEOUT, "timed out")                                                                        \
    X(TLS, "TLS failure")                                                                          \
    X(TOO_LARGE, "body over its limit")                                                            \
    X(BOMB, "body decompresses beyond all measure")                                                \
    X(HEADERS, "headers over their limit")                                                         \
    X(GARBLED, "no proper HTTP answer")                                                            \
    X(CROWDED, "no memory for the body now")                                                       \
    X(LATE, "not sent before its deadline")                                                        \
    X(OTHER, "transfer failed")

enum http_failure {
#define X(name, text) HTTP_##name,
    HTTP_FAILURES(X)
#undef X
};

struct http_header {
    struct slice name;
    struct slice value;
};

struct http_request {
    const char *method; /* GET, POST, …; a body is sent with any but GET */
    struct slice url;
    struct slice
        host; /* as the caller understands the URL, IPv6 in brackets; empty: not compared */
    struct slice body;
    const struct http_header *headers;
    size_t header_count;
    const char *user_agent;     /* NULL: none is sent */
    int64_t connect_timeout_ms; /* 0: 10 s */
    int64_t timeout_ms;         /* of the whole request; 0: 30 s */
    int64_t idle_ms;            /* fewer than 100 bytes a second for so long is TIMEOUT; 0: off */
    uint64_t max_body;          /* 0: 8 MiB */
    int64_t deadline_ms;        /* monotonic: nothing is sent from then on (LATE); 0: none */
    bool (*allow)(void *self, const struct sockaddr *address, socklen_t size); /* NULL: all */
    void *allow_self;
    void *owner; /* comes back with the response */
};

struct http_response {
    void *owner;
    enum http_failure failure;
    const char
        *detail;     /* for people, in addition to the failure: "certificate has expired"; or "" */
    bool stale;      /* RESET, and the connection was a kept one that gave not a byte */
    unsigned status; /* 0: no answer came so far */
    const struct http_header *headers;
    size_t header_count;
    struct slice body;   /* decoded; what had come within the caps if there was a failure */
    const char *address; /* that answered: "127.0.0.1"; or "" */
    int64_t sent_ms;     /* wall; when the connection stood, or the try to make one began */
    int64_t ended_ms;
    int64_t ended_mono_ms;
};

CHECKED enum status http_create(const struct http_options *options, struct http **http,
                                struct error *err);
/* Aborts what is in flight. NULL is fine. */
void http_destroy(struct http *http);

/* STATUS_AGAIN: max_transfers are in flight. STATUS_INVALID: a method or header that cannot be sent
 * (CR, LF, NUL). Everything later is a response, a URL that is none included. */
CHECKED enum status http_submit(struct http *http, const struct http_request *request,
                                struct error *err);
/* Ends the transfers of this owner without a response. */
void http_cancel(struct http *http, const void *owner);
size_t http_in_flight(const struct http *http);

/* Moves transfers; waits at most `timeout_ms` unless one ends before. */
CHECKED enum status http_step(struct http *http, int64_t timeout_ms, struct error *err);
/* The next that ended, in order of ending; NULL: none. */
const struct http_response *http_next(struct http *http);
void http_release(struct http *http, const struct http_response *response);

/* "connection refused" */
const char *http_failure_text(enum http_failure failure);
/* The first header of that name, any case; empty if there is none. */
struct slice http_find_header(const struct http_response *response, const char *name);

#endif
