/*
 * status: how every fallible function reports, and what may be done about it.
 *
 * Shape    enum status f(..., struct error *err). STATUS_OK is 0. On failure the function that saw
 *          the cause fills *err once; callers may put context in front with error_prefix. Out
 *          arguments are untouched on failure.
 * Verdict  Each status carries one: RETRY (the world may change), DEAD (this input never works),
 *          STOP (this process cannot go on). Only base/worker acts on it.
 * Memory   struct error is caller-owned and of fixed size; `err` may be NULL.
 * Threads  No state; an error object belongs to one thread.
 */
#ifndef XUNFANG_BASE_UTIL_STATUS_H
#define XUNFANG_BASE_UTIL_STATUS_H

#include <stdbool.h>
#include <stddef.h>

/* name, text, verdict */
#define STATUS_TABLE(X)                                                                            \
    X(OK, "ok", NONE)                                                                              \
    X(NOT_FOUND, "not found", DEAD)                                                                \
    X(EXISTS, "exists already", DEAD)                                                              \
    X(INVALID, "invalid input", DEAD)                                                              \
    X(TOO_LARGE, "over its limit", DEAD)                                                           \
    X(UNSUPPORTED, "not supported", DEAD)                                                          \
    X(CORRUPT, "corrupt data", STOP)                                                               \
    X(AGAIN, "not now", RETRY)                                                                     \
    X(LIMIT, "limit reached", DEAD)                                                                \
    X(TIMEOUT, "timed out", RETRY)                                                                 \
    X(NETWORK, "network failure", RETRY)                                                           \
    X(CLOSED, "closed", STOP)                                                                      \
    X(FENCED, "owned by somebody newer", STOP)                                                     \
    X(BUSY, "in use by another process", STOP)                                                     \
    X(USAGE, "wrong usage", STOP)                                                                  \
    X(IO, "input/output failure", STOP)                                                            \
    X(DISK_FULL, "no space left on the disk", STOP)                                                \
    X(NOMEM, "out of memory", STOP)                                                                \
    X(CRASHED, "crash injected by a test", STOP)                                                   \
    X(INTERNAL, "internal error", STOP)

enum status {
#define X(name, text, verdict) STATUS_##name,
    STATUS_TABLE(X)
#undef X
};

enum verdict { VERDICT_NONE, VERDICT_RETRY, VERDICT_DEAD, VERDICT_STOP };

enum { ERROR_MESSAGE_MAX = 512 };

struct error {
    enum status code;
    char message[ERROR_MESSAGE_MAX];
};

#define CHECKED                __attribute__((warn_unused_result))
#define PRINTF_LIKE(at, first) __attribute__((format(printf, at, first)))

/* Lower-case text for people, e.g. "timed out". */
const char *status_text(enum status status);
enum verdict status_verdict(enum status status);

/* Fills *err (cut at ERROR_MESSAGE_MAX) and returns `code`, so failing is one line. */
enum status error_set(struct error *err, enum status code, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* Like error_set with ": " and strerror(errnum) behind; ENOSPC and EDQUOT become STATUS_DISK_FULL.
 */
enum status error_set_errno(struct error *err, int errnum, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* Puts "context: " before the message that stands in *err; returns its code. */
enum status error_prefix(struct error *err, enum status code, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* Says in the code that a failure here changes nothing (best-effort clean-up). */
static inline void status_ignore(enum status status)
{
    (void) status;
}

/* A broken promise of our own code: prints where and aborts, in release builds too.
 * Never for input from files, the network, a model or a bus. */
#define ENSURE(condition)                                                                          \
    do {                                                                                           \
        if (!(condition))                                                                          \
            ensure_failed(#condition, __FILE__, __LINE__);                                         \
    } while (0)

_Noreturn void ensure_failed(const char *condition, const char *file, int line);

#endif
