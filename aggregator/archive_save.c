/*
 * The logs go one after another, each in groups of SAVE_AT_ONCE partitions: a group's writers are
 * opened, the group is read up to the ends that stood when the log's turn came, the files are
 * closed and entered in the manifest. The manifest is written last, so a folder without it is known
 * to be unfinished.
 */
#include "aggregator/archive_save.h"

#include "aggregator/log_range.h"
#include "base/message.h"

#include <stdlib.h>
#include <string.h>

enum {
    SAVE_AT_ONCE = 16, /* partitions, each with a compressor of some MiB */
    SAVE_PATH_MAX = 8192,
    SAVE_MEMORY_MAX = 256 << 20,
};

struct saving {
    struct bus *bus;
    const char *job;
    struct output_folder *folder;
    struct archive_manifest *manifest;
    struct arena *arena; /* of one record */
    /* Is the record one of the job's? NULL: the whole log is its. */
    enum status (*ours)(struct saving *saving, const struct bus_record *bytes, bool *is,
                        struct error *err);
    struct archive_writer *writers[SAVE_AT_ONCE];
    uint64_t next[SAVE_AT_ONCE]; /* offset */
    uint32_t first;              /* partition of writers[0] */
};

/* ---- whose record ---- */

struct slice archive_control_job(const Xunfang__ControlRecord *control)
{
    struct slice topic;

    switch (control->kind_case) {
    case XUNFANG__CONTROL_RECORD__KIND_SUBMITTED:
        return slice_from(control->submitted->job);
    case XUNFANG__CONTROL_RECORD__KIND_SEEDED:
        return slice_from(control->seeded->job);
    case XUNFANG__CONTROL_RECORD__KIND_INGESTED:
        return slice_from(control->ingested->job);
    case XUNFANG__CONTROL_RECORD__KIND_SEALED:
        return slice_from(control->sealed->job);
    case XUNFANG__CONTROL_RECORD__KIND_COMMAND:
        return slice_from(control->command->job);
    case XUNFANG__CONTROL_RECORD__KIND_INGEST_BEGUN:
        return slice_from(control->ingest_begun->job);
    /* A topic of a job is JOB.…; one without a dot belongs to all jobs, and so does its skip. */
    case XUNFANG__CONTROL_RECORD__KIND_SKIP:
        topic = slice_from(control->skip->topic);
        return slice_contains(topic, SLICE(".")) ? slice_split(&topic, '.') : SLICE("");
    default:
        return SLICE("");
    }
}

/* Garbage is nobody's. An envelope that cannot be read names no job, so in the shared logs it is
 * left where it is; in the job's own logs nothing is decoded and garbage is saved as it stands. */
static enum status decode(struct saving *saving, const struct bus_record *bytes,
                          struct record *record, bool *is, struct error *err)
{
    enum status status;

    arena_reset(saving->arena);
    status = record_decode(bytes->value, saving->arena, record, err);
    *is = status == STATUS_OK;
    return status == STATUS_INVALID ? STATUS_OK : status;
}

static enum status our_url(struct saving *saving, const struct bus_record *bytes, bool *is,
                           struct error *err)
{
    struct record record;
    enum status status = decode(saving, bytes, &record, is, err);

    *is = *is && slice_equal(record.job, slice_from(saving->job));
    return status;
}

static enum status our_control(struct saving *saving, const struct bus_record *bytes, bool *is,
                               struct error *err)
{
    struct error cause = {.code = STATUS_OK};
    const Xunfang__ControlRecord *control;
    struct record record;
    enum status status = decode(saving, bytes, &record, is, err);

    if (status != STATUS_OK || !*is)
        return status;
    control =
        message_unpack(&xunfang__control_record__descriptor, record.payload, saving->arena, &cause);
    if (control == NULL && cause.code == STATUS_NOMEM)
        return error_set(err, STATUS_NOMEM, "%s", cause.message);
    *is = control != NULL && slice_equal(archive_control_job(control), slice_from(saving->job));
    return STATUS_OK;
}

/* ---- one log ---- */

/* What somebody else wrote there over the limit of our buses is garbage to every reader of ours. It
 * keeps its place, as garbage that a bus takes. */
static struct bus_record within_limit(const struct bus_record *bytes)
{
    struct bus_record kept = *bytes;

    if (bytes->key.size + bytes->value.size > BUS_RECORD_MAX)
        kept.key = kept.value = SLICE("");
    return kept;
}

/* The job's own logs must be whole from offset 0: seals, sources and skips name offsets, and a
 * restore can only count them up from the start. In the shared logs gaps are other jobs'
 * records. */
static enum status on_bytes(void *self, const struct log_place *place,
                            const struct bus_record *bytes, struct error *err)
{
    const struct bus_record kept = within_limit(bytes);
    struct saving *saving = self;
    uint32_t index = place->partition - saving->first;
    bool is = true;
    enum status status = STATUS_OK;

    if (saving->ours != NULL)
        status = saving->ours(saving, bytes, &is, err);
    else if (place->offset != saving->next[index]++)
        return error_set(err, STATUS_CORRUPT, "%s/%u: what stood before offset %llu is gone",
                         place->topic, place->partition, (unsigned long long) place->offset);
    if (status == STATUS_OK && is)
        status = archive_writer_put(saving->writers[index], &kept, err);
    return status == STATUS_OK ? STATUS_OK
                               : error_prefix(err, status, "%s/%u at %llu", place->topic,
                                              place->partition, (unsigned long long) place->offset);
}

static enum status open_writer(struct saving *saving, const char *topic, uint32_t partition,
                               struct error *err)
{
    uint32_t index = partition - saving->first;
    char name[ARCHIVE_NAME_MAX];
    struct buf path;
    enum status status;

    buf_init(&path, SAVE_PATH_MAX);
    saving->next[index] = 0;
    status = output_path(saving->folder, archive_name(topic, partition, name), &path, err);
    if (status == STATUS_OK)
        status = archive_writer_open(buf_text(&path), &saving->writers[index], err);
    buf_fini(&path);
    return status;
}

static enum status close_writers(struct saving *saving, const char *topic, struct error *err)
{
    enum status status = STATUS_OK;

    for (uint32_t i = 0; i < SAVE_AT_ONCE && status == STATUS_OK; i++) {
        struct archive_writer *writer = saving->writers[i];
        struct archive_digest digest;

        if (writer == NULL)
            continue;
        saving->writers[i] = NULL;
        status = archive_writer_close(writer, &digest, err);
        if (status == STATUS_OK)
            status = archive_manifest_add(saving->manifest, topic, saving->first + i, &digest, err);
    }
    return status;
}

/* Partitions [first, last) of the range. The part names all partitions, with end 0 for those that
 * are not its turn: these are not even opened. On failure the writers that are still open are
 * thrown away with the folder. */
static enum status save_part(struct saving *saving, const struct log_range *whole,
                             struct log_range *part, uint32_t last, struct error *err)
{
    const struct log_handler handler = {.on_bytes = on_bytes, .self = saving};
    enum status status = STATUS_OK;

    *part = (struct log_range){.topic = whole->topic, .partitions = whole->partitions};
    for (uint32_t i = saving->first; i < last && status == STATUS_OK; i++) {
        part->ends[i] = whole->ends[i];
        status = open_writer(saving, whole->topic, i, err);
    }
    if (status == STATUS_OK)
        status = log_range_read(saving->bus, part, &handler, err);
    if (status == STATUS_OK)
        status = close_writers(saving, whole->topic, err);
    for (uint32_t i = 0; i < SAVE_AT_ONCE; i++) {
        archive_writer_abort(saving->writers[i]);
        saving->writers[i] = NULL;
    }
    return status;
}

static enum status save_log(struct saving *saving, const char *topic, struct error *err)
{
    struct log_range *ranges = calloc(2, sizeof *ranges);
    enum status status;

    if (ranges == NULL)
        return error_set(err, STATUS_NOMEM, "no memory to read %s", topic);
    status = log_range_now(saving->bus, topic, &ranges[0], err);
    for (saving->first = 0; status == STATUS_OK && saving->first < ranges[0].partitions;
         saving->first += SAVE_AT_ONCE) {
        uint32_t last = saving->first + SAVE_AT_ONCE;
        status = save_part(saving, &ranges[0], &ranges[1],
                           last < ranges[0].partitions ? last : ranges[0].partitions, err);
    }
    free(ranges);
    return status;
}

/* ---- the job ---- */

/* A cancelled run counts as closed although it has no seal: nobody writes its logs any more.
 * Without that an archive would hold logs that still grow, cut at different moments. */
static enum status check_runs(const struct catalog *catalog, const char *job, struct error *err)
{
    size_t count = 0;

    for (size_t i = 0; i < catalog_run_count(catalog); i++) {
        const struct catalog_run *run = catalog_run_at(catalog, i);

        if (strcmp(run->job, job) != 0)
            continue;
        count += run->state != RUN_PURGED;
        if (run->sealed == NULL && run->state != RUN_CANCELLED && run->state != RUN_PURGED)
            return error_set(err, STATUS_INVALID,
                             "run '%s' of job '%s' is not complete: let it end, or cancel it",
                             run->run, job);
    }
    if (count == 0)
        return error_set(err, STATUS_NOT_FOUND, "no job '%s' with logs is known here", job);
    return STATUS_OK;
}

static enum status save_shared(struct saving *saving, enum topic_kind kind, struct error *err)
{
    struct topic_name name = topic_name(kind, NULL, NULL);
    enum status status;

    saving->ours = kind == TOPIC_URLS ? our_url : our_control;
    status = save_log(saving, name.text, err);
    saving->ours = NULL;
    return status;
}

/* Of a run that was purged there is nothing left. */
static enum status save_own(struct saving *saving, enum topic_kind kind, const char *run,
                            struct error *err)
{
    struct topic_name name = topic_name(kind, saving->job, run);
    uint32_t partitions;
    struct error cause;
    enum status status = bus_topic_partitions(saving->bus, name.text, &partitions, &cause);

    if (status == STATUS_NOT_FOUND)
        return STATUS_OK;
    if (status != STATUS_OK)
        return error_set(err, status, "%s", cause.message);
    return save_log(saving, name.text, err);
}

static enum status save_runs(struct saving *saving, const struct catalog *catalog,
                             struct error *err)
{
    static const enum topic_kind kinds[] = {TOPIC_DOCUMENTS, TOPIC_VISITS, TOPIC_REPORTS};
    enum status status = STATUS_OK;

    for (size_t i = 0; i < catalog_run_count(catalog); i++) {
        const struct catalog_run *run = catalog_run_at(catalog, i);

        for (size_t k = 0; k < sizeof kinds / sizeof kinds[0] && status == STATUS_OK; k++)
            if (strcmp(run->job, saving->job) == 0 && catalog_writes(run, kinds[k]))
                status = save_own(saving, kinds[k], run->run, err);
    }
    return status;
}

/* control first: every seal it holds was made of records that were in the logs by then, and logs
 * only grow. Read last, it could speak of a seal whose records came after the logs were copied. */
static enum status save_all(struct saving *saving, const struct catalog *catalog, struct error *err)
{
    enum status status = save_shared(saving, TOPIC_CONTROL, err);

    if (status == STATUS_OK)
        status = save_shared(saving, TOPIC_URLS, err);
    if (status == STATUS_OK)
        status = save_own(saving, TOPIC_PAGES, RUN_DEFAULT, err);
    if (status == STATUS_OK)
        status = save_own(saving, TOPIC_ANSWERS, RUN_DEFAULT, err);
    if (status == STATUS_OK)
        status = save_runs(saving, catalog, err);
    if (status == STATUS_OK)
        status = archive_manifest_write(saving->manifest, saving->folder, err);
    return status;
}

enum status archive_save(struct bus *bus, const char *job, const char *directory,
                         struct archive_manifest *manifest, struct error *err)
{
    struct saving saving = {.bus = bus, .job = job, .manifest = manifest};
    struct catalog *catalog = NULL;
    enum status status = topic_check_name("job", slice_from(job), err);

    if (status == STATUS_OK)
        status = catalog_open(bus, &catalog, err);
    if (status != STATUS_OK)
        return status;
    memcpy(manifest->job, job, strlen(job) + 1);
    saving.arena = arena_create(SAVE_MEMORY_MAX);
    status = saving.arena == NULL ? error_set(err, STATUS_NOMEM, "no memory for records")
                                  : check_runs(catalog, job, err);
    if (status == STATUS_OK)
        status = output_begin_new(directory, &saving.folder, err);
    if (status == STATUS_OK)
        status = save_all(&saving, catalog, err);
    if (status == STATUS_OK)
        status = output_commit(saving.folder, err);
    else
        output_abort(saving.folder);
    arena_destroy(saving.arena);
    catalog_close(catalog);
    return status;
}
