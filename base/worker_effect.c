/*
 * An effect's round: claim what there is room for, begin it, let the stage move. The claim is the
 * committed offset, so a successor starts behind it; what is begun and lost with the process is for
 * the stage's own protocol to notice (a lease expires).
 */
#include "base/util/crash.h"
#include "base/worker_task.h"

#include <stdlib.h>

struct effect_worker {
    struct worker worker;
    const struct effect_stage *stage;
    void *self;
    struct desk desk;
    struct task *tasks;
    bool told_to_drain;
};

static struct effect_worker *effect_of(struct worker *worker)
{
    return (struct effect_worker *) worker;
}

/* ---- beginning ---- */

static struct input *choose_input(const struct effect_worker *effect)
{
    const struct worker *worker = &effect->worker;

    if (worker->phase != WORKER_RUNNING ||
        effect->desk.counts[TASK_OPEN] >= effect->stage->max_in_flight)
        return NULL;
    for (size_t i = 0; i < worker->input_count; i++) {
        struct input *input = &worker->inputs[(worker->cursor + i) % worker->input_count];
        if (input_peek(input) != NULL && !input->lost)
            return input;
    }
    return NULL;
}

/* After this the record is ours alone, once and for all. */
static enum status claim(struct effect_worker *effect, struct input *input, struct error *err)
{
    uint64_t behind = input_peek(input)->offset + 1;
    enum status status = crash_here(CRASH_EFFECT_BEFORE_CLAIM, err);

    if (status == STATUS_OK)
        status =
            worker_commit(&effect->worker, input, behind, (struct mark){.kind = MARK_RUNNING}, err);
    if (status != STATUS_OK)
        return status;
    input->done = behind;
    return crash_here(CRASH_EFFECT_AFTER_CLAIM, err);
}

/* The claim stands, so a refusal ends the task: trying again would be acting twice. */
static enum status hand_over(struct effect_worker *effect, struct task *task, struct error *err)
{
    const struct clock *clock = effect->worker.clock;
    int64_t begin_ms = clock_mono_ms(clock);
    struct error cause = {0};
    enum status status = effect->stage->begin(effect->self, task, &cause);

    meter_handler(&effect->worker.meter, clock_mono_ms(clock) - begin_ms);
    if (status == STATUS_OK)
        return STATUS_OK;
    if (status_verdict(status) == VERDICT_STOP)
        return error_set(err, status, "%s", cause.message);
    meter_dead(&effect->worker.meter, task->position, slice_from(cause.message));
    /* It may have ended the task before it failed. */
    if (task->state == TASK_OPEN)
        task_done(task);
    return STATUS_OK;
}

/* Memory is taken before the claim: what is claimed and cannot be begun would be lost. */
static enum status begin_task(struct effect_worker *effect, struct input *input, struct error *err)
{
    const struct bus_record *bytes = input_peek(input);
    struct error cause = {0};
    struct task *task;
    enum status status =
        task_create(&effect->desk, input_position(input, bytes->offset), bytes, &task, err);

    if (status != STATUS_OK)
        return status;
    task->next = effect->tasks;
    effect->tasks = task;
    status = claim(effect, input, err);
    if (worker_lost(&effect->worker, input, status)) {
        task_done(task); /* never begun: it is the new owner's */
        return STATUS_OK;
    }
    if (status != STATUS_OK)
        return status;
    input_take(input);
    effect->worker.cursor = input->index + 1;
    /* After the claim: garbage is claimed like the rest, so nobody meets it again. */
    status = task_decode(task, &cause);
    if (status == STATUS_INVALID) {
        meter_dead(&effect->worker.meter, task->position, SLICE("garbage"));
        task_done(task);
        return STATUS_OK;
    }
    if (status != STATUS_OK)
        return error_set(err, status, "%s", cause.message);
    return hand_over(effect, task, err);
}

/* Tasks go after the stage has returned, for it may have called task_done on its way. */
static void sweep(struct effect_worker *effect)
{
    for (struct task **at = &effect->tasks; *at != NULL;) {
        struct task *task = *at;
        if (task->state == TASK_OPEN) {
            at = &task->next;
            continue;
        }
        *at = task->next;
        task_destroy(task);
    }
}

/* ---- publishing, for the stage ---- */

enum status worker_publish(struct worker *worker, const char *topic, const struct record *record,
                           struct bus_ticket *ticket, struct error *err)
{
    struct bus_message message = {.topic = topic, .key = record->key};
    enum status status = worker_partition(worker, topic, record->key, &message.partition, err);

    if (status != STATUS_OK)
        return status;
    buf_reset(&worker->scratch);
    status = record_encode(record, &worker->scratch, err);
    if (status != STATUS_OK)
        return error_prefix(err, status, "record for %s", topic);
    message.value = buf_slice(&worker->scratch);
    return bus_publish(worker->bus, &message, ticket, err);
}

enum status worker_flush(struct worker *worker, struct error *err)
{
    return bus_flush(worker->bus, WORKER_FLUSH_MS, err);
}

/* ---- the kind ---- */

/* Claims need no marks: nothing is begun twice, so nothing can kill twice. */
static enum status effect_assigned(struct worker *worker, struct input *input,
                                   const struct bus_event *event, struct error *err)
{
    (void) worker;
    (void) event;
    (void) err;
    input->careful_until = 0;
    return STATUS_OK;
}

/* What was claimed is ours to finish, whoever owns the partition now. */
static enum status effect_revoked(struct worker *worker, struct input *input, struct error *err)
{
    return worker->groups ? worker_commit_input(worker, input, err) : STATUS_OK;
}

/* One thread can wait for one thing only: the stage for its transfers while any are open, the bus
 * for acknowledgements or records else. Nobody waits while there is something to claim. */
static struct patience effect_patience(struct worker *worker, int64_t timeout_ms)
{
    struct effect_worker *effect = effect_of(worker);
    int64_t wait = timeout_ms > WORKER_SLICE_MS ? WORKER_SLICE_MS : timeout_ms;

    if (choose_input(effect) != NULL)
        return (struct patience){0};
    if (effect->desk.counts[TASK_OPEN] > 0)
        return (struct patience){.work_ms = wait};
    if (worker->phase == WORKER_DRAINING)
        return (struct patience){.ack_ms = wait};
    return (struct patience){.read_ms = timeout_ms};
}

/* A claim is a round trip to the bus. So many of them are bounded by time and not by number: the
 * transfers under way wait meanwhile. */
static enum status begin_tasks(struct effect_worker *effect, struct error *err)
{
    const struct clock *clock = effect->worker.clock;
    int64_t end_ms = clock_mono_ms(clock) + WORKER_SLICE_MS;
    enum status status = STATUS_OK;
    struct input *input;

    while (status == STATUS_OK && (input = choose_input(effect)) != NULL) {
        status = begin_task(effect, input, err);
        if (clock_mono_ms(clock) >= end_ms)
            break;
    }
    return status;
}

static void tell_to_drain(struct effect_worker *effect)
{
    if (effect->worker.phase != WORKER_DRAINING || effect->told_to_drain)
        return;
    effect->told_to_drain = true;
    if (effect->stage->drain != NULL)
        effect->stage->drain(effect->self);
}

static enum status effect_work(struct worker *worker, int64_t timeout_ms, struct error *err)
{
    struct effect_worker *effect = effect_of(worker);
    enum status status;

    tell_to_drain(effect);
    status = begin_tasks(effect, err);
    if (status == STATUS_OK)
        status = effect->stage->step(effect->self, timeout_ms, err);
    sweep(effect);
    return status;
}

/* What was published must be in the log before we call ourselves clean. */
static bool effect_idle(struct worker *worker)
{
    return effect_of(worker)->desk.counts[TASK_OPEN] == 0 &&
           bus_flush(worker->bus, 0, NULL) == STATUS_OK;
}

static void effect_destroy(struct worker *worker)
{
    struct effect_worker *effect = effect_of(worker);

    while (effect->tasks != NULL) {
        struct task *task = effect->tasks;
        effect->tasks = task->next;
        task_destroy(task);
    }
    desk_fini(&effect->desk);
    worker_fini(worker);
    free(effect);
}

static const struct worker_kind effect_kind = {
    .assigned = effect_assigned,
    .revoked = effect_revoked,
    .patience = effect_patience,
    .work = effect_work,
    .idle = effect_idle,
    .leave = worker_commit_clean,
    .destroy = effect_destroy,
};

enum status worker_create_effect(const struct effect_stage *stage, void *self,
                                 const struct worker_options *options, struct worker **worker,
                                 struct error *err)
{
    struct effect_worker *effect = calloc(1, sizeof *effect);
    enum status status;

    ENSURE(stage->max_in_flight > 0);
    if (effect == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for stage %s", stage->name);
    effect->stage = stage;
    effect->self = self;
    desk_init(&effect->desk, &effect->worker, stage->max_in_flight);
    status = worker_init(&effect->worker, &effect_kind, stage->name, options, err);
    if (status != STATUS_OK) {
        effect_destroy(&effect->worker);
        return status;
    }
    *worker = &effect->worker;
    return STATUS_OK;
}
