/*
 * A fold's round goes through three phases. FILLING applies records to a batch, or runs a tick on
 * an empty one. CLOSING publishes what the batch emits, waits for the acknowledgements, then
 * writes the batch together with the offsets: so an output is in the log before its cause counts
 * as done. SENDING publishes what may only go out once the batch is written. A round that must
 * wait returns and comes back to its phase.
 */
#include "base/worker_fold.h"

#include "base/log.h"
#include "base/util/crash.h"
#include "base/worker_life.h"
#include "base/worker_moves.h"
#include "base/worker_state.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { FOLD_MEMORY_MAX = 320 * 1024 * 1024 }; /* of one record, decoded; hostile ones need 256 */

/* ---- applying ---- */

static enum status call_apply(struct fold_worker *fold, const struct input *input,
                              const struct record *record, struct error *err)
{
    const struct clock *clock = fold->worker.clock;
    int64_t begin_ms = clock_mono_ms(clock);
    enum status status = fold->stage->apply(fold->self, &fold->batch, input->index, record, err);

    meter_handler(&fold->worker.meter, clock_mono_ms(clock) - begin_ms);
    if (status == STATUS_OK)
        return STATUS_OK;
    return error_prefix(err, status, "%s/%" PRIu32 "/%" PRIu64, input->topic, input->partition,
                        fold->batch.position.offset);
}

/* A fold has no log for outcomes: garbage is told, counted and stepped over. */
static enum status apply_bytes(struct fold_worker *fold, const struct input *input,
                               struct slice bytes, struct error *err)
{
    struct error cause = {0};
    struct record record;
    enum status status;

    arena_reset(fold->arena);
    status = record_decode(bytes, fold->arena, &record, &cause);
    if (status == STATUS_OK)
        return call_apply(fold, input, &record, err);
    if (status != STATUS_INVALID)
        return error_set(err, status, "%s", cause.message);
    meter_dead(&fold->worker.meter, fold->batch.position, SLICE("garbage"));
    return STATUS_OK;
}

static enum status apply_next(struct fold_worker *fold, struct input *input, struct error *err)
{
    const struct bus_record *bytes = input_peek(input);
    struct record_source position = input_position(input, bytes->offset);
    bool skip = skips_contain(&fold->skips, position);
    enum status status = STATUS_OK;

    if (!skip && input_careful(input))
        status = state_try(fold->store, &fold->worker, input, err);
    if (status != STATUS_OK)
        return status;
    fold->batch.applied++;
    fold->batch.position = position;
    /* Read again by a rebuild: its outputs were acknowledged before that offset was committed. */
    fold->batch.told = bytes->offset < input->floor;
    fold->worker.cursor = input->index + 1;
    if (!fold->caught_up)
        fold->replayed++;
    input_take(input);
    if (!skip)
        return apply_bytes(fold, input, bytes->value, err);
    meter_dead(&fold->worker.meter, position, SLICE("skipped"));
    return STATUS_OK;
}

/* The input whose next record is applied next. A record that must run alone gets a batch of its
 * own, so that what its mark says and what the state holds never differ by another record. */
static struct input *choose_input(const struct fold_worker *fold)
{
    const struct worker *worker = &fold->worker;
    struct input *careful = worker_careful_input(worker);

    if (worker->phase != WORKER_RUNNING)
        return NULL;
    if (careful != NULL)
        return fold->batch.applied == 0 ? careful : NULL;
    for (size_t i = 0; i < worker->input_count; i++) {
        struct input *input = &worker->inputs[(worker->cursor + i) % worker->input_count];
        if (input_peek(input) != NULL && !input->lost)
            return input;
    }
    return NULL;
}

static enum status apply_records(struct fold_worker *fold, struct error *err)
{
    const struct clock *clock = fold->worker.clock;
    int64_t end_ms = clock_mono_ms(clock) + WORKER_SLICE_MS;
    enum status status = STATUS_OK;
    struct input *input;
    bool alone = false;

    while (status == STATUS_OK && !alone && !batch_full(&fold->batch) &&
           (input = choose_input(fold)) != NULL) {
        alone = input_careful(input);
        status = apply_next(fold, input, err);
        if (status == STATUS_OK)
            status = state_survived(fold->store, input, err);
        if (clock_mono_ms(clock) >= end_ms)
            break;
    }
    return status;
}

/* ---- ticks ---- */

static int64_t next_tick_ms(const struct fold_worker *fold)
{
    return fold->ticked_ms + fold->stage->tick_ms;
}

/* A tick acts on what the records say up to now, so it has to wait for all of them; and it starts
 * on a written state, so that what it sends can be told from what a record caused. The batch's time
 * was read before this, so who slept since then finds the confirmation stale. */
static bool tick_due(const struct fold_worker *fold)
{
    int64_t now = clock_mono_ms(fold->worker.clock);

    return fold->stage->tick != NULL && fold->caught_up && fold->batch.applied == 0 &&
           fold->worker.phase == WORKER_RUNNING && now >= next_tick_ms(fold) &&
           (fold->worker.onlooker || now - fold->owned_ms < WORKER_OWNED_MS);
}

static enum status run_tick(struct fold_worker *fold, struct error *err)
{
    enum status status;

    /* Unlike a record, a tick acts on now: nothing that it emits stands in the logs. */
    fold->batch.told = false;
    status = fold->stage->tick(fold->self, &fold->batch, err);
    /* From its end, so that a slow tick is not followed by the next at once. */
    fold->ticked_ms = clock_mono_ms(fold->worker.clock);
    return status == STATUS_OK ? STATUS_OK : error_prefix(err, status, "tick");
}

/* ---- filling ---- */

static void note_catching_up(struct fold_worker *fold)
{
    int64_t took_ms = clock_mono_ms(fold->worker.clock) - fold->started_ms;

    if (fold->caught_up || !worker_caught_up(&fold->worker))
        return;
    fold->caught_up = true;
    metric_add(fold->worker.meter.replayed, (double) fold->replayed);
    metric_set(fold->worker.meter.replay_rate,
               (double) fold->replayed * 1000 / (double) (took_ms > 0 ? took_ms : 1));
}

static enum status fill_batch(struct fold_worker *fold, struct error *err)
{
    enum status status = fold_confirm(fold, err);

    /* STATUS_AGAIN: an input is lost. Nothing is applied in this round, whose end drops it. */
    if (status != STATUS_OK)
        return status == STATUS_AGAIN ? STATUS_OK : status;
    note_catching_up(fold);
    /* Read after the confirmation, whose age tick_due looks at later: a nap in between is
     * noticed. */
    fold->batch.wall_ms = clock_wall_ms(fold->worker.clock);
    status = apply_records(fold, err);
    if (status == STATUS_OK && tick_due(fold))
        status = run_tick(fold, err);
    if (status != STATUS_OK || !batch_dirty(&fold->batch))
        return status;
    fold->phase = FOLD_CLOSING;
    return crash_here(CRASH_FOLD_BEFORE_PUBLISH, err);
}

/* ---- closing and sending ---- */

/* It is not forced to the disk: after a power cut the fold goes on from an earlier, equally
 * consistent point. */
enum status fold_write(struct fold_worker *fold, struct error *err)
{
    struct worker *worker = &fold->worker;
    enum status status = STATUS_OK;

    for (size_t i = 0; status == STATUS_OK && i < worker->input_count; i++)
        if (worker->inputs[i].next != worker->inputs[i].done)
            status = state_put(fold->batch.writes, &worker->inputs[i], worker->inputs[i].next,
                               (struct mark){.kind = MARK_RUNNING}, err);
    if (status == STATUS_OK)
        status = store_commit(fold->batch.writes, false, err);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < worker->input_count; i++) {
        if (worker->inputs[i].next != worker->inputs[i].done)
            worker->inputs[i].tries = 0;
        worker->inputs[i].done = worker->inputs[i].next;
    }
    fold->batch.applied = 0;
    return STATUS_OK;
}

enum status fold_deliver(struct fold_worker *fold, struct error *err)
{
    enum status status = outbox_publish(&fold->batch.emits, fold->worker.bus, err);

    /* Asked, not waited for: the round comes back to it. */
    if (status == STATUS_OK)
        status = bus_flush(fold->worker.bus, 0, err);
    /* If that time-out is the bus's failure for good, its next step tells. */
    return status == STATUS_TIMEOUT ? STATUS_AGAIN : status;
}

static enum status close_batch(struct fold_worker *fold, struct error *err)
{
    enum status status = fold_deliver(fold, err);

    if (status == STATUS_AGAIN)
        return STATUS_OK;
    if (status == STATUS_OK)
        status = crash_here(CRASH_FOLD_AFTER_PUBLISH, err);
    if (status == STATUS_OK)
        status = fold_write(fold, err);
    if (status == STATUS_OK)
        status = crash_here(CRASH_FOLD_AFTER_STATE, err);
    if (status != STATUS_OK)
        return status;
    fold->phase = outbox_empty(&fold->batch.sends) ? FOLD_FILLING : FOLD_SENDING;
    return STATUS_OK;
}

/* If the process ends here the rest is lost, though the state says it was sent; whoever uses
 * fold_send has a way to notice (a lease expires). */
static enum status send_rest(struct fold_worker *fold, struct error *err)
{
    enum status status = crash_here(CRASH_FOLD_BEFORE_SEND, err);

    if (status == STATUS_OK)
        status = outbox_publish(&fold->batch.sends, fold->worker.bus, err);
    if (status == STATUS_AGAIN)
        return STATUS_OK;
    if (status != STATUS_OK)
        return status;
    fold->phase = FOLD_FILLING;
    return crash_here(CRASH_FOLD_AFTER_SEND, err);
}

/* ---- the kind ---- */

/* Closing waits for acknowledgements, filling for records or the next tick. */
static struct patience fold_patience(struct worker *worker, int64_t timeout_ms)
{
    const struct fold_worker *fold = fold_of(worker);
    int64_t left = next_tick_ms(fold) - clock_mono_ms(worker->clock);
    int64_t slice = timeout_ms > WORKER_SLICE_MS ? WORKER_SLICE_MS : timeout_ms;

    if (fold->phase != FOLD_FILLING)
        return (struct patience){.ack_ms = slice};
    if (choose_input(fold) != NULL)
        return (struct patience){0};
    if (fold->stage->tick == NULL || !fold->caught_up || left > timeout_ms)
        left = timeout_ms;
    return (struct patience){.read_ms = left > 0 ? left : 0};
}

static enum status fold_work(struct worker *worker, int64_t timeout_ms, struct error *err)
{
    struct fold_worker *fold = fold_of(worker);
    enum status status = STATUS_OK;

    (void) timeout_ms;
    if (fold->phase == FOLD_FILLING)
        status = fill_batch(fold, err);
    if (status == STATUS_OK && fold->phase == FOLD_CLOSING)
        status = close_batch(fold, err);
    if (status == STATUS_OK && fold->phase == FOLD_SENDING)
        status = send_rest(fold, err);
    return status;
}

static bool fold_idle(struct worker *worker)
{
    /* The last phase does not wait for what it sent: the flush tells whether that has gone out. */
    return fold_of(worker)->phase == FOLD_FILLING && bus_flush(worker->bus, 0, NULL) == STATUS_OK;
}

/* The store first: should the process die in between, the bus's mark, which only people read, is
 * the one that is behind. */
static enum status fold_leave(struct worker *worker, struct error *err)
{
    struct fold_worker *fold = fold_of(worker);
    enum status status = STATUS_OK;

    for (size_t i = 0; status == STATUS_OK && i < worker->input_count; i++) {
        const struct input *input = &worker->inputs[i];
        if (input->assigned && input->done >= input->careful_until)
            status = state_write(fold->store, input, input->done, (struct mark){.kind = MARK_CLEAN},
                                 err);
    }
    if (status == STATUS_OK)
        status = store_sync(fold->store, err);
    for (size_t i = 0; status == STATUS_OK && i < worker->input_count; i++)
        if (worker->inputs[i].assigned)
            status = fold_last_word(fold, &worker->inputs[i], err);
    return status;
}

static void fold_destroy(struct worker *worker)
{
    struct fold_worker *fold = fold_of(worker);

    batch_fini(&fold->batch);
    arena_destroy(fold->arena);
    skips_fini(&fold->skips);
    worker_fini(worker);
    free(fold);
}

static const struct worker_kind fold_kind = {
    .assigned = fold_assigned,
    .revoked = fold_revoked,
    .patience = fold_patience,
    .work = fold_work,
    .idle = fold_idle,
    .leave = fold_leave,
    .destroy = fold_destroy,
};

/* ---- creating ---- */

static enum status allocate(struct fold_worker *fold, struct error *err)
{
    enum status status = batch_init(&fold->batch, &fold->worker, fold->store, err);

    if (status != STATUS_OK)
        return status;
    fold->arena = arena_create(FOLD_MEMORY_MAX);
    return fold->arena == NULL
               ? error_set(err, STATUS_NOMEM, "no memory for stage %s", fold->stage->name)
               : STATUS_OK;
}

static enum status open_state(struct fold_worker *fold, struct error *err)
{
    struct worker *worker = &fold->worker;
    bool usable = false;
    enum status status = state_check(fold->store, worker, &usable, err);

    /* Only after the reader is open: from then on nobody else writes for these partitions. */
    if (status == STATUS_OK && !usable) {
        log_write(LOG_WARN, "the state does not fit the logs and is computed again",
                  {"stage", slice_from(fold->stage->name)});
        metric_add(worker->meter.rebuilds, 1);
        status = store_wipe(fold->store, err);
    }
    if (status == STATUS_OK && fold->stage->load != NULL)
        status = fold->stage->load(fold->self, fold->store, err);
    return status;
}

enum status worker_create_fold(const struct fold_stage *stage, void *self,
                               const struct worker_options *options, struct worker **worker,
                               struct error *err)
{
    struct fold_worker *fold = calloc(1, sizeof *fold);
    enum status status;

    ENSURE(options->store != NULL);
    if (fold == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for stage %s", stage->name);
    fold->stage = stage;
    fold->self = self;
    fold->store = options->store;
    fold->started_ms = fold->owned_ms = fold->ticked_ms = clock_mono_ms(options->clock);
    status = worker_init(&fold->worker, &fold_kind, stage->name, options, err);
    if (status == STATUS_OK)
        status = allocate(fold, err);
    if (status == STATUS_OK)
        status = skips_init(&fold->skips, options->skips, options->skip_count, err);
    if (status == STATUS_OK)
        status = open_state(fold, err);
    /* After a wipe, not before: a store that was wiped is another life. */
    if (status == STATUS_OK && fold->worker.groups)
        status = life_open(fold->store, &fold->worker.life, err);
    if (status != STATUS_OK) {
        fold_destroy(&fold->worker);
        return status;
    }
    *worker = &fold->worker;
    return STATUS_OK;
}
