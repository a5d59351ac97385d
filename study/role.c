#include "study/role.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { ROLE_POLL_MS = 200 };

static enum status connect_bus(struct role *role, const char *client, struct error *err)
{
    struct bus_options options = {.client = client, .timeout_ms = ROLE_WAIT_MS};

    if (role->settings->bus == NULL)
        return error_set(err, STATUS_USAGE, "--bus is required, e.g. --bus local:./xunfang-data");
    if (role->settings->job == NULL)
        return error_set(err, STATUS_USAGE, "--job is required");
    if (role->settings->index >= role->settings->of)
        return error_set(err, STATUS_USAGE, "--index must be below --of");
    return bus_open(role->settings->bus, &options, &role->bus, err);
}

static enum status wait_for_job(struct role *role, struct error *err)
{
    const struct daemon_settings *settings = role->settings;
    const struct clock *clock = clock_system();
    int64_t deadline = clock_mono_ms(clock) + ROLE_WAIT_MS;

    for (;;) {
        enum status status = catalog_refresh(role->catalog, ROLE_POLL_MS, err);

        if (status != STATUS_OK)
            return status;
        role->run = catalog_find(role->catalog, settings->job, settings->run);
        if (role->run != NULL && catalog_url_partitions(role->catalog) > 0)
            return STATUS_OK;
        if (clock_mono_ms(clock) >= deadline)
            return error_set(err, STATUS_NOT_FOUND, "no job '%s' with a run '%s' on this bus",
                             settings->job, settings->run);
    }
}

enum status role_load_study(const struct catalog_run *run, struct study **study, struct error *err)
{
    const Xunfang__JobSubmitted *submitted = run->submitted;
    struct study_file *files = calloc(submitted->n_files + 1, sizeof *files);
    struct study_source source = {.files = files, .file_count = submitted->n_files};
    enum status status;

    if (files == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for the files of a job");
    for (size_t i = 0; i < submitted->n_files; i++) {
        const Xunfang__JobFile *file = submitted->files[i];
        files[i].name = slice_from(file->name);
        files[i].content = slice_of(file->content.data, file->content.len);
    }
    source.directory = submitted->directory;
    status = study_load(&source, study, err);
    free(files);
    return status;
}

enum status role_open(const struct daemon_settings *settings, const char *client,
                      struct role **result, struct error *err)
{
    struct role *role = calloc(1, sizeof *role);
    enum status status = STATUS_OK;

    if (role != NULL)
        role->inputs = calloc(ROLE_INPUTS_MAX, sizeof *role->inputs);
    if (role == NULL || role->inputs == NULL) {
        free(role);
        return error_set(err, STATUS_NOMEM, "no memory to start");
    }
    role->settings = settings;
    status = connect_bus(role, client, err);
    if (status == STATUS_OK)
        status = catalog_open(role->bus, &role->catalog, err);
    if (status == STATUS_OK)
        status = wait_for_job(role, err);
    if (status == STATUS_OK)
        status = role_load_study(role->run, &role->study, err);
    if (status != STATUS_OK) {
        role_close(role);
        return status;
    }
    for (int kind = 0; kind < TOPIC_KINDS; kind++)
        role->topics[kind] = catalog_topic(role->run, (enum topic_kind) kind);
    *result = role;
    return STATUS_OK;
}

void role_close(struct role *role)
{
    if (role == NULL)
        return;
    study_destroy(role->study);
    catalog_close(role->catalog);
    bus_close(role->bus);
    free(role->inputs);
    free(role);
}

enum status role_take(struct role *role, enum topic_kind kind, bool everything, struct error *err)
{
    const char *topic = role->topics[kind].text;
    uint32_t count;
    enum status status = bus_topic_partitions(role->bus, topic, &count, err);

    for (uint32_t i = 0; status == STATUS_OK && i < count; i++) {
        if (!everything && i % role->settings->of != role->settings->index)
            continue;
        if (role->input_count == ROLE_INPUTS_MAX)
            return error_set(err, STATUS_TOO_LARGE, "more than %d partitions for one worker",
                             ROLE_INPUTS_MAX);
        role->inputs[role->input_count++] = (struct bus_partition){topic, i};
    }
    return status;
}

static enum status make_folder(const char *path, struct error *err)
{
    if (mkdir(path, 0700) == 0 || errno == EEXIST)
        return STATUS_OK;
    return error_set_errno(err, errno, "cannot create %s", path);
}

enum status role_state_path(const struct role *role, const char *name, bool per_run,
                            struct buf *path, struct error *err)
{
    const struct daemon_settings *settings = role->settings;
    enum status status;

    buf_printf(path, "%s/state", settings->data);
    status = buf_status(path, err);
    if (status == STATUS_OK)
        status = make_folder(buf_text(path), err);
    if (per_run)
        buf_printf(path, "/%s-%s.%s-%llu", name, settings->job, settings->run,
                   (unsigned long long) settings->index);
    else
        buf_printf(path, "/%s-%llu", name, (unsigned long long) settings->index);
    return status == STATUS_OK ? buf_status(path, err) : status;
}
