/*
 * archive_restore: a job from an archive onto a bus, whichever kind of bus it came from.
 *
 * Check   Every file is compared with its hash before anything is written; what is damaged or
 *         missing is named in `findings`, a line each, and the bus is left alone.
 * Job     Must not be known on the bus, nor ever have been purged there: STATUS_EXISTS. Logs of its
 *         name that nobody announced are what a restore left that did not come to its end; they
 *         are deleted and written anew.
 * Logs    The job's own logs get the same records at the same offsets. `urls` has other records,
 *         other offsets, maybe other partitions: the job's records go behind what is there, each
 *         key's in their order.
 * Seals   Are made anew in the order they were made: what lay before a seal in `urls` lies before
 *         it again, so reports read the same records.
 * Order   `control` speaks of the job after all its logs are acknowledged. Frontiers that run pass
 *         the job's URLs over while they do not know it, and a sealed job is nobody's work.
 */
#ifndef XUNFANG_AGGREGATOR_ARCHIVE_RESTORE_H
#define XUNFANG_AGGREGATOR_ARCHIVE_RESTORE_H

#include "aggregator/archive_manifest.h"

/* Fills `manifest`, which is initialised and empty. */
CHECKED enum status archive_restore(struct bus *bus, const char *directory,
                                    struct archive_manifest *manifest, struct buf *findings,
                                    struct error *err);

#endif
