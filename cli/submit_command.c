#include "cli/submit_command.h"

#include "base/daemon.h"
#include "base/log.h"
#include "cli/bus_loan.h"
#include "cli/command.h"
#include "cli/job_file.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

struct submit_settings {
    struct bus_loan_settings place;
    const char *run;
    struct submit_counts counts;
};

#define ROW(member, name, type, placeholder, fallback, help)                                       \
    {                                                                                              \
        name, type, offsetof(struct submit_settings, member), placeholder, fallback, help          \
    }

static const struct option_row rows[] = {
    BUS_LOAN_OPTION_ROWS,
    ROW(run, "run", OPTION_TEXT, "NAME", RUN_DEFAULT, "name of this run of the job"),
    ROW(counts.partitions, "partitions", OPTION_UINT, "N", NULL,
        "of each of the job's logs; default 4, on a cluster 16"),
    ROW(counts.url_partitions, "url-partitions", OPTION_UINT, "N", NULL,
        "of urls and leases, which all jobs share: counts with the first job; default as above"),
};

static const struct options submit_options = {
    rows, sizeof rows / sizeof rows[0], "xunfang submit JOB.yaml [options]",
    "Puts a job on a bus; the workers there take it up. Starts none."};

static enum status choose_one(const char *option, uint64_t given, const struct bus_place *place,
                              uint32_t *count, struct error *err)
{
    if (given > SUBMIT_PARTITIONS_MAX)
        return error_set(err, STATUS_USAGE, "%s must be 1 to %d", option, SUBMIT_PARTITIONS_MAX);
    if (given == 0)
        given = place->local ? SUBMIT_LOCAL_PARTITIONS : SUBMIT_CLUSTER_PARTITIONS;
    *count = (uint32_t) given;
    return STATUS_OK;
}

enum status submit_choose_counts(const struct submit_counts *given, const struct bus_place *place,
                                 struct submit_options *options, struct error *err)
{
    enum status status =
        choose_one("--partitions", given->partitions, place, &options->partitions, err);

    if (status != STATUS_OK)
        return status;
    return choose_one("--url-partitions",
                      /* Who says only --partitions means all logs. */
                      given->url_partitions == 0 ? given->partitions : given->url_partitions, place,
                      &options->url_partitions, err);
}

/* A first job on this machine: the folder that its logs will lie in. */
static enum status make_folder(const struct submit_settings *settings, struct error *err)
{
    struct bus_place place;
    enum status status = bus_place_choose(settings->place.bus, settings->place.data, &place, err);

    if (status == STATUS_OK && place.local && mkdir(place.folder, 0700) != 0 && errno != EEXIST)
        status = error_set_errno(err, errno, "cannot create %s", place.folder);
    return status;
}

/* Read back from the bus, so it is what every worker will see. */
static enum status tell(struct bus_loan *loan, const struct study *study,
                        const struct submit_settings *settings, struct error *err)
{
    const char *job = study->job.name.data;
    const struct catalog_run *run;
    enum status status = loan->catalog == NULL ? catalog_open(loan->bus, &loan->catalog, err)
                                               : catalog_refresh(loan->catalog, 0, err);

    if (status == STATUS_OK)
        status = bus_loan_find(loan, job, settings->run, &run, err);
    if (status != STATUS_OK)
        return status;
    (void) printf("job %s, run %s: %zu lists, %u partitions, %s\n", job, run->run,
                  study->list_count, run->submitted->partitions,
                  run->sealed != NULL ? run->sealed->state : run_state_text(run->state));
    if (run->state == RUN_PAUSED)
        (void) fprintf(stderr, "note: it is paused; `xunfang resume %s` lets it go on\n", job);
    return STATUS_OK;
}

static enum status submit(const struct submit_settings *settings, const struct study *study,
                          struct error *err)
{
    struct submit_options options = {.run = settings->run};
    struct bus_loan *loan = NULL;
    enum status status = make_folder(settings, err);

    if (status == STATUS_OK)
        status = bus_loan_open(&settings->place, "submit", &loan, err);
    if (status == STATUS_OK)
        status = submit_choose_counts(&settings->counts, &loan->place, &options, err);
    if (status == STATUS_OK)
        status = submit_job(loan->bus, study, &options, err);
    if (status == STATUS_OK)
        status = tell(loan, study, settings, err);
    bus_loan_close(loan);
    return status;
}

int submit_command(int argc, char **argv)
{
    struct command_line line = {.argc = argc, .argv = argv, .words_max = 1};
    struct submit_settings settings = {0};
    struct study *study = NULL;
    struct error err;
    enum status status;

    if (options_answered(&submit_options, argc, argv))
        return EXIT_DONE;
    log_open("submit", LOG_WARN);
    status = options_parse(&submit_options, &line, &settings, &err);
    if (status == STATUS_OK && line.word_count == 0)
        status = error_set(&err, STATUS_USAGE, "which job? usage: %s", submit_options.usage);
    if (status == STATUS_OK)
        status = job_file_load(line.words[0], &study, &err);
    if (status == STATUS_OK)
        status = submit(&settings, study, &err);
    study_destroy(study);
    if (status == STATUS_OK)
        return EXIT_DONE;
    (void) fprintf(stderr, "xunfang submit: %s\n", err.message);
    return daemon_exit_status(status);
}
