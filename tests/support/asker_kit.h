/* Askers over a log in memory and a model that owns its time, for tests. */
#ifndef XUNFANG_TESTS_ASKER_KIT_H
#define XUNFANG_TESTS_ASKER_KIT_H

#include "base/llm/asker.h"
#include "tests/support/answers_kit.h"
#include "tests/support/fake_llm.h"

struct ask_kit {
    struct kit log;
    struct fake_server server;
    struct asker_prices prices;
    struct llm *llms[KIT_WORKERS];
    struct asker *askers[KIT_WORKERS];
};

/* What the fake says, and what it never says. */
static const struct shape_field kit_field = {{"n", 1}, SHAPE_TEXT, NULL, 0, 40};
static const struct shape kit_shape = {&kit_field, 1};
static const struct shape_field kit_other_field = {{"m", 1}, SHAPE_TEXT, NULL, 0, 40};
static const struct shape kit_other_shape = {&kit_other_field, 1};

static inline void ask_kit_open(struct ask_kit *kit)
{
    *kit = (struct ask_kit){.prices = {1000000, 2000000}};
    kit_open(&kit->log);
    fake_server_init(&kit->server, &kit->log.clock, 7);
}

/* Reads its log to the end. */
static inline struct asker *ask_kit_start(struct ask_kit *kit, size_t index)
{
    struct asker_options options = {.clock = &kit->log.clock.clock, .prices = kit->prices};

    options.answers = kit_start(&kit->log, index);
    options.llm = kit->llms[index] = fake_llm_open(&kit->server, "model");
    assert_non_null(options.llm);
    KIT_OK(asker_create(&options, &kit->askers[index], &kit->log.err));
    KIT_OK(asker_step(kit->askers[index], 0, &kit->log.err));
    return kit->askers[index];
}

static inline void ask_kit_kill(struct ask_kit *kit, size_t index)
{
    asker_destroy(kit->askers[index]);
    llm_destroy(kit->llms[index]);
    kit->askers[index] = NULL;
    kit->llms[index] = NULL;
    kit_kill(&kit->log, index);
}

static inline void ask_kit_close(struct ask_kit *kit)
{
    for (size_t i = 0; i < KIT_WORKERS; i++)
        if (kit->askers[i] != NULL)
            ask_kit_kill(kit, i);
    fake_server_fini(&kit->server);
    kit_close(&kit->log);
}

/* `owner` is what is asked about, which is the last turn, too. */
static inline enum status ask_kit_try(struct ask_kit *kit, size_t index, const char *content,
                                      uint32_t generation)
{
    const struct llm_turn turns[] = {{LLM_SYSTEM, SLICE("what?")}, {LLM_USER, slice_from(content)}};
    const struct asker_question question = {
        .task = SLICE("task"),
        .prompt = SLICE("v1"),
        .content = slice_from(content),
        .turns = turns,
        .turn_count = 2,
        .shape = &kit_shape,
        .max_tokens = 10,
        .generation = generation,
        .owner = (void *) (uintptr_t) content,
    };

    return asker_ask(kit->askers[index], &question, &kit->log.err);
}

static inline void ask_kit_ask(struct ask_kit *kit, size_t index, const char *content)
{
    KIT_OK(ask_kit_try(kit, index, content, 0));
}

static inline void ask_kit_step(struct ask_kit *kit, size_t index)
{
    KIT_OK(asker_step(kit->askers[index], 0, &kit->log.err));
}

/* The next that ends, within a minute of the model's time; to be released. */
static inline const struct asked *ask_kit_wait(struct ask_kit *kit, size_t index)
{
    const struct asked *asked = NULL;

    for (int i = 0; asked == NULL && i < 6000; i++) {
        KIT_OK(asker_step(kit->askers[index], 10, &kit->log.err));
        asked = asker_next(kit->askers[index]);
    }
    assert_non_null(asked);
    return asked;
}

/* Waits, checks the outcome, releases. */
static inline void ask_kit_expect(struct ask_kit *kit, size_t index, enum asked_outcome outcome,
                                  bool remembered)
{
    const struct asked *asked = ask_kit_wait(kit, index);

    assert_int_equal(asked->outcome, outcome);
    assert_int_equal(asked->remembered, remembered);
    asker_release(kit->askers[index], asked);
}

#endif
