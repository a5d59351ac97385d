/*
 * http_message: HTTP/1.1 requests read from bytes, response heads written.
 *
 * Limits   MESSAGE_HEAD_MAX for request line and fields, MESSAGE_BODY_MAX for a body; larger ones
 *          are invalid. Bodies need a Content-Length: the crawler sends no chunks.
 * Memory   Slices point into the bytes given.
 */
#ifndef XUNFANG_SITES_HTTP_MESSAGE_H
#define XUNFANG_SITES_HTTP_MESSAGE_H

#include "base/util/buf.h"

enum { MESSAGE_HEAD_MAX = 16 * 1024, MESSAGE_BODY_MAX = 64 * 1024 };

struct http_request {
    struct slice method;
    struct slice target;
    struct slice body;
    bool keep_alive;
    size_t size; /* bytes of the whole message */
};

/* STATUS_AGAIN while the message is incomplete, STATUS_INVALID if it will never be one. */
CHECKED enum status http_request_read(struct slice bytes, struct http_request *request,
                                      struct error *err);
/* Text of a status code: "OK", "Not Found", … */
const char *http_reason(unsigned status);

#endif
