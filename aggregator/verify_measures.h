/*
 * verify_measures: measures.json read back and computed again from events.csv and pairs.csv.
 *
 * Compared  For both networks: events, links, pairs, both reciprocities, mean U, weighted U; by
 *           theme, level and year from the rows of events.csv; by pair class and distance from
 *           pairs.csv.
 * Route     A part's visits are kept in a map by pair, not in a matrix.
 */
#ifndef XUNFANG_AGGREGATOR_VERIFY_MEASURES_H
#define XUNFANG_AGGREGATOR_VERIFY_MEASURES_H

#include "aggregator/verify_numbers.h"

CHECKED enum status verify_measures(const struct results *results, const struct read_events *events,
                                    struct verify *verify, struct error *err);

#endif
