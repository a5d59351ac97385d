/*
 * region_facts: the parts of a region file that speak about several cities.
 *
 * Reads   central, developed, groups and pair_overrides into a region whose cities are read
 *         already; every name must be one of them.
 * Errors  "file:line: field: what is wrong".
 * Order   Groups are sorted by name, members by index, so nothing depends on the order of the file.
 */
#ifndef XUNFANG_STUDY_REGION_FACTS_H
#define XUNFANG_STUDY_REGION_FACTS_H

#include "study/region.h"

/* `root` is the map of the whole file, its lists already known to be lists of texts. */
CHECKED enum status region_facts_read(const struct yaml_source *source,
                                      const struct yaml_node *root, struct region *region,
                                      struct error *err);

#endif
