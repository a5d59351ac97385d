/*
 * All texts stand in one block, one behind the other; a table of slots finds those that were put,
 * appended ones are in no slot. The block may move when it grows, which is why a slice is only good
 * until the next put.
 */
#include "aggregator/strings.h"

#include <stdlib.h>
#include <string.h>

enum { STRINGS_FIRST_BYTES = 4096, STRINGS_FIRST_SLOTS = 256 };

/* A text stands in `bytes` as its size (4 bytes), itself, and a NUL; its number is where it
 * begins. */
struct strings {
    char *bytes;
    size_t size;
    size_t capacity;
    uint32_t *slots; /* open addressing, linear; 0 is free */
    size_t slot_count;
    size_t used;
    enum status failure;
};

struct strings *strings_create(void)
{
    struct strings *strings = calloc(1, sizeof *strings);

    if (strings == NULL)
        return NULL;
    strings->bytes = calloc(1, STRINGS_FIRST_BYTES);
    strings->slots = calloc(STRINGS_FIRST_SLOTS, sizeof *strings->slots);
    if (strings->bytes == NULL || strings->slots == NULL) {
        strings_destroy(strings);
        return NULL;
    }
    strings->capacity = STRINGS_FIRST_BYTES;
    strings->slot_count = STRINGS_FIRST_SLOTS;
    strings->size = sizeof(uint32_t) + 1; /* the empty text at 0 */
    return strings;
}

void strings_destroy(struct strings *strings)
{
    if (strings == NULL)
        return;
    free(strings->bytes);
    free(strings->slots);
    free(strings);
}

/* FNV-1a (Fowler, Noll, Vo), 64 bits. */
static uint64_t hash_of(struct slice text)
{
    uint64_t hash = 14695981039346656037U;

    for (size_t i = 0; i < text.size; i++)
        hash = (hash ^ (unsigned char) text.data[i]) * 1099511628211U;
    /* The slot is taken from the low bits: the high ones are folded into them. */
    return hash ^ (hash >> 32);
}

struct slice strings_get(const struct strings *strings, uint32_t name)
{
    uint32_t size;

    ENSURE(name < strings->size);
    memcpy(&size, strings->bytes + name, sizeof size);
    return slice_of(strings->bytes + name + sizeof size, size);
}

/* The slot that holds the text, or the free one where it belongs. The count of slots is a power of
 * two, so the mask is its remainder. */
static size_t slot_of(const struct strings *strings, struct slice text)
{
    size_t slot = hash_of(text) & (strings->slot_count - 1);

    while (strings->slots[slot] != 0 &&
           !slice_equal(strings_get(strings, strings->slots[slot]), text))
        slot = (slot + 1) & (strings->slot_count - 1);
    return slot;
}

/* Texts are named by 32 bits: past 4 GiB a name would lie. */
static bool grow_bytes(struct strings *strings, size_t needed)
{
    size_t capacity = strings->capacity;
    char *bytes;

    while (capacity < needed)
        capacity += capacity / 2;
    bytes = needed > UINT32_MAX ? NULL : realloc(strings->bytes, capacity);
    if (bytes == NULL) {
        strings->failure = needed > UINT32_MAX ? STATUS_TOO_LARGE : STATUS_NOMEM;
        return false;
    }
    strings->bytes = bytes;
    strings->capacity = capacity;
    return true;
}

/* The size stands in front of the text, since texts may hold NULs. */
uint32_t strings_append(struct strings *strings, struct slice text)
{
    size_t needed = strings->size + sizeof(uint32_t) + text.size + 1;
    uint32_t name = (uint32_t) strings->size;
    uint32_t size = (uint32_t) text.size;

    if (strings->failure != STATUS_OK || text.size == 0)
        return 0;
    if (needed > strings->capacity && !grow_bytes(strings, needed))
        return 0;
    memcpy(strings->bytes + name, &size, sizeof size);
    memcpy(strings->bytes + name + sizeof size, text.data, text.size);
    strings->bytes[needed - 1] = '\0';
    strings->size = needed;
    return name;
}

static bool grow_slots(struct strings *strings)
{
    uint32_t *old = strings->slots;
    size_t count = strings->slot_count;

    strings->slots = calloc(count * 2, sizeof *old);
    if (strings->slots == NULL) {
        strings->slots = old;
        strings->failure = STATUS_NOMEM;
        return false;
    }
    strings->slot_count = count * 2;
    for (size_t i = 0; i < count; i++)
        if (old[i] != 0)
            strings->slots[slot_of(strings, strings_get(strings, old[i]))] = old[i];
    free(old);
    return true;
}

uint32_t strings_find(const struct strings *strings, struct slice text)
{
    return text.size == 0 ? 0 : strings->slots[slot_of(strings, text)];
}

uint32_t strings_put(struct strings *strings, struct slice text)
{
    uint32_t name = strings_find(strings, text);

    if (name != 0 || text.size == 0 || strings->failure != STATUS_OK)
        return name;
    /* Linear probing stays short up to three quarters. */
    if (strings->used * 4 >= strings->slot_count * 3 && !grow_slots(strings))
        return 0;
    name = strings_append(strings, text);
    if (name == 0)
        return 0;
    strings->slots[slot_of(strings, text)] = name;
    strings->used++;
    return name;
}

enum status strings_status(const struct strings *strings, struct error *err)
{
    if (strings->failure == STATUS_OK)
        return STATUS_OK;
    return error_set(err, strings->failure, "texts of the documents: %s",
                     status_text(strings->failure));
}
