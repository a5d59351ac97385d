/*
 * store_contract: what every store must do, as one suite of cmocka tests.
 *
 * Place    Each test gets a fresh one from `setup` and opens one store on it; where `keeps` is set,
 *          it closes the store and opens it again, and everything must still be there.
 * Row      A new backend is a new struct store_contract_place and one more call of
 *          store_contract_run.
 */
#ifndef XUNFANG_TESTS_CONTRACT_STORE_CONTRACT_H
#define XUNFANG_TESTS_CONTRACT_STORE_CONTRACT_H

#include "base/store/store.h"

struct store_contract_place {
    const char *name;
    bool keeps; /* outlives store_close */
    void *(*setup)(void);
    void (*teardown)(void *self);
    enum status (*open)(void *self, struct store **store, struct error *err);
};

/* Runs all tests; returns how many failed. */
int store_contract_run(const struct store_contract_place *place);

#endif
