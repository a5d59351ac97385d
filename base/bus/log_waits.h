/*
 * log_waits: fetches that found nothing and wait for the first record or their deadline.
 *
 * One      per reader of a peer: a newer fetch replaces the waiting one, which is never answered
 *          (its reader has given it up).
 * Limit    LOG_WAITS_MAX; past it a fetch is not kept and has to be answered at once.
 * Order    None: all are looked at whenever something was written, and by deadline otherwise.
 * Memory   The list owns the requests it holds.
 */
#ifndef XUNFANG_BASE_BUS_LOG_WAITS_H
#define XUNFANG_BASE_BUS_LOG_WAITS_H

#include "base/bus/log_socket.h"

#include "proto/bus.pb-c.h"

enum { LOG_WAITS_MAX = 1024 };

struct log_wait {
    struct log_peer peer;
    Xunfang__LogRequest *request; /* a fetch */
    int64_t deadline_ms;
};

struct log_waits {
    struct log_wait *items;
    size_t count;
};

/* STATUS_NOMEM: no room for the list; there is nothing to fini then. */
CHECKED enum status log_waits_init(struct log_waits *waits, struct error *err);
void log_waits_fini(struct log_waits *waits);
/* Drops what the same reader waits for. Every fetch calls it first. */
void log_waits_replace(struct log_waits *waits, const struct log_peer *peer, uint32_t reader);
/* Takes the request; false, and not taken, when full. */
CHECKED bool log_waits_add(struct log_waits *waits, const struct log_wait *wait);
/* Hands the one at `index` (and its request) to the caller; the last one takes its place. */
struct log_wait log_waits_take(struct log_waits *waits, size_t index);
/* The earliest deadline; INT64_MAX if none waits. */
int64_t log_waits_deadline(const struct log_waits *waits);

#endif
