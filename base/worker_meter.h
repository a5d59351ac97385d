/*
 * worker_meter: the metrics of one stage. Private to the worker.
 *
 * Families xunfang_stage_records, _outcomes (by outcome and reason), _retries, _commits,
 * _takeovers, _lag, _handler_seconds; xunfang_fold_rebuilds, _replayed, _replay_rate. All have the
 * label `stage`.
 * Reason   The code before ':' of an outcome's reason, so the number of series stays small; "" for
 *          passed. Families have their own limit on top (base/metrics.h).
 * Dead     Also told in the log, with position and reason: somebody should look.
 */
#ifndef XUNFANG_BASE_WORKER_METER_H
#define XUNFANG_BASE_WORKER_METER_H

#include "base/metrics.h"
#include "base/record.h"

struct meter {
    const char *stage;
    struct metric *records;
    struct metric *passed; /* outcome passed: by far the most frequent */
    struct metric *retries;
    struct metric *commits;
    struct metric *takeovers;
    struct metric *lag;
    struct metric *seconds;
    struct metric *rebuilds;
    struct metric *replayed;
    struct metric *replay_rate;
};

/* `stage` must outlive the meter. */
void meter_init(struct meter *meter, const char *stage);
void meter_outcome(const struct meter *meter, enum outcome outcome, struct slice reason);
/* Counts a dead record and warns. */
void meter_dead(const struct meter *meter, struct record_source position, struct slice reason);
/* A partition was not left clean: counts and warns. */
void meter_takeover(const struct meter *meter, struct record_source position, struct slice mark);
void meter_handler(const struct meter *meter, int64_t milliseconds);

#endif
