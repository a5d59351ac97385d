/*
 * bus_contract: what every bus must do, as one suite of cmocka tests.
 *
 * Place    Where the buses of one backend meet: each test gets a fresh one from `setup`, opens any
 *          number of buses on it (each stands for a process) and closes them before `teardown`.
 * Row      A new backend is a new struct bus_contract_place and one more call of bus_contract_run.
 * Time     The suite never measures any; a bus may use virtual time.
 */
#ifndef XUNFANG_TESTS_CONTRACT_BUS_CONTRACT_H
#define XUNFANG_TESTS_CONTRACT_BUS_CONTRACT_H

#include "base/bus/bus.h"

struct bus_contract_place {
    const char *name;
    void *(*setup)(void); /* NULL: failed */
    void (*teardown)(void *self);
    enum status (*open)(void *self, const struct bus_options *options, struct bus **bus,
                        struct error *err);
    uint32_t most_partitions; /* that a topic can have here in good time; 0: BUS_PARTITIONS_MAX */
};

/* Runs all tests; returns how many failed. */
int bus_contract_run(const struct bus_contract_place *place);

#endif
