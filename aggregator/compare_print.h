/*
 * compare_print: a comparison as a table for people, or as one JSON object.
 *
 * Table  The funnels side by side; documents that ended otherwise, by how (FIRST → SECOND); themes,
 *        purposes, events; at most COMPARE_PAIRS_SHOWN pairs of cities, and how many there are.
 * JSON   {"job","runs","same","documents":{"both","only","differing","ends":[{"from","to",
 *        "documents"}],"themes","purpose","events"},"events":{"both","only","themes","purpose",
 *        "level"},"funnel":[{"stage","counts"}],"pairs":[{"origin","host","visits"}]}; arrays of
 *        two numbers are first and second run. All pairs, in the comparison's order.
 */
#ifndef XUNFANG_AGGREGATOR_COMPARE_PRINT_H
#define XUNFANG_AGGREGATOR_COMPARE_PRINT_H

#include "aggregator/compare.h"

enum { COMPARE_PAIRS_SHOWN = 20 };

void compare_put_table(const struct comparison *comparison, struct buf *out);
void compare_put_json(const struct comparison *comparison, struct buf *out);

#endif
