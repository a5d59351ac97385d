/* xunfang-extractor: the worker visits → reports, and the command extract. */
#include "extractor/commands.h"
#include "extractor/stage.h"
#include "study/program.h"

#include <string.h>

static enum status work(struct daemon *daemon, struct role *role, struct error *err)
{
    struct extractor extractor = {NULL, NULL, NULL, NULL};
    const struct program_map map = {&extractor_stage, &extractor, TOPIC_REPORTS};
    struct tools *tools = NULL;
    enum status status = role_take(role, TOPIC_VISITS, false, err);

    if (status == STATUS_OK)
        status = tools_open_study(role->study, false, &tools, err);
    if (status == STATUS_OK)
        status = extractor_open(tools, &extractor, err);
    if (status == STATUS_OK)
        status = program_run_map(daemon, role, &map, err);
    extractor_close(&extractor);
    tools_close(tools);
    return status;
}

int main(int argc, char **argv)
{
    static const struct program program = {
        "extractor", "Reads from each visit who went where, when, at what level.", work};

    if (argc > 1 && strcmp(argv[1], "extract") == 0)
        return command_extract(argc - 1, argv + 1);
    return program_main(&program, argc, argv);
}
