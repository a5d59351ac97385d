/*
 * prompt_fixture: a codebook with tasks that are asked in every way, for tests of prompts.
 *
 * Use     fixture_open reads it from text (fixture_text, or a changed copy), fixture_task finds
 *         a task; fixture_close frees all.
 */
#ifndef XUNFANG_TESTS_UNIT_STUDY_PROMPT_FIXTURE_H
#define XUNFANG_TESTS_UNIT_STUDY_PROMPT_FIXTURE_H

#include "study/codebook.h"
#include "tests/support/cmocka_all.h"

#include <stdlib.h>
#include <string.h>

static const char fixture_text[] =
    "codebook: c\nversion: 1\nkeywords: [a]\nevent_kinds: [{name: visit}]\n"
    "tasks:\n"
    "- name: visit\n  kind: binary\n  definition: 有没有来访\n"
    "  examples:\n"
    "  - {text: 绍兴代表团到徐州, labels: \"yes\", answer: {来访方: 绍兴, 类型: 来访}}\n"
    "  - {text: 市长下乡, labels: \"no\", answer: {类型: 下乡}}\n"
    "  ask:\n    band: {from: 30, to: 60}\n    instruction: 判断类型\n    max_chars: 60\n"
    "    form:\n    - {name: 来访方, max_chars: 6}\n"
    "    - name: 类型\n      choices: [{name: 来访, means: \"yes\"}, {name: 回访, means: "
    "\"yes\"},\n"
    "        {name: 下乡, means: \"no\"}]\n"
    "- name: themes\n  kind: labels\n  definition: 什么主题\n"
    "  labels: [{name: 经济, definition: 产业}, {name: 生态}, {name: 治理}]\n"
    "  examples: [{text: 招商和治水, labels: [生态, 经济]}, {text: 什么也没有, labels: []}]\n"
    "  ask: {max_tokens: 30}\n"
    "- name: purpose\n  kind: label\n  definition: 目的\n"
    "  labels: [{name: cooperative}, {name: learning}]\n  examples: [{text: 签约, labels: "
    "cooperative}]\n"
    "  ask:\n    form: [{name: 目的, choices: [{name: 合作, means: cooperative}, {name: 学习, "
    "means: learning}]}]\n"
    "- name: events\n  kind: fields\n  definition: 谁到谁\n"
    "  examples: [{text: 我县赴常熟, answer: {来: 我县, 到: 常熟}}]\n"
    "  ask: {form: [{name: 来, means: origin_city}, {name: 到, means: host_city}, {name: date}]}\n"
    "- {name: silent, kind: binary, definition: 不问}\n"
    "fields:\n- {name: origin_city, type: city}\n- {name: host_city, type: city}\n"
    "- {name: date, type: date}\n";

static struct arena *fixture_arena;
static struct codebook fixture_codebook;
static struct error err;

static inline void fixture_read(const char *text)
{
    struct yaml_source source = {slice_from(text), "c.yaml", fixture_arena};

    if (codebook_read(&source, &fixture_codebook, &err) != STATUS_OK)
        fail_msg("%s", err.message);
}

static inline int fixture_open(void **state)
{
    (void) state;
    fixture_arena = arena_create(8 << 20);
    assert_non_null(fixture_arena);
    fixture_read(fixture_text);
    return 0;
}

static inline int fixture_close(void **state)
{
    (void) state;
    arena_destroy(fixture_arena);
    return 0;
}

/* The codebook with the first `old` replaced. */
static inline void fixture_change(const char *old, const char *new)
{
    const char *at = strstr(fixture_text, old);

    assert_non_null(at);
    fixture_read(arena_printf(fixture_arena, "%.*s%s%s", (int) (at - fixture_text), fixture_text,
                              new, at + strlen(old)));
}

static inline struct codebook_task *fixture_task(const char *name)
{
    for (size_t i = 0; i < fixture_codebook.task_count; i++)
        if (slice_equal(fixture_codebook.tasks[i].name, slice_from(name)))
            return &fixture_codebook.tasks[i];
    fail_msg("no task %s", name);
    return NULL;
}

#endif
