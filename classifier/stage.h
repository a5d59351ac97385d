/*
 * stage: the classifier as a map from `documents` to `visits`.
 *
 * Outcome   Each document is passed as a Visit, or dropped with the first reason that holds: blank,
 *           period, dictionary, no visit; a dropped one travels on as its brief alone. A document
 *           that came in dropped or dead leaves as it came.
 * Repeats   The same document gives the same bytes.
 * Threads   One.
 */
#ifndef XUNFANG_CLASSIFIER_STAGE_H
#define XUNFANG_CLASSIFIER_STAGE_H

#include "base/worker.h"
#include "classifier/screen.h"
#include "study/judge.h"

extern const struct map_stage classifier_stage;

/* What the stage's `self` points to. */
struct classifier {
    struct screen *screen;
    const struct judge *judge;
};

#endif
