/* A map stage that does with each number what the test wants, and counts. */
#ifndef XUNFANG_TESTS_TOY_MAP_H
#define XUNFANG_TESTS_TOY_MAP_H

#include "tests/support/worker_kit.h"

/* What the stage does with a number. */
enum deed { PASS, DROP, DEAD, FAIL_RETRY, FAIL_DEAD, FAIL_STOP, LATER, KILL, HUGE_OUTPUT };

enum { NUMBERS = 200 };

static struct kit kit;
static struct {
    enum deed deeds[NUMBERS];
    unsigned starts[NUMBERS];
    unsigned retries_needed[NUMBERS]; /* FAIL_RETRY passes after so many */
    struct task *open[NUMBERS];
    unsigned open_count;
    unsigned open_most;
} toy;

static inline enum status toy_start(void *self, struct task *task, struct error *err)
{
    static char huge[BUS_RECORD_MAX];
    unsigned number = kit_number(task_record(task));

    (void) self;
    toy.starts[number]++;
    assert_null(task_data(task));
    task_set_data(task, &toy);
    assert_non_null(arena_alloc(task_arena(task), 100));
    switch (toy.deeds[number]) {
    case PASS:
        return task_pass(task, SLICE("content"), err);
    case DROP:
        return task_drop(task, SLICE("period: 2019"), SLICE("brief"), err);
    case DEAD:
        return task_dead(task, SLICE("hopeless"), SLICE("brief"), err);
    case FAIL_RETRY:
        if (toy.starts[number] > toy.retries_needed[number])
            return task_pass(task, SLICE("at last"), err);
        return error_set(err, STATUS_NETWORK, "nobody there");
    case FAIL_DEAD:
        return error_set(err, STATUS_INVALID, "no sense");
    case FAIL_STOP:
        return error_set(err, STATUS_DISK_FULL, "full");
    case KILL:
        return error_set(err, STATUS_CRASHED, "killed");
    case HUGE_OUTPUT:
        return task_pass(task, slice_of(huge, sizeof huge), err);
    case LATER:
        toy.open[number] = task;
        if (++toy.open_count > toy.open_most)
            toy.open_most = toy.open_count;
        return STATUS_OK;
    }
    return STATUS_INTERNAL;
}

/* One task at a time, and three. */
static const struct map_stage sync_stage = {"toy", 1, toy_start, NULL};
static const struct map_stage async_stage = {"toy", 3, toy_start, NULL};

static inline int set_up(void **state)
{
    (void) state;
    memset(&toy, 0, sizeof toy);
    for (size_t i = 0; i < NUMBERS; i++)
        toy.retries_needed[i] = 1000;
    kit_open(&kit);
    return 0;
}

static inline int tear_down(void **state)
{
    (void) state;
    kit_close(&kit);
    return 0;
}

static inline struct worker *make(const struct map_stage *stage, size_t inputs)
{
    struct worker_options options = kit_options(&kit, inputs);
    struct worker *worker;

    assert_int_equal(worker_create_map(stage, NULL, &options, &worker, &kit.err), STATUS_OK);
    return worker;
}

static inline void finish(unsigned number)
{
    assert_int_equal(task_pass(toy.open[number], SLICE("later"), &kit.err), STATUS_OK);
    toy.open_count--;
}

static inline void put(uint32_t partition, unsigned first, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        kit_put(&kit, partition, first + i);
}

#endif
