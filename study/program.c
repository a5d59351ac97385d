#include "study/program.h"

#include "base/log.h"
#include "base/scrape.h"
#include "study/steward.h"

#include <stdio.h>

enum {
    PROGRAM_NAME_MAX = 64,
    PROGRAM_USAGE_MAX = 128,
    PROGRAM_PATH_MAX = 4096,
};

/* Asked only before the first submission, when there is nothing that we could lag behind. */
static bool go_on(void *self)
{
    daemon_ready(self);
    daemon_note(self, "no job was submitted to this cluster yet\n");
    daemon_alive(self);
    return !daemon_stopping(self);
}

static enum status keep_stewardship(const struct program *program, struct daemon *daemon,
                                    const struct role *role, struct error *err)
{
    char child[PROGRAM_NAME_MAX];
    const struct steward_options options = {.stage = program->name,
                                            .program = child,
                                            .settings = role->settings,
                                            .catalog = role->catalog,
                                            .scrape = role->settings->render_self};

    (void) snprintf(child, sizeof child, "xunfang-%s", program->name);
    return steward_run(daemon, &options, err);
}

static enum status run(const struct program *program, struct daemon *daemon,
                       const struct daemon_settings *settings, struct error *err)
{
    struct role_options options = {
        .settings = settings, .name = program->name, .go_on = go_on, .self = daemon};
    struct role *role = NULL;
    enum status status;

    if (program->reach == PROGRAM_CLUSTER)
        options.reach = ROLE_CLUSTER;
    else
        options.reach = settings->job == NULL ? ROLE_STEWARD : ROLE_RUN;
    status = role_open(&options, &role, err);
    daemon_note(daemon, "");
    if (status == STATUS_OK && options.reach == ROLE_STEWARD)
        status = keep_stewardship(program, daemon, role, err);
    else if (status == STATUS_OK)
        status = program->work(daemon, role, err);
    else if (status == STATUS_AGAIN && daemon_stopping(daemon))
        status = STATUS_OK; /* told to end before there was anything to do */
    role_close(role);
    return status;
}

static void render_scrape(void *self, struct buf *out)
{
    scrape_render(self, out);
}

/* A steward answers for its children too. */
static enum status open_scrape(const struct program *program, struct daemon_settings *settings,
                               struct scrape **scrape, struct error *err)
{
    enum status status;

    if (program->reach == PROGRAM_CLUSTER || settings->job != NULL)
        return STATUS_OK;
    status = scrape_create(scrape, err);
    if (status != STATUS_OK)
        return status;
    scrape_own(*scrape, program->name);
    settings->render = render_scrape;
    settings->render_self = *scrape;
    return STATUS_OK;
}

int program_main(const struct program *program, int argc, char *const *argv)
{
    static char name[PROGRAM_NAME_MAX]; /* log lines refer to it until the very end */
    char usage[PROGRAM_USAGE_MAX];
    const struct options options = {.usage = usage, .about = program->about};
    struct daemon_settings settings = {0};
    struct daemon *daemon = NULL;
    struct scrape *scrape = NULL;
    struct error err = {.code = STATUS_OK};
    int exit_status = 0;
    enum status status;

    (void) snprintf(name, sizeof name, "xunfang-%s", program->name);
    (void) snprintf(usage, sizeof usage, "xunfang %s --bus URL --data DIR [--job NAME] [options]",
                    program->name);
    if (!daemon_parse(&options, argc, argv, &settings, &exit_status))
        return exit_status;
    status = open_scrape(program, &settings, &scrape, &err);
    if (status == STATUS_OK)
        status = daemon_start(name, &settings, &daemon, &err);
    if (status == STATUS_OK)
        status = run(program, daemon, &settings, &err);
    if (status != STATUS_OK)
        log_failure(LOG_ERROR, "this worker ends", &err);
    daemon_stop(daemon);
    scrape_destroy(scrape);
    /* What this build cannot do it cannot do at the next start either. */
    return daemon_exit_status(status == STATUS_UNSUPPORTED ? STATUS_USAGE : status);
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
    const struct owner_name owner = catalog_owner(role->run, map->stage->name);
    enum status status;

    options.output = role->topics[map->output].text;
    /* A replay reads its source's log up to its own generation; what came later is not its. */
    options.generations = catalog_generations(role->run);
    options.owner = owner.text;
    if (catalog_is_replay(role->run))
        options.run = role->run->run;
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
    struct owner_name owner;
    enum status status = open_store(role, fold, &options.store, err);

    if (status != STATUS_OK)
        return status;
    if (fold->per_run) {
        owner = catalog_owner(role->run, fold->stage->name);
        options.owner = owner.text;
    }
    options.onlooker = fold->onlooker && role->groups;
    options.skips = catalog_skips(role->catalog, fold->stage->name, &options.skip_count);
    status = worker_create_fold(fold->stage, fold->self, &options, &worker, err);
    if (status == STATUS_OK)
        status = daemon_run_worker(daemon, worker, err);
    worker_destroy(worker);
    store_close(options.store);
    return status;
}
