#include "cli/workers.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { WORKERS_NUMBER_MAX = 24, WORKERS_OF_ONE_KIND = 64 };

static enum status start_one(struct supervisor *supervisor, const struct workers_plan *plan,
                             const char *kind, const uint64_t place[2], struct error *err)
{
    char program[64], name[64];
    char index_text[WORKERS_NUMBER_MAX], of_text[WORKERS_NUMBER_MAX];
    const char *const arguments[] = {"--bus",       plan->bus,       "--data", plan->data,
                                     "--job",       plan->run->job,  "--run",  plan->run->run,
                                     "--index",     index_text,      "--of",   of_text,
                                     "--log-level", plan->log_level, NULL};
    const struct child_command command = {.name = name, .program = program, .arguments = arguments};
    size_t index;

    (void) snprintf(program, sizeof program, "xunfang-%s", kind);
    (void) snprintf(name, sizeof name, place[1] > 1 ? "%s-%" PRIu64 : "%s", kind, place[0]);
    (void) snprintf(index_text, sizeof index_text, "%" PRIu64, place[0]);
    (void) snprintf(of_text, sizeof of_text, "%" PRIu64, place[1]);
    return supervisor_start(supervisor, &command, &index, err);
}

enum status workers_start(struct supervisor *supervisor, const struct workers_plan *plan,
                          size_t *first, size_t *count, struct error *err)
{
    const struct {
        const char *kind;
        uint64_t number;
    } kinds[] = {
        {"frontier", 1},
        {"crawler", plan->crawlers},
        {"parser", plan->parsers},
        {"classifier", plan->classifiers},
        {"extractor", plan->extractors},
        {"aggregator", 1},
    };
    enum status status = STATUS_OK;

    *first = supervisor_count(supervisor);
    for (size_t kind = 0; kind < sizeof kinds / sizeof kinds[0]; kind++) {
        if (!catalog_needs(plan->run, kinds[kind].kind))
            continue;
        if (kinds[kind].number < 1 || kinds[kind].number > WORKERS_OF_ONE_KIND)
            return error_set(err, STATUS_USAGE, "the number of %ss must be 1 to %d",
                             kinds[kind].kind, WORKERS_OF_ONE_KIND);
        for (uint64_t i = 0; i < kinds[kind].number && status == STATUS_OK; i++) {
            /* Worker I of N: on a bus without groups that is its share of the partitions. */
            const uint64_t place[2] = {i, kinds[kind].number};
            status = start_one(supervisor, plan, kinds[kind].kind, place, err);
        }
    }
    *count = supervisor_count(supervisor) - *first;
    return status;
}
