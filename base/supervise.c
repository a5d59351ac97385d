/*
 * Each child is an entry: its command, kept to start it again, and the read end of a pipe over
 * which it says once that it is ready. There are no threads and no SIGCHLD: a step looks at every
 * child, every SUPERVISE_TICK_MS.
 */
#include "base/supervise.h"

#include "base/install.h"
#include "base/log.h"
#include "base/util/clock.h"
#include "base/util/retry.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SUPERVISE_TICK_MS = 50, SUPERVISE_EXEC_FAILED = 127, SUPERVISE_USAGE = 2, READY_FD = 3 };

struct entry {
    struct child child;
    char *program;
    char *arguments[SUPERVISE_ARGUMENTS_MAX + 1]; /* argv for execv */
    size_t argument_count;
    int ready_fd; /* read end; -1 when told */
    int64_t ready_ms;
    int64_t restart_ms;
    unsigned failures; /* in a row */
};

struct supervisor {
    struct entry *entries[SUPERVISE_CHILDREN_MAX]; /* NULL: a free place */
    size_t count;
    unsigned serial; /* of the last command */
    bool lenient;
};

static const struct child nobody = {.name = "", .state = CHILD_ENDED, .labels = ""};

static const struct retry_policy restart_policy = {200, 5000, SUPERVISE_FAILURES};

struct supervisor *supervisor_create(void)
{
    return calloc(1, sizeof(struct supervisor));
}

static int64_t now_ms(void)
{
    return clock_mono_ms(clock_system());
}

static void close_ready(struct entry *entry)
{
    if (entry->ready_fd >= 0)
        (void) close(entry->ready_fd);
    entry->ready_fd = -1;
}

static void free_entry(struct entry *entry)
{
    if (entry == NULL)
        return;
    close_ready(entry);
    for (size_t i = 0; i < entry->argument_count; i++)
        free(entry->arguments[i]);
    free(entry->program);
    free((char *) (uintptr_t) entry->child.name);
    free((char *) (uintptr_t) entry->child.labels);
    free(entry);
}

void supervisor_destroy(struct supervisor *supervisor)
{
    if (supervisor == NULL)
        return;
    for (size_t i = 0; i < supervisor->count; i++) {
        pid_t pid = supervisor_child(supervisor, i)->pid;

        if (pid > 0) {
            (void) kill(pid, SIGKILL);
            (void) waitpid(pid, NULL, 0);
        }
        free_entry(supervisor->entries[i]);
    }
    free(supervisor);
}

/* Between fork and exec: only calls that are safe there. */
static _Noreturn void become(const struct entry *entry, int ready_fd)
{
    sigset_t none;

    /* A blocked signal stays so over exec, and a child must hear SIGTERM. */
    (void) sigemptyset(&none);
    (void) sigprocmask(SIG_SETMASK, &none, NULL);
    /* What dup2 makes survives exec; a descriptor that has the number already must lose its
     * flag. */
    if (ready_fd != READY_FD) {
        if (dup2(ready_fd, READY_FD) < 0)
            _exit(SUPERVISE_EXEC_FAILED);
        (void) close(ready_fd);
    } else if (fcntl(ready_fd, F_SETFD, 0) != 0) {
        _exit(SUPERVISE_EXEC_FAILED);
    }
    (void) setpgid(0, 0); /* a Ctrl-C on the terminal is ours to pass on, in order */
    (void) execv(entry->program, entry->arguments);
    _exit(SUPERVISE_EXEC_FAILED);
}

static enum status launch(struct entry *entry, struct error *err)
{
    int ends[2];
    pid_t pid;

    /* Out of our own environment, which execv hands on: once one child was started again, none of
     * those to come crashes. */
    if (entry->child.restarts > 0)
        (void) unsetenv("CRASH_AT");
    if (pipe(ends) != 0)
        return error_set_errno(err, errno, "cannot start %s: pipe", entry->child.name);
    (void) fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    (void) fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    (void) fcntl(ends[0], F_SETFL, O_NONBLOCK);
    pid = fork();
    if (pid == 0)
        become(entry, ends[1]);
    /* Or a child's death would not end the pipe. */
    (void) close(ends[1]);
    if (pid < 0) {
        (void) close(ends[0]);
        return error_set_errno(err, errno, "cannot start %s: fork", entry->child.name);
    }
    close_ready(entry);
    entry->ready_fd = ends[0];
    entry->child.pid = pid;
    entry->child.state = CHILD_STARTING;
    entry->child.address[0] = '\0';
    return STATUS_OK;
}

static bool add_argument(struct entry *entry, const char *text)
{
    if (entry->argument_count == SUPERVISE_ARGUMENTS_MAX)
        return false;
    entry->arguments[entry->argument_count] = strdup(text);
    return entry->arguments[entry->argument_count++] != NULL;
}

static struct entry *make_entry(const struct child_command *command, const char *path)
{
    const char *const *arguments = command->arguments;
    struct entry *entry = calloc(1, sizeof *entry);
    bool complete;

    if (entry == NULL)
        return NULL;
    entry->ready_fd = -1;
    entry->child.name = strdup(command->name);
    entry->child.labels = strdup(command->labels == NULL ? "" : command->labels);
    entry->program = strdup(path);
    complete = entry->child.name != NULL && entry->child.labels != NULL && entry->program != NULL &&
               add_argument(entry, path);
    for (; complete && *arguments != NULL; arguments++)
        complete = add_argument(entry, *arguments);
    /* The number is READY_FD's. */
    complete = complete && add_argument(entry, "--ready-fd") && add_argument(entry, "3") &&
               add_argument(entry, "--die-with-parent");
    if (!complete) {
        free_entry(entry);
        return NULL;
    }
    return entry;
}

static size_t find_place(const struct supervisor *supervisor)
{
    size_t place = 0;

    while (place < supervisor->count && supervisor->entries[place] != NULL)
        place++;
    return place;
}

enum status supervisor_start(struct supervisor *supervisor, const struct child_command *command,
                             size_t *index, struct error *err)
{
    const size_t place = find_place(supervisor);
    struct buf path;
    struct entry *entry = NULL;
    enum status status;

    if (place == SUPERVISE_CHILDREN_MAX)
        return error_set(err, STATUS_TOO_LARGE, "more than %d processes", SUPERVISE_CHILDREN_MAX);
    buf_init(&path, INSTALL_PATH_MAX);
    status = install_program_path(command->program, &path, err);
    if (status != STATUS_OK)
        goto out;
    entry = make_entry(command, buf_text(&path));
    status = entry == NULL ? error_set(err, STATUS_NOMEM, "no memory to start %s", command->name)
                           : launch(entry, err);
    if (status != STATUS_OK) {
        free_entry(entry);
        goto out;
    }
    entry->child.serial = ++supervisor->serial;
    supervisor->entries[place] = entry;
    supervisor->count += place == supervisor->count;
    *index = place;
out:
    buf_fini(&path);
    return status;
}

/* Takes the line "ADDRESS\n" once it is there. */
static void read_ready(struct entry *entry)
{
    char line[sizeof entry->child.address];
    ssize_t size;

    if (entry->ready_fd < 0)
        return;
    /* Written at once and shorter than PIPE_BUF, the line comes in one piece. */
    size = read(entry->ready_fd, line, sizeof line - 1);
    if (size < 0)
        return; /* nothing yet */
    if (size > 0 && line[size - 1] == '\n') {
        line[size - 1] = '\0';
        memcpy(entry->child.address, line, (size_t) size);
        entry->ready_ms = now_ms();
        if (entry->child.state == CHILD_STARTING) /* it may have been told to end meanwhile */
            entry->child.state = CHILD_READY;
    }
    close_ready(entry);
}

static void describe_end(int how, char *text, size_t size)
{
    if (WIFSIGNALED(how))
        (void) snprintf(text, size, "killed by signal %d", WTERMSIG(how));
    else if (WEXITSTATUS(how) == SUPERVISE_EXEC_FAILED)
        (void) snprintf(text, size, "could not be executed");
    else
        (void) snprintf(text, size, "exit status %d", WEXITSTATUS(how));
}

static enum status give_up(struct supervisor *supervisor, struct entry *entry, const char *how,
                           struct error *err)
{
    (void) snprintf(entry->child.failure, sizeof entry->child.failure, "%s", how);
    entry->child.state = CHILD_ENDED;
    if (supervisor->lenient)
        return STATUS_OK;
    return error_set(err, STATUS_CLOSED, "%s does not stay up (%s); its messages are above",
                     entry->child.name, how);
}

static bool hopeless(const struct entry *entry, int how)
{
    return entry->failures >= SUPERVISE_FAILURES ||
           (WIFEXITED(how) &&
            (WEXITSTATUS(how) == SUPERVISE_USAGE || WEXITSTATUS(how) == SUPERVISE_EXEC_FAILED));
}

static enum status on_death(struct supervisor *supervisor, struct entry *entry, int how,
                            struct error *err)
{
    char text[64];
    bool stable =
        entry->child.state == CHILD_READY && now_ms() - entry->ready_ms >= SUPERVISE_STABLE_MS;

    entry->child.pid = 0;
    close_ready(entry);
    if (entry->child.state == CHILD_DRAINING) {
        entry->child.state = CHILD_ENDED;
        return STATUS_OK;
    }
    describe_end(how, text, sizeof text);
    /* After a stable life this death begins a new row. */
    entry->failures = stable ? 1 : entry->failures + 1;
    log_write(LOG_WARN, "a process ended", {"process", slice_from(entry->child.name)},
              {"how", slice_from(text)});
    if (hopeless(entry, how))
        return give_up(supervisor, entry, text, err);
    entry->child.state = CHILD_BACKOFF;
    /* The address is a seed that differs between children: they should not come back all at
     * once. */
    entry->restart_ms = now_ms() + retry_wait_ms(&restart_policy, entry->failures - 1,
                                                 (uint64_t) (uintptr_t) entry);
    return STATUS_OK;
}

static enum status restart(struct supervisor *supervisor, struct entry *entry, struct error *err)
{
    struct error cause;

    entry->child.restarts++;
    if (launch(entry, &cause) == STATUS_OK)
        return STATUS_OK;
    return give_up(supervisor, entry, cause.message, err);
}

static enum status step_entry(struct supervisor *supervisor, struct entry *entry, struct error *err)
{
    int how;

    read_ready(entry);
    if (entry->child.pid > 0 && waitpid(entry->child.pid, &how, WNOHANG) == entry->child.pid)
        return on_death(supervisor, entry, how, err);
    if (entry->child.state == CHILD_BACKOFF && now_ms() >= entry->restart_ms)
        return restart(supervisor, entry, err);
    return STATUS_OK;
}

enum status supervisor_step(struct supervisor *supervisor, int64_t timeout_ms, struct error *err)
{
    int64_t deadline = now_ms() + timeout_ms;
    enum status status = STATUS_OK;

    for (;;) {
        int64_t left = deadline - now_ms();

        for (size_t i = 0; i < supervisor->count && status == STATUS_OK; i++)
            if (supervisor->entries[i] != NULL)
                status = step_entry(supervisor, supervisor->entries[i], err);
        if (status != STATUS_OK || left <= 0)
            return status;
        clock_sleep_ms(clock_system(), left < SUPERVISE_TICK_MS ? left : SUPERVISE_TICK_MS);
    }
}

enum status supervisor_wait_ready(struct supervisor *supervisor, size_t index, int64_t timeout_ms,
                                  struct error *err)
{
    int64_t deadline = now_ms() + timeout_ms;
    const struct entry *entry = supervisor->entries[index];

    while (entry->child.state != CHILD_READY) {
        enum status status = supervisor_step(supervisor, SUPERVISE_TICK_MS, err);

        if (status != STATUS_OK)
            return status;
        if (now_ms() >= deadline)
            return error_set(err, STATUS_TIMEOUT, "%s is not ready after %lld s", entry->child.name,
                             (long long) (timeout_ms / 1000));
    }
    return STATUS_OK;
}

void supervisor_lenient(struct supervisor *supervisor)
{
    supervisor->lenient = true;
}

void supervisor_stop(struct supervisor *supervisor, size_t index)
{
    struct entry *entry = supervisor->entries[index];

    if (entry->child.pid > 0)
        (void) kill(entry->child.pid, SIGTERM);
    /* One in its back-off has no process to wait for. */
    entry->child.state = entry->child.pid > 0 ? CHILD_DRAINING : CHILD_ENDED;
}

void supervisor_kill(struct supervisor *supervisor, size_t index)
{
    const struct entry *entry = supervisor->entries[index];

    if (entry->child.pid > 0)
        (void) kill(entry->child.pid, SIGKILL);
}

void supervisor_drain(struct supervisor *supervisor, size_t index, int64_t timeout_ms)
{
    struct entry *entry = supervisor->entries[index];
    int64_t deadline = now_ms() + timeout_ms;

    supervisor_stop(supervisor, index);
    while (entry->child.state == CHILD_DRAINING) {
        /* The others may die meanwhile; while draining that is no reason to give up. */
        status_ignore(supervisor_step(supervisor, SUPERVISE_TICK_MS, NULL));
        if (now_ms() >= deadline)
            supervisor_kill(supervisor, index);
    }
}

void supervisor_release(struct supervisor *supervisor, size_t index)
{
    ENSURE(supervisor->entries[index]->child.state == CHILD_ENDED);
    free_entry(supervisor->entries[index]);
    supervisor->entries[index] = NULL;
}

size_t supervisor_count(const struct supervisor *supervisor)
{
    return supervisor->count;
}

const struct child *supervisor_child(const struct supervisor *supervisor, size_t index)
{
    ENSURE(index < supervisor->count);
    return supervisor->entries[index] == NULL ? &nobody : &supervisor->entries[index]->child;
}
