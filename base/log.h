/*
 * log: one line an event on standard error, in logfmt, for people and machines.
 *
 * Who      Programs and base/worker log; library code returns errors instead.
 * Form     time=… level=… program=… msg="…" key=value …; values are quoted where needed, control
 *          characters escaped, cut at LOG_VALUE_MAX bytes.
 * Rate     The same message text more than 20 times in 10 s is counted and told once.
 * Threads  Any thread; a line is one write.
 */
#ifndef XUNFANG_BASE_LOG_H
#define XUNFANG_BASE_LOG_H

#include "base/util/slice.h"

enum { LOG_VALUE_MAX = 1024 };

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

struct log_field {
    const char *key;
    struct slice value;
};

/* `program` must live on. Before this call lines are written with program=xunfang at LOG_INFO. */
void log_open(const char *program, enum log_level level);
/* "error", "warn", "info", "debug". */
CHECKED enum status log_level_parse(struct slice text, enum log_level *level, struct error *err);

void log_event(enum log_level level, const char *message, const struct log_field *fields,
               size_t count);
/* log_write(LOG_WARN, "page refused", {"url", url}, {"reason", reason}); */
#define log_write(level, message, ...)                                                             \
    log_event(level, message, (const struct log_field[]){__VA_ARGS__},                             \
              sizeof((const struct log_field[]){__VA_ARGS__}) / sizeof(struct log_field))
/* An error with what we were doing. */
void log_failure(enum log_level level, const char *action, const struct error *err);

#endif
