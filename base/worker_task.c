#include "base/worker_task.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { POSITION_TEXT_SIZE = 256, SPARE_BYTES_MAX = 256 * 1024 };

/* ---- workspaces ---- */

static void workspace_destroy(struct workspace *space)
{
    arena_destroy(space->arena);
    buf_fini(&space->bytes);
    free(space);
}

static struct workspace *take_workspace(struct desk *desk)
{
    struct workspace *space = desk->spare;

    if (space != NULL) {
        desk->spare = space->next;
        desk->spare_count--;
        return space;
    }
    space = calloc(1, sizeof *space);
    if (space == NULL)
        return NULL;
    buf_init(&space->bytes, BUS_RECORD_MAX);
    space->arena = arena_create(TASK_MEMORY_MAX);
    if (space->arena != NULL)
        return space;
    free(space);
    return NULL;
}

/* Keeps a few for the next tasks, but none that one big record has blown up. */
static void give_workspace(struct desk *desk, struct workspace *space)
{
    if (space == NULL)
        return;
    if (desk->spare_count >= desk->spare_max || space->bytes.capacity > SPARE_BYTES_MAX) {
        workspace_destroy(space);
        return;
    }
    arena_reset(space->arena);
    space->next = desk->spare;
    desk->spare = space;
    desk->spare_count++;
}

/* ---- life ---- */

void desk_init(struct desk *desk, struct worker *worker, size_t max_in_flight)
{
    *desk = (struct desk){.worker = worker, .spare_max = max_in_flight};
}

void desk_fini(struct desk *desk)
{
    for (size_t i = 0; i < TASK_STATES; i++)
        ENSURE(desk->counts[i] == 0);
    while (desk->spare != NULL) {
        struct workspace *space = desk->spare;
        desk->spare = space->next;
        workspace_destroy(space);
    }
    free(desk->run);
}

enum status task_create(struct desk *desk, struct record_source position,
                        const struct bus_record *bytes, struct task **created, struct error *err)
{
    struct task *task = calloc(1, sizeof *task);
    enum status status;

    if (task == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for a task");
    task->space = take_workspace(desk);
    if (task->space == NULL) {
        free(task);
        return error_set(err, STATUS_NOMEM, "no memory for a task");
    }
    task->desk = desk;
    task->position = position;
    buf_init(&task->output, BUS_RECORD_MAX);
    desk->counts[TASK_OPEN]++; /* the state of a zeroed task */
    buf_reset(&task->space->bytes);
    /* One that no outcome could carry is left out, and decodes as garbage. */
    if (bytes->key.size <= TASK_KEY_MAX && bytes->value.size <= BUS_RECORD_MAX - bytes->key.size) {
        task->key_size = bytes->key.size;
        buf_append(&task->space->bytes, bytes->key);
        buf_append(&task->space->bytes, bytes->value);
    }
    status = buf_status(&task->space->bytes, err);
    desk->held += task->space->bytes.size;
    if (status == STATUS_OK)
        *created = task;
    else
        task_destroy(task);
    return status;
}

void task_release(struct task *task)
{
    if (task->space != NULL)
        task->desk->held -= task->space->bytes.size;
    give_workspace(task->desk, task->space);
    task->space = NULL;
    buf_fini(&task->output);
}

void task_destroy(struct task *task)
{
    task_release(task);
    task->desk->counts[task->state]--;
    free(task);
}

void task_become(struct task *task, enum task_state state)
{
    static const bool allowed[TASK_STATES][TASK_STATES] = {
        [TASK_OPEN] = {[TASK_WAITING] = true, [TASK_FINISHED] = true},
        [TASK_WAITING] = {[TASK_OPEN] = true},
        /* No way back: what has an outcome never gets a second one. */
        [TASK_FINISHED] = {[TASK_SENT] = true},
    };

    ENSURE(allowed[task->state][state]);
    task->desk->counts[task->state]--;
    task->desk->counts[state]++;
    task->state = state;
}

/* What stands for a record that does not decode: an id that a repeat gets again. */
static struct record substitute(const struct task *task, struct slice key)
{
    char place[POSITION_TEXT_SIZE];

    (void) snprintf(place, sizeof place, "%" PRIu32 "/%" PRIu64, task->position.partition,
                    task->position.offset);
    return (struct record){
        .id = id_of(task->position.topic, slice_from(place)),
        .key = key,
        .schema = RECORD_SCHEMA,
    };
}

static bool fits_an_outcome(const struct record *record)
{
    size_t texts = record->job.size + record->run.size + record->reason.size;

    for (size_t i = 0; i < record->source_count; i++)
        texts += record->sources[i].topic.size;
    return record->key.size <= TASK_KEY_MAX && texts <= TASK_TEXTS_MAX;
}

enum status task_decode(struct task *task, struct error *err)
{
    struct slice bytes = buf_slice(&task->space->bytes);
    struct slice key = slice_sub(bytes, 0, task->key_size);
    struct slice value = slice_sub(bytes, task->key_size, bytes.size - task->key_size);
    enum status status;

    arena_reset(task->space->arena);
    task->data = NULL;
    status = record_decode(value, task->space->arena, &task->record, err);
    if (status == STATUS_OK && !fits_an_outcome(&task->record))
        status = error_set(err, STATUS_INVALID, "key and texts are too long");
    if (status == STATUS_INVALID)
        task->record = substitute(task, key);
    return status;
}

/* ---- what a stage sees ---- */

const struct record *task_record(const struct task *task)
{
    return &task->record;
}

struct record_source task_position(const struct task *task)
{
    return task->position;
}

struct arena *task_arena(struct task *task)
{
    return task->space->arena;
}

void task_set_data(struct task *task, void *data)
{
    task->data = data;
}

void *task_data(const struct task *task)
{
    return task->data;
}

/* ---- outcomes ---- */

/* The reason cut to its limit, not within a character. */
static struct slice cut_reason(struct slice reason)
{
    size_t size = TASK_REASON_MAX;

    if (reason.size <= size)
        return reason;
    while (size > 0 && ((unsigned char) reason.data[size] & 0xC0) == 0x80)
        size--;
    return slice_sub(reason, 0, size);
}

/* What a map's outcome says of its input: the same identity, and where it stood. A full list of
 * sources keeps its oldest ones, which lead back to the page. */
static struct record outcome_record(const struct task *task, enum outcome outcome,
                                    struct slice reason, struct slice payload)
{
    struct record record = task->record;
    size_t last = record.source_count;

    if (last == RECORD_SOURCES_MAX)
        last--;
    record.sources[last] = task->position;
    record.sources_beyond[last] = (struct record_beyond){0};
    record.source_count = last + 1;
    record.schema = RECORD_SCHEMA;
    if (task->desk->run != NULL)
        record.run = slice_from(task->desk->run);
    record.outcome = outcome;
    record.reason = reason;
    record.payload = payload;
    return record;
}

/* The limit leaves room for the key, which travels beside the value. */
static enum status encode(struct task *task, const struct record *record, struct error *err)
{
    buf_fini(&task->output);
    buf_init(&task->output, BUS_RECORD_MAX - task->record.key.size);
    return record_encode(record, &task->output, err);
}

static void count(const struct task *task, enum outcome outcome, struct slice reason)
{
    const struct meter *meter = &task->desk->worker->meter;

    if (outcome == OUTCOME_DEAD)
        meter_dead(meter, task->position, reason);
    else
        meter_outcome(meter, outcome, reason);
}

static void forget_beyond(struct record *record)
{
    record->beyond = (struct record_beyond){0};
    for (size_t i = 0; i < record->source_count; i++)
        record->sources_beyond[i] = (struct record_beyond){0};
}

/* The outcome is encoded at once, so payload and reason may go with the handler. One that the bus
 * would not take is replaced by a dead one: the input must have an outcome. */
static enum status finish(struct task *task, enum outcome outcome, struct slice reason,
                          struct slice payload, struct error *err)
{
    struct record record = outcome_record(task, outcome, cut_reason(reason), payload);
    struct error cause = {0};
    enum status status;

    ENSURE(task->state == TASK_OPEN);
    /* The new owner makes the outcome; this one only has to be swept. */
    if (task->abandoned) {
        task_become(task, TASK_FINISHED);
        return STATUS_OK;
    }
    status = encode(task, &record, &cause);
    if (status == STATUS_TOO_LARGE) {
        record = outcome_record(task, OUTCOME_DEAD, SLICE("too large: the outcome"),
                                (struct slice){NULL, 0});
        /* What a newer version added may be just what does not fit. */
        forget_beyond(&record);
        status = encode(task, &record, &cause);
    }
    if (status != STATUS_OK)
        return error_set(err, status, "%s", cause.message);
    count(task, record.outcome, record.reason);
    task_become(task, TASK_FINISHED);
    return STATUS_OK;
}

void task_pass_over(struct task *task)
{
    task->silent = true;
    task_become(task, TASK_FINISHED);
}

enum status task_pass(struct task *task, struct slice payload, struct error *err)
{
    return finish(task, OUTCOME_PASSED, (struct slice){NULL, 0}, payload, err);
}

enum status task_drop(struct task *task, struct slice reason, struct slice payload,
                      struct error *err)
{
    return finish(task, OUTCOME_DROPPED, reason, payload, err);
}

enum status task_dead(struct task *task, struct slice reason, struct slice payload,
                      struct error *err)
{
    return finish(task, OUTCOME_DEAD, reason, payload, err);
}

static void put_off(struct task *task)
{
    const struct worker *worker = task->desk->worker;
    /* Any number will do as long as neighbours differ: they should not all come back at once. */
    uint64_t seed = task->position.offset * 31 + task->position.partition;

    task->due_ms =
        clock_mono_ms(worker->clock) + retry_wait_ms(&worker->retry, task->attempts - 1, seed);
    metric_add(worker->meter.retries, 1);
    task_become(task, TASK_WAITING);
}

enum status task_fail(struct task *task, const struct error *cause, struct error *err)
{
    enum verdict verdict = status_verdict(cause->code);
    char reason[ERROR_MESSAGE_MAX + 64];

    ENSURE(verdict != VERDICT_NONE && task->state == TASK_OPEN);
    if (verdict == VERDICT_STOP)
        return error_set(err, cause->code, "%s", cause->message);
    /* An abandoned task ends here: task_dead makes no outcome of it. */
    if (verdict == VERDICT_RETRY && !task->abandoned &&
        ++task->attempts < task->desk->worker->retry.attempts) {
        put_off(task);
        return STATUS_OK;
    }
    (void) snprintf(reason, sizeof reason, "%s: %s", status_text(cause->code), cause->message);
    return task_dead(task, slice_from(reason), (struct slice){NULL, 0}, err);
}

void task_done(struct task *task)
{
    task_become(task, TASK_FINISHED);
}
