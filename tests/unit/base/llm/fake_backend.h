/*
 * fake_backend: a scripted way to a model in this process, on a manual clock. Attempts wait in
 * order; a test says how each ends, or gives a script that does.
 */
#ifndef XUNFANG_TESTS_FAKE_BACKEND_H
#define XUNFANG_TESTS_FAKE_BACKEND_H

#include "base/llm/llm_backend.h"

#include <stdio.h>
#include <string.h>

enum { FAKE_OPEN_MAX = 512, FAKE_ENDS_MAX = 512, FAKE_TURNS_TEXT = 8192 };

struct fake {
    struct clock_manual *clock;
    struct llm_attempt open[FAKE_OPEN_MAX]; /* not ended, oldest first */
    size_t open_count;
    struct llm_attempt_end ends[FAKE_ENDS_MAX];
    size_t end_count;
    size_t submitted, cancelled, steps;
    int64_t slept_ms;            /* the last step's time-out */
    size_t full;                 /* submit is STATUS_AGAIN while so many are open; 0: never */
    enum status submit_status;   /* else */
    char turns[FAKE_TURNS_TEXT]; /* of the last attempt: "speaker:text|…" */
    int64_t timeout_ms;          /* of the last attempt */
};

static struct fake fake;

static enum status fake_create(const struct llm_options *options, void **state, struct error *err)
{
    (void) options;
    (void) err;
    *state = &fake;
    return STATUS_OK;
}

static void fake_destroy(void *state)
{
    (void) state;
}

static enum status fake_submit(void *state, const struct llm_attempt *attempt, struct error *err)
{
    size_t size = 0;

    (void) state;
    if (fake.submit_status != STATUS_OK)
        return error_set(err, fake.submit_status, "the fake takes nothing");
    if (fake.full > 0 && fake.open_count >= fake.full)
        return error_set(err, STATUS_AGAIN, "full");
    fake.turns[0] = '\0';
    for (size_t i = 0; i < attempt->turn_count && size < sizeof fake.turns; i++)
        size +=
            (size_t) snprintf(fake.turns + size, sizeof fake.turns - size, "%d:%.*s|",
                              (int) attempt->turns[i].speaker, SLICE_ARG(attempt->turns[i].text));
    fake.timeout_ms = attempt->timeout_ms;
    fake.open[fake.open_count++] = *attempt;
    fake.submitted++;
    return STATUS_OK;
}

static void fake_drop(size_t at)
{
    fake.open_count--;
    memmove(&fake.open[at], &fake.open[at + 1], (fake.open_count - at) * sizeof fake.open[0]);
}

static void fake_cancel(void *state, const void *owner)
{
    (void) state;
    for (size_t i = 0; i < fake.open_count; i++)
        if (fake.open[i].owner == owner) {
            fake_drop(i);
            fake.cancelled++;
            return;
        }
}

static enum status fake_step(void *state, int64_t timeout_ms, struct error *err)
{
    (void) state;
    (void) err;
    fake.steps++;
    if (timeout_ms > 0)
        fake.slept_ms = timeout_ms;
    if (fake.end_count == 0 && timeout_ms > 0)
        clock_manual_advance(fake.clock, timeout_ms);
    return STATUS_OK;
}

static bool fake_next(void *state, struct llm_attempt_end *end)
{
    (void) state;
    if (fake.end_count == 0)
        return false;
    *end = fake.ends[0];
    fake.end_count--;
    memmove(fake.ends, fake.ends + 1, fake.end_count * sizeof fake.ends[0]);
    return true;
}

static const struct llm_backend fake_backend = {.scheme = "fake",
                                                .embeds = true,
                                                .create = fake_create,
                                                .destroy = fake_destroy,
                                                .submit = fake_submit,
                                                .cancel = fake_cancel,
                                                .step = fake_step,
                                                .next = fake_next};

/* Ends the oldest attempt; the owner is filled in. */
static void fake_end(struct llm_attempt_end end)
{
    end.owner = fake.open[0].owner;
    if (end.reason == NULL)
        end.reason = "";
    fake_drop(0);
    fake.ends[fake.end_count++] = end;
}

static void fake_reply(const char *text)
{
    fake_end((struct llm_attempt_end){.end = LLM_END_REPLY,
                                      .sent = true,
                                      .text = slice_from(text),
                                      .served_by = SLICE("fake (1)"),
                                      .prompt_tokens = 10,
                                      .completion_tokens = 3});
}

static void fake_cut(const char *text)
{
    fake_end((struct llm_attempt_end){.end = LLM_END_CUT,
                                      .sent = true,
                                      .text = slice_from(text),
                                      .reason = "the reply ended early (length)",
                                      .prompt_tokens = 10,
                                      .completion_tokens = 256});
}

static void fake_fail(void)
{
    fake_end((struct llm_attempt_end){
        .end = LLM_END_FAILED, .sent = true, .reason = "HTTP 500 from http://fake"});
}

static void fake_busy(int64_t wait_ms)
{
    fake_end((struct llm_attempt_end){.end = LLM_END_BUSY,
                                      .overload = true,
                                      .wait_ms = wait_ms,
                                      .reason = "HTTP 503 from http://fake"});
}

#endif
