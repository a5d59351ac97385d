#define _XOPEN_SOURCE 700 /* nftw */
#include "tests/contract/log_process.h"

#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { STEP_MS = 50, OPEN_FILES = 16 };

static volatile sig_atomic_t ended;

void log_folder_make(char folder[LOG_FOLDER_SIZE])
{
    const char *place = getenv("TMPDIR");

    (void) snprintf(folder, LOG_FOLDER_SIZE, "%s/xunfang-test-XXXXXX",
                    place == NULL ? "/tmp" : place);
    if (mkdtemp(folder) == NULL)
        abort();
}

static int remove_entry(const char *path, const struct stat *info, int kind, struct FTW *walk)
{
    (void) info;
    (void) kind;
    (void) walk;
    (void) remove(path);
    return 0;
}

void log_folder_remove(const char *folder)
{
    (void) nftw(folder, remove_entry, OPEN_FILES, FTW_DEPTH | FTW_PHYS);
}

static void on_end(int number)
{
    (void) number;
    ended = 1;
}

/* The child's whole life. */
static _Noreturn void serve(const struct log_server_options *options, int ready)
{
    struct log_server *server = NULL;
    struct sigaction end = {.sa_handler = on_end};
    struct error err = {0};
    enum status status;

    (void) prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void) sigaction(SIGTERM, &end, NULL);
    status = log_server_create(options, &server, &err);
    (void) !write(ready, status == STATUS_OK ? "+" : "-", 1);
    while (status == STATUS_OK && !ended)
        status = log_server_step(server, STEP_MS, &err);
    log_server_destroy(server);
    if (status != STATUS_OK)
        (void) fprintf(stderr, "log server: %s\n", err.message);
    _exit(status == STATUS_OK ? 0 : 1);
}

pid_t log_process_start(const struct log_server_options *options, const char *crash_at)
{
    int ends[2];
    char answer = 0;
    pid_t pid;

    if (pipe(ends) != 0)
        abort();
    (void) fflush(NULL);
    pid = fork();
    if (pid < 0)
        abort();
    if (pid == 0) {
        (void) close(ends[0]);
        if (crash_at != NULL)
            (void) setenv("CRASH_AT", crash_at, 1);
        serve(options, ends[1]);
    }
    (void) close(ends[1]);
    (void) !read(ends[0], &answer, 1);
    (void) close(ends[0]);
    return pid;
}

int log_process_end(pid_t pid, int signal)
{
    int status = 0;

    (void) kill(pid, signal);
    (void) waitpid(pid, &status, 0);
    return status;
}
