/*
 * metrics: counters, gauges and histograms of this process, in OpenMetrics text.
 *
 * Declare  A family is a static const object beside the code that counts: name, kind, help, labels.
 *          Names start with xunfang_, base units (seconds, bytes), counters end in _total.
 * Count    metric_series finds or makes the series once; adding is one atomic operation.
 * Limit    METRIC_SERIES_MAX series a family; further label values share the series "other".
 * Threads  Any thread may count and render.
 */
#ifndef XUNFANG_BASE_METRICS_H
#define XUNFANG_BASE_METRICS_H

#include "base/util/buf.h"

enum { METRIC_SERIES_MAX = 512, METRIC_LABELS_MAX = 3, METRIC_BUCKETS_MAX = 16 };

enum metric_kind { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };

struct metric_family {
    const char *name; /* without _total: "xunfang_pages" */
    enum metric_kind kind;
    const char *unit; /* "seconds", "bytes", NULL */
    const char *help;
    const char *labels[METRIC_LABELS_MAX]; /* NULL-ended if fewer */
    const double *buckets;                 /* histograms: upper bounds, ascending, ended by 0 */
};

struct metric;

/* The series with these label values (as many as the family has labels, then ignored). Never NULL:
 * past a limit, and without memory, a shared spill series. Lives as long as the process. */
struct metric *metric_series(const struct metric_family *family, const char *value1,
                             const char *value2, const char *value3);
void metric_add(struct metric *metric, double amount); /* counters, gauges */
void metric_set(struct metric *metric, double value);  /* gauges */
void metric_observe(struct metric *metric, double value);
double metric_value(const struct metric *metric); /* for progress and tests */

/* All families in the order of their names, ended by "# EOF". */
void metrics_render(struct buf *out);

#endif
