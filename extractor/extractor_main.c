/* xunfang-extractor: the worker visits → reports, and the command extract. */
#include "extractor/command_extract.h"
#include "extractor/opening.h"
#include "extractor/stage.h"
#include "study/program.h"

#include <string.h>

static enum status run(struct daemon *daemon, struct role *role, const struct extractor *extractor,
                       struct error *err)
{
    struct consult *consult = NULL;
    struct resolver *resolver = NULL;
    enum status status = consult_open_job(role, "extractor", &consult, err);

    if (status == STATUS_OK)
        status = resolver_create(extractor, consult, &resolver, err);
    if (status == STATUS_OK)
        status = program_run_map(
            daemon, role, &(struct program_map){&extractor_stage, resolver, TOPIC_REPORTS}, err);
    resolver_destroy(resolver);
    consult_close(consult);
    return status;
}

static enum status work(struct daemon *daemon, struct role *role, struct error *err)
{
    struct extractor extractor = {NULL, NULL, NULL, NULL};
    struct tools *tools = NULL;
    enum status status = role_take(role, TOPIC_VISITS, false, err);

    /* Without the models: whether it is a visit was decided before it came here. */
    if (status == STATUS_OK)
        status = tools_open_study(role->study, false, &tools, err);
    if (status == STATUS_OK)
        status = extractor_open(tools, &extractor, err);
    if (status == STATUS_OK)
        status = run(daemon, role, &extractor, err);
    extractor_close(&extractor);
    tools_close(tools);
    return status;
}

int main(int argc, char **argv)
{
    static const struct program program = {
        .name = "extractor",
        .about = "Reads from each visit who went where, when, at what level.",
        .work = work};

    if (argc > 1 && strcmp(argv[1], "extract") == 0)
        return command_extract(argc - 1, argv + 1);
    return program_main(&program, argc, argv);
}
