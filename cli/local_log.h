/*
 * local_log: the log server of a data folder, as a child process.
 *
 * Run     `xunfang run` starts one for its own lifetime (local_log_start).
 * Borrow  Commands that come and go (report, verify, ingest, …) borrow: if a server answers on the
 *         folder already, that one serves; else one is started and ended with the loan.
 */
#ifndef XUNFANG_CLI_LOCAL_LOG_H
#define XUNFANG_CLI_LOCAL_LOG_H

#include "base/supervise.h"

enum { LOCAL_LOG_READY_MS = 60000, LOCAL_LOG_DRAIN_MS = 15000 };

struct local_log;

/* Starts `xunfang-log --data DIR` under the supervisor and waits until it is ready; `extra` are
 * further arguments, NULL-ended, or NULL. */
CHECKED enum status local_log_start(struct supervisor *supervisor, const char *data,
                                    const char *const *extra, size_t *index, struct error *err);

/* STATUS_USAGE: no such folder. */
CHECKED enum status local_log_borrow(const char *data, struct local_log **log, struct error *err);
/* Was the server started for this loan, so that nobody else has used it yet? */
bool local_log_is_ours(const struct local_log *log);
/* NULL is fine. */
void local_log_return(struct local_log *log);

#endif
