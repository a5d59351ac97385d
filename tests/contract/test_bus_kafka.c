/* The bus contract over one real broker, or as many as the argument says. A prefix gives each test
 * a cluster of its own. */
#include "base/bus/bus_kafka.h"
#include "tests/contract/bus_contract.h"
#include "tests/contract/kafka_brokers.h"

#include <stdio.h>
#include <stdlib.h>

enum { PATIENCE_MS = 60 * 1000, REPLICATED_PARTITIONS = 100 };

static struct kafka_brokers *brokers;

struct place {
    char address[300];
};

static void *kafka_setup(void)
{
    static int number;
    struct place *place = calloc(1, sizeof *place);

    if (place != NULL)
        (void) snprintf(place->address, sizeof place->address,
                        "kafka://%s/t%d?fetch.wait.max.ms=50", kafka_brokers_servers(brokers),
                        ++number);
    return place;
}

static void kafka_teardown(void *self)
{
    free(self);
}

static enum status kafka_open(void *self, const struct bus_options *options, struct bus **bus,
                              struct error *err)
{
    struct bus_options wish = *options;

    /* A small broker takes its time to make 4,096 partitions. */
    if (wish.timeout_ms == 0)
        wish.timeout_ms = PATIENCE_MS;
    return bus_open(((struct place *) self)->address, &wish, bus, err);
}

int main(int argc, char **argv)
{
    struct bus_contract_place place = {"kafka", kafka_setup, kafka_teardown, kafka_open, 0};
    int count = argc > 1 ? (int) strtol(argv[1], NULL, 10) : 1;
    int failed;

    if (count > 1)
        place.most_partitions = REPLICATED_PARTITIONS;
    brokers = kafka_brokers_start(count, NULL);
    if (brokers == NULL)
        return KAFKA_BROKERS_SKIP;
    failed = bus_contract_run(&place);
    kafka_brokers_stop(brokers);
    return failed;
}
