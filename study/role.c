/*
 * Opening goes from what is surely there to what may still come: folder, bus, catalogue, run,
 * study. Programs of a run are started at once and in no order, so each step waits for what
 * another process makes; only what no waiting can mend ends it.
 */
#include "study/role.h"

#include "study/node.h"
#include "study/pins.h"
#include "study/state_folder.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { ROLE_POLL_MS = 200 };

static enum status make_folder(const char *path, struct error *err)
{
    if (mkdir(path, 0700) == 0 || errno == EEXIST)
        return STATUS_OK;
    return error_set_errno(err, errno, "cannot create %s", path);
}

/* ---- waiting ---- */

static int64_t now_ms(void)
{
    return clock_mono_ms(clock_system());
}

/* Worth another try before the deadline? What was made a moment ago elsewhere on a cluster may be
 * unknown to the broker we ask. */
static bool may_come(const struct role *role, enum status status, int64_t deadline_ms)
{
    bool passes =
        status_verdict(status) == VERDICT_RETRY || (role->groups && status == STATUS_NOT_FOUND);

    if (!passes || now_ms() >= deadline_ms)
        return false;
    clock_sleep_ms(clock_system(), ROLE_POLL_MS);
    return true;
}

static enum status open_catalog(struct role *role, struct error *err)
{
    const int64_t deadline_ms = now_ms() + ROLE_WAIT_MS;
    enum status status;

    do
        status = catalog_open(role->bus, &role->catalog, err);
    while (status != STATUS_OK && may_come(role, status, deadline_ms));
    return status;
}

static enum status wait_for_job(struct role *role, struct error *err)
{
    const struct daemon_settings *settings = role->settings;
    const int64_t deadline_ms = now_ms() + ROLE_WAIT_MS;

    for (;;) {
        enum status status = catalog_refresh(role->catalog, ROLE_POLL_MS, err);

        if (status != STATUS_OK && !may_come(role, status, deadline_ms))
            return status;
        role->run = catalog_find(role->catalog, settings->job, settings->run);
        if (role->run != NULL && catalog_url_partitions(role->catalog) > 0)
            return STATUS_OK;
        if (now_ms() >= deadline_ms)
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

/* The cluster begins with the first submission, which makes its topics after its record. */
static bool cluster_stands(const struct role *role)
{
    static const enum topic_kind kinds[] = {TOPIC_URLS, TOPIC_LEASES};
    bool stands = catalog_url_partitions(role->catalog) > 0;

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0] && stands; i++) {
        struct topic_name topic = topic_name(kinds[i], NULL, NULL);
        uint32_t count;
        stands = bus_topic_partitions(role->bus, topic.text, &count, NULL) == STATUS_OK;
    }
    return stands;
}

static enum status wait_for_cluster(struct role *role, const struct role_options *options,
                                    struct error *err)
{
    while (!cluster_stands(role)) {
        enum status status = catalog_refresh(role->catalog, ROLE_POLL_MS, err);

        if (status != STATUS_OK && !may_come(role, status, INT64_MAX))
            return status;
        if (options->go_on != NULL && !options->go_on(options->self))
            return error_set(err, STATUS_AGAIN, "no job was submitted to this cluster yet");
    }
    return STATUS_OK;
}

/* ---- opening ---- */

static enum status connect_bus(struct role *role, struct error *err)
{
    const struct bus_options bus = {.client = role->client, .timeout_ms = ROLE_WAIT_MS};

    if (role->bus != NULL)
        return STATUS_OK;
    if (role->settings->bus == NULL)
        return error_set(err, STATUS_USAGE, "--bus is required, e.g. --bus local:./xunfang-data");
    return bus_open(role->settings->bus, &bus, &role->bus, err);
}

/* Who this process is, on which bus. */
static enum status take_place(struct role *role, const struct role_options *options,
                              struct error *err)
{
    const struct daemon_settings *settings = role->settings;
    enum status status = make_folder(settings->data, err);

    if (status == STATUS_OK)
        status = node_name(settings->data, role->node, err);
    if (status != STATUS_OK)
        return status;
    (void) snprintf(role->client, sizeof role->client, "%s-%s-%" PRIu64, options->name, role->node,
                    settings->index);
    status = connect_bus(role, err);
    if (status != STATUS_OK)
        return status;
    role->groups = (bus_capabilities(role->bus) & BUS_CAP_GROUPS) != 0;
    if (!role->groups && settings->job == NULL)
        return error_set(err, STATUS_USAGE, "--job is required");
    if (!role->groups && settings->index >= settings->of)
        return error_set(err, STATUS_USAGE, "--index must be below --of");
    return STATUS_OK;
}

static enum status open_run(struct role *role, const struct role_options *options,
                            struct error *err)
{
    enum status status = wait_for_job(role, err);

    if (status == STATUS_OK)
        status = role_load_study(role->run, &role->study, err);
    if (status == STATUS_OK)
        status = pins_check(role->run, role->study, options->name, err);
    for (int kind = 0; status == STATUS_OK && kind < TOPIC_KINDS; kind++)
        role->topics[kind] = catalog_topic(role->run, (enum topic_kind) kind);
    return status;
}

static enum status open_cluster(struct role *role, const struct role_options *options,
                                struct error *err)
{
    static const enum topic_kind kinds[] = {TOPIC_URLS, TOPIC_LEASES, TOPIC_CONTROL};

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        role->topics[kinds[i]] = topic_name(kinds[i], NULL, NULL);
    return options->reach == ROLE_STEWARD ? STATUS_OK : wait_for_cluster(role, options, err);
}

static enum status open_parts(struct role *role, const struct role_options *options,
                              struct error *err)
{
    enum status status = take_place(role, options, err);

    if (status == STATUS_OK)
        status = open_catalog(role, err);
    if (status != STATUS_OK)
        return status;
    return role->groups && options->reach != ROLE_RUN ? open_cluster(role, options, err)
                                                      : open_run(role, options, err);
}

enum status role_open(const struct role_options *options, struct role **result, struct error *err)
{
    struct role *role = calloc(1, sizeof *role);
    enum status status;

    if (role != NULL)
        role->inputs = calloc(ROLE_INPUTS_MAX, sizeof *role->inputs);
    if (role == NULL || role->inputs == NULL) {
        free(role);
        return error_set(err, STATUS_NOMEM, "no memory to start");
    }
    role->settings = options->settings;
    role->bus = options->bus;
    status = open_parts(role, options, err);
    if (status != STATUS_OK) {
        role_close(role);
        return status;
    }
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
    const int64_t deadline_ms = now_ms() + ROLE_WAIT_MS;
    uint32_t count;
    enum status status;

    do
        status = bus_topic_partitions(role->bus, topic, &count, err);
    while (status != STATUS_OK && may_come(role, status, deadline_ms));
    for (uint32_t i = 0; status == STATUS_OK && i < count; i++) {
        /* On groups all are named, and the bus gives some of them. */
        if (!everything && !role->groups && i % role->settings->of != role->settings->index)
            continue;
        if (role->input_count == ROLE_INPUTS_MAX)
            return error_set(err, STATUS_TOO_LARGE, "more than %d partitions for one worker",
                             ROLE_INPUTS_MAX);
        role->inputs[role->input_count++] = (struct bus_partition){topic, i};
    }
    return status;
}

enum status role_state_path(const struct role *role, const char *name, bool per_run,
                            struct buf *path, struct error *err)
{
    const struct daemon_settings *settings = role->settings;
    const struct state_place place = {settings->data, per_run ? settings->job : NULL, settings->run,
                                      settings->index};

    return state_path(&place, name, path, err);
}
