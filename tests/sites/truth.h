/*
 * truth: what a perfect reader would find on the sites, as JSON lines.
 *
 * Lines    {"type":"meta", seed, documents, sites, cities, dictionary}
 *          {"type":"list", site, site_city, query, declared, hits}
 *          {"type":"document", url, site_city, queries, date, title, fingerprint, blank, words,
 *          is_visit, kind,
 *           copy_of, level, purpose, themes, trip, events: [{origin, host, date, true_date,
 *           origin_unit, host_unit}]}
 *          {"type":"dead_end", url, site_city, queries, answer: dead|moved|home|fault, target}
 * Date     "date" of a document is null where no reader can know it; that of an event where the
 *          text gives no day.
 * Words    Does title or body hold a word of the dictionary (truth_dictionary)? The period,
 *          duplicates and the rules of events are left to who compares.
 */
#ifndef XUNFANG_SITES_TRUTH_H
#define XUNFANG_SITES_TRUTH_H

#include "tests/sites/world.h"

#include <stdio.h>

/* The screening words of the study's codebook; NULL-terminated. */
extern const char *const truth_dictionary[];

/* Writes all lines, ordered by type and number. STATUS_IO or STATUS_DISK_FULL when the file fails.
 * */
CHECKED enum status truth_write(const struct world *world, FILE *file, struct error *err);

#endif
