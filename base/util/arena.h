/*
 * arena: memory for one unit of work, freed as a whole.
 *
 * Use      One arena a message; arena_reset between messages keeps the first block.
 * Limit    Given at birth; past it, and when malloc fails, arena_alloc returns NULL.
 * Memory   What arena_alloc returns is zeroed, aligned for any type and valid until reset or
 *          destroy. Hooks of arena_on_reset run last in, first out, at reset and destroy: they tie
 *          foreign objects (a parsed tree, a JSON value) to the unit of work.
 * Threads  An arena belongs to one thread.
 */
#ifndef XUNFANG_BASE_UTIL_ARENA_H
#define XUNFANG_BASE_UTIL_ARENA_H

#include "base/util/slice.h"

struct arena;

/* NULL when memory is out. `limit` is the most bytes of all blocks together. */
struct arena *arena_create(size_t limit);
/* NULL is fine. */
void arena_destroy(struct arena *arena);
void arena_reset(struct arena *arena);

CHECKED void *arena_alloc(struct arena *arena, size_t size);
/* count * size with overflow check. */
CHECKED void *arena_array(struct arena *arena, size_t count, size_t size);
/* A copy with a NUL behind it; data is NULL when memory is out. */
struct slice arena_copy(struct arena *arena, struct slice bytes);
/* The text as a C string, or NULL. */
CHECKED char *arena_printf(struct arena *arena, const char *format, ...) PRINTF_LIKE(2, 3);
/* false, and hook not kept, when memory is out: then the caller cleans up itself. */
CHECKED bool arena_on_reset(struct arena *arena, void (*hook)(void *object), void *object);
/* Bytes handed out since the last reset. */
size_t arena_used(const struct arena *arena);

#endif
