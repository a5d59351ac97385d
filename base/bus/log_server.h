/*
 * log_server: `xunfang log`: answers the clients of the local bus from the partitions of one data
 * folder.
 *
 * Files    DATA/log (the store, locked: one server a folder) and DATA/log.sock. DATA is made with
 *          mode 0700 if it does not exist.
 * Acks     What arrived together is written together and answered after that: an acknowledged
 *          append survives the death of every process. It is synced at least every LOG_SYNC_MS, or
 *          before the answer with sync_always.
 * Waiting  A fetch without records waits beside the others; it blocks nobody.
 * Full     Below LOG_SPACE_MIN free bytes appends are refused with STATUS_DISK_FULL; commits still
 *          go. If a write fails for want of space nonetheless, nothing of it is acknowledged, the
 *          store is opened again, and everything is refused until that works.
 * Failure  Any other failed write or sync ends log_server_step with that error: end the process and
 *          start it again. A client's garbage gets an error reply and is counted.
 * Threads  One; it does not log.
 */
#ifndef XUNFANG_BASE_BUS_LOG_SERVER_H
#define XUNFANG_BASE_BUS_LOG_SERVER_H

#include "base/util/clock.h"
#include "base/util/slice.h"

enum {
    LOG_SYNC_MS = 1000,
    LOG_REOPEN_MS = 1000,
    LOG_SPACE_MIN = 32 * 1024 * 1024,
    LOG_GROUP_MAX = 128,               /* requests written together */
    LOG_GROUP_BYTES = 4 * 1024 * 1024, /* after that many no further request joins */
};

struct log_server;

struct log_server_options {
    const char *data; /* the folder */
    bool sync_always;
    size_t memory_bytes; /* of the store; 0: its default */
    uint64_t space_min;  /* free bytes below which appends are refused; 0: LOG_SPACE_MIN */
    const struct clock *clock;
};

/* Counted since the start. */
struct log_server_stats {
    uint64_t requests;
    uint64_t appended_records;
    uint64_t appended_bytes;
    uint64_t fetched_records;
    uint64_t fetched_bytes;
    uint64_t failed;  /* requests answered with a failure */
    uint64_t garbage; /* messages that are no request */
    uint64_t writes;
    uint64_t syncs;
    uint64_t reopened;
    uint64_t waiting; /* now */
};

CHECKED enum status log_server_create(const struct log_server_options *options,
                                      struct log_server **server, struct error *err);
/* Syncs and closes; NULL is fine. */
void log_server_destroy(struct log_server *server);
/* Waits at most `timeout_ms` for requests and answers those that are there. */
CHECKED enum status log_server_step(struct log_server *server, int64_t timeout_ms,
                                    struct error *err);
struct log_server_stats log_server_stats(const struct log_server *server);

#endif
