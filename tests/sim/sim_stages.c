/* The four toy stages: source (fold), fetcher (effect), judge (map), counter (fold). */
#include "sim.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_SIZE = 96, LEASES_A_TICK = 4, FETCH_SLOTS = 3, THINK_SLOTS = 3 };

static const struct slice nothing = {NULL, 0};

/* ---- facts ---- */

enum sim_fate sim_fate(unsigned item)
{
    if (item == SIM_POISON)
        return FATE_CRASH;
    if (item % 7 == 3)
        return FATE_DROPPED;
    if (item % 11 == 5)
        return FATE_HOPELESS;
    return item % 13 == 6 ? FATE_INVALID : FATE_PASSED;
}

bool sim_flaky(unsigned item)
{
    return item % 5 == 2 && sim_fate(item) == FATE_PASSED;
}

/* Asked for all the time, so computed once. */
struct id sim_item_id(unsigned item)
{
    static struct id ids[SIM_ITEMS];
    static bool known[SIM_ITEMS];
    char text[TEXT_SIZE];

    ENSURE(item < SIM_ITEMS);
    if (!known[item]) {
        (void) snprintf(text, sizeof text, "%u", item);
        ids[item] = id_of(SLICE("item"), slice_from(text));
        known[item] = true;
    }
    return ids[item];
}

/* The number behind `word` and a space; ENSUREs that it is there, for the toys write it
 * themselves. */
static uint64_t number_after(struct slice text, struct slice word)
{
    uint64_t number = 0;

    ENSURE(slice_starts(text, word));
    text = slice_sub(text, word.size + 1, text.size);
    ENSURE(slice_to_uint(slice_split(&text, ' '), 0, UINT64_MAX, &number, NULL) == STATUS_OK);
    return number;
}

static struct record toy_record(const struct id *id, struct slice key, struct slice payload)
{
    return (struct record){
        .id = *id,
        .key = key,
        .job = SLICE("toy"),
        .run = SLICE("main"),
        .generation = 7,
        .payload = payload,
    };
}

static struct slice host_of(unsigned item)
{
    return item % 3 == 0 ? SLICE("host-a") : item % 3 == 1 ? SLICE("host-b") : SLICE("host-c");
}

/* ---- source: knows the items, gives out leases ---- */

struct source {
    struct sim *sim;
};

static struct slice item_key(const struct id *id, char key[1 + ID_SIZE])
{
    key[0] = 'i';
    memcpy(key + 1, id->bytes, ID_SIZE);
    return slice_of(key, 1 + ID_SIZE);
}

static enum status source_apply(void *self, struct fold_batch *batch, size_t input,
                                const struct record *record, struct error *err)
{
    bool is_item = slice_starts(record->payload, SLICE("item"));
    unsigned item =
        (unsigned) number_after(record->payload, is_item ? SLICE("item") : SLICE("result"));
    struct id id = sim_item_id(item);
    char key[1 + ID_SIZE], text[TEXT_SIZE];
    struct buf found;
    enum status status;

    (void) self;
    (void) input;
    buf_init(&found, TEXT_SIZE);
    status = store_batch_get(fold_store(batch), item_key(&id, key), &found, err);
    buf_fini(&found);
    if (status != STATUS_OK && status != STATUS_NOT_FOUND)
        return status;
    if (is_item && status == STATUS_OK)
        return STATUS_OK;
    (void) snprintf(text, sizeof text, is_item ? "waiting %u" : "done %u", item);
    store_batch_put(fold_store(batch), item_key(&id, key), slice_from(text));
    return STATUS_OK;
}

struct due {
    unsigned item;
    unsigned attempt;
};

/* Items that wait, and leases that have expired. */
static enum status find_due(struct source *source, struct fold_batch *batch, struct due *due,
                            size_t *count, struct error *err)
{
    struct store_scan *scan =
        store_scan_open(source->sim->source_store, fold_store(batch), SLICE("i"), nothing);
    struct slice key, value;

    while (*count < LEASES_A_TICK && store_scan_next(scan, &key, &value)) {
        uint64_t item, attempt = 0;
        if (slice_starts(value, SLICE("done")))
            continue;
        if (slice_starts(value, SLICE("waiting"))) {
            item = number_after(value, SLICE("waiting"));
        } else {
            struct slice rest = slice_sub(value, slice_find(value, SLICE("attempt")), value.size);
            item = number_after(value, SLICE("leased"));
            attempt = number_after(rest, SLICE("attempt"));
            rest = slice_sub(rest, slice_find(rest, SLICE("until")), rest.size);
            if ((int64_t) number_after(rest, SLICE("until")) > fold_wall_ms(batch))
                continue;
        }
        due[(*count)++] = (struct due){(unsigned) item, (unsigned) attempt};
    }
    return store_scan_close(scan, err);
}

static enum status lease(struct fold_batch *batch, struct due due, struct error *err)
{
    char key[1 + ID_SIZE], text[TEXT_SIZE], attempt[TEXT_SIZE];
    int64_t until = fold_wall_ms(batch) + SIM_LEASE_MS;
    struct id item = sim_item_id(due.item);
    struct record record;
    struct id id;

    (void) snprintf(attempt, sizeof attempt, "%u", due.attempt + 1);
    id = id_of(id_slice(&item), slice_from(attempt));
    (void) snprintf(text, sizeof text, "leased %u attempt %s until %" PRId64, due.item, attempt,
                    until);
    store_batch_put(fold_store(batch), item_key(&item, key), slice_from(text));
    (void) snprintf(text, sizeof text, "lease %u until %" PRId64, due.item, until);
    record = toy_record(&id, host_of(due.item), slice_from(text));
    return fold_send(batch, "leases", &record, err);
}

static enum status source_tick(void *self, struct fold_batch *batch, struct error *err)
{
    struct due due[LEASES_A_TICK];
    size_t count = 0;
    enum status status = find_due(self, batch, due, &count, err);

    for (size_t i = 0; status == STATUS_OK && i < count; i++)
        status = lease(batch, due[i], err);
    return status;
}

static const struct fold_stage source_stage = {
    .name = "source", .apply = source_apply, .tick = source_tick, .tick_ms = 200};

/* ---- fetcher: acts on leases, logs the page, then the result ---- */

enum fetch_state { FETCH_FREE, FETCH_GOING, FETCH_PAGE_SENT, FETCH_PAGE_KEPT, FETCH_RESULT_SENT };

struct fetch {
    enum fetch_state state;
    struct task *task;
    unsigned item;
    int64_t due_ms;
    struct bus_ticket ticket;
};

struct fetcher {
    struct sim *sim;
    struct worker *worker;
    struct fetch fetches[FETCH_SLOTS];
};

/* A lease may be acted on once, whoever does it. */
static void note_begin(struct sim *sim, const struct task *task)
{
    struct record_source at = task_position(task);

    if (at.offset >= SIM_LEASES_MAX)
        sim_broken(sim, "more than %d leases", SIM_LEASES_MAX);
    else if (++sim->begun[at.partition][at.offset] > 1)
        sim_broken(sim, "lease %u/%" PRIu64 " was begun twice", at.partition, at.offset);
}

static enum status fetcher_begin(void *self, struct task *task, struct error *err)
{
    struct fetcher *fetcher = self;
    struct slice payload = task_record(task)->payload;
    struct slice rest = slice_sub(payload, slice_find(payload, SLICE("until")), payload.size);
    struct fetch *fetch = fetcher->fetches;

    (void) err;
    note_begin(fetcher->sim, task);
    if ((int64_t) number_after(rest, SLICE("until")) <= fetcher->sim->clock.now_ms) {
        task_done(task);
        return STATUS_OK;
    }
    while (fetch->state != FETCH_FREE)
        fetch++;
    *fetch = (struct fetch){
        .state = FETCH_GOING,
        .task = task,
        .item = (unsigned) number_after(payload, SLICE("lease")),
        .due_ms =
            fetcher->sim->clock.now_ms + 5 + (int64_t) random_below(&fetcher->sim->random, 400),
    };
    return STATUS_OK;
}

static enum status put_page(struct fetcher *fetcher, struct fetch *fetch, struct error *err)
{
    struct id id = sim_item_id(fetch->item);
    char text[TEXT_SIZE];
    struct record record;

    (void) snprintf(text, sizeof text, "page %u value %u", fetch->item, fetch->item * 31 % 101);
    record = toy_record(&id, id_slice(&id), slice_from(text));
    record.sources[0] = task_position(fetch->task);
    record.source_count = 1;
    return worker_publish(fetcher->worker, "pages", &record, &fetch->ticket, err);
}

static enum status put_result(struct fetcher *fetcher, struct fetch *fetch, struct error *err)
{
    char text[TEXT_SIZE];
    struct record record;
    enum status status = crash_here(CRASH_EFFECT_BEFORE_RESULT, err);

    if (status != STATUS_OK)
        return status;
    (void) snprintf(text, sizeof text, "result %u", fetch->item);
    record = toy_record(&task_record(fetch->task)->id, host_of(fetch->item), slice_from(text));
    return worker_publish(fetcher->worker, "work", &record, &fetch->ticket, err);
}

static enum status move_fetch(struct fetcher *fetcher, struct fetch *fetch, struct error *err)
{
    enum status status = STATUS_OK;

    if (fetch->state == FETCH_GOING && fetch->due_ms <= fetcher->sim->clock.now_ms) {
        status = put_page(fetcher, fetch, err);
        fetch->state = status == STATUS_OK ? FETCH_PAGE_SENT : FETCH_GOING;
    } else if (fetch->state == FETCH_PAGE_SENT && fetch->ticket.acknowledged) {
        fetch->state = FETCH_PAGE_KEPT;
    } else if (fetch->state == FETCH_PAGE_KEPT) {
        status = put_result(fetcher, fetch, err);
        fetch->state = status == STATUS_OK ? FETCH_RESULT_SENT : FETCH_PAGE_KEPT;
    } else if (fetch->state == FETCH_RESULT_SENT && fetch->ticket.acknowledged) {
        fetch->state = FETCH_FREE;
        task_done(fetch->task);
        status = crash_here(CRASH_EFFECT_AFTER_RESULT, err);
    }
    return status == STATUS_AGAIN ? STATUS_OK : status;
}

static enum status fetcher_step(void *self, int64_t timeout_ms, struct error *err)
{
    struct fetcher *fetcher = self;
    enum status status = STATUS_OK;

    (void) timeout_ms;
    for (size_t i = 0; status == STATUS_OK && i < FETCH_SLOTS; i++)
        status = move_fetch(fetcher, &fetcher->fetches[i], err);
    return status;
}

static const struct effect_stage fetcher_stage = {
    .name = "fetcher", .max_in_flight = FETCH_SLOTS, .begin = fetcher_begin, .step = fetcher_step};

/* ---- judge: decides over pages, at once or after some thought ---- */

struct judge {
    struct sim *sim;
    unsigned attempts[SIM_ITEMS]; /* of this process */
    struct {
        struct task *task;
        int64_t due_ms;
    } thoughts[THINK_SLOTS];
};

static enum status decide(struct judge *judge, struct task *task, struct error *err)
{
    struct slice payload = task_record(task)->payload;
    unsigned item = (unsigned) number_after(payload, SLICE("page"));

    switch (sim_fate(item)) {
    case FATE_CRASH:
        return error_set(err, STATUS_CRASHED, "the poison");
    case FATE_DROPPED:
        return task_drop(task, SLICE("odd: one in seven"), SLICE("brief"), err);
    case FATE_HOPELESS:
        return error_set(err, STATUS_TIMEOUT, "nobody answers for %u", item);
    case FATE_INVALID:
        return error_set(err, STATUS_INVALID, "item %u makes no sense", item);
    case FATE_PASSED:
        break;
    }
    if (sim_flaky(item) && ++judge->attempts[item] < 3)
        return error_set(err, STATUS_NETWORK, "item %u wants patience", item);
    return task_pass(task, slice_sub(payload, slice_find(payload, SLICE("value")), payload.size),
                     err);
}

static enum status judge_start(void *self, struct task *task, struct error *err)
{
    return decide(self, task, err);
}

static enum status thinker_start(void *self, struct task *task, struct error *err)
{
    struct judge *judge = self;
    size_t slot = 0;

    (void) err;
    while (judge->thoughts[slot].task != NULL)
        slot++;
    judge->thoughts[slot].task = task;
    judge->thoughts[slot].due_ms =
        judge->sim->clock.now_ms + (int64_t) random_below(&judge->sim->random, 90);
    return STATUS_OK;
}

static enum status thinker_step(void *self, struct error *err)
{
    struct judge *judge = self;
    enum status status = STATUS_OK;

    for (size_t i = 0; status == STATUS_OK && i < THINK_SLOTS; i++) {
        struct task *task = judge->thoughts[i].task;
        struct error cause = {0};
        if (task == NULL || judge->thoughts[i].due_ms > judge->sim->clock.now_ms)
            continue;
        judge->thoughts[i].task = NULL;
        status = decide(judge, task, &cause);
        if (status != STATUS_OK)
            status = task_fail(task, &cause, err);
    }
    return status;
}

static const struct map_stage judge_stage = {
    .name = "judge", .max_in_flight = 1, .start = judge_start};
static const struct map_stage thinker_stage = {
    .name = "judge", .max_in_flight = THINK_SLOTS, .start = thinker_start, .step = thinker_step};

/* ---- counter: the first outcome of an item counts, a living one before a dead one ---- */

struct counter {
    struct sim *sim;
};

static struct slice outcome_key(const struct id *id, char key[1 + ID_SIZE])
{
    (void) item_key(id, key);
    key[0] = 'o';
    return slice_of(key, 1 + ID_SIZE);
}

static enum status counter_apply(void *self, struct fold_batch *batch, size_t input,
                                 const struct record *record, struct error *err)
{
    char key[1 + ID_SIZE], text[2 * TEXT_SIZE];
    struct record echo = toy_record(&record->id, record->key, SLICE("echo"));
    bool alive = record->outcome != OUTCOME_DEAD;
    struct buf found;
    enum status status;
    bool known, known_dead;

    (void) self;
    (void) input;
    buf_init(&found, sizeof text);
    status = store_batch_get(fold_store(batch), outcome_key(&record->id, key), &found, err);
    known = status == STATUS_OK;
    known_dead = known && slice_starts(buf_slice(&found), SLICE("dead"));
    buf_fini(&found);
    if (!known && status != STATUS_NOT_FOUND)
        return status;
    if (known && (!known_dead || !alive))
        return STATUS_OK;
    (void) snprintf(text, sizeof text, "%s|%.*s|%.*s", outcome_text(record->outcome),
                    SLICE_ARG(record->reason), SLICE_ARG(record->payload));
    store_batch_put(fold_store(batch), outcome_key(&record->id, key), slice_from(text));
    return fold_emit(batch, "echo", &echo, err);
}

static const struct fold_stage counter_stage = {.name = "counter", .apply = counter_apply};

/* ---- opening ---- */

static enum status open_worker(struct process *process, const struct worker_options *options,
                               struct stage *stage, struct error *err)
{
    enum status status;

    if (strcmp(process->name, "source") == 0)
        return worker_create_fold(&source_stage, stage->self, options, &stage->worker, err);
    if (strcmp(process->name, "counter") == 0)
        return worker_create_fold(&counter_stage, stage->self, options, &stage->worker, err);
    if (strcmp(process->name, "judge") == 0)
        return worker_create_map(strcmp(process->client, "judge-0") == 0 ? &judge_stage
                                                                         : &thinker_stage,
                                 stage->self, options, &stage->worker, err);
    status = worker_create_effect(&fetcher_stage, stage->self, options, &stage->worker, err);
    if (status == STATUS_OK)
        ((struct fetcher *) stage->self)->worker = stage->worker;
    return status;
}

static const char *input_topic(const struct process *process)
{
    return strcmp(process->name, "source") == 0    ? "work"
           : strcmp(process->name, "fetcher") == 0 ? "leases"
           : strcmp(process->name, "judge") == 0   ? "pages"
                                                   : "outcomes";
}

enum status stage_open(struct sim *sim, struct process *process, struct bus *bus,
                       struct stage *stage, struct error *err)
{
    struct bus_partition inputs[SIM_PARTITIONS];
    struct worker_options options = {
        .bus = bus,
        .clock = &sim->clock.clock,
        .inputs = inputs,
        .input_count = process->count,
        .output = "outcomes",
        .store = process->name[0] == 's' ? sim->source_store : sim->counter_store,
        .window = 5,
    };
    /* Large enough for any of the stages, all of which begin with their sim. */
    struct fetcher *self = calloc(1, sizeof(struct fetcher) + sizeof(struct judge));

    ENSURE(self != NULL);
    self->sim = sim;
    for (uint32_t i = 0; i < process->count; i++)
        inputs[i] = (struct bus_partition){input_topic(process), process->first + i};
    *stage = (struct stage){.self = self, .destroy = free};
    return open_worker(process, &options, stage, err);
}

void stage_close(struct stage *stage)
{
    worker_destroy(stage->worker);
    if (stage->destroy != NULL)
        stage->destroy(stage->self);
    *stage = (struct stage){0};
}
