#include "base/worker_meter.h"

#include "base/log.h"
#include "tests/support/cmocka_all.h"

#include <string.h>

static const char *rendered(void)
{
    static struct buf text;

    buf_fini(&text);
    buf_init(&text, 1024 * 1024);
    metrics_render(&text);
    return buf_text(&text);
}

static void test_families(void **state)
{
    const struct record_source at = {SLICE("in"), 0, 7};
    struct meter meter;

    (void) state;
    log_open("test", LOG_ERROR);
    meter_init(&meter, "toy");
    meter_outcome(&meter, OUTCOME_PASSED, (struct slice){NULL, 0});
    meter_outcome(&meter, OUTCOME_DROPPED, SLICE("period: 2019-01-01"));
    meter_outcome(&meter, OUTCOME_DROPPED, SLICE("period: 2020-01-01"));
    meter_dead(&meter, at, SLICE("crash"));
    meter_takeover(&meter, at, SLICE("try 2"));
    meter_handler(&meter, 40);
    assert_true(metric_value(meter.passed) == 1);
    assert_true(metric_value(meter.records) == 1);
    assert_true(metric_value(meter.takeovers) == 1);
    assert_non_null(strstr(
        rendered(),
        "xunfang_stage_outcomes_total{stage=\"toy\",outcome=\"dropped\",reason=\"period\"} 2"));
    assert_non_null(
        strstr(rendered(),
               "xunfang_stage_outcomes_total{stage=\"toy\",outcome=\"dead\",reason=\"crash\"} 1"));
    assert_non_null(strstr(rendered(), "xunfang_stage_handler_seconds_count{stage=\"toy\"} 1"));
}

/* A stage that puts content before the colon cannot make a series of any length. */
static void test_long_reason(void **state)
{
    char reason[1000];
    struct meter meter;

    (void) state;
    memset(reason, 'r', sizeof reason);
    meter_init(&meter, "toy");
    meter_outcome(&meter, OUTCOME_DROPPED, slice_of(reason, sizeof reason));
    reason[64] = '\0';
    assert_null(strstr(rendered(), reason));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_families),
        cmocka_unit_test(test_long_reason),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
