/* Birth, steps and deaths of the simulated processes. */
#include "sim.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Chances per mille, drawn before each step of a process. */
enum { CHANCE_KILL = 6, CHANCE_DRAIN = 3, CHANCE_REPLACE = 4, CHANCE_CRASH = 30, CHANCE_WIPE = 40 };
enum { RESTART_MS = 400, BUS_TIMEOUT_MS = 2000 };

static void tell(const struct sim *sim, const struct process *process, const char *what,
                 const char *more)
{
    if (sim->tell)
        printf("%9" PRId64 " %s/%u %s%s\n", sim->clock.now_ms, process->client, process->first,
               what, more);
}

/* ---- who must be spared ---- */

static bool row_at_last_try(struct slice row)
{
    return slice_contains(row, SLICE("try 3"));
}

static bool store_at_last_try(struct store *store)
{
    struct store_scan *scan =
        store_scan_open(store, NULL, slice_of("", 1), (struct slice){NULL, 0});
    struct slice key, row;
    bool found = false;

    while (!found && store_scan_next(scan, &key, &row))
        found = row_at_last_try(row);
    ENSURE(store_scan_close(scan, NULL) == STATUS_OK);
    return found;
}

/* A third death while one record runs alone would be blamed on it, rightly; so chance spares a
 * process there, and only the poison kills. Elsewhere nobody is spared: the worker must not blame
 * then. */
static bool at_last_try(const struct sim *sim, const struct process *process)
{
    if (strcmp(process->name, "source") == 0)
        return store_at_last_try(sim->source_store);
    if (strcmp(process->name, "counter") == 0)
        return store_at_last_try(sim->counter_store);
    for (uint32_t i = 0; i < process->count; i++) {
        struct bus_partition partition = {"pages", process->first + i};
        struct slice mark;
        uint64_t offset;
        if (bus_world_commit(sim->world, "judge", &partition, &offset, &mark) &&
            row_at_last_try(mark))
            return true;
    }
    return false;
}

static bool crash_hook(void *self, enum crash_point point)
{
    struct sim *sim = self;

    if (sim->calm || !random_chance(&sim->random, CHANCE_CRASH) ||
        (point == CRASH_MARK_AFTER_COMMIT && at_last_try(sim, sim->current)))
        return false;
    tell(sim, sim->current, "dies at ", crash_point_name(point));
    return true;
}

/* ---- birth and death ---- */

bool process_runs(const struct process *process)
{
    return process->bus != NULL;
}

void process_close(struct process *process)
{
    stage_close(&process->stage);
    bus_close(process->bus);
    process->bus = NULL;
    process->draining = false;
    stage_close(&process->old);
    bus_close(process->old_bus);
    process->old_bus = NULL;
}

static void die(struct sim *sim, struct process *process)
{
    stage_close(&process->stage);
    bus_close(process->bus);
    process->bus = NULL;
    process->draining = false;
    process->start_ms = sim->clock.now_ms + (int64_t) random_below(&sim->random, RESTART_MS);
    sim->deaths++;
}

/* Only under even seeds: a rebuild heals whatever a fold has got wrong before. */
static void replace_store(struct sim *sim, struct process *process, struct store **store)
{
    if (sim->calm || sim->seed % 2 != 0 || !random_chance(&sim->random, CHANCE_WIPE))
        return;
    tell(sim, process, "has lost its state", "");
    sim->source_wiped |= store == &sim->source_store;
    store_close(*store);
    *store = store_open_memory();
    ENSURE(*store != NULL);
}

static enum status open_bus(struct sim *sim, struct process *process, struct error *err)
{
    const struct bus_options options = {.client = process->client, .timeout_ms = BUS_TIMEOUT_MS};

    return bus_memory_open(sim->world, &options, &process->bus, err);
}

static void start(struct sim *sim, struct process *process)
{
    struct error err = {0};
    enum status status;

    if (strcmp(process->name, "source") == 0)
        replace_store(sim, process, &sim->source_store);
    if (strcmp(process->name, "counter") == 0)
        replace_store(sim, process, &sim->counter_store);
    tell(sim, process, "starts", "");
    status = open_bus(sim, process, &err);
    if (status == STATUS_OK)
        status = stage_open(sim, process, process->bus, &process->stage, &err);
    if (status == STATUS_CRASHED)
        die(sim, process);
    else if (status != STATUS_OK)
        sim_broken(sim, "%s does not start: %s", process->name, err.message);
}

/* A second process takes the place while the first still runs and does not know. A store has one
 * process, so folds are not replaced. */
static void replace(struct sim *sim, struct process *process)
{
    tell(sim, process, "is replaced", "");
    process->old = process->stage;
    process->old_bus = process->bus;
    process->stage = (struct stage){0};
    process->bus = NULL;
    process->draining = false;
    start(sim, process);
}

static void end_old(struct process *process)
{
    stage_close(&process->old);
    bus_close(process->old_bus);
    process->old_bus = NULL;
}

/* ---- one moment ---- */

/* Ends that the faults of the bus and the deaths bring about; anything else is a bug. */
static bool expected(const struct sim *sim, enum status status)
{
    return status == STATUS_CRASHED ||
           (!sim->undisturbed && (status == STATUS_TIMEOUT || status == STATUS_FENCED));
}

static void note(struct sim *sim, const struct process *process, enum status status)
{
    hash_number(sim->trace, (uint64_t) (process - sim->processes));
    hash_number(sim->trace, status);
    hash_number(sim->trace, (uint64_t) sim->clock.now_ms);
}

static void step_worker(struct sim *sim, struct process *process)
{
    struct error err = {0};
    enum status status = worker_step(process->stage.worker, 0, &err);

    note(sim, process, status);
    if (status != STATUS_OK) {
        if (!expected(sim, status))
            sim_broken(sim, "%s/%u ended: %s", process->name, process->first, err.message);
        tell(sim, process, "ends: ", err.message);
        die(sim, process);
    } else if (worker_drained(process->stage.worker)) {
        tell(sim, process, "is drained", "");
        die(sim, process);
    }
}

static void step_old(struct sim *sim, struct process *process)
{
    struct error err = {0};
    enum status status = worker_step(process->old.worker, 0, &err);

    note(sim, process, status);
    if (status == STATUS_OK && !random_chance(&sim->random, 20))
        return;
    if (status != STATUS_OK && !expected(sim, status))
        sim_broken(sim, "replaced %s ended: %s", process->name, err.message);
    tell(sim, process, "replaced one ends: ", err.message);
    end_old(process);
}

/* What chance does to a running process; false if it died. */
static bool live_through_chance(struct sim *sim, struct process *process)
{
    bool fold = process->name[0] == 's' || process->name[0] == 'c';

    if (sim->calm || at_last_try(sim, process))
        return true;
    if (random_chance(&sim->random, CHANCE_KILL)) {
        tell(sim, process, "is killed", "");
        die(sim, process);
        return false;
    }
    if (random_chance(&sim->random, CHANCE_DRAIN)) {
        tell(sim, process, "is told to drain", "");
        worker_drain(process->stage.worker);
    }
    /* A group would have the first one leave it. */
    if (!sim->groups && !fold && process->old_bus == NULL &&
        random_chance(&sim->random, CHANCE_REPLACE))
        replace(sim, process);
    return process_runs(process);
}

void process_step(struct sim *sim, struct process *process)
{
    if (process->awake_ms > sim->clock.now_ms)
        return;
    sim->current = process;
    crash_set_hook(crash_hook, sim);
    if (process->old_bus != NULL)
        step_old(sim, process);
    if (!process_runs(process)) {
        if (process->start_ms <= sim->clock.now_ms)
            start(sim, process);
    } else if (live_through_chance(sim, process)) {
        step_worker(sim, process);
    }
    crash_set_hook(NULL, NULL);
    sim->current = NULL;
}
