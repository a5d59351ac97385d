#include "cli/borrow.h"

#include "base/daemon.h"
#include "base/log.h"
#include "cli/command.h"
#include "cli/execute.h"
#include "cli/local_log.h"

#include <stdio.h>
#include <string.h>

enum { BORROW_PATH_MAX = 4096 };

/* The value of --data among the arguments, without judging the rest: that is the program's part. */
static const char *find_data(int argc, char **argv)
{
    const char *data = "./xunfang-data";

    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "--data") == 0 && i + 1 < argc)
            data = argv[i + 1];
        else if (strncmp(argv[i], "--data=", 7) == 0)
            data = argv[i] + 7;
    }
    return data;
}

static bool asks_for_help(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "--version") == 0)
            return true;
    return argc == 1;
}

static enum status borrow(const char *program, const char *data, char *const *words,
                          int *exit_status, struct error *err)
{
    struct local_log *log = NULL;
    enum status status = local_log_borrow(data, &log, err);

    if (status == STATUS_OK)
        status = execute_and_wait(program, words, exit_status, err);
    local_log_return(log);
    return status;
}

int borrow_command(const char *program, int argc, char **argv)
{
    char bus[BORROW_PATH_MAX];
    char *words[EXECUTE_WORDS_MAX + 1];
    const char *data = find_data(argc, argv);
    int exit_status = EXIT_FAILED;
    struct error err;
    enum status status;

    if (argc + 2 > EXECUTE_WORDS_MAX ||
        snprintf(bus, sizeof bus, "local:%s", data) >= (int) sizeof bus) {
        (void) fprintf(stderr, "xunfang %s: too many or too long arguments\n", argv[0]);
        return EXIT_USAGE;
    }
    log_open("xunfang", LOG_WARN);
    words[0] = argv[0];
    words[1] = "--bus"; /* in front: one the user gives counts */
    words[2] = bus;
    for (int i = 1; i <= argc; i++)
        words[i + 2] = argv[i];
    status = asks_for_help(argc, argv) ? execute_and_wait(program, words, &exit_status, &err)
                                       : borrow(program, data, words, &exit_status, &err);
    if (status == STATUS_OK)
        return exit_status;
    (void) fprintf(stderr, "xunfang %s: %s\n", argv[0], err.message);
    return daemon_exit_status(status);
}
