/*
 * A map's round: put-off tasks whose time has come, new tasks from the backlogs, the stage's own
 * step, outcomes to the bus, finished prefixes to their commit. An input's tasks stand in a queue
 * in the order of their offsets; the head leaves when its outcome is acknowledged, so what is
 * behind the head is never committed past it.
 */
#include "base/util/crash.h"
#include "base/worker_queue.h"

#include <stdlib.h>
#include <string.h>

enum {
    MAP_WAITING_MAX = 64,    /* put-off tasks, whose memory is held; beyond it nothing starts */
    MAP_LAST_WORD_MS = 1000, /* for acknowledgements, when a group takes an input */
};

struct map_worker {
    struct worker worker;
    const struct map_stage *stage;
    void *self;
    char *output;
    uint32_t generations; /* 0: all */
    struct desk desk;
    struct task *abandoned; /* of inputs taken away: the stage or the bus still holds on to them */
    struct input *alone;    /* whose one task runs by itself, up to its commit */
};

/* The kind's entries get the worker as the front knows it; a map's is always part of a
 * map_worker. */
static struct map_worker *map_of(struct worker *worker)
{
    return (struct map_worker *) worker;
}

static size_t tasks_of(const struct map_worker *map)
{
    const size_t *counts = map->desk.counts;

    return counts[TASK_OPEN] + counts[TASK_WAITING] + counts[TASK_FINISHED] + counts[TASK_SENT];
}

/* ---- inputs taken away ---- */

/* The stage may still work on an OPEN task, and the bus will write into the ticket of a SENT one;
 * the others can go at once. */
static void abandon(struct map_worker *map, struct input *input)
{
    while (input->head != NULL) {
        struct task *task = queue_take(input);
        task->abandoned = true;
        if (task->state == TASK_WAITING || task->state == TASK_FINISHED) {
            task_destroy(task);
            continue;
        }
        task->next = map->abandoned;
        map->abandoned = task;
    }
    if (map->alone == input)
        map->alone = NULL;
}

static void sweep_abandoned(struct map_worker *map)
{
    for (struct task **at = &map->abandoned; *at != NULL;) {
        struct task *task = *at;
        if (task->state == TASK_OPEN || (task->state == TASK_SENT && !task->ticket.acknowledged)) {
            at = &task->next;
            continue;
        }
        *at = task->next;
        task_destroy(task);
    }
}

/* ---- outcomes ---- */

/* From here on the bus holds a copy, and the task shrinks to its ticket. */
static enum status publish(struct map_worker *map, struct task *task, struct error *err)
{
    struct bus_message message = {
        .topic = map->output,
        .key = task->record.key,
        .value = buf_slice(&task->output),
    };
    enum status status =
        worker_partition(&map->worker, map->output, message.key, &message.partition, err);

    if (status == STATUS_OK)
        status = crash_here(CRASH_MAP_BEFORE_PUBLISH, err);
    if (status == STATUS_OK)
        status = bus_publish(map->worker.bus, &message, &task->ticket, err);
    if (status != STATUS_OK)
        return status;
    task_become(task, TASK_SENT);
    task_release(task);
    return STATUS_OK;
}

/* What the full queue of the bus does not take stays FINISHED for the next round. */
static enum status publish_finished(struct map_worker *map, struct task *task, struct error *err)
{
    enum status status;

    if (task->state != TASK_FINISHED)
        return STATUS_OK;
    if (task->silent) {
        task->ticket.acknowledged = true;
        task_become(task, TASK_SENT);
        task_release(task);
        return STATUS_OK;
    }
    status = publish(map, task, err);
    return status == STATUS_AGAIN ? STATUS_OK : status;
}

static enum status publish_outcomes(struct map_worker *map, struct error *err)
{
    enum status status = STATUS_OK;

    if (map->desk.counts[TASK_FINISHED] == 0)
        return STATUS_OK;
    for (size_t i = 0; i < map->worker.input_count; i++)
        for (struct task *task = map->worker.inputs[i].head; task != NULL; task = task->next) {
            status = publish_finished(map, task, err);
            if (status != STATUS_OK)
                return status;
        }
    return STATUS_OK;
}

/* ---- attempts ---- */

static enum status attempt(struct map_worker *map, struct task *task, struct error *err)
{
    const struct clock *clock = map->worker.clock;
    int64_t begin_ms = clock_mono_ms(clock);
    struct error cause = {0};
    enum status status = map->stage->start(map->self, task, &cause);

    meter_handler(&map->worker.meter, clock_mono_ms(clock) - begin_ms);
    if (status == STATUS_OK)
        return STATUS_OK;
    cause.code = status;
    /* A stage that finished a task and fails all the same has no verdict left to give. */
    if (task->state != TASK_OPEN)
        return error_set(err, status, "%s", cause.message);
    return task_fail(task, &cause, err);
}

/* Writes down that a careful input's record is about to be tried; *try_it is false if it has killed
 * too often: then its mark stays until the outcome is acknowledged. */
static enum status mark_attempt(struct map_worker *map, struct input *input, bool *try_it,
                                struct error *err)
{
    enum status status;

    *try_it = input->tries < WORKER_DEATHS_MAX;
    if (!*try_it)
        return STATUS_OK;
    input->tries++;
    input->trying = true;
    input->tried_ms = clock_mono_ms(map->worker.clock);
    status = worker_note(&map->worker, input,
                         (struct mark){.kind = MARK_TRY, .tries = input->tries}, err);
    return status == STATUS_OK ? crash_here(CRASH_MARK_AFTER_COMMIT, err) : status;
}

/* A handler's work is done in an instant; who has been open for long waits for somebody else. */
static bool on_trial(const struct map_worker *map, const struct input *input)
{
    return input->head->state == TASK_OPEN &&
           clock_mono_ms(map->worker.clock) - input->tried_ms < WORKER_TRIAL_MS;
}

/* The stage has let go of the record tried alone, or waits, and we live: what ends us from here on
 * (a bus that fails, a kill) is not its fault and must not count. */
static enum status note_survival(struct map_worker *map, struct error *err)
{
    struct input *input = map->alone;

    if (input == NULL || !input->trying || on_trial(map, input))
        return STATUS_OK;
    input->trying = false;
    input->tries = 0;
    return worker_note(&map->worker, input, (struct mark){.kind = MARK_RUNNING}, err);
}

/* The task stands in the queue before anything can go wrong with it, so nobody forgets it. */
static enum status make_task(struct map_worker *map, struct input *input, struct task **task,
                             struct error *err)
{
    const struct bus_record *bytes = input_peek(input);
    enum status status =
        task_create(&map->desk, input_position(input, bytes->offset), bytes, task, err);

    if (status != STATUS_OK)
        return status;
    input_take(input);
    queue_put(input, *task);
    return STATUS_OK;
}

/* Decodes and tries the newest task; records that cannot be tried are decided here. */
static enum status run_task(struct map_worker *map, struct input *input, bool try_it,
                            struct error *err)
{
    const struct slice nothing = {NULL, 0};
    struct task *task = input->tail;
    struct error cause = {0};
    enum status status = task_decode(task, &cause);

    if (status == STATUS_INVALID)
        return task_dead(task, SLICE("garbage"), nothing, err);
    if (status != STATUS_OK)
        return error_set(err, status, "%s", cause.message);
    if (map->generations > 0 && task->record.generation >= map->generations) {
        task_pass_over(task);
        return STATUS_OK;
    }
    if (!try_it)
        return task_dead(task, SLICE("crash"), nothing, err);
    if (!queue_has_earlier(input, task))
        return attempt(map, task, err);
    task_become(task, TASK_WAITING); /* no attempt: due as soon as its turn comes */
    return STATUS_OK;
}

static enum status start_task(struct map_worker *map, struct input *input, struct error *err)
{
    enum status status = STATUS_OK;
    struct task *task = NULL;
    bool try_it = true;

    if (input_careful(input)) {
        map->alone = input;
        status = mark_attempt(map, input, &try_it, err);
    }
    if (status == STATUS_OK)
        status = make_task(map, input, &task, err);
    if (status == STATUS_OK)
        status = run_task(map, input, try_it, err);
    if (status == STATUS_OK)
        status = note_survival(map, err);
    map->worker.cursor = input->index + 1;
    return status == STATUS_OK ? publish_finished(map, task, err) : status;
}

/* The input whose next record may start now. A record that must run alone waits until everything
 * else is over, and meanwhile nothing else starts. */
static struct input *choose_input(const struct map_worker *map)
{
    const struct worker *worker = &map->worker;
    struct input *careful = worker_careful_input(worker);

    /* FINISHED tasks are there only while the bus's queue is full: more would pile up in memory. */
    if (map->alone != NULL || map->desk.counts[TASK_FINISHED] > 0 ||
        map->desk.counts[TASK_OPEN] >= map->stage->max_in_flight ||
        map->desk.counts[TASK_WAITING] >= MAP_WAITING_MAX || map->desk.held >= TASK_HELD_MAX)
        return NULL;
    if (careful != NULL)
        return tasks_of(map) == 0 ? careful : NULL;
    for (size_t i = 0; i < worker->input_count; i++) {
        struct input *input = &worker->inputs[(worker->cursor + i) % worker->input_count];
        if (input_peek(input) != NULL && !input->lost &&
            input->next - input->committed < worker->window)
            return input;
    }
    return NULL;
}

/* Handlers share one slice of time, so that a round comes back to acknowledgements and retries. */
static enum status start_tasks(struct map_worker *map, struct error *err)
{
    const struct clock *clock = map->worker.clock;
    int64_t end_ms = clock_mono_ms(clock) + WORKER_SLICE_MS;
    enum status status = STATUS_OK;
    struct input *input;

    if (map->worker.phase != WORKER_RUNNING)
        return STATUS_OK;
    while (status == STATUS_OK && (input = choose_input(map)) != NULL) {
        status = start_task(map, input, err);
        if (clock_mono_ms(clock) >= end_ms)
            break;
    }
    return status;
}

/* Also of a record that runs alone: then each attempt is marked anew. */
static enum status retry_task(struct map_worker *map, struct task *task, struct error *err)
{
    bool try_it = true;
    enum status status = STATUS_OK;

    if (map->alone != NULL)
        status = mark_attempt(map, map->alone, &try_it, err);
    if (status == STATUS_OK)
        status = task_decode(task, err);
    if (status != STATUS_OK)
        return status;
    task_become(task, TASK_OPEN);
    status = attempt(map, task, err);
    return status == STATUS_OK ? note_survival(map, err) : status;
}

static enum status retry_tasks(struct map_worker *map, struct error *err)
{
    enum status status = STATUS_OK;
    struct task *task;

    while (status == STATUS_OK && map->worker.phase == WORKER_RUNNING &&
           map->desk.counts[TASK_WAITING] > 0 &&
           map->desk.counts[TASK_OPEN] < map->stage->max_in_flight &&
           (task = queue_due(&map->worker)) != NULL)
        status = retry_task(map, task, err);
    return status;
}

/* ---- commits ---- */

/* A commit costs a round trip, so it waits for half a window, a pause, or a second. */
static bool commit_due(const struct map_worker *map, const struct input *input)
{
    const struct worker *worker = &map->worker;
    int64_t quiet_ms = worker->groups ? WORKER_QUIET_MS : 0;

    if (input->done == input->committed || input->lost)
        return false;
    return map->alone == input || worker->phase != WORKER_RUNNING ||
           input->done - input->committed >= (worker->window + 1) / 2 ||
           clock_mono_ms(worker->clock) - input->committed_ms >=
               (worker->quiet ? quiet_ms : WORKER_COMMIT_MS);
}

static enum status settle_input(struct map_worker *map, struct input *input, struct error *err)
{
    enum status status;

    queue_advance(input);
    if (!commit_due(map, input))
        return STATUS_OK;
    status = crash_here(CRASH_MAP_AFTER_PUBLISH, err);
    if (status == STATUS_OK)
        status = worker_note(&map->worker, input, (struct mark){.kind = MARK_RUNNING}, err);
    if (status == STATUS_OK)
        status = crash_here(CRASH_MAP_AFTER_COMMIT, err);
    if (map->alone == input)
        map->alone = NULL;
    input->tries = 0;
    return status;
}

static enum status settle(struct map_worker *map, struct error *err)
{
    enum status status = STATUS_OK;

    for (size_t i = 0; status == STATUS_OK && i < map->worker.input_count; i++)
        if (map->worker.inputs[i].assigned)
            status = settle_input(map, &map->worker.inputs[i], err);
    sweep_abandoned(map);
    return status;
}

/* ---- the kind ---- */

/* A partition left clean is marked before its first record runs; one that was not keeps its mark
 * until its first attempt. */
static enum status map_assigned(struct worker *worker, struct input *input,
                                const struct bus_event *event, struct error *err)
{
    enum status status;

    abandon(map_of(worker), input);
    if (mark_parse(event->metadata).kind != MARK_CLEAN) {
        meter_takeover(&worker->meter, input_position(input, event->offset), event->metadata);
        return STATUS_OK;
    }
    status = worker_note(worker, input, (struct mark){.kind = MARK_RUNNING}, err);
    return status == STATUS_OK ? crash_here(CRASH_MARK_AFTER_COMMIT, err) : status;
}

/* What is not finished is the new owner's now, and he begins at our last commit. A group waits for
 * that a little, so outcomes that are on their way may still count. */
static enum status map_revoked(struct worker *worker, struct input *input, struct error *err)
{
    enum status status = STATUS_OK;

    if (worker->groups && !input->lost) {
        status = bus_flush(worker->bus, MAP_LAST_WORD_MS, err);
        queue_advance(input);
        if (status == STATUS_OK || status == STATUS_TIMEOUT)
            status = worker_commit_input(worker, input, err);
    }
    abandon(map_of(worker), input);
    return status;
}

static struct patience map_patience(struct worker *worker, int64_t timeout_ms)
{
    struct map_worker *map = map_of(worker);
    struct patience patience = {0};
    int64_t wait = timeout_ms;

    if (worker->phase == WORKER_RUNNING && choose_input(map) != NULL)
        return patience;
    if (tasks_of(map) > 0 && wait > WORKER_SLICE_MS)
        wait = WORKER_SLICE_MS;
    /* With everything read still at work only acknowledgements can bring the round on. */
    if (worker_has_backlog(worker) && map->desk.counts[TASK_SENT] > 0)
        patience.ack_ms = wait;
    else
        patience.read_ms = wait;
    return patience;
}

static enum status map_work(struct worker *worker, int64_t timeout_ms, struct error *err)
{
    struct map_worker *map = map_of(worker);
    enum status status = retry_tasks(map, err);

    (void) timeout_ms;
    if (status == STATUS_OK)
        status = start_tasks(map, err);
    if (status == STATUS_OK && map->desk.counts[TASK_OPEN] > 0 && map->stage->step != NULL)
        status = map->stage->step(map->self, err);
    if (status == STATUS_OK)
        status = note_survival(map, err);
    if (status == STATUS_OK)
        status = publish_outcomes(map, err);
    return status == STATUS_OK ? settle(map, err) : status;
}

/* Put-off tasks are left to the successor, and after a while open ones too: their offsets are not
 * committed. What the bus holds a ticket of must come to its end. */
static bool map_idle(struct worker *worker)
{
    const struct map_worker *map = map_of(worker);
    bool late = clock_mono_ms(worker->clock) - worker->drain_ms >= WORKER_GRACE_MS;

    for (const struct task *task = map->abandoned; task != NULL; task = task->next)
        if (task->state != TASK_OPEN || !late)
            return false;
    return (map->desk.counts[TASK_OPEN] == 0 || late) && map->desk.counts[TASK_FINISHED] == 0 &&
           !queue_unacknowledged(worker);
}

static void map_destroy_worker(struct worker *worker)
{
    struct map_worker *map = map_of(worker);

    queue_clear(worker);
    while (map->abandoned != NULL) {
        struct task *task = map->abandoned;
        map->abandoned = task->next;
        task_destroy(task);
    }
    desk_fini(&map->desk);
    worker_fini(worker);
    free(map->output);
    free(map);
}

static const struct worker_kind map_kind = {
    .assigned = map_assigned,
    .revoked = map_revoked,
    .patience = map_patience,
    .work = map_work,
    .idle = map_idle,
    .leave = worker_commit_clean,
    .destroy = map_destroy_worker,
};

enum status worker_create_map(const struct map_stage *stage, void *self,
                              const struct worker_options *options, struct worker **worker,
                              struct error *err)
{
    struct map_worker *map = calloc(1, sizeof *map);
    enum status status;

    ENSURE(stage->max_in_flight > 0 && options->output != NULL);
    if (map == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for stage %s", stage->name);
    map->stage = stage;
    map->self = self;
    desk_init(&map->desk, &map->worker, stage->max_in_flight);
    map->generations = options->generations;
    status = worker_init(&map->worker, &map_kind, stage->name, options, err);
    map->output = strdup(options->output);
    map->desk.run = options->run == NULL ? NULL : strdup(options->run);
    if (status == STATUS_OK &&
        (map->output == NULL || (map->desk.run == NULL) != (options->run == NULL)))
        status = error_set(err, STATUS_NOMEM, "no memory for stage %s", stage->name);
    if (status != STATUS_OK) {
        map_destroy_worker(&map->worker);
        return status;
    }
    *worker = &map->worker;
    return STATUS_OK;
}
