/*
 * tables: the text files of the output folder, each a function of the results.
 *
 * Columns  docs/output.md lists them. decisions.csv: task, result, decided_by, documents, and of
 *          those documents the questions asked, answered, failed, refused (decisions.h).
 * Order    events by date, origin, host; network, pairs, panel, cities by city code; lists in the
 *          order of the job; reports by event, then as they were clustered, copies behind their
 *          speaker.
 * Errors   stick to the buf: check buf_status once. New table One function and one row in the table
 *          of tables.c.
 */
#ifndef XUNFANG_AGGREGATOR_TABLES_H
#define XUNFANG_AGGREGATOR_TABLES_H

#include "aggregator/results.h"

enum { TABLE_BYTES_MAX = 1 << 30 };

struct table {
    const char *file; /* "events.csv" */
    void (*render)(const struct results *results, struct buf *out);
};

size_t table_count(void);
const struct table *table_at(size_t index);
/* By file name; NULL if there is none. */
const struct table *table_find(const char *file);

void table_funnel_csv(const struct results *results, struct buf *out);
void table_reasons_csv(const struct results *results, struct buf *out);
void table_decisions_csv(const struct results *results, struct buf *out);
void table_network_csv(const struct results *results, struct buf *out);
void table_pairs_csv(const struct results *results, struct buf *out);
void table_cities_csv(const struct results *results, struct buf *out);
void table_panel_csv(const struct results *results, struct buf *out);
void table_lists_csv(const struct results *results, struct buf *out);
void table_sensitivity_csv(const struct results *results, struct buf *out);

#endif
