#include "base/llm/recording.h"
#include "tests/support/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char endpoint[] = "replay:/tmp/xunfang-replay-XXXXXX";
static char *const path = endpoint + sizeof "replay:" - 1;
static struct error err;
static void *replay;

static const struct shape_field field = {{"x", 1}, SHAPE_TEXT, NULL, 0, 40};
static const struct shape shape = {&field, 1};
static struct llm_turn turn = {LLM_USER, {NULL, 0}};

static int set_up(void **state)
{
    int file;

    (void) state;
    memcpy(endpoint + sizeof endpoint - 7, "XXXXXX", 6);
    file = mkstemp(path);
    close(file);
    replay = NULL;
    return file < 0;
}

static int tear_down(void **state)
{
    (void) state;
    llm_replay.destroy(replay);
    return unlink(path);
}

static struct llm_attempt about(const char *text)
{
    turn.text = slice_from(text);
    return (struct llm_attempt){.turns = &turn, .turn_count = 1, .shape = &shape};
}

static void record(const char *question, const char *answer, enum llm_end how)
{
    const struct llm_attempt attempt = about(question);
    const struct llm_attempt_end end = {.end = how,
                                        .text = slice_from(answer),
                                        .served_by = slice_from("toy-1"),
                                        .prompt_tokens = 20,
                                        .completion_tokens = 5};
    struct recording *recording;

    assert_int_equal(recording_open(path, &recording, &err), STATUS_OK);
    assert_int_equal(recording_append(recording, "toy", &attempt, &end, &err), STATUS_OK);
    recording_close(recording);
}

static enum status create(const char *model)
{
    const struct llm_options options = {.endpoint = endpoint, .model = model};

    return llm_replay.create(&options, &replay, &err);
}

static void ask(const char *question, void *owner)
{
    struct llm_attempt attempt = about(question);

    attempt.owner = owner;
    assert_int_equal(llm_replay.submit(replay, &attempt, &err), STATUS_OK);
    assert_int_equal(llm_replay.step(replay, 0, &err), STATUS_OK);
}

static void answers_as_recorded(void **state)
{
    struct llm_attempt_end end;
    int a;
    int b;

    (void) state;
    record("A?", "{\"x\":\"1\"}", LLM_END_REPLY);
    record("B?", "{\"x\":\"2\"}", LLM_END_REPLY);
    record("A?", "{\"x\":\"later\"}", LLM_END_REPLY);
    record("A?", "{\"x\":\"lat", LLM_END_CUT);
    assert_int_equal(create("toy"), STATUS_OK);
    assert_false(llm_replay.next(replay, &end));
    ask("B?", &b);
    ask("A?", &a);
    assert_true(llm_replay.next(replay, &end));
    assert_ptr_equal(end.owner, &b);
    assert_true(slice_equal(end.text, SLICE("{\"x\":\"2\"}")));
    assert_true(llm_replay.next(replay, &end));
    assert_ptr_equal(end.owner, &a);
    assert_int_equal(end.end, LLM_END_REPLY);
    assert_true(slice_equal(end.text, SLICE("{\"x\":\"1\"}")));
    assert_true(slice_equal(end.served_by, SLICE("toy-1")));
    assert_int_equal(end.prompt_tokens, 20);
    assert_int_equal(end.completion_tokens, 5);
    assert_true(end.sent);
    assert_false(llm_replay.next(replay, &end));
}

static void a_whole_reply_goes_before_a_cut_one(void **state)
{
    struct llm_attempt_end end;

    (void) state;
    record("A?", "{\"x\":", LLM_END_CUT);
    record("B?", "{\"x\":", LLM_END_CUT);
    record("A?", "{\"x\":\"1\"}", LLM_END_REPLY);
    assert_int_equal(create("toy"), STATUS_OK);
    ask("A?", NULL);
    ask("B?", NULL);
    assert_true(llm_replay.next(replay, &end));
    assert_int_equal(end.end, LLM_END_REPLY);
    assert_true(llm_replay.next(replay, &end));
    assert_int_equal(end.end, LLM_END_CUT);
    assert_non_null(end.reason);
}

static void unknown_questions_are_refused(void **state)
{
    struct llm_attempt_end end;
    int owner;

    (void) state;
    record("A?", "{\"x\":\"1\"}", LLM_END_REPLY);
    assert_int_equal(create("toy"), STATUS_OK);
    ask("C?", &owner);
    assert_true(llm_replay.next(replay, &end));
    assert_ptr_equal(end.owner, &owner);
    assert_int_equal(end.end, LLM_END_REFUSED);
    assert_non_null(strstr(end.reason, "not recorded in /tmp/"));
    assert_false(end.sent);
    llm_replay.destroy(replay);
    assert_int_equal(create("another model"), STATUS_OK);
    ask("A?", &owner);
    assert_true(llm_replay.next(replay, &end));
    assert_int_equal(end.end, LLM_END_REFUSED);
}

static void cancelled_ones_have_no_end(void **state)
{
    struct llm_attempt_end end;
    int owners[3];

    (void) state;
    record("A?", "{\"x\":\"1\"}", LLM_END_REPLY);
    assert_int_equal(create("toy"), STATUS_OK);
    for (size_t i = 0; i < 3; i++)
        ask("A?", &owners[i]);
    llm_replay.cancel(replay, &owners[1]);
    llm_replay.cancel(replay, &end);
    assert_true(llm_replay.next(replay, &end));
    assert_ptr_equal(end.owner, &owners[0]);
    assert_true(llm_replay.next(replay, &end));
    assert_ptr_equal(end.owner, &owners[2]);
    assert_false(llm_replay.next(replay, &end));
}

static void the_queue_has_an_end(void **state)
{
    const struct llm_attempt attempt = about("A?");
    size_t count = 0;

    (void) state;
    assert_int_equal(create("toy"), STATUS_OK);
    while (llm_replay.submit(replay, &attempt, &err) == STATUS_OK)
        count++;
    assert_int_equal(err.code, STATUS_AGAIN);
    assert_int_equal(count, 1024);
}

static void bad_recordings_are_refused(void **state)
{
    FILE *file = fopen(path, "wb");

    (void) state;
    fputs("hello\n", file);
    fclose(file);
    assert_int_equal(create("toy"), STATUS_INVALID);
    assert_null(replay);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(create("toy"), STATUS_INVALID);
    file = fopen(path, "wb");
    fclose(file);
    assert_int_equal(create("toy"), STATUS_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(answers_as_recorded, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_whole_reply_goes_before_a_cut_one, set_up, tear_down),
        cmocka_unit_test_setup_teardown(unknown_questions_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(cancelled_ones_have_no_end, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_queue_has_an_end, set_up, tear_down),
        cmocka_unit_test_setup_teardown(bad_recordings_are_refused, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
