/*
 * bus_kafka_share: what the thread of a reader and the threads of librdkafka tell each other: which
 * partitions have records, which were granted or are asked back, and what went wrong.
 *
 * Grants   A partition that the group gives is `granted` with the place to begin at; the reader
 *          hears of it once, by share_next. One that the group wants back is `recalled`: the
 *          reader hears of that, may commit a last time, and has let go of it with the share_next
 *          after that. Whoever recalled waits for it, within limits, and then `forfeits`: from
 *          there on commits of it are refused, whatever the reader has heard so far.
 * Commits  stand between share_commit_begin and share_commit_end; nothing is forfeited in between.
 *          So a commit never reaches the group under a grant that is not the one it was made for.
 * Merging  A grant that the reader never heard of is taken back without a word, so that what waits
 *          for the reader is bounded, however often the group changes its mind.
 * Threads  Every function may be called from any thread; one mutex, never held during a call of
 *          librdkafka.
 */
#ifndef XUNFANG_BASE_BUS_BUS_KAFKA_SHARE_H
#define XUNFANG_BASE_BUS_BUS_KAFKA_SHARE_H

#include "base/bus/bus.h"

struct kafka_share;

struct kafka_grant {
    uint64_t offset;
    uint64_t end;
    char metadata[BUS_METADATA_MAX];
    size_t metadata_size;
};

struct kafka_news {
    enum bus_event_kind kind; /* ASSIGNED or REVOKED */
    size_t index;
    struct kafka_grant grant; /* ASSIGNED */
    bool more;                /* news wait */
};

/* For partitions 0 … count - 1; NULL when memory is out. */
struct kafka_share *kafka_share_create(size_t count);
void kafka_share_destroy(struct kafka_share *share);

/* ---- from librdkafka's side ---- */

void kafka_share_arrived(struct kafka_share *share, size_t index);
/* `count` of them at once, so that the reader knows when it has heard of all. */
void kafka_share_grant(struct kafka_share *share, const size_t *indexes,
                       const struct kafka_grant *grants, size_t count);
/* Recalls everything granted. */
void kafka_share_recall(struct kafka_share *share);
/* Waits until the reader has let go of what was recalled; false: not within `timeout_ms`, or the
 * reader is closing. */
bool kafka_share_await(struct kafka_share *share, int64_t timeout_ms);
/* Takes what was recalled, after the commit that may be under way. */
void kafka_share_forfeit(struct kafka_share *share);
/* The first failure stays. */
void kafka_share_fail(struct kafka_share *share, enum status status, const char *text);

/* ---- from the reader's side ---- */

/* The next change of ownership; false: none. STATUS_… of a failure is in *err. */
CHECKED enum status kafka_share_next(struct kafka_share *share, struct kafka_news *news, bool *any,
                                     struct error *err);
/* Have records arrived since the last call? */
bool kafka_share_take_arrived(struct kafka_share *share, size_t index);
/* Waits until something happens, or has happened since the last wait. */
void kafka_share_wait(struct kafka_share *share, int64_t timeout_ms);
/* False: the partition is not ours, or not by the grant that the reader knows. */
bool kafka_share_commit_begin(struct kafka_share *share, size_t index);
void kafka_share_commit_end(struct kafka_share *share);
/* Nobody waits for the reader any more. */
void kafka_share_close(struct kafka_share *share);

#endif
