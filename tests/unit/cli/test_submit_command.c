/* How many partitions a job gets. */
#include "cli/submit_command.h"

#include "tests/support/cmocka_all.h"

#include <string.h>

static const struct bus_place local = {.local = true}, cluster = {.local = false};
static struct submit_options options;
static struct error err;

static enum status choose(const struct bus_place *place, uint64_t partitions, uint64_t of_urls)
{
    const struct submit_counts given = {partitions, of_urls};

    return submit_choose_counts(&given, place, &options, &err);
}

static void assert_counts(uint32_t partitions, uint32_t of_urls)
{
    assert_int_equal(options.partitions, partitions);
    assert_int_equal(options.url_partitions, of_urls);
}

static void test_what_is_not_given_fits_the_bus(void **state)
{
    (void) state;
    assert_int_equal(choose(&local, 0, 0), STATUS_OK);
    assert_counts(SUBMIT_LOCAL_PARTITIONS, SUBMIT_LOCAL_PARTITIONS);
    assert_int_equal(choose(&cluster, 0, 0), STATUS_OK);
    assert_counts(SUBMIT_CLUSTER_PARTITIONS, SUBMIT_CLUSTER_PARTITIONS);
    assert_int_equal(choose(&cluster, 0, 3), STATUS_OK);
    assert_counts(SUBMIT_CLUSTER_PARTITIONS, 3);
}

static void test_what_is_given_counts(void **state)
{
    (void) state;
    assert_int_equal(choose(&local, 7, 0), STATUS_OK);
    assert_counts(7, 7);
    assert_int_equal(choose(&local, 7, 5), STATUS_OK);
    assert_counts(7, 5);
    assert_int_equal(choose(&local, SUBMIT_PARTITIONS_MAX, 1), STATUS_OK);
}

static void test_too_many(void **state)
{
    (void) state;
    assert_int_equal(choose(&local, SUBMIT_PARTITIONS_MAX + 1, 0), STATUS_USAGE);
    assert_non_null(strstr(err.message, "--partitions must be 1 to 1024"));
    assert_int_equal(choose(&local, 4, (uint64_t) 1 << 32), STATUS_USAGE);
    assert_non_null(strstr(err.message, "--url-partitions"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_not_given_fits_the_bus),
        cmocka_unit_test(test_what_is_given_counts),
        cmocka_unit_test(test_too_many),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
