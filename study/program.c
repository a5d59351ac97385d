#include "study/program.h"

#include "base/log.h"

#include <stdio.h>

enum {
    PROGRAM_NAME_MAX = 64,
    PROGRAM_USAGE_MAX = 128,
    PROGRAM_PATH_MAX = 4096,
    PROGRAM_OWNER_MAX = 64 + 2 * NAME_MAX_SIZE,
};

static enum status run(const struct program *program, struct daemon *daemon,
                       const struct daemon_settings *settings, struct error *err)
{
    struct role *role = NULL;
    enum status status = role_open(settings, program->name, &role, err);

    if (status == STATUS_OK)
        status = program->work(daemon, role, err);
    role_close(role);
    return status;
}

int program_main(const struct program *program, int argc, char *const *argv)
{
    static char name[PROGRAM_NAME_MAX]; /* log lines refer to it until the very end */
    char usage[PROGRAM_USAGE_MAX];
    const struct options options = {.usage = usage, .about = program->about};
    struct daemon_settings settings = {0};
    struct daemon *daemon = NULL;
    struct error err = {.code = STATUS_OK};
    int exit_status = 0;
    enum status status;

    (void) snprintf(name, sizeof name, "xunfang-%s", program->name);
    (void) snprintf(usage, sizeof usage, "xunfang %s --bus URL --data DIR --job NAME [options]",
                    program->name);
    if (!daemon_parse(&options, argc, argv, &settings, &exit_status))
        return exit_status;
    status = daemon_start(name, &settings, &daemon, &err);
    if (status == STATUS_OK)
        status = run(program, daemon, &settings, &err);
    if (status != STATUS_OK)
        log_failure(LOG_ERROR, "this worker ends", &err);
    daemon_stop(daemon);
    return daemon_exit_status(status);
}

static struct worker_options options_of(const struct role *role)
{
    return (struct worker_options){.bus = role->bus,
                                   .clock = clock_system(),
                                   .inputs = role->inputs,
                                   .input_count = role->input_count};
}

enum status program_run_map(struct daemon *daemon, struct role *role, const struct program_map *map,
                            struct error *err)
{
    struct worker_options options = options_of(role);
    struct worker *worker = NULL;
    char owner[PROGRAM_OWNER_MAX];
    enum status status;

    options.output = role->topics[map->output].text;
    options.generations = catalog_generations(role->run);
    if (catalog_is_replay(role->run)) {
        (void) snprintf(owner, sizeof owner, "%s.%s", map->stage->name, role->run->run);
        options.owner = owner;
        options.run = role->run->run;
    }
    status = worker_create_map(map->stage, map->self, &options, &worker, err);
    if (status == STATUS_OK)
        status = daemon_run_worker(daemon, worker, err);
    worker_destroy(worker);
    return status;
}

static enum status open_store(const struct role *role, const struct program_fold *fold,
                              struct store **store, struct error *err)
{
    const struct store_options options = {.memory_bytes = fold->memory_bytes, .compress = true};
    struct buf path;
    enum status status;

    buf_init(&path, PROGRAM_PATH_MAX);
    status = role_state_path(role, fold->stage->name, fold->per_run, &path, err);
    if (status == STATUS_OK)
        status = store_open(buf_text(&path), &options, store, err);
    buf_fini(&path);
    return status;
}

enum status program_run_fold(struct daemon *daemon, struct role *role,
                             const struct program_fold *fold, struct error *err)
{
    struct worker_options options = options_of(role);
    struct worker *worker = NULL;
    char owner[PROGRAM_OWNER_MAX];
    enum status status = open_store(role, fold, &options.store, err);

    if (status != STATUS_OK)
        return status;
    if (fold->per_run) {
        (void) snprintf(owner, sizeof owner, "%s.%s.%s", fold->stage->name, role->run->job,
                        role->run->run);
        options.owner = owner;
    }
    options.skips = catalog_skips(role->catalog, fold->stage->name, &options.skip_count);
    status = worker_create_fold(fold->stage, fold->self, &options, &worker, err);
    if (status == STATUS_OK)
        status = daemon_run_worker(daemon, worker, err);
    worker_destroy(worker);
    store_close(options.store);
    return status;
}
