/*
 * doubt: does a visit's report leave open, or contradict itself about, who went where?
 *
 * Open      Rules found no leg, though they did not find that nobody travelled between cities (a
 *           journey within one, a plan).
 * Both ways Two cities each went to the other: one trip cannot have done that.
 * No doubt  Where an answer could not help: fewer than two cities are named (extractor/named.h)
 *           that a leg may be kept of.
 * Measured  On the labelled visits (train 189, dev 81) rules find no leg in 4 and 5, all of them
 *           wrong; 1 and 4 of these name two cities. They give both ways to 1 and 0, which was
 *           right: a tour of both. So 2 of 189 and 4 of 81 are asked about; of 1,598 simulated ones
 *           none. No doubt are legs that only the cities named or the publisher tell: right as
 *           often as others; and title and lead never told opposite ways.
 */
#ifndef XUNFANG_EXTRACTOR_DOUBT_H
#define XUNFANG_EXTRACTOR_DOUBT_H

#include "extractor/extract.h"
#include "extractor/named.h"

enum doubt { DOUBT_NONE, DOUBT_OPEN, DOUBT_BOTH_WAYS };

/* `named` is of the same reading. */
enum doubt doubt_about(const struct extractor *extractor, const struct trip *trip,
                       const struct named *named);
/* "none", "open", "both_ways" */
const char *doubt_text(enum doubt doubt);

#endif
