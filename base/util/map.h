/*
 * map: a hash map from byte keys to pointers.
 *
 * Memory   Keys are copied in; values are the caller's. map_destroy frees keys, not values (walk
 *          them with map_next first).
 * Order    map_next visits in no useful order; sort before anything is printed.
 * Threads  A map belongs to one thread.
 */
#ifndef XUNFANG_BASE_UTIL_MAP_H
#define XUNFANG_BASE_UTIL_MAP_H

#include "base/util/slice.h"

struct map;

/* NULL when memory is out. */
struct map *map_create(void);
/* NULL is fine. */
void map_destroy(struct map *map);
size_t map_size(const struct map *map);

/* Sets or replaces; `value` must not be NULL. STATUS_NOMEM leaves the map as it was. */
CHECKED enum status map_put(struct map *map, struct slice key, void *value);
/* NULL if absent. */
void *map_get(const struct map *map, struct slice key);
/* The value taken out, NULL if absent. */
void *map_remove(struct map *map, struct slice key);
/* Starts with *cursor = 0; false at the end. `key` and `value` may be NULL. The map must not change
 * between calls. */
bool map_next(const struct map *map, size_t *cursor, struct slice *key, void **value);

#endif
