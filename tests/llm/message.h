/*
 * message: HTTP/1.1 requests read from bytes, heads of responses written.
 *
 * Limits   MESSAGE_HEAD_MAX, MESSAGE_BODY_MAX; a body needs a Content-Length.
 * Memory   Slices point into the bytes given.
 */
#ifndef XUNFANG_TESTS_LLM_MESSAGE_H
#define XUNFANG_TESTS_LLM_MESSAGE_H

#include "base/util/buf.h"

enum { MESSAGE_HEAD_MAX = 64 * 1024, MESSAGE_BODY_MAX = 2 * 1024 * 1024 };

struct message {
    struct slice method;
    struct slice target;
    struct slice authorization; /* empty: none */
    struct slice body;
    bool keep_alive;
    size_t size; /* bytes of the whole message */
};

/* STATUS_AGAIN while it is incomplete, STATUS_INVALID if it will never be one. */
CHECKED enum status message_read(struct slice bytes, struct message *message, struct error *err);

struct message_head {
    unsigned status;
    const char *type;
    int64_t retry_after_s; /* below 0: not said */
    bool chunked;
    size_t length; /* unless chunked */
    bool close;
};
void message_put_head(const struct message_head *head, struct buf *out);

#endif
