#include "aggregator/command_status.h"

#include "aggregator/command.h"
#include "aggregator/standing.h"

enum { STATUS_TEXT_MAX = 1 << 20 };

struct status_settings {
    struct job_settings job;
    bool json;
};

static const struct option_row rows[] = {
    JOB_OPTION_ROWS,
    {"json", OPTION_FLAG, offsetof(struct status_settings, json), NULL, NULL, "one JSON object"},
};

static const struct options status_options = {
    rows, sizeof rows / sizeof rows[0], "xunfang status JOB [--json] [options]",
    "How far a job is, and what asking a language model cost so far."};

static enum status tell(const struct standing *standing, bool json, struct error *err)
{
    struct buf out;
    enum status status;

    buf_init(&out, STATUS_TEXT_MAX);
    if (json)
        standing_put_json(standing, &out);
    else
        standing_put_text(standing, &out);
    status = buf_status(&out, err);
    if (status == STATUS_OK)
        status = command_write(buf_slice(&out), err);
    buf_fini(&out);
    return status;
}

int command_status(int argc, char **argv)
{
    struct command_line line = {.argc = argc, .argv = argv, .words_max = 1};
    struct status_settings settings = {0};
    struct job_source *source = NULL;
    struct standing standing;
    struct error err;
    enum status status;
    int exit_status;

    if (!command_parse(&status_options, &line, 1, &settings, &exit_status))
        return exit_status;
    settings.job.so_far = true; /* that is what it is about */
    status = job_open(&settings.job, line.words[0], &source, &err);
    if (status == STATUS_OK)
        status = standing_read(source, &standing, &err);
    if (status == STATUS_OK)
        status = tell(&standing, settings.json, &err);
    job_close(source);
    return status == STATUS_OK ? exit_status : command_fail(argv[0], status, &err);
}
