/*
 * stage: the extractor as a map from `visits` to `reports`.
 *
 * Outcome   A visit with at least one event is passed as a Report; one without is dropped with the
 *           reason `no event`. What the classifier dropped travels on with its reason, as its brief
 *           alone, so the last log knows every document.
 * Repeats   The same visit gives the same bytes.
 * Threads   One.
 */
#ifndef XUNFANG_EXTRACTOR_STAGE_H
#define XUNFANG_EXTRACTOR_STAGE_H

#include "base/worker.h"
#include "extractor/extract.h"

extern const struct map_stage extractor_stage;

#endif
