#include "aggregator/interval.h"

#include "base/util/status.h"

#include <math.h>

enum { FRACTION_STEPS = 1000, BISECTIONS = 80 };

/* Keeps a factor of the continued fraction off zero. Lentz's method divides by its factors; the
 * tiny number stands for zero without changing the result (Press et al. 1992, "Numerical Recipes",
 * 5.2). */
static double off_zero(double value)
{
    return fabs(value) < 1e-300 ? 1e-300 : value;
}

/* The continued fraction of I_x(p, q); converges fast for x < (p + 1) / (p + q + 2). The bounds are
 * far from reach: with the mirror below, the number of steps grows like the root of the larger
 * parameter. */
static double fraction(double x, double p, double q)
{
    double c = 1, d = 1 / off_zero(1 - (p + q) * x / (p + 1)), result = d;

    for (int m = 1; m <= FRACTION_STEPS; m++) {
        double even = m * (q - m) * x / ((p + 2 * m - 1) * (p + 2 * m));
        double odd = -(p + m) * (p + q + m) * x / ((p + 2 * m) * (p + 2 * m + 1));
        double step;

        d = 1 / off_zero(1 + even * d);
        c = off_zero(1 + even / c);
        result *= d * c;
        d = 1 / off_zero(1 + odd * d);
        c = off_zero(1 + odd / c);
        step = d * c;
        result *= step;
        if (fabs(step - 1) < 1e-15)
            break;
    }
    return result;
}

/* The C library's lgamma writes a global of sign; its reentrant form does not. */
static double log_gamma(double x)
{
    int sign;

    return lgamma_r(x, &sign);
}

/* The fraction converges fast on one side of the mean; the other is its mirror. */
double interval_beta_cdf(double x, double p, double q)
{
    double front;

    if (x <= 0 || x >= 1)
        return x <= 0 ? 0 : 1;
    front = exp(log_gamma(p + q) - log_gamma(p) - log_gamma(q) + p * log(x) + q * log1p(-x));
    if (x < (p + 1) / (p + q + 2))
        return front * fraction(x, p, q) / p;
    return 1 - front * fraction(1 - x, q, p) / q;
}

/* Bisection: slow, and nothing can go wrong with it. 80 halvings are more than a double's 53 bits
 * can tell apart. */
static double quantile(double probability, double p, double q)
{
    double low = 0, high = 1;

    for (int i = 0; i < BISECTIONS; i++) {
        double middle = (low + high) / 2;

        if (interval_beta_cdf(middle, p, q) < probability)
            low = middle;
        else
            high = middle;
    }
    return (low + high) / 2;
}

struct interval interval_jeffreys(uint64_t a, uint64_t b)
{
    double p = (double) a + 0.5, q = (double) b + 0.5;

    ENSURE(a + b > 0);
    return (struct interval){a == 0 ? 0 : quantile(0.025, p, q),
                             b == 0 ? 1 : quantile(0.975, p, q)};
}

/* Where p = ½ lies inside, U's image begins at 0; else the fold is one to one, and the ends may
 * change places. */
struct interval interval_folded(uint64_t a, uint64_t b)
{
    struct interval p = interval_jeffreys(a, b);
    double x = fabs(2 * p.low - 1), y = fabs(2 * p.high - 1);
    bool crosses = p.low < 0.5 && p.high > 0.5;

    return (struct interval){crosses ? 0 : fmin(x, y), fmax(x, y)};
}

/* The product form of C(2k, k) / 4^k: no factorial overflows. */
double interval_expected(uint64_t n)
{
    double expected = 1;

    ENSURE(n > 0);
    for (uint64_t i = 1; i <= n / 2; i++)
        expected *= (double) (2 * i - 1) / (double) (2 * i);
    return expected;
}

/* E[(a−b)²] = n + (n² − n)(2p − 1)²: the n is what chance alone adds. */
double interval_squared(uint64_t a, uint64_t b)
{
    double n = (double) (a + b), d = (double) a - (double) b;

    ENSURE(a + b >= 2);
    return (d * d - n) / (n * n - n);
}

static double log_choose(uint64_t n, uint64_t k)
{
    return log_gamma((double) n + 1) - log_gamma((double) k + 1) - log_gamma((double) (n - k) + 1);
}

/* k of the m drawn go one way. The bounds leave out draws that take more of a side than it has. */
double interval_rarefied(uint64_t a, uint64_t b, unsigned m)
{
    double sum = 0;

    ENSURE(m >= 1 && m <= a + b);
    for (unsigned k = m > b ? (unsigned) (m - b) : 0; k <= m && k <= a; k++)
        sum += exp(log_choose(a, k) + log_choose(b, m - k) - log_choose(a + b, m)) *
               fabs(2.0 * k - m) / m;
    return sum;
}
