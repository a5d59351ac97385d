/*
 * gazetteer_names: the index from texts to places. Private to the gazetteer.
 *
 * Builds  Names and readings from the divisions and names.tsv, the trie over them, the words of
 *         not_places.tsv, and the list of one-character abbreviations.
 * Order   Readings of a name: cities, then counties and zones, then provinces; by code within.
 */
#ifndef XUNFANG_STUDY_GAZETTEER_NAMES_H
#define XUNFANG_STUDY_GAZETTEER_NAMES_H

#include "study/gazetteer_data.h"

/* The gazetteer's divisions are read already. */
CHECKED enum status gazetteer_read_names(struct gazetteer *g, const char *directory,
                                         struct error *err);

#endif
