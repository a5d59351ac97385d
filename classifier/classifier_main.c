/* xunfang-classifier: the worker documents → visits, and the commands classify, embed, train and
 * eval. */
#include "classifier/command_classify.h"
#include "classifier/command_embed.h"
#include "classifier/commands.h"
#include "classifier/stage.h"
#include "study/program.h"
#include "study/tools.h"

#include <string.h>

static enum status work(struct daemon *daemon, struct role *role, struct error *err)
{
    struct study *study = role->study;
    const struct screen_rules rules = {study->job.period.from, study->job.period.to,
                                       study->codebook.keywords, study->codebook.keyword_count};
    struct classifier classifier = {NULL, NULL};
    const struct program_map map = {&classifier_stage, &classifier, TOPIC_VISITS};
    struct tools *tools = NULL;
    struct consult *consult = NULL;
    enum status status = role_take(role, TOPIC_DOCUMENTS, false, err);

    if (status == STATUS_OK)
        status = tools_open_study(study, true, &tools, err);
    if (status == STATUS_OK)
        status = screen_create(&rules, &classifier.screen, err);
    /* NULL in a job without `llm`: the cascade then decides alone. */
    if (status == STATUS_OK)
        status = consult_open_job(role, "classifier", &consult, err);
    if (status == STATUS_OK)
        status = cascade_create(tools->judge, consult, &classifier.cascade, err);
    if (status == STATUS_OK)
        status = program_run_map(daemon, role, &map, err);
    cascade_destroy(classifier.cascade);
    consult_close(consult);
    screen_destroy(classifier.screen);
    tools_close(tools);
    return status;
}

int main(int argc, char **argv)
{
    static const struct program program = {
        .name = "classifier",
        .about = "Screens documents and decides which report a visit.",
        .work = work};
    const char *command = argc > 1 ? argv[1] : "";

    if (strcmp(command, "classify") == 0)
        return command_classify(argc - 1, argv + 1);
    if (strcmp(command, "embed") == 0)
        return command_embed(argc - 1, argv + 1);
    if (strcmp(command, "train") == 0)
        return command_train(argc - 1, argv + 1);
    if (strcmp(command, "eval") == 0)
        return command_eval(argc - 1, argv + 1);
    return program_main(&program, argc, argv);
}
