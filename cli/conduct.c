/*
 * One loop (wait_for_seal) drives everything: the supervisor's short steps, and about once a
 * second a look at metrics and `control`. The log says when the work is over (the seal, maybe set
 * by an aggregator elsewhere, or an operator's word); only that max_requests is reached is told by
 * the frontiers' metrics.
 */
#include "cli/conduct.h"

#include "cli/command.h"
#include "cli/execute.h"
#include "cli/progress.h"
#include "cli/workers.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A tick is short so that a signal is heard at once; looks are rarer, as each asks every child. A
 * cluster's frontiers must be still for CONDUCT_STILL_MS before ours is believed that the limit is
 * reached. */
enum {
    CONDUCT_TICK_MS = 200,
    CONDUCT_STILL_MS = 30000,
    CONDUCT_TEXT_MAX = 1024,
    CONDUCT_LABEL_MAX = 80
};

/* A run being worked on. */
struct working {
    struct conduct *conduct;
    struct progress progress;
    struct model_counts model;
    bool asks;        /* the job names a language model */
    uint64_t done;    /* URLs with an end, … */
    int64_t moved_ms; /* … and when their number last changed, in monotonic time */
    /* The workers' places in the supervisor; before them stands the log server, which ends last. */
    size_t first_worker;
    size_t worker_count;
};

/* ---- progress ---- */

/* Sums over processes: each partition is counted by the one worker that has it. */
static uint64_t count_of(const struct working *working, const char *label)
{
    return (uint64_t) scrape_sum(working->conduct->session->scrape, "xunfang_progress", label);
}

static void show_progress(struct working *working)
{
    const struct progress_counts counts = {
        .lists_known = count_of(working, "what=\"lists_known\""),
        .lists_final = count_of(working, "what=\"lists_final\""),
        .urls_known = count_of(working, "what=\"urls_known\""),
        .urls_final = count_of(working, "what=\"urls_final\""),
        .documents = count_of(working, "what=\"documents\""),
        .outcomes = count_of(working, "what=\"outcomes\""),
        .visits = count_of(working, "what=\"visits\""),
        .events = count_of(working, "what=\"events\""),
        .replay = catalog_is_replay(working->conduct->run),
        .model = working->asks ? &working->model : NULL,
    };

    if (working->asks)
        model_counts_read(working->conduct->session->scrape, &working->model);
    progress_show(&working->progress, &counts, clock_mono_ms(clock_system()));
}

/* ---- work ---- */

/* One look at everything, about once a second. A bus that does not answer just now (its server is
 * being started again) is no failure: the next look will tell. */
static enum status look_around(struct working *working, struct error *err)
{
    const struct conduct *conduct = working->conduct;
    enum status status = scrape_round(conduct->session->scrape, conduct->session->supervisor, err);

    if (status != STATUS_OK)
        return status;
    show_progress(working);
    status = catalog_refresh(conduct->catalog, 0, err);
    return status != STATUS_OK && status_verdict(status) == VERDICT_RETRY ? STATUS_OK : status;
}

/* On a cluster a frontier elsewhere may have what ours has not: there nothing may move either. */
static bool limit_reached(struct working *working)
{
    const struct conduct *conduct = working->conduct;
    int64_t now = clock_mono_ms(clock_system());
    uint64_t done = count_of(working, "what=\"urls_final\"");
    char label[CONDUCT_LABEL_MAX];

    if (done != working->done) {
        working->done = done;
        working->moved_ms = now;
    }
    (void) snprintf(label, sizeof label, "job=\"%s\"", conduct->run->job);
    return scrape_sum(conduct->session->scrape, "xunfang_frontier_paused", label) > 0 &&
           (conduct->session->place.local || now - working->moved_ms >= CONDUCT_STILL_MS);
}

static enum status check_limit(struct working *working, struct error *err)
{
    working->conduct->paused = limit_reached(working);
    if (!working->conduct->paused)
        return STATUS_OK;
    return error_set(err, STATUS_CLOSED,
                     "paused: max_requests is reached; raise it under another job name or go on "
                     "with what there is");
}

/* An operator's word, maybe from another machine. */
static enum status check_state(struct conduct *conduct, struct error *err)
{
    const struct catalog_run *run = conduct->run;

    switch (run->state) {
    case RUN_PAUSED:
        conduct->paused = true;
        return error_set(err, STATUS_CLOSED,
                         "job '%s' is paused: `xunfang resume %s`, then the same command goes on",
                         run->job, run->job);
    case RUN_CANCELLED:
        return error_set(err, STATUS_CLOSED,
                         "job '%s' is cancelled, for good: `xunfang report %s --so-far` gives what "
                         "it has; start it anew under another name",
                         run->job, run->job);
    case RUN_PURGED:
        return error_set(err, STATUS_CLOSED,
                         "job '%s' is purged: its logs are gone and its name is never given again",
                         run->job);
    case RUN_OPEN:
        break;
    }
    return STATUS_OK;
}

/* Until the run is sealed (STATUS_OK), a signal comes (STATUS_AGAIN), or something fails. */
static enum status wait_for_seal(struct working *working, struct error *err)
{
    struct conduct *conduct = working->conduct;
    struct session *session = conduct->session;
    int64_t next_look = 0;
    enum status status = STATUS_OK;

    while (status == STATUS_OK && conduct->run->sealed == NULL) {
        if (daemon_stopping(session->daemon))
            return error_set(err, STATUS_AGAIN, "interrupted; the same command resumes");
        daemon_alive(session->daemon);
        status = supervisor_step(session->supervisor, CONDUCT_TICK_MS, err);
        if (status != STATUS_OK || clock_mono_ms(clock_system()) < next_look)
            continue;
        /* A seal that came in this look wins over a pause in the same look: the results are
         * there. */
        next_look = clock_mono_ms(clock_system()) + CONDUCT_REFRESH_MS;
        status = look_around(working, err);
        if (status == STATUS_OK && conduct->run->sealed == NULL)
            status = check_state(conduct, err);
        if (status == STATUS_OK)
            status = check_limit(working, err);
    }
    return status;
}

/* What a language model was asked up to the end, whatever the end. */
static void tell_model(struct working *working)
{
    const struct session *session = working->conduct->session;
    struct buf text;

    if (!working->asks)
        return;
    buf_init(&text, CONDUCT_TEXT_MAX);
    status_ignore(scrape_round(session->scrape, session->supervisor, NULL));
    model_counts_read(session->scrape, &working->model);
    model_counts_tell(&working->model, &text);
    (void) fputs(buf_text(&text), stderr);
    buf_fini(&text);
}

static enum status run_workers(struct conduct *conduct, struct error *err)
{
    const struct job_llm *llm = &conduct->study->job.llm;
    struct session *session = conduct->session;
    struct working working = {.conduct = conduct,
                              .asks = llm->endpoint.size > 0,
                              .moved_ms = clock_mono_ms(clock_system())};
    const struct workers_plan plan = {.bus = session->place.url,
                                      .data = session->settings->data,
                                      .run = conduct->run,
                                      .crawlers = conduct->crawlers,
                                      .parsers = conduct->parsers,
                                      .classifiers = session->settings->classifiers,
                                      .extractors = session->settings->extractors,
                                      .log_level = session->settings->log_level};
    enum status status;

    if (llm->prices.prompt > 0 || llm->prices.completion > 0)
        working.model.currency = llm->prices.currency;
    progress_init(&working.progress, isatty(STDERR_FILENO) == 1);
    status = workers_start(session->supervisor, &plan, &working.first_worker, &working.worker_count,
                           err);
    if (status == STATUS_OK)
        status = wait_for_seal(&working, err);
    /* In this order: the line on the terminal ends before anything is told below it, and the
     * metrics are scraped once more while the workers that have them still live. */
    progress_end(&working.progress);
    tell_model(&working);
    /* Whatever the end was. One after the other in the order of the pipeline, so that what a worker
     * publishes last can still be read by the next. */
    for (size_t i = 0; i < working.worker_count; i++)
        supervisor_drain(session->supervisor, working.first_worker + i, CONDUCT_DRAIN_MS);
    return status;
}

/* ---- results ---- */

/* No path is cut off here: --data is bounded so that names of jobs and runs fit behind it
 * (session.c). */
static enum status default_out(const struct conduct *conduct, char out[SESSION_PATH_MAX],
                               struct error *err)
{
    const struct catalog_run *run = conduct->run;
    const char *data = conduct->session->settings->data;
    bool first = strcmp(run->run, RUN_DEFAULT) == 0;

    (void) snprintf(out, SESSION_PATH_MAX, "%s/out", data);
    if (mkdir(out, 0700) != 0 && errno != EEXIST)
        return error_set_errno(err, errno, "cannot create %s", out);
    (void) snprintf(out, SESSION_PATH_MAX, "%s/out/%s%s%s", data, run->job, first ? "" : ".",
                    first ? "" : run->run);
    return STATUS_OK;
}

/* execv's words are not const, but nobody writes to them. */
static char *word(const char *text)
{
    return (char *) (uintptr_t) text;
}

static enum status report(const struct conduct *conduct, int *exit_status, struct error *err)
{
    const struct session *session = conduct->session;
    char path[SESSION_PATH_MAX];
    const char *out = conduct->out == NULL ? path : conduct->out;
    char *words[] = {"report", word(conduct->run->job),
                     "--bus",  word(session->place.url),
                     "--data", word(session->settings->data),
                     "--run",  word(conduct->run->run),
                     "--out",  word(out),
                     NULL};
    enum status status = conduct->out == NULL ? default_out(conduct, path, err) : STATUS_OK;

    if (status == STATUS_OK)
        status = execute_and_wait("xunfang-results", words, exit_status, err);
    if (status == STATUS_OK && (*exit_status == EXIT_DONE || *exit_status == EXIT_GAPS))
        (void) printf("results: %s/report.html\n", out);
    return status;
}

enum status conduct_run(struct conduct *conduct, int *exit_status, struct error *err)
{
    struct daemon *daemon = conduct->session->daemon;
    bool replay = catalog_is_replay(conduct->run);
    enum status status = STATUS_OK;

    daemon_ready(daemon);
    (void) fprintf(stderr, "job %s%s%s: %zu lists; metrics http://%s/metrics\n", conduct->run->job,
                   replay ? ", run " : "", replay ? conduct->run->run : "",
                   conduct->study->list_count, daemon_address(daemon));
    /* A sealed run that was paused or cancelled later still has its results; a purged one has
     * nothing. */
    if (conduct->run->sealed == NULL || conduct->run->state == RUN_PURGED)
        status = check_state(conduct, err);
    if (status == STATUS_OK && conduct->run->sealed == NULL)
        status = run_workers(conduct, err);
    return status == STATUS_OK ? report(conduct, exit_status, err) : status;
}
