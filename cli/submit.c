/*
 * Each step is found in the log or done: submit_job runs the same way for a new job, for one that
 * was cut off halfway, and for one that is complete. The order makes every prefix harmless: a run
 * that `control` names has its logs, and only a run with all its seeds is called seeded.
 */
#include "cli/submit.h"

#include "base/message.h"
#include "base/publish.h"
#include "base/util/map.h"
#include "cli/submit_run.h"
#include "study/request.h"
#include "study/seeds.h"

enum {
    SUBMIT_FLUSH_MS = 30000,
    SUBMIT_RECORD_MAX = 256 * 1024,
    /* One seed's request at a time; the arena is reset between them. */
    SUBMIT_SEED_MEMORY = 1024 * 1024,
};

static enum status announce_cluster(struct bus *bus, const struct catalog *catalog,
                                    const struct submit_options *options, struct error *err)
{
    Xunfang__Cluster cluster = XUNFANG__CLUSTER__INIT;
    Xunfang__ControlRecord record = XUNFANG__CONTROL_RECORD__INIT;

    /* Decided once for the bus: the number of partitions maps hosts to logs, so it can never
     * change. */
    if (catalog_url_partitions(catalog) > 0)
        return STATUS_OK;
    cluster.url_partitions = options->url_partitions;
    record.kind_case = XUNFANG__CONTROL_RECORD__KIND_CLUSTER;
    record.cluster = &cluster;
    return catalog_announce(bus, &record, err);
}

static enum status create_topics(struct bus *bus, const struct catalog *catalog, const char *job,
                                 const struct submit_run *run, struct error *err)
{
    static const enum topic_kind cluster_kinds[] = {TOPIC_URLS, TOPIC_LEASES};
    enum status status = STATUS_OK;

    for (size_t i = 0; i < sizeof cluster_kinds / sizeof cluster_kinds[0]; i++) {
        struct topic_name name = topic_name(cluster_kinds[i], NULL, NULL);
        if (status == STATUS_OK)
            status = bus_topic_create(bus, name.text, catalog_url_partitions(catalog), err);
    }
    return status == STATUS_OK ? submit_create_logs(bus, job, run, err) : status;
}

struct seeding {
    const struct study *study;
    struct publish_target target;
    struct arena *arena;
    struct map *ids; /* of the seeds so far: two lists may share one request */
};

/* The Link of one list's first page. */
static enum status publish_seed(struct seeding *seeding, uint32_t list, struct error *err)
{
    Xunfang__Link link = XUNFANG__LINK__INIT;
    Xunfang__UrlRecord url = XUNFANG__URL_RECORD__INIT;
    struct record record = {.schema = RECORD_SCHEMA, .job = seeding->study->job.name};
    enum status status;

    arena_reset(seeding->arena);
    status = seeds_request(seeding->study, &(struct seeds_page){.list = list}, seeding->arena,
                           &link.request, err);
    if (status != STATUS_OK)
        return status;
    url.kind_case = XUNFANG__URL_RECORD__KIND_LINK;
    url.link = &link;
    record.id = request_id(link.request);
    /* The host decides the partition: all that is asked of a host meets in one frontier, and so one
     * clock. */
    record.key = request_host(slice_from(link.request->url));
    record.payload = message_pack_arena(&url.base, seeding->arena);
    if (record.payload.data == NULL ||
        map_put(seeding->ids, id_slice(&record.id), seeding) != STATUS_OK)
        return error_set(err, STATUS_NOMEM, "no memory for a seed");
    return publish_record(&seeding->target, &record, err);
}

/* *count: distinct seeds. */
static enum status publish_seeds(struct bus *bus, const struct study *study,
                                 uint32_t url_partitions, uint64_t *count, struct error *err)
{
    struct topic_name urls = topic_name(TOPIC_URLS, NULL, NULL);
    struct buf scratch;
    struct seeding seeding = {.study = study,
                              .target = {bus, urls.text, url_partitions, &scratch},
                              .arena = arena_create(SUBMIT_SEED_MEMORY),
                              .ids = map_create()};
    enum status status = STATUS_OK;

    buf_init(&scratch, SUBMIT_RECORD_MAX);
    if (seeding.arena == NULL || seeding.ids == NULL)
        status = error_set(err, STATUS_NOMEM, "no memory for the seeds");
    for (size_t i = 0; i < study->list_count && status == STATUS_OK; i++)
        status = publish_seed(&seeding, (uint32_t) i, err);
    if (status == STATUS_OK)
        /* All seeds are acknowledged before JobSeeded says so: the seal counts on every list being
         * there. */
        status = bus_flush(bus, SUBMIT_FLUSH_MS, err);
    if (status == STATUS_OK)
        /* Distinct ones: two lists with one request are one URL to the frontier. */
        *count = map_size(seeding.ids);
    buf_fini(&scratch);
    map_destroy(seeding.ids);
    arena_destroy(seeding.arena);
    return status;
}

static enum status announce_seeded(struct bus *bus, const struct catalog_run *run, uint64_t count,
                                   struct error *err)
{
    Xunfang__JobSeeded seeded = XUNFANG__JOB_SEEDED__INIT;
    Xunfang__ControlRecord record = XUNFANG__CONTROL_RECORD__INIT;

    seeded.job = (char *) (uintptr_t) run->job;
    seeded.run = (char *) (uintptr_t) run->run;
    seeded.seeds = count;
    record.kind_case = XUNFANG__CONTROL_RECORD__KIND_SEEDED;
    record.seeded = &seeded;
    return catalog_announce(bus, &record, err);
}

/* A run that can still be worked on, or none; a name that was purged is never given again. */
static enum status check_name(const struct catalog *catalog, const char *job,
                              const struct catalog_run *found, struct error *err)
{
    if (catalog_purged(catalog, job) || (found != NULL && found->state == RUN_PURGED))
        return error_set(err, STATUS_INVALID,
                         "job '%s' was purged here, and its name is never given again, since the "
                         "frontier still knows its URLs; give the job another name",
                         job);
    if (found != NULL && found->state == RUN_CANCELLED)
        return error_set(err, STATUS_INVALID,
                         "job '%s' was cancelled, for good; give the job another name", job);
    if (found != NULL && catalog_is_replay(found))
        return error_set(err, STATUS_USAGE,
                         "run '%s' of job '%s' is a replay: `xunfang replay` goes on with it",
                         found->run, job);
    return STATUS_OK;
}

/* Logs and job on the bus, or the same job found there. */
static enum status enter_job(struct bus *bus, struct catalog *catalog, const struct study *study,
                             const struct submit_options *options, struct error *err)
{
    const char *job = study->job.name.data;
    const struct catalog_run *found = catalog_find(catalog, job, options->run);
    /* A run that stands there keeps its number of partitions, whatever the options say now. */
    const struct submit_run run = {.run = options->run,
                                   .partitions = found == NULL ? options->partitions
                                                               : found->submitted->partitions,
                                   .pages_run = "",
                                   .documents_run = "",
                                   .visits_run = "",
                                   .reports_run = ""};
    enum status status = check_name(catalog, job, found, err);

    if (status == STATUS_OK)
        status = create_topics(bus, catalog, job, &run, err);
    if (status == STATUS_OK && found == NULL) {
        status = submit_announce(bus, study, &run, err);
        if (status == STATUS_OK)
            status = catalog_refresh(catalog, 0, err);
    }
    if (status != STATUS_OK)
        return status;
    /* Looked at after our own word too: of two submissions at once the first counts. */
    found = catalog_find(catalog, job, options->run);
    if (found == NULL)
        return error_set(err, STATUS_LIMIT, "no room for job '%s': %d runs are known here", job,
                         CATALOG_RUNS_MAX);
    return submit_check_files(found, study, err);
}

enum status submit_job(struct bus *bus, const struct study *study,
                       const struct submit_options *options, struct error *err)
{
    struct catalog *catalog = NULL;
    const struct catalog_run *run;
    uint64_t seeds = 0;
    enum status status = topic_check_name("run", slice_from(options->run), err);

    if (status == STATUS_OK)
        status = topic_check_name("job", study->job.name, err);
    if (status == STATUS_OK)
        status = catalog_open(bus, &catalog, err);
    if (status == STATUS_OK)
        /* Two first submissions at once: the catalogue read back has the first word, and both go by
         * it. */
        status = announce_cluster(bus, catalog, options, err);
    if (status == STATUS_OK)
        status = catalog_refresh(catalog, 0, err);
    if (status == STATUS_OK)
        status = enter_job(bus, catalog, study, options, err);
    if (status != STATUS_OK)
        goto out;
    run = catalog_find(catalog, study->job.name.data, options->run);
    ENSURE(run != NULL);
    /* Only here: of a run that is named but not seeded, the seeds may all be in the log but for the
     * word that says so. They are sent again, with the same ids. */
    if (run->seeded)
        goto out;
    status = publish_seeds(bus, study, catalog_url_partitions(catalog), &seeds, err);
    if (status == STATUS_OK)
        status = announce_seeded(bus, run, seeds, err);
out:
    catalog_close(catalog);
    return status;
}
