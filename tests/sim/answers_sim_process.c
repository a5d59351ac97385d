/* One worker's life. */
#include "answers_sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ASK_AT_ONCE = 12 };

static const struct shape_field field = {{"n", 1}, SHAPE_TEXT, NULL, 0, 40};
static const struct shape shape = {&field, 1};

const char *sim_content(size_t index)
{
    static const char *const names[SIM_CONTENTS] = {"q00", "q01", "q02", "q03", "q04", "q05", "q06",
                                                    "q07", "q08", "q09", "q10", "q11", "q12", "q13",
                                                    "q14", "q15", "q16", "q17", "q18", "q19"};

    return names[index % SIM_CONTENTS];
}

/* ---- life ---- */

static struct bus *open_bus(struct answers_sim *sim)
{
    const struct bus_options options = {.client = "sim", .timeout_ms = 2000};
    struct bus *bus;

    ENSURE(bus_memory_open(sim->world, &options, &bus, NULL) == STATUS_OK);
    return bus;
}

void process_start(struct answers_sim *sim, struct place *place)
{
    struct process *process = calloc(1, sizeof *process);
    struct asker_options options = {.clock = &sim->clock.clock, .prices = {1000, 3000}};
    struct answers_options log = {.topic = "answers",
                                  .clock = &sim->clock.clock,
                                  .job = SLICE("sim"),
                                  .slot = place->slot,
                                  .life = 1000 + ++sim->lives,
                                  .caps = sim->caps,
                                  .claim_ms = SIM_CLAIM_MS};
    struct error err;

    ENSURE(process != NULL && place->process == NULL);
    process->bus = log.bus = open_bus(sim);
    log.store = place->store;
    ENSURE(answers_open(&log, &process->answers, &err) == STATUS_OK);
    process->llm = options.llm = fake_llm_open(&sim->server, "model");
    options.answers = process->answers;
    ENSURE(process->llm != NULL && asker_create(&options, &process->asker, &err) == STATUS_OK);
    place->process = process;
    sim_say(sim, "%s starts, life %llu", place->slot, (unsigned long long) log.life);
}

static void excuse(void *self, struct slice content)
{
    struct answers_sim *sim = self;

    for (size_t i = 0; i < SIM_CONTENTS; i++)
        if (slice_equal(slice_from(sim_content(i)), content))
            sim->excused[i]++;
}

void process_kill(struct answers_sim *sim, struct process **process)
{
    fake_llm_list((*process)->llm, excuse, sim);
    asker_destroy((*process)->asker);
    llm_destroy((*process)->llm);
    answers_close((*process)->answers);
    bus_close((*process)->bus);
    store_close((*process)->store);
    free(*process);
    *process = NULL;
    sim->kills++;
}

/* ---- work ---- */

/* A newer generation is opened where the older one has ended. */
static bool may_ask(const struct answers_sim *sim, size_t question)
{
    return question < SIM_CONTENTS || sim->outcomes[question - SIM_CONTENTS].ended;
}

static void ask_one(struct answers_sim *sim, struct process *process, size_t question)
{
    const char *content = sim_content(question);
    const struct llm_turn turns[] = {{LLM_USER, slice_from(content)}};
    const struct asker_question asked = {
        .task = SLICE("sim"),
        .prompt = SLICE("v1"),
        .content = slice_from(content),
        .turns = turns,
        .turn_count = 1,
        .shape = &shape,
        .max_tokens = 8,
        .generation = (uint32_t) (question / SIM_CONTENTS),
        .owner = &process->asked[question],
    };
    enum status status = asker_ask(process->asker, &asked, NULL);

    if (status == STATUS_OK)
        process->asked[question] = true;
    else if (status != STATUS_AGAIN)
        sim_broken(sim, "asker_ask gives %s", status_text(status));
}

static void ask_some(struct answers_sim *sim, struct place *place, struct process *process)
{
    for (int i = 0; i < ASK_AT_ONCE; i++) {
        size_t question = random_below(&sim->random, SIM_QUESTIONS);
        if (place->times[question] > 0 && !process->asked[question] && may_ask(sim, question))
            ask_one(sim, process, question);
    }
}

static void take_ended(struct answers_sim *sim, struct place *place, struct process *process)
{
    const struct asked *asked;

    while ((asked = asker_next(process->asker)) != NULL) {
        size_t question = (size_t) ((bool *) asked->owner - process->asked);
        check_outcome(sim, question, asked);
        process->asked[question] = false;
        if (place->times[question] > 0)
            place->times[question]--;
        asker_release(process->asker, asked);
    }
}

/* The bus lost a publish: it may have been an answer. */
static void excuse_open(struct answers_sim *sim, const struct process *process)
{
    for (size_t i = 0; i < SIM_QUESTIONS; i++)
        if (process->asked[i])
            sim->excused[i % SIM_CONTENTS]++;
}

void process_step(struct answers_sim *sim, struct place *place, struct process **at)
{
    struct process *process = *at;
    struct error err = {.code = STATUS_OK};
    int64_t timeout = random_chance(&sim->random, 300) ? 20 : 0;
    enum status status;

    if (process->asleep_until_ms > sim->clock.now_ms)
        return;
    ask_some(sim, place, process);
    status = asker_step(process->asker, timeout, &err);
    if (status == STATUS_OK) {
        take_ended(sim, place, process);
        return;
    }
    sim_say(sim, "%s ends: %s", place->slot, err.message);
    if (status != STATUS_TIMEOUT && status != STATUS_FENCED)
        sim_broken(sim, "%s ends: %s", place->slot, err.message);
    if (status == STATUS_TIMEOUT)
        excuse_open(sim, process);
    process_kill(sim, at);
}

bool place_done(const struct place *place)
{
    for (size_t i = 0; i < SIM_QUESTIONS; i++)
        if (place->times[i] > 0)
            return false;
    return true;
}
