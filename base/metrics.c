/*
 * Series are made once and never freed. So a pointer to one is good for the life of the process,
 * and counting takes no lock; the lock is for finding series and for rendering them. All numbers
 * are relaxed: they order nothing but themselves.
 */
#include "base/metrics.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { METRIC_FAMILIES_MAX = 128, METRIC_LABEL_VALUE_MAX = 128 };

struct metric {
    const struct metric_family *family;
    char *labels;         /* `a="x",b="y"`, escaped; "" without labels */
    _Atomic double value; /* counter, gauge; histogram: sum */
    _Atomic uint64_t buckets[METRIC_BUCKETS_MAX + 1]; /* not cumulative; last: above all bounds */
    struct metric *next;                              /* of the family, ordered by labels */
};

static struct {
    const struct metric_family *family;
    struct metric *series;
    size_t count;
    struct metric spill;
} families[METRIC_FAMILIES_MAX];
static size_t family_count;
static struct metric nowhere; /* past every limit: counted, never shown */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void put_label_value(struct buf *out, struct slice value)
{
    value = slice_sub(value, 0, METRIC_LABEL_VALUE_MAX);
    for (size_t i = 0; i < value.size; i++) {
        char c = value.data[i];
        if (c == '\n')
            buf_puts(out, "\\n");
        else if (c == '"' || c == '\\')
            buf_printf(out, "\\%c", c);
        else
            buf_putc(out, c);
    }
}

static void put_labels(struct buf *out, const struct metric_family *family,
                       const char *const values[METRIC_LABELS_MAX])
{
    for (size_t i = 0; i < METRIC_LABELS_MAX && family->labels[i] != NULL; i++) {
        buf_printf(out, "%s%s=\"", i == 0 ? "" : ",", family->labels[i]);
        put_label_value(out, slice_from(values[i] == NULL ? "" : values[i]));
        buf_putc(out, '"');
    }
}

/* Index of the family, METRIC_FAMILIES_MAX if there is no room. Holds the lock. */
static size_t find_family(const struct metric_family *family)
{
    for (size_t i = 0; i < family_count; i++)
        if (families[i].family == family || strcmp(families[i].family->name, family->name) == 0)
            return i;
    if (family_count == METRIC_FAMILIES_MAX)
        return METRIC_FAMILIES_MAX;
    families[family_count].family = family;
    families[family_count].spill.family = family;
    return family_count++;
}

static struct metric *insert_series(size_t at, struct metric **place, const char *labels)
{
    struct metric *metric;

    if (families[at].count >= METRIC_SERIES_MAX)
        return &families[at].spill;
    metric = calloc(1, sizeof *metric);
    if (metric == NULL)
        return &families[at].spill;
    metric->labels = strdup(labels);
    if (metric->labels == NULL) {
        free(metric);
        return &families[at].spill;
    }
    metric->family = families[at].family;
    metric->next = *place;
    *place = metric;
    families[at].count++;
    return metric;
}

struct metric *metric_series(const struct metric_family *family, const char *value1,
                             const char *value2, const char *value3)
{
    const char *const values[METRIC_LABELS_MAX] = {value1, value2, value3};
    struct metric *metric = &nowhere;
    struct metric **place;
    struct buf labels;
    size_t at;

    buf_init(&labels, 4096);
    put_labels(&labels, family, values);
    (void) pthread_mutex_lock(&lock);
    at = find_family(family);
    if (at < METRIC_FAMILIES_MAX && buf_status(&labels, NULL) == STATUS_OK) {
        place = &families[at].series;
        while (*place != NULL && strcmp((*place)->labels, buf_text(&labels)) < 0)
            place = &(*place)->next;
        metric = *place != NULL && strcmp((*place)->labels, buf_text(&labels)) == 0
                     ? *place
                     : insert_series(at, place, buf_text(&labels));
    }
    (void) pthread_mutex_unlock(&lock);
    buf_fini(&labels);
    return metric;
}

void metric_add(struct metric *metric, double amount)
{
    double seen = atomic_load_explicit(&metric->value, memory_order_relaxed);

    /* C has no atomic addition of doubles. */
    while (!atomic_compare_exchange_weak_explicit(&metric->value, &seen, seen + amount,
                                                  memory_order_relaxed, memory_order_relaxed))
        continue;
}

void metric_set(struct metric *metric, double value)
{
    atomic_store_explicit(&metric->value, value, memory_order_relaxed);
}

void metric_observe(struct metric *metric, double value)
{
    /* `nowhere` is of no family. */
    const double *bounds = metric->family == NULL ? NULL : metric->family->buckets;
    size_t bucket = 0;

    if (bounds == NULL)
        return;
    while (bucket < METRIC_BUCKETS_MAX && bounds[bucket] != 0 && value > bounds[bucket])
        bucket++;
    if (bounds[bucket] == 0)
        bucket = METRIC_BUCKETS_MAX;
    (void) atomic_fetch_add_explicit(&metric->buckets[bucket], 1, memory_order_relaxed);
    metric_add(metric, value);
}

double metric_value(const struct metric *metric)
{
    return atomic_load_explicit(&metric->value, memory_order_relaxed);
}

static void put_sample(struct buf *out, const struct metric *metric, const char *suffix,
                       double value)
{
    const char *labels = metric->labels == NULL ? "" : metric->labels;

    /* With 17 digits every double is read back as itself. */
    buf_printf(out, "%s%s%s%s%s %.17g\n", metric->family->name, suffix, *labels == '\0' ? "" : "{",
               labels, *labels == '\0' ? "" : "}", value);
}

static void put_bucket(struct buf *out, const struct metric *metric, const char *bound,
                       uint64_t count)
{
    const char *labels = metric->labels == NULL ? "" : metric->labels;

    buf_printf(out, "%s_bucket{%s%sle=\"%s\"} %llu\n", metric->family->name, labels,
               *labels == '\0' ? "" : ",", bound, (unsigned long long) count);
}

static void put_histogram(struct buf *out, const struct metric *metric)
{
    const double *bounds = metric->family->buckets;
    uint64_t count = 0;
    char bound[32];

    /* Summed up here, as OpenMetrics wants them: an observation touches one bucket only. */
    for (size_t i = 0; i < METRIC_BUCKETS_MAX && bounds[i] != 0; i++) {
        count += atomic_load_explicit(&metric->buckets[i], memory_order_relaxed);
        (void) snprintf(bound, sizeof bound, "%.9g", bounds[i]);
        put_bucket(out, metric, bound, count);
    }
    count += atomic_load_explicit(&metric->buckets[METRIC_BUCKETS_MAX], memory_order_relaxed);
    put_bucket(out, metric, "+Inf", count);
    put_sample(out, metric, "_count", (double) count);
    put_sample(out, metric, "_sum", metric_value(metric));
}

static void put_series(struct buf *out, const struct metric *metric)
{
    if (metric->family->kind == METRIC_HISTOGRAM)
        put_histogram(out, metric);
    else
        put_sample(out, metric, metric->family->kind == METRIC_COUNTER ? "_total" : "",
                   metric_value(metric));
}

static void put_family(struct buf *out, size_t at)
{
    static const char *const kinds[] = {"counter", "gauge", "histogram"};
    const struct metric_family *family = families[at].family;
    const struct metric *spill = &families[at].spill;

    buf_printf(out, "# TYPE %s %s\n", family->name, kinds[family->kind]);
    if (family->unit != NULL)
        buf_printf(out, "# UNIT %s %s\n", family->name, family->unit);
    buf_printf(out, "# HELP %s %s\n", family->name, family->help);
    for (const struct metric *metric = families[at].series; metric != NULL; metric = metric->next)
        put_series(out, metric);
    if (metric_value(spill) != 0 && family->labels[0] != NULL) {
        struct metric shown = {.family = family, .labels = NULL};
        char labels[64];
        (void) snprintf(labels, sizeof labels, "%s=\"other\"", family->labels[0]);
        shown.labels = labels;
        shown.value = metric_value(spill);
        put_series(out, &shown);
    }
}

static int by_name(const void *a, const void *b)
{
    return strcmp(families[*(const size_t *) a].family->name,
                  families[*(const size_t *) b].family->name);
}

void metrics_render(struct buf *out)
{
    size_t order[METRIC_FAMILIES_MAX] = {0};

    (void) pthread_mutex_lock(&lock);
    for (size_t i = 0; i < family_count; i++)
        order[i] = i;
    qsort(order, family_count, sizeof order[0], by_name);
    for (size_t i = 0; i < family_count; i++)
        put_family(out, order[i]);
    (void) pthread_mutex_unlock(&lock);
    buf_puts(out, "# EOF\n");
}
