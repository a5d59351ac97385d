/*
 * gexf: the network for Gephi, as network.gexf.
 *
 * Form   GEXF 1.3 (gexf.net), static, directed; valid against its schema.
 * Nodes  One a city: id its code, label its name, attributes province, lon, lat.
 * Edges  One a link with visits: weight = visits, attribute cooperative.
 * Order  By city code. No date of making: equal networks give equal bytes.
 */
#ifndef XUNFANG_AGGREGATOR_GEXF_H
#define XUNFANG_AGGREGATOR_GEXF_H

#include "aggregator/results.h"

void table_gexf(const struct results *results, struct buf *out);

#endif
