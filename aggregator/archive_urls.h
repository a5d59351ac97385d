/*
 * archive_urls: the records of `urls` from an archive onto a bus, in portions that seals set.
 *
 * Seal    Holds one end for each partition the records came from. archive_urls_upto publishes what
 *         lay before those ends and is not published yet, waits for it, and notes where the
 *         partitions here end then: these are the ends of the new seal. Ends of seals that came
 *         later are never nearer; one that is counts as the one before.
 * Keys    Decide the partition here, so the count may be another than where the records came from;
 *         records of one key stay in their order.
 * Memory  archive_urls_close frees; NULL is fine. The manifest and the bus must outlive it.
 */
#ifndef XUNFANG_AGGREGATOR_ARCHIVE_URLS_H
#define XUNFANG_AGGREGATOR_ARCHIVE_URLS_H

#include "aggregator/archive_manifest.h"

/* An archive on its way onto a bus. */
struct archive_out {
    struct bus *bus;
    const char *directory;
    const struct archive_manifest *manifest;
};

CHECKED enum status archive_out_open(const struct archive_out *out,
                                     const struct archive_entry *entry,
                                     struct archive_reader **reader, struct error *err);
/* Waits for room in the bus's queue. */
CHECKED enum status archive_out_publish(const struct archive_out *out,
                                        const struct bus_message *message, struct error *err);
CHECKED enum status archive_out_flush(const struct archive_out *out, struct error *err);

struct archive_urls;

/* `partitions`: of urls on the bus. */
CHECKED enum status archive_urls_open(const struct archive_out *out, uint32_t partitions,
                                      struct archive_urls **urls, struct error *err);
void archive_urls_close(struct archive_urls *urls);
/* STATUS_CORRUPT: the seal has ends of other partitions than the archive. */
CHECKED enum status archive_urls_upto(struct archive_urls *urls, const uint64_t *ends, size_t count,
                                      struct error *err);
/* How many ends there are, and where they stand, until the next call. */
size_t archive_urls_ends(const struct archive_urls *urls, const uint64_t **ends);
/* What came after the last seal. */
CHECKED enum status archive_urls_rest(struct archive_urls *urls, struct error *err);

#endif
