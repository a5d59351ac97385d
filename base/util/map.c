#include "base/util/map.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum { MAP_FIRST_SLOTS = 16 };

struct slot {
    uint64_t hash;
    char *key; /* NULL: empty */
    size_t key_size;
    void *value;
};

struct map {
    struct slot *slots; /* open addressing, linear probing; slot_count is a power of two */
    size_t slot_count;
    size_t size;
};

struct map *map_create(void)
{
    struct map *map = calloc(1, sizeof *map);

    if (map == NULL)
        return NULL;
    map->slots = calloc(MAP_FIRST_SLOTS, sizeof *map->slots);
    if (map->slots == NULL) {
        free(map);
        return NULL;
    }
    map->slot_count = MAP_FIRST_SLOTS;
    return map;
}

void map_destroy(struct map *map)
{
    if (map == NULL)
        return;
    for (size_t i = 0; i < map->slot_count; i++)
        free(map->slots[i].key);
    free(map->slots);
    free(map);
}

size_t map_size(const struct map *map)
{
    return map->size;
}

/* The key's slot, or the empty one where it would go. */
static size_t find_slot(const struct map *map, struct slice key, uint64_t hash)
{
    size_t mask = map->slot_count - 1;
    size_t at = (size_t) hash & mask;

    for (;; at = (at + 1) & mask) {
        const struct slot *slot = &map->slots[at];
        if (slot->key == NULL)
            return at;
        if (slot->hash == hash && slice_equal(slice_of(slot->key, slot->key_size), key))
            return at;
    }
}

static enum status grow(struct map *map)
{
    size_t count = map->slot_count * 2;
    struct slot *slots = calloc(count, sizeof *slots);

    if (slots == NULL)
        return STATUS_NOMEM;
    for (size_t i = 0; i < map->slot_count; i++) {
        const struct slot *slot = &map->slots[i];
        size_t at;
        if (slot->key == NULL)
            continue;
        for (at = (size_t) slot->hash & (count - 1); slots[at].key != NULL;)
            at = (at + 1) & (count - 1);
        slots[at] = *slot;
    }
    free(map->slots);
    map->slots = slots;
    map->slot_count = count;
    return STATUS_OK;
}

enum status map_put(struct map *map, struct slice key, void *value)
{
    uint64_t hash = XXH3_64bits(key.data, key.size);
    struct slot *slot;
    char *copy;

    ENSURE(value != NULL);
    if ((map->size + 1) * 4 > map->slot_count * 3 && grow(map) != STATUS_OK)
        return STATUS_NOMEM;
    slot = &map->slots[find_slot(map, key, hash)];
    if (slot->key != NULL) {
        slot->value = value;
        return STATUS_OK;
    }
    copy = malloc(key.size + 1);
    if (copy == NULL)
        return STATUS_NOMEM;
    if (key.size > 0)
        memcpy(copy, key.data, key.size);
    copy[key.size] = '\0';
    slot->hash = hash;
    slot->key = copy;
    slot->key_size = key.size;
    slot->value = value;
    map->size++;
    return STATUS_OK;
}

void *map_get(const struct map *map, struct slice key)
{
    const struct slot *slot = &map->slots[find_slot(map, key, XXH3_64bits(key.data, key.size))];

    return slot->key == NULL ? NULL : slot->value;
}

void *map_remove(struct map *map, struct slice key)
{
    size_t mask = map->slot_count - 1;
    size_t hole = find_slot(map, key, XXH3_64bits(key.data, key.size));
    void *value;

    if (map->slots[hole].key == NULL)
        return NULL;
    value = map->slots[hole].value;
    free(map->slots[hole].key);
    map->size--;
    /* Close the gap: move back each follower whose home is not behind the hole. */
    for (size_t at = (hole + 1) & mask; map->slots[at].key != NULL; at = (at + 1) & mask) {
        size_t home = (size_t) map->slots[at].hash & mask;
        if (((at - home) & mask) < ((at - hole) & mask))
            continue;
        map->slots[hole] = map->slots[at];
        hole = at;
    }
    map->slots[hole].key = NULL;
    return value;
}

bool map_next(const struct map *map, size_t *cursor, struct slice *key, void **value)
{
    for (; *cursor < map->slot_count; (*cursor)++) {
        const struct slot *slot = &map->slots[*cursor];
        if (slot->key == NULL)
            continue;
        if (key != NULL)
            *key = slice_of(slot->key, slot->key_size);
        if (value != NULL)
            *value = slot->value;
        (*cursor)++;
        return true;
    }
    return false;
}
