/* A consult without a server: questions pile up, a test answers them one by one. It stands in for
 * study/consult.h and the asker; prompt and shape are the real ones. */
#ifndef XUNFANG_TESTS_UNIT_EXTRACTOR_SCRIPTED_CONSULT_H
#define XUNFANG_TESTS_UNIT_EXTRACTOR_SCRIPTED_CONSULT_H

#include "extractor/resolver.h"
#include "study/tools.h"
#include "tests/support/cmocka_all.h"

#include <stdio.h>
#include <string.h>

enum { SCRIPT_MAX = 300 };

struct scripted_end {
    size_t question;
    enum asked_outcome outcome;
    const char *text; /* ANSWERED: JSON; else the reason */
};

struct consult {
    struct tools *tools;
    struct prompt *prompt;
    struct arena *arena;
    bool dead;          /* failures are */
    bool asks;          /* the codebook's task is asked */
    size_t room;        /* questions taken before STATUS_AGAIN */
    enum status broken; /* what asker_ask returns, if not STATUS_OK */
    struct asker_question questions[SCRIPT_MAX];
    size_t asked;
    struct scripted_end ends[SCRIPT_MAX];
    size_t end_count;
    unsigned steps;
};

static struct consult scripted;

static inline void scripted_open(void)
{
    struct error err;

    memset(&scripted, 0, sizeof scripted);
    assert_int_equal(
        tools_open(SOURCE_DIR "/codebooks/visits/codebook.yaml", false, &scripted.tools, &err),
        STATUS_OK);
    assert_int_equal(
        prompt_create(codebook_find_task(&scripted.tools->study->codebook, RESOLVER_TASK),
                      &scripted.prompt, &err),
        STATUS_OK);
    scripted.arena = arena_create(1 << 24);
    scripted.asks = true;
    scripted.room = SCRIPT_MAX;
}

static inline void scripted_close(void)
{
    prompt_destroy(scripted.prompt);
    tools_close(scripted.tools);
    arena_destroy(scripted.arena);
}

/* The answer to question number `question`, given at the next step. */
static inline void scripted_end(size_t question, enum asked_outcome outcome, const char *text)
{
    scripted.ends[scripted.end_count++] = (struct scripted_end){question, outcome, text};
}

/* Fields in the order origin, host, their organs, day. */
static inline const char *scripted_json(const char *origin, const char *host,
                                        const char *origin_dept, const char *host_dept,
                                        const char *date)
{
    static char texts[8][2048];
    static unsigned next;
    char *text = texts[next++ % 8];

    (void) snprintf(
        text, sizeof texts[0],
        "{\"来访城市\":\"%s\",\"接待城市\":\"%s\",\"来访单位\":\"%s\",\"接待单位\":\"%s\","
        "\"日期\":\"%s\"}",
        origin, host, origin_dept, host_dept, date);
    return text;
}

/* ---- what study/consult.h and base/llm/asker.h promise ---- */

struct asker *consult_asker(const struct consult *consult)
{
    (void) consult;
    return NULL;
}

const struct prompt *consult_prompt(const struct consult *consult, const char *task)
{
    return consult->asks && strcmp(task, RESOLVER_TASK) == 0 ? consult->prompt : NULL;
}

bool consult_failure_is_dead(const struct consult *consult)
{
    return consult->dead;
}

const char *consult_name(const struct consult *consult, const char *task)
{
    (void) consult;
    assert_string_equal(task, RESOLVER_TASK);
    return "scripted@1";
}

enum status asker_ask(struct asker *asker, const struct asker_question *question, struct error *err)
{
    (void) asker;
    if (scripted.broken != STATUS_OK)
        return error_set(err, scripted.broken, "broken by the script");
    if (scripted.asked >= scripted.room)
        return error_set(err, STATUS_AGAIN, "no room");
    assert_int_equal(shape_check(question->shape, err), STATUS_OK);
    assert_true(question->turn_count > 0);
    scripted.questions[scripted.asked++] = *question;
    return STATUS_OK;
}

enum status consult_step(struct consult *consult, int64_t timeout_ms, struct error *err)
{
    (void) timeout_ms;
    consult->steps++;
    for (size_t i = 0; i < consult->end_count; i++) {
        const struct scripted_end *end = &consult->ends[i];
        const struct asker_question *question = &consult->questions[end->question];
        struct consult_waiter *waiter = question->owner;
        struct asked asked = {.owner = waiter, .outcome = end->outcome};

        assert_true(end->question < consult->asked);
        asked.key = id_of(question->content, SLICE(""));
        if (end->outcome == ASKED_ANSWERED)
            assert_int_equal(shape_read(question->shape, slice_from(end->text), consult->arena,
                                        &asked.values, err),
                             STATUS_OK);
        else
            asked.reason = slice_from(end->text);
        waiter->ended(waiter, &asked);
    }
    consult->end_count = 0;
    return STATUS_OK;
}

#endif
