#include "base/worker_skips.h"

enum { SKIPS_MEMORY_MAX = 1024 * 1024 };

static bool copy(struct skips *skips, const struct record_source *positions, size_t count)
{
    skips->arena = arena_create(SKIPS_MEMORY_MAX);
    if (skips->arena == NULL)
        return false;
    skips->positions = arena_array(skips->arena, count, sizeof *positions);
    if (skips->positions == NULL)
        return false;
    for (size_t i = 0; i < count; i++) {
        skips->positions[i] = positions[i];
        skips->positions[i].topic = arena_copy(skips->arena, positions[i].topic);
        if (skips->positions[i].topic.data == NULL)
            return false;
    }
    skips->count = count;
    return true;
}

enum status skips_init(struct skips *skips, const struct record_source *positions, size_t count,
                       struct error *err)
{
    *skips = (struct skips){NULL, NULL, 0};
    if (copy(skips, positions, count))
        return STATUS_OK;
    return error_set(err, STATUS_NOMEM, "no memory for %zu skips", count);
}

void skips_fini(struct skips *skips)
{
    arena_destroy(skips->arena);
    *skips = (struct skips){NULL, NULL, 0};
}

bool skips_contain(const struct skips *skips, struct record_source position)
{
    for (size_t i = 0; i < skips->count; i++)
        if (skips->positions[i].partition == position.partition &&
            skips->positions[i].offset == position.offset &&
            slice_equal(skips->positions[i].topic, position.topic))
            return true;
    return false;
}
