#include "cli/purge.h"

#include "base/daemon.h"
#include "base/log.h"
#include "base/util/clock.h"
#include "cli/bus_loan.h"
#include "cli/command.h"
#include "cli/job_control.h"
#include "cli/job_file.h"
#include "cli/job_near.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MS_PER_SECOND = 1000 };

struct purge_settings {
    struct bus_loan_settings place;
    const char *run;
    bool yes;
};

static const struct option_row rows[] = {
    BUS_LOAN_OPTION_ROWS,
    {"run", OPTION_TEXT, offsetof(struct purge_settings, run), "NAME", "",
     "this replay alone; default the whole job"},
    {"yes", OPTION_FLAG, offsetof(struct purge_settings, yes), NULL, NULL,
     "really delete; without it what would go is listed"},
};

static const struct options purge_options = {
    rows, sizeof rows / sizeof rows[0], "xunfang purge JOB --yes [--run NAME] [options]",
    "Deletes the logs of a job, for good. Its name cannot be used again."};

struct purge {
    const struct purge_settings *settings;
    struct job_name job;
    struct bus_loan *loan;
    struct purge_logs logs;
};

/* ---- what goes ---- */

static bool is_meant(const struct catalog_run *run, const char *job, const char *name)
{
    return strcmp(run->job, job) == 0 && (name[0] == '\0' || strcmp(run->run, name) == 0);
}

/* Another run's log that this one reads. */
static bool reads_from(const struct catalog_run *reader, const struct catalog_run *run)
{
    static const enum topic_kind kinds[] = {TOPIC_DOCUMENTS, TOPIC_VISITS, TOPIC_REPORTS};

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        /* By names of logs and not by names of runs: chains are resolved when a run is submitted,
         * so a replay of a replay names the logs themselves. */
        struct topic_name own = topic_name(kinds[i], run->job, run->run);

        if (strcmp(catalog_topic(reader, kinds[i]).text, own.text) == 0)
            return true;
    }
    return false;
}

/* Logs that somebody still reads stay, or a report would fail tomorrow that works today. */
static enum status check_single(const struct catalog *catalog, const struct catalog_run *run,
                                struct error *err)
{
    if (!catalog_is_replay(run))
        return error_set(err, STATUS_USAGE,
                         "run '%s' is what job '%s' crawled, which its replays read: purge the "
                         "whole job",
                         run->run, run->job);
    for (size_t i = 0; i < catalog_run_count(catalog); i++) {
        const struct catalog_run *other = catalog_run_at(catalog, i);

        if (other != run && strcmp(other->job, run->job) == 0 && other->state != RUN_PURGED &&
            reads_from(other, run))
            return error_set(err, STATUS_USAGE,
                             "run '%s' reads the logs of run '%s': purge that one first",
                             other->run, run->run);
    }
    return STATUS_OK;
}

/* What it reads of another run is that one's. */
static void plan_run(const struct catalog_run *run, struct purge_logs *logs)
{
    static const enum topic_kind kinds[] = {TOPIC_DOCUMENTS, TOPIC_VISITS, TOPIC_REPORTS};

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (catalog_writes(run, kinds[i]))
            logs->names[logs->count++] = topic_name(kinds[i], run->job, run->run);
}

enum status purge_plan(const struct catalog *catalog, const char *job, const char *run,
                       struct purge_logs *logs, struct error *err)
{
    struct purge_logs planned = {.names = logs->names};

    if (run[0] == '\0') {
        /* Pages and answers are shared by all runs of the job, so they go only with the whole
         * job. */
        planned.names[planned.count++] = topic_name(TOPIC_PAGES, job, NULL);
        planned.names[planned.count++] = topic_name(TOPIC_ANSWERS, job, NULL);
    }
    for (size_t i = 0; i < catalog_run_count(catalog); i++) {
        const struct catalog_run *found = catalog_run_at(catalog, i);
        enum status status = STATUS_OK;

        if (!is_meant(found, job, run))
            continue;
        if (run[0] != '\0')
            status = check_single(catalog, found, err);
        if (status != STATUS_OK)
            return status;
        plan_run(found, &planned);
    }
    *logs = planned;
    return STATUS_OK;
}

/* ---- when ---- */

int64_t purge_wait(const struct catalog *catalog, const char *job, const char *run, int64_t now_ms)
{
    int64_t wait = 0;

    for (size_t i = 0; i < catalog_run_count(catalog); i++) {
        const struct catalog_run *found = catalog_run_at(catalog, i);
        int64_t left = PURGE_WAIT_MS;

        if (!is_meant(found, job, run))
            continue;
        /* Nobody works on a sealed run any more. */
        if (found->sealed != NULL)
            left = 0;
        else if (found->state != RUN_OPEN)
            left -= now_ms - found->command_ms;
        if (left > wait)
            /* Bounded, as the word may come from a machine whose clock is ahead of ours. */
            wait = left < PURGE_WAIT_MS ? left : PURGE_WAIT_MS;
    }
    return wait;
}

/* Whose log server is ours alone has no workers elsewhere. */
static void wait_for_workers(const struct purge *purge, int64_t wait_ms)
{
    if (wait_ms == 0 || (purge->loan->place.local && local_log_is_ours(purge->loan->log)))
        return;
    (void) fprintf(stderr, "waiting %" PRId64 " s for workers that may be at it\n",
                   (wait_ms + MS_PER_SECOND - 1) / MS_PER_SECOND);
    clock_sleep_ms(clock_system(), wait_ms);
}

/* ---- doing it ---- */

/* One that is gone already is passed over: an earlier purge was cut off. */
static enum status remove_log(const struct purge *purge, const char *log, struct error *err)
{
    struct bus *bus = purge->loan->bus;
    uint64_t records = 0, end = 0;
    uint32_t partitions = 0;
    enum status status = bus_topic_partitions(bus, log, &partitions, err);

    if (status == STATUS_NOT_FOUND)
        return STATUS_OK;
    for (uint32_t i = 0; i < partitions && status == STATUS_OK; i++) {
        /* Counted before they go, also with --yes: the printed lines are the only record of what
         * there was. */
        status = bus_end(bus, log, i, &end, err);
        records += end;
    }
    if (status == STATUS_OK && purge->settings->yes)
        status = bus_topic_delete(bus, log, err);
    if (status == STATUS_OK)
        (void) printf("%s %s: %" PRIu32 " partitions, %" PRIu64 " records\n",
                      purge->settings->yes ? "removed" : "would remove", log, partitions, records);
    return status;
}

/* Saying it twice is refused by the catalogue, but an earlier purge may have been cut off. */
static bool is_purged(const struct purge *purge)
{
    const struct catalog *catalog = purge->loan->catalog;
    const char *run = purge->settings->run;
    const struct catalog_run *found = catalog_find(catalog, purge->job.text, run);

    return run[0] == '\0' ? catalog_purged(catalog, purge->job.text)
                          : found != NULL && found->state == RUN_PURGED;
}

/* The wait is reckoned from how things were before our word: a run that is told only now may be at
 * work for as long as its workers take to hear of it. */
static enum status say_it(struct purge *purge, struct error *err)
{
    const struct job_word word = {purge->job.text, purge->settings->run,
                                  XUNFANG__JOB_COMMAND__ACTION__PURGE};
    const struct catalog *catalog = purge->loan->catalog;
    int64_t now = clock_wall_ms(clock_system());
    int64_t wait = purge_wait(catalog, word.job, word.run, now);
    enum status status = is_purged(purge) ? STATUS_OK : job_say(purge->loan, &word, err);

    if (status == STATUS_OK)
        wait_for_workers(purge, wait);
    return status;
}

static enum status find_job(const struct purge *purge, struct error *err)
{
    const struct catalog *catalog = purge->loan->catalog;
    const struct job_wanted wanted = {purge->job.text, purge->settings->run};

    for (size_t i = 0; catalog != NULL && i < catalog_run_count(catalog); i++)
        if (is_meant(catalog_run_at(catalog, i), wanted.job, wanted.run))
            return STATUS_OK;
    return job_unknown(catalog, &purge->loan->place, &wanted, err);
}

static enum status purge_logs(struct purge *purge, struct error *err)
{
    const struct purge_settings *settings = purge->settings;
    enum status status = find_job(purge, err);

    if (status == STATUS_OK)
        status =
            purge_plan(purge->loan->catalog, purge->job.text, settings->run, &purge->logs, err);
    if (status == STATUS_OK && settings->yes)
        status = say_it(purge, err);
    /* The plan stands in `control` (the runs), not in the logs, so a repeat after a break makes the
     * same one and passes over what is gone. */
    for (size_t i = 0; i < purge->logs.count && status == STATUS_OK; i++)
        status = remove_log(purge, purge->logs.names[i].text, err);
    if (status == STATUS_OK && !settings->yes)
        status = error_set(err, STATUS_USAGE,
                           "nothing is deleted yet: repeat this with --yes; there is no way back");
    return status;
}

static enum status run_purge(const struct purge_settings *settings, const char *job,
                             struct error *err)
{
    struct purge purge = {.settings = settings};
    enum status status = job_file_name(job, &purge.job, err);

    purge.logs.names = calloc(PURGE_LOGS_MAX, sizeof *purge.logs.names);
    if (purge.logs.names == NULL)
        status = error_set(err, STATUS_NOMEM, "no memory to start");
    if (status == STATUS_OK)
        status = bus_loan_open(&settings->place, "purge", &purge.loan, err);
    if (status == STATUS_OK)
        status = purge_logs(&purge, err);
    bus_loan_close(purge.loan);
    free(purge.logs.names);
    return status;
}

int purge_command(int argc, char **argv)
{
    struct command_line line = {.argc = argc, .argv = argv, .words_max = 1};
    struct purge_settings settings = {0};
    struct error err;
    enum status status;

    if (options_answered(&purge_options, argc, argv))
        return EXIT_DONE;
    log_open("purge", LOG_WARN);
    status = options_parse(&purge_options, &line, &settings, &err);
    if (status == STATUS_OK && line.word_count == 0)
        status = error_set(&err, STATUS_USAGE, "which job? usage: %s", purge_options.usage);
    if (status == STATUS_OK)
        status = run_purge(&settings, line.words[0], &err);
    if (status == STATUS_OK)
        return EXIT_DONE;
    (void) fprintf(stderr, "xunfang purge: %s\n", err.message);
    return daemon_exit_status(status);
}
