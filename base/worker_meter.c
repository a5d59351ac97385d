#include "base/worker_meter.h"

#include "base/log.h"

#include <inttypes.h>
#include <stdio.h>

enum { POSITION_TEXT_SIZE = 256, REASON_CODE_SIZE = 64 };

/* Half a decade each: a handler takes from a fraction of a millisecond (a rule) to minutes (a
 * model). */
static const double handler_buckets[] = {0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 0};

static const struct metric_family records_family = {
    "xunfang_stage_records", METRIC_COUNTER, NULL, "Records handed to the stage", {"stage"}, NULL};
static const struct metric_family outcomes_family = {"xunfang_stage_outcomes",
                                                     METRIC_COUNTER,
                                                     NULL,
                                                     "What the stage decided, by reason",
                                                     {"stage", "outcome", "reason"},
                                                     NULL};
static const struct metric_family retries_family = {
    "xunfang_stage_retries", METRIC_COUNTER, NULL, "Attempts put off for later", {"stage"}, NULL};
static const struct metric_family commits_family = {"xunfang_stage_commits", METRIC_COUNTER, NULL,
                                                    "Offsets committed",     {"stage"},      NULL};
static const struct metric_family takeovers_family = {
    "xunfang_stage_takeovers",
    METRIC_COUNTER,
    NULL,
    "Partitions taken over that were not left clean",
    {"stage"},
    NULL};
static const struct metric_family lag_family = {
    "xunfang_stage_lag", METRIC_GAUGE, NULL, "Records not yet finished, as last seen",
    {"stage"},           NULL};
static const struct metric_family seconds_family = {
    "xunfang_stage_handler_seconds", METRIC_HISTOGRAM, "seconds",
    "Time in one call of the stage", {"stage"},        handler_buckets};
static const struct metric_family rebuilds_family = {
    "xunfang_fold_rebuilds",           METRIC_COUNTER, NULL,
    "Times the state was thrown away", {"stage"},      NULL};
static const struct metric_family replayed_family = {"xunfang_fold_replayed",
                                                     METRIC_COUNTER,
                                                     NULL,
                                                     "Records applied while catching up",
                                                     {"stage"},
                                                     NULL};
static const struct metric_family replay_rate_family = {
    "xunfang_fold_replay_rate",
    METRIC_GAUGE,
    NULL,
    "Records a second when the fold last caught up",
    {"stage"},
    NULL};

void meter_init(struct meter *meter, const char *stage)
{
    *meter = (struct meter){
        .stage = stage,
        .records = metric_series(&records_family, stage, NULL, NULL),
        .passed = metric_series(&outcomes_family, stage, outcome_text(OUTCOME_PASSED), ""),
        .retries = metric_series(&retries_family, stage, NULL, NULL),
        .commits = metric_series(&commits_family, stage, NULL, NULL),
        .takeovers = metric_series(&takeovers_family, stage, NULL, NULL),
        .lag = metric_series(&lag_family, stage, NULL, NULL),
        .seconds = metric_series(&seconds_family, stage, NULL, NULL),
        .rebuilds = metric_series(&rebuilds_family, stage, NULL, NULL),
        .replayed = metric_series(&replayed_family, stage, NULL, NULL),
        .replay_rate = metric_series(&replay_rate_family, stage, NULL, NULL),
    };
}

void meter_outcome(const struct meter *meter, enum outcome outcome, struct slice reason)
{
    struct slice word = slice_split(&reason, ':');
    char code[REASON_CODE_SIZE];

    if (outcome == OUTCOME_PASSED) {
        metric_add(meter->passed, 1);
        return;
    }
    (void) snprintf(code, sizeof code, "%.*s", SLICE_ARG(word));
    metric_add(metric_series(&outcomes_family, meter->stage, outcome_text(outcome), code), 1);
}

static struct slice position_text(struct record_source position, char text[POSITION_TEXT_SIZE])
{
    (void) snprintf(text, POSITION_TEXT_SIZE, "%.*s/%" PRIu32 "/%" PRIu64,
                    SLICE_ARG(position.topic), position.partition, position.offset);
    return slice_from(text);
}

void meter_dead(const struct meter *meter, struct record_source position, struct slice reason)
{
    char text[POSITION_TEXT_SIZE];

    meter_outcome(meter, OUTCOME_DEAD, reason);
    log_write(LOG_WARN, "record is dead", {"stage", slice_from(meter->stage)},
              {"at", position_text(position, text)}, {"reason", reason});
}

void meter_takeover(const struct meter *meter, struct record_source position, struct slice mark)
{
    char text[POSITION_TEXT_SIZE];

    metric_add(meter->takeovers, 1);
    log_write(LOG_WARN, "partition was not left clean, its first window runs record by record",
              {"stage", slice_from(meter->stage)}, {"at", position_text(position, text)},
              {"mark", mark});
}

void meter_handler(const struct meter *meter, int64_t milliseconds)
{
    metric_add(meter->records, 1);
    metric_observe(meter->seconds, (double) milliseconds / 1000);
}
