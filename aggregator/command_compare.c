#include "aggregator/command_compare.h"

#include "aggregator/command.h"
#include "aggregator/compare_print.h"
#include "aggregator/job_source.h"

enum { ANSWER_MAX = 64 << 20 };

struct compare_settings {
    const char *bus;
    const char *data;
    bool json;
};

#define ROW(member, type, placeholder, fallback, help)                                             \
    {                                                                                              \
#member, type, offsetof(struct compare_settings, member), placeholder, fallback, help      \
    }

static const struct option_row rows[] = {
    ROW(bus, OPTION_TEXT, "URL", NULL, "where the logs are; default local:DATA"),
    ROW(data, OPTION_TEXT, "DIR", "./xunfang-data", "the data folder the job ran in"),
    ROW(json, OPTION_FLAG, NULL, NULL, "one JSON object instead of tables"),
};

static const struct options compare_options = {
    rows, sizeof rows / sizeof rows[0], "xunfang compare JOB RUN1 RUN2 [options]",
    "What changed between two runs of a job: documents, events, network."};

/* Each run has a study of its own, so the job is opened twice; its logs are closed before the next
 * is read. */
static enum status load(const struct compare_settings *settings, const char *job, const char *run,
                        struct results *results, struct error *err)
{
    const struct job_settings of_run = {.bus = settings->bus, .data = settings->data, .run = run};
    struct job_source *source = NULL;
    enum status status = job_open(&of_run, job, &source, err);

    if (status == STATUS_OK)
        status = job_results(source, results, err);
    job_close(source);
    return status;
}

static enum status print(const struct results *first, const struct results *second, bool json,
                         struct buf *out, struct error *err)
{
    struct comparison comparison;
    enum status status = compare_results(first, second, &comparison, err);

    if (status != STATUS_OK)
        return status;
    if (json)
        compare_put_json(&comparison, out);
    else
        compare_put_table(&comparison, out);
    compare_fini(&comparison);
    return buf_status(out, err);
}

static enum status compare(const struct compare_settings *settings, const char *const *words,
                           struct buf *out, struct error *err)
{
    struct results first, second;
    enum status status = load(settings, words[0], words[1], &first, err);

    if (status != STATUS_OK)
        return status;
    status = load(settings, words[0], words[2], &second, err);
    if (status == STATUS_OK) {
        status = print(&first, &second, settings->json, out, err);
        results_fini(&second);
    }
    results_fini(&first);
    return status;
}

int command_compare(int argc, char **argv)
{
    struct command_line line = {.argc = argc, .argv = argv, .words_max = 3};
    struct compare_settings settings = {0};
    struct error err;
    struct buf out;
    enum status status;
    int exit_status;

    if (!command_parse(&compare_options, &line, 3, &settings, &exit_status))
        return exit_status;
    buf_init(&out, ANSWER_MAX);
    status = compare(&settings, line.words, &out, &err);
    if (status == STATUS_OK)
        status = command_write(buf_slice(&out), &err);
    buf_fini(&out);
    return status == STATUS_OK ? COMMAND_DONE : command_fail(argv[0], status, &err);
}
