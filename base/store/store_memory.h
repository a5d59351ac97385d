/*
 * store_memory: the store of tests and simulations: an ordered map in memory, with failures on
 * order.
 *
 * Open     store_open_memory of store.h. What was committed lives until store_close, so one store
 *          can outlive several simulated processes, as a directory would.
 * Cost     Reads O(log n), an insertion O(n) pointer moves: meant for up to some 10^5 keys.
 * Scans    Look their place up again at each step, so commits in between are seen and do no harm.
 * Failures store_memory_fail makes one write of the future fail; by the contract of store.h the
 * store then refuses further writes. store_memory_recover is closing and opening it again.
 */
#ifndef XUNFANG_BASE_STORE_STORE_MEMORY_H
#define XUNFANG_BASE_STORE_STORE_MEMORY_H

#include "base/store/store.h"

/* The n-th commit, wipe or sync from now on (from 1) fails with `status`; 0: none does. */
void store_memory_fail(struct store *store, uint64_t nth, enum status status);
void store_memory_recover(struct store *store);
/* Writes so far, failed ones included: how many values of n are worth trying. */
uint64_t store_memory_writes(const struct store *store);
size_t store_memory_size(const struct store *store);

#endif
