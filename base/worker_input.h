/*
 * worker_input: one input partition of a worker: how far it is, and what was read and not yet
 * handled.
 *
 * Offsets  committed ≤ done ≤ next ≤ end. `next` is the record to be handled next, `done` the
 *          prefix whose every record is finished, `committed` what the bus was told. `goal` is the
 *          end seen when the partition became ours: from there on it is caught up.
 * Careful  Records below `careful_until` run alone: the partition was not left clean, and every
 *          record that was under way at the death lies there, because no worker handles records
 *          further than one window beyond its commit.
 * Backlog  One batch of the reader, copied, since the reader's bytes end with its next call. While
 *          it is not empty the partition is paused, so one batch is the most that is held.
 * Gaps     The bus promises none; a batch that does not begin where the last one ended is
 *          STATUS_CORRUPT, because going on would lose records in silence.
 */
#ifndef XUNFANG_BASE_WORKER_INPUT_H
#define XUNFANG_BASE_WORKER_INPUT_H

#include "base/bus/bus.h"
#include "base/record.h"
#include "base/worker_mark.h"

struct task;

struct input {
    size_t index; /* among the reader's partitions */
    char *topic;
    uint32_t partition;
    bool assigned;
    bool paused; /* as the reader was told */
    bool lost;   /* the group took it: the round ends its work */
    uint64_t committed;
    /* Committed when it was assigned: a fold that rebuilds does not take the bus's offset back
     * behind this, and does not emit again what came of the records below. */
    uint64_t floor;
    uint64_t done;
    uint64_t next;
    uint64_t end;
    uint64_t goal;
    uint64_t careful_until;
    unsigned tries;       /* attempts at the record at `done` that its mark counts */
    bool trying;          /* the mark of one under way stands */
    int64_t tried_ms;     /* monotonic; since then */
    int64_t committed_ms; /* monotonic */
    char *block;          /* bytes of the backlog */
    struct bus_record *records;
    size_t record_count;
    size_t record_next;
    struct task *head; /* a map's tasks in the order of their offsets */
    struct task *tail;
};

/* An array of `count` inputs, none assigned; NULL when memory is out. */
struct input *inputs_create(const struct bus_partition *partitions, size_t count);
/* NULL is fine; the tasks must be gone. */
void inputs_destroy(struct input *inputs, size_t count);

/* The partition is ours from `offset` to `end` and beyond, left with `mark`; a window is `window`
 * records. */
void input_assign(struct input *input, uint64_t offset, uint64_t end, struct mark mark,
                  size_t window);
/* No longer ours: forgets the backlog. */
void input_revoke(struct input *input);
/* Takes a batch of the reader into the empty backlog. */
CHECKED enum status input_fill(struct input *input, const struct bus_event *event,
                               struct error *err);
/* The next record of the backlog, NULL if it is empty. */
const struct bus_record *input_peek(const struct input *input);
/* Steps behind the record that input_peek shows, which stays valid until the next input_fill. */
void input_take(struct input *input);
/* Must the next record run alone? */
bool input_careful(const struct input *input);
struct record_source input_position(const struct input *input, uint64_t offset);

#endif
