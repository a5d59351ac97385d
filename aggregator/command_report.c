#include "aggregator/command_report.h"

#include "aggregator/command.h"
#include "aggregator/dataset_lines.h"
#include "aggregator/job_source.h"
#include "aggregator/output.h"

#include <stdio.h>

/* What the folder holds, and what is missing, in a few lines for people. */
static int conclude(const struct results *results, const char *out, const struct error *warning)
{
    uint64_t gaps = results_gaps(results);

    (void) printf("%s/report.html: %llu documents, %llu visits, %llu events, %llu cooperative\n",
                  out, (unsigned long long) results->funnel.documents,
                  (unsigned long long) results->funnel.visits,
                  (unsigned long long) results->funnel.events,
                  (unsigned long long) results->funnel.cooperative);
    if (warning->code != STATUS_OK)
        (void) fprintf(stderr, "warning: %s\n", warning->message);
    if (results->dataset->bad_records > 0)
        (void) fprintf(stderr, "warning: %llu records could not be read\n",
                       (unsigned long long) results->dataset->bad_records);
    if (gaps == 0)
        return COMMAND_DONE;
    (void) fprintf(stderr,
                   "gaps: %u lists incomplete, %u blocked (%s/lists.csv), %llu documents dead "
                   "(`xunfang dead`)\n",
                   results->lists.states[LIST_INCOMPLETE], results->lists.states[LIST_BLOCKED], out,
                   (unsigned long long) results->dead);
    return COMMAND_GAPS;
}

/* ---- report ---- */

struct report_settings {
    struct job_settings job;
    const char *out;
};

static const struct option_row report_rows[] = {
    JOB_OPTION_ROWS,
    {"out", OPTION_TEXT, offsetof(struct report_settings, out), "DIR", NULL,
     "the folder to write; an earlier one is replaced"},
};

static const struct options report_options = {
    report_rows, sizeof report_rows / sizeof report_rows[0],
    "xunfang report JOB --out DIR [options]",
    "Writes a complete job's tables, network, figures and report."};

/* The account outlives the study it is read with: its texts move to the results' arena. */
static enum status take_account(const struct job_source *source, struct results *results,
                                struct account *account, struct error *err)
{
    struct arena *arena = results->setting.arena;
    enum status status = account_read(source, account, err);

    if (status == STATUS_OK && account->given) {
        account->endpoint = arena_copy(arena, account->endpoint);
        account->model = arena_copy(arena, account->model);
        account->currency = arena_copy(arena, account->currency);
        if (account->model.data == NULL)
            status = error_set(err, STATUS_NOMEM, "no memory for names");
    }
    if (status != STATUS_OK)
        results_fini(results);
    return status;
}

/* The logs are closed before the long part: nothing of them is needed any more. */
static enum status make_report(const struct report_settings *settings, const char *job,
                               int *exit_status, struct error *err)
{
    struct job_source *source = NULL;
    struct results results;
    struct account account;
    struct error warning = {.code = STATUS_OK};
    enum status status = job_open(&settings->job, job, &source, err);

    if (status == STATUS_OK)
        status = job_results(source, &results, err);
    if (status == STATUS_OK)
        status = take_account(source, &results, &account, err);
    job_close(source);
    if (status != STATUS_OK)
        return status;
    status = output_results(&results, &account, settings->out, &warning, err);
    if (status == STATUS_OK)
        *exit_status = conclude(&results, settings->out, &warning);
    results_fini(&results);
    return status;
}

int command_report(int argc, char **argv)
{
    struct command_line line = {.argc = argc, .argv = argv, .words_max = 1};
    struct report_settings settings = {0};
    struct error err;
    enum status status;
    int exit_status;

    if (!command_parse(&report_options, &line, 1, &settings, &exit_status))
        return exit_status;
    if (settings.out == NULL)
        status = error_set(&err, STATUS_USAGE, "--out DIR is missing");
    else
        status = make_report(&settings, line.words[0], &exit_status, &err);
    return status == STATUS_OK ? exit_status : command_fail(argv[0], status, &err);
}

/* ---- aggregate ---- */

struct aggregate_settings {
    const char *out;
    const char *region;
    const char *codebook;
};

static const struct option_row aggregate_rows[] = {
    {"out", OPTION_TEXT, offsetof(struct aggregate_settings, out), "DIR", NULL,
     "the folder to write; an earlier one is replaced"},
    {"region", OPTION_TEXT, offsetof(struct aggregate_settings, region), "FILE", NULL,
     "region whose cities count; default: every city an event names"},
    {"codebook", OPTION_TEXT, offsetof(struct aggregate_settings, codebook), "FILE", NULL,
     "codebook by name or path; default: visits"},
};

static const struct options aggregate_options = {
    aggregate_rows, sizeof aggregate_rows / sizeof aggregate_rows[0],
    "xunfang aggregate --out DIR [options] < lines as extract writes",
    "Events, network, measures, tables and figures from read documents."};

static enum status on_line(void *self, const struct docline *doc, struct arena *arena,
                           struct buf *out, struct error *err)
{
    (void) out;
    return dataset_take_line(self, doc, arena, err);
}

/* A region of all the cities that events name, so that pairs and distances are known. */
static enum status gather_cities(const struct dataset *dataset, struct study *study,
                                 struct error *err)
{
    size_t most = gazetteer_city_count(study->gazetteer);
    struct region *region = &study->region;

    region->cities = arena_array(study->arena, most + 1, sizeof *region->cities);
    if (region->cities == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for cities");
    for (size_t i = 0; i < dataset->claims.count * 2; i++) {
        const struct claim *claim = dataset_claim(dataset, i / 2);
        struct slice name = dataset_text(dataset, i % 2 == 0 ? claim->origin : claim->host);
        const struct city *city = gazetteer_find_city(study->gazetteer, name);

        if (city == NULL || !slice_equal(city->short_name, name) ||
            region_find_city(region, name) != REGION_NONE || region->city_count == most)
            continue;
        region->cities[region->city_count++] =
            (struct region_city){.name = city->short_name, .city = city};
    }
    return STATUS_OK;
}

static enum status compute(const struct aggregate_settings *settings, struct dataset *dataset,
                           struct results *results, struct error *err)
{
    struct study *study = NULL;
    struct setting setting = {0};
    enum status status = study_load_parts(settings->region, settings->codebook, NULL, &study, err);

    if (status == STATUS_OK && settings->region == NULL)
        status = gather_cities(dataset, study, err);
    if (status == STATUS_OK)
        status = setting_from_study(study, false, &setting, err);
    study_destroy(study);
    if (status != STATUS_OK)
        return status;
    status = results_compute(dataset, &setting, results, err);
    if (status != STATUS_OK)
        setting_fini(&setting);
    return status;
}

/* Bad lines are told and left out; they decide the exit status in the end. */
static enum status read_lines(struct dataset *dataset, bool *bad, struct error *err)
{
    const struct docline_job job = {.in = stdin,
                                    .out = stdout,
                                    .errors = stderr,
                                    .name = "xunfang aggregate",
                                    .handler = on_line,
                                    .self = dataset};
    enum status status = docline_run(&job, err);

    *bad = status == STATUS_INVALID;
    return *bad ? STATUS_OK : status;
}

/* Bad lines do not keep the good ones from a result; the exit status remembers them. */
static enum status aggregate(const struct aggregate_settings *settings, int *exit_status,
                             struct error *err)
{
    struct error warning = {.code = STATUS_OK};
    struct dataset *dataset = dataset_create();
    struct results results;
    bool bad = false;
    enum status status;

    if (dataset == NULL)
        return error_set(err, STATUS_NOMEM, "no memory to start");
    status = read_lines(dataset, &bad, err);
    if (status == STATUS_OK)
        status = compute(settings, dataset, &results, err);
    if (status != STATUS_OK) {
        dataset_destroy(dataset);
        return status;
    }
    status = output_results(&results, NULL, settings->out, &warning, err);
    if (status == STATUS_OK)
        *exit_status = conclude(&results, settings->out, &warning);
    if (bad)
        *exit_status = COMMAND_FAILED;
    results_fini(&results);
    return status;
}

int command_aggregate(int argc, char **argv)
{
    struct command_line line = {.argc = argc, .argv = argv};
    struct aggregate_settings settings = {0};
    struct error err;
    enum status status;
    int exit_status;

    if (!command_parse(&aggregate_options, &line, 0, &settings, &exit_status))
        return exit_status;
    if (settings.out == NULL)
        status = error_set(&err, STATUS_USAGE, "--out DIR is missing");
    else
        status = aggregate(&settings, &exit_status, &err);
    return status == STATUS_OK ? exit_status : command_fail(argv[0], status, &err);
}
