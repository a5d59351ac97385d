#include "cli/run.h"

#include "base/daemon.h"
#include "base/log.h"
#include "cli/command.h"
#include "cli/execute.h"
#include "cli/local_log.h"
#include "cli/progress.h"
#include "cli/scrape.h"
#include "cli/submit.h"
#include "cli/workers.h"
#include "study/catalog.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { RUN_PATH_MAX = 4096, RUN_TICK_MS = 200, RUN_BUS_TIMEOUT_MS = 30000 };

struct run_settings {
    struct daemon_settings daemon;
    const char *out;
    const char *sync;
    uint64_t partitions;
    uint64_t crawlers;
    uint64_t classifiers;
    uint64_t extractors;
};

struct run {
    struct run_settings settings;
    struct daemon *daemon;
    struct study *study;
    struct supervisor *supervisor;
    struct scrape *scrape;
    struct progress progress;
    struct bus *bus;
    struct catalog *catalog;
    char bus_url[RUN_PATH_MAX];
    int lock;
    bool paused; /* by max_requests: an end with gaps, no failure */
    size_t log_index;
    size_t first_worker;
    size_t worker_count;
};

#define ROW(member, type, placeholder, fallback, help)                                             \
    {                                                                                              \
#member, type, offsetof(struct run_settings, member), placeholder, fallback, help          \
    }

static const struct option_row rows[] = {
    {"data", OPTION_TEXT, offsetof(struct run_settings, daemon.data), "DIR", "./xunfang-data",
     "logs and state; one job after another may use it"},
    ROW(out, OPTION_TEXT, "DIR", NULL, "results; default DATA/out/JOB"),
    {"run", OPTION_TEXT, offsetof(struct run_settings, daemon.run), "NAME", "main",
     "name of this run of the job"},
    {"bus", OPTION_TEXT, offsetof(struct run_settings, daemon.bus), "URL", "local",
     "local: a log server of its own in --data"},
    {"admin", OPTION_TEXT, offsetof(struct run_settings, daemon.admin), "HOST:PORT", "127.0.0.1:0",
     "metrics of all processes, health"},
    {"log-level", OPTION_TEXT, offsetof(struct run_settings, daemon.log_level), "LEVEL", "warn",
     "error, warn, info or debug"},
    ROW(sync, OPTION_TEXT, "HOW", "second", "second: fsync every second; always: before each ack"),
    ROW(partitions, OPTION_UINT, "N", "4", "of each log, when the job is new"),
    ROW(crawlers, OPTION_UINT, "N", "1", "crawler processes"),
    ROW(classifiers, OPTION_UINT, "N", "1", "classifier processes"),
    ROW(extractors, OPTION_UINT, "N", "1", "extractor processes"),
};

static const struct options run_options = {
    rows, sizeof rows / sizeof rows[0], "xunfang run JOB.yaml [options]",
    "Does the whole job on this machine. Ctrl-C drains; the same command resumes."};

/* ---- start ---- */

static enum status make_folders(const struct run *run, struct error *err)
{
    char path[RUN_PATH_MAX];

    if (mkdir(run->settings.daemon.data, 0700) != 0 && errno != EEXIST)
        return error_set_errno(err, errno, "cannot create --data %s", run->settings.daemon.data);
    if (run->settings.out != NULL)
        return STATUS_OK;
    (void) snprintf(path, sizeof path, "%s/out", run->settings.daemon.data);
    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        return error_set_errno(err, errno, "cannot create %s", path);
    return STATUS_OK;
}

static enum status take_lock(struct run *run, struct error *err)
{
    char path[RUN_PATH_MAX], holder[32] = "";

    (void) snprintf(path, sizeof path, "%s/run.lock", run->settings.daemon.data);
    run->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (run->lock < 0)
        return error_set_errno(err, errno, "cannot open %s", path);
    if (flock(run->lock, LOCK_EX | LOCK_NB) != 0) {
        ssize_t size = read(run->lock, holder, sizeof holder - 1);
        holder[size > 0 ? size : 0] = '\0';
        return error_set(err, STATUS_BUSY,
                         "another `xunfang run` (process %s) works in %s; wait for it or use "
                         "another --data",
                         holder[0] == '\0' ? "?" : holder, run->settings.daemon.data);
    }
    if (ftruncate(run->lock, 0) != 0 || dprintf(run->lock, "%d", (int) getpid()) < 0)
        return error_set_errno(err, errno, "cannot write %s", path);
    return STATUS_OK;
}

static void render_all(void *self, struct buf *out)
{
    scrape_render(self, out);
}

static enum status open_parts(struct run *run, struct error *err)
{
    enum status status = scrape_create(&run->scrape, err);

    if (status != STATUS_OK)
        return status;
    run->settings.daemon.render = render_all;
    run->settings.daemon.render_self = run->scrape;
    status = daemon_start("run", &run->settings.daemon, &run->daemon, err);
    if (status != STATUS_OK)
        return status;
    run->supervisor = supervisor_create();
    if (run->supervisor == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for child processes");
    return STATUS_OK;
}

static enum status open_bus(struct run *run, struct error *err)
{
    struct bus_options options = {.client = "run", .timeout_ms = RUN_BUS_TIMEOUT_MS};
    const char *const extra[] = {"--sync", run->settings.sync, NULL};
    enum status status;

    if (strcmp(run->settings.daemon.bus, "local") != 0)
        return error_set(err, STATUS_UNSUPPORTED, "--bus %s: this build runs jobs on `local` only",
                         run->settings.daemon.bus);
    if (snprintf(run->bus_url, sizeof run->bus_url, "local:%s", run->settings.daemon.data) >=
        (int) sizeof run->bus_url)
        return error_set(err, STATUS_USAGE, "--data: the path is too long");
    status =
        local_log_start(run->supervisor, run->settings.daemon.data, extra, &run->log_index, err);
    if (status == STATUS_OK)
        status = bus_open(run->bus_url, &options, &run->bus, err);
    return status;
}

static enum status enter_job(struct run *run, struct error *err)
{
    const struct submit_options options = {.run = run->settings.daemon.run,
                                           .url_partitions = (uint32_t) run->settings.partitions,
                                           .partitions = (uint32_t) run->settings.partitions};
    enum status status;

    if (run->settings.partitions < 1 || run->settings.partitions > 1024)
        return error_set(err, STATUS_USAGE, "--partitions must be 1 to 1024");
    status = submit_job(run->bus, run->study, &options, err);
    return status == STATUS_OK ? catalog_open(run->bus, &run->catalog, err) : status;
}

/* ---- work ---- */

static bool sealed(const struct run *run)
{
    const struct catalog_run *found =
        catalog_find(run->catalog, run->study->job.name.data, run->settings.daemon.run);

    return found != NULL && found->sealed != NULL;
}

static uint64_t count_of(const struct run *run, const char *label)
{
    return (uint64_t) scrape_sum(run->scrape, "xunfang_progress", label);
}

static void show_progress(struct run *run)
{
    const struct progress_counts counts = {
        .lists_known = count_of(run, "what=\"lists_known\""),
        .lists_final = count_of(run, "what=\"lists_final\""),
        .urls_known = count_of(run, "what=\"urls_known\""),
        .urls_final = count_of(run, "what=\"urls_final\""),
        .documents = count_of(run, "what=\"documents\""),
        .outcomes = count_of(run, "what=\"outcomes\""),
        .visits = count_of(run, "what=\"visits\""),
        .events = count_of(run, "what=\"events\""),
    };

    progress_show(&run->progress, &counts, clock_mono_ms(clock_system()));
}

/* One look at everything, about once a second. A bus that does not answer just now (its server is
 * being started again) is no failure: the next look will tell. */
static enum status look_around(struct run *run, struct error *err)
{
    enum status status = scrape_round(run->scrape, run->supervisor, err);

    if (status != STATUS_OK)
        return status;
    show_progress(run);
    status = catalog_refresh(run->catalog, 0, err);
    return status != STATUS_OK && status_verdict(status) == VERDICT_RETRY ? STATUS_OK : status;
}

/* Until the job is sealed (STATUS_OK), a signal comes (STATUS_AGAIN), or something fails. */
static enum status work(struct run *run, struct error *err)
{
    int64_t next_look = 0;
    enum status status = STATUS_OK;

    while (status == STATUS_OK && !sealed(run)) {
        if (daemon_stopping(run->daemon))
            return error_set(err, STATUS_AGAIN, "interrupted; the same command resumes");
        daemon_alive(run->daemon);
        status = supervisor_step(run->supervisor, RUN_TICK_MS, err);
        if (status != STATUS_OK || clock_mono_ms(clock_system()) < next_look)
            continue;
        next_look = clock_mono_ms(clock_system()) + RUN_REFRESH_MS;
        status = look_around(run, err);
        run->paused =
            status == STATUS_OK && scrape_sum(run->scrape, "xunfang_frontier_paused", NULL) > 0;
        if (run->paused)
            return error_set(err, STATUS_CLOSED,
                             "paused: max_requests is reached; raise it under another job name or "
                             "go on with what there is");
    }
    return status;
}

static enum status run_workers(struct run *run, struct error *err)
{
    const struct workers_plan plan = {.data = run->settings.daemon.data,
                                      .job = run->study->job.name.data,
                                      .run = run->settings.daemon.run,
                                      .crawlers = run->settings.crawlers,
                                      .classifiers = run->settings.classifiers,
                                      .extractors = run->settings.extractors,
                                      .log_level = run->settings.daemon.log_level};
    enum status status =
        workers_start(run->supervisor, &plan, &run->first_worker, &run->worker_count, err);

    if (status == STATUS_OK)
        status = work(run, err);
    progress_end(&run->progress);
    for (size_t i = 0; i < run->worker_count; i++)
        supervisor_drain(run->supervisor, run->first_worker + i, RUN_DRAIN_MS);
    return status;
}

/* ---- end ---- */

static enum status report(struct run *run, int *exit_status, struct error *err)
{
    char out[RUN_PATH_MAX];
    char *job = (char *) (uintptr_t) run->study->job.name.data;
    char *run_name = (char *) (uintptr_t) run->settings.daemon.run;
    char *words[] = {"report",     job,      "--bus",
                     run->bus_url, "--data", (char *) (uintptr_t) run->settings.daemon.data,
                     "--run",      run_name, "--out",
                     out,          NULL};
    enum status status;

    if (run->settings.out != NULL)
        (void) snprintf(out, sizeof out, "%s", run->settings.out);
    else
        (void) snprintf(out, sizeof out, "%s/out/%s", run->settings.daemon.data, job);
    status = execute_and_wait("xunfang-results", words, exit_status, err);
    if (status == STATUS_OK && (*exit_status == EXIT_DONE || *exit_status == EXIT_GAPS))
        (void) printf("results: %s/report.html\n", out);
    return status;
}

static void close_run(struct run *run)
{
    catalog_close(run->catalog);
    bus_close(run->bus);
    if (run->supervisor != NULL && supervisor_count(run->supervisor) > 0)
        supervisor_drain(run->supervisor, run->log_index, LOCAL_LOG_DRAIN_MS);
    supervisor_destroy(run->supervisor);
    daemon_stop(run->daemon); /* its thread renders the scrape: it goes first */
    scrape_destroy(run->scrape);
    study_destroy(run->study);
    if (run->lock >= 0)
        (void) close(run->lock);
}

static enum status run_job(struct run *run, const char *path, int *exit_status, struct error *err)
{
    const struct study_source source = {.job_path = path};
    enum status status = study_load(&source, &run->study, err);

    /* A missing file and one over its limits are wrong files. */
    if (status == STATUS_NOT_FOUND || status == STATUS_TOO_LARGE)
        status = err->code = STATUS_INVALID;
    if (status == STATUS_OK)
        status = make_folders(run, err);
    if (status == STATUS_OK)
        status = take_lock(run, err);
    if (status == STATUS_OK)
        status = open_parts(run, err);
    if (status == STATUS_OK)
        status = open_bus(run, err);
    if (status == STATUS_OK)
        status = enter_job(run, err);
    if (status != STATUS_OK)
        return status;
    daemon_ready(run->daemon);
    (void) fprintf(stderr, "job %s: %zu lists; metrics http://%s/metrics\n",
                   run->study->job.name.data, run->study->list_count, daemon_address(run->daemon));
    if (!sealed(run))
        status = run_workers(run, err);
    return status == STATUS_OK ? report(run, exit_status, err) : status;
}

int run_command(int argc, char **argv)
{
    struct run run = {.lock = -1};
    struct command_line line = {.argc = argc, .argv = argv, .words_max = 1};
    struct error err;
    int exit_status = EXIT_DONE;
    enum status status;

    if (options_answered(&run_options, argc, argv))
        return EXIT_DONE;
    status = options_parse(&run_options, &line, &run.settings, &err);
    if (status == STATUS_OK && line.word_count == 0)
        status = error_set(&err, STATUS_USAGE, "which job? usage: %s", run_options.usage);
    if (status == STATUS_OK) {
        progress_init(&run.progress, isatty(STDERR_FILENO) == 1);
        status = run_job(&run, line.words[0], &exit_status, &err);
    }
    close_run(&run);
    if (status == STATUS_OK)
        return exit_status;
    (void) fprintf(stderr, "xunfang run: %s\n", err.message);
    return run.paused ? EXIT_GAPS : daemon_exit_status(status);
}
