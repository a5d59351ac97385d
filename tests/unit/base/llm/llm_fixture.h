/*
 * llm_fixture: a client over the scripted backend, on a manual clock, and one kind of question.
 */
#ifndef XUNFANG_TESTS_LLM_FIXTURE_H
#define XUNFANG_TESTS_LLM_FIXTURE_H

#include "tests/unit/base/llm/fake_backend.h"

#include "tests/support/cmocka_all.h"

static const struct slice yes_no[] = {{"yes", 3}, {"no", 2}};
static const struct shape_field fields[] = {
    {.name = {"visit", 5}, .kind = SHAPE_CHOICE, .choices = yes_no, .choice_count = 2}};
static const struct shape shape = {fields, 1};
static const char good[] = " {\"visit\": \"yes\"}";

static struct clock_manual manual;
static struct llm *llm;

static void open_llm(struct llm_options options)
{
    struct error err;

    memset(&fake, 0, sizeof fake);
    clock_manual_init(&manual, 1000 * 1000);
    fake.clock = &manual;
    options.endpoint = "fake:";
    options.model = "m";
    options.clock = &manual.clock;
    assert_int_equal(llm_create_over(&fake_backend, &options, &llm, &err), STATUS_OK);
}

static int set_up(void **state)
{
    (void) state;
    open_llm((struct llm_options){0});
    return 0;
}

static int tear_down(void **state)
{
    (void) state;
    llm_destroy(llm);
    return 0;
}

static enum status ask(void *owner)
{
    const struct llm_turn turns[] = {{LLM_SYSTEM, SLICE("decide")}, {LLM_USER, SLICE("text")}};
    const struct llm_question question = {
        .turns = turns, .turn_count = 2, .shape = &shape, .owner = owner};

    return llm_ask(llm, &question, NULL);
}

static void step(int64_t timeout_ms)
{
    struct error err;

    assert_int_equal(llm_step(llm, timeout_ms, &err), STATUS_OK);
}

/* Steps until an attempt is at the backend. */
static void await_attempt(void)
{
    for (int i = 0; i < 100 && fake.open_count == 0; i++)
        step(1000);
    assert_true(fake.open_count > 0);
}

static const struct llm_answer *await_answer(void)
{
    const struct llm_answer *answer = NULL;

    for (int i = 0; i < 100000 && (answer = llm_next(llm)) == NULL; i++)
        step(1000);
    assert_non_null(answer);
    return answer;
}

static void expect(enum llm_outcome outcome, const char *reason, uint64_t calls)
{
    const struct llm_answer *answer = await_answer();

    assert_string_equal(llm_outcome_text(answer->outcome), llm_outcome_text(outcome));
    if (reason != NULL)
        assert_string_equal(answer->reason, reason);
    assert_int_equal(answer->usage.calls, calls);
    llm_release(llm, answer);
    assert_int_equal(llm_open(llm), 0);
}

#endif
