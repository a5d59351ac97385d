#include "cli/run.h"

#include "cli/command.h"
#include "cli/conduct.h"
#include "cli/job_file.h"
#include "cli/submit_command.h"

#include <stdio.h>

struct run_settings {
    struct session_settings session;
    const char *run;
    const char *out;
    struct submit_counts counts;
    uint64_t crawlers;
};

#define ROW(member, name, type, placeholder, fallback, help)                                       \
    {                                                                                              \
        name, type, offsetof(struct run_settings, member), placeholder, fallback, help             \
    }

static const struct option_row rows[] = {
    SESSION_OPTION_ROWS,
    ROW(run, "run", OPTION_TEXT, "NAME", RUN_DEFAULT, "name of this run of the job"),
    ROW(out, "out", OPTION_TEXT, "DIR", NULL, "results; default DATA/out/JOB"),
    ROW(counts.partitions, "partitions", OPTION_UINT, "N", NULL,
        "of each log, when the job is new; default 4, on a cluster 16"),
    ROW(counts.url_partitions, "url-partitions", OPTION_UINT, "N", NULL,
        "of urls and leases, when the bus is new; default as above"),
    ROW(crawlers, "crawlers", OPTION_UINT, "N", "1", "crawler processes"),
};

static const struct options run_options = {
    rows, sizeof rows / sizeof rows[0], "xunfang run JOB.yaml [options]",
    "Does the whole job with workers on this machine, over the local bus or a cluster's. Ctrl-C\n"
    "drains; the same command resumes."};

static enum status submit(const struct run_settings *settings, struct conduct *conduct,
                          struct error *err)
{
    struct submit_options options = {.run = settings->run};
    struct bus *bus = conduct->session->bus;
    enum status status;

    status = submit_choose_counts(&settings->counts, &conduct->session->place, &options, err);
    if (status == STATUS_OK)
        /* Also when the job is there already: a submission that was cut off is completed, and
         * changed files are noticed before a worker starts. */
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
    enum status status = session_open(&settings->session, "run", true, &conduct->session, err);

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
    /* Before the session, whose bus the catalogue reads from. */
    catalog_close(conduct.catalog);
    session_close(conduct.session);
    study_destroy(study);
    if (status == STATUS_OK)
        return exit_status;
    (void) fprintf(stderr, "xunfang run: %s\n", err.message);
    return conduct.paused ? EXIT_GAPS : daemon_exit_status(status);
}
