#include "torture_run.h"

#include "base/worker.h"

#include <stdio.h>
#include <string.h>

enum { NUMBERS = 12, STEPS_MAX = 3000, PUT_OFF = 5, CHECK_ARENA = 1024 * 1024 };

static const struct slice key = {"k", 1};
static const struct bus_partition in_partition = {"in", 0};
static const struct bus_partition out_partition = {"out", 0};

/* ---- the stages ---- */

struct toy {
    unsigned put_off; /* times */
};

static unsigned number_of(const struct record *record)
{
    uint64_t number = 0;

    ENSURE(slice_to_uint(record->payload, 0, NUMBERS, &number, NULL) == STATUS_OK);
    return (unsigned) number;
}

static enum status map_start(void *self, struct task *task, struct error *err)
{
    struct toy *toy = self;
    unsigned number = number_of(task_record(task));

    if (arena_alloc(task_arena(task), 50000) == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for the toy");
    if (number == PUT_OFF && toy->put_off++ == 0)
        return error_set(err, STATUS_NETWORK, "later");
    return number % 4 == 3 ? task_drop(task, SLICE("fourth"), SLICE("0"), err)
                           : task_pass(task, task_record(task)->payload, err);
}

static enum status fold_apply(void *self, struct fold_batch *batch, size_t input,
                              const struct record *record, struct error *err)
{
    char id[ID_TEXT_SIZE];
    struct buf seen;
    enum status status;

    (void) self;
    (void) input;
    buf_init(&seen, 100);
    (void) id_text(record->id, id);
    status = store_batch_get(fold_store(batch), slice_from(id), &seen, err);
    buf_fini(&seen);
    if (status != STATUS_NOT_FOUND)
        return status;
    store_batch_put(fold_store(batch), slice_from(id), record->payload);
    return fold_emit(batch, "sums", record, err);
}

static const struct map_stage map_stage = {.name = "map", .max_in_flight = 1, .start = map_start};
static const struct fold_stage fold_stage = {.name = "fold", .apply = fold_apply};

/* ---- the world ---- */

static struct id number_id(unsigned number)
{
    char text[16];

    (void) snprintf(text, sizeof text, "%u", number);
    return id_of(SLICE("number"), slice_from(text));
}

static void publish_number(struct bus *bus, unsigned number)
{
    struct record record = {.id = number_id(number), .key = key};
    struct bus_message message = {.topic = "in", .key = key};
    char text[16];
    struct buf bytes;

    (void) snprintf(text, sizeof text, "%u", number);
    record.payload = slice_from(text);
    buf_init(&bytes, 4096);
    ENSURE(record_encode(&record, &bytes, NULL) == STATUS_OK);
    message.value = buf_slice(&bytes);
    ENSURE(bus_publish(bus, &message, NULL, NULL) == STATUS_OK);
    buf_fini(&bytes);
}

void world_open(struct world *world)
{
    struct bus *bus;

    clock_manual_init(&world->clock, 1000);
    world->bus = bus_world_create(3, &world->clock);
    world->store = store_open_memory();
    ENSURE(world->bus != NULL && world->store != NULL);
    ENSURE(bus_memory_open(world->bus, NULL, &bus, NULL) == STATUS_OK);
    ENSURE(bus_topic_create(bus, "in", 1, NULL) == STATUS_OK);
    ENSURE(bus_topic_create(bus, "out", 1, NULL) == STATUS_OK);
    ENSURE(bus_topic_create(bus, "sums", 1, NULL) == STATUS_OK);
    for (unsigned number = 0; number < NUMBERS; number++)
        publish_number(bus, number);
    ENSURE(bus_flush(bus, 1000, NULL) == STATUS_OK);
    bus_close(bus);
}

void world_close(struct world *world)
{
    store_close(world->store);
    bus_world_destroy(world->bus);
}

/* ---- the processes ---- */

static bool all_done(const struct world *world)
{
    struct slice mark;
    uint64_t offset;
    struct bus_record record;

    return bus_world_commit(world->bus, "map", &in_partition, &offset, &mark) &&
           offset == NUMBERS && bus_world_record(world->bus, "sums", 0, NUMBERS - 1, &record);
}

static enum status step_both(struct world *world, struct worker *map, struct worker *fold,
                             struct error *err)
{
    enum status status = STATUS_OK;

    for (unsigned i = 0; status == STATUS_OK && i < STEPS_MAX; i++) {
        if (all_done(world) && worker_lag(fold) == 0 && worker_caught_up(fold)) {
            worker_drain(map);
            worker_drain(fold);
        }
        if (worker_drained(map) && worker_drained(fold))
            return STATUS_OK;
        status = worker_step(map, 0, err);
        if (status == STATUS_OK)
            status = worker_step(fold, 0, err);
        clock_manual_advance(&world->clock, 10);
    }
    return status == STATUS_OK ? error_set(err, STATUS_INTERNAL, "no end") : status;
}

static enum status run_workers(struct world *world, struct bus *bus, struct error *err)
{
    struct toy toy = {0};
    struct worker_options options = {
        .bus = bus,
        .clock = &world->clock.clock,
        .inputs = &in_partition,
        .input_count = 1,
        .output = "out",
        .store = world->store,
        .window = 5,
    };
    struct worker *map = NULL, *fold = NULL;
    enum status status = worker_create_map(&map_stage, &toy, &options, &map, err);

    options.inputs = &out_partition;
    if (status == STATUS_OK)
        status = worker_create_fold(&fold_stage, NULL, &options, &fold, err);
    if (status == STATUS_OK)
        status = step_both(world, map, fold, err);
    worker_destroy(map);
    worker_destroy(fold);
    return status;
}

enum status run_until_failure(struct world *world, struct error *err)
{
    struct bus *bus = NULL;
    enum status status = bus_memory_open(world->bus, NULL, &bus, err);

    if (status == STATUS_OK)
        status = run_workers(world, bus, err);
    bus_close(bus);
    return status;
}

/* ---- checks ---- */

/* Is there a record with the number's id in the topic? */
static bool stands_in(const struct world *world, const char *topic, unsigned number)
{
    struct arena *arena = arena_create(CHECK_ARENA);
    struct id id = number_id(number);
    struct bus_record bytes;
    struct record record;
    bool found = false;

    ENSURE(arena != NULL);
    for (uint64_t at = 0; !found && bus_world_record(world->bus, topic, 0, at, &bytes); at++) {
        ENSURE(record_decode(bytes.value, arena, &record, NULL) == STATUS_OK);
        found = id_equal(record.id, id);
    }
    arena_destroy(arena);
    return found;
}

static bool is_stored(const struct world *world, unsigned number)
{
    char id[ID_TEXT_SIZE];
    struct buf value;
    bool found;

    buf_init(&value, 100);
    (void) id_text(number_id(number), id);
    found = store_get(world->store, slice_from(id), &value, NULL) == STATUS_OK;
    buf_fini(&value);
    return found;
}

const char *world_check(const struct world *world)
{
    struct slice mark;
    uint64_t offset = 0;

    if (!bus_world_commit(world->bus, "map", &in_partition, &offset, &mark))
        offset = 0;
    for (unsigned number = 0; number < NUMBERS; number++) {
        if (number < offset && !stands_in(world, "out", number))
            return "an input is committed without its outcome";
        if (is_stored(world, number) && !stands_in(world, "sums", number))
            return "a state is written without what it emits";
    }
    return NULL;
}

const char *world_check_end(const struct world *world)
{
    for (unsigned number = 0; number < NUMBERS; number++)
        if (!stands_in(world, "out", number) || !is_stored(world, number))
            return "a record is lost";
    return world_check(world);
}
