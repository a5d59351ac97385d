/*
 * archive_manifest: what an archive is made of: DIR/manifest.json and its own hash beside it.
 *
 * Manifest  {"archive":1,"program":VERSION,"job":NAME,"files":[{"name","topic","partition",
 *           "records","bytes","sha256"}…]}, a file a line, in the order they were written in:
 *           `control` first, then `urls`, then the job's own logs. A topic's files are its
 *           partitions, from 0 on, none left out.
 * Names     A file is called TOPIC-PARTITION.zst. What a manifest says else is refused: nobody's
 *           archive reads or writes outside its folder or another job's logs.
 * Hash      manifest.json.sha256, in the form of sha256sum(1): "HEX  manifest.json".
 * Check     archive_manifest_check reads every file and names each that is missing or differs.
 * Memory    The manifest owns its texts; archive_manifest_fini frees.
 */
#ifndef XUNFANG_AGGREGATOR_ARCHIVE_MANIFEST_H
#define XUNFANG_AGGREGATOR_ARCHIVE_MANIFEST_H

#include "aggregator/archive_file.h"
#include "aggregator/output_folder.h"
#include "aggregator/rows.h"
#include "study/topics.h"

enum {
    ARCHIVE_FORMAT = 1,
    ARCHIVE_FILES_MAX = 16384,
    ARCHIVE_NAME_MAX = BUS_TOPIC_MAX + 16,
    ARCHIVE_MANIFEST_MAX = 64 << 20,
};

struct archive_entry {
    struct topic_name topic;
    uint32_t partition;
    struct archive_digest digest;
};

struct archive_manifest {
    char job[NAME_MAX_SIZE + 1];
    struct rows entries; /* struct archive_entry */
};

void archive_manifest_init(struct archive_manifest *manifest);
void archive_manifest_fini(struct archive_manifest *manifest);

/* TOPIC-PARTITION.zst into `name`; returns `name`. */
const char *archive_name(const char *topic, uint32_t partition, char name[ARCHIVE_NAME_MAX]);
CHECKED enum status archive_manifest_add(struct archive_manifest *manifest, const char *topic,
                                         uint32_t partition, const struct archive_digest *digest,
                                         struct error *err);
/* The entry of a partition; NULL if there is none. */
const struct archive_entry *archive_manifest_find(const struct archive_manifest *manifest,
                                                  const char *topic, uint32_t partition);
/* How many partitions of a topic there are; 0: no such topic. */
uint32_t archive_manifest_partitions(const struct archive_manifest *manifest, const char *topic);

/* Both files into the folder. */
CHECKED enum status archive_manifest_write(const struct archive_manifest *manifest,
                                           struct output_folder *folder, struct error *err);
/* STATUS_NOT_FOUND: no archive, or one that was not finished; STATUS_CORRUPT: the manifest is not
 * what was written; STATUS_INVALID: it says what no archive says. */
CHECKED enum status archive_manifest_read(const char *directory, struct archive_manifest *manifest,
                                          struct error *err);
/* Appends a line for each file that is damaged or missing to `findings`; STATUS_CORRUPT if there
 * is one, and the error names the first. */
CHECKED enum status archive_manifest_check(const struct archive_manifest *manifest,
                                           const char *directory, struct buf *findings,
                                           struct error *err);

#endif
