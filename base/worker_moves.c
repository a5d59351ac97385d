#include "base/worker_moves.h"

#include "base/worker_life.h"
#include "base/worker_state.h"

#include <inttypes.h>

/* ---- coming ---- */

/* No tick before everything that is ours now has been read, and confirmed to be ours. */
static void catch_up_again(struct fold_worker *fold)
{
    fold->caught_up = false;
    fold->replayed = 0;
    fold->started_ms = clock_mono_ms(fold->worker.clock);
    fold->owned_ms = fold->started_ms - WORKER_OWNED_MS;
}

/* Who else may have acted on this partition? Written down before our own life stands on a commit:
 * from then on the bus does not know any more. */
static enum status take_over(struct fold_worker *fold, const struct input *input,
                             const struct bus_event *event, struct error *err)
{
    struct life_claim claim = {.life = fold->worker.life,
                               .found = mark_parse(event->metadata),
                               .first = event->metadata.size == 0 && event->offset == 0,
                               .now_ms = clock_wall_ms(fold->worker.clock)};
    enum status status = life_claim(fold->store, input, &claim, err);

    if (status == STATUS_OK && fold->stage->moved != NULL)
        fold->stage->moved(fold->self, input->index, claim.kept ? FOLD_KEPT : FOLD_GAINED,
                           &claim.past);
    return status;
}

/* The store, not the bus, knows where to go on. */
enum status fold_assigned(struct worker *worker, struct input *input, const struct bus_event *event,
                          struct error *err)
{
    struct fold_worker *fold = fold_of(worker);
    struct mark mark;
    uint64_t offset;
    enum status status = state_load(fold->store, input, &offset, &mark, err);

    if (status != STATUS_OK)
        return status;
    if (offset > event->end)
        return error_set(err, STATUS_CORRUPT,
                         "%s stands at %" PRIu64 " of %s/%" PRIu32 ", which ends at %" PRIu64,
                         worker->meter.stage, offset, input->topic, input->partition, event->end);
    /* Once more than the front did, with the store's offset and mark in place of the bus's. */
    input_assign(input, offset, event->end, mark, worker->window);
    /* A commit beyond the end is of a log that lost its tail. What is written there anew has not
     * been emitted, so the floor is not above the end. */
    input->floor = event->offset < event->end ? event->offset : event->end;
    status = state_begin(fold->store, &fold->worker, input, mark, err);
    if (status != STATUS_OK)
        return status;
    if (worker->groups) {
        catch_up_again(fold);
        status = take_over(fold, input, event, err);
    }
    return status == STATUS_OK ? bus_reader_seek(worker->reader, input->index, offset, err)
                               : status;
}

/* ---- going ---- */

/* What the batch emits is known by its ids; what it would send might compete with the new owner's,
 * and may be lost at any time. */
static enum status finish_batch(struct fold_worker *fold, struct error *err)
{
    const struct clock *clock = fold->worker.clock;
    int64_t end_ms = clock_mono_ms(clock) + WORKER_FLUSH_MS;
    enum status status = STATUS_OK;

    /* In FILLING there is nothing under way between rounds: what a round fills it begins to
     * close. */
    if (fold->phase == FOLD_CLOSING) {
        while ((status = fold_deliver(fold, err)) == STATUS_AGAIN && clock_mono_ms(clock) < end_ms)
            if ((status = bus_step(fold->worker.bus, WORKER_SLICE_MS, err)) != STATUS_OK)
                return status;
        if (status == STATUS_AGAIN)
            return error_set(err, STATUS_TIMEOUT, "the last outputs are not acknowledged");
        if (status == STATUS_OK)
            status = fold_write(fold, err);
    }
    outbox_drop(&fold->batch.sends);
    fold->phase = FOLD_FILLING;
    return status;
}

/* From here on we do nothing more on this input, so what we say about it stays true. */
enum status fold_last_word(struct fold_worker *fold, struct input *input, struct error *err)
{
    struct mark mark = {.kind = MARK_CLEAN};
    int64_t until_ms;

    if (input->lost || input->done < input->careful_until)
        return STATUS_OK;
    if (fold->worker.groups && fold->stage->reach != NULL) {
        until_ms = fold->stage->reach(fold->self, input->index);
        mark.until_ms = until_ms > 0 ? until_ms : 1;
    }
    return worker_note(&fold->worker, input, mark, err);
}

/* A newer process of one machine has taken it: our outputs would compete with its. Of a group the
 * state stays as far as it is, and is gone on from should the partition come back. */
enum status fold_revoked(struct worker *worker, struct input *input, struct error *err)
{
    const struct fold_past nothing = {0, 0};
    struct fold_worker *fold = fold_of(worker);
    enum status status;

    if (!worker->groups)
        return error_set(err, STATUS_FENCED, "%s/%" PRIu32 " was taken from %s", input->topic,
                         input->partition, worker->meter.stage);
    status = finish_batch(fold, err);
    if (status == STATUS_OK && input->done >= input->careful_until)
        status =
            state_write(fold->store, input, input->done, (struct mark){.kind = MARK_CLEAN}, err);
    if (status == STATUS_OK)
        status = fold_last_word(fold, input, err);
    catch_up_again(fold);
    if (fold->stage->moved != NULL)
        fold->stage->moved(fold->self, input->index, FOLD_LOST, &nothing);
    return status;
}

/* ---- staying ---- */

/* The committed offsets on the bus only tell people the lag; that the commit succeeds tells us that
 * nobody newer has the partitions. STATUS_AGAIN: one is lost. */
enum status fold_confirm(struct fold_worker *fold, struct error *err)
{
    struct worker *worker = &fold->worker;
    int64_t now = clock_mono_ms(worker->clock);
    enum status status = STATUS_OK;

    if (worker->onlooker || now - fold->owned_ms < WORKER_COMMIT_MS)
        return STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < worker->input_count; i++) {
        struct input *input = &worker->inputs[i];
        if (!input->assigned)
            continue;
        status =
            worker_commit(worker, input, input->done, (struct mark){.kind = MARK_RUNNING}, err);
        if (worker_lost(worker, input, status))
            return STATUS_AGAIN;
    }
    fold->owned_ms = now;
    return status;
}
