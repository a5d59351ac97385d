/* llm_meter, through a client: the series that progress and operators read. */
#include "tests/unit/base/llm/llm_fixture.h"

#include "base/metrics.h"

static void expect_lines(const char *const *lines)
{
    struct buf text;

    buf_init(&text, 1 << 20);
    metrics_render(&text);
    for (; *lines != NULL; lines++)
        if (strstr(buf_text(&text), *lines) == NULL)
            fail_msg("no '%s' in:\n%s", *lines, buf_text(&text));
    buf_fini(&text);
}

static void test_calls_and_tokens(void **state)
{
    static const char *const lines[] = {"xunfang_llm_calls_total{outcome=\"answered\"} 1\n",
                                        "xunfang_llm_calls_total{outcome=\"invalid\"} 1\n",
                                        "xunfang_llm_calls_total{outcome=\"cut\"} 1\n",
                                        "xunfang_llm_calls_total{outcome=\"busy\"} 1\n",
                                        "xunfang_llm_calls_total{outcome=\"failed\"} 1\n",
                                        "xunfang_llm_calls_total{outcome=\"refused\"} 1\n",
                                        "xunfang_llm_tokens_total{direction=\"prompt\"} 30\n",
                                        "xunfang_llm_tokens_total{direction=\"completion\"} 262\n",
                                        "xunfang_llm_latency_seconds_count 3\n",
                                        "xunfang_llm_breaker 0\n",
                                        NULL};

    (void) state;
    assert_int_equal(ask(NULL), STATUS_OK);
    await_attempt();
    fake_busy(0);
    await_attempt();
    fake_fail();
    await_attempt();
    fake_reply("[]");
    await_attempt();
    fake_cut("[");
    expect(LLM_INVALID, NULL, 3);
    assert_int_equal(ask(NULL), STATUS_OK);
    await_attempt();
    fake_reply(good);
    expect(LLM_ANSWERED, NULL, 1);
    assert_int_equal(ask(NULL), STATUS_OK);
    await_attempt();
    fake_end((struct llm_attempt_end){.end = LLM_END_REFUSED});
    expect(LLM_REFUSED, NULL, 0);
    expect_lines(lines);
}

static void test_gauges(void **state)
{
    static const char *const under_way[] = {"xunfang_llm_in_flight 4\n", "xunfang_llm_slots 4\n",
                                            NULL};
    static const char *const open[] = {"xunfang_llm_in_flight 0\n", "xunfang_llm_breaker 2\n",
                                       NULL};

    (void) state;
    for (int i = 0; i < 6; i++)
        assert_int_equal(ask(NULL), STATUS_OK);
    step(0);
    expect_lines(under_way);
    for (int i = 0; i < 2; i++) {
        while (fake.open_count > 0)
            fake_fail();
        step(0);
    }
    expect_lines(open);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_calls_and_tokens),
        CASE(test_gauges),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
