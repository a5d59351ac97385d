/*
 * daemon: what every worker process does around its work: common options, signals, the admin
 * endpoint, readiness, exit status.
 *
 * Life     daemon_start → (daemon_ready) → daemon_run_worker or a loop of one's own that asks
 *          daemon_stopping → daemon_stop.
 * Signals  SIGTERM and SIGINT: drain; a second one ends the process at once (exit 1) without loss,
 *          since nothing uncommitted counts. SIGPIPE is ignored.
 * Parent   With --die-with-parent the kernel kills the process when its starter dies.
 * Ready    With --ready-fd N the admin address and a newline are written to N once ready.
 * One      per process; the functions are for the main thread.
 */
#ifndef XUNFANG_BASE_DAEMON_H
#define XUNFANG_BASE_DAEMON_H

#include "base/options.h"
#include "base/worker.h"

struct daemon;

/* The options every worker has; embed as the first member of a program's own settings. */
struct daemon_settings {
    const char *bus;
    const char *data;
    const char *job;
    const char *run;
    uint64_t index;
    uint64_t of;
    const char *admin;
    uint64_t ready_fd; /* 0: none */
    bool die_with_parent;
    const char *log_level;
    /* Not options: what /metrics answers instead of this process's own metrics; NULL: those. */
    void (*render)(void *self, struct buf *out);
    void *render_self;
};

/* Rows for struct daemon_settings at offset 0. */
extern const struct option_row daemon_rows[];
extern const size_t daemon_row_count;

/* Parses the common options plus `more` rows (may be NULL) into `settings` (whose common part is
 * zeroed first; what a program adds behind it, the program zeroes), answers --help and
 * --version (then returns false with *exit_status 0), or prints the error (false, 2). */
CHECKED bool daemon_parse(const struct options *more, int argc, char *const *argv, void *settings,
                          int *exit_status);

CHECKED enum status daemon_start(const char *program, const struct daemon_settings *settings,
                                 struct daemon **daemon, struct error *err);
void daemon_stop(struct daemon *daemon);
void daemon_ready(struct daemon *daemon);
bool daemon_stopping(const struct daemon *daemon);
/* HOST:PORT of the admin endpoint. */
const char *daemon_address(const struct daemon *daemon);
/* What /readyz says below "ready" (base/admin.h). */
void daemon_note(struct daemon *daemon, const char *note);
/* Tells the admin endpoint that the main loop moves. */
void daemon_alive(struct daemon *daemon);

/* Steps the worker until a signal drained it or it failed. Ready once worker_ready. */
CHECKED enum status daemon_run_worker(struct daemon *daemon, struct worker *worker,
                                      struct error *err);

/* 0 for OK, 2 for USAGE and INVALID, 1 for the rest. */
int daemon_exit_status(enum status status);

#endif
