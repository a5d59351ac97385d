/* The bus contract over the local and the memory bus; Kafka is another row. */
#include "base/bus/bus_memory.h"
#include "tests/contract/bus_contract.h"
#include "tests/contract/log_process.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- local ---- */

struct local_place {
    char folder[LOG_FOLDER_SIZE];
    pid_t server;
};

static void *local_setup(void)
{
    struct local_place *place = calloc(1, sizeof *place);
    struct log_server_options options = {.memory_bytes = 1024 * 1024};

    if (place == NULL)
        return NULL;
    log_folder_make(place->folder);
    options.data = place->folder;
    place->server = log_process_start(&options, NULL);
    return place;
}

static void local_teardown(void *self)
{
    struct local_place *place = self;

    (void) log_process_end(place->server, SIGTERM);
    log_folder_remove(place->folder);
    free(place);
}

static enum status local_open(void *self, const struct bus_options *options, struct bus **bus,
                              struct error *err)
{
    struct local_place *place = self;
    char url[LOG_FOLDER_SIZE + 16];

    (void) snprintf(url, sizeof url, "local:%s", place->folder);
    return bus_open(url, options, bus, err);
}

/* ---- memory ---- */

struct memory_place {
    struct clock_manual clock;
    struct bus_world *world;
};

static void *memory_setup(void)
{
    struct memory_place *place = calloc(1, sizeof *place);

    if (place == NULL)
        return NULL;
    clock_manual_init(&place->clock, 1000);
    place->world = bus_world_create(1, &place->clock);
    return place;
}

/* The faults that a well-behaved caller must not notice. */
static void *faulty_setup(void)
{
    struct memory_place *place = memory_setup();

    bus_world_set_faults(
        place->world, (struct bus_faults){
                          .late_ack = 300, .short_batch = 300, .empty_poll = 300, .queue_full = 0});
    return place;
}

static void memory_teardown(void *self)
{
    struct memory_place *place = self;

    bus_world_destroy(place->world);
    free(place);
}

static enum status memory_open(void *self, const struct bus_options *options, struct bus **bus,
                               struct error *err)
{
    return bus_memory_open(((struct memory_place *) self)->world, options, bus, err);
}

int main(void)
{
    static const struct bus_contract_place places[] = {
        {"local", local_setup, local_teardown, local_open, 0},
        {"memory", memory_setup, memory_teardown, memory_open, 0},
        {"memory with faults", faulty_setup, memory_teardown, memory_open, 0},
    };
    int failed = 0;

    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
        failed += bus_contract_run(&places[i]);
    return failed;
}
