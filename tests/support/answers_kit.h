/* A log of answers in memory and workers that follow it, for tests. */
#ifndef XUNFANG_TESTS_ANSWERS_KIT_H
#define XUNFANG_TESTS_ANSWERS_KIT_H

#include "base/bus/bus_memory.h"
#include "base/llm/answers.h"
#include "base/store/store_memory.h"
#include "tests/support/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KIT_WORKERS = 3, KIT_CLAIM_MS = 60 * 1000 };

struct kit_worker {
    struct bus *bus;
    struct store *store; /* outlives the process */
    struct answers *answers;
    uint64_t life;
};

struct kit {
    struct clock_manual clock;
    struct bus_world *world;
    struct kit_worker workers[KIT_WORKERS];
    struct answers_cost caps;
    struct arena *arena;
    struct error err;
};

#define KIT_OK(call) assert_int_equal((call), STATUS_OK)

static inline struct bus *kit_bus(struct kit *kit)
{
    const struct bus_options options = {.client = "test", .timeout_ms = 3000};
    struct bus *bus;

    KIT_OK(bus_memory_open(kit->world, &options, &bus, &kit->err));
    return bus;
}

static inline void kit_open(struct kit *kit)
{
    struct bus *bus;

    *kit = (struct kit){.arena = arena_create(16 * 1024 * 1024)};
    clock_manual_init(&kit->clock, 1000000);
    kit->world = bus_world_create(1, &kit->clock);
    assert_non_null(kit->arena);
    assert_non_null(kit->world);
    bus = kit_bus(kit);
    KIT_OK(bus_topic_create(bus, "answers", 1, &kit->err));
    bus_close(bus);
}

static inline struct answers_options kit_options(struct kit *kit, size_t index, const char *slot)
{
    return (struct answers_options){
        .bus = kit->workers[index].bus,
        .topic = "answers",
        .store = kit->workers[index].store,
        .clock = &kit->clock.clock,
        .job = SLICE("job"),
        .slot = slot,
        .life = kit->workers[index].life,
        .caps = kit->caps,
        .claim_ms = KIT_CLAIM_MS,
    };
}

/* A new life in the slot "w0", "w1", …; its store stays. */
static inline struct answers *kit_start(struct kit *kit, size_t index)
{
    static uint64_t lives = 100;
    const char *const slots[KIT_WORKERS] = {"w0", "w1", "w2"};
    struct kit_worker *worker = &kit->workers[index];
    struct answers_options options;

    if (worker->store == NULL)
        worker->store = store_open_memory();
    assert_non_null(worker->store);
    worker->life = ++lives;
    worker->bus = kit_bus(kit);
    options = kit_options(kit, index, slots[index]);
    KIT_OK(answers_open(&options, &worker->answers, &kit->err));
    return worker->answers;
}

static inline void kit_kill(struct kit *kit, size_t index)
{
    struct kit_worker *worker = &kit->workers[index];

    answers_close(worker->answers);
    bus_close(worker->bus);
    worker->answers = NULL;
    worker->bus = NULL;
}

static inline void kit_lose_copy(struct kit *kit, size_t index)
{
    store_close(kit->workers[index].store);
    kit->workers[index].store = NULL;
}

static inline void kit_close(struct kit *kit)
{
    for (size_t i = 0; i < KIT_WORKERS; i++) {
        kit_kill(kit, i);
        if (kit->workers[i].store != NULL)
            kit_lose_copy(kit, i);
    }
    bus_world_destroy(kit->world);
    arena_destroy(kit->arena);
}

static inline void kit_poll(struct kit *kit)
{
    for (size_t i = 0; i < KIT_WORKERS; i++)
        if (kit->workers[i].answers != NULL)
            KIT_OK(answers_poll(kit->workers[i].answers, 0, &kit->err));
}

static inline struct id kit_key(const char *content)
{
    const struct answer_question question = {SLICE("task"), SLICE("model"), SLICE("v1"),
                                             slice_from(content)};

    return answer_key(&question);
}

static inline struct answer_entry kit_find(struct kit *kit, size_t index, const char *content)
{
    struct answer_entry entry;

    KIT_OK(
        answers_find(kit->workers[index].answers, kit_key(content), kit->arena, &entry, &kit->err));
    return entry;
}

static inline void kit_claim(struct kit *kit, size_t index, const char *content, uint64_t calls)
{
    const struct answer_claim claim = {.reserve = {calls, 100 * calls, 0}};

    KIT_OK(answers_claim(kit->workers[index].answers, kit_key(content), &claim, &kit->err));
}

/* Ends the claim with this number. */
static inline void kit_reply(struct kit *kit, size_t index, const char *content, uint64_t claim,
                             const char *text)
{
    const struct answer_question question = {SLICE("task"), SLICE("model"), SLICE("v1"),
                                             slice_from(content)};
    const struct answer_reply reply = {
        .claim = claim,
        .question = &question,
        .text = slice_from(text),
        .served_by = SLICE("fake"),
        .usage = {.calls = 1, .prompt_tokens = 30, .completion_tokens = 10, .latency_ms = 5},
        .money = 7,
    };

    KIT_OK(answers_reply(kit->workers[index].answers, kit_key(content), &reply, &kit->err));
}

static inline void kit_fail(struct kit *kit, size_t index, const char *content, uint64_t claim,
                            uint32_t generation)
{
    const struct answer_failure failure = {
        .claim = claim,
        .reason = SLICE("no luck"),
        .generation = generation,
        .usage = {.calls = 1, .prompt_tokens = 5},
    };

    KIT_OK(answers_fail(kit->workers[index].answers, kit_key(content), &failure, &kit->err));
}

#endif
