/*
 * bus_memory: a bus inside one process, with seeded faults and virtual time, for tests.
 *
 * World    Holds topics, records, commits, owner numbers. It stands for the durable bus: it
 *          outlives the simulated processes, each of which opens its own bus on it.
 * Faults   Per mille chances, drawn from the world's seed: an append acknowledged late (it takes
 *          effect at once, a later step brings the ticket), an acknowledgement lost (the record
 *          stands in the log, the publisher's bus fails with STATUS_TIMEOUT for good), a publish
 *          lost with its acknowledgement, a short batch, an empty poll, STATUS_AGAIN from a full
 *          queue.
 * Time     Waiting moves the world's manual clock; nothing sleeps.
 * Replay   Equal seeds and equal calls give equal behaviour.
 * Memory   A batch lies in a block of its own that the next call on the reader frees, so a
 *          sanitizer sees whoever looks at it later.
 */
#ifndef XUNFANG_BASE_BUS_BUS_MEMORY_H
#define XUNFANG_BASE_BUS_BUS_MEMORY_H

#include "base/bus/bus.h"
#include "base/util/clock.h"

struct bus_world;

struct bus_faults {
    unsigned late_ack;
    unsigned lost_ack;
    unsigned lost_publish;
    unsigned short_batch;
    unsigned empty_poll;
    unsigned queue_full;
};

/* NULL when memory is out. `clock` must outlive the world. */
struct bus_world *bus_world_create(uint64_t seed, struct clock_manual *clock);
/* After every bus on it is closed. */
void bus_world_destroy(struct bus_world *world);
void bus_world_set_faults(struct bus_world *world, struct bus_faults faults);

CHECKED enum status bus_memory_open(struct bus_world *world, const struct bus_options *options,
                                    struct bus **bus, struct error *err);

/* ---- from outside ---- */

/* The n-th record of a partition; false past the end. */
bool bus_world_record(const struct bus_world *world, const char *topic, uint32_t partition,
                      uint64_t offset, struct bus_record *record);
/* What a stage committed last, and the mark that rode on it; false if it never did. */
bool bus_world_commit(const struct bus_world *world, const char *stage,
                      const struct bus_partition *partition, uint64_t *offset,
                      struct slice *metadata);
/* A power cut: records from `offset` on are gone, commits beyond it stand at it. */
void bus_world_cut(struct bus_world *world, const char *topic, uint32_t partition, uint64_t offset);
/* Takes the partition from the stage's reader (REVOKED; its commits are refused) or, with `away`
 * false, gives it back (ASSIGNED). The stage must have opened it before. */
void bus_world_move(struct bus_world *world, const char *stage,
                    const struct bus_partition *partition, bool away);
/* Buses opened from now on have BUS_CAP_GROUPS instead of OWNERS. */
void bus_world_set_groups(struct bus_world *world);
/* Like bus_world_move with `away`, but the reader may commit until its next poll after REVOKED. */
void bus_world_recall(struct bus_world *world, const char *stage,
                      const struct bus_partition *partition);
/* On a world with groups: only the stage's reader on the bus of this client has the partition from
 * now on; another that has it loses it as by bus_world_move, and none takes it by opening. */
void bus_world_give(struct bus_world *world, const char *stage,
                    const struct bus_partition *partition, const char *client);
/* Commits of the stage's reader are refused from now on, though nothing tells it. */
void bus_world_steal(struct bus_world *world, const char *stage,
                     const struct bus_partition *partition);
/* The n-th publish on this world from now on (from 1) fails with `status`, for good if that is no
 * passing one; 0: none does. */
void bus_world_fail(struct bus_world *world, uint64_t nth, enum status status);
/* Publishes so far, failed ones included. */
uint64_t bus_world_publishes(const struct bus_world *world);

#endif
