/*
 * population: fills a world's table with trips and documents.
 *
 * Order    Pages in the order they are drawn (a trip's reports stand together), then the dead ends.
 * Shares   About 9 % of the pages report visits, 3 % are copies, 1.5 % blank; the rest by
 *          kinds.def.
 * Promise  Every document names at least one other city of the region that its text really holds,
 *          so it stands on a list; a copy on another site is published later than its source.
 */
#ifndef XUNFANG_SITES_POPULATION_H
#define XUNFANG_SITES_POPULATION_H

#include "tests/sites/world.h"

/* Allocates and fills trips and documents; the sites stand. The world frees them. */
CHECKED enum status population_fill(struct world *world, struct error *err);

#endif
