/* The program behind `xunfang parse`, `url`, `robots` and `decode`: no state, no network. */
#include "crawler/commands.h"

#include <string.h>

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*run)(int argc, char **argv, const struct command_streams *streams);
    } commands[] = {{"parse", command_parse},
                    {"url", command_url},
                    {"robots", command_robots},
                    {"decode", command_decode}};
    const struct command_streams streams = {stdin, stdout, stderr};

    for (size_t i = 0; argc > 1 && i < sizeof commands / sizeof *commands; i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].run(argc - 1, argv + 1, &streams);
    (void) fputs("xunfang-tools: parse, url, robots or decode\n", stderr);
    return 2;
}
