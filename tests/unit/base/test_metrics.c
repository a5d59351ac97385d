#include "base/metrics.h"
#include "tests/support/cmocka_all.h"

#include <stdio.h>
#include <string.h>

static const struct metric_family pages = {
    .name = "xunfang_test_pages", .kind = METRIC_COUNTER, .help = "Pages.", .labels = {"site"}};
static const struct metric_family lag = {
    .name = "xunfang_test_lag_seconds", .kind = METRIC_GAUGE, .unit = "seconds", .help = "Lag."};
static const double bounds[] = {0.1, 1, 0};
static const struct metric_family took = {.name = "xunfang_test_took_seconds",
                                          .kind = METRIC_HISTOGRAM,
                                          .unit = "seconds",
                                          .help = "Took.",
                                          .labels = {"stage"},
                                          .buckets = bounds};
static const struct metric_family many = {
    .name = "xunfang_test_many", .kind = METRIC_COUNTER, .help = "Many.", .labels = {"host"}};

static bool rendered(const char *wanted)
{
    struct buf out;
    bool found;

    buf_init(&out, 1 << 20);
    metrics_render(&out);
    assert_true(slice_ends(buf_slice(&out), SLICE("# EOF\n")));
    found = strstr(buf_text(&out), wanted) != NULL;
    buf_fini(&out);
    return found;
}

static void test_counter_with_labels(void **state)
{
    (void) state;
    metric_add(metric_series(&pages, "b", NULL, NULL), 2);
    metric_add(metric_series(&pages, "a\"\\\n", NULL, NULL), 1);
    metric_add(metric_series(&pages, "b", NULL, NULL), 1);
    assert_true(metric_value(metric_series(&pages, "b", NULL, NULL)) == 3);
    assert_true(rendered("# TYPE xunfang_test_pages counter\n# HELP xunfang_test_pages Pages.\n"
                         "xunfang_test_pages_total{site=\"a\\\"\\\\\\n\"} 1\n"
                         "xunfang_test_pages_total{site=\"b\"} 3\n"));
}

static void test_gauge_without_labels(void **state)
{
    (void) state;
    metric_set(metric_series(&lag, NULL, NULL, NULL), 1.5);
    assert_true(rendered("# UNIT xunfang_test_lag_seconds seconds\n"));
    assert_true(rendered("\nxunfang_test_lag_seconds 1.5\n"));
}

static void test_histogram_buckets_are_cumulative(void **state)
{
    struct metric *metric = metric_series(&took, "map", NULL, NULL);

    (void) state;
    metric_observe(metric, 0.05);
    metric_observe(metric, 0.1);
    metric_observe(metric, 0.5);
    metric_observe(metric, 7);
    assert_true(rendered("xunfang_test_took_seconds_bucket{stage=\"map\",le=\"0.1\"} 2\n"
                         "xunfang_test_took_seconds_bucket{stage=\"map\",le=\"1\"} 3\n"
                         "xunfang_test_took_seconds_bucket{stage=\"map\",le=\"+Inf\"} 4\n"
                         "xunfang_test_took_seconds_count{stage=\"map\"} 4\n"));
}

static void test_series_are_capped(void **state)
{
    char host[32];

    (void) state;
    for (int i = 0; i < METRIC_SERIES_MAX + 10; i++) {
        (void) snprintf(host, sizeof host, "host-%d", i);
        metric_add(metric_series(&many, host, NULL, NULL), 1);
    }
    assert_true(rendered("xunfang_test_many_total{host=\"other\"} 10\n"));
    assert_false(rendered("host-515"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counter_with_labels),
        cmocka_unit_test(test_gauge_without_labels),
        cmocka_unit_test(test_histogram_buckets_are_cumulative),
        cmocka_unit_test(test_series_are_capped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
