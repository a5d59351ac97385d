/* xunfang-crawler: the worker that fetches leases. */
#include "crawler/fetcher.h"
#include "study/program.h"

static enum status run_stage(struct daemon *daemon, struct role *role, struct fetcher *fetcher,
                             struct error *err)
{
    struct worker_options options = {.bus = role->bus,
                                     .clock = clock_system(),
                                     .inputs = role->inputs,
                                     .input_count = role->input_count};
    struct worker *worker = NULL;
    enum status status = worker_create_effect(&fetcher_stage, fetcher, &options, &worker, err);

    if (status == STATUS_OK) {
        fetcher_set_worker(fetcher, worker);
        status = daemon_run_worker(daemon, worker, err);
    }
    worker_destroy(worker);
    return status;
}

static enum status work(struct daemon *daemon, struct role *role, struct error *err)
{
    struct fetcher_options options = {.clock = clock_system(), .find_job = crawl_jobs_look};
    struct crawl_jobs *jobs = NULL;
    struct fetcher *fetcher = NULL;
    enum status status = role_take(role, TOPIC_LEASES, false, err);

    if (status == STATUS_OK)
        status = crawl_jobs_create(role, clock_system(), &jobs, err);
    options.self = jobs;
    if (status == STATUS_OK)
        status = fetcher_create(&options, &fetcher, err);
    if (status == STATUS_OK)
        status = run_stage(daemon, role, fetcher, err);
    fetcher_destroy(fetcher);
    crawl_jobs_destroy(jobs);
    return status;
}

int main(int argc, char **argv)
{
    static const struct program program = {
        .name = "crawler",
        .about =
            "Fetches what the frontier leases out, archives the pages, reads lists and articles.",
        .work = work,
        .reach = PROGRAM_CLUSTER};

    return program_main(&program, argc, argv);
}
