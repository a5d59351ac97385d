#include "sim.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CALM_STEPS = 800, LOOK_STEPS = 16, MOVE_MS = 8, START_MS = 1000000 };

void sim_broken(struct sim *sim, const char *format, ...)
{
    va_list args;

    if (sim->broken[0] != '\0')
        return;
    va_start(args, format);
    (void) vsnprintf(sim->broken, sizeof sim->broken, format, args);
    va_end(args);
}

/* ---- setting up ---- */

static enum status publish_item(struct sim *sim, struct bus *bus, unsigned item, struct error *err)
{
    struct id id = sim_item_id(item);
    struct record record = {.id = id, .key = id_slice(&id), .job = SLICE("toy")};
    struct bus_message message = {.topic = "work", .key = record.key};
    char text[32];
    struct buf bytes;
    enum status status;

    (void) sim;
    (void) snprintf(text, sizeof text, "item %u", item);
    record.payload = slice_from(text);
    buf_init(&bytes, 4096);
    status = record_encode(&record, &bytes, err);
    message.value = buf_slice(&bytes);
    message.partition = partition_of(message.key, SIM_PARTITIONS);
    if (status == STATUS_OK)
        status = bus_publish(bus, &message, NULL, err);
    buf_fini(&bytes);
    return status;
}

static enum status seed_work(struct sim *sim, struct error *err)
{
    static const char *const topics[] = {"work", "leases", "pages", "outcomes", "echo"};
    struct bus *bus;
    enum status status = bus_memory_open(sim->world, NULL, &bus, err);

    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; status == STATUS_OK && i < sizeof topics / sizeof topics[0]; i++)
        status = bus_topic_create(bus, topics[i], SIM_PARTITIONS, err);
    for (unsigned item = 0; status == STATUS_OK && item < SIM_ITEMS; item++)
        status = publish_item(sim, bus, item, err);
    if (status == STATUS_OK)
        status = bus_flush(bus, 1000, err);
    bus_close(bus);
    return status;
}

/* Members of a group name all partitions, and are given some. */
static void place_processes(struct sim *sim)
{
    static const struct process places[SIM_PROCESSES] = {
        {.name = "source", .client = "source", .count = 4},
        {.name = "fetcher", .client = "fetcher-0", .count = 2},
        {.name = "fetcher", .client = "fetcher-1", .first = 2, .count = 2},
        {.name = "judge", .client = "judge-0", .count = 2},
        {.name = "judge", .client = "judge-1", .first = 2, .count = 2},
        {.name = "counter", .client = "counter", .count = 4},
    };

    memcpy(sim->processes, places, sizeof places);
    for (size_t i = 0; sim->groups && i < SIM_PROCESSES; i++) {
        sim->processes[i].first = 0;
        sim->processes[i].count = SIM_PARTITIONS;
    }
}

static enum status set_up(struct sim *sim, struct error *err)
{
    clock_manual_init(&sim->clock, START_MS);
    random_init(&sim->random, sim->seed * 2 + 1);
    sim->trace = hash_create();
    sim->world = bus_world_create(sim->seed, &sim->clock);
    sim->source_store = store_open_memory();
    sim->counter_store = store_open_memory();
    ENSURE(sim->world != NULL && sim->source_store != NULL && sim->counter_store != NULL);
    place_processes(sim);
    if (sim->groups)
        bus_world_set_groups(sim->world);
    return seed_work(sim, err);
}

static void tear_down(struct sim *sim)
{
    for (size_t i = 0; i < SIM_PROCESSES; i++)
        process_close(&sim->processes[i]);
    store_close(sim->source_store);
    store_close(sim->counter_store);
    bus_world_destroy(sim->world);
    free(sim);
}

/* ---- running ---- */

/* One process lives a moment, then a little time passes. */
static void move(struct sim *sim)
{
    process_step(sim, &sim->processes[random_below(&sim->random, SIM_PROCESSES)]);
    group_stir(sim);
    clock_manual_advance(&sim->clock, (int64_t) random_below(&sim->random, MOVE_MS));
    if (++sim->steps == SIM_STEPS_MAX)
        sim_broken(sim, "no end after %u steps", sim->steps);
}

static bool all_idle(struct sim *sim)
{
    for (size_t i = 0; i < SIM_PROCESSES; i++)
        if (!process_runs(&sim->processes[i]) || worker_lag(sim->processes[i].stage.worker) > 0 ||
            !worker_ready(sim->processes[i].stage.worker))
            return false;
    return check_complete(sim);
}

static void drain_all(struct sim *sim)
{
    for (size_t i = 0; i < SIM_PROCESSES; i++) {
        struct process *process = &sim->processes[i];
        process->start_ms = INT64_MAX;
        worker_drain(process->stage.worker);
        while (sim->broken[0] == '\0' && process_runs(process)) {
            process_step(sim, process);
            clock_manual_advance(&sim->clock, 1);
            if (process->start_ms != INT64_MAX)
                process->start_ms = INT64_MAX;
            if (++sim->steps == SIM_STEPS_MAX)
                sim_broken(sim, "%s does not drain", process->name);
        }
    }
}

static void run(struct sim *sim)
{
    unsigned idle = 0;

    group_begin(sim);
    if (!sim->calm)
        bus_world_set_faults(sim->world, (struct bus_faults){.late_ack = 200,
                                                             .lost_ack = 3,
                                                             .lost_publish = 3,
                                                             .short_batch = 300,
                                                             .empty_poll = 200,
                                                             .queue_full = 40});
    while (sim->broken[0] == '\0' && (sim->steps % LOOK_STEPS != 0 || !check_complete(sim)))
        move(sim);
    sim->calm = true;
    group_settle(sim);
    bus_world_set_faults(sim->world, (struct bus_faults){0});
    while (sim->broken[0] == '\0' && idle < CALM_STEPS) {
        move(sim);
        idle = all_idle(sim) ? idle + 1 : 0;
    }
    if (sim->broken[0] == '\0')
        drain_all(sim);
}

enum status sim_run(const struct sim_options *options, struct sim_end *end, struct error *err)
{
    struct sim *sim = calloc(1, sizeof *sim);
    enum status status;

    ENSURE(sim != NULL);
    sim->seed = options->seed;
    sim->undisturbed = sim->calm = options->undisturbed;
    sim->groups = options->groups;
    sim->tell = options->tell;
    status = set_up(sim, err);
    if (status == STATUS_OK) {
        run(sim);
        if (sim->broken[0] == '\0')
            check_end(sim);
        if (sim->broken[0] != '\0')
            status = error_set(err, STATUS_INTERNAL, "%s", sim->broken);
    }
    *end = (struct sim_end){
        .trace = hash_finish(sim->trace),
        .source_state = check_state(sim->source_store),
        .counter_state = check_state(sim->counter_store),
        .deaths = sim->deaths,
        .moves = sim->moves,
        .steps = sim->steps,
    };
    tear_down(sim);
    return status;
}
