/*
 * measures_json: measures.json, the figures of the whole and the cooperative network.
 *
 * Form     {"all":{…},"cooperative":{…}}; each has the members of a part (events, links, pairs,
 *          both reciprocities, mean_u and what stands beside it) and by_theme, by_level, by_year,
 *          by_distance, by_pair_class, by_reporter, two_sources. Parts are objects by key with the
 *          members of a part.
 * Units    Names say what a share or mean is over: _links or _pairs; mean_u is over pairs, as
 *          igraph's mode "ratio" is; reciprocity_links is igraph's and networkx's default.
 * Unknown  null: a mean over nothing.
 */
#ifndef XUNFANG_AGGREGATOR_MEASURES_JSON_H
#define XUNFANG_AGGREGATOR_MEASURES_JSON_H

#include "aggregator/results.h"

void table_measures_json(const struct results *results, struct buf *out);

#endif
