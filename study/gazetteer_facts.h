/*
 * gazetteer_facts: borders, metropolitan areas and paired assistance. Private to the gazetteer.
 *
 * Reads  adjacency.tsv, metro_areas.tsv and pairings.tsv. Of metropolitan areas only rows with
 *        membership "member" count.
 * Dates  A fact without a first or last day holds from or to the end of time.
 */
#ifndef XUNFANG_STUDY_GAZETTEER_FACTS_H
#define XUNFANG_STUDY_GAZETTEER_FACTS_H

#include "study/gazetteer_data.h"

/* The gazetteer's divisions are read already. */
CHECKED enum status gazetteer_read_facts(struct gazetteer *g, const char *directory,
                                         struct error *err);
/* Does [a_from, a_to] meet [b_from, b_to]? Days, both ends included; CIVIL_NONE is open. */
bool days_overlap(int32_t a_from, int32_t a_to, int32_t b_from, int32_t b_to);

#endif
