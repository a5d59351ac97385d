#include "study/job.h"

#include "base/util/civil.h"
#include "tests/support/cmocka_all.h"

#include <stdio.h>
#include <string.h>

#define HEAD                                                                                       \
    "job: t\nregion: r.yaml\ncodebook: visits\nperiod: {from: 2010-01-01, to: 2023-12-31}\n"

static struct arena *arena;
static struct error err;
static struct job job;

static int set_up(void **state)
{
    (void) state;
    arena = arena_create(1 << 20);
    job = (struct job){0};
    return arena == NULL;
}

static int tear_down(void **state)
{
    (void) state;
    arena_destroy(arena);
    return 0;
}

static enum status read_job(const char *text)
{
    struct yaml_source source = {slice_from(text), "job.yaml", arena};

    return job_read(&source, &job, &err);
}

static void fails(const char *text, const char *message)
{
    assert_int_equal(read_job(text), STATUS_INVALID);
    if (strstr(err.message, message) == NULL)
        fail_msg("'%s' lacks '%s'", err.message, message);
}

static void test_defaults_are_those_of_the_contract(void **state)
{
    (void) state;
    assert_int_equal(read_job(HEAD "crawl: {contact: a@b.c}\n"), STATUS_OK);
    assert_string_equal(job.name.data, "t");
    assert_true(job.all_pairs);
    assert_int_equal(job.crawl.delay_ms, 1000);
    assert_int_equal(job.crawl.connections_per_host, 1);
    assert_int_equal(job.crawl.robots, JOB_ROBOTS_OBEY);
    assert_false(job.crawl.allow_private_addresses);
    assert_int_equal(job.crawl.max_pages_per_list, 500);
    assert_int_equal(job.crawl.max_body, 8 << 20);
    assert_int_equal(job.crawl.max_requests, 200000);
    assert_int_equal(job.crawl.hours_from, 0);
    assert_int_equal(job.crawl.hours_to, 1440);
    assert_int_equal(job.llm.endpoint.size, 0);
    assert_int_equal(job.period.from, civil_to_day((struct civil){2010, 1, 1}));
    assert_int_equal(job.period.to, civil_to_day((struct civil){2023, 12, 31}));
}

static void test_all_fields(void **state)
{
    (void) state;
    assert_int_equal(
        read_job(HEAD "pairs: [[苏州, 上海], [上海, 宿州]]\n"
                      "crawl:\n  contact: a@b.c\n  delay: 20ms\n  connections_per_host: 1\n"
                      "  robots: ignore-for-tests\n  allow_private_addresses: true\n"
                      "  max_pages_per_list: 7\n  max_body: 64KiB\n  max_requests: 9\n"
                      "  hours: 22:30-06:00\n  ports: [8443]\n"
                      "llm: {endpoint: http://x/v1, model: m, key_file: k, budget: {calls: 5}}\n"),
        STATUS_OK);
    assert_false(job.all_pairs);
    assert_int_equal(job.pair_count, 2);
    assert_string_equal(job.pairs[1].query.data, "宿州");
    assert_int_equal(job.pairs[1].line, 5);
    assert_int_equal(job.crawl.robots, JOB_ROBOTS_IGNORE_FOR_TESTS);
    assert_int_equal(job.crawl.hours_from, 22 * 60 + 30);
    assert_int_equal(job.crawl.hours_to, 6 * 60);
    assert_int_equal(job.crawl.ports[0], 8443);
    assert_string_equal(job.llm.model.data, "m");
    assert_int_equal(job.llm.budget.calls, 5);
    assert_int_equal(job.llm.budget.tokens, 2000000);
}

static void test_missing_and_unknown(void **state)
{
    (void) state;
    fails("job: t\n", "job.yaml:1: region: is missing");
    fails(HEAD, "job.yaml:1: crawl: is missing");
    fails(HEAD "crawl: {delay: 1s}\n", "job.yaml:5: crawl.contact: is missing");
    fails(HEAD "crawl: {contact: a, dealy: 1s}\n",
          "job.yaml:5: crawl.dealy: unknown field (did you mean 'delay'?)");
    fails(HEAD "crawl: {contact: ''}\n", "job.yaml:5: crawl.contact: must not be empty");
}

static void test_units_are_required(void **state)
{
    (void) state;
    fails(HEAD "crawl: {contact: a, delay: 1}\n",
          "job.yaml:5: crawl.delay: '1' is not a number with a unit (20ms, 1s, 5m, 2h, 1d)");
    fails(HEAD "crawl: {contact: a, max_body: 8}\n", "crawl.max_body: '8' is not a number with");
    fails(HEAD "crawl: {contact: a, delay: -1s}\n", "crawl.delay: '-1s'");
}

static void test_names(void **state)
{
    (void) state;
    fails("job: a/b\nregion: r\ncodebook: c\nperiod: {from: 2010-01-01, to: 2010-01-01}\n"
          "crawl: {contact: a}\n",
          "job.yaml:1: job: 'a/b' may have only letters");
    fails("job: ''\n", "job.yaml:1: job: must not be empty");
}

static void test_periods(void **state)
{
    (void) state;
    fails("job: t\nregion: r\ncodebook: c\nperiod: {from: 2011-01-01, to: 2010-01-01}\n"
          "crawl: {contact: a}\n",
          "job.yaml:4: period: 'from' lies after 'to'");
    fails("job: t\nregion: r\ncodebook: c\nperiod: {from: 2011-02-30, to: 2012-01-01}\n"
          "crawl: {contact: a}\n",
          "job.yaml:4: period.from: ");
    fails("job: t\nregion: r\ncodebook: c\nperiod: {from: 2011-02-01}\ncrawl: {contact: a}\n",
          "job.yaml:4: period.to: is missing");
}

static void test_hours(void **state)
{
    static const char *const bad[] = {"00:00",       "25:00-26:00", "8-9", "00:60-01:00",
                                      "08:00-08:00", "24:01-01:00", "",    NULL};
    char text[512];

    (void) state;
    for (size_t i = 0; bad[i] != NULL; i++) {
        (void) snprintf(text, sizeof text, HEAD "crawl:\n  contact: a\n  hours: \"%s\"\n", bad[i]);
        fails(text, "job.yaml:7: crawl.hours: ");
    }
    assert_int_equal(read_job(HEAD "crawl: {contact: a, hours: '08:00-12:00'}\n"), STATUS_OK);
    assert_true(job_hour_allowed(&job, 8 * 60));
    assert_false(job_hour_allowed(&job, 12 * 60));
    assert_int_equal(read_job(HEAD "crawl: {contact: a, hours: '22:00-06:00'}\n"), STATUS_OK);
    assert_true(job_hour_allowed(&job, 23 * 60));
    assert_true(job_hour_allowed(&job, 0));
    assert_false(job_hour_allowed(&job, 6 * 60));
}

static void test_pairs(void **state)
{
    (void) state;
    fails(HEAD "crawl: {contact: a}\npairs: some\n", "job.yaml:6: pairs: must be 'all' or a list");
    fails(HEAD "crawl: {contact: a}\npairs:\n  - [苏州, 上海]\n  - 苏州\n",
          "job.yaml:8: pairs[1]: must be [site city, query city]");
    fails(HEAD "crawl: {contact: a}\npairs: [[苏州]]\n", "pairs[0]: must be");
    fails(HEAD "crawl: {contact: a}\npairs: []\n", "pairs: must be 'all' or a list");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_defaults_are_those_of_the_contract, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_all_fields, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_missing_and_unknown, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_units_are_required, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_names, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_periods, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_hours, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_pairs, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
