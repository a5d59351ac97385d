/*
 * stage: the extractor as an asynchronous map from `visits` to `reports`; its self is a struct
 * resolver, which asks a language model about the few visits whose parties rules leave in doubt.
 *
 * Outcome   A visit with at least one event is passed as a Report; one without is dropped with the
 *           reason `no event`. What the classifier dropped travels on with its reason, as its brief
 *           and who decided, so the last log knows every document. `model: …` is dead: no usable
 *           answer, and the job wants one.
 * Decided   decided_by and model are the visit's, unless an answer gave the events; `consulted` is
 *           both stages'.
 * Repeats   The same visit gives the same bytes as long as the log of answers is the same.
 * Threads   One.
 */
#ifndef XUNFANG_EXTRACTOR_STAGE_H
#define XUNFANG_EXTRACTOR_STAGE_H

#include "base/worker.h"
#include "extractor/resolver.h"

extern const struct map_stage extractor_stage;

#endif
