/*
 * A job and a command differ in where answers live: in the job's log with a copy on disk, or in a
 * log in memory that ends with the command. Everything above the log, claims and budget included,
 * is one code for both.
 */
#include "study/consult.h"

#include "base/bus/bus_memory.h"
#include "study/asking.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum {
    CONSULT_MEMORY_MAX = 8 * 1024 * 1024,
    CONSULT_PATH_MAX = 4096,
    VERSION_SHOWN = 12,     /* digits of a prompt's version in a name */
    CLAIM_SPARE_MS = 60000, /* beyond the patience: clocks differ, logs take time */
};

static const char command_topic[] = "answers";

struct consult {
    struct arena *arena;
    struct llm *llm;
    struct answers *answers;
    struct asker *asker;
    struct store *store;
    bool failure_is_dead;
    struct asking asking;
    struct prompt **prompts; /* one a task of `asking` */
    const char **names;
    /* Of a command: a log that lives in this process. */
    struct clock_manual clock;
    struct bus_world *world;
    struct bus *bus;
};

static enum status no_memory(struct error *err)
{
    return error_set(err, STATUS_NOMEM, "no memory to ask a language model");
}

static struct consult *create(void)
{
    struct consult *consult = calloc(1, sizeof *consult);

    if (consult != NULL)
        consult->arena = arena_create(CONSULT_MEMORY_MAX);
    if (consult != NULL && consult->arena == NULL) {
        free(consult);
        return NULL;
    }
    return consult;
}

/* The asker holds shapes of the prompts, and the answers the store and the bus. */
void consult_close(struct consult *consult)
{
    if (consult == NULL)
        return;
    asker_destroy(consult->asker);
    answers_close(consult->answers);
    llm_destroy(consult->llm);
    for (size_t i = 0; consult->prompts != NULL && i < consult->asking.count; i++)
        prompt_destroy(consult->prompts[i]);
    if (consult->store != NULL)
        store_close(consult->store);
    bus_close(consult->bus);
    if (consult->world != NULL)
        bus_world_destroy(consult->world);
    arena_destroy(consult->arena);
    free(consult);
}

/* ---- what both ways of opening share ---- */

static enum status name_prompt(struct consult *consult, size_t index, struct error *err)
{
    consult->names[index] =
        arena_printf(consult->arena, "%s@%.*s", llm_model(consult->llm), VERSION_SHOWN,
                     prompt_version(consult->prompts[index]).data);
    return consult->names[index] == NULL ? no_memory(err) : STATUS_OK;
}

static enum status make_prompts(struct consult *consult, const struct codebook *codebook,
                                const struct job_llm *llm, struct error *err)
{
    enum status status = asking_make(codebook, llm, consult->arena, &consult->asking, err);

    if (status != STATUS_OK)
        return status;
    consult->prompts = arena_array(consult->arena, consult->asking.count, sizeof(struct prompt *));
    consult->names = arena_array(consult->arena, consult->asking.count, sizeof *consult->names);
    if (consult->prompts == NULL || consult->names == NULL)
        return no_memory(err);
    for (size_t i = 0; i < consult->asking.count && status == STATUS_OK; i++) {
        status = prompt_create(&consult->asking.tasks[i], &consult->prompts[i], err);
        if (status == STATUS_OK)
            status = name_prompt(consult, i, err);
    }
    return status;
}

/* Two workers of one place, a dead one and its successor, must not take each other's word. */
static enum status draw_life(uint64_t *life, struct error *err)
{
    do {
        if (getrandom(life, sizeof *life, 0) != (ssize_t) sizeof *life)
            return error_set(err, STATUS_INTERNAL, "no random numbers from the system");
    } while (*life == 0);
    return STATUS_OK;
}

static enum status start_asking(struct consult *consult, struct answers_options *options,
                                int64_t patience_ms, struct asker_prices prices, struct error *err)
{
    struct asker_options asker = {.llm = consult->llm, .clock = clock_system(), .prices = prices};
    enum status status;

    options->store = consult->store;
    options->clock = clock_system();
    /* A question may begin in the first half of its claim's life and must end in the second
     * (base/llm/answers.h), so a claim lives twice as long as the longest question. */
    options->claim_ms = 2 * patience_ms + CLAIM_SPARE_MS;
    status = draw_life(&options->life, err);
    if (status == STATUS_OK)
        status = answers_open(options, &consult->answers, err);
    asker.answers = consult->answers;
    return status == STATUS_OK ? asker_create(&asker, &consult->asker, err) : status;
}

/* ---- a job's ---- */

static enum llm_constraint constraint_of(const struct job_llm *llm)
{
    switch (llm->constraint) {
    case JOB_GRAMMAR:
        return LLM_GRAMMAR;
    case JOB_UNCONSTRAINED:
        return LLM_UNCONSTRAINED;
    default:
        return LLM_SCHEMA;
    }
}

/* What stands before a relative path: where the job file lies. Empty before an absolute one. */
static struct slice base_of(const struct role *role, struct slice path)
{
    struct slice directory = role->study->directory;

    return slice_starts(path, SLICE("/")) ? SLICE("") : directory;
}

/* Key and recording lie relative to the job file. */
static enum status find_files(const struct role *role, struct arena *arena,
                              struct llm_options *options, struct error *err)
{
    const struct slice replay = SLICE("replay:");
    struct slice endpoint = role->study->job.llm.endpoint;
    struct slice key = role->study->job.llm.key_file;
    struct slice base = base_of(role, key);

    options->endpoint = endpoint.data;
    if (key.size > 0)
        options->key_file =
            arena_printf(arena, "%.*s%s%s", SLICE_ARG(base), base.size > 0 ? "/" : "", key.data);
    if (slice_starts(endpoint, replay)) {
        struct slice file = slice_sub(endpoint, replay.size, endpoint.size);
        base = base_of(role, file);
        options->endpoint = arena_printf(arena, "%s%.*s%s%s", replay.data, SLICE_ARG(base),
                                         base.size > 0 ? "/" : "", file.data);
    }
    if (options->endpoint == NULL || (key.size > 0 && options->key_file == NULL))
        return no_memory(err);
    return STATUS_OK;
}

static enum status open_job_llm(struct consult *consult, const struct role *role, struct error *err)
{
    const struct job_llm *llm = &role->study->job.llm;
    struct llm_options options = {.model = llm->model.data,
                                  .constraint = constraint_of(llm),
                                  .clock = clock_system(),
                                  .timeout_ms = llm->timeout_ms,
                                  .patience_ms = llm->patience_ms,
                                  .concurrency = (unsigned) llm->concurrency};
    enum status status = find_files(role, consult->arena, &options, err);

    /* A command has no such choice: there the built-in decision always holds. */
    consult->failure_is_dead = llm->on_failure == JOB_DEAD;
    return status == STATUS_OK ? llm_create(&options, &consult->llm, err) : status;
}

/* A directory for each stage: a store has one owner, and stages of one index share DATA. */
static enum status open_job_store(struct consult *consult, const struct role *role,
                                  const char *stage, struct error *err)
{
    char name[ANSWERS_SLOT_MAX];
    struct buf path;
    enum status status;

    (void) snprintf(name, sizeof name, "answers-%s", stage);
    buf_init(&path, CONSULT_PATH_MAX);
    status = role_state_path(role, name, true, &path, err);
    if (status == STATUS_OK)
        status = store_open(buf_text(&path), &(struct store_options){0}, &consult->store, err);
    buf_fini(&path);
    return status;
}

static enum status open_job_answers(struct consult *consult, const struct role *role,
                                    const char *stage, struct error *err)
{
    const struct daemon_settings *settings = role->settings;
    const struct job_llm *llm = &role->study->job.llm;
    const struct asker_prices prices = {(uint64_t) llm->prices.prompt,
                                        (uint64_t) llm->prices.completion};
    char slot[ANSWERS_SLOT_MAX];
    struct answers_options options = {
        .bus = role->bus,
        .topic = role->topics[TOPIC_ANSWERS].text,
        .job = slice_from(settings->job),
        .slot = slot,
        .caps = {llm->budget.calls, llm->budget.tokens, (uint64_t) llm->budget.money}};
    /* Whoever comes first creates it; of one partition, as answers need one order. */
    enum status status = bus_topic_create(role->bus, options.topic, 1, err);

    /* Unique in the cluster: two workers of one slot would end each other's claims
     * (docs/decisions/0012). */
    (void) snprintf(slot, sizeof slot, "%s.%s-%s-%llu", settings->run, stage, role->node,
                    (unsigned long long) settings->index);
    return status == STATUS_OK ? start_asking(consult, &options, llm->patience_ms, prices, err)
                               : status;
}

enum status consult_open_job(struct role *role, const char *stage, struct consult **result,
                             struct error *err)
{
    const struct job_llm *llm = &role->study->job.llm;
    struct consult *consult;
    enum status status;

    *result = NULL;
    if (llm->endpoint.size == 0)
        return STATUS_OK;
    consult = create();
    if (consult == NULL)
        return no_memory(err);
    status = open_job_llm(consult, role, err);
    if (status == STATUS_OK)
        status = make_prompts(consult, &role->study->codebook, llm, err);
    if (status == STATUS_OK)
        status = open_job_store(consult, role, stage, err);
    if (status == STATUS_OK)
        status = open_job_answers(consult, role, stage, err);
    if (status != STATUS_OK) {
        consult_close(consult);
        return status;
    }
    *result = consult;
    return STATUS_OK;
}

/* ---- a command's ---- */

static enum status read_constraint(const char *text, enum llm_constraint *constraint,
                                   struct error *err)
{
    static const char *const texts[] = {
        [LLM_SCHEMA] = "schema", [LLM_GRAMMAR] = "grammar", [LLM_UNCONSTRAINED] = "none"};

    for (int i = 0; i <= LLM_UNCONSTRAINED; i++)
        if (strcmp(text, texts[i]) == 0) {
            *constraint = (enum llm_constraint) i;
            return STATUS_OK;
        }
    return error_set(err, STATUS_USAGE, "--constraint: '%s' is none of: schema, grammar, none",
                     text);
}

static enum status open_command_llm(struct consult *consult,
                                    const struct consult_settings *settings, struct error *err)
{
    struct llm_options options = {.endpoint = settings->llm,
                                  .model = settings->model,
                                  .key_file = settings->key_file,
                                  .record = settings->record,
                                  .clock = clock_system(),
                                  .timeout_ms = settings->timeout_ms,
                                  .patience_ms = settings->patience_ms};
    enum status status = read_constraint(settings->constraint, &options.constraint, err);

    if (status != STATUS_OK)
        return status;
    if (settings->concurrency < 1 || settings->concurrency > ASKER_OPEN_MAX)
        return error_set(err, STATUS_USAGE, "--concurrency must be 1 to %d", ASKER_OPEN_MAX);
    options.concurrency = (unsigned) settings->concurrency;
    return llm_create(&options, &consult->llm, err);
}

/* A log in memory: whatever this command asks twice it asks once. */
static enum status open_command_answers(struct consult *consult,
                                        const struct consult_settings *settings, struct error *err)
{
    struct answers_options options = {
        .topic = command_topic, .job = SLICE("command"), .slot = "command-0"};
    enum status status;

    /* The bus of the simulations, with a clock of its own; claims go by the system's. */
    clock_manual_init(&consult->clock, 0);
    consult->world = bus_world_create(0, &consult->clock);
    consult->store = store_open_memory();
    if (consult->world == NULL || consult->store == NULL)
        return no_memory(err);
    status = bus_memory_open(consult->world, &(struct bus_options){.client = "command"},
                             &consult->bus, err);
    if (status == STATUS_OK)
        status = bus_topic_create(consult->bus, command_topic, 1, err);
    options.bus = consult->bus;
    return status == STATUS_OK ? start_asking(consult, &options, settings->patience_ms,
                                              (struct asker_prices){0, 0}, err)
                               : status;
}

enum status consult_open_command(const struct consult_settings *settings,
                                 const struct codebook *codebook, struct consult **result,
                                 struct error *err)
{
    struct consult *consult;
    enum status status;

    *result = NULL;
    if (settings->llm == NULL)
        return STATUS_OK;
    if (settings->model == NULL)
        return error_set(err, STATUS_USAGE, "--llm needs --model NAME");
    consult = create();
    if (consult == NULL)
        return no_memory(err);
    status = open_command_llm(consult, settings, err);
    if (status == STATUS_OK)
        status = make_prompts(consult, codebook, NULL, err);
    if (status == STATUS_OK)
        status = open_command_answers(consult, settings, err);
    if (status != STATUS_OK) {
        consult_close(consult);
        return status;
    }
    *result = consult;
    return STATUS_OK;
}

/* ---- use ---- */

struct asker *consult_asker(const struct consult *consult)
{
    return consult->asker;
}

enum status consult_step(struct consult *consult, int64_t timeout_ms, struct error *err)
{
    enum status status = asker_step(consult->asker, timeout_ms, err);
    const struct asked *asked;

    while (status == STATUS_OK && (asked = asker_next(consult->asker)) != NULL) {
        struct consult_waiter *waiter = asked->owner;
        /* Released right after: who needs more than the call copies it. */
        waiter->ended(waiter, asked);
        asker_release(consult->asker, asked);
    }
    return status;
}

/* asking.count if there is no such task. */
static size_t find_task(const struct consult *consult, const char *task)
{
    size_t index = 0;

    while (index < consult->asking.count &&
           !slice_equal(consult->asking.tasks[index].name, slice_from(task)))
        index++;
    return index;
}

const struct prompt *consult_prompt(const struct consult *consult, const char *task)
{
    size_t index = find_task(consult, task);

    return index == consult->asking.count ? NULL : consult->prompts[index];
}

const char *consult_name(const struct consult *consult, const char *task)
{
    size_t index = find_task(consult, task);

    return index == consult->asking.count ? NULL : consult->names[index];
}

bool consult_failure_is_dead(const struct consult *consult)
{
    return consult->failure_is_dead;
}
