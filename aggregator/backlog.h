/*
 * backlog: how many records the stages of a run have still before them, by what they committed.
 *
 * Stages   parser, classifier, extractor: those the run needs (study/catalog_run.h), in the order
 *          of the pipeline. The aggregator commits nothing.
 * Counts   Records of the stage's input between its last commit and the end, so a stage that works
 *          on a window of records has these too; repeats count. A stage nobody ever ran has all.
 * Memory   By value.
 */
#ifndef XUNFANG_AGGREGATOR_BACKLOG_H
#define XUNFANG_AGGREGATOR_BACKLOG_H

#include "base/bus/bus.h"
#include "study/catalog.h"

enum { BACKLOG_STAGES = 3 };

struct backlog {
    struct backlog_stage {
        const char *name;
        uint64_t records;
    } stages[BACKLOG_STAGES];
    size_t count;
};

CHECKED enum status backlog_read(struct bus *bus, const struct catalog_run *run,
                                 struct backlog *backlog, struct error *err);

#endif
