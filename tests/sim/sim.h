/*
 * sim: one run of the toy pipeline under one seed (README.md).
 *
 * World    struct sim is the machine room: clock, bus, the folds' stores, the dice. Processes come
 *          and go in it; what they may not forget stands in the bus or in a store.
 * Facts    What becomes of item N is a function of N alone (sim_fate), so the end is known
 *          beforehand.
 * Ledger   What the outside world has seen (which lease was begun how often) is kept here, out of
 *          the processes' reach, and checked while running.
 * Replay   Nothing here asks the machine's clock, an address or uninitialised memory.
 */
#ifndef XUNFANG_TESTS_SIM_SIM_H
#define XUNFANG_TESTS_SIM_SIM_H

#include "base/bus/bus_memory.h"
#include "base/store/store.h"
#include "base/util/crash.h"
#include "base/util/random.h"
#include "base/worker.h"

enum {
    SIM_ITEMS = 36,
    SIM_POISON = 17,    /* the item whose page kills every judge */
    SIM_PARTITIONS = 4, /* of every topic */
    SIM_PROCESSES = 6,
    SIM_STAGES = 4,
    SIM_LEASE_MS = 3000,
    SIM_LEASES_MAX = 4096,  /* positions of `leases` the ledger can hold */
    SIM_STEPS_MAX = 100000, /* a run that takes longer does not end */
};

enum sim_fate { FATE_PASSED, FATE_DROPPED, FATE_HOPELESS, FATE_INVALID, FATE_CRASH };

enum sim_fate sim_fate(unsigned item);
/* Passed, but only at the third attempt of a process? */
bool sim_flaky(unsigned item);
struct id sim_item_id(unsigned item);

struct sim;

/* One stage of one process. `crash_here` kills it where the dice say. */
struct stage {
    struct worker *worker;
    void *self;
    void (*destroy)(void *self);
};

/* One place of the machine room: restarted after every death. */
struct process {
    const char *name;
    const char *client;
    uint32_t first; /* partitions it reads: first … first + count - 1 */
    uint32_t count;
    struct bus *bus;
    struct stage stage;
    struct bus *old_bus; /* of a predecessor that does not know it was replaced */
    struct stage old;
    int64_t start_ms; /* when it may start again */
    int64_t awake_ms; /* it stands still until then, as a process that was stopped */
    bool draining;
};

struct sim {
    uint64_t seed;
    bool undisturbed; /* from the beginning */
    bool calm;        /* no faults, no deaths any more */
    bool tell;        /* say what happens on standard output */
    bool groups;      /* members of a stage share its partitions, which come and go */
    struct random random;
    struct clock_manual clock;
    struct bus_world *world;
    struct store *source_store;
    struct store *counter_store;
    struct process processes[SIM_PROCESSES];
    struct process *current;                        /* whose step is running */
    unsigned begun[SIM_PARTITIONS][SIM_LEASES_MAX]; /* ledger: leases acted on, by position */
    bool source_wiped; /* its leases may carry known ids from then on */
    /* When a partition that was taken from its member is given to one again; 0: it has one. */
    int64_t given_ms[SIM_STAGES][SIM_PARTITIONS];
    const char *members[SIM_STAGES][SIM_PARTITIONS]; /* to whom each was given last */
    unsigned deaths;
    unsigned moves;
    unsigned steps;
    struct hash *trace;
    char broken[256]; /* the first broken promise; empty: none */
};

/* What a run leaves behind. */
struct sim_end {
    struct id trace;
    struct id source_state;
    struct id counter_state;
    unsigned deaths;
    unsigned moves;
    unsigned steps;
};

struct sim_options {
    uint64_t seed;
    bool undisturbed;
    bool groups;
    bool tell;
};

/* Runs to the end; STATUS_INTERNAL with a message if a promise was broken. */
CHECKED enum status sim_run(const struct sim_options *options, struct sim_end *end,
                            struct error *err);

/* ---- parts ---- */

/* Notes a broken promise; the first one counts. */
void sim_broken(struct sim *sim, const char *format, ...) PRINTF_LIKE(2, 3);

/* sim_stages.c */
CHECKED enum status stage_open(struct sim *sim, struct process *process, struct bus *bus,
                               struct stage *stage, struct error *err);
void stage_close(struct stage *stage);

/* sim_process.c: lets the process live one moment. */
void process_step(struct sim *sim, struct process *process);
void process_close(struct process *process);
bool process_runs(const struct process *process);

/* sim_group.c: nothing of it happens without groups. */
/* Gives every partition to a member of its stage. */
void group_begin(struct sim *sim);
/* What the group does in one moment. */
void group_stir(struct sim *sim);
/* Everything stands with a member from here on, and nobody sleeps. */
void group_settle(struct sim *sim);

/* sim_check.c */
/* Is every item final in both states? */
bool check_complete(struct sim *sim);
/* All that must hold when everything is drained. */
void check_end(struct sim *sim);
/* Hash of a store but for the worker's own keys. */
struct id check_state(struct store *store);

#endif
