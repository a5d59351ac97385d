/*
 * torture_alloc: allocations that fail on order, and a count of what is not freed.
 *
 * Reach    malloc, calloc, realloc, strdup, strndup and free of everything linked statically, by
 *          the linker's --wrap.
 * Order    torture_alloc_fail(n, forever): the n-th allocation from now on fails, and if `forever`
 *          every later one too. 0: none does.
 */
#ifndef XUNFANG_TESTS_TORTURE_ALLOC_H
#define XUNFANG_TESTS_TORTURE_ALLOC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void torture_alloc_fail(uint64_t nth, bool forever);
/* Has an allocation failed since the last order? */
bool torture_alloc_failed(void);
/* Allocations that are not freed. */
int64_t torture_alloc_live(void);

#endif
