/*
 * verify_events: the funnel and the events a second time, from the documents, by plain searches.
 *
 * Route     Groups are found with a map by fingerprint, dated events with a map by (origin, host,
 *           day), and for a report without a day the days around its imputed day are tried one
 *           after another. Only the tables of the dataset are shared with the first route.
 * Compared  The funnel's numbers, and the multiset of (date, origin, host, date_source, reports).
 */
#ifndef XUNFANG_AGGREGATOR_VERIFY_EVENTS_H
#define XUNFANG_AGGREGATOR_VERIFY_EVENTS_H

#include "aggregator/results.h"
#include "aggregator/verify.h"

CHECKED enum status verify_events(const struct results *results, struct verify *verify,
                                  struct error *err);

#endif
