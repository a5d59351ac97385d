/* The group's hand: on a world with groups partitions wander between the members of a stage, with a
 * last word, without one, or unnoticed at first. */
#include "sim.h"

#include <string.h>

/* Chances per mille, drawn once a moment. */
enum { CHANCE_TAKE = 60, CHANCE_SLEEP = 3 };
enum { AWAY_MS = 600, SLEEP_MS = 2500 };

static const struct sim_stage {
    const char *name;
    const char *topic;
} stages[SIM_STAGES] = {
    {"source", "work"}, {"fetcher", "leases"}, {"judge", "pages"}, {"counter", "outcomes"}};

/* Picks a member of the stage; a partition goes to any of them, even to one that is dead now. */
static const char *pick_member(struct sim *sim, const char *stage)
{
    const struct process *members[SIM_PROCESSES];
    size_t count = 0;

    for (size_t i = 0; i < SIM_PROCESSES; i++)
        if (strcmp(sim->processes[i].name, stage) == 0)
            members[count++] = &sim->processes[i];
    return members[random_below(&sim->random, count)]->client;
}

/* A record that runs alone for the last time must not change hands: the next owner would count that
 * as a death. */
static bool at_last_try(const struct sim *sim, const struct bus_partition *place, const char *stage)
{
    struct slice mark;
    uint64_t offset;

    return bus_world_commit(sim->world, stage, place, &offset, &mark) &&
           slice_starts(mark, SLICE("try 3"));
}

static void give(struct sim *sim, unsigned stage, uint32_t partition)
{
    struct bus_partition place = {stages[stage].topic, partition};
    const char **member = &sim->members[stage][partition];

    if (*member == NULL || !at_last_try(sim, &place, stages[stage].name))
        *member = pick_member(sim, stages[stage].name);
    bus_world_give(sim->world, stages[stage].name, &place, *member);
    sim->given_ms[stage][partition] = 0;
}

void group_begin(struct sim *sim)
{
    for (unsigned stage = 0; sim->groups && stage < SIM_STAGES; stage++)
        for (uint32_t partition = 0; partition < SIM_PARTITIONS; partition++)
            give(sim, stage, partition);
}

static void take(struct sim *sim, unsigned stage, uint32_t partition)
{
    struct bus_partition place = {stages[stage].topic, partition};
    const char *name = stages[stage].name;

    if (sim->given_ms[stage][partition] != 0 || at_last_try(sim, &place, name))
        return;
    switch (random_below(&sim->random, 3)) {
    case 0:
        bus_world_recall(sim->world, name, &place);
        break;
    case 1:
        bus_world_move(sim->world, name, &place, true);
        break;
    default:
        bus_world_steal(sim->world, name, &place);
    }
    sim->given_ms[stage][partition] =
        sim->clock.now_ms + 1 + (int64_t) random_below(&sim->random, AWAY_MS);
    sim->moves++;
}

/* What was taken is given to somebody in time. */
static void give_due(struct sim *sim, bool all)
{
    for (unsigned stage = 0; stage < SIM_STAGES; stage++)
        for (uint32_t partition = 0; partition < SIM_PARTITIONS; partition++) {
            int64_t due_ms = sim->given_ms[stage][partition];
            if (due_ms != 0 && (all || due_ms <= sim->clock.now_ms))
                give(sim, stage, partition);
        }
}

void group_stir(struct sim *sim)
{
    if (!sim->groups || sim->calm)
        return;
    if (random_chance(&sim->random, CHANCE_TAKE))
        take(sim, (unsigned) random_below(&sim->random, SIM_STAGES),
             (uint32_t) random_below(&sim->random, SIM_PARTITIONS));
    if (random_chance(&sim->random, CHANCE_SLEEP))
        sim->processes[random_below(&sim->random, SIM_PROCESSES)].awake_ms =
            sim->clock.now_ms + (int64_t) random_below(&sim->random, SLEEP_MS);
    give_due(sim, false);
}

void group_settle(struct sim *sim)
{
    if (sim->groups)
        give_due(sim, true);
    for (size_t i = 0; i < SIM_PROCESSES; i++)
        sim->processes[i].awake_ms = 0;
}
