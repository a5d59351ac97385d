/*
 * worker_skips: positions a fold steps over by an operator's word. Private to the worker.
 *
 * Memory   A copy of the caller's list, topics included; skips_fini also after a failed init.
 * Size     A handful: each is a record a person has looked at. Looked up one after the other.
 */
#ifndef XUNFANG_BASE_WORKER_SKIPS_H
#define XUNFANG_BASE_WORKER_SKIPS_H

#include "base/record.h"

struct skips {
    struct arena *arena;
    struct record_source *positions;
    size_t count;
};

CHECKED enum status skips_init(struct skips *skips, const struct record_source *positions,
                               size_t count, struct error *err);
void skips_fini(struct skips *skips);
bool skips_contain(const struct skips *skips, struct record_source position);

#endif
