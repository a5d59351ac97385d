/*
 * plan_print: a plan as a table for people or as one JSON object.
 *
 * Table   Totals, then one line a host, busiest first, then warnings. Hours have one decimal;
 *         columns are as wide as their longest entry.
 * JSON    {"job","region","codebook","cities","publishers","lists","requests","documents",
 *         "model_calls","hits_per_list","hits_per_page","answer_ms","hours",
 *         "hosts":[{"host","cities","lists","least_requests","requests","least_hours","hours"}],
 *         "warnings":[…]}, in one line; hours are those of the busiest host.
 * Memory  Appends to the caller's buf.
 */
#ifndef XUNFANG_STUDY_PLAN_PRINT_H
#define XUNFANG_STUDY_PLAN_PRINT_H

#include "base/util/buf.h"
#include "study/plan.h"

void plan_print_table(const struct study *study, const struct plan *plan, struct buf *out);
void plan_print_json(const struct study *study, const struct plan *plan, struct buf *out);

#endif
