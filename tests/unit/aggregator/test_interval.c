#include "tests/unit/aggregator/fixture.h"

#include "aggregator/interval.h"
#include "aggregator/verify_numbers.h"

#include <math.h>

static void near(double a, double b, double tolerance)
{
    if (fabs(a - b) > tolerance)
        fail_msg("%.9f is not %.9f", a, b);
}

/* I_x(1, 1) = x, I_x(2, 1) = x², I_x(½, ½) = 2/π asin √x. */
static void beta_has_its_known_forms(void **state)
{
    (void) state;
    for (double x = 0.05; x < 1; x += 0.05) {
        near(interval_beta_cdf(x, 1, 1), x, 1e-12);
        near(interval_beta_cdf(x, 2, 1), x * x, 1e-12);
        near(interval_beta_cdf(x, 0.5, 0.5), 2 / acos(-1) * asin(sqrt(x)), 1e-12);
    }
    near(interval_beta_cdf(0, 3, 4), 0, 0);
    near(interval_beta_cdf(1, 3, 4), 1, 0);
}

/* Against an integral of the density made by other means. */
static void beta_agrees_with_integration(void **state)
{
    (void) state;
    for (unsigned a = 0; a < 40; a += 3)
        for (unsigned b = a == 0; b < 40; b += 4)
            for (double x = 0.1; x < 1; x += 0.2)
                near(interval_beta_cdf(x, a + 0.5, b + 0.5), verify_beta_below(x, a, b), 1e-6);
}

static void jeffreys_covers_the_estimate(void **state)
{
    (void) state;
    for (uint64_t a = 0; a < 60; a++)
        for (uint64_t b = a == 0; b < 60; b += 1 + a % 3) {
            struct interval p = interval_jeffreys(a, b);
            struct interval u = interval_folded(a, b);
            double estimate = (double) a / (double) (a + b);

            assert_true(p.low <= estimate && estimate <= p.high);
            assert_true(u.low <= fabs(2 * estimate - 1) + 1e-12);
            assert_true(fabs(2 * estimate - 1) <= u.high + 1e-12);
            assert_true(u.low >= 0 && u.high <= 1);
        }
}

/* Brown, Cai, DasGupta 2001, table of limits of the Jeffreys interval: n = 10. */
static void jeffreys_has_published_limits(void **state)
{
    (void) state;
    near(interval_jeffreys(0, 10).low, 0, 0);
    near(interval_jeffreys(0, 10).high, 0.217, 5e-4);
    near(interval_jeffreys(1, 9).low, 0.011, 5e-4);
    near(interval_jeffreys(1, 9).high, 0.381, 5e-4);
    near(interval_jeffreys(5, 5).low, 0.224, 5e-4);
    near(interval_jeffreys(5, 5).high, 0.776, 5e-4);
}

static void folding_is_symmetric(void **state)
{
    (void) state;
    for (uint64_t a = 0; a < 30; a++)
        for (uint64_t b = a + 1; b < 30; b++) {
            near(interval_folded(a, b).low, interval_folded(b, a).low, 1e-9);
            near(interval_folded(a, b).high, interval_folded(b, a).high, 1e-9);
        }
    near(interval_folded(5, 5).low, 0, 0);
    near(interval_folded(30, 0).high, 1, 0);
}

/* The mean over all outcomes, added up: 1, .5, .375, .25, .18 at 1, 2, 4, 10, 20 visits. */
static void expected_u_is_the_mean_over_outcomes(void **state)
{
    (void) state;
    for (uint64_t n = 1; n <= 60; n++) {
        double sum = 0, probability = pow(0.5, (double) n);

        for (uint64_t k = 0; k <= n; k++) {
            sum += probability * fabs(2 * (double) k - (double) n) / (double) n;
            probability *= (double) (n - k) / (double) (k + 1);
        }
        near(interval_expected(n), sum, 1e-12);
    }
    near(interval_expected(1), 1, 0);
    near(interval_expected(4), 0.375, 0);
    near(interval_expected(20), 0.176197, 1e-6);
}

/* Over all outcomes of n fair visits the squared asymmetry is 0 on average. */
static void squared_asymmetry_is_unbiased(void **state)
{
    (void) state;
    for (uint64_t n = 2; n < 30; n++) {
        double sum = 0, probability = pow(0.5, (double) n);

        for (uint64_t k = 0; k <= n; k++) {
            sum += probability * interval_squared(k, n - k);
            probability *= (double) (n - k) / (double) (k + 1);
        }
        near(sum, 0, 1e-12);
    }
    near(interval_squared(2, 0), 1, 0);
    near(interval_squared(1, 1), -1, 0);
}

/* Drawing all changes nothing; drawing one is one-way; two of (2, 2): P(same) = 1/3. */
static void rarefied_u_has_known_values(void **state)
{
    (void) state;
    near(interval_rarefied(7, 3, 10), 0.4, 1e-9);
    near(interval_rarefied(7, 3, 1), 1, 1e-9);
    near(interval_rarefied(2, 2, 2), 1.0 / 3, 1e-9);
    near(interval_rarefied(9, 0, 5), 1, 1e-9);
    for (uint64_t a = 0; a < 12; a++)
        for (uint64_t b = 2; b < 12; b++) {
            double n = (double) (a + b);
            near(interval_rarefied(a, b, 2), 1 - 2 * (double) (a * b) / (n * (n - 1)), 1e-9);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(beta_has_its_known_forms),
        cmocka_unit_test(beta_agrees_with_integration),
        cmocka_unit_test(jeffreys_covers_the_estimate),
        cmocka_unit_test(jeffreys_has_published_limits),
        cmocka_unit_test(folding_is_symmetric),
        cmocka_unit_test(expected_u_is_the_mean_over_outcomes),
        cmocka_unit_test(squared_asymmetry_is_unbiased),
        cmocka_unit_test(rarefied_u_has_known_values),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
