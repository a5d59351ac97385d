/*
 * log_requests: what one request does to the log's partitions, and the reply to it.
 *
 * Two kinds  Changes (create, delete, append, taking, commit) join the open group and may be
 * answered
 *            only after it is written; reads (hello, count, fetch, looking) see what is written, so
 *            they come after the group.
 * Failure    A request that cannot be done gets a reply that says so; it changes nothing.
 * Limits     LOG_FETCH_MAX bytes a reply (or one record), BUS_PARTITIONS_MAX positions a request.
 * Garbage    Any bytes may come: what does not decode is no request, what decodes is checked here
 *            (counts, sizes, missing parts) before it reaches log_partitions.
 * Memory     Replies are built in the arena, whose owner resets it.
 */
#ifndef XUNFANG_BASE_BUS_LOG_REQUESTS_H
#define XUNFANG_BASE_BUS_LOG_REQUESTS_H

#include "base/bus/log_partitions.h"
#include "base/util/arena.h"

#include "proto/bus.pb-c.h"

enum {
    LOG_FETCH_MAX = 4 * 1024 * 1024,
    LOG_WAIT_MAX_MS = 10 * 1000,
    LOG_REPLY_ARENA = 2 * 1024 * 1024,
};

/* NULL for garbage. The caller frees it with xunfang__log_request__free_unpacked. */
Xunfang__LogRequest *log_request_decode(struct slice bytes);
bool log_request_changes(const Xunfang__LogRequest *request);

/* A reply being built: what does not go into the message follows it as the payload. */
struct log_reply {
    struct arena *arena;
    Xunfang__LogReply message;
    struct buf payload;
    uint64_t records; /* appended or fetched */
};

/* `arena` must outlive the reply. */
void log_reply_init(struct log_reply *reply, struct arena *arena, uint64_t id);
void log_reply_fini(struct log_reply *reply);
/* Makes it a failure. */
void log_reply_fail(struct log_reply *reply, const struct error *err);
/* Appends the packed message. */
CHECKED enum status log_reply_pack(const struct log_reply *reply, struct buf *out,
                                   struct error *err);

/* Puts a change into the open group. A failure return has changed nothing. */
CHECKED enum status log_request_change(struct log_partitions *log,
                                       const Xunfang__LogRequest *request, struct slice payload,
                                       struct log_reply *reply, struct error *err);
/* Answers a read; a fetch that found nothing leaves reply->records 0. */
CHECKED enum status log_request_read(struct log_partitions *log, const Xunfang__LogRequest *request,
                                     struct log_reply *reply, struct error *err);

#endif
