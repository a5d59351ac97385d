/*
 * request_log: one line for every request, for checks of courtesy.
 *
 * Line     start, end, host, method, target, status, bytes; tab separated. Times are wall
 *          milliseconds with three decimals: start when the request's first byte was seen, end
 *          just before the last byte of the answer was handed to the kernel (so never after the
 *          client had it), or when the connection broke (status 0).
 * Threads  One thread. Lines reach the file at the latest with request_log_flush.
 */
#ifndef XUNFANG_SITES_REQUEST_LOG_H
#define XUNFANG_SITES_REQUEST_LOG_H

#include "base/util/slice.h"

struct request_log;

struct request_line {
    int64_t start_us;
    int64_t end_us;
    const char *host;
    struct slice method;
    struct slice target;
    unsigned status;
    uint64_t bytes;
};

/* Appends to the file. */
CHECKED enum status request_log_open(const char *path, struct request_log **log, struct error *err);
/* NULL is fine, in all three. */
void request_log_close(struct request_log *log);
void request_log_add(struct request_log *log, const struct request_line *line);
void request_log_flush(struct request_log *log);

/* The wall clock in microseconds. */
int64_t request_log_now_us(void);

#endif
