/*
 * html_decisions: the section "What decided" of report.html.
 *
 * Says     Who decided how many documents, task by task (decisions.csv); in plain words how many
 *          questions had no usable answer and how many the budget did not allow; what asking cost.
 * Account  NULL, or one that was not given: the part about cost is left out. It is the only part of
 *          the page that differs between two runs of one job.
 */
#ifndef XUNFANG_AGGREGATOR_HTML_DECISIONS_H
#define XUNFANG_AGGREGATOR_HTML_DECISIONS_H

#include "aggregator/account.h"

void html_decisions(const struct results *results, const struct account *account, struct buf *out);

#endif
