/*
 * What all kinds of worker share. The path of a record: a batch of the reader is copied into its
 * input's backlog (worker_input.c), the kind takes records from there, `done` follows what is
 * finished, and worker_commit tells the bus. A failure anywhere ends the worker; what was under way
 * is known by its missing commit alone.
 */
#include "base/worker.h"

#include "base/log.h"
#include "base/util/crash.h"
#include "base/worker_private.h"

#include <stdlib.h>
#include <string.h>

static const struct retry_policy default_retry = {.first_ms = 100, .max_ms = 5000, .attempts = 5};

/* ---- life ---- */

/* Opening takes the partitions from whoever had them; from then on his commits are refused. */
static enum status open_reader(struct worker *worker, const struct worker_options *options,
                               struct error *err)
{
    const char *owner = options->owner == NULL ? worker->meter.stage : options->owner;
    const struct bus_reader_options wish = {
        .stage = options->onlooker ? NULL : owner,
        .partitions = options->inputs,
        .partition_count = options->input_count,
        .max_bytes = WORKER_BATCH_BYTES,
    };

    return bus_reader_open(worker->bus, &wish, &worker->reader, err);
}

enum status worker_init(struct worker *worker, const struct worker_kind *kind, const char *stage,
                        const struct worker_options *options, struct error *err)
{
    worker->kind = kind;
    worker->bus = options->bus;
    worker->onlooker = options->onlooker;
    worker->groups = !options->onlooker && (bus_capabilities(options->bus) & BUS_CAP_GROUPS) != 0;
    worker->clock = options->clock;
    worker->born_ms = clock_mono_ms(options->clock);
    worker->retry = options->retry.attempts == 0 ? default_retry : options->retry;
    worker->window = options->window == 0 ? WORKER_WINDOW : options->window;
    buf_init(&worker->scratch, BUS_RECORD_MAX);
    meter_init(&worker->meter, stage);
    if (options->input_count == 0)
        return error_set(err, STATUS_USAGE, "stage %s without inputs", stage);
    worker->inputs = inputs_create(options->inputs, options->input_count);
    if (worker->inputs == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for stage %s", stage);
    worker->input_count = options->input_count;
    return open_reader(worker, options, err);
}

void worker_fini(struct worker *worker)
{
    bus_reader_close(worker->reader);
    inputs_destroy(worker->inputs, worker->input_count);
    for (size_t i = 0; i < worker->topic_count; i++)
        free(worker->topics[i].name);
    buf_fini(&worker->scratch);
}

void worker_destroy(struct worker *worker)
{
    if (worker != NULL)
        worker->kind->destroy(worker);
}

/* ---- for the kinds ---- */

enum status worker_commit(struct worker *worker, struct input *input, uint64_t offset,
                          struct mark mark, struct error *err)
{
    char text[MARK_TEXT_SIZE];
    enum status status;

    if (worker->onlooker)
        return STATUS_OK;
    /* Never back: by the committed offset the next rebuild tells what it need not emit again. */
    if (offset < input->floor)
        offset = input->floor;
    /* On every commit, whatever its mark: the last one is all that the next owner sees. */
    mark.life = worker->life;
    status = bus_reader_commit(worker->reader, input->index, offset, mark_text(mark, text), err);
    /* On groups this is how a partition goes, and the caller's worker_lost takes care of it. */
    if (status == STATUS_FENCED && !worker->groups)
        log_write(LOG_WARN, "a newer process owns the partition",
                  {"stage", slice_from(worker->meter.stage)}, {"topic", slice_from(input->topic)});
    if (status != STATUS_OK)
        return error_prefix(err, status, "commit of %s for %s/%u", worker->meter.stage,
                            input->topic, input->partition);
    input->committed = offset;
    input->committed_ms = clock_mono_ms(worker->clock);
    metric_add(worker->meter.commits, 1);
    return STATUS_OK;
}

bool worker_lost(const struct worker *worker, struct input *input, enum status status)
{
    if (status == STATUS_FENCED && worker->groups)
        input->lost = true;
    return input->lost;
}

enum status worker_note(struct worker *worker, struct input *input, struct mark mark,
                        struct error *err)
{
    enum status status = worker_commit(worker, input, input->done, mark, err);

    return worker_lost(worker, input, status) ? STATUS_OK : status;
}

enum status worker_commit_input(struct worker *worker, struct input *input, struct error *err)
{
    /* Below careful_until the mark counts deaths, which a clean one would forget. */
    if (input->lost || input->done < input->careful_until)
        return STATUS_OK;
    return worker_note(worker, input, (struct mark){.kind = MARK_CLEAN}, err);
}

enum status worker_commit_clean(struct worker *worker, struct error *err)
{
    enum status status = STATUS_OK;

    for (size_t i = 0; status == STATUS_OK && i < worker->input_count; i++)
        if (worker->inputs[i].assigned)
            status = worker_commit_input(worker, &worker->inputs[i], err);
    return status;
}

enum status worker_partition(struct worker *worker, const char *topic, struct slice key,
                             uint32_t *partition, struct error *err)
{
    uint32_t partitions;
    enum status status;
    char *name;

    for (size_t i = 0; i < worker->topic_count; i++) {
        if (strcmp(worker->topics[i].name, topic) != 0)
            continue;
        *partition = partition_of(key, worker->topics[i].partitions);
        return STATUS_OK;
    }
    status = bus_topic_partitions(worker->bus, topic, &partitions, err);
    if (status != STATUS_OK)
        return error_prefix(err, status, "output of %s", worker->meter.stage);
    *partition = partition_of(key, partitions);
    /* Beyond the table it works all the same, with a question to the bus each time. */
    if (worker->topic_count == WORKER_TOPICS_MAX)
        return STATUS_OK;
    name = strdup(topic);
    if (name == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for a topic's name");
    worker->topics[worker->topic_count].name = name;
    worker->topics[worker->topic_count++].partitions = partitions;
    return STATUS_OK;
}

bool worker_has_backlog(const struct worker *worker)
{
    for (size_t i = 0; i < worker->input_count; i++)
        if (input_peek(&worker->inputs[i]) != NULL)
            return true;
    return false;
}

struct input *worker_careful_input(const struct worker *worker)
{
    for (size_t i = 0; i < worker->input_count; i++)
        if (input_careful(&worker->inputs[i]) && !worker->inputs[i].lost &&
            input_peek(&worker->inputs[i]) != NULL)
            return &worker->inputs[i];
    return NULL;
}

/* ---- the round ---- */

/* The kind may move the input (a fold knows better where to go on) before records come. */
static enum status take_assignment(struct worker *worker, struct input *input,
                                   const struct bus_event *event, struct error *err)
{
    struct mark mark = mark_parse(event->metadata);
    enum status status;

    input_assign(input, event->offset, event->end, mark, worker->window);
    input->committed_ms = clock_mono_ms(worker->clock);
    status = worker->kind->assigned(worker, input, event, err);
    if (status != STATUS_OK)
        return status;
    input->paused = false;
    return bus_reader_pause(worker->reader, input->index, false, err);
}

/* What a group takes may have been dropped before: its commits were refused. */
static enum status take_away(struct worker *worker, struct input *input, struct error *err)
{
    if (!input->assigned)
        return STATUS_OK;
    input_revoke(input);
    return worker->kind->revoked(worker, input, err);
}

static enum status drop_lost(struct worker *worker, struct error *err)
{
    enum status status = STATUS_OK;

    for (size_t i = 0; status == STATUS_OK && i < worker->input_count; i++)
        if (worker->inputs[i].lost)
            status = take_away(worker, &worker->inputs[i], err);
    return status;
}

static enum status take_event(struct worker *worker, const struct bus_event *event,
                              struct error *err)
{
    struct input *input = &worker->inputs[event->index];

    switch (event->kind) {
    case BUS_EVENT_NONE:
        return STATUS_OK;
    case BUS_EVENT_ASSIGNED:
        worker->moving = event->more;
        return take_assignment(worker, input, event, err);
    case BUS_EVENT_REVOKED:
        worker->moving = event->more;
        return take_away(worker, input, err);
    case BUS_EVENT_RECORDS:
        /* The bus may go on delivering a lost input, which we have dropped already. */
        return input->assigned ? input_fill(input, event, err) : STATUS_OK;
    }
    return error_set(err, STATUS_INTERNAL, "event %d of the bus", (int) event->kind);
}

/* A partition delivers only while its backlog is empty, and nothing once we are leaving. */
static enum status pause_inputs(struct worker *worker, struct error *err)
{
    enum status status = STATUS_OK;

    for (size_t i = 0; status == STATUS_OK && i < worker->input_count; i++) {
        struct input *input = &worker->inputs[i];
        bool paused = input_peek(input) != NULL || worker->phase != WORKER_RUNNING;
        if (!input->assigned || paused == input->paused)
            continue;
        status = bus_reader_pause(worker->reader, input->index, paused, err);
        input->paused = paused;
    }
    return status;
}

/* One event a round: what it brings is worked on before the next is asked for. */
static enum status read_bus(struct worker *worker, struct patience patience, struct error *err)
{
    struct bus_event event = {.kind = BUS_EVENT_NONE};
    enum status status = bus_reader_poll(worker->reader, patience.read_ms, &event, err);

    if (status != STATUS_OK)
        return status;
    /* In a pause nothing more will come that a commit could wait for (worker_map.c). */
    worker->quiet = event.kind == BUS_EVENT_NONE && !worker_has_backlog(worker);
    status = take_event(worker, &event, err);
    if (status == STATUS_OK)
        status = bus_step(worker->bus, patience.ack_ms, err);
    return status;
}

static enum status leave(struct worker *worker, struct error *err)
{
    enum status status = worker->kind->leave(worker, err);

    if (status == STATUS_OK)
        worker->phase = WORKER_DRAINED;
    return status;
}

static enum status run_round(struct worker *worker, int64_t timeout_ms, struct error *err)
{
    struct patience patience = worker->kind->patience(worker, timeout_ms);
    enum status status = pause_inputs(worker, err);

    if (status == STATUS_OK)
        status = read_bus(worker, patience, err);
    if (status == STATUS_OK)
        status = worker->kind->work(worker, patience.work_ms, err);
    /* After the work, whose commits find out what is lost: nothing of it goes into another
     * round. */
    if (status == STATUS_OK && worker->groups)
        status = drop_lost(worker, err);
    if (status == STATUS_OK && worker->phase == WORKER_DRAINING && worker->kind->idle(worker))
        status = leave(worker, err);
    metric_set(worker->meter.lag, (double) worker_lag(worker));
    return status;
}

enum status worker_step(struct worker *worker, int64_t timeout_ms, struct error *err)
{
    /* Of our own, as the failure must be kept even if `err` is NULL. */
    struct error cause = {0};
    enum status status;

    if (worker->failure.code != STATUS_OK)
        return error_set(err, worker->failure.code, "%s", worker->failure.message);
    if (worker->phase == WORKER_DRAINED)
        return STATUS_OK;
    status = run_round(worker, timeout_ms, &cause);
    if (status == STATUS_OK)
        return STATUS_OK;
    worker->failure = cause;
    worker->failure.code = status;
    return error_set(err, status, "%s", cause.message);
}

void worker_drain(struct worker *worker)
{
    if (worker->phase != WORKER_RUNNING)
        return;
    worker->phase = WORKER_DRAINING;
    worker->drain_ms = clock_mono_ms(worker->clock);
}

bool worker_drained(const struct worker *worker)
{
    return worker->phase == WORKER_DRAINED;
}

bool worker_caught_up(const struct worker *worker)
{
    size_t assigned = 0;

    for (size_t i = 0; i < worker->input_count; i++) {
        const struct input *input = &worker->inputs[i];
        if (input->assigned && input->done < input->goal)
            return false;
        assigned += input->assigned;
    }
    /* While the bus has more to say about moves, nobody knows yet what our share is. */
    return worker->groups ? assigned > 0 && !worker->moving : assigned == worker->input_count;
}

/* The group does not tell a member that it gets nothing, so only time can tell. */
static bool standing_by(const struct worker *worker)
{
    for (size_t i = 0; i < worker->input_count; i++)
        if (worker->inputs[i].assigned)
            return false;
    return worker->groups && clock_mono_ms(worker->clock) - worker->born_ms >= WORKER_STANDBY_MS;
}

bool worker_ready(const struct worker *worker)
{
    return worker_caught_up(worker) || standing_by(worker);
}

uint64_t worker_lag(const struct worker *worker)
{
    uint64_t lag = 0;

    for (size_t i = 0; i < worker->input_count; i++)
        if (worker->inputs[i].assigned)
            lag += worker->inputs[i].end - worker->inputs[i].done;
    return lag;
}
