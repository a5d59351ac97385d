#include "base/llm/answers.h"

#include "base/llm/answers_budget.h"
#include "base/llm/answers_private.h"

#include <stdlib.h>
#include <string.h>

/* One poll: some ten thousand records, a quarter of a second while the copy is built anew. */
enum { POLL_EVENTS_MAX = 16, POLL_BATCH_BYTES = 256 * 1024 };

/* Every field with its length: texts that join alike must not share a key. */
struct id answer_key(const struct answer_question *question)
{
    struct hash *hash = hash_create();

    hash_field(hash, question->task);
    hash_field(hash, question->model);
    hash_field(hash, question->prompt);
    hash_field(hash, question->content);
    return hash_finish(hash);
}

/* ---- opening ---- */

static enum status check_options(const struct answers_options *options, struct error *err)
{
    uint32_t partitions;
    enum status status = bus_topic_partitions(options->bus, options->topic, &partitions, err);

    if (status != STATUS_OK)
        return status;
    if (partitions != 1)
        return error_set(err, STATUS_INVALID, "%s has %u partitions: answers need one order",
                         options->topic, partitions);
    if (strlen(options->slot) > ANSWERS_SLOT_MAX)
        return error_set(err, STATUS_INVALID, "a slot of %zu bytes: %d are allowed",
                         strlen(options->slot), (int) ANSWERS_SLOT_MAX);
    if (options->slot[0] != '\0' && (options->life == 0 || options->claim_ms <= 0))
        return error_set(err, STATUS_INVALID, "slot %s has no life, or its claims have none",
                         options->slot);
    return STATUS_OK;
}

/* The watcher comes and goes; the fold tells us. */
static void pass_on(void *self, struct id key)
{
    const struct answers *answers = self;

    if (answers->changed != NULL)
        answers->changed(answers->self, key);
}

static enum status set_up(struct answers *answers, const struct answers_options *options,
                          struct error *err)
{
    answers->bus = options->bus;
    answers->clock = options->clock;
    answers->life = options->life;
    answers->caps = options->caps;
    answers->claim_ms = options->claim_ms;
    answers->topic = strdup(options->topic);
    answers->slot = strdup(options->slot);
    answers->job = strndup(options->job.size > 0 ? options->job.data : "", options->job.size);
    answers->flight = flight_create();
    answers->arena = arena_create(ANSWERS_ARENA_MAX);
    if (answers->topic == NULL || answers->slot == NULL || answers->job == NULL ||
        answers->flight == NULL || answers->arena == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for answers");
    answers->fold.changed = pass_on;
    answers->fold.self = answers;
    return STATUS_OK;
}

/* A copy that cannot be read, or is ahead of the log, is begun anew. The end is asked for
 * first: what comes later is no reason to wait. */
static enum status load(struct answers *answers, struct error *err)
{
    enum status status = bus_end(answers->bus, answers->topic, 0, &answers->ready_end, err);

    if (status != STATUS_OK)
        return status;
    status = fold_load(&answers->fold, err);
    if (status == STATUS_CORRUPT ||
        (status == STATUS_OK && answers->fold.head.position > answers->ready_end))
        status = fold_wipe(&answers->fold, err);
    answers->doubted = answers->fold.head.position > 0;
    return status;
}

/* An onlooker: the place is kept in the copy, and nobody else is fenced. */
static enum status open_reader(struct answers *answers, struct error *err)
{
    const struct bus_partition partition = {answers->topic, 0};
    const struct bus_reader_options options = {
        .partitions = &partition, .partition_count = 1, .max_bytes = POLL_BATCH_BYTES};

    return bus_reader_open(answers->bus, &options, &answers->reader, err);
}

enum status answers_open(const struct answers_options *options, struct answers **opened,
                         struct error *err)
{
    struct answers *answers;
    enum status status = check_options(options, err);

    if (status != STATUS_OK)
        return status;
    answers = calloc(1, sizeof *answers);
    if (answers == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for answers");
    status = fold_init(&answers->fold, options->store, err);
    if (status == STATUS_OK)
        status = set_up(answers, options, err);
    if (status == STATUS_OK)
        status = load(answers, err);
    if (status == STATUS_OK)
        status = open_reader(answers, err);
    if (status == STATUS_OK)
        *opened = answers;
    else
        answers_close(answers);
    return status;
}

void answers_close(struct answers *answers)
{
    if (answers == NULL)
        return;
    if (answers->reader != NULL)
        bus_reader_close(answers->reader);
    fold_fini(&answers->fold);
    flight_destroy(answers->flight);
    arena_destroy(answers->arena);
    free(answers->topic);
    free(answers->job);
    free(answers->slot);
    free(answers);
}

void answers_watch(struct answers *answers, void (*changed)(void *self, struct id key), void *self)
{
    answers->changed = changed;
    answers->self = self;
}

/* ---- reading ---- */

/* The last record of the copy is read again: a log that was cut and grew anew has another there. */
static enum status go_on(struct answers *answers, struct error *err)
{
    uint64_t position = answers->fold.head.position;

    answers->doubted = position > 0;
    return bus_reader_seek(answers->reader, 0, position - answers->doubted, err);
}

/* Once we spoke, another newest life is somebody who took our place. */
static void watch_slot(struct answers *answers)
{
    bool newest = claims_life(answers->fold.claims, answers->slot) == answers->life;

    answers->fenced = answers->heard && !newest;
    answers->heard = answers->heard || newest;
}

/* What no reader understands changes nothing, for all of them alike. */
static enum status apply_one(struct answers *answers, struct store_batch *batch,
                             const struct bus_record *bytes, struct error *err)
{
    const AnswerRecord *record;
    struct error cause = {0};
    struct id key;
    enum status status;

    arena_reset(answers->arena);
    status = answers_message_read(bytes->value, answers->arena, &key, &record, &cause);
    if (status == STATUS_NOMEM)
        return error_set(err, status, "%s", cause.message);
    if (status != STATUS_OK) {
        fold_skip(&answers->fold);
        return STATUS_OK;
    }
    if (answers_message_life(record) == answers->life)
        flight_land(answers->flight, key, record->kind_case == XUNFANG__ANSWER_RECORD__KIND_CLAIM);
    status = fold_apply(&answers->fold, batch, key, record, err);
    watch_slot(answers);
    return status;
}

/* Not synced: what a power cut takes of the copy is read again. */
static enum status apply_batch(struct answers *answers, const struct bus_record *records,
                               size_t count, struct error *err)
{
    struct store_batch *batch = store_batch_create(answers->fold.store);
    enum status status = STATUS_OK;

    if (batch == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for a batch of answers");
    for (size_t i = 0; status == STATUS_OK && i < count; i++)
        status = apply_one(answers, batch, &records[i], err);
    if (status == STATUS_OK)
        status = fold_save(&answers->fold, batch, &records[count - 1], err);
    if (status == STATUS_OK)
        status = store_commit(batch, false, err);
    store_batch_destroy(batch);
    return status;
}

/* The first record after a seek is the one the copy knows already. */
static enum status take_records(struct answers *answers, const struct bus_event *event,
                                struct error *err)
{
    const struct bus_record *records = event->records;
    size_t count = event->record_count;
    uint64_t next = answers->fold.head.position - answers->doubted;
    enum status status = STATUS_OK;

    if (records[0].offset != next)
        return error_set(err, STATUS_CORRUPT, "%s goes on at %llu where %llu was expected",
                         answers->topic, (unsigned long long) records[0].offset,
                         (unsigned long long) next);
    /* Compared before anything behind it is applied: one wrong record would be kept for ever. */
    if (answers->doubted) {
        struct id last = fold_hash(&records[0]);
        if (!id_equal(last, answers->fold.head.last)) {
            status = fold_wipe(&answers->fold, err);
            return status == STATUS_OK ? go_on(answers, err) : status;
        }
        answers->doubted = false;
        records++;
        count--;
    }
    return count == 0 ? STATUS_OK : apply_batch(answers, records, count, err);
}

enum status answers_poll(struct answers *answers, int64_t timeout_ms, struct error *err)
{
    struct bus_event event = {.kind = BUS_EVENT_ASSIGNED};
    /* Not every bus takes acknowledgements while it is read. */
    enum status status = bus_step(answers->bus, 0, err);

    for (int i = 0; status == STATUS_OK && i < POLL_EVENTS_MAX; i++) {
        status = bus_reader_poll(answers->reader, timeout_ms, &event, err);
        /* Only the first wait is the caller's: what has come is taken without one. */
        if (status != STATUS_OK || event.kind == BUS_EVENT_NONE)
            break;
        if (event.kind == BUS_EVENT_ASSIGNED) {
            status = go_on(answers, err);
        } else if (event.kind == BUS_EVENT_RECORDS) {
            status = take_records(answers, &event, err);
            timeout_ms = 0;
        }
    }
    if (status == STATUS_OK && answers->fenced)
        return error_set(err, STATUS_FENCED, "%s: slot %s has a newer life", answers->topic,
                         answers->slot);
    return status;
}

/* A copy in doubt may be wiped yet: its answers could be those of another log. */
bool answers_ready(const struct answers *answers)
{
    return answers->fold.head.position >= answers->ready_end && !answers->doubted;
}

/* ---- asking the copy ---- */

/* Of this life: an older one of our slot is a stranger. */
static bool ours(const struct answers *answers, const struct open_claim *claim)
{
    return claim->life == answers->life &&
           slice_equal(slice_from(claim->slot->name), slice_from(answers->slot));
}

/* Over by the clock, or by our own next word, though the log does not say so yet. */
static bool over(const struct answers *answers, const struct open_claim *claim)
{
    if (ours(answers, claim))
        return false;
    return claim->expires_ms <= clock_wall_ms(answers->clock) ||
           slice_equal(slice_from(claim->slot->name), slice_from(answers->slot));
}

/* A claim that is over is none: a new one will take its place in the log. */
static void put_claim(const struct answers *answers, const struct open_claim *claim,
                      struct answer_entry *entry)
{
    if (claim == NULL || over(answers, claim))
        return;
    if (ours(answers, claim)) {
        entry->claim = claim->number;
        entry->state = ANSWER_OURS;
        /* Half its life: what is asked then still ends before others may take the key over. */
        entry->until_ms = claim->made_ms + (claim->expires_ms - claim->made_ms) / 2;
    } else {
        entry->state = ANSWER_THEIRS;
        entry->until_ms = claim->expires_ms;
    }
}

/* Under other caps there may be room again. */
static bool refused_today(const struct answers *answers, const AnswerState *state)
{
    const AnswerCost *caps = state->refusal == NULL ? NULL : state->refusal->caps;

    return caps != NULL && caps->calls == answers->caps.calls &&
           caps->tokens == answers->caps.tokens && caps->money == answers->caps.money;
}

/* From the state that counts least to the one that counts most. */
static void put_state(const struct answers *answers, struct id key, const AnswerState *state,
                      struct answer_entry *entry)
{
    if (state->failure != NULL) {
        entry->state = ANSWER_FAILED;
        entry->failed = true;
        entry->generation = state->failure->generation;
        entry->failure = slice_from(state->failure->reason);
    }
    put_claim(answers, claims_get(answers->fold.claims, key), entry);
    if (state->reply != NULL) {
        entry->state = ANSWER_REPLIED;
        entry->text = slice_from(state->reply->text);
    }
    if (refused_today(answers, state)) {
        entry->state = ANSWER_REFUSED;
        entry->text = slice_from(state->refusal->reason);
    }
    /* Whatever it is, it was said before our last word was heard. */
    if (flight_has(answers->flight, key))
        entry->state = ANSWER_QUEUED;
}

enum status answers_find(struct answers *answers, struct id key, struct arena *arena,
                         struct answer_entry *entry, struct error *err)
{
    struct answer_entry found = {.state = ANSWER_NONE};
    const AnswerState *state;
    enum status status = fold_state(&answers->fold, key, arena, &state, err);

    if (status != STATUS_OK)
        return status;
    put_state(answers, key, state, &found);
    *entry = found;
    return STATUS_OK;
}

/* What claims hold whose end may still be waited for. */
static struct answers_cost live(const struct answers *answers)
{
    struct answers_cost sum = flight_reserved(answers->flight);
    const struct open_claim *claim;
    size_t cursor = 0;

    while ((claim = claims_next(answers->fold.claims, &cursor)) != NULL)
        if (!over(answers, claim))
            sum = cost_plus(sum, claim->reserve);
    return sum;
}

enum status answers_may_claim(const struct answers *answers, const struct answers_cost *reserve,
                              const char **cap)
{
    const struct answers_totals *totals = &answers->fold.head.totals;
    struct answers_cost sum = cost_plus(totals->spent, totals->held);
    const char *passed;

    sum = cost_plus(cost_plus(sum, *reserve), flight_reserved(answers->flight));
    if (cost_over(&sum, &answers->caps) == NULL)
        return STATUS_OK;
    /* The hope is that all of them end at no cost. */
    sum = cost_minus(sum, live(answers));
    passed = cost_over(&sum, &answers->caps);
    if (passed == NULL)
        return STATUS_AGAIN;
    *cap = passed;
    return STATUS_LIMIT;
}

const struct answers_totals *answers_totals(const struct answers *answers)
{
    return &answers->fold.head.totals;
}
