#include "aggregator/archive_urls.h"

#include "base/util/clock.h"

#include <stdio.h>
#include <stdlib.h>

enum { PATH_SIZE_MAX = 8192, STEP_MS = 100, WAIT_MS = 60 * 1000 };

struct archive_urls {
    struct archive_out out;
    uint32_t from;       /* partitions of the archive */
    uint32_t partitions; /* of the bus */
    uint64_t *done;      /* by partition of the archive: published up to this offset */
    uint64_t *ends;      /* by partition of the bus, after the last portion */
};

/* ---- an archive on its way ---- */

enum status archive_out_open(const struct archive_out *out, const struct archive_entry *entry,
                             struct archive_reader **reader, struct error *err)
{
    char path[PATH_SIZE_MAX], name[ARCHIVE_NAME_MAX];

    (void) snprintf(path, sizeof path, "%s/%s", out->directory,
                    archive_name(entry->topic.text, entry->partition, name));
    return archive_reader_open(path, reader, err);
}

enum status archive_out_publish(const struct archive_out *out, const struct bus_message *message,
                                struct error *err)
{
    int64_t end_ms = clock_mono_ms(clock_system()) + WAIT_MS;
    enum status status = bus_publish(out->bus, message, NULL, err);

    while (status == STATUS_AGAIN && clock_mono_ms(clock_system()) < end_ms) {
        status = bus_step(out->bus, STEP_MS, err);
        if (status == STATUS_OK)
            status = bus_publish(out->bus, message, NULL, err);
    }
    return status;
}

enum status archive_out_flush(const struct archive_out *out, struct error *err)
{
    return bus_flush(out->bus, WAIT_MS, err);
}

/* ---- portions ---- */

enum status archive_urls_open(const struct archive_out *out, uint32_t partitions,
                              struct archive_urls **result, struct error *err)
{
    struct archive_urls *urls = calloc(1, sizeof *urls);

    if (urls == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for urls");
    urls->out = *out;
    urls->from = archive_manifest_partitions(out->manifest, "urls");
    urls->partitions = partitions;
    urls->done = calloc(urls->from, sizeof *urls->done);
    urls->ends = calloc(partitions, sizeof *urls->ends);
    if (urls->done == NULL || urls->ends == NULL) {
        archive_urls_close(urls);
        return error_set(err, STATUS_NOMEM, "no memory for urls");
    }
    *result = urls;
    return STATUS_OK;
}

void archive_urls_close(struct archive_urls *urls)
{
    if (urls == NULL)
        return;
    free(urls->done);
    free(urls->ends);
    free(urls);
}

/* The key decides, as it did when the record was first written: whatever the number of partitions
 * here, all records of a request meet in one, in their order. */
static enum status publish_one(struct archive_urls *urls, const struct bus_record *record,
                               struct error *err)
{
    struct bus_message message = {"urls", partition_of(record->key, urls->partitions), record->key,
                                  record->value};

    return archive_out_publish(&urls->out, &message, err);
}

/* Seals are few, so the file is read from its beginning each time. */
static enum status publish_upto(struct archive_urls *urls, uint32_t partition, uint64_t end,
                                struct error *err)
{
    const struct archive_entry *entry =
        archive_manifest_find(urls->out.manifest, "urls", partition);
    struct archive_reader *reader;
    struct bus_record record;
    bool more = true;
    enum status status;

    /* An earlier portion reached as far: seals of several runs may name the same place. */
    if (end <= urls->done[partition])
        return STATUS_OK;
    status = archive_out_open(&urls->out, entry, &reader, err);
    if (status != STATUS_OK)
        return status;
    while (status == STATUS_OK) {
        status = archive_reader_next(reader, &record, &more, err);
        if (status != STATUS_OK || !more || record.offset >= end)
            break;
        if (record.offset >= urls->done[partition])
            status = publish_one(urls, &record, err);
    }
    archive_reader_close(reader);
    if (status == STATUS_OK)
        urls->done[partition] = end;
    return status;
}

/* Flushed before the ends are asked for: a record on its way would lie behind the seal that must
 * cover it. */
enum status archive_urls_upto(struct archive_urls *urls, const uint64_t *ends, size_t count,
                              struct error *err)
{
    enum status status = STATUS_OK;

    if (count != urls->from)
        return error_set(err, STATUS_CORRUPT, "a seal over %zu partitions of urls: there are %u",
                         count, urls->from);
    for (uint32_t i = 0; i < urls->from && status == STATUS_OK; i++)
        status = publish_upto(urls, i, ends[i], err);
    if (status == STATUS_OK)
        status = archive_out_flush(&urls->out, err);
    /* Other jobs may write to urls at the same time. Their records within the range do no harm:
     * readers of a job pass over what is not its own. */
    for (uint32_t i = 0; i < urls->partitions && status == STATUS_OK; i++)
        status = bus_end(urls->out.bus, "urls", i, &urls->ends[i], err);
    return status;
}

size_t archive_urls_ends(const struct archive_urls *urls, const uint64_t **ends)
{
    *ends = urls->ends;
    return urls->partitions;
}

enum status archive_urls_rest(struct archive_urls *urls, struct error *err)
{
    enum status status = STATUS_OK;

    for (uint32_t i = 0; i < urls->from && status == STATUS_OK; i++)
        status = publish_upto(urls, i, UINT64_MAX, err);
    return status == STATUS_OK ? archive_out_flush(&urls->out, err) : status;
}
