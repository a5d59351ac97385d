/* xunfang-results: the commands that read what a job left in its logs. */
#include "aggregator/command.h"
#include "aggregator/command_archive.h"
#include "aggregator/command_compare.h"
#include "aggregator/command_dead.h"
#include "aggregator/command_export.h"
#include "aggregator/command_report.h"
#include "aggregator/command_status.h"
#include "aggregator/command_trace.h"
#include "aggregator/command_verify.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
} table[] = {
    {"aggregate", command_aggregate}, {"archive", command_archive}, {"compare", command_compare},
    {"dead", command_dead},           {"export", command_export},   {"report", command_report},
    {"status", command_status},       {"trace", command_trace},     {"verify", command_verify},
};

int main(int argc, char **argv)
{
    for (size_t i = 0; argc > 1 && i < sizeof table / sizeof table[0]; i++)
        if (strcmp(argv[1], table[i].name) == 0)
            return table[i].run(argc - 1, argv + 1);
    (void) fprintf(stderr, "usage: xunfang-results "
                           "aggregate|archive|compare|dead|export|report|status|trace|verify …\n");
    return COMMAND_USAGE;
}
