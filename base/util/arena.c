#include "base/util/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ARENA_MAGIC = 0x4172656e, ARENA_BLOCK = 16 * 1024, ARENA_ALIGN = 16 };

struct block {
    struct block *next;
    size_t size;
    size_t used;
    _Alignas(ARENA_ALIGN) char bytes[];
};

struct hook {
    struct hook *next;
    void (*run)(void *object);
    void *object;
};

struct arena {
    unsigned magic;
    size_t limit;
    size_t total;
    size_t used;
    struct block *blocks; /* newest first; the last one is the block kept by reset */
    struct hook *hooks;
};

struct arena *arena_create(size_t limit)
{
    struct arena *arena = calloc(1, sizeof *arena);

    if (arena == NULL)
        return NULL;
    arena->magic = ARENA_MAGIC;
    arena->limit = limit;
    return arena;
}

static void run_hooks(struct arena *arena)
{
    while (arena->hooks != NULL) {
        struct hook *hook = arena->hooks;
        arena->hooks = hook->next;
        hook->run(hook->object);
    }
}

/* Frees blocks until at most `keep` is left. */
static void drop_blocks(struct arena *arena, size_t keep)
{
    while (arena->blocks != NULL && (keep == 0 || arena->blocks->next != NULL)) {
        struct block *block = arena->blocks;
        arena->blocks = block->next;
        arena->total -= block->size;
        free(block);
    }
}

void arena_destroy(struct arena *arena)
{
    if (arena == NULL)
        return;
    ENSURE(arena->magic == ARENA_MAGIC);
    run_hooks(arena);
    drop_blocks(arena, 0);
    arena->magic = 0;
    free(arena);
}

void arena_reset(struct arena *arena)
{
    ENSURE(arena->magic == ARENA_MAGIC);
    run_hooks(arena);
    drop_blocks(arena, 1);
    if (arena->blocks != NULL)
        arena->blocks->used = 0;
    arena->used = 0;
}

static struct block *add_block(struct arena *arena, size_t size)
{
    struct block *block;

    if (size < ARENA_BLOCK)
        size = ARENA_BLOCK;
    if (arena->limit - arena->total < size)
        return NULL;
    block = malloc(sizeof *block + size);
    if (block == NULL)
        return NULL;
    block->size = size;
    block->used = 0;
    block->next = arena->blocks;
    arena->blocks = block;
    arena->total += size;
    return block;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    struct block *block = arena->blocks;
    void *result;

    ENSURE(arena->magic == ARENA_MAGIC);
    if (size > SIZE_MAX - ARENA_ALIGN)
        return NULL;
    size = (size + ARENA_ALIGN - 1) / ARENA_ALIGN * ARENA_ALIGN;
    if (block == NULL || block->size - block->used < size)
        block = add_block(arena, size);
    if (block == NULL)
        return NULL;
    result = block->bytes + block->used;
    block->used += size;
    arena->used += size;
    return memset(result, 0, size);
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size)
        return NULL;
    return arena_alloc(arena, count * size);
}

struct slice arena_copy(struct arena *arena, struct slice bytes)
{
    char *copy = bytes.size == SIZE_MAX ? NULL : arena_alloc(arena, bytes.size + 1);

    if (copy == NULL)
        return (struct slice){NULL, 0};
    if (bytes.size > 0)
        memcpy(copy, bytes.data, bytes.size);
    return (struct slice){copy, bytes.size};
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
    va_list args;
    char *text;
    int size;

    va_start(args, format);
    size = vsnprintf(NULL, 0, format, args);
    va_end(args);
    ENSURE(size >= 0);
    text = arena_alloc(arena, (size_t) size + 1);
    if (text == NULL)
        return NULL;
    va_start(args, format);
    (void) vsnprintf(text, (size_t) size + 1, format, args);
    va_end(args);
    return text;
}

bool arena_on_reset(struct arena *arena, void (*run)(void *object), void *object)
{
    struct hook *hook = arena_alloc(arena, sizeof *hook);

    if (hook == NULL)
        return false;
    hook->run = run;
    hook->object = object;
    hook->next = arena->hooks;
    arena->hooks = hook;
    return true;
}

size_t arena_used(const struct arena *arena)
{
    return arena->used;
}
