/*
 * command: the words `xunfang` understands, as one table.
 *
 * Kinds   A command is a function of this program, or a program of libexec that is executed in our
 *         place (workers and data commands), or one that needs a bus: then the log server of --data
 *         is started for it if none runs.
 * Status  0 done, 1 failed, 2 wrong usage or bad file, 3 done with gaps that the output names.
 */
#ifndef XUNFANG_CLI_COMMAND_H
#define XUNFANG_CLI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_GAPS = 3 };

struct command {
    const char *name;
    int (*run)(int argc, char **argv); /* NULL: `program` */
    const char *program;               /* of libexec */
    bool word;                         /* the program gets the command's name as its first word */
    bool bus;                          /* it reads a job's logs */
    const char *usage;                 /* behind the name */
    const char *help;                  /* one line */
};

extern const struct command commands[];
extern const size_t command_count;

#endif
