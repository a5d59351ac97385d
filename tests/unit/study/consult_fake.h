/*
 * consult_fake: a consult at the end of a script instead of a language model, for tests of what
 * waits for answers. It takes the place of study/consult.c, study/prompt.c and base/llm/asker.c in
 * the program that includes it.
 *
 * Use      fake_open makes prompts for "visit", "purpose" and "themes" with bands of one's own;
 *          fake_asked(n) is the n-th question put; fake_answer, fake_fail and fake_refuse end
 *          one, which its waiter hears in the next consult_step.
 * Room     fake.room questions may be open, then asker_ask says STATUS_AGAIN.
 * Answers  are label indices of the task, as prompt_read would give them.
 */
#ifndef XUNFANG_TESTS_UNIT_STUDY_CONSULT_FAKE_H
#define XUNFANG_TESTS_UNIT_STUDY_CONSULT_FAKE_H

#include "study/cascade.h"
#include "tests/support/cmocka_all.h"

#include <string.h>

enum { FAKE_TASKS = 3, FAKE_QUESTIONS = 1024, FAKE_LABELS = 4 };

struct prompt {
    struct codebook_task task;
};

struct fake_question {
    const struct prompt *prompt;
    struct consult_waiter *waiter;
    uint32_t generation;
    struct slice content; /* the document's body */
    bool open;
    bool ended; /* heard of in the next step */
    enum asked_outcome outcome;
    size_t labels[FAKE_LABELS];
    size_t label_count;
    const char *reason;
};

static struct {
    struct prompt prompts[FAKE_TASKS];
    bool given[FAKE_TASKS];
    bool failure_is_dead;
    size_t room;
    size_t open;
    struct fake_question questions[FAKE_QUESTIONS];
    size_t count;
    enum status ask_status; /* unless OK: what the next asker_ask says */
    int64_t waited_ms;      /* the timeout of the last step */
    struct error err;
} fake;

static struct codebook_label fake_themes[] = {{.name = {"经济发展", 12}},
                                              {.name = {"公共服务", 12}},
                                              {.name = {"城市建设", 12}},
                                              {.name = {"公共服务", 12}}};
static struct codebook_label fake_purposes[] = {{.name = {"cooperative", 11}},
                                                {.name = {"learning", 8}}};

static inline struct consult *fake_consult(void)
{
    return (struct consult *) &fake;
}

static inline void fake_prompt(size_t at, const char *name, struct codebook_label *labels,
                               size_t label_count)
{
    fake.prompts[at].task = (struct codebook_task){.name = slice_from(name),
                                                   .labels = labels,
                                                   .label_count = label_count,
                                                   .ask = {.given = true}};
}

/* No task is asked until fake_band says so. */
static inline void fake_open(void)
{
    memset(&fake, 0, sizeof fake);
    fake.room = FAKE_QUESTIONS;
    fake_prompt(JUDGE_VISIT, "visit", NULL, 0);
    fake_prompt(JUDGE_PURPOSE, "purpose", fake_purposes, 2);
    fake_prompt(JUDGE_THEMES, "themes", fake_themes, 4);
}

static inline void fake_band(enum judge_task task, unsigned from, unsigned to)
{
    fake.given[task] = true;
    fake.prompts[task].task.ask.from_percent = from;
    fake.prompts[task].task.ask.to_percent = to;
}

static inline const char *fake_asked(size_t nth)
{
    assert_true(nth < fake.count);
    return fake.questions[nth].prompt->task.name.data;
}

static inline void fake_end(size_t nth, enum asked_outcome outcome, const char *reason)
{
    struct fake_question *question = &fake.questions[nth];

    assert_true(nth < fake.count && question->open && !question->ended);
    question->ended = true;
    question->outcome = outcome;
    question->reason = reason;
}

static inline void fake_answer(size_t nth, size_t label)
{
    fake_end(nth, ASKED_ANSWERED, "");
    fake.questions[nth].labels[fake.questions[nth].label_count++] = label;
}

static inline void fake_fail(size_t nth, const char *reason)
{
    fake_end(nth, ASKED_FAILED, reason);
}

static inline void fake_refuse(size_t nth)
{
    fake_end(nth, ASKED_REFUSED, "calls");
}

/* ---- what the product calls ---- */

struct asker *consult_asker(const struct consult *consult)
{
    assert_ptr_equal(consult, &fake);
    return (struct asker *) &fake;
}

const struct prompt *consult_prompt(const struct consult *consult, const char *task)
{
    assert_ptr_equal(consult, &fake);
    for (size_t i = 0; i < FAKE_TASKS; i++)
        if (fake.given[i] && slice_equal(fake.prompts[i].task.name, slice_from(task)))
            return &fake.prompts[i];
    return NULL;
}

bool consult_failure_is_dead(const struct consult *consult)
{
    assert_ptr_equal(consult, &fake);
    return fake.failure_is_dead;
}

const char *consult_name(const struct consult *consult, const char *task)
{
    static const char *const names[] = {"small@visit", "small@purpose", "small@themes"};

    assert_ptr_equal(consult, &fake);
    for (size_t i = 0; i < FAKE_TASKS; i++)
        if (strcmp(names[i] + strlen("small@"), task) == 0)
            return names[i];
    return NULL;
}

const struct codebook_task *prompt_task(const struct prompt *prompt)
{
    return &prompt->task;
}

enum status prompt_question(const struct prompt *prompt, const struct source_text *source,
                            struct arena *arena, struct asker_question *question, struct error *err)
{
    (void) arena;
    if (slice_contains(source->title, SLICE("无法提问")))
        return error_set(err, STATUS_TOO_LARGE, "no question");
    question->task = prompt->task.name;
    question->content = source->body;
    return STATUS_OK;
}

void prompt_read(const struct prompt *prompt, const struct shape_value *values,
                 struct prompt_verdict *verdict)
{
    const struct fake_question *question = (const struct fake_question *) (const void *) values;

    assert_ptr_equal(prompt, question->prompt);
    verdict->label_count = question->label_count;
    memcpy(verdict->labels, question->labels, sizeof question->labels);
}

enum status asker_ask(struct asker *asker, const struct asker_question *question, struct error *err)
{
    struct fake_question *put = &fake.questions[fake.count];
    enum status status = fake.ask_status;

    assert_ptr_equal(asker, &fake);
    fake.ask_status = STATUS_OK;
    if (status != STATUS_OK)
        return error_set(err, status, "as the test says");
    if (fake.open == fake.room)
        return error_set(err, STATUS_AGAIN, "no room");
    assert_true(fake.count < FAKE_QUESTIONS);
    put->waiter = question->owner;
    put->generation = question->generation;
    put->content = question->content;
    put->open = true;
    for (size_t i = 0; i < FAKE_TASKS; i++)
        if (slice_equal(fake.prompts[i].task.name, question->task))
            put->prompt = &fake.prompts[i];
    assert_non_null(put->prompt);
    fake.count++;
    fake.open++;
    return STATUS_OK;
}

enum status consult_step(struct consult *consult, int64_t timeout_ms, struct error *err)
{
    (void) err;
    assert_ptr_equal(consult, &fake);
    fake.waited_ms = timeout_ms;
    for (size_t i = 0; i < fake.count; i++) {
        struct fake_question *question = &fake.questions[i];
        struct asked asked = {.outcome = question->outcome,
                              .key = id_of(SLICE("question"), slice_of(&i, sizeof i)),
                              .values = (const void *) question};

        if (!question->open || !question->ended)
            continue;
        question->open = false;
        fake.open--;
        asked.reason = slice_from(question->reason);
        question->waiter->ended(question->waiter, &asked);
    }
    return STATUS_OK;
}

#endif
