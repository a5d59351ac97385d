#include "tests/unit/aggregator/fixture.h"

#include "aggregator/summary.h"
#include "base/util/random.h"

#include <math.h>

enum { CITIES = 5 };

static struct setting_city cities[CITIES];
static struct setting_pair pairs[CITIES * (CITIES - 1) / 2];

static struct setting small_setting(void)
{
    return (struct setting){.cities = cities,
                            .city_count = CITIES,
                            .pairs = pairs,
                            .low_percent = 33,
                            .high_percent = 67};
}

static void near(double a, double b)
{
    if (isnan(a) != isnan(b) || fabs(a - b) > 1e-9)
        fail_msg("%.9f is not %.9f", a, b);
}

/* The links 12 21 13 34 43 45: 0.6667 by links, 0.5 by pairs. */
static void reciprocity_has_two_units(void **state)
{
    static const uint32_t links[][2] = {{0, 1}, {1, 0}, {0, 2}, {2, 3}, {3, 2}, {3, 4}};
    struct setting setting = small_setting();
    struct network network;
    struct summary summary;

    (void) state;
    assert_int_equal(network_create(CITIES, &network, NULL), STATUS_OK);
    for (size_t i = 0; i < 6; i++)
        network_add(&network, links[i][0], links[i][1]);
    summary = summary_of(&network, &setting, NULL);
    assert_int_equal(summary.events, 6);
    assert_int_equal(summary.links, 6);
    assert_int_equal(summary.pairs, 4);
    assert_int_equal(summary.mutual, 2);
    near(summary.reciprocity_links, 2.0 / 3);
    near(summary.reciprocity_pairs, 0.5);
    near(summary.mean_u, 0.5);           /* 0 1 0 1 over pairs */
    near(summary.mean_u_links, 2.0 / 6); /* the balanced pairs have two links */
    near(summary.weighted_u, 2.0 / 6);
    near(summary.expected_u, (0.5 + 1 + 0.5 + 1) / 4);
    near(summary.excess_u, -0.25);
    assert_int_equal(summary.squared_pairs, 2);
    near(summary.squared, -1);
    assert_int_equal(summary.rarefied_pairs[0], 2);
    assert_int_equal(summary.rarefied_pairs[1], 0);
    assert_true(isnan(summary.rarefied[1]));
    network_fini(&network);
}

static void nothing_gives_unknown(void **state)
{
    struct setting setting = small_setting();
    struct network network;
    struct summary summary;

    (void) state;
    assert_int_equal(network_create(CITIES, &network, NULL), STATUS_OK);
    summary = summary_of(&network, &setting, NULL);
    assert_int_equal(summary.pairs, 0);
    assert_true(isnan(summary.mean_u));
    assert_true(isnan(summary.reciprocity_links));
    network_fini(&network);
}

static void chosen_pairs_alone_count(void **state)
{
    bool chosen[CITIES * (CITIES - 1) / 2] = {false};
    struct setting setting = small_setting();
    struct network network;

    (void) state;
    assert_int_equal(network_create(CITIES, &network, NULL), STATUS_OK);
    network_add(&network, 0, 1);
    network_add(&network, 3, 4);
    chosen[setting_pair_index(&setting, 3, 4)] = true;
    assert_int_equal(summary_of(&network, &setting, chosen).events, 1);
    assert_int_equal(summary_of(&network, &setting, NULL).events, 2);
    network_fini(&network);
}

/* 100|a−b| against 33 and 67 times the sum, in integers: the mass points. */
static void classes_are_cut_exactly(void **state)
{
    static const struct {
        uint64_t a, b;
        enum balance by_percent, by_thirds;
    } cases[] = {
        {1, 1, BALANCE_LOW, BALANCE_LOW},        {2, 1, BALANCE_MIDDLE, BALANCE_MIDDLE},
        {133, 67, BALANCE_MIDDLE, BALANCE_LOW}, /* U = 0.33 */
        {132, 68, BALANCE_LOW, BALANCE_LOW},     {5, 1, BALANCE_MIDDLE, BALANCE_MIDDLE},
        {167, 33, BALANCE_MIDDLE, BALANCE_HIGH}, /* U = 0.67 */
        {168, 32, BALANCE_HIGH, BALANCE_HIGH},   {1, 0, BALANCE_HIGH, BALANCE_HIGH},
    };
    struct setting setting = small_setting();

    (void) state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(balance_of(cases[i].a, cases[i].b, &setting), cases[i].by_percent);
        assert_int_equal(balance_of(cases[i].b, cases[i].a, &setting), cases[i].by_percent);
        assert_int_equal(balance_by_thirds(cases[i].a, cases[i].b), cases[i].by_thirds);
    }
}

/* Numbering the cities otherwise changes nothing but the order of sums. */
static void names_of_cities_do_not_matter(void **state)
{
    struct setting setting = small_setting();
    struct random random;

    (void) state;
    random_init(&random, 11);
    for (int round = 0; round < 100; round++) {
        uint32_t name[CITIES] = {0, 1, 2, 3, 4};
        struct network one, other;
        struct summary x, y;

        assert_int_equal(network_create(CITIES, &one, NULL), STATUS_OK);
        assert_int_equal(network_create(CITIES, &other, NULL), STATUS_OK);
        for (uint32_t i = CITIES; i > 1; i--) {
            uint64_t k = random_below(&random, i);
            uint32_t kept = name[i - 1];
            name[i - 1] = name[k];
            name[k] = kept;
        }
        for (int i = 0; i < 60; i++) {
            uint32_t a = (uint32_t) random_below(&random, CITIES);
            uint32_t b = (uint32_t) random_below(&random, CITIES);
            if (a == b)
                continue;
            network_add(&one, a, b);
            network_add(&other, name[a], name[b]);
        }
        x = summary_of(&one, &setting, NULL);
        y = summary_of(&other, &setting, NULL);
        assert_int_equal(x.links, y.links);
        assert_int_equal(x.mutual, y.mutual);
        near(x.mean_u, y.mean_u);
        near(x.squared, y.squared);
        near(x.rarefied[0], y.rarefied[0]);
        network_fini(&one);
        network_fini(&other);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reciprocity_has_two_units),     cmocka_unit_test(nothing_gives_unknown),
        cmocka_unit_test(chosen_pairs_alone_count),      cmocka_unit_test(classes_are_cut_exactly),
        cmocka_unit_test(names_of_cities_do_not_matter),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
