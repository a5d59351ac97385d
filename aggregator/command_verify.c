#include "aggregator/command_verify.h"

#include "aggregator/command.h"
#include "aggregator/job_source.h"
#include "aggregator/verify_answers.h"
#include "aggregator/verify_courtesy.h"
#include "aggregator/verify_events.h"
#include "aggregator/verify_folder.h"
#include "aggregator/verify_logs.h"
#include "aggregator/verify_numbers.h"

#include <stdio.h>

enum { ANSWER_MAX = 1 << 20 };

struct verify_settings {
    struct job_settings job;
    const char *out;
};

static const struct option_row rows[] = {
    JOB_OPTION_ROWS,
    {"out", OPTION_TEXT, offsetof(struct verify_settings, out), "DIR", NULL,
     "a folder of results to compare with the logs"},
};

static const struct options verify_options = {
    rows, sizeof rows / sizeof rows[0], "xunfang verify JOB [--out DIR] [options]",
    "Checks conservation, courtesy, and every number by a second route."};

/* Cheap looks at the logs first; the computing checks share one set of results. */
static enum status check_all(const struct job_source *source, const char *out,
                             struct verify *verify, struct error *err)
{
    struct results results;
    enum status status = job_results(source, &results, err);

    if (status != STATUS_OK)
        return status;
    status = verify_logs(source, &results, verify, err);
    if (status == STATUS_OK)
        status = verify_courtesy(source, verify, err);
    if (status == STATUS_OK)
        status = verify_events(&results, verify, err);
    if (status == STATUS_OK)
        status = verify_numbers(&results, verify, err);
    if (status == STATUS_OK)
        status = verify_answers(source, &results, verify, err);
    if (status == STATUS_OK && out != NULL)
        status = verify_folder(&results, out, verify, err);
    results_fini(&results);
    return status;
}

int command_verify(int argc, char **argv)
{
    struct command_line line = {.argc = argc, .argv = argv, .words_max = 1};
    struct verify_settings settings = {0};
    struct job_source *source = NULL;
    struct buf out;
    struct verify verify = {.out = &out};
    struct error err;
    enum status status;
    int exit_status;

    if (!command_parse(&verify_options, &line, 1, &settings, &exit_status))
        return exit_status;
    buf_init(&out, ANSWER_MAX);
    status = job_open(&settings.job, line.words[0], &source, &err);
    if (status == STATUS_OK)
        status = check_all(source, settings.out, &verify, &err);
    job_close(source);
    if (status == STATUS_OK)
        status = buf_status(&out, &err);
    if (status == STATUS_OK)
        status = command_write(buf_slice(&out), &err);
    buf_fini(&out);
    if (status != STATUS_OK)
        return command_fail(argv[0], status, &err);
    if (verify.failed > 0)
        (void) fprintf(stderr, "xunfang verify: %llu of %llu checks fail\n",
                       (unsigned long long) verify.failed, (unsigned long long) verify.checks);
    return verify.failed == 0 ? COMMAND_DONE : COMMAND_FAILED;
}
