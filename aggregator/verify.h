/*
 * verify: the checks of `xunfang verify`, each told as one JSON object a line.
 *
 * Object   {"check":NAME,"ok":true|false,"expected":N,"found":N,"detail":TEXT}; detail is null if
 *          there is nothing to add, and names the first offender otherwise.
 * Routes   What the output prints is computed a second time, by other code on other inputs: events
 *          from the reports by a plain search, every number from the text of events.csv and the
 *          other tables.
 * Failure  A check that fails is no error of the program: verify_failed counts them. New check One
 *          function that calls verify_tell, called from the command.
 */
#ifndef XUNFANG_AGGREGATOR_VERIFY_H
#define XUNFANG_AGGREGATOR_VERIFY_H

#include "base/util/buf.h"
#include "base/util/hash.h"

struct verify {
    struct buf *out;
    uint64_t checks;
    uint64_t failed;
};

struct finding {
    const char *check;
    uint64_t expected;
    uint64_t found;
    const char *detail; /* NULL: nothing to add */
};

/* ok means expected == found. */
void verify_tell(struct verify *verify, const struct finding *finding);
/* A check of "how many are wrong": expects 0; `example` is told if there are any. */
void verify_none(struct verify *verify, const char *check, uint64_t wrong, const char *example);

#endif
