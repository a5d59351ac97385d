#include "cli/replay.h"

#include "cli/command.h"
#include "cli/conduct.h"
#include "cli/job_file.h"
#include "cli/job_near.h"
#include "cli/replay_same.h"
#include "cli/submit_replay.h"
#include "study/role.h"

#include <stdio.h>

struct replay_settings {
    struct session_settings session;
    const char *from;
    const char *as;
    const char *run;
    const char *with;
    const char *out;
    uint64_t parsers;
};

#define ROW(member, placeholder, fallback, help)                                                   \
    {                                                                                              \
#member, OPTION_TEXT, offsetof(struct replay_settings, member), placeholder, fallback,     \
            help                                                                                   \
    }

static const struct option_row rows[] = {
    ROW(from, "STAGE", NULL, "first stage that works again: parse, classify, extract or aggregate"),
    ROW(as, "RUN", NULL, "name of the new run"),
    ROW(run, "NAME", RUN_DEFAULT, "the run to replay"),
    ROW(with, "FILE", NULL, "another job file: other codebook, period or llm"),
    ROW(out, "DIR", NULL, "results; default DATA/out/JOB.RUN"),
    {"parsers", OPTION_UINT, offsetof(struct replay_settings, parsers), "N", "1",
     "parser processes of --from parse"},
    SESSION_OPTION_ROWS,
};

static const struct options replay_options = {
    rows, sizeof rows / sizeof rows[0], "xunfang replay JOB --from STAGE --as RUN [options]",
    "Reads a job's stored logs again as a new run. Ctrl-C drains; the same command resumes."};

struct replay {
    struct replay_settings settings;
    struct replay_options options;
    struct job_name job;
    /* The files of --with and those of the source run. One of the two is the new run's study, which
     * `conduct` points to; both live until the end. */
    struct study *with;
    struct study *source;
    struct conduct conduct;
};

/* Files first: a wrong one is told at once, before anything is started. */
static enum status load_files(struct replay *replay, const char *job, struct error *err)
{
    enum status status = job_file_name(job, &replay->job, err);

    if (status == STATUS_OK && replay->settings.with != NULL)
        status = job_file_load(replay->settings.with, &replay->with, err);
    return status;
}

/* The files the new run works by: the source's, or those of --with, which must fit them. */
static enum status choose_study(struct replay *replay, struct error *err)
{
    const struct catalog_run *source =
        catalog_find(replay->conduct.catalog, replay->job.text, replay->settings.run);
    enum status status;

    if (source == NULL)
        return job_unknown(replay->conduct.catalog, &replay->conduct.session->place,
                           &(struct job_wanted){replay->job.text, replay->settings.run}, err);
    status = role_load_study(source, &replay->source, err);
    if (status == STATUS_OK && replay->with != NULL)
        status = replay_check_same(replay->source, replay->with, replay->settings.with, err);
    replay->conduct.study = replay->with != NULL ? replay->with : replay->source;
    return status;
}

/* What the source has and the replay does not, in words. */
static void tell_what_is_missing(const struct replay *replay)
{
    const struct catalog_run *source =
        catalog_find(replay->conduct.catalog, replay->job.text, replay->settings.run);

    /* Told after submission: only then is it known to which generation the replay is pinned, and a
     * replay that goes on is pinned to that of its first start. */
    if (replay->options.from == REPLAY_PARSE && source->generation > 0)
        (void) fprintf(stderr, "note: ingested documents have no page; they are left out\n");
    else if (source->generation > replay->conduct.run->generation)
        (void) fprintf(stderr,
                       "note: run '%s' was started when '%s' had generation %u; it has %u now, "
                       "which a replay of another name would read\n",
                       replay->settings.as, replay->settings.run, replay->conduct.run->generation,
                       source->generation);
}

static enum status submit(struct replay *replay, struct error *err)
{
    struct conduct *conduct = &replay->conduct;
    struct bus *bus = conduct->session->bus;
    enum status status = catalog_open(bus, &conduct->catalog, err);

    if (status == STATUS_OK)
        status = choose_study(replay, err);
    if (status == STATUS_OK)
        status = submit_replay(bus, conduct->catalog, conduct->study, &replay->options, err);
    if (status != STATUS_OK)
        return status;
    conduct->run = catalog_find(conduct->catalog, replay->job.text, replay->settings.as);
    ENSURE(conduct->run != NULL);
    tell_what_is_missing(replay);
    return STATUS_OK;
}

static enum status replay_job(struct replay *replay, const char *job, int *exit_status,
                              struct error *err)
{
    const struct session_settings *settings = &replay->settings.session;
    enum status status = load_files(replay, job, err);

    if (status == STATUS_OK)
        status = session_open(settings, "replay", false, &replay->conduct.session, err);
    if (status == STATUS_OK)
        status = submit(replay, err);
    return status == STATUS_OK ? conduct_run(&replay->conduct, exit_status, err) : status;
}

/* --from and --as have no default: a replay by accident would cost hours or money. */
static enum status parse(struct replay *replay, struct command_line *line, struct error *err)
{
    struct replay_settings *settings = &replay->settings;
    enum status status = options_parse(&replay_options, line, settings, err);

    if (status != STATUS_OK)
        return status;
    if (line->word_count == 0 || settings->from == NULL || settings->as == NULL)
        return error_set(err, STATUS_USAGE, "%s is missing; usage: %s",
                         line->word_count == 0    ? "the job"
                         : settings->from == NULL ? "--from"
                                                  : "--as",
                         replay_options.usage);
    replay->conduct.out = settings->out;
    replay->conduct.parsers = settings->parsers;
    replay->options.run = settings->as;
    replay->options.source = settings->run;
    return replay_from_text(settings->from, &replay->options.from, err);
}

int replay_command(int argc, char **argv)
{
    struct command_line line = {.argc = argc, .argv = argv, .words_max = 1};
    struct replay replay = {0};
    struct error err;
    int exit_status = EXIT_DONE;
    enum status status;

    if (options_answered(&replay_options, argc, argv))
        return EXIT_DONE;
    status = parse(&replay, &line, &err);
    if (status == STATUS_OK)
        status = replay_job(&replay, line.words[0], &exit_status, &err);
    catalog_close(replay.conduct.catalog);
    session_close(replay.conduct.session);
    study_destroy(replay.with);
    study_destroy(replay.source);
    if (status == STATUS_OK)
        return exit_status;
    (void) fprintf(stderr, "xunfang replay: %s\n", err.message);
    return replay.conduct.paused ? EXIT_GAPS : daemon_exit_status(status);
}
