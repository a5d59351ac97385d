/*
 * torture_run: a world with a map and a fold in it, to be hurt.
 *
 * World    Twelve numbers in "in"; the map passes some, drops some, puts one off; the fold adds up
 *          what passed and emits each sum. The log and the store outlive the processes.
 * Process  run_until_failure starts both, steps them in turn until all is done or one fails, and
 *          takes both away, drained or not.
 */
#ifndef XUNFANG_TESTS_TORTURE_RUN_H
#define XUNFANG_TESTS_TORTURE_RUN_H

#include "base/bus/bus_memory.h"
#include "base/store/store_memory.h"

struct world {
    struct clock_manual clock;
    struct bus_world *bus;
    struct store *store;
};

/* Ends the program when that fails: nothing is hurt yet. */
void world_open(struct world *world);
void world_close(struct world *world);

/* STATUS_OK: both are done, drained and clean; else what failed first. */
CHECKED enum status run_until_failure(struct world *world, struct error *err);

/* What must hold at any time: nothing is committed whose outcome is not in the log. NULL, or what
 * is wrong. */
const char *world_check(const struct world *world);
/* What must hold at the end. */
const char *world_check_end(const struct world *world);

#endif
