#include "aggregator/command_dead.h"

#include "aggregator/command.h"
#include "aggregator/dead.h"

#include <stdio.h>

enum { LISTING_MAX = 1 << 30 };

struct dead_settings {
    struct job_settings job;
    bool redrive;
    bool json;
};

static const struct option_row rows[] = {
    JOB_OPTION_ROWS,
    {"redrive", OPTION_FLAG, offsetof(struct dead_settings, redrive), NULL, NULL,
     "try them again: append the same documents with a new generation"},
    {"json", OPTION_FLAG, offsetof(struct dead_settings, json), NULL, NULL,
     "one JSON object a line"},
};

static const struct options dead_options = {rows, sizeof rows / sizeof rows[0],
                                            "xunfang dead JOB [--redrive] [options]",
                                            "Documents that no stage could decide about."};

static enum status list_and_redrive(const struct dead_settings *settings, const struct dead *dead,
                                    struct error *err)
{
    size_t again = 0;
    enum status status;
    struct buf out;

    buf_init(&out, LISTING_MAX);
    dead_print(dead, settings->json, &out);
    status = buf_status(&out, err);
    if (status == STATUS_OK)
        status = command_write(buf_slice(&out), err);
    buf_fini(&out);
    if (status != STATUS_OK || !settings->redrive)
        return status;
    status = dead_redrive(dead, &again, err);
    if (status == STATUS_OK)
        (void) fprintf(stderr, "%zu documents will be tried again: `xunfang run` the job\n", again);
    return status;
}

static enum status run_dead(const struct dead_settings *settings, const char *job,
                            struct error *err)
{
    struct job_source *source = NULL;
    struct dead dead = {0};
    enum status status = job_open(&settings->job, job, &source, err);

    if (status == STATUS_OK)
        status = dead_find(source, &dead, err);
    if (status == STATUS_OK)
        status = list_and_redrive(settings, &dead, err);
    dead_fini(&dead);
    job_close(source);
    return status;
}

int command_dead(int argc, char **argv)
{
    struct command_line line = {.argc = argc, .argv = argv, .words_max = 1};
    struct dead_settings settings = {0};
    struct error err;
    enum status status;
    int exit_status;

    if (!command_parse(&dead_options, &line, 1, &settings, &exit_status))
        return exit_status;
    status = run_dead(&settings, line.words[0], &err);
    return status == STATUS_OK ? exit_status : command_fail(argv[0], status, &err);
}
