#include "base/daemon.h"

#include "base/admin.h"
#include "base/log.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { DAEMON_STEP_MS = 100, DAEMON_ROWS_MAX = 48, DAEMON_HARD_EXIT = 1 };

struct daemon {
    struct admin *admin;
    int ready_fd; /* -1: none or told already */
};

static volatile sig_atomic_t stop_signals;

#define ROW(member, type, placeholder, fallback, help)                                             \
    {                                                                                              \
#member, type, offsetof(struct daemon_settings, member), placeholder, fallback, help       \
    }

const struct option_row daemon_rows[] = {
    ROW(bus, OPTION_TEXT, "URL", NULL, "the bus: local:DIR or kafka://HOST:PORT"),
    ROW(data, OPTION_TEXT, "DIR", "./xunfang-data", "where state lives"),
    ROW(job, OPTION_TEXT, "NAME", NULL, "the job to work for"),
    ROW(run, OPTION_TEXT, "NAME", "main", "its run"),
    ROW(index, OPTION_UINT, "I", "0", "which of the workers of this kind this is"),
    ROW(of, OPTION_UINT, "N", "1", "how many workers of this kind there are"),
    ROW(admin, OPTION_TEXT, "HOST:PORT", "127.0.0.1:0", "metrics and health endpoint"),
    {"ready-fd", OPTION_UINT, offsetof(struct daemon_settings, ready_fd), "FD", NULL,
     "file descriptor told the admin address once ready"},
    {"die-with-parent", OPTION_FLAG, offsetof(struct daemon_settings, die_with_parent), NULL, NULL,
     "end when the starting process ends"},
    {"log-level", OPTION_TEXT, offsetof(struct daemon_settings, log_level), "LEVEL", "info",
     "error, warn, info or debug"},
};
const size_t daemon_row_count = sizeof daemon_rows / sizeof daemon_rows[0];

bool daemon_parse(const struct options *more, int argc, char *const *argv, void *settings,
                  int *exit_status)
{
    static const struct options none = {.usage = "a worker, started by xunfang run"};
    struct option_row rows[DAEMON_ROWS_MAX];
    struct options all;
    struct command_line line = {.argc = argc, .argv = argv};
    struct error err;

    if (more == NULL)
        more = &none;
    all = *more;
    ENSURE(daemon_row_count + all.count <= DAEMON_ROWS_MAX);
    memcpy(rows, daemon_rows, sizeof daemon_rows);
    if (all.count > 0)
        memcpy(rows + daemon_row_count, all.rows, all.count * sizeof rows[0]);
    all.rows = rows;
    all.count += daemon_row_count;
    memset(settings, 0, sizeof(struct daemon_settings));
    *exit_status = 0;
    if (options_answered(&all, argc, argv))
        return false;
    if (options_parse(&all, &line, settings, &err) == STATUS_OK)
        return true;
    (void) fprintf(stderr, "%s: %s\n", argv[0], err.message);
    *exit_status = daemon_exit_status(STATUS_USAGE);
    return false;
}

static void on_stop_signal(int number)
{
    (void) number;
    /* _exit is the one way out that is allowed in a handler. */
    if (stop_signals++ > 0)
        _exit(DAEMON_HARD_EXIT);
}

static enum status catch_signals(struct error *err)
{
    struct sigaction stop = {.sa_handler = on_stop_signal};
    struct sigaction ignore = {.sa_handler = SIG_IGN};

    if (sigaction(SIGTERM, &stop, NULL) != 0 || sigaction(SIGINT, &stop, NULL) != 0 ||
        sigaction(SIGPIPE, &ignore, NULL) != 0)
        return error_set(err, STATUS_INTERNAL, "cannot install signal handlers");
    return STATUS_OK;
}

/* The parent may have died before prctl took effect: then nobody will ever signal us. */
static enum status follow_parent(struct error *err)
{
    pid_t parent = getppid();

    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent || parent == 1)
        return error_set(err, STATUS_CLOSED, "the starting process is gone");
    return STATUS_OK;
}

enum status daemon_start(const char *program, const struct daemon_settings *settings,
                         struct daemon **result, struct error *err)
{
    enum log_level level;
    struct daemon *daemon;
    enum status status = log_level_parse(slice_from(settings->log_level), &level, err);

    if (status == STATUS_OK && settings->die_with_parent)
        status = follow_parent(err);
    if (status == STATUS_OK)
        status = catch_signals(err);
    if (status != STATUS_OK)
        return status;
    log_open(program, level);
    daemon = calloc(1, sizeof *daemon);
    if (daemon == NULL)
        return error_set(err, STATUS_NOMEM, "no memory to start");
    daemon->ready_fd = settings->ready_fd == 0 ? -1 : (int) settings->ready_fd;
    status =
        admin_start(settings->admin, settings->render, settings->render_self, &daemon->admin, err);
    if (status != STATUS_OK) {
        free(daemon);
        return status;
    }
    *result = daemon;
    return STATUS_OK;
}

void daemon_stop(struct daemon *daemon)
{
    if (daemon == NULL)
        return;
    admin_stop(daemon->admin);
    free(daemon);
}

void daemon_ready(struct daemon *daemon)
{
    /* First here: who reads the line may ask the endpoint at once. */
    admin_set_reason(daemon->admin, NULL);
    if (daemon->ready_fd < 0)
        return;
    (void) dprintf(daemon->ready_fd, "%s\n", admin_address(daemon->admin));
    (void) close(daemon->ready_fd);
    daemon->ready_fd = -1;
}

bool daemon_stopping(const struct daemon *daemon)
{
    (void) daemon;
    return stop_signals > 0;
}

const char *daemon_address(const struct daemon *daemon)
{
    return admin_address(daemon->admin);
}

void daemon_note(struct daemon *daemon, const char *note)
{
    admin_set_note(daemon->admin, note);
}

void daemon_alive(struct daemon *daemon)
{
    admin_alive(daemon->admin);
}

enum status daemon_run_worker(struct daemon *daemon, struct worker *worker, struct error *err)
{
    enum status status = STATUS_OK;
    bool ready = false, draining = false;

    while (status == STATUS_OK && !(draining && worker_drained(worker))) {
        status = worker_step(worker, DAEMON_STEP_MS, err);
        daemon_alive(daemon);
        /* Told once: one that falls behind later, or is given more to read, stays ready. */
        if (!ready && worker_ready(worker)) {
            daemon_ready(daemon);
            ready = true;
        }
        if (!draining && daemon_stopping(daemon)) {
            worker_drain(worker);
            admin_set_reason(daemon->admin, "draining\n");
            draining = true;
        }
    }
    return status;
}

int daemon_exit_status(enum status status)
{
    if (status == STATUS_OK)
        return 0;
    return status == STATUS_USAGE || status == STATUS_INVALID ? 2 : 1;
}
