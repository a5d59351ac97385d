/*
 * log_link: a client's side of the log server: calls that are kept until they are answered.
 *
 * Calls    Any number (≤ LOG_CALLS_MAX) may be open; the server answers those of one kind in order.
 *          A call is sent again, in order, whenever the connection was lost: an append may so take
 *          effect twice, everything else is idempotent.
 * Waiting  A call that has no answer after the link's timeout (plus what log_call_allow gave it)
 *          fails the link with STATUS_TIMEOUT. Only time spent in log_link_step counts, so a busy
 *          owner loses nothing.
 * Memory   The link owns calls until log_call_destroy; a reply lives as long as its call.
 * Threads  One; nothing blocks but log_link_step and log_link_ask, for at most the time given.
 */
#ifndef XUNFANG_BASE_BUS_LOG_LINK_H
#define XUNFANG_BASE_BUS_LOG_LINK_H

#include "base/bus/log_socket.h"
#include "base/util/clock.h"

#include "proto/bus.pb-c.h"

enum {
    LOG_PROTOCOL = 1,
    LOG_CALLS_MAX = 1024,
    LOG_RECONNECT_MS = 20, /* between tries to connect */
};

struct log_link;
struct log_call;

struct log_link_options {
    const char *folder;
    const char *client;
    int64_t timeout_ms;
    const struct clock *clock;
};

/* Connects and greets. STATUS_TIMEOUT: nobody answers; STATUS_UNSUPPORTED: another protocol. */
CHECKED enum status log_link_open(const struct log_link_options *options, struct log_link **link,
                                  struct error *err);
/* Destroys open calls too. NULL is fine. */
void log_link_close(struct log_link *link);

/* Sends a request, whose id is set here; takes `payload` (may be NULL) even on failure. */
CHECKED enum status log_link_send(struct log_link *link, Xunfang__LogRequest *request,
                                  struct log_frame *payload, struct log_call **call,
                                  struct error *err);
/* The answer to this call may take so much longer than the link's timeout. */
void log_call_allow(struct log_call *call, int64_t more_ms);
/* Takes what has arrived; if nothing has, waits at most `timeout_ms` for it. */
CHECKED enum status log_link_step(struct log_link *link, int64_t timeout_ms, struct error *err);
/* Sends and waits; a reply that is a failure is returned as one, and there is no call then. */
CHECKED enum status log_link_ask(struct log_link *link, Xunfang__LogRequest *request,
                                 struct log_call **call, struct error *err);

/* NULL as long as there is no answer. */
const Xunfang__LogReply *log_call_reply(const struct log_call *call);
/* What the server says in an answered call. */
CHECKED enum status log_call_status(const struct log_call *call, struct error *err);
/* The reply's payload; empty if none. */
struct slice log_call_payload(const struct log_call *call);
/* A call without an answer is abandoned. NULL is fine. */
void log_call_destroy(struct log_call *call);

#endif
