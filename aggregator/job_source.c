/*
 * A command's way to its numbers: name → bus → catalogue (control) → run → the study embedded in it
 * → the ranges that its seal names → rows → results. What a replay reads of its source is bounded
 * by the pinned generation as well.
 */
#include "aggregator/job_source.h"

#include "aggregator/dataset_log.h"

#include <stdlib.h>
#include <string.h>

enum { URL_TEXT_MAX = 4096 };

/* Job names have neither slash nor dot. */
static bool is_path(const char *job)
{
    struct slice text = slice_from(job);

    return strchr(job, '/') != NULL || slice_ends(text, SLICE(".yaml")) ||
           slice_ends(text, SLICE(".yml"));
}

enum status job_name(const char *job, char name[JOB_NAME_SIZE], struct error *err)
{
    const struct study_source source = {.job_path = job};
    struct study *study = NULL;
    enum status status;

    if (!is_path(job)) {
        status = topic_check_name("job", slice_from(job), err);
        if (status == STATUS_OK)
            memcpy(name, job, strlen(job) + 1);
        return status;
    }
    status = study_load(&source, &study, err);
    if (status == STATUS_OK)
        memcpy(name, study->job.name.data, study->job.name.size + 1);
    study_destroy(study);
    return status;
}

enum status job_connect(const struct job_settings *settings, struct bus **bus, struct error *err)
{
    struct bus_options options = {.client = "results"};
    struct buf url;
    enum status status;

    buf_init(&url, URL_TEXT_MAX);
    if (settings->bus != NULL)
        buf_puts(&url, settings->bus);
    else
        buf_printf(&url, "local:%s", settings->data);
    status = buf_status(&url, err);
    if (status == STATUS_OK)
        status = bus_open(buf_text(&url), &options, bus, err);
    buf_fini(&url);
    return status;
}

enum status job_study(const struct catalog_run *run, struct study **study, struct error *err)
{
    const Xunfang__JobSubmitted *submitted = run->submitted;
    struct study_file *files = calloc(submitted->n_files + 1, sizeof *files);
    struct study_source from = {.files = files, .file_count = submitted->n_files};
    enum status status;

    if (files == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for the files of a job");
    for (size_t i = 0; i < submitted->n_files; i++) {
        files[i].name = slice_from(submitted->files[i]->name);
        files[i].content =
            slice_of(submitted->files[i]->content.data, submitted->files[i]->content.len);
    }
    status = study_load(&from, study, err);
    free(files);
    return status;
}

static enum status find_run(struct job_source *source, const char *name, struct error *err)
{
    enum status status = topic_check_name("run", slice_from(source->settings->run), err);

    if (status == STATUS_OK)
        status = catalog_open(source->bus, &source->catalog, err);
    if (status != STATUS_OK)
        return status;
    source->run = catalog_find(source->catalog, name, source->settings->run);
    if (source->run == NULL)
        return error_set(
            err, STATUS_NOT_FOUND, "no job '%s' with a run '%s' in %s", name, source->settings->run,
            source->settings->bus != NULL ? source->settings->bus : source->settings->data);
    if (source->run->state == RUN_PURGED)
        return error_set(err, STATUS_NOT_FOUND, "job '%s', run '%s' was purged: its logs are gone",
                         name, source->run->run);
    /* A replay reads some logs of its source: the catalogue knows whose. */
    for (int kind = 0; kind < TOPIC_KINDS; kind++)
        source->topics[kind] = catalog_topic(source->run, (enum topic_kind) kind);
    return STATUS_OK;
}

enum status job_open(const struct job_settings *settings, const char *job,
                     struct job_source **result, struct error *err)
{
    struct job_source *source = calloc(1, sizeof *source);
    char name[JOB_NAME_SIZE];
    enum status status;

    if (source == NULL)
        return error_set(err, STATUS_NOMEM, "no memory to open a job");
    source->settings = settings;
    status = job_name(job, name, err);
    if (status == STATUS_OK)
        status = job_connect(settings, &source->bus, err);
    if (status == STATUS_OK)
        status = find_run(source, name, err);
    if (status == STATUS_OK)
        status = job_study(source->run, &source->study, err);
    if (status != STATUS_OK) {
        job_close(source);
        return status;
    }
    *result = source;
    return STATUS_OK;
}

void job_close(struct job_source *source)
{
    if (source == NULL)
        return;
    study_destroy(source->study);
    catalog_close(source->catalog);
    bus_close(source->bus);
    free(source);
}

/* ---- ranges ---- */

static const Xunfang__SealedRange *sealed_range(const Xunfang__Sealed *sealed, const char *topic)
{
    for (size_t i = 0; i < sealed->n_ranges; i++)
        if (strcmp(sealed->ranges[i]->topic, topic) == 0)
            return sealed->ranges[i];
    return NULL;
}

/* Pages, visits and leases are bounded by what the sealed logs lead to. */
enum status job_range(const struct job_source *source, enum topic_kind kind,
                      struct log_range *range, struct error *err)
{
    const Xunfang__Sealed *sealed = source->run->sealed;
    const char *topic = source->topics[kind].text;
    const Xunfang__SealedRange *found;

    if (source->settings->so_far)
        return log_range_now(source->bus, topic, range, err);
    if (sealed == NULL)
        return error_set(err, STATUS_NOT_FOUND,
                         "job '%s' is not complete: `xunfang run` it again, or see what there is "
                         "with --so-far",
                         source->run->job);
    found = sealed_range(sealed, topic);
    if (found == NULL) /* the seal says nothing about it: logs between, the archive */
        return log_range_now(source->bus, topic, range, err);
    if (found->n_ends > LOG_RANGE_PARTITIONS_MAX)
        return error_set(err, STATUS_CORRUPT, "the seal of job '%s' is damaged", source->run->job);
    range->topic = topic;
    range->partitions = (uint32_t) found->n_ends;
    memcpy(range->ends, found->ends, found->n_ends * sizeof range->ends[0]);
    return STATUS_OK;
}

/* ---- reading ---- */

struct loading {
    struct dataset *dataset;
    struct slice job;
};

/* `urls` is shared by all jobs of a cluster. */
static enum status on_url(void *self, const struct log_place *place, const struct record *record,
                          struct arena *arena, struct error *err)
{
    const struct loading *loading = self;

    (void) place;
    if (!slice_equal(record->job, loading->job))
        return STATUS_OK;
    return dataset_take_url(loading->dataset, record, arena, err);
}

static enum status on_report(void *self, const struct log_place *place, const struct record *record,
                             struct arena *arena, struct error *err)
{
    const struct loading *loading = self;

    (void) place;
    return dataset_take_report(loading->dataset, record, arena, err);
}

static void on_bad(void *self, const struct log_place *place)
{
    const struct loading *loading = self;

    (void) place;
    loading->dataset->bad_records++;
}

/* What came into the logs that a replay reads after it was pinned is not its own. */
static enum status read_range(const struct job_source *source, enum topic_kind kind,
                              const struct log_range *range, const struct log_handler *handler,
                              struct error *err)
{
    struct log_handler ours = *handler;

    if (kind == TOPIC_DOCUMENTS || kind == TOPIC_VISITS || kind == TOPIC_REPORTS)
        ours.generations = catalog_generations(source->run);
    return log_range_read(source->bus, range, &ours, err);
}

enum status job_read_log(const struct job_source *source, enum topic_kind kind,
                         const struct log_handler *handler, struct error *err)
{
    struct log_range *range = calloc(1, sizeof *range);
    enum status status;

    if (range == NULL)
        return error_set(err, STATUS_NOMEM, "no memory to read a log");
    status = job_range(source, kind, range, err);
    if (status == STATUS_OK)
        status = read_range(source, kind, range, handler, err);
    free(range);
    return status;
}

enum status job_read_now(const struct job_source *source, enum topic_kind kind,
                         const struct log_handler *handler, struct error *err)
{
    struct log_range *range = calloc(1, sizeof *range);
    enum status status;

    if (range == NULL)
        return error_set(err, STATUS_NOMEM, "no memory to read a log");
    status = log_range_now(source->bus, source->topics[kind].text, range, err);
    if (status == STATUS_OK)
        status = read_range(source, kind, range, handler, err);
    free(range);
    return status;
}

static enum status read_log(const struct job_source *source, enum topic_kind kind,
                            struct loading *loading, struct error *err)
{
    const struct log_handler handler = {
        .on_record = kind == TOPIC_URLS ? on_url : on_report, .on_bad = on_bad, .self = loading};

    return job_read_log(source, kind, &handler, err);
}

enum status job_dataset(const struct job_source *source, struct dataset **result, struct error *err)
{
    struct loading loading = {dataset_create(), slice_from(source->run->job)};
    enum status status;

    if (loading.dataset == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for documents");
    status = read_log(source, TOPIC_URLS, &loading, err);
    if (status == STATUS_OK)
        status = read_log(source, TOPIC_REPORTS, &loading, err);
    if (status != STATUS_OK) {
        dataset_destroy(loading.dataset);
        return status;
    }
    *result = loading.dataset;
    return STATUS_OK;
}

enum status job_results(const struct job_source *source, struct results *results, struct error *err)
{
    struct dataset *dataset = NULL;
    struct setting setting = {0};
    enum status status = setting_from_study(source->study, true, &setting, err);

    if (status != STATUS_OK)
        return status;
    setting.run = arena_copy(setting.arena, slice_from(source->run->run));
    if (setting.run.data == NULL)
        status = error_set(err, STATUS_NOMEM, "no memory for a name");
    if (status == STATUS_OK)
        status = job_dataset(source, &dataset, err);
    if (status == STATUS_OK)
        status = results_compute(dataset, &setting, results, err);
    if (status != STATUS_OK) {
        dataset_destroy(dataset);
        setting_fini(&setting);
    }
    return status;
}
