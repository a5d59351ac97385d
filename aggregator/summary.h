/*
 * summary: the figures of one network or a part of its pairs: reciprocity, U, and what U hides.
 *
 * Unit    A pair is two cities with any visit between them, a link a direction with visits. Shares
 *         and means say over which of the two they are taken; printing both is the contract.
 *         Cross-check: links 12 21 13 34 43 45 give reciprocity 0.6667 by links, 0.5 by pairs.
 * U       |a−b|/(a+b) per pair; mean over pairs (mean_u) and over links (mean_u_links); weighted:
 *         Σ|a−b| / Σ(a+b). expected_u: mean of E[U | n, p = ½]; excess_u: mean_u − expected_u;
 *         squared: mean unbiased squared asymmetry over pairs with n ≥ 2; rarefied: mean U at
 *         SUMMARY_RAREFIED visits a pair over the pairs that have so many.
 * Counts  are exact; the rest is for printing. Means over nothing are NAN, printed as null.
 * Order   Sums run over pairs in the order of their index: equal networks give equal bits.
 */
#ifndef XUNFANG_AGGREGATOR_SUMMARY_H
#define XUNFANG_AGGREGATOR_SUMMARY_H

#include "aggregator/network.h"

enum { SUMMARY_RAREFIED_COUNT = 3 };
extern const unsigned summary_rarefied_sizes[SUMMARY_RAREFIED_COUNT]; /* 2, 5, 10 */

enum balance { BALANCE_LOW, BALANCE_MIDDLE, BALANCE_HIGH, BALANCES };

struct summary {
    uint64_t events;
    uint64_t links;
    uint64_t pairs;
    uint64_t mutual; /* pairs with visits both ways */
    uint64_t classes[BALANCES];
    uint64_t third_classes[BALANCES]; /* cut at 1/3 and 2/3 instead */
    double reciprocity_links;
    double reciprocity_pairs;
    double mean_u;
    double mean_u_links;
    double weighted_u;
    double expected_u;
    double excess_u;
    double squared;
    uint64_t squared_pairs;
    double rarefied[SUMMARY_RAREFIED_COUNT];
    uint64_t rarefied_pairs[SUMMARY_RAREFIED_COUNT];
};

/* `chosen`, by pair index, restricts it to some pairs; NULL: all. */
struct summary summary_of(const struct network *network, const struct setting *setting,
                          const bool *chosen);

/* low if 100|a−b| < low·(a+b), high if 100|a−b| > high·(a+b), else middle; exact. a + b > 0. */
enum balance balance_of(uint64_t a, uint64_t b, const struct setting *setting);
/* low if 3|a−b| < a+b, high if 3|a−b| > 2(a+b). */
enum balance balance_by_thirds(uint64_t a, uint64_t b);
/* "low", "middle", "high". */
const char *balance_text(enum balance balance);

#endif
