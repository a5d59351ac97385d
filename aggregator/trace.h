/*
 * trace: records of the logs told in words, for one document.
 *
 * Use      trace_log reads a log and appends a line for every record about one of the ids.
 * Line     "topic partition:offset what", or as JSON {"topic","partition","offset","what"}.
 * Urls     A record can hold many requests: only what concerns the ids is told.
 * Resolve  trace_resolve adds the ids that stand under a URL in urls and documents.
 */
#ifndef XUNFANG_AGGREGATOR_TRACE_H
#define XUNFANG_AGGREGATOR_TRACE_H

#include "aggregator/idtable.h"
#include "aggregator/job_source.h"

struct trace {
    const struct job_source *source;
    struct idset ids;
    struct slice url; /* to resolve; empty: none */
    bool json;
    struct buf *out;
    uint64_t lines;
};

CHECKED enum status trace_resolve(struct trace *trace, struct error *err);
CHECKED enum status trace_log(struct trace *trace, enum topic_kind kind, struct error *err);
/* One line; `place` may be NULL for what stands in no log. */
void trace_line(struct trace *trace, const struct log_place *place, const char *what);

#endif
