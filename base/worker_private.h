/*
 * worker_private: what map, effect and fold have in common. Private to base/worker*.c.
 *
 * Split    worker.c polls, commits, drains; a kind (worker_map.c, worker_effect.c, worker_fold.c)
 *          does the rest behind struct worker_kind. A kind's own struct begins with struct worker.
 * Round    worker_step: the bus's events go to `assigned`, `revoked` and the inputs' backlogs;
 *          then `work` runs once; then partitions with a backlog are paused. Nothing may wait but
 *          as `patience` allows.
 * Failure  What any entry returns, but STATUS_OK, ends the worker: it is kept and told again.
 * Commit   worker_commit is synchronous, and the only way to the bus's committed offsets.
 */
#ifndef XUNFANG_BASE_WORKER_PRIVATE_H
#define XUNFANG_BASE_WORKER_PRIVATE_H

#include "base/worker.h"
#include "base/worker_input.h"
#include "base/worker_meter.h"

enum {
    WORKER_WINDOW = 128,
    WORKER_BATCH_BYTES = 1024 * 1024, /* of one read; each input may hold one */
    WORKER_SLICE_MS = 10,             /* handlers of one round together, and waits with work open */
    WORKER_COMMIT_MS = 1000,          /* a finished prefix waits no longer for its commit, */
    WORKER_QUIET_MS = 250,            /* or this in a pause; on one machine not at all */
    WORKER_FLUSH_MS = 10 * 1000,      /* worker_flush waits no longer */
    WORKER_DEATHS_MAX = 3,            /* deaths at one record before it is given up */
    WORKER_TOPICS_MAX = 16,           /* topics one stage publishes to */
};

/* How long one round may wait for what. */
struct patience {
    int64_t read_ms; /* records */
    int64_t ack_ms;  /* acknowledgements */
    int64_t work_ms; /* the stage itself */
};

struct worker_kind {
    enum status (*assigned)(struct worker *worker, struct input *input,
                            const struct bus_event *event, struct error *err);
    /* The input's backlog is gone. Unless it is `lost` a last commit may still be taken. */
    enum status (*revoked)(struct worker *worker, struct input *input, struct error *err);
    struct patience (*patience)(struct worker *worker, int64_t timeout_ms);
    enum status (*work)(struct worker *worker, int64_t timeout_ms, struct error *err);
    /* Draining: is nothing under way any more? */
    bool (*idle)(struct worker *worker);
    /* Drained: marks every input clean. */
    enum status (*leave)(struct worker *worker, struct error *err);
    void (*destroy)(struct worker *worker);
};

enum worker_phase { WORKER_RUNNING, WORKER_DRAINING, WORKER_DRAINED };

struct worker {
    const struct worker_kind *kind;
    struct bus *bus;
    struct bus_reader *reader;
    const struct clock *clock;
    struct retry_policy retry;
    size_t window;
    struct input *inputs;
    size_t input_count;
    size_t cursor; /* input to look at first: none starves */
    bool quiet;    /* the last round found nothing to read */
    bool groups;   /* inputs come and go */
    bool moving;   /* the bus has more to say about that */
    bool onlooker; /* nothing is ours, nothing is committed */
    uint64_t life; /* rides on every commit; 0: none */
    int64_t born_ms;
    enum worker_phase phase;
    int64_t drain_ms;     /* when draining began */
    struct error failure; /* code STATUS_OK: none */
    struct meter meter;
    struct {
        char *name;
        uint32_t partitions;
    } topics[WORKER_TOPICS_MAX];
    size_t topic_count;
    struct buf scratch; /* for encoding what is published at once */
};

/* Fills `worker`, whose other members are zero, and opens its reader. On failure worker_fini must
 * still be called. */
CHECKED enum status worker_init(struct worker *worker, const struct worker_kind *kind,
                                const char *stage, const struct worker_options *options,
                                struct error *err);
void worker_fini(struct worker *worker);

CHECKED enum status worker_commit(struct worker *worker, struct input *input, uint64_t offset,
                                  struct mark mark, struct error *err);
/* Is `status` the word of a commit that the group took the input? Then it is marked lost, and the
 * failure is none: the end of the round drops its work. Until then nothing new of it starts. */
bool worker_lost(const struct worker *worker, struct input *input, enum status status);
/* Commits `done` with this mark; that the input is lost is no failure. */
CHECKED enum status worker_note(struct worker *worker, struct input *input, struct mark mark,
                                struct error *err);
/* Commits `done` of one input, clean; nothing if it may not be called so. */
CHECKED enum status worker_commit_input(struct worker *worker, struct input *input,
                                        struct error *err);
/* Commits `done` of every input that is ours: clean, unless records that must run alone are left,
 * whose deaths the mark goes on counting. */
CHECKED enum status worker_commit_clean(struct worker *worker, struct error *err);
/* Does any input have records to handle? */
bool worker_has_backlog(const struct worker *worker);
/* The input whose next record must run alone, NULL if there is none in the backlogs. */
struct input *worker_careful_input(const struct worker *worker);

#endif
