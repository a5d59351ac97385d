/*
 * worker_task: one record on its way through a map or an effect. Private to the worker.
 *
 * States   OPEN the stage works on it WAITING put off by a back-off until due_ms, then OPEN again
 *          (maps) FINISHED a map: the outcome is encoded, to be published; an effect: over SENT
 *          the bus has the outcome; over when the ticket is acknowledged (maps)
 * Memory   A task owns its workspace (the input's bytes and an arena) until it is SENT, its
 *          encoded outcome while it is FINISHED, and its ticket to the end. Workspaces are used
 *          again.
 * Silent   A record that is not this run's: FINISHED without an outcome, to be passed over.
 * Counts   The desk knows how many tasks are in each state; task_become keeps it true.
 * Garbage  A record that does not decode still has an identity: id of its position, the bus's key,
 *          no job, no run. So its outcome is recognised when it is repeated.
 */
#ifndef XUNFANG_BASE_WORKER_TASK_H
#define XUNFANG_BASE_WORKER_TASK_H

#include "base/worker_private.h"

enum {
    TASK_MEMORY_MAX = 320 * 1024 * 1024, /* a task's arena; more than a hostile record unfolds to */
    TASK_KEY_MAX = 64 * 1024,            /* of an input; an outcome carries it twice */
    TASK_TEXTS_MAX = 32 * 1024,          /* job, run, reason and topics of an input together */
    TASK_REASON_MAX = 512,               /* bytes of a reason; the rest is cut */
    TASK_HELD_MAX = 32 * 1024 * 1024,    /* inputs at work; beyond it none is begun beside them */
};

enum task_state { TASK_OPEN, TASK_WAITING, TASK_FINISHED, TASK_SENT, TASK_STATES };

struct workspace {
    struct workspace *next;
    struct arena *arena;
    struct buf bytes; /* the input's key and value */
};

/* Where the tasks of one worker lie. */
struct desk {
    struct worker *worker;
    char *run; /* of the outcomes; NULL: the input's */
    size_t counts[TASK_STATES];
    size_t held; /* bytes of inputs in workspaces */
    struct workspace *spare;
    size_t spare_count;
    size_t spare_max;
};

struct task {
    struct task *next;
    struct desk *desk;
    struct record_source position;
    enum task_state state;
    bool abandoned; /* its partition is no longer ours: the outcome is not wanted */
    bool silent;
    struct workspace *space;
    size_t key_size;
    struct record record;
    unsigned attempts; /* that have failed */
    int64_t due_ms;
    struct buf output;
    struct bus_ticket ticket;
    void *data;
};

void desk_init(struct desk *desk, struct worker *worker, size_t max_in_flight);
/* The tasks must be gone. */
void desk_fini(struct desk *desk);

/* An OPEN task with a copy of the record's bytes, not decoded yet; of more than a bus takes, with
 * none. */
CHECKED enum status task_create(struct desk *desk, struct record_source position,
                                const struct bus_record *bytes, struct task **task,
                                struct error *err);
void task_destroy(struct task *task);
void task_become(struct task *task, enum task_state state);
/* Empties the arena and decodes into task->record. STATUS_INVALID: garbage (or more key and texts
 * than an outcome could carry), and the record is its substitute. */
CHECKED enum status task_decode(struct task *task, struct error *err);
/* Gives workspace and output back: the bus has the outcome. */
void task_release(struct task *task);

#endif
