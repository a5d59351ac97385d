/*
 * interval: how sure a pair's balance is: intervals and small-sample references for U =
 * |a−b|/(a+b).
 *
 * Interval  Jeffreys: quantiles 0.025 and 0.975 of Beta(a+½, b+½) for p = a/(a+b), with 0 for the
 *           lower end at a = 0 and 1 for the upper end at b = 0 (Brown, Cai, DasGupta 2001), then
 *           folded by U = |2p − 1|: the image of [low, high], so its lower end is 0 if p = ½ is
 *           inside.
 * Expected  E[U | n, p = ½] = C(2k, k) / 4^k with k = ⌊n/2⌋ (mean absolute deviation of the
 *           binomial, De Moivre): what U would be on average without any asymmetry.
 * Squared   ((a−b)² − n) / (n² − n), n ≥ 2: unbiased for (2p − 1)².
 * Rarefied  Mean U of m visits drawn from the n without replacement (hypergeometric), n ≥ m.
 * Numbers   For printing only; no decision rests on them.
 */
#ifndef XUNFANG_AGGREGATOR_INTERVAL_H
#define XUNFANG_AGGREGATOR_INTERVAL_H

#include <stdbool.h>
#include <stdint.h>

struct interval {
    double low;
    double high;
};

/* a + b > 0. */
struct interval interval_folded(uint64_t a, uint64_t b);
/* Of p itself. */
struct interval interval_jeffreys(uint64_t a, uint64_t b);
/* Regularised incomplete beta function I_x(p, q), by Lentz's continued fraction (Press et al.
 * 1992). */
double interval_beta_cdf(double x, double p, double q);

double interval_expected(uint64_t n);                         /* n ≥ 1 */
double interval_squared(uint64_t a, uint64_t b);              /* a + b ≥ 2 */
double interval_rarefied(uint64_t a, uint64_t b, unsigned m); /* 1 ≤ m ≤ a + b */

#endif
