/*
 * control of the archive is read once, record by record, and only kept. At each seal the job's part
 * of urls before it is published and the seal gets the ends that result. When everything else is
 * acknowledged, the kept records go out: before that the bus knows nothing of the job, and a
 * restore that dies leaves logs without a job, which the next one deletes, and records in urls,
 * which it repeats.
 */
#include "aggregator/archive_restore.h"

#include "aggregator/archive_urls.h"
#include "base/message.h"
#include "base/record.h"
#include "study/catalog.h"

#include <stdio.h>
#include <string.h>

enum { RESTORE_MEMORY_MAX = 512 << 20 };

struct restoring {
    struct archive_out out;
    struct catalog *catalog;
    struct archive_urls *urls;
    struct arena *arena;
    struct rows control; /* struct bus_record, in the arena, as they will be published */
};

/* ---- the job's own logs ---- */

/* What a restore left behind that was cut off has no job, and must not mix with ours. */
static enum status make_topic(struct restoring *restoring, const char *topic, struct error *err)
{
    struct bus *bus = restoring->out.bus;
    uint32_t partitions;
    enum status status = bus_topic_partitions(bus, topic, &partitions, err);

    if (status == STATUS_OK)
        status = bus_topic_delete(bus, topic, err);
    if (status != STATUS_OK && status != STATUS_NOT_FOUND)
        return status;
    return bus_topic_create(bus, topic, archive_manifest_partitions(restoring->out.manifest, topic),
                            err);
}

static enum status restore_partition(struct restoring *restoring, const struct archive_entry *entry,
                                     struct error *err)
{
    struct bus_message message = {.topic = entry->topic.text, .partition = entry->partition};
    struct archive_reader *reader;
    struct bus_record record;
    uint64_t next = 0;
    bool more = true;
    enum status status = archive_out_open(&restoring->out, entry, &reader, err);

    if (status != STATUS_OK)
        return status;
    while (status == STATUS_OK) {
        status = archive_reader_next(reader, &record, &more, err);
        if (status != STATUS_OK || !more)
            break;
        /* Offsets cannot be chosen on a bus, only counted: a gap would shift everything behind it,
         * and what seals and sources name would be another record. */
        if (record.offset != next++)
            status = error_set(err, STATUS_CORRUPT, "offset %llu comes out of turn",
                               (unsigned long long) record.offset);
        message.key = record.key;
        message.value = record.value;
        if (status == STATUS_OK)
            status = archive_out_publish(&restoring->out, &message, err);
    }
    archive_reader_close(reader);
    return status;
}

/* The other half of that promise: nobody else appended between our records. */
static enum status check_end(struct restoring *restoring, const struct archive_entry *entry,
                             struct error *err)
{
    uint64_t end;
    enum status status =
        bus_end(restoring->out.bus, entry->topic.text, entry->partition, &end, err);

    if (status == STATUS_OK && end != entry->digest.records)
        return error_set(err, STATUS_CORRUPT,
                         "%s/%u ends at %llu with %llu records: somebody else writes there",
                         entry->topic.text, entry->partition, (unsigned long long) end,
                         (unsigned long long) entry->digest.records);
    return status;
}

/* A job's topics are JOB.KIND or JOB.RUN.KIND; job names have no dot. */
static bool is_shared(const struct archive_entry *entry)
{
    return strchr(entry->topic.text, '.') == NULL;
}

static enum status for_own(struct restoring *restoring,
                           enum status (*act)(struct restoring *restoring,
                                              const struct archive_entry *entry, struct error *err),
                           struct error *err)
{
    const struct rows *entries = &restoring->out.manifest->entries;
    enum status status = STATUS_OK;

    for (size_t i = 0; i < entries->count && status == STATUS_OK; i++)
        if (!is_shared(rows_at(entries, i)))
            status = act(restoring, rows_at(entries, i), err);
    return status;
}

static enum status make_first(struct restoring *restoring, const struct archive_entry *entry,
                              struct error *err)
{
    return entry->partition == 0 ? make_topic(restoring, entry->topic.text, err) : STATUS_OK;
}

/* All topics first, so that no partition is filled while an old topic of the name still stands. */
static enum status restore_logs(struct restoring *restoring, struct error *err)
{
    enum status status = for_own(restoring, make_first, err);

    if (status == STATUS_OK)
        status = for_own(restoring, restore_partition, err);
    if (status == STATUS_OK)
        status = archive_out_flush(&restoring->out, err);
    return status == STATUS_OK ? for_own(restoring, check_end, err) : status;
}

/* ---- control ---- */

static enum status keep(struct restoring *restoring, struct slice key, struct slice value,
                        struct error *err)
{
    struct bus_record *kept = rows_add(&restoring->control);

    if (kept == NULL)
        return rows_status(&restoring->control, "records of control", err);
    kept->key = arena_copy(restoring->arena, key);
    kept->value = arena_copy(restoring->arena, value);
    if (kept->key.data == NULL || kept->value.data == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for control");
    return STATUS_OK;
}

static Xunfang__SealedRange *urls_of(Xunfang__Sealed *sealed)
{
    struct topic_name urls = topic_name(TOPIC_URLS, NULL, NULL);

    for (size_t i = 0; i < sealed->n_ranges; i++)
        if (strcmp(sealed->ranges[i]->topic, urls.text) == 0)
            return sealed->ranges[i];
    return NULL;
}

/* Everything else in the seal, fields of a newer version too, stays. */
static enum status keep_seal(struct restoring *restoring, struct record *record,
                             Xunfang__ControlRecord *control, struct error *err)
{
    Xunfang__SealedRange *range = urls_of(control->sealed);
    const uint64_t *ends;
    struct buf value;
    enum status status;

    if (range == NULL)
        return error_set(err, STATUS_CORRUPT, "a seal without the range of urls");
    status = archive_urls_upto(restoring->urls, range->ends, range->n_ends, err);
    if (status != STATUS_OK)
        return status;
    range->n_ends = archive_urls_ends(restoring->urls, &ends);
    range->ends = arena_array(restoring->arena, range->n_ends, sizeof *ends);
    if (range->ends == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for a seal");
    memcpy(range->ends, ends, range->n_ends * sizeof *ends);
    record->payload = message_pack_arena(&control->base, restoring->arena);
    if (record->payload.data == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for a seal");
    buf_init(&value, BUS_RECORD_MAX);
    status = record_encode(record, &value, err);
    if (status == STATUS_OK)
        status = keep(restoring, record->key, buf_slice(&value), err);
    buf_fini(&value);
    return status;
}

/* A record that is no seal goes back byte for byte: unpacking and packing would be harmless only as
 * long as no field is lost. */
static enum status take_control(struct restoring *restoring, const struct bus_record *bytes,
                                struct error *err)
{
    struct slice value = arena_copy(restoring->arena, bytes->value);
    Xunfang__ControlRecord *control;
    struct record record;
    enum status status;

    if (value.data == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for control");
    status = record_decode(value, restoring->arena, &record, err);
    if (status != STATUS_OK)
        return status;
    control =
        message_unpack(&xunfang__control_record__descriptor, record.payload, restoring->arena, err);
    if (control == NULL)
        return STATUS_CORRUPT;
    if (control->kind_case == XUNFANG__CONTROL_RECORD__KIND_SEALED)
        return keep_seal(restoring, &record, control, err);
    return keep(restoring, bytes->key, bytes->value, err);
}

/* urls is written on the way, seal by seal; control itself is only kept. */
static enum status read_control(struct restoring *restoring, struct error *err)
{
    const struct archive_entry *entry =
        archive_manifest_find(restoring->out.manifest, "control", 0);
    struct archive_reader *reader;
    struct bus_record bytes;
    bool more = true;
    enum status status = archive_out_open(&restoring->out, entry, &reader, err);

    if (status != STATUS_OK)
        return status;
    while (status == STATUS_OK) {
        status = archive_reader_next(reader, &bytes, &more, err);
        if (status != STATUS_OK || !more)
            break;
        status = take_control(restoring, &bytes, err);
    }
    archive_reader_close(reader);
    return status;
}

static enum status publish_control(struct restoring *restoring, struct error *err)
{
    struct topic_name control = topic_name(TOPIC_CONTROL, NULL, NULL);
    enum status status = STATUS_OK;

    for (size_t i = 0; i < restoring->control.count && status == STATUS_OK; i++) {
        const struct bus_record *kept = rows_at(&restoring->control, i);
        struct bus_message message = {control.text, 0, kept->key, kept->value};

        status = archive_out_publish(&restoring->out, &message, err);
    }
    return status == STATUS_OK ? archive_out_flush(&restoring->out, err) : status;
}

/* ---- the bus ---- */

/* A purged job's records stay in urls, and frontiers that know them would take the new ones for
 * repeats (docs/decisions/0014). */
static enum status check_unknown(const struct catalog *catalog, const char *job, struct error *err)
{
    if (catalog_purged(catalog, job))
        return error_set(err, STATUS_EXISTS, "job '%s' was purged here: its name is taken for good",
                         job);
    for (size_t i = 0; i < catalog_run_count(catalog); i++)
        if (strcmp(catalog_run_at(catalog, i)->job, job) == 0)
            return error_set(err, STATUS_EXISTS, "job '%s' is known here already", job);
    return STATUS_OK;
}

/* On a bus that never had a job the archive says how many partitions urls gets. */
static enum status found_cluster(struct restoring *restoring, struct error *err)
{
    Xunfang__Cluster cluster = XUNFANG__CLUSTER__INIT;
    Xunfang__ControlRecord record = XUNFANG__CONTROL_RECORD__INIT;
    enum status status;

    if (catalog_url_partitions(restoring->catalog) > 0)
        return STATUS_OK;
    cluster.url_partitions = archive_manifest_partitions(restoring->out.manifest, "urls");
    record.kind_case = XUNFANG__CONTROL_RECORD__KIND_CLUSTER;
    record.cluster = &cluster;
    status = catalog_announce(restoring->out.bus, &record, err);
    return status == STATUS_OK ? catalog_refresh(restoring->catalog, 0, err) : status;
}

/* leases too, though the archive has none: the two have the same partitions. */
static enum status make_shared(struct restoring *restoring, struct error *err)
{
    static const enum topic_kind kinds[] = {TOPIC_URLS, TOPIC_LEASES};
    enum status status = found_cluster(restoring, err);

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0] && status == STATUS_OK; i++) {
        struct topic_name name = topic_name(kinds[i], NULL, NULL);
        status = bus_topic_create(restoring->out.bus, name.text,
                                  catalog_url_partitions(restoring->catalog), err);
    }
    return status;
}

static enum status restore(struct restoring *restoring, struct error *err)
{
    enum status status = check_unknown(restoring->catalog, restoring->out.manifest->job, err);

    if (status == STATUS_OK)
        status = make_shared(restoring, err);
    if (status == STATUS_OK)
        status = restore_logs(restoring, err);
    if (status == STATUS_OK)
        status = archive_urls_open(&restoring->out, catalog_url_partitions(restoring->catalog),
                                   &restoring->urls, err);
    if (status == STATUS_OK)
        status = read_control(restoring, err);
    if (status == STATUS_OK)
        status = archive_urls_rest(restoring->urls, err);
    if (status == STATUS_OK)
        status = publish_control(restoring, err);
    return status;
}

enum status archive_restore(struct bus *bus, const char *directory,
                            struct archive_manifest *manifest, struct buf *findings,
                            struct error *err)
{
    enum { CONTROL_MAX = 1 << 20 };
    struct restoring restoring = {.out = {bus, directory, manifest}};
    enum status status = archive_manifest_read(directory, manifest, err);

    rows_init(&restoring.control, sizeof(struct bus_record), CONTROL_MAX);
    if (status == STATUS_OK)
        status = archive_manifest_check(manifest, directory, findings, err);
    if (status != STATUS_OK)
        return status;
    restoring.arena = arena_create(RESTORE_MEMORY_MAX);
    status = restoring.arena == NULL ? error_set(err, STATUS_NOMEM, "no memory for an archive")
                                     : catalog_open(bus, &restoring.catalog, err);
    if (status == STATUS_OK)
        status = restore(&restoring, err);
    archive_urls_close(restoring.urls);
    catalog_close(restoring.catalog);
    rows_fini(&restoring.control);
    arena_destroy(restoring.arena);
    return status;
}
