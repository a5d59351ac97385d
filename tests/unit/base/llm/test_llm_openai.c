/* llm_openai against a server on a real socket: what goes over the wire, and what every way of
 * ending becomes. */
#include "tests/unit/base/llm/openai_server.h"

#include "base/llm/llm_backend.h"

#include "tests/support/cmocka_all.h"

static const struct slice yes_no[] = {{"yes", 3}, {"no", 2}};
static const struct shape_field fields[] = {
    {.name = {"visit", 5}, .kind = SHAPE_CHOICE, .choices = yes_no, .choice_count = 2}};
static const struct shape shape = {fields, 1};

static void *client;
static char key_path[64];

static struct llm_options options_at(uint16_t port)
{
    static char endpoint[64];

    (void) snprintf(endpoint, sizeof endpoint, "http://127.0.0.1:%u/v1/", port);
    return (struct llm_options){.endpoint = endpoint, .model = "m \"1\"", .clock = clock_system()};
}

static void open_client(const struct llm_options *options)
{
    struct error err;

    assert_int_equal(llm_openai.create(options, &client, &err), STATUS_OK);
}

static int set_up(void **state)
{
    struct llm_options options = options_at(server_port);

    (void) state;
    open_client(&options);
    return 0;
}

static int tear_down(void **state)
{
    (void) state;
    llm_openai.destroy(client);
    if (key_path[0] != '\0')
        (void) unlink(key_path);
    return 0;
}

static void reopen(struct llm_options options)
{
    llm_openai.destroy(client);
    open_client(&options);
}

static void submit(const char *text, int64_t timeout_ms)
{
    const struct llm_turn turns[] = {{LLM_SYSTEM, SLICE("say\n")}, {LLM_USER, slice_from(text)}};
    const struct llm_attempt attempt = {.turns = turns,
                                        .turn_count = 2,
                                        .shape = &shape,
                                        .max_tokens = 32,
                                        .timeout_ms = timeout_ms,
                                        .owner = &client};
    struct error err;

    assert_int_equal(llm_openai.submit(client, &attempt, &err), STATUS_OK);
}

static struct llm_attempt_end await(void)
{
    struct llm_attempt_end end = {0};
    struct error err;

    for (int i = 0; i < 1000; i++) {
        assert_int_equal(llm_openai.step(client, 10, &err), STATUS_OK);
        if (llm_openai.next(client, &end))
            return end;
    }
    fail_msg("no end");
    return end;
}

static struct llm_attempt_end ask(const char *text)
{
    struct llm_attempt_end end;

    submit(text, 5000);
    end = await();
    assert_ptr_equal(end.owner, &client);
    return end;
}

static bool was_sent(const char *text)
{
    bool found;

    (void) pthread_mutex_lock(&server_lock);
    found = strstr(server_request, text) != NULL;
    (void) pthread_mutex_unlock(&server_lock);
    return found;
}

/* ---- requests ---- */

static void test_reply(void **state)
{
    struct llm_attempt_end end = ask("text");

    (void) state;
    assert_int_equal(end.end, LLM_END_REPLY);
    assert_true(end.sent && !end.stale && !end.overload);
    assert_true(slice_equal(end.text, SLICE("{\"visit\":\"yes\"}")));
    assert_true(slice_equal(end.served_by, SLICE("tiny (b1)")));
    assert_int_equal(end.prompt_tokens, 11);
    assert_int_equal(end.completion_tokens, 4);
    assert_false(llm_openai.next(client, &end));
}

static void test_request(void **state)
{
    (void) state;
    ask("text");
    assert_true(was_sent("POST /v1/chat/completions HTTP/1.1\r\n"));
    assert_true(was_sent("Content-Type: application/json\r\n"));
    assert_true(was_sent("{\"model\":\"m \\\"1\\\"\",\"messages\":[{\"role\":\"system\","
                         "\"content\":\"say\\n\"},{\"role\":\"user\",\"content\":\"text\"}],"
                         "\"temperature\":0,\"seed\":1,\"max_tokens\":32,\"stream\":false,"
                         "\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{"));
    assert_false(was_sent("Authorization"));
    assert_false(was_sent("cache_prompt"));
}

static void test_constraints(void **state)
{
    struct llm_options options = options_at(server_port);

    (void) state;
    options.constraint = LLM_GRAMMAR;
    reopen(options);
    ask("text");
    assert_true(was_sent("\"cache_prompt\":true,\"grammar\":\"root ::= "));
    assert_false(was_sent("response_format"));
    options.constraint = LLM_UNCONSTRAINED;
    reopen(options);
    ask("text");
    assert_true(was_sent("\"stream\":false}"));
}

static void test_broken_text(void **state)
{
    (void) state;
    assert_int_equal(ask("\xFF\x01\"").end, LLM_END_REPLY);
    assert_true(was_sent("\"content\":\"\xEF\xBF\xBD\\u0001\\\"\""));
}

static void test_connection_is_kept(void **state)
{
    int before = server_connections;

    (void) state;
    for (int i = 0; i < 5; i++)
        assert_int_equal(ask("text").end, LLM_END_REPLY);
    assert_int_equal(server_connections - before, 1);
}

/* ---- keys ---- */

static void write_key(const char *text)
{
    int fd;

    (void) snprintf(key_path, sizeof key_path, "/tmp/test-llm-key-XXXXXX");
    fd = mkstemp(key_path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t) strlen(text));
    close(fd);
}

static void test_key(void **state)
{
    struct llm_options options = options_at(server_port);

    (void) state;
    write_key("  sk-1234 \nsecond line\n");
    options.key_file = key_path;
    reopen(options);
    ask("text");
    assert_true(was_sent("Authorization: Bearer sk-1234\r\n"));
    assert_false(was_sent("second"));
}

static void expect_bad_key(const char *text)
{
    struct llm_options options = options_at(server_port);
    void *none = NULL;
    struct error err;

    write_key(text);
    options.key_file = key_path;
    assert_int_equal(llm_openai.create(&options, &none, &err), STATUS_INVALID);
    assert_non_null(strstr(err.message, key_path));
    assert_null(strstr(err.message, "sk-"));
    (void) unlink(key_path);
}

static void test_bad_keys(void **state)
{
    static char long_key[5000];
    struct llm_options options = options_at(server_port);
    void *none = NULL;
    struct error err;

    (void) state;
    expect_bad_key("");
    expect_bad_key("\nsk-1234\n");
    expect_bad_key("sk-12 34");
    expect_bad_key("sk-12\r34");
    memset(long_key, 'k', sizeof long_key - 1);
    expect_bad_key(long_key);
    options.key_file = "/nowhere/key";
    assert_int_equal(llm_openai.create(&options, &none, &err), STATUS_INVALID);
    assert_non_null(strstr(err.message, "/nowhere/key"));
    key_path[0] = '\0';
}

static void test_bad_endpoints(void **state)
{
    static const char *const endpoints[] = {
        "http://",       "http:///v1",   "https://u:p@h/v1", "http://h/v1?key=1",
        "http://h/v1#x", "http://h /v1", "http://h\n/v1",    "htt"};
    struct llm_options options = options_at(server_port);
    void *none = NULL;
    struct error err;

    (void) state;
    for (size_t i = 0; i < sizeof endpoints / sizeof endpoints[0]; i++) {
        options.endpoint = endpoints[i];
        assert_int_equal(llm_openai.create(&options, &none, &err), STATUS_INVALID);
    }
}

/* ---- ends ---- */

static void expect(const char *text, enum llm_end end, bool sent, const char *reason)
{
    struct llm_attempt_end got = ask(text);

    assert_int_equal(got.end, end);
    assert_int_equal(got.sent, sent);
    if (strstr(got.reason, reason) == NULL)
        fail_msg("'%s' is not in '%s'", reason, got.reason);
}

static void test_error_statuses(void **state)
{
    (void) state;
    expect("case-500", LLM_END_FAILED, true, "HTTP 500 from http://127.0.0.1:");
    expect("case-500", LLM_END_FAILED, true, "/v1: it broke");
    expect("case-503", LLM_END_BUSY, false, ": Loading model");
    expect("case-401", LLM_END_REFUSED, false, ", check key_file: Invalid API key");
    expect("case-404", LLM_END_REFUSED, false, ", check endpoint and model");
    expect("case-400", LLM_END_REFUSED, false, "HTTP 400 from");
    expect("case-400", LLM_END_REFUSED, false, ": context too long");
    expect("case-moved", LLM_END_REFUSED, false, "redirects are not followed");
    expect("case-204", LLM_END_FAILED, true, "HTTP 204");
}

static void test_busy_says_when(void **state)
{
    struct llm_attempt_end end = ask("case-429");

    (void) state;
    assert_int_equal(end.end, LLM_END_BUSY);
    assert_int_equal(end.wait_ms, 7000);
    assert_true(end.overload);
    assert_non_null(strstr(end.reason, "too fast"));
    end = ask("case-503");
    assert_int_equal(end.wait_ms, 0);
}

static void test_frames_that_are_none(void **state)
{
    (void) state;
    expect("case-html", LLM_END_FAILED, true, "not JSON");
    expect("case-no-choice", LLM_END_FAILED, true, "no choices[0]");
    expect("case-null", LLM_END_FAILED, true, "no choices[0]");
}

static void test_cut(void **state)
{
    struct llm_attempt_end end = ask("case-length");

    (void) state;
    assert_int_equal(end.end, LLM_END_CUT);
    assert_true(slice_equal(end.text, SLICE("{")));
    assert_non_null(strstr(end.reason, "(length)"));
}

static void test_uncounted_tokens_are_guessed_high(void **state)
{
    struct llm_attempt_end end = ask("case-silent-usage");

    (void) state;
    assert_int_equal(end.end, LLM_END_REPLY);
    assert_int_equal(end.completion_tokens, 4);
    assert_in_range(end.prompt_tokens, 50, 400);
    assert_int_equal(end.served_by.size, 0);
}

static void test_broken_connections(void **state)
{
    struct llm_attempt_end end;

    (void) state;
    expect("case-close", LLM_END_FAILED, true, "connection closed");
    expect("case-endless", LLM_END_FAILED, true, "body over its limit");
    assert_int_equal(ask("text").end, LLM_END_REPLY);
    /* A kept connection dies under the next request. */
    end = ask("case-close");
    assert_int_equal(end.end, LLM_END_FAILED);
    assert_true(end.stale);
    submit("case-hang", 200);
    end = await();
    assert_int_equal(end.end, LLM_END_FAILED);
    assert_true(end.sent && end.overload);
    assert_non_null(strstr(end.reason, "timed out"));
}

static void test_nobody_there(void **state)
{
    struct llm_options options = options_at(1);
    struct llm_attempt_end end;

    (void) state;
    reopen(options);
    end = ask("text");
    assert_int_equal(end.end, LLM_END_BUSY);
    assert_false(end.sent || end.overload);
    assert_non_null(strstr(end.reason, "http://127.0.0.1:1/v1: connection refused"));
    options.endpoint = "http://no-such-host.invalid/v1";
    reopen(options);
    assert_int_equal(ask("text").end, LLM_END_BUSY);
}

static void test_cancel(void **state)
{
    struct llm_attempt_end end;
    struct error err;

    (void) state;
    submit("case-hang", 5000);
    assert_int_equal(llm_openai.step(client, 50, &err), STATUS_OK);
    llm_openai.cancel(client, &client);
    llm_openai.cancel(client, &client);
    assert_int_equal(llm_openai.step(client, 10, &err), STATUS_OK);
    assert_false(llm_openai.next(client, &end));
    assert_int_equal(ask("text").end, LLM_END_REPLY);
}

static void test_many_at_once(void **state)
{
    static int owners[LLM_CONCURRENCY_MAX + 1];
    const struct llm_turn turn = {LLM_USER, SLICE("text")};
    struct llm_attempt attempt = {
        .turns = &turn, .turn_count = 1, .shape = &shape, .max_tokens = 8, .timeout_ms = 9000};
    struct error err;

    (void) state;
    for (int i = 0; i < LLM_CONCURRENCY_MAX; i++) {
        attempt.owner = &owners[i];
        assert_int_equal(llm_openai.submit(client, &attempt, &err), STATUS_OK);
    }
    attempt.owner = &owners[LLM_CONCURRENCY_MAX];
    assert_int_equal(llm_openai.submit(client, &attempt, &err), STATUS_AGAIN);
    for (int i = 0; i < LLM_CONCURRENCY_MAX; i++) {
        struct llm_attempt_end end = await();
        assert_int_equal(end.end, LLM_END_REPLY);
        (*(int *) end.owner)++;
    }
    for (int i = 0; i < LLM_CONCURRENCY_MAX; i++)
        assert_int_equal(owners[i], 1);
}

static void test_embed(void **state)
{
    const struct slice texts[] = {SLICE("a"), SLICE("b")};
    const float expected[] = {1, -2, 3, 4.5F};
    struct llm_attempt attempt = {
        .texts = texts, .text_count = 2, .timeout_ms = 5000, .owner = &client};
    struct llm_attempt_end end;
    struct error err;

    (void) state;
    assert_int_equal(llm_openai.submit(client, &attempt, &err), STATUS_OK);
    end = await();
    assert_true(was_sent("POST /v1/embeddings HTTP/1.1\r\n"));
    assert_true(was_sent("{\"model\":\"m \\\"1\\\"\",\"input\":[\"a\",\"b\"],\"encoding_format\":"
                         "\"float\"}"));
    assert_int_equal(end.end, LLM_END_REPLY);
    assert_int_equal(end.dimension, 2);
    assert_memory_equal(end.vectors, expected, sizeof expected);
    assert_int_equal(end.prompt_tokens, 6);
    assert_int_equal(end.completion_tokens, 0);
    attempt.text_count = 1;
    assert_int_equal(llm_openai.submit(client, &attempt, &err), STATUS_OK);
    assert_int_equal(await().end, LLM_END_FAILED);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_reply),
        CASE(test_request),
        CASE(test_constraints),
        CASE(test_broken_text),
        CASE(test_connection_is_kept),
        CASE(test_key),
        CASE(test_bad_keys),
        CASE(test_bad_endpoints),
        CASE(test_error_statuses),
        CASE(test_busy_says_when),
        CASE(test_frames_that_are_none),
        CASE(test_cut),
        CASE(test_uncounted_tokens_are_guessed_high),
        CASE(test_broken_connections),
        CASE(test_nobody_there),
        CASE(test_cancel),
        CASE(test_many_at_once),
        CASE(test_embed),
    };

    return cmocka_run_group_tests(tests, server_start, NULL);
}
