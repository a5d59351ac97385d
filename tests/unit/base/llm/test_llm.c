/* llm over a scripted backend: asking, giving back, and what cannot be asked. */
#include "tests/unit/base/llm/llm_fixture.h"

#include "base/util/random.h"

/* ---- many questions ---- */

static void test_room_and_queue(void **state)
{
    int asked = 0;

    (void) state;
    assert_int_equal(llm_room(llm), 4);
    while (ask(NULL) == STATUS_OK)
        asked++;
    /* Four slots, and four that stand ready. */
    assert_int_equal(asked, 8);
    assert_int_equal(llm_room(llm), 0);
    step(0);
    assert_int_equal(fake.open_count, 4);
    assert_int_equal(ask(NULL), STATUS_AGAIN);
    fake_reply(good);
    llm_release(llm, await_answer());
    step(0);
    assert_int_equal(fake.open_count, 4);
    assert_int_equal(ask(NULL), STATUS_OK);
}

/* Questions that wait for a second try must not keep others out. */
static void test_poisoned_questions(void **state)
{
    int failed = 0;

    (void) state;
    while (failed < 200) {
        while (ask(NULL) == STATUS_OK)
            continue;
        step(1);
        /* Every fifth is answered, which keeps the breaker closed. */
        for (int i = 0; fake.open_count > 0; i++)
            if (i % 3 == 0)
                fake_reply(good);
            else
                failed++, fake_fail();
        step(0);
        for (const struct llm_answer *answer; (answer = llm_next(llm)) != NULL;)
            llm_release(llm, answer);
    }
    assert_true(llm_open(llm) <= LLM_OPEN_MAX);
    assert_true(llm_open(llm) > 8);
}

static void test_memory_is_bounded(void **state)
{
    static char text[LLM_PROMPT_MAX];
    struct llm_turn turn = {LLM_USER, {text, sizeof text}};
    struct llm_question question = {.turns = &turn, .turn_count = 1, .shape = &shape};
    size_t asked = 0;

    (void) state;
    llm_destroy(llm);
    open_llm((struct llm_options){.concurrency = LLM_CONCURRENCY_MAX});
    memset(text, 'x', sizeof text);
    for (int i = 0; i < 5000; i++) {
        asked += llm_ask(llm, &question, NULL) == STATUS_OK;
        step(0);
        if (fake.open_count > 0 && i % 2 == 0)
            fake_fail();
        else if (fake.open_count > 0)
            fake_reply(good);
        for (const struct llm_answer *answer; (answer = llm_next(llm)) != NULL;)
            llm_release(llm, answer);
        assert_true(llm_open(llm) * sizeof text <= LLM_OPEN_BYTES);
    }
    assert_true(asked > 256);
}

static void test_all_end(void **state)
{
    struct random random;
    int asked = 0, ended = 0;

    (void) state;
    random_init(&random, 5);
    while (ended < 2000) {
        while (asked < 2000 && ask(NULL) == STATUS_OK)
            asked++;
        step(50);
        for (size_t i = random_below(&random, fake.open_count + 1); i > 0; i--) {
            uint64_t what = random_below(&random, 100);
            if (what < 60)
                fake_reply(good);
            else if (what < 70)
                fake_reply("[]");
            else if (what < 80)
                fake_fail();
            else if (what < 90)
                fake_busy(what % 2 == 0 ? 0 : 300);
            else
                fake_cut("{");
        }
        for (const struct llm_answer *answer; (answer = llm_next(llm)) != NULL; ended++) {
            assert_true(answer->usage.calls <= LLM_CALLS_MAX);
            assert_int_equal(answer->outcome == LLM_ANSWERED, answer->text.size > 0);
            assert_int_equal(answer->outcome != LLM_ANSWERED, answer->reason[0] != '\0');
            llm_release(llm, answer);
        }
    }
    assert_int_equal(asked, 2000);
    assert_int_equal(llm_open(llm), 0);
    assert_int_equal(fake.open_count, 0);
}

static void test_cancel(void **state)
{
    int one, two;
    const struct llm_answer *answer;

    (void) state;
    assert_int_equal(ask(&one), STATUS_OK);
    assert_int_equal(ask(&two), STATUS_OK);
    assert_int_equal(ask(&one), STATUS_OK);
    step(0);
    assert_int_equal(fake.open_count, 3);
    fake_reply(good);
    step(0);
    /* One of `one` has ended, one is under way. */
    llm_cancel(llm, &one);
    assert_int_equal(fake.cancelled, 1);
    assert_int_equal(llm_open(llm), 1);
    assert_null(llm_next(llm));
    fake_reply(good);
    answer = await_answer();
    assert_ptr_equal(answer->owner, &two);
    llm_cancel(llm, &two); /* too late, and it stays readable */
    assert_int_equal(answer->outcome, LLM_ANSWERED);
    llm_release(llm, answer);
    assert_int_equal(llm_room(llm), 4);
}

static void test_backend_full(void **state)
{
    (void) state;
    fake.full = 2;
    for (int i = 0; i < 4; i++)
        assert_int_equal(ask(NULL), STATUS_OK);
    step(0);
    assert_int_equal(fake.open_count, 2);
    fake.full = 0;
    step(0);
    assert_int_equal(fake.open_count, 4);
}

static void test_backend_errors(void **state)
{
    struct error err;

    (void) state;
    assert_int_equal(ask(NULL), STATUS_OK);
    fake.submit_status = STATUS_TOO_LARGE;
    expect(LLM_REFUSED, "the fake takes nothing", 0);
    assert_int_equal(ask(NULL), STATUS_OK);
    fake.submit_status = STATUS_NOMEM;
    assert_int_equal(llm_step(llm, 0, &err), STATUS_NOMEM);
    assert_string_equal(err.message, "the fake takes nothing");
}

/* ---- what cannot be asked ---- */

static void test_bad_questions(void **state)
{
    static char text[LLM_PROMPT_MAX + 1];
    struct llm_turn turns[LLM_TURNS_MAX + 1] = {{LLM_USER, {text, sizeof text}}};
    struct llm_question question = {.turns = turns, .turn_count = 1, .shape = &shape};
    struct shape none = {fields, 0};
    struct error err;

    (void) state;
    assert_int_equal(llm_ask(llm, &question, &err), STATUS_TOO_LARGE);
    turns[0].text.size = 5;
    question.turn_count = 0;
    assert_int_equal(llm_ask(llm, &question, &err), STATUS_INVALID);
    question.turn_count = LLM_TURNS_MAX + 1;
    assert_int_equal(llm_ask(llm, &question, &err), STATUS_INVALID);
    question.turn_count = LLM_TURNS_MAX;
    question.shape = &none;
    assert_int_equal(llm_ask(llm, &question, &err), STATUS_INVALID);
    question.shape = &shape;
    assert_int_equal(llm_ask(llm, &question, &err), STATUS_OK);
    assert_int_equal(llm_open(llm), 1);
}

static void test_bad_options(void **state)
{
    static const char *const endpoints[] = {NULL, "", "http", "ftp://h/v1", "127.0.0.1:80"};
    struct llm_options options = {.model = "m", .clock = &manual.clock};
    struct llm *none = NULL;
    struct error err;

    (void) state;
    for (size_t i = 0; i < sizeof endpoints / sizeof endpoints[0]; i++) {
        options.endpoint = endpoints[i];
        assert_int_equal(llm_create(&options, &none, &err), STATUS_INVALID);
    }
    options.endpoint = "http://h/v1";
    options.model = "";
    assert_int_equal(llm_create(&options, &none, &err), STATUS_INVALID);
    options.model = "m";
    options.record = "/nowhere/at/all";
    assert_int_not_equal(llm_create(&options, &none, &err), STATUS_OK);
    assert_null(none);
    llm_destroy(NULL);
}

/* ---- embeddings ---- */

static void test_embed(void **state)
{
    const struct slice texts[] = {SLICE("a"), SLICE("b")};
    const float vectors[] = {1, 2, 3, 4, 5, 6};
    struct llm_embed_question question = {texts, 2, state};
    const struct llm_answer *answer;
    struct error err;

    assert_int_equal(llm_embed(llm, &question, &err), STATUS_OK);
    await_attempt();
    assert_int_equal(fake.open[0].text_count, 2);
    assert_int_equal(fake.open[0].turn_count, 0);
    fake_fail();
    await_attempt();
    fake_end((struct llm_attempt_end){
        .end = LLM_END_REPLY, .sent = true, .vectors = vectors, .dimension = 3});
    answer = await_answer();
    assert_int_equal(answer->outcome, LLM_ANSWERED);
    assert_ptr_equal(answer->owner, state);
    assert_int_equal(answer->vector_count, 2);
    assert_int_equal(answer->dimension, 3);
    assert_memory_equal(answer->vectors, vectors, sizeof vectors);
    assert_int_equal(answer->usage.calls, 2);
    llm_release(llm, answer);
}

static void test_bad_embeds(void **state)
{
    struct slice texts[LLM_EMBED_TEXTS_MAX + 1] = {SLICE("a"), SLICE("")};
    struct llm_embed_question question = {texts, 0, NULL};
    struct error err;

    (void) state;
    assert_int_equal(llm_embed(llm, &question, &err), STATUS_INVALID);
    question.text_count = 2;
    assert_int_equal(llm_embed(llm, &question, &err), STATUS_INVALID);
    question.text_count = LLM_EMBED_TEXTS_MAX + 1;
    assert_int_equal(llm_embed(llm, &question, &err), STATUS_INVALID);
    assert_int_equal(llm_open(llm), 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_room_and_queue),
        CASE(test_poisoned_questions),
        CASE(test_memory_is_bounded),
        CASE(test_all_end),
        CASE(test_cancel),
        CASE(test_backend_full),
        CASE(test_backend_errors),
        CASE(test_bad_questions),
        CASE(test_bad_options),
        CASE(test_embed),
        CASE(test_bad_embeds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
