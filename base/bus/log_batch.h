/*
 * log_batch: the bytes of a run of records, on the wire and in the log's store.
 *
 * Form     A record is the size of its key and of its value, four bytes each, big-endian, then key
 *          and value. Records follow each other, so runs can be put together and cut between
 *          records without being decoded.
 * Memory   Slices point into the bytes that are walked.
 */
#ifndef XUNFANG_BASE_BUS_LOG_BATCH_H
#define XUNFANG_BASE_BUS_LOG_BATCH_H

#include "base/bus/bus.h"
#include "base/util/buf.h"

enum { LOG_RECORD_HEAD = 8 };

/* Appends one record; failures stay in `batch`. */
void log_batch_put(struct buf *batch, struct slice key, struct slice value);
/* Bytes the record takes. */
size_t log_batch_size(struct slice key, struct slice value);
/* Cuts the first record off *rest; false, and nothing changed, at the end and at broken bytes. */
bool log_batch_next(struct slice *rest, struct slice *key, struct slice *value);
/* STATUS_INVALID unless these are exactly `count` (> 0) whole records, none over BUS_RECORD_MAX. */
CHECKED enum status log_batch_check(struct slice bytes, uint64_t count, struct error *err);
/* The bytes behind the first `count` records. */
struct slice log_batch_skip(struct slice bytes, uint64_t count);
/* How many bytes of whole records fit into `max`, and how many records that are. */
size_t log_batch_fit(struct slice bytes, size_t max, uint64_t *count);

#endif
