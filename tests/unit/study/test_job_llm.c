#include "study/job_llm.h"

#include "tests/support/cmocka_all.h"

#include <string.h>

#define HEAD                                                                                       \
    "job: t\nregion: r.yaml\ncodebook: visits\nperiod: {from: 2010-01-01, to: 2023-12-31}\n"       \
    "crawl: {contact: a@b.c}\n"
#define LLM HEAD "llm:\n  endpoint: http://127.0.0.1:8080/v1\n  model: m\n"

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

static void reads(const char *text)
{
    if (read_job(text) != STATUS_OK)
        fail_msg("%s", err.message);
}

static void fails(const char *text, const char *message)
{
    assert_int_equal(read_job(text), STATUS_INVALID);
    if (strstr(err.message, message) == NULL)
        fail_msg("'%s' lacks '%s'", err.message, message);
}

static void test_defaults(void **state)
{
    (void) state;
    reads(LLM);
    assert_int_equal(job.llm.key_file.size, 0);
    assert_int_equal(job.llm.constraint, JOB_SCHEMA);
    assert_int_equal(job.llm.on_failure, JOB_BUILTIN);
    assert_int_equal(job.llm.concurrency, 16);
    assert_int_equal(job.llm.timeout_ms, 60000);
    assert_int_equal(job.llm.patience_ms, 600000);
    assert_int_equal(job.llm.budget.calls, 5000);
    assert_int_equal(job.llm.budget.tokens, 2000000);
    assert_int_equal(job.llm.budget.money, 0);
    assert_string_equal(job.llm.prices.currency.data, "CNY");
    assert_int_equal(job.llm.prices.prompt, 0);
    assert_int_equal(job.llm.ask_count, 0);
}

static void test_none(void **state)
{
    (void) state;
    reads(HEAD);
    assert_int_equal(job.llm.endpoint.size, 0);
    assert_int_equal(job.llm.line, 0);
}

static void test_everything(void **state)
{
    (void) state;
    reads(LLM "  key_file: k\n  constraint: grammar\n  on_failure: dead\n  concurrency: 3\n"
              "  timeout: 5s\n  patience: 1m\n"
              "  budget: {calls: 0, tokens: 7, money: 12.5}\n"
              "  prices: {currency: EUR, prompt: 0.000001, completion: 3}\n"
              "  ask: [{task: visit, from: 5}, {task: purpose}]\n");
    assert_string_equal(job.llm.key_file.data, "k");
    assert_int_equal(job.llm.constraint, JOB_GRAMMAR);
    assert_int_equal(job.llm.on_failure, JOB_DEAD);
    assert_int_equal(job.llm.concurrency, 3);
    assert_int_equal(job.llm.budget.calls, 0);
    assert_int_equal(job.llm.budget.money, 12500000);
    assert_int_equal(job.llm.prices.prompt, 1);
    assert_int_equal(job.llm.prices.completion, 3000000);
    assert_int_equal(job.llm.ask_count, 2);
    assert_int_equal(job.llm.ask[0].from_percent, 5);
    assert_int_equal(job.llm.ask[0].to_percent, 0);
    assert_string_equal(job.llm.ask[1].task.data, "purpose");
    assert_int_equal(job.llm.line, 6);
}

static void test_endpoints(void **state)
{
    (void) state;
    fails(HEAD "llm: {endpoint: 'ftp://x', model: m}\n",
          "job.yaml:6: llm.endpoint: 'ftp://x' is no address (http://HOST:PORT/v1)");
    fails(HEAD "llm: {model: m}\n", "job.yaml:6: llm.endpoint: is missing");
    fails(HEAD "llm: {endpoint: http://x/v1}\n", "job.yaml:6: llm.model: is missing");
    reads(HEAD "llm: {endpoint: 'replay:answers.jsonl', model: m}\n");
    reads(HEAD "llm: {endpoint: 'https://x/v1', model: m}\n");
}

static void test_numbers(void **state)
{
    (void) state;
    fails(LLM "  budget: {money: -1}\n", "llm.budget.money: '-1' is not a number");
    fails(LLM "  budget: {money: 1.2345678}\n", "at most 6 decimals");
    fails(LLM "  prices: {prompt: 1000001}\n", "llm.prices.prompt: '1000001' is not between 0 and");
    fails(LLM "  concurrency: 0\n", "llm.concurrency: '0' is not between 1 and 1024");
    fails(LLM "  timeout: 5m\n  patience: 1m\n", "llm.patience must not be less than timeout");
    fails(LLM "  on_failure: ignore\n", "'ignore' is none of: builtin, dead");
}

static void test_asks(void **state)
{
    (void) state;
    fails(LLM "  ask:\n  - {task: visit, from: 50, to: 40}\n",
          "job.yaml:10: llm.ask[0]: from must not be more than to");
    fails(LLM "  ask:\n  - {task: visit}\n  - {task: visit}\n",
          "job.yaml:11: llm.ask[1]: 'visit' stands there twice");
    fails(LLM "  ask: [{from: 3}]\n", "llm.ask[0].task: is missing");
    fails(LLM "  ask: [{task: visit, to: 0}]\n", "llm.ask[0].to: '0' is not between 1 and 99");
}

static void test_the_example_of_the_contract(void **state)
{
    (void) state;
    reads(HEAD "llm:\n  endpoint: http://127.0.0.1:8080/v1\n"
               "  model: qwen2.5-coder-1.5b-instruct\n  key_file: /etc/xunfang/llm.key\n"
               "  budget: {calls: 5000, tokens: 2000000}\n");
    assert_string_equal(job.llm.key_file.data, "/etc/xunfang/llm.key");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_defaults),
        TEST(test_none),
        TEST(test_everything),
        TEST(test_endpoints),
        TEST(test_numbers),
        TEST(test_asks),
        TEST(test_the_example_of_the_contract),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
