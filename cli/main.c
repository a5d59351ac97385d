/* xunfang: finds the command and runs it. */
#include "base/options.h"
#include "cli/borrow.h"
#include "cli/command.h"
#include "cli/execute.h"

#include <stdio.h>
#include <string.h>

static void print_help(void)
{
    (void) puts("usage: xunfang COMMAND [arguments]; `xunfang COMMAND --help` tells more\n");
    for (size_t i = 0; i < command_count; i++)
        (void) printf("  %-13s %s\n", commands[i].name, commands[i].help);
    (void) puts("\nexit status: 0 done, 1 failed, 2 wrong usage or bad file, 3 done with gaps");
}

static const struct command *find_command(const char *name)
{
    for (size_t i = 0; i < command_count; i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

static int run_found(const struct command *command, int argc, char **argv)
{
    struct error err;

    if (command->run != NULL)
        return command->run(argc - 1, argv + 1);
    if (command->bus)
        return borrow_command(command->program, argc - 1, argv + 1);
    /* Programs with several commands need the word; workers are programs of their own and do
     * not. */
    status_ignore(execute_instead(command->program, argv + (command->word ? 1 : 2), &err));
    (void) fprintf(stderr, "xunfang %s: %s\n", command->name, err.message);
    return EXIT_FAILED;
}

int main(int argc, char **argv)
{
    const struct command *command;

    if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
        print_help();
        return argc < 2 ? EXIT_USAGE : EXIT_DONE;
    }
    if (strcmp(argv[1], "--version") == 0) {
        (void) puts("xunfang " XUNFANG_VERSION);
        return EXIT_DONE;
    }
    command = find_command(argv[1]);
    if (command == NULL) {
        (void) fprintf(stderr, "xunfang: no command '%s'; `xunfang --help` lists them\n", argv[1]);
        return EXIT_USAGE;
    }
    return run_found(command, argc, argv);
}
