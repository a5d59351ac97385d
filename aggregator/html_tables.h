/*
 * html_tables: the tables of report.html, one function a section.
 *
 * Order  Rows are in the order of the tables of the same name (tables.h); the strongest pairs by
 *        visits, then by city code.
 */
#ifndef XUNFANG_AGGREGATOR_HTML_TABLES_H
#define XUNFANG_AGGREGATOR_HTML_TABLES_H

#include "aggregator/results.h"

/* Lists that are not complete, at most HTML_LISTS_SHOWN of them. */
void html_missing_lists(const struct results *results, struct buf *out);
void html_funnel(const struct results *results, struct buf *out);
void html_networks(const struct results *results, struct buf *out);
/* By theme, level, year, distance, pair class, reporting side. */
void html_parts(const struct results *results, struct buf *out);
void html_pairs(const struct results *results, struct buf *out);
void html_cities(const struct results *results, struct buf *out);
/* How events were dated, who reported them, what decided. */
void html_evidence(const struct results *results, struct buf *out);
/* Origin department in the identity of an event. */
void html_sensitivity(const struct results *results, struct buf *out);

#endif
