/*
 * worker: runs one stage over a bus. The stage is a table of functions without bus I/O; offsets,
 * acknowledgements, attempt marks, retries, dead records and metrics are done here, once for all.
 *
 * Map      Stateless. Each input gets exactly one outcome downstream (none if passed over), with
 *          the input's id, key, job, run and generation, and one source more. Offsets are committed
 *          at the lowest finished prefix after the outcomes are acknowledged (at least once;
 *          repeats have the same id).
 * Open     A map may keep up to max_in_flight tasks open and finish them in any order, minutes
 *          later if need be: polling goes on. Records of one partition with one id are worked on
 *          one after the other, so that the outcomes of an id keep the order of its inputs. Open
 *          tasks together hold some 32 MiB of input; one alone may be larger. Draining gives them
 *          WORKER_GRACE_MS to end; then they are left to the successor, like put-off ones.
 * Effect   Acts on the world. An input is claimed (committed, with our owner number) before
 *          `begin`, so it is acted on at most once; what came back is published in the order page,
 *          …, result by worker_publish and worker_flush.
 * Fold     State in a store; starts at its own offset kept there, never at the bus's. What
 *          fold_emit takes is acknowledged before the batch that moves the offset past its cause
 *          (at least once); what fold_send takes is published after that batch is written (at most
 *          once). `tick` runs only when every input has been read up to the end seen at start
 *          (caught up), and at most WORKER_OWNED_MS after the bus said that the inputs are ours,
 *          by the time that fold_wall_ms tells. A position beyond the end of its log (a power cut
 *          took the tail), or of a partition that is no longer an input: store wiped, state
 *          rebuilt from offset 0. Rebuilding emits nothing that came of records below the offset
 *          last committed: it stands in the logs.
 * Crashes  The committed offset carries a mark: clean, running, "try N". A partition that was not
 *          left clean runs its first window one record at a time, nothing beside it; the third
 *          death at one record makes a map's outcome dead(crash); a death while a task has been
 *          open for WORKER_TRIAL_MS is not blamed on its record. A fold's marks live in its
 *          store; it refuses to go over such a record without a skip (worker_options.skips).
 * Groups   On a bus with BUS_CAP_GROUPS inputs come and go while the worker runs. Of a partition
 *          that goes, a map commits what is finished and drops the rest; an effect finishes what it
 *          claimed; a fold writes its batch, sends nothing of it, keeps the state as far as it is,
 *          and goes on from there should the partition come back. Caught up is who has partitions
 *          and has read all of them; a tick must leave alone what is not fold_owns.
 * Life     A fold on groups marks its commits with its life: a number that its store keeps while
 *          the machine runs. It commits before its first tick after an assignment; so who finds its
 *          own life on a partition's last commit knows that nobody else has acted there since.
 * Onlooker Reads every input from its own offset, whoever else does: no owner, no commits. For a
 *          fold whose outputs may come twice (a standby that works all the time).
 * Verdicts A map handler's STATUS_… is mapped by its verdict: RETRY: again after a back-off, at
 * most `attempts` times, then dead(text); DEAD: dead(text); STOP: worker_step returns it. An
 * effect's `begin` is not repeated: what is no STOP only ends the task. A fold's failures all
 * stop. After a failure worker_step returns it again: destroy, and start anew.
 * Garbage  A record that does not decode is dead(garbage) for a map, counted and skipped by a fold
 *          and an effect. An outcome over the bus's limit becomes dead(too large).
 * Threads  One thread; worker_step never blocks longer than the timeout given plus one handler
 *          call plus 10 ms and the synchronous calls of the bus.
 */
#ifndef XUNFANG_BASE_WORKER_H
#define XUNFANG_BASE_WORKER_H

#include "base/bus/bus.h"
#include "base/record.h"
#include "base/store/store.h"
#include "base/util/clock.h"
#include "base/util/retry.h"

enum {
    WORKER_GRACE_MS = 3000,
    WORKER_TRIAL_MS = 1000,
    WORKER_OWNED_MS = 2500,   /* less than a group waits for who must let go of a partition */
    WORKER_STANDBY_MS = 5000, /* who was given nothing for so long stands by */
};

struct worker;
struct task; /* one input on its way through a map or an effect */
struct fold_batch;

/* ---- stages ---- */

struct map_stage {
    const char *name;       /* owner of the commits and `stage` label of metrics */
    unsigned max_in_flight; /* tasks open at once; 1 for a synchronous stage */
    /* Works on the task and finishes it now or in a later `step`, by exactly one of task_pass,
     * task_drop, task_dead, task_fail. A failure return is a task_fail. Called again for the same
     * task after a back-off; the arena is empty then, and so is the data slot. */
    enum status (*start)(void *self, struct task *task, struct error *err);
    /* Optional: moves open tasks along; called at least every 10 ms while any is open. */
    enum status (*step)(void *self, struct error *err);
};

struct effect_stage {
    const char *name;
    unsigned max_in_flight; /* no further input is claimed while so many are open */
    /* Takes the claimed input; the task stays open until task_done. */
    enum status (*begin)(void *self, struct task *task, struct error *err);
    /* Moves open tasks along, blocking at most `timeout_ms`; called all the time. */
    enum status (*step)(void *self, int64_t timeout_ms, struct error *err);
    /* Draining: begin nothing further, bring open tasks to an end. Optional. */
    void (*drain)(void *self);
};

/* What became of an input of a fold on a bus with groups. */
enum fold_move {
    FOLD_LOST,   /* it is not ours from now on */
    FOLD_KEPT,   /* it is ours, and nobody else has acted on it since we did */
    FOLD_GAINED, /* it is ours, and anybody may have acted on it until now */
};

/* What others did on an input before it was ours; kept over restarts. */
struct fold_past {
    int64_t others_ms; /* they may have acted until then (wall clock); 0: nobody ever has */
    int64_t until_ms;  /* all they did is over by then, by their clock; 0: nobody has told */
};

struct fold_stage {
    const char *name;
    /* One record, in offset order of its partition. Reads and writes state through the batch. */
    enum status (*apply)(void *self, struct fold_batch *batch, size_t input,
                         const struct record *record, struct error *err);
    /* Optional: after catching up, at least every tick_ms; may read, write and emit like apply. */
    enum status (*tick)(void *self, struct fold_batch *batch, struct error *err);
    int64_t tick_ms;
    /* Optional: after the store was opened or wiped, before the first apply: load memory from it.
     */
    enum status (*load)(void *self, struct store *store, struct error *err);
    /* Optional: an input moved; it comes before its first record, and goes before the next tick.
     * Only memory may be touched. `past` is empty for one that is lost. */
    void (*moved)(void *self, size_t input, enum fold_move move, const struct fold_past *past);
    /* Optional: when all that we, and others before us, did on this input is over (wall clock); 0:
     * it is. Asked for before an input is left in order, and told to whoever gets it. */
    int64_t (*reach)(void *self, size_t input);
};

/* ---- tasks of maps and effects ---- */

const struct record *task_record(const struct task *task);
/* Topic, partition and offset of the input. */
struct record_source task_position(const struct task *task);
/* Memory that lives until the handler that finishes the task has returned. */
struct arena *task_arena(struct task *task);
/* A slot of the stage's own. */
void task_set_data(struct task *task, void *data);
void *task_data(const struct task *task);

/* Finish a map's task; payload and reason are copied before return. A failure here is for the
 * handler to return. */
CHECKED enum status task_pass(struct task *task, struct slice payload, struct error *err);
CHECKED enum status task_drop(struct task *task, struct slice reason, struct slice payload,
                              struct error *err);
CHECKED enum status task_dead(struct task *task, struct slice reason, struct slice payload,
                              struct error *err);

/* The record is no input of this stage (a list's page, say): a map's task ends without an
 * outcome. */
void task_pass_over(struct task *task);

/* By the verdict of cause->code: again later, dead, or returned for the handler to return
 * (STOP). */
CHECKED enum status task_fail(struct task *task, const struct error *cause, struct error *err);

/* Publishes a record of an effect: `topic` gets it at partition_of(record->key). `ticket` may be
 * NULL. STATUS_AGAIN: repeat in a later step. */
CHECKED enum status worker_publish(struct worker *worker, const char *topic,
                                   const struct record *record, struct bus_ticket *ticket,
                                   struct error *err);
/* The partition of `topic` that a record with this key goes to. */
CHECKED enum status worker_partition(struct worker *worker, const char *topic, struct slice key,
                                     uint32_t *partition, struct error *err);
/* Waits until everything the worker published is acknowledged; STATUS_TIMEOUT after 10 s. */
CHECKED enum status worker_flush(struct worker *worker, struct error *err);
/* An effect's task is over; its result is acknowledged. */
void task_done(struct task *task);

/* ---- state and outputs of folds ---- */

/* Keys that begin with byte 0 are the worker's own; a stage leaves them alone. */
struct store_batch *fold_store(struct fold_batch *batch);
/* Emits a record to `topic` at partition_of(record->key): acknowledged before this batch is
 * written, so never lost, maybe repeated. */
CHECKED enum status fold_emit(struct fold_batch *batch, const char *topic,
                              const struct record *record, struct error *err);
/* Publishes it after this batch is written: never repeated by a restart, maybe lost. */
CHECKED enum status fold_send(struct fold_batch *batch, const char *topic,
                              const struct record *record, struct error *err);
/* Partition and offset of the record being applied. */
struct record_source fold_position(const struct fold_batch *batch);
/* Read up to this end-exclusive offset of input partition `index` so far (applied, maybe
 * unwritten). */
uint64_t fold_offset(const struct fold_batch *batch, size_t index);
/* Is input partition `index` ours at this time? Always, on a bus without groups. */
bool fold_owns(const struct fold_batch *batch, size_t index);
int64_t fold_wall_ms(const struct fold_batch *batch);

/* ---- running ---- */

struct worker_options {
    struct bus *bus;
    const struct clock *clock;
    const struct bus_partition *inputs; /* partitions to read; copied */
    size_t input_count;
    const char *output;        /* a map's outcomes go here */
    struct store *store;       /* a fold's */
    struct retry_policy retry; /* zero: 5 attempts from 100 ms to 5 s */
    size_t window;             /* records between commits; 0: 128 */
    const char *owner;         /* of a map's commits; NULL: the stage's name */
    const char *run;           /* a map's outcomes carry it; NULL: the input's */
    uint32_t generations;      /* a map passes over records of this and later ones; 0: none */
    const struct record_source *skips; /* positions a fold steps over, by an operator's word */
    size_t skip_count;
    bool onlooker; /* a fold's */
};

CHECKED enum status worker_create_map(const struct map_stage *stage, void *self,
                                      const struct worker_options *options, struct worker **worker,
                                      struct error *err);
CHECKED enum status worker_create_effect(const struct effect_stage *stage, void *self,
                                         const struct worker_options *options,
                                         struct worker **worker, struct error *err);
CHECKED enum status worker_create_fold(const struct fold_stage *stage, void *self,
                                       const struct worker_options *options, struct worker **worker,
                                       struct error *err);
/* Does not commit and does not mark clean: as good as a crash. After it, unless drained, the bus
 * may only be closed. NULL is fine. */
void worker_destroy(struct worker *worker);

/* One round: poll, handle, publish, commit; waits at most `timeout_ms` for something to do. */
CHECKED enum status worker_step(struct worker *worker, int64_t timeout_ms, struct error *err);
/* From now on no new input; open tasks end (a map's within WORKER_GRACE_MS), then offsets are
 * committed clean. Repeat worker_step until worker_drained. */
void worker_drain(struct worker *worker);
bool worker_drained(const struct worker *worker);
/* Has every input that is ours been read up to the end it had when it was assigned? */
bool worker_caught_up(const struct worker *worker);
/* Caught up, or a member of a group that was given nothing: there is nothing it should be doing. */
bool worker_ready(const struct worker *worker);
/* Records between our position and the end of the inputs, as last seen. */
uint64_t worker_lag(const struct worker *worker);

#endif
