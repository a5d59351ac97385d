/*
 * stage: the classifier as a map from `documents` to `visits`.
 *
 * Outcome   Each document is passed as a Visit, or dropped with the first reason that holds: blank,
 *           period, dictionary, no visit; a dropped one travels on as its brief, and who decided
 *           where a model did. Dead where the job wants that of questions without an answer. A
 *           document that came in dropped or dead leaves as it came.
 * Waiting   A document about which a language model is asked stays open until it answered; others
 *           go past it meanwhile.
 * Repeats   The same document gives the same bytes, as long as the log of answers is the same.
 * Closing   The worker goes first, then the cascade.
 * Threads   One.
 */
#ifndef XUNFANG_CLASSIFIER_STAGE_H
#define XUNFANG_CLASSIFIER_STAGE_H

#include "base/worker.h"
#include "classifier/screen.h"
#include "study/cascade.h"

extern const struct map_stage classifier_stage;

/* What the stage's `self` points to. */
struct classifier {
    struct screen *screen;
    struct cascade *cascade; /* used by nobody else */
};

#endif
