/*
 * archive_file: one file of an archive: the records of one partition, as they stood in the log.
 *
 * Format   A zstd stream (RFC 8878, with its checksum). In it, record after record, a head of 16
 *          bytes (size of the key, uint32; size of the value, uint32; offset in the log it was
 *          taken from, uint64; little-endian), then the key, then the value.
 * Digest   SHA-256 of the file as it lies on the disk, and how long it is.
 * Damage   What is cut off, garbled or too large is STATUS_CORRUPT with the file's path; a full
 *          disk is STATUS_DISK_FULL.
 * Memory   A reader's record lives until the next call. One owner each; closing frees.
 */
#ifndef XUNFANG_AGGREGATOR_ARCHIVE_FILE_H
#define XUNFANG_AGGREGATOR_ARCHIVE_FILE_H

#include "base/bus/bus.h"
#include "base/util/hash.h"

struct archive_digest {
    uint64_t bytes;
    uint64_t records; /* of a file that was written here; 0 otherwise */
    unsigned char sha256[SHA256_SIZE];
};

struct archive_writer;

/* The file must not exist. */
CHECKED enum status archive_writer_open(const char *path, struct archive_writer **writer,
                                        struct error *err);
CHECKED enum status archive_writer_put(struct archive_writer *writer,
                                       const struct bus_record *record, struct error *err);
/* On the disk when it returns STATUS_OK; frees the writer in any case. */
CHECKED enum status archive_writer_close(struct archive_writer *writer,
                                         struct archive_digest *digest, struct error *err);
/* Frees it; the file is not finished. NULL is fine. */
void archive_writer_abort(struct archive_writer *writer);

/* Reads the whole file. STATUS_NOT_FOUND: there is none. */
CHECKED enum status archive_file_digest(const char *path, struct archive_digest *digest,
                                        struct error *err);

struct archive_reader;

CHECKED enum status archive_reader_open(const char *path, struct archive_reader **reader,
                                        struct error *err);
/* The next record; *more is false, and the record untouched, at the end. */
CHECKED enum status archive_reader_next(struct archive_reader *reader, struct bus_record *record,
                                        bool *more, struct error *err);
/* NULL is fine. */
void archive_reader_close(struct archive_reader *reader);

#endif
