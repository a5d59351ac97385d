/* torture memory|store|publish: README.md. */
#include "torture_alloc.h"
#include "torture_run.h"

#include "base/log.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { LIVES_MAX = 10, ROUNDS_MAX = 20000 };

/* One kind of failure. */
struct order {
    const char *name;
    void (*give)(struct world *world, uint64_t nth, bool forever);
    bool (*struck)(struct world *world);
};

static void give_memory(struct world *world, uint64_t nth, bool forever)
{
    (void) world;
    torture_alloc_fail(nth, forever);
}

static bool memory_struck(struct world *world)
{
    (void) world;
    return torture_alloc_failed();
}

static uint64_t ordered;
static uint64_t before;

/* Store and bus stop for good by themselves; there is no other "forever". */
static void give_store(struct world *world, uint64_t nth, bool forever)
{
    ordered = nth;
    before = store_memory_writes(world->store);
    store_memory_fail(world->store, nth, forever ? STATUS_CORRUPT : STATUS_DISK_FULL);
    if (nth == 0)
        store_memory_recover(world->store);
}

static bool store_struck(struct world *world)
{
    return ordered != 0 && store_memory_writes(world->store) - before >= ordered;
}

static void give_publish(struct world *world, uint64_t nth, bool forever)
{
    ordered = nth;
    before = bus_world_publishes(world->bus);
    bus_world_fail(world->bus, nth, forever ? STATUS_NETWORK : STATUS_IO);
}

static bool publish_struck(struct world *world)
{
    return ordered != 0 && bus_world_publishes(world->bus) - before >= ordered;
}

static const struct order orders[] = {
    {"memory", give_memory, memory_struck},
    {"store", give_store, store_struck},
    {"publish", give_publish, publish_struck},
};

static bool complain(const struct order *order, uint64_t nth, const char *what)
{
    printf("%s, failure %" PRIu64 ": %s\n", order->name, nth, what);
    return false;
}

/* After the blow: started again, maybe several times, everything must come right. */
static bool recovers(const struct order *order, struct world *world, uint64_t nth)
{
    struct error err = {0};
    enum status status = STATUS_AGAIN;
    const char *wrong;

    order->give(world, 0, false);
    wrong = world_check(world);
    if (wrong != NULL)
        return complain(order, nth, wrong);
    for (int life = 0; status != STATUS_OK && life < LIVES_MAX; life++)
        status = run_until_failure(world, &err);
    if (status != STATUS_OK)
        return complain(order, nth, err.message);
    wrong = world_check_end(world);
    return wrong == NULL || complain(order, nth, wrong);
}

/* false in *struck if the run ended before the n-th came. */
static bool one_round(const struct order *order, uint64_t nth, bool forever, bool *struck)
{
    int64_t live = torture_alloc_live();
    struct error err = {0};
    struct world world;
    enum status status;
    bool good;

    world_open(&world);
    order->give(&world, nth, forever);
    status = run_until_failure(&world, &err);
    *struck = order->struck(&world);
    good = recovers(order, &world, nth);
    world_close(&world);
    if (good && *struck && status == STATUS_OK && order->give != give_memory)
        good = complain(order, nth, "the failure was not noticed");
    if (good && status != STATUS_OK && err.message[0] == '\0')
        good = complain(order, nth, "an error without a message");
    if (good && torture_alloc_live() != live)
        good = complain(order, nth, "memory is left behind");
    return good;
}

static bool torture(const struct order *order, bool forever)
{
    bool struck = true;
    uint64_t nth = 0;

    while (struck && nth < ROUNDS_MAX)
        if (!one_round(order, ++nth, forever, &struck))
            return false;
    if (struck)
        return complain(order, nth, "no end");
    printf("%s: %" PRIu64 " failures %s\n", order->name, nth - 1, forever ? "for ever" : "once");
    return true;
}

int main(int argc, char **argv)
{
    struct world world;
    struct error err;

    log_open("torture", LOG_ERROR);
    /* Metrics live as long as the process: made here, they do not count as left behind. */
    world_open(&world);
    ENSURE(run_until_failure(&world, &err) == STATUS_OK);
    world_close(&world);
    for (size_t i = 0; argc == 2 && i < sizeof orders / sizeof orders[0]; i++)
        if (strcmp(argv[1], orders[i].name) == 0)
            return !torture(&orders[i], false) || !torture(&orders[i], true);
    (void) fprintf(stderr, "usage: torture memory|store|publish\n");
    return 2;
}
