#include "cli/run.h"

#include "cli/command.h"
#include "cli/conduct.h"
#include "cli/job_file.h"
#include "cli/submit.h"

#include <stdio.h>

enum { RUN_PARTITIONS_MAX = 1024 };

struct run_settings {
    struct session_settings session;
    const char *run;
    const char *out;
    uint64_t partitions;
    uint64_t crawlers;
};

#define ROW(member, type, placeholder, fallback, help)                                             \
    {                                                                                              \
#member, type, offsetof(struct run_settings, member), placeholder, fallback, help          \
    }

static const struct option_row rows[] = {
    SESSION_OPTION_ROWS,
    ROW(run, OPTION_TEXT, "NAME", RUN_DEFAULT, "name of this run of the job"),
    ROW(out, OPTION_TEXT, "DIR", NULL, "results; default DATA/out/JOB"),
    ROW(partitions, OPTION_UINT, "N", "4", "of each log, when the job is new"),
    ROW(crawlers, OPTION_UINT, "N", "1", "crawler processes"),
};

static const struct options run_options = {
    rows, sizeof rows / sizeof rows[0], "xunfang run JOB.yaml [options]",
    "Does the whole job on this machine. Ctrl-C drains; the same command resumes."};

static enum status submit(const struct run_settings *settings, struct conduct *conduct,
                          struct error *err)
{
    const struct submit_options options = {.run = settings->run,
                                           .url_partitions = (uint32_t) settings->partitions,
                                           .partitions = (uint32_t) settings->partitions};
    struct bus *bus = conduct->session->bus;
    enum status status;

    status = submit_job(bus, conduct->study, &options, err);
    if (status == STATUS_OK)
        status = catalog_open(bus, &conduct->catalog, err);
    if (status != STATUS_OK)
        return status;
    conduct->run = catalog_find(conduct->catalog, conduct->study->job.name.data, settings->run);
    ENSURE(conduct->run != NULL);
    return STATUS_OK;
}

static enum status run_job(const struct run_settings *settings, struct conduct *conduct,
                           int *exit_status, struct error *err)
{
    enum status status;

    if (settings->partitions < 1 || settings->partitions > RUN_PARTITIONS_MAX)
        return error_set(err, STATUS_USAGE, "--partitions must be 1 to %d", RUN_PARTITIONS_MAX);
    status = session_open(&settings->session, "run", true, &conduct->session, err);
    if (status == STATUS_OK)
        status = submit(settings, conduct, err);
    return status == STATUS_OK ? conduct_run(conduct, exit_status, err) : status;
}

int run_command(int argc, char **argv)
{
    struct command_line line = {.argc = argc, .argv = argv, .words_max = 1};
    struct run_settings settings = {0};
    struct conduct conduct = {0};
    struct study *study = NULL;
    struct error err;
    int exit_status = EXIT_DONE;
    enum status status;

    if (options_answered(&run_options, argc, argv))
        return EXIT_DONE;
    status = options_parse(&run_options, &line, &settings, &err);
    if (status == STATUS_OK && line.word_count == 0)
        status = error_set(&err, STATUS_USAGE, "which job? usage: %s", run_options.usage);
    if (status == STATUS_OK)
        status = job_file_load(line.words[0], &study, &err);
    conduct.study = study;
    conduct.crawlers = settings.crawlers;
    conduct.out = settings.out;
    if (status == STATUS_OK)
        status = run_job(&settings, &conduct, &exit_status, &err);
    catalog_close(conduct.catalog);
    session_close(conduct.session);
    study_destroy(study);
    if (status == STATUS_OK)
        return exit_status;
    (void) fprintf(stderr, "xunfang run: %s\n", err.message);
    return conduct.paused ? EXIT_GAPS : daemon_exit_status(status);
}
