/*
 * fetch_lease: one lease on its way: its requests one after the other, then its result. Private to
 * the fetcher.
 *
 *   WAITING ─due─► FETCHING ─answer─► WAITING … ─no more─► CLOSING ─outputs acked─► RESULT ─► OVER
 *
 * Send     Only at or after its time (the end of the request before it plus the delay), and only
 *          before the lease expires, by the wall clock and by what was left of it when it came.
 * Early    The lease ends with what was sent, the rest NOT_SENT, when the host is in trouble or
 *          blocked, when the result grows over RESULT_MAX, and on drain.
 * Logs     page, then document of each answer as they come; the result last of all.
 * Memory   The lease message lives in the task's arena, everything else belongs to the lease; it
 *          can be closed when the task is gone.
 */
#ifndef XUNFANG_CRAWLER_FETCH_LEASE_H
#define XUNFANG_CRAWLER_FETCH_LEASE_H

#include "base/http/http.h"
#include "base/util/map.h"
#include "crawler/fetch_output.h"
#include "crawler/fetch_parse.h"
#include "crawler/fetcher.h"
#include "proto/lease.pb-c.h"

enum { RESULT_MAX = 4 * 1024 * 1024 };

enum fetch_lease_state { LEASE_WAITING, LEASE_FETCHING, LEASE_CLOSING, LEASE_RESULT, LEASE_OVER };

struct fetch_item {
    Xunfang__FetchResult result;
    struct fetch_output output;
};

/* What all leases of a fetcher share. */
struct fetch_shared {
    struct fetcher_options options;
    struct http *http;
    struct fetch_parser *parser;
    struct worker *worker;
    struct arena *scratch; /* of one answer */
    struct map *hosts;     /* → int64_t: monotonic end of the last request there */
};

struct fetch_lease {
    unsigned magic;
    struct fetch_lease *next;
    enum fetch_lease_state state;
    struct task *task;
    const Xunfang__Lease *message;
    const struct crawl_job *job;
    char *agent;
    struct fetch_target target;
    struct fetch_item *items;
    size_t count;
    size_t at;           /* the next to send, or under way */
    size_t result_bytes; /* of what the answers brought so far */
    const char *stopped; /* why no more is sent; NULL: go on */
    int64_t due_ms;      /* monotonic: next send */
    int64_t deadline_ms; /* monotonic: no send from here on */
    int64_t *host_end;   /* of the shared map */
    size_t done;         /* outputs before this one need nothing more */
    struct bus_ticket published;
};

/* STATUS_INVALID: no lease that can be worked on; nothing was sent. */
CHECKED enum status fetch_lease_open(struct fetch_shared *shared, struct task *task,
                                     struct fetch_lease **lease, struct error *err);
void fetch_lease_close(struct fetch_lease *lease);

/* Sends, finishes, takes acknowledgements: whatever is possible now. */
CHECKED enum status fetch_lease_step(struct fetch_shared *shared, struct fetch_lease *lease,
                                     struct error *err);
/* The request under way was not sent after all: while it waited to be, the lease expired. */
void fetch_lease_expired(struct fetch_lease *lease);
/* No further send; a request under way is aborted if `abort`. */
void fetch_lease_stop(struct fetch_shared *shared, struct fetch_lease *lease, bool abort);

#endif
