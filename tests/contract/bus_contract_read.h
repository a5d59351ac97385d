/*
 * bus_contract_read: the half of the bus contract about readers, and what both halves share.
 *
 * Use      Only bus_contract.c calls bus_contract_run_reading; the helpers serve the tests of both
 *          files.
 */
#ifndef XUNFANG_TESTS_CONTRACT_BUS_CONTRACT_READ_H
#define XUNFANG_TESTS_CONTRACT_BUS_CONTRACT_READ_H

#include "tests/contract/bus_contract.h"

/* The state of one test. */
struct bus_contract {
    const struct bus_contract_place *place;
    void *self;
};

int bus_contract_setup(void **state);
int bus_contract_teardown(void **state);
/* Another bus of the place; `options` may be NULL. */
struct bus *bus_contract_open(struct bus_contract *contract, const struct bus_options *options);
/* The same, with the topic "numbers" of two partitions. */
struct bus *bus_contract_numbers(struct bus_contract *contract);

int bus_contract_run_reading(void);

#endif
