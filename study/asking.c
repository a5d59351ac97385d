/*
 * What is asked is decided once, from codebook and job together, and used twice: by the workers
 * that ask and by `check`, which estimates what asking will cost. So both always mean the same
 * tasks.
 */
#include "study/asking.h"

static const struct job_ask *find_ask(const struct job_llm *llm, struct slice task)
{
    for (size_t i = 0; i < llm->ask_count; i++)
        if (slice_equal(llm->ask[i].task, task))
            return &llm->ask[i];
    return NULL;
}

/* 0 is not given: the codebook's bound stays. */
static void set_bounds(struct codebook_task *task, const struct job_ask *ask)
{
    if (ask->from_percent > 0)
        task->ask.from_percent = ask->from_percent;
    if (ask->to_percent > 0)
        task->ask.to_percent = ask->to_percent;
}

/* The task as the job asks it; false: it does not. A job that lists no task asks all that the
 * codebook asks; without a job (a command) nothing is left out. */
static bool asked(const struct codebook_task *task, const struct job_llm *llm,
                  struct codebook_task *result)
{
    const struct job_ask *ask = llm == NULL ? NULL : find_ask(llm, task->name);

    *result = *task;
    if (!task->ask.given || (llm != NULL && llm->ask_count > 0 && ask == NULL))
        return false;
    if (ask != NULL)
        set_bounds(result, ask);
    /* One bound of the job may cross the codebook's other one; asking_check refuses that for a job
     * at its start, here such a band is only empty. */
    return result->ask.from_percent <= result->ask.to_percent;
}

enum status asking_make(const struct codebook *codebook, const struct job_llm *llm,
                        struct arena *arena, struct asking *asking, struct error *err)
{
    struct asking made = {arena_array(arena, codebook->task_count, sizeof *made.tasks), 0};

    if (made.tasks == NULL)
        return error_set(err, STATUS_NOMEM, "asking: %s", status_text(STATUS_NOMEM));
    for (size_t i = 0; i < codebook->task_count; i++)
        made.count += asked(&codebook->tasks[i], llm, &made.tasks[made.count]);
    *asking = made;
    return STATUS_OK;
}

static enum status check_one(const struct codebook *codebook, const struct job_ask *ask,
                             const char *file, struct error *err)
{
    const struct codebook_task *task = codebook_find_task(codebook, ask->task.data);
    struct codebook_task bounded;

    if (task == NULL || !task->ask.given)
        return fields_error(err, file, ask->line,
                            "llm.ask: '%.*s' is no task that codebook '%.*s' has an `ask` for",
                            SLICE_ARG(ask->task), SLICE_ARG(codebook->name));
    /* Checked as it will be asked: each bound may be good by itself and the two together an empty
     * band. */
    bounded = *task;
    set_bounds(&bounded, ask);
    if (bounded.ask.from_percent <= bounded.ask.to_percent)
        return STATUS_OK;
    return fields_error(err, file, ask->line,
                        "llm.ask: '%.*s' would be asked from %llu to %llu percent (set both)",
                        SLICE_ARG(ask->task), (unsigned long long) bounded.ask.from_percent,
                        (unsigned long long) bounded.ask.to_percent);
}

enum status asking_check(const struct codebook *codebook, const struct job_llm *llm,
                         const char *file, struct error *err)
{
    enum status status = STATUS_OK;

    for (size_t i = 0; i < llm->ask_count && status == STATUS_OK; i++)
        status = check_one(codebook, &llm->ask[i], file, err);
    return status;
}
