/*
 * frontier_result: what a lease's result means. Private to the frontier.
 *
 * Request  Final outcomes end it; TRY_AGAIN and BLOCKED bring it back later, `attempts` times in
 *          all; NOT_SENT returns it. The first final result in log order counts, later ones change
 *          nothing.
 * List     Hits new to the list become links. The next page is wanted if the page brought a new hit
 *          and max_pages_per_list allows; else a verdict says why the list ends.
 * Moved    The target becomes a link, one redirect further away, at most 5.
 * Host     Its clock, its average, its troubles: an answer that never came, 429, 503, a blocking
 *          product. Any other answer ends a row of troubles.
 */
#ifndef XUNFANG_CRAWLER_FRONTIER_RESULT_H
#define XUNFANG_CRAWLER_FRONTIER_RESULT_H

#include "crawler/frontier_core.h"

/* `key` and `job` are the record's. */
CHECKED enum status frontier_result(struct frontier *frontier, const struct record *record,
                                    const Xunfang__Result *result, struct error *err);

/* A link of the log: a new request, or a shorter way to a known one. */
CHECKED enum status frontier_link(struct frontier *frontier, struct slice job,
                                  Xunfang__Request *request, struct error *err);

/* A verdict of the log. */
CHECKED enum status frontier_verdict(struct frontier *frontier, struct slice job,
                                     const Xunfang__Verdict *verdict, struct error *err);

/* Ends the host's lease: what it still holds goes back to the queue. */
CHECKED enum status frontier_end_lease(struct frontier *frontier, struct host *host,
                                       struct error *err);

#endif
