#include "study/asking.h"

#include "tests/unit/study/prompt_fixture.h"

static struct asking asking;

static void make(const struct job_llm *llm)
{
    assert_int_equal(asking_make(&fixture_codebook, llm, fixture_arena, &asking, &err), STATUS_OK);
}

static struct job_llm job_asks(struct job_ask *ask, size_t count)
{
    return (struct job_llm){.ask = ask, .ask_count = count};
}

static void test_a_command_follows_the_codebook(void **state)
{
    (void) state;
    make(NULL);
    assert_int_equal(asking.count, 4);
    assert_string_equal(asking.tasks[0].name.data, "visit");
    assert_int_equal(asking.tasks[0].ask.from_percent, 30);
    assert_string_equal(asking.tasks[3].name.data, "events");
}

static void test_so_does_a_job_that_says_nothing(void **state)
{
    const struct job_llm llm = {.ask_count = 0};

    (void) state;
    make(&llm);
    assert_int_equal(asking.count, 4);
}

static void test_a_job_narrows_and_widens(void **state)
{
    struct job_ask ask[] = {{SLICE("purpose"), 0, 0, 1}, {SLICE("visit"), 3, 97, 2}};
    const struct job_llm llm = job_asks(ask, 2);

    (void) state;
    make(&llm);
    assert_int_equal(asking.count, 2);
    assert_string_equal(asking.tasks[0].name.data, "visit");
    assert_int_equal(asking.tasks[0].ask.from_percent, 3);
    assert_int_equal(asking.tasks[0].ask.to_percent, 97);
    assert_int_equal(asking.tasks[1].ask.from_percent, 20);
    assert_int_equal(fixture_task("visit")->ask.from_percent, 30);
    assert_int_equal(asking_check(&fixture_codebook, &llm, "job.yaml", &err), STATUS_OK);
}

static void refuses(struct job_ask ask, const char *message)
{
    const struct job_llm llm = job_asks(&ask, 1);

    assert_int_equal(asking_check(&fixture_codebook, &llm, "job.yaml", &err), STATUS_INVALID);
    if (strstr(err.message, message) == NULL)
        fail_msg("'%s' lacks '%s'", err.message, message);
    make(&llm);
    assert_int_equal(asking.count, 0);
}

static void test_what_cannot_be_asked(void **state)
{
    (void) state;
    refuses((struct job_ask){SLICE("silent"), 0, 0, 9},
            "job.yaml:9: llm.ask: 'silent' is no task that codebook 'c' has an `ask` for");
    refuses((struct job_ask){SLICE("nothing"), 0, 0, 9}, "'nothing' is no task");
    refuses((struct job_ask){SLICE("visit"), 70, 0, 9},
            "'visit' would be asked from 70 to 60 percent (set both)");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_command_follows_the_codebook),
        TEST(test_so_does_a_job_that_says_nothing),
        TEST(test_a_job_narrows_and_widens),
        TEST(test_what_cannot_be_asked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
