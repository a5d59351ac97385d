#include "cli/execute.h"

#include "base/install.h"

#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

/* As shells have them; no program of ours exits with 127 by itself. */
enum { EXECUTE_FAILED = 127, EXECUTE_SIGNAL_BASE = 128 };

enum status execute_instead(const char *program, char *const *words, struct error *err)
{
    char *arguments[EXECUTE_WORDS_MAX + 2];
    size_t count = 1;
    struct buf path;
    enum status status;

    buf_init(&path, INSTALL_PATH_MAX);
    status = install_program_path(program, &path, err);
    for (; status == STATUS_OK && *words != NULL; words++) {
        if (count > EXECUTE_WORDS_MAX)
            status = error_set(err, STATUS_USAGE, "more than %d arguments", EXECUTE_WORDS_MAX);
        else
            arguments[count++] = *words;
    }
    if (status == STATUS_OK) {
        arguments[0] = path.data;
        arguments[count] = NULL;
        (void) execv(path.data, arguments);
        status = error_set_errno(err, errno, "cannot execute %s", buf_text(&path));
    }
    buf_fini(&path);
    return status;
}

enum status execute_and_wait(const char *program, char *const *words, int *exit_status,
                             struct error *err)
{
    pid_t pid = fork();
    int how;

    if (pid == 0) {
        /* The child says nothing: the parent knows from the status, and its message is the better
         * one. _exit, since buffers copied by the fork would be written twice. */
        status_ignore(execute_instead(program, words, NULL));
        _exit(EXECUTE_FAILED);
    }
    if (pid < 0)
        return error_set_errno(err, errno, "cannot start %s", program);
    while (waitpid(pid, &how, 0) < 0)
        if (errno != EINTR)
            return error_set_errno(err, errno, "cannot wait for %s", program);
    *exit_status = WIFEXITED(how) ? WEXITSTATUS(how) : EXECUTE_SIGNAL_BASE + WTERMSIG(how);
    if (*exit_status == EXECUTE_FAILED)
        return error_set(err, STATUS_NOT_FOUND, "%s cannot be executed: install xunfang whole",
                         program);
    return STATUS_OK;
}
