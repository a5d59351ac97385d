/*
 * http_transfer: the life of one request on a libcurl easy handle. Private to base/http.
 *
 * States   idle (in the loop's pool) → armed (options set, with the multi handle) → ended (response
 *          filled, waiting for http_next) → idle after release.
 * Budget   `bytes_left` of the loop is what all bodies together may still take beyond their
 *          guaranteed part; a transfer gives its share back at release.
 * Library  libcurl 7.88: in the write callback CURLINFO_SIZE_DOWNLOAD_T lags by at most one read
 *          buffer, which the check of the ratio allows for. A pre-request callback is the only way
 *          to stop libcurl from silently repeating a request on a fresh connection.
 */
#ifndef XUNFANG_BASE_HTTP_HTTP_TRANSFER_H
#define XUNFANG_BASE_HTTP_HTTP_TRANSFER_H

#include "base/http/http.h"
#include "base/util/arena.h"
#include "base/util/buf.h"

#include <curl/curl.h>

enum { HTTP_BODY_FREE = 64 * 1024 };

struct http_transfer {
    unsigned magic;
    struct http_transfer *next; /* in the pool, or the queue of ended ones */
    CURL *easy;
    const struct clock *clock;
    size_t *bytes_left;
    size_t bytes_taken;
    struct arena *arena; /* copies of the request, headers of the response */
    struct curl_slist *list;
    CURLU *url;
    struct http_request request; /* copied into the arena */
    bool in_flight;
    bool sent;
    enum http_failure verdict; /* what a callback decided before it aborted */
    struct buf body;
    struct http_header headers[HTTP_HEADER_MAX];
    size_t header_count;
    size_t header_bytes;
    char error[CURL_ERROR_SIZE];
    char address[64];
    struct http_response response;
};

/* NULL when memory is out. */
struct http_transfer *http_transfer_create(const struct clock *clock, size_t *bytes_left);
void http_transfer_destroy(struct http_transfer *transfer);

/* Copies the request and sets every option of the easy handle. */
CHECKED enum status http_transfer_arm(struct http_transfer *transfer,
                                      const struct http_request *request, struct error *err);
/* Fills the response; the transfer is out of the multi handle. */
void http_transfer_end(struct http_transfer *transfer, CURLcode code);
/* Makes it idle again. */
void http_transfer_reset(struct http_transfer *transfer);

#endif
