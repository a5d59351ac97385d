#include "answers_sim.h"

#include <stdio.h>
#include <stdlib.h>

enum { TROUBLE_STEPS = 1500, SETTLE_STEPS = 200, START_MS = 1000000, MOVE_MS = 12 };

/* ---- setting up ---- */

static struct bus_faults draw_faults(struct random *random)
{
    return (struct bus_faults){
        .late_ack = (unsigned) random_below(random, 300),
        .lost_ack = random_chance(random, 300) ? (unsigned) random_below(random, 10) : 0,
        .lost_publish = random_chance(random, 300) ? (unsigned) random_below(random, 10) : 0,
        .short_batch = (unsigned) random_below(random, 500),
        .empty_poll = (unsigned) random_below(random, 500),
        .queue_full = (unsigned) random_below(random, 200),
    };
}

static void draw_luck(struct answers_sim *sim)
{
    struct random *random = &sim->random;

    sim->server.slots = 1 + random_below(random, 6);
    sim->server.most_ms = 1 + (int64_t) random_below(random, SIM_CLAIM_MS / 2 - 100);
    sim->server.invalid = (unsigned) random_below(random, 200);
    sim->server.unavailable = (unsigned) random_below(random, 200);
    sim->server.repeats = (unsigned) random_below(random, 500);
    sim->cuts = random_chance(random, 250);
    if (random_chance(random, 500))
        sim->caps.calls = 1 + random_below(random, 60);
    if (random_chance(random, 250))
        sim->caps.tokens = 500 + random_below(random, 5000);
    bus_world_set_faults(sim->world, draw_faults(random));
}

static void set_up(struct answers_sim *sim, uint64_t seed, bool tell)
{
    struct bus *bus;

    *sim = (struct answers_sim){.tell = tell};
    clock_manual_init(&sim->clock, START_MS);
    random_init(&sim->random, seed * 2 + 1);
    sim->world = bus_world_create(seed, &sim->clock);
    fake_server_init(&sim->server, &sim->clock, seed + 5);
    ENSURE(sim->world != NULL && bus_memory_open(sim->world, NULL, &bus, NULL) == STATUS_OK);
    ENSURE(bus_topic_create(bus, "answers", 1, NULL) == STATUS_OK);
    bus_close(bus);
    draw_luck(sim);
    for (size_t i = 0; i < SIM_SLOTS; i++) {
        struct place *place = &sim->places[i];
        (void) snprintf(place->slot, sizeof place->slot, "run.w%zu", i);
        place->store = store_open_memory();
        ENSURE(place->store != NULL);
        /* All of the first generation somewhere: the second waits for it. */
        for (size_t j = 0; j < SIM_QUESTIONS; j++)
            place->times[j] = (i == 0) + (unsigned) random_below(&sim->random, SIM_TURN_MAX);
    }
}

static void kill_all(struct answers_sim *sim)
{
    for (size_t i = 0; i < SIM_SLOTS; i++) {
        if (sim->places[i].process != NULL)
            process_kill(sim, &sim->places[i].process);
        if (sim->places[i].older != NULL)
            process_kill(sim, &sim->places[i].older);
    }
}

static void tear_down(struct answers_sim *sim)
{
    kill_all(sim);
    for (size_t i = 0; i < SIM_SLOTS; i++)
        store_close(sim->places[i].store);
    fake_server_fini(&sim->server);
    bus_world_destroy(sim->world);
}

/* ---- trouble ---- */

/* Only while nobody has it open. */
static void lose_copy(struct answers_sim *sim, struct place *place)
{
    if (place->process != NULL || place->older != NULL)
        return;
    sim_say(sim, "%s loses its copy", place->slot);
    store_close(place->store);
    place->store = store_open_memory();
    ENSURE(place->store != NULL);
}

/* What it has open and what it may still begin may be asked again by others. */
static void excuse_all(struct answers_sim *sim)
{
    for (size_t i = 0; i < SIM_CONTENTS; i++)
        sim->excused[i]++;
}

static void put_to_sleep(struct answers_sim *sim, struct place *place)
{
    if (place->process == NULL)
        return;
    sim_say(sim, "%s sleeps", place->slot);
    place->process->asleep_until_ms =
        sim->clock.now_ms + (int64_t) random_below(&sim->random, 3 * (uint64_t) SIM_CLAIM_MS);
    excuse_all(sim);
}

/* The old process does not know that it is to be gone. It keeps its copy, the new one has another.
 */
static void replace(struct answers_sim *sim, struct place *place)
{
    if (place->process == NULL || place->older != NULL)
        return;
    sim_say(sim, "%s is replaced", place->slot);
    place->older = place->process;
    place->older->store = place->store;
    place->process = NULL;
    place->store = store_open_memory();
    ENSURE(place->store != NULL);
    excuse_all(sim);
}

static void cut_power(struct answers_sim *sim)
{
    struct bus_record record;
    uint64_t end = 0;

    if (!sim->cuts)
        return;
    while (bus_world_record(sim->world, "answers", 0, end, &record))
        end++;
    kill_all(sim);
    end -= random_below(&sim->random, end < 20 ? end + 1 : 20);
    sim_say(sim, "power cut at %llu", (unsigned long long) end);
    bus_world_cut(sim->world, "answers", 0, end);
    for (size_t i = 0; i < SIM_QUESTIONS; i++)
        sim->outcomes[i].known = false;
}

static void trouble(struct answers_sim *sim)
{
    struct place *place = &sim->places[random_below(&sim->random, SIM_SLOTS)];

    switch (random_below(&sim->random, 400)) {
    case 0:
    case 1:
        if (place->process != NULL) {
            sim_say(sim, "%s is killed", place->slot);
            process_kill(sim, &place->process);
        }
        break;
    case 2:
        lose_copy(sim, place);
        break;
    case 3:
        put_to_sleep(sim, place);
        break;
    case 4:
        replace(sim, place);
        break;
    case 5:
        cut_power(sim);
        break;
    default:
        break;
    }
}

/* ---- running ---- */

static void move(struct answers_sim *sim)
{
    struct place *place = &sim->places[random_below(&sim->random, SIM_SLOTS)];

    if (!sim->calm)
        trouble(sim);
    if (place->older != NULL)
        process_step(sim, place, &place->older);
    if (place->process == NULL)
        process_start(sim, place);
    else
        process_step(sim, place, &place->process);
    clock_manual_advance(&sim->clock, (int64_t) random_below(&sim->random, MOVE_MS));
    check_caps(sim);
    if (++sim->steps == SIM_STEPS_MAX)
        sim_broken(sim, "no end after %u steps", sim->steps);
}

static bool all_done(const struct answers_sim *sim)
{
    for (size_t i = 0; i < SIM_SLOTS; i++)
        if (!place_done(&sim->places[i]))
            return false;
    return true;
}

static void settle(struct answers_sim *sim)
{
    for (size_t i = 0; i < SIM_SLOTS; i++)
        if (sim->places[i].older != NULL)
            process_kill(sim, &sim->places[i].older);
    for (size_t i = 0; i < SIM_SLOTS; i++)
        if (sim->places[i].process != NULL)
            sim->places[i].process->asleep_until_ms = 0;
    for (int i = 0; i < SETTLE_STEPS && sim->broken[0] == '\0'; i++)
        move(sim);
}

void answers_sim_run(struct answers_sim *sim, uint64_t seed, bool tell)
{
    set_up(sim, seed, tell);
    while (sim->broken[0] == '\0' && !(sim->calm && all_done(sim))) {
        move(sim);
        if (sim->steps == TROUBLE_STEPS) {
            sim->calm = true;
            bus_world_set_faults(sim->world, (struct bus_faults){0});
        }
    }
    settle(sim);
    if (sim->broken[0] == '\0')
        check_end(sim);
    tear_down(sim);
}
