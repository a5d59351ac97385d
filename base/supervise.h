/*
 * supervise: child processes (of `xunfang run`, of a steward): started, watched, started again,
 * drained.
 *
 * State    STARTING → READY → (died) BACKOFF → STARTING …; DRAINING → ENDED. A child tells that it
 *          is ready by writing its admin address to the descriptor of --ready-fd.
 * Restart  A child that dies is started again after a back-off of 0.2 s to 5 s. After
 *          SUPERVISE_FAILURES deaths in a row without being ready for SUPERVISE_STABLE_MS between
 *          them, or after exit status 2 (wrong usage: no restart can help), the supervisor gives
 *          up.
 * Lenient  After supervisor_lenient one hopeless child is ENDED and says why; the others go on, and
 *          its place may be given to another command (supervisor_release).
 * Crashes  CRASH_AT is passed to the first start of every child only: a restarted one must live.
 * Parent   Children get --die-with-parent: when this process dies, however, so do they.
 * Threads  One thread; no signal handlers: supervise_step reaps.
 */
#ifndef XUNFANG_BASE_SUPERVISE_H
#define XUNFANG_BASE_SUPERVISE_H

#include "base/util/slice.h"

#include <sys/types.h>

enum {
    SUPERVISE_CHILDREN_MAX = 256,
    SUPERVISE_ARGUMENTS_MAX = 40,
    SUPERVISE_FAILURES = 8,
    SUPERVISE_STABLE_MS = 10000,
};

enum child_state { CHILD_STARTING, CHILD_READY, CHILD_BACKOFF, CHILD_DRAINING, CHILD_ENDED };

struct child {
    const char *name; /* "crawler-0" */
    enum child_state state;
    pid_t pid;        /* 0 while none runs */
    char address[64]; /* of its admin endpoint; "" before it was ready */
    unsigned restarts;
    const char *labels; /* of its command; "" if it has none */
    unsigned serial;    /* of its command: differs from that of who had the place before */
    char failure[64];   /* why it was given up; "" if it was not */
};

struct supervisor;

/* NULL when memory is out. */
struct supervisor *supervisor_create(void);
/* Kills (SIGKILL) and reaps what still runs. */
void supervisor_destroy(struct supervisor *supervisor);

struct child_command {
    const char *name;             /* "crawler-0" */
    const char *program;          /* of libexec */
    const char *const *arguments; /* NULL-ended; argv[0], --ready-fd, --die-with-parent are added */
    const char *labels;           /* for its metrics, as `job="a",run="b"`; NULL: none */
};

/* Starts it; the command is copied. *index is its number from now on. */
CHECKED enum status supervisor_start(struct supervisor *supervisor,
                                     const struct child_command *command, size_t *index,
                                     struct error *err);
/* Reaps, reads ready lines, restarts what is due; waits at most `timeout_ms`. STATUS_CLOSED: gave
 * up on a child, the message says which and why. */
CHECKED enum status supervisor_step(struct supervisor *supervisor, int64_t timeout_ms,
                                    struct error *err);
/* Steps until the child is READY. STATUS_TIMEOUT after `timeout_ms`. */
CHECKED enum status supervisor_wait_ready(struct supervisor *supervisor, size_t index,
                                          int64_t timeout_ms, struct error *err);
/* Sends SIGTERM and waits for the end, at most `timeout_ms`; then SIGKILL (which loses nothing). */
void supervisor_drain(struct supervisor *supervisor, size_t index, int64_t timeout_ms);

/* A child that is given up no longer ends the supervisor. */
void supervisor_lenient(struct supervisor *supervisor);
/* Sends SIGTERM and does not wait: steps find it ENDED later. */
void supervisor_stop(struct supervisor *supervisor, size_t index);
/* Sends SIGKILL to one that was told to stop. */
void supervisor_kill(struct supervisor *supervisor, size_t index);
/* Forgets an ENDED child; its place (named "" until then) goes to a later start. */
void supervisor_release(struct supervisor *supervisor, size_t index);

/* Places, the free ones among them. */
size_t supervisor_count(const struct supervisor *supervisor);
const struct child *supervisor_child(const struct supervisor *supervisor, size_t index);

#endif
