/*
 * graphml: the network for igraph, networkx and Gephi, as network.graphml.
 *
 * Nodes  One a city, id "c" and its code; label, province, code, longitude and latitude.
 * Edges  One a link with visits, directed; weight and visits (the same number: readers look for the
 *        first), cooperative.
 * Order  By city code.
 */
#ifndef XUNFANG_AGGREGATOR_GRAPHML_H
#define XUNFANG_AGGREGATOR_GRAPHML_H

#include "aggregator/results.h"

void table_graphml(const struct results *results, struct buf *out);

#endif
