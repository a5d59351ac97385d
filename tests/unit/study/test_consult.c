#include "study/consult.h"

#include "base/bus/bus_memory.h"
#include "base/llm/recording.h"
#include "tests/unit/study/prompt_fixture.h"
#include "tests/unit/study/temp_dir.h"

#include <sys/stat.h>

enum { STEPS_MAX = 1000 };

/* Who waits in these tests. */
struct listener {
    struct consult_waiter waiter;
    int heard;
    enum asked_outcome outcome;
    bool remembered;
    struct prompt_verdict verdict;
    const struct prompt *prompt;
};

static struct temp_dir dir;
static struct consult *consult;
static struct consult_settings settings;
static char endpoint[300];
static const char *record_path;

/* A job's worker, put together by hand. */
static struct clock_manual world_clock;
static struct bus_world *world;
static struct daemon_settings place;
static struct study study;
static struct role role;

static int set_up(void **state)
{
    (void) fixture_open(state);
    if (temp_dir_create(&dir))
        return 1;
    record_path = temp_dir_write(&dir, "record.jsonl", "");
    (void) snprintf(endpoint, sizeof endpoint, "replay:%s", record_path);
    settings = (struct consult_settings){.llm = endpoint,
                                         .model = "toy",
                                         .constraint = "schema",
                                         .concurrency = 8,
                                         .timeout_ms = 1000,
                                         .patience_ms = 1000};
    consult = NULL;
    world = NULL;
    return 0;
}

/* A run's copy of the answers lies one folder deeper than temp_dir goes. */
static void remove_copy(const char *run)
{
    char path[400];

    (void) snprintf(path, sizeof path, "%s/state/answers-classifier-j.%s-0", dir.path, run);
    temp_dir_empty(path, false);
}

static int tear_down(void **state)
{
    consult_close(consult);
    if (world != NULL) {
        bus_close(role.bus);
        bus_world_destroy(world);
    }
    remove_copy("main");
    remove_copy("again");
    temp_dir_destroy(&dir);
    return fixture_close(state);
}

static enum status open_command(void)
{
    return consult_open_command(&settings, &fixture_codebook, &consult, &err);
}

static void must_open(void)
{
    if (open_command() != STATUS_OK)
        fail_msg("%s", err.message);
    assert_non_null(consult);
}

static void refuses(enum status status, const char *message)
{
    assert_int_equal(open_command(), status);
    assert_null(consult);
    if (strstr(err.message, message) == NULL)
        fail_msg("'%s' lacks '%s'", err.message, message);
}

/* The model will answer so to a question about this text. */
static void record(const char *task, const char *body, const char *answer)
{
    const struct source_text source = {.body = slice_from(body)};
    struct asker_question question = {0};
    struct recording *recording;
    struct llm_attempt attempt;
    struct prompt *prompt;
    const struct llm_attempt_end end = {.end = LLM_END_REPLY,
                                        .text = slice_from(answer),
                                        .prompt_tokens = 20,
                                        .completion_tokens = 5};

    assert_int_equal(prompt_create(fixture_task(task), &prompt, &err), STATUS_OK);
    assert_int_equal(prompt_question(prompt, &source, fixture_arena, &question, &err), STATUS_OK);
    attempt = (struct llm_attempt){.turns = question.turns,
                                   .turn_count = question.turn_count,
                                   .shape = question.shape,
                                   .max_tokens = question.max_tokens};
    assert_int_equal(recording_open(record_path, &recording, &err), STATUS_OK);
    assert_int_equal(recording_append(recording, "toy", &attempt, &end, &err), STATUS_OK);
    recording_close(recording);
    prompt_destroy(prompt);
}

static void ended(struct consult_waiter *waiter, const struct asked *asked)
{
    struct listener *listener = (struct listener *) waiter;

    listener->heard++;
    listener->outcome = asked->outcome;
    listener->remembered = asked->remembered;
    if (asked->outcome == ASKED_ANSWERED)
        prompt_read(listener->prompt, asked->values, &listener->verdict);
}

static void ask(struct listener *listener, const char *task, const char *body)
{
    const struct source_text source = {.body = slice_from(body)};
    struct asker_question question = {.owner = &listener->waiter};
    enum status status = STATUS_AGAIN;

    *listener = (struct listener){{ended}, .prompt = consult_prompt(consult, task)};
    assert_non_null(listener->prompt);
    assert_int_equal(prompt_question(listener->prompt, &source, fixture_arena, &question, &err),
                     STATUS_OK);
    for (int i = 0; i < STEPS_MAX && status == STATUS_AGAIN; i++) {
        status = asker_ask(consult_asker(consult), &question, &err);
        if (status == STATUS_AGAIN)
            assert_int_equal(consult_step(consult, 1, &err), STATUS_OK);
    }
    assert_int_equal(status, STATUS_OK);
}

static void wait_for(const struct listener *listener)
{
    for (int i = 0; i < STEPS_MAX && listener->heard == 0; i++)
        if (consult_step(consult, 1, &err) != STATUS_OK)
            fail_msg("%s", err.message);
    assert_int_equal(listener->heard, 1);
}

/* ---- a command's ---- */

static void test_without_an_endpoint_nobody_is_asked(void **state)
{
    (void) state;
    settings.llm = NULL;
    assert_int_equal(open_command(), STATUS_OK);
    assert_null(consult);
}

static void test_wrong_options(void **state)
{
    (void) state;
    settings.constraint = "yaml";
    refuses(STATUS_USAGE, "--constraint: 'yaml' is none of: schema, grammar, none");
    settings.constraint = "none";
    settings.concurrency = 0;
    refuses(STATUS_USAGE, "--concurrency must be 1 to");
    settings.concurrency = 8;
    settings.model = NULL;
    refuses(STATUS_USAGE, "--llm needs --model NAME");
    settings.model = "toy";
    settings.llm = "ftp://x";
    refuses(STATUS_INVALID, "ftp://x");
}

static void test_a_prompt_that_cannot_be_made(void **state)
{
    (void) state;
    fixture_change("来访方: 绍兴", "来访方: 绍兴市党政代表团");
    refuses(STATUS_INVALID, "has more than 6 characters");
}

static void test_prompts_and_names(void **state)
{
    const char *name;

    (void) state;
    must_open();
    assert_non_null(consult_prompt(consult, "visit"));
    assert_non_null(consult_prompt(consult, "events"));
    assert_null(consult_prompt(consult, "silent"));
    assert_null(consult_name(consult, "silent"));
    name = consult_name(consult, "visit");
    assert_int_equal(strlen(name), strlen("toy@") + 12);
    assert_memory_equal(name, "toy@", 4);
    assert_memory_equal(name + 4, prompt_version(consult_prompt(consult, "visit")).data, 12);
    assert_string_not_equal(name, consult_name(consult, "events"));
    assert_false(consult_failure_is_dead(consult));
}

static void test_answers_reach_those_who_wait(void **state)
{
    struct listener one, two;

    (void) state;
    record("visit", "温州来访", "{\"来访方\":\"温州\",\"类型\":\"来访\"}");
    record("purpose", "签约", "{\"目的\":\"合作\"}");
    must_open();
    ask(&one, "visit", "温州来访");
    ask(&two, "purpose", "签约");
    wait_for(&one);
    wait_for(&two);
    assert_int_equal(one.outcome, ASKED_ANSWERED);
    assert_int_equal(one.verdict.labels[0], PROMPT_YES);
    assert_int_equal(two.verdict.label_count, 1);
    assert_int_equal(two.verdict.labels[0], 0);
    assert_false(one.remembered);
}

static void test_a_command_asks_once(void **state)
{
    struct listener one;

    (void) state;
    record("purpose", "签约", "{\"目的\":\"合作\"}");
    must_open();
    ask(&one, "purpose", "签约");
    wait_for(&one);
    ask(&one, "purpose", " 签约 ");
    wait_for(&one);
    assert_true(one.remembered);
    assert_int_equal(asker_totals(consult_asker(consult))->replies, 1);
}

static void test_no_answer_is_a_failure(void **state)
{
    struct listener one;

    (void) state;
    must_open();
    ask(&one, "visit", "没有录下来的");
    wait_for(&one);
    assert_int_equal(one.outcome, ASKED_FAILED);
}

/* ---- a job's ---- */

static void make_role(const char *run)
{
    clock_manual_init(&world_clock, 0);
    if (world == NULL) {
        world = bus_world_create(1, &world_clock);
        assert_non_null(world);
        assert_int_equal(
            bus_memory_open(world, &(struct bus_options){.client = "test"}, &role.bus, &err),
            STATUS_OK);
    }
    place = (struct daemon_settings){.data = dir.path, .job = "j", .run = run, .of = 1};
    study.codebook = fixture_codebook;
    study.directory = slice_from(dir.path);
    study.job = (struct job){.name = SLICE("j"),
                             .llm = {.endpoint = SLICE("replay:record.jsonl"),
                                     .model = SLICE("toy"),
                                     .concurrency = 8,
                                     .timeout_ms = 1000,
                                     .patience_ms = 1000}};
    role.settings = &place;
    role.study = &study;
    role.topics[TOPIC_ANSWERS] = topic_name(TOPIC_ANSWERS, "j", run);
}

static void open_job(void)
{
    if (consult_open_job(&role, "classifier", &consult, &err) != STATUS_OK)
        fail_msg("%s", err.message);
}

static void test_a_job_without_a_model(void **state)
{
    (void) state;
    make_role("main");
    study.job.llm.endpoint = SLICE("");
    open_job();
    assert_null(consult);
}

static void test_a_job_keeps_its_answers(void **state)
{
    struct listener one;
    uint32_t partitions = 0;
    struct stat found;
    char path[400];

    (void) state;
    record("purpose", "签约", "{\"目的\":\"合作\"}");
    make_role("main");
    open_job();
    ask(&one, "purpose", "签约");
    wait_for(&one);
    assert_false(one.remembered);
    consult_close(consult);
    assert_int_equal(bus_topic_partitions(role.bus, "j.answers", &partitions, &err), STATUS_OK);
    assert_int_equal(partitions, 1);
    (void) snprintf(path, sizeof path, "%s/state/answers-classifier-j.main-0", dir.path);
    assert_int_equal(stat(path, &found), 0);
    /* Another run of the job, whose model server knows nothing any more. */
    temp_dir_write(&dir, "record.jsonl", "");
    make_role("again");
    open_job();
    ask(&one, "purpose", "签约");
    wait_for(&one);
    assert_int_equal(one.outcome, ASKED_ANSWERED);
    assert_true(one.remembered);
}

static void test_a_job_narrows_its_tasks(void **state)
{
    struct job_ask only = {SLICE("visit"), 3, 97, 1};

    (void) state;
    make_role("main");
    study.job.llm.ask = &only;
    study.job.llm.ask_count = 1;
    open_job();
    assert_null(consult_prompt(consult, "purpose"));
    assert_int_equal(prompt_task(consult_prompt(consult, "visit"))->ask.from_percent, 3);
}

static void test_a_jobs_word_on_failures(void **state)
{
    (void) state;
    make_role("main");
    study.job.llm.on_failure = JOB_DEAD;
    open_job();
    assert_true(consult_failure_is_dead(consult));
}

static void test_the_key_lies_beside_the_job(void **state)
{
    char path[400];

    (void) state;
    make_role("main");
    study.job.llm.endpoint = SLICE("http://127.0.0.1:1/v1");
    study.job.llm.key_file = SLICE("llm.key");
    (void) snprintf(path, sizeof path, "%s/llm.key", dir.path);
    assert_int_equal(consult_open_job(&role, "classifier", &consult, &err), STATUS_INVALID);
    if (strstr(err.message, path) == NULL)
        fail_msg("'%s' lacks '%s'", err.message, path);
    assert_null(consult);
    temp_dir_write(&dir, "llm.key", "secret\n");
    open_job();
}

static void test_a_budget_of_nothing_left(void **state)
{
    struct listener one;

    (void) state;
    record("purpose", "签约", "{\"目的\":\"合作\"}");
    make_role("main");
    study.job.llm.budget = (struct job_budget){.tokens = 1};
    open_job();
    ask(&one, "purpose", "签约");
    wait_for(&one);
    assert_int_equal(one.outcome, ASKED_REFUSED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_without_an_endpoint_nobody_is_asked),
        TEST(test_wrong_options),
        TEST(test_a_prompt_that_cannot_be_made),
        TEST(test_prompts_and_names),
        TEST(test_answers_reach_those_who_wait),
        TEST(test_a_command_asks_once),
        TEST(test_no_answer_is_a_failure),
        TEST(test_a_job_without_a_model),
        TEST(test_a_job_keeps_its_answers),
        TEST(test_a_job_narrows_its_tasks),
        TEST(test_a_jobs_word_on_failures),
        TEST(test_the_key_lies_beside_the_job),
        TEST(test_a_budget_of_nothing_left),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
