/* The contract of base/llm/llm.h where it promises bounds: of requests, memory, secrets and time;
 * and that recorded answers are the same as those that were recorded. */
#include "tests/contract/llm_kit.h"
#include "tests/support/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { MEMORY_MAX_KB = 512 * 1024 };

static const char *const eight_slots[] = {"--slots", "8", NULL};

static struct kit kit;
static struct kit_end before[KIT_QUESTIONS_MAX];

static int tear_down(void **state)
{
    (void) state;
    kit_close(&kit);
    return 0;
}

static void open_with(const char *script, const char *const *options)
{
    struct llm_options client;

    kit_open(&kit, script, options);
    client = kit_options(&kit);
    kit_client(&kit, &client);
}

static void no_more_in_flight_than_allowed(void **state)
{
    static const char *const busy[] = {"--slots", "64", "--latency", "20", NULL};
    struct llm_options options;

    (void) state;
    kit_open(&kit, NULL, busy);
    options = kit_options(&kit);
    options.concurrency = 3;
    kit_client(&kit, &options);
    assert_true(llm_room(kit.llm) >= 1 && llm_room(kit.llm) <= 3);
    for (size_t i = 0; i < 60; i++)
        kit_ask(&kit, "text");
    kit_finish(&kit, 60);
    assert_true(kit_stat(&kit, "most_in_flight") <= 3);
    assert_int_equal(kit_stat(&kit, "answered"), 60);
}

static void open_questions_have_a_limit(void **state)
{
    struct error err;
    size_t count = 0;

    (void) state;
    open_with("{\"match\":\"\",\"then\":[\"hang\"]}", NULL);
    while (kit_try(&kit, "text", &err) == STATUS_OK)
        count++;
    assert_int_equal(err.code, STATUS_AGAIN);
    assert_true(count > 1 && count <= LLM_OPEN_MAX);
    assert_int_equal(llm_open(kit.llm), count);
}

static void what_cannot_be_asked_is_said(void **state)
{
    static char text[LLM_PROMPT_MAX + 1];
    const struct llm_turn turn = {LLM_USER, {text, sizeof text}};
    const struct shape nothing = {NULL, 0};
    struct llm_question question = {.turns = &turn, .turn_count = 1, .shape = &kit_shape};
    struct error err;

    (void) state;
    open_with(NULL, NULL);
    memset(text, 'x', sizeof text);
    assert_int_equal(llm_ask(kit.llm, &question, &err), STATUS_TOO_LARGE);
    question.turn_count = 0;
    assert_int_equal(llm_ask(kit.llm, &question, &err), STATUS_INVALID);
    question.turn_count = LLM_TURNS_MAX + 1;
    assert_int_equal(llm_ask(kit.llm, &question, &err), STATUS_INVALID);
    question.turn_count = 1;
    question.shape = &nothing;
    assert_int_equal(llm_ask(kit.llm, &question, &err), STATUS_INVALID);
    assert_int_equal(llm_open(kit.llm), 0);
    assert_int_equal(kit_stat(&kit, "requests"), 0);
}

static void cancelled_questions_have_no_end(void **state)
{
    (void) state;
    open_with("{\"match\":\"evil\",\"then\":[\"hang\"]}", eight_slots);
    for (size_t i = 0; i < 6; i++)
        kit_ask(&kit, i % 2 == 0 ? "evil" : "good");
    kit_finish(&kit, 3);
    assert_int_equal(llm_open(kit.llm), 3);
    for (size_t i = 0; i < 6; i += 2)
        llm_cancel(kit.llm, &kit.ends[i]);
    llm_cancel(kit.llm, &kit);
    assert_int_equal(llm_open(kit.llm), 0);
    kit_ask(&kit, "good");
    kit_finish(&kit, 4);
    assert_false(kit.ends[0].ended || kit.ends[2].ended || kit.ends[4].ended);
}

/* A server where everything fails is asked less and less, and every question still ends. */
static void a_broken_server_is_left_alone(void **state)
{
    struct llm_options options;

    (void) state;
    kit_open(&kit, "{\"match\":\"\",\"then\":[\"500\"]}", eight_slots);
    options = kit_options(&kit);
    options.patience_ms = 2500;
    kit_client(&kit, &options);
    for (size_t i = 0; i < 40; i++)
        kit_ask(&kit, "text");
    kit_finish(&kit, 40);
    for (size_t i = 0; i < 40; i++)
        kit_assert_outcome(&kit, i, LLM_UNAVAILABLE);
    assert_true(kit_stat(&kit, "requests") < 40 * LLM_CALLS_MAX / 2);
}

static void an_absent_server_costs_nothing(void **state)
{
    struct llm_options options;

    (void) state;
    kit_open(&kit, NULL, NULL);
    options = kit_options(&kit);
    options.patience_ms = 700;
    kit_client(&kit, &options);
    kit_stop_server(&kit);
    for (size_t i = 0; i < 10; i++)
        kit_ask(&kit, "text");
    kit_finish(&kit, 10);
    for (size_t i = 0; i < 10; i++) {
        kit_assert_outcome(&kit, i, LLM_UNAVAILABLE);
        assert_int_equal(kit.ends[i].usage.calls, 0);
        assert_non_null(strstr(kit.ends[i].reason, "refused"));
    }
}

static void a_server_that_comes_back_is_asked(void **state)
{
    (void) state;
    open_with(NULL, eight_slots);
    kit_stop_server(&kit);
    for (size_t i = 0; i < 10; i++)
        kit_ask(&kit, "text");
    for (size_t i = 0; i < 20; i++)
        kit_step(&kit, 10);
    assert_int_equal(kit.ended, 0);
    kit_start_server(&kit, NULL, eight_slots);
    kit_finish(&kit, 10);
    for (size_t i = 0; i < 10; i++)
        kit_assert_outcome(&kit, i, LLM_ANSWERED);
    kit_stop_server(&kit);
    kit_start_server(&kit, NULL, eight_slots);
    /* The kept connections are dead; that is no fault of the server. */
    for (size_t i = 0; i < 10; i++)
        kit_ask(&kit, "text");
    kit_finish(&kit, 20);
    for (size_t i = 10; i < 20; i++)
        kit_assert_outcome(&kit, i, LLM_ANSWERED);
}

static void memory_is_bounded(void **state)
{
    struct llm_options options;
    struct rusage usage;

    (void) state;
    kit_open(&kit, "{\"match\":\"\",\"then\":[\"endless\"]}", eight_slots);
    options = kit_options(&kit);
    options.patience_ms = 3000;
    kit_client(&kit, &options);
    for (size_t i = 0; i < 30; i++)
        kit_ask(&kit, "text");
    kit_finish(&kit, 30);
    for (size_t i = 0; i < 30; i++)
        kit_assert_outcome(&kit, i, LLM_UNAVAILABLE);
    assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
    assert_true(usage.ru_maxrss < MEMORY_MAX_KB);
}

/* ---- keys ---- */

static void ask_with_key(const char *key)
{
    char path[KIT_PATH_MAX + 64];
    char record[KIT_PATH_MAX + 64];
    struct llm_options options = kit_options(&kit);

    snprintf(record, sizeof record, "%s", kit_path(&kit, "recording"));
    snprintf(path, sizeof path, "%s", kit_path(&kit, "key"));
    options.record = record;
    if (key != NULL) {
        kit_write(&kit, "key", key);
        options.key_file = path;
    }
    kit_client(&kit, &options);
    kit_finish(&kit, kit_ask(&kit, "text") + 1);
}

/* The server itself refuses a body that holds the key. */
static void the_key_goes_into_its_header_only(void **state)
{
    static const char *const locked[] = {"--key", "open-sesame", NULL};
    static char file[1 << 16];
    FILE *recording;

    (void) state;
    kit_open(&kit, NULL, locked);
    ask_with_key("open-sesame\nwhat follows is not the key\n");
    kit_assert_outcome(&kit, 0, LLM_ANSWERED);
    assert_int_equal(kit_stat(&kit, "with_key"), 1);
    recording = fopen(kit_path(&kit, "recording"), "rb");
    assert_non_null(recording);
    assert_true(fread(file, 1, sizeof file - 1, recording) > 0);
    fclose(recording);
    assert_null(strstr(file, "sesame"));
    ask_with_key("wrong-sesame");
    kit_assert_outcome(&kit, 0, LLM_REFUSED);
    assert_non_null(strstr(kit.ends[0].reason, "401"));
    assert_null(strstr(kit.ends[0].reason, "sesame"));
    ask_with_key(NULL);
    kit_assert_outcome(&kit, 0, LLM_REFUSED);
}

static void assert_no_client(const struct llm_options *options)
{
    struct llm *llm = NULL;
    struct error err;

    assert_int_equal(llm_create(options, &llm, &err), STATUS_INVALID);
    assert_null(llm);
    assert_true(err.message[0] != '\0');
    assert_null(strstr(err.message, "sesame"));
}

static void what_cannot_be_used_is_said_at_once(void **state)
{
    struct llm_options good;
    struct llm_options options;
    char path[KIT_PATH_MAX + 64];

    (void) state;
    open_with(NULL, NULL);
    good = kit_options(&kit);
    options = good;
    options.endpoint = "ftp://127.0.0.1/v1";
    assert_no_client(&options);
    options.endpoint = "";
    assert_no_client(&options);
    options.endpoint = "replay:/nonexistent/recording";
    assert_no_client(&options);
    options = good;
    options.record = "/nonexistent/recording";
    assert_no_client(&options);
    options = good;
    options.key_file = "/nonexistent/key";
    assert_no_client(&options);
    snprintf(path, sizeof path, "%s", kit_path(&kit, "key"));
    options.key_file = path;
    kit_write(&kit, "key", "\n");
    assert_no_client(&options);
    kit_write(&kit, "key", "open sesame\r\nX-Evil: 1");
    assert_no_client(&options);
    assert_int_equal(kit_stat(&kit, "requests"), 0);
}

/* ---- recordings ---- */

static void ask_all(size_t count)
{
    char text[32];

    for (size_t i = 0; i < count; i++) {
        snprintf(text, sizeof text, "text %zu", i);
        kit_ask(&kit, text);
    }
    kit_finish(&kit, count);
}

static void recorded_answers_are_the_same(void **state)
{
    char endpoint[KIT_PATH_MAX + 64];
    struct llm_options options;
    int64_t requests;

    (void) state;
    kit_open(&kit,
             "{\"match\":\"text 3\",\"then\":[\"500\",\"ok\"]}\n"
             "{\"match\":\"text 4\",\"then\":[\"truncated\",\"ok\"]}\n",
             eight_slots);
    options = kit_options(&kit);
    snprintf(endpoint, sizeof endpoint, "replay:%s", kit_path(&kit, "recording"));
    options.record = endpoint + sizeof "replay:" - 1;
    kit_client(&kit, &options);
    ask_all(40);
    memcpy(before, kit.ends, sizeof before);
    requests = kit_stat(&kit, "requests");
    options.record = NULL;
    options.endpoint = endpoint;
    kit_client(&kit, &options);
    ask_all(40);
    for (size_t i = 0; i < 40; i++) {
        kit_assert_outcome(&kit, i, LLM_ANSWERED);
        assert_string_equal(kit.ends[i].text, before[i].text);
        assert_string_equal(kit.ends[i].served_by, before[i].served_by);
    }
    assert_int_equal(kit.ends[9].usage.prompt_tokens, before[9].usage.prompt_tokens);
    kit_ask(&kit, "never asked");
    kit_finish(&kit, 41);
    kit_assert_outcome(&kit, 40, LLM_REFUSED);
    assert_non_null(strstr(kit.ends[40].reason, "not recorded"));
    assert_int_equal(kit.ends[40].usage.calls, 0);
    assert_int_equal(kit_stat(&kit, "requests"), requests);
}

static void recorded_nonsense_is_nonsense_again(void **state)
{
    char endpoint[KIT_PATH_MAX + 64];
    struct llm_options options;

    (void) state;
    kit_open(&kit, "{\"match\":\"\",\"then\":[\"wrong-label\"]}", eight_slots);
    options = kit_options(&kit);
    snprintf(endpoint, sizeof endpoint, "replay:%s", kit_path(&kit, "recording"));
    options.record = endpoint + sizeof "replay:" - 1;
    kit_client(&kit, &options);
    ask_all(5);
    kit_stop_server(&kit);
    options.record = NULL;
    options.endpoint = endpoint;
    kit_client(&kit, &options);
    ask_all(5);
    for (size_t i = 0; i < 5; i++)
        kit_assert_outcome(&kit, i, LLM_INVALID);
}

static void recordings_have_no_vectors(void **state)
{
    const struct slice text = SLICE("a");
    const struct llm_embed_question question = {&text, 1, &kit};
    char endpoint[KIT_PATH_MAX + 64];
    struct llm_options options;
    struct error err;

    (void) state;
    kit_open(&kit, NULL, NULL);
    kit_write(&kit, "recording", "");
    options = kit_options(&kit);
    snprintf(endpoint, sizeof endpoint, "replay:%s", kit_path(&kit, "recording"));
    options.endpoint = endpoint;
    kit_client(&kit, &options);
    assert_int_equal(llm_embed(kit.llm, &question, &err), STATUS_UNSUPPORTED);
    assert_string_equal(llm_model(kit.llm), "toy");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(no_more_in_flight_than_allowed, tear_down),
        cmocka_unit_test_teardown(open_questions_have_a_limit, tear_down),
        cmocka_unit_test_teardown(what_cannot_be_asked_is_said, tear_down),
        cmocka_unit_test_teardown(cancelled_questions_have_no_end, tear_down),
        cmocka_unit_test_teardown(a_broken_server_is_left_alone, tear_down),
        cmocka_unit_test_teardown(an_absent_server_costs_nothing, tear_down),
        cmocka_unit_test_teardown(a_server_that_comes_back_is_asked, tear_down),
        cmocka_unit_test_teardown(memory_is_bounded, tear_down),
        cmocka_unit_test_teardown(the_key_goes_into_its_header_only, tear_down),
        cmocka_unit_test_teardown(what_cannot_be_used_is_said_at_once, tear_down),
        cmocka_unit_test_teardown(recorded_answers_are_the_same, tear_down),
        cmocka_unit_test_teardown(recorded_nonsense_is_nonsense_again, tear_down),
        cmocka_unit_test_teardown(recordings_have_no_vectors, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
