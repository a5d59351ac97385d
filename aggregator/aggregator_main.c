/* xunfang-aggregator: watches one job and seals it when it is complete. */
#include "aggregator/complete.h"
#include "study/program.h"

/* The order of inputs is a promise of complete.h: the fold tells logs apart by input number. */
static enum status take_inputs(struct role *role, struct complete_options *options,
                               struct error *err)
{
    /* Partitions are only known once an input was taken, so their numbers are the differences
     * between the counts before and after each. */
    static const enum topic_kind kinds[] = {TOPIC_URLS, TOPIC_DOCUMENTS, TOPIC_REPORTS,
                                            TOPIC_CONTROL};
    size_t before[5] = {0};
    enum status status = STATUS_OK;

    for (size_t i = 0; i < 4 && status == STATUS_OK; i++) {
        status = role_take(role, kinds[i], true, err);
        before[i + 1] = role->input_count;
    }
    options->url_partitions = (uint32_t) before[1];
    options->partitions = (uint32_t) (before[2] - before[1]);
    return status;
}

static enum status work(struct daemon *daemon, struct role *role, struct error *err)
{
    struct complete_options options = {
        .job = role->settings->job,
        .run = role->settings->run,
        .documents_run = catalog_documents_run(role->run),
        .documents = role->topics[TOPIC_DOCUMENTS].text,
        .reports = role->topics[TOPIC_REPORTS].text,
        .generations = catalog_generations(role->run),
    };
    /* Each run has a state of its own. As an onlooker every aggregator of a cluster reads all
     * partitions: completeness is a statement about all of them, which no share could make. */
    struct program_fold fold = {.stage = &complete_stage, .per_run = true, .onlooker = true};
    enum status status = take_inputs(role, &options, err);
    struct complete *complete;

    if (status != STATUS_OK)
        return status;
    complete = complete_create(&options);
    if (complete == NULL)
        return error_set(err, STATUS_NOMEM, "no memory to start");
    fold.self = complete;
    status = program_run_fold(daemon, role, &fold, err);
    complete_destroy(complete);
    return status;
}

int main(int argc, char **argv)
{
    static const struct program program = {
        .name = "aggregator",
        .about = "Watches one job and seals it when everything known came to an end and was read.",
        .work = work};

    return program_main(&program, argc, argv);
}
