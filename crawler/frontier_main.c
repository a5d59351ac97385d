/* xunfang-frontier: the worker that knows every request and grants leases. */
#include "crawler/frontier.h"
#include "study/program.h"

enum { STATE_MEMORY = 16 * 1024 * 1024 };

/* Has any of our hosts ever had a lease? */
static enum status leases_exist(struct role *role, bool *exist, struct error *err)
{
    enum status status = STATUS_OK;

    *exist = false;
    for (size_t i = 0; i < role->input_count && status == STATUS_OK; i++) {
        uint64_t end = 0;
        status = bus_end(role->bus, role->topics[TOPIC_LEASES].text, role->inputs[i].partition,
                         &end, err);
        *exist = *exist || end > 0;
    }
    return status;
}

static enum status work(struct daemon *daemon, struct role *role, struct error *err)
{
    struct frontier_options options = {
        .clock = clock_system(),
        .find_job = crawl_jobs_find,
        .sure = crawl_jobs_sure,
        .longest_timeout = crawl_jobs_longest_timeout,
        .partitions = catalog_url_partitions(role->catalog),
        .shared = role->groups,
    };
    struct program_fold fold = {.stage = &frontier_stage, .memory_bytes = STATE_MEMORY};
    struct crawl_jobs *jobs = NULL;
    struct frontier *frontier = NULL;
    enum status status = role_take(role, TOPIC_URLS, false, err);

    /* Where partitions move, their commits tell whether others acted before; alone only the log of
     * leases can tell that a state is not new but lost. */
    if (status == STATUS_OK && !options.shared)
        status = leases_exist(role, &options.leases_exist, err);
    if (status == STATUS_OK)
        status = crawl_jobs_create(role, clock_system(), &jobs, err);
    options.self = jobs;
    if (status == STATUS_OK)
        status = frontier_create(&options, &frontier, err);
    fold.self = frontier;
    if (status == STATUS_OK)
        status = program_run_fold(daemon, role, &fold, err);
    frontier_destroy(frontier);
    crawl_jobs_destroy(jobs);
    return status;
}

int main(int argc, char **argv)
{
    static const struct program program = {
        .name = "frontier",
        .about = "Knows every request of every job and decides which is sent when, and to whom.",
        .work = work,
        .reach = PROGRAM_CLUSTER};

    return program_main(&program, argc, argv);
}
