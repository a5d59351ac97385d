#include "aggregator/idtable.h"

#include <stdlib.h>
#include <string.h>

enum { IDTABLE_FIRST_SLOTS = 64, IDSET_MAX = 100 * 1000 * 1000 };

void idtable_init(struct idtable *table, const struct rows *rows)
{
    *table = (struct idtable){.rows = rows};
}

void idtable_fini(struct idtable *table)
{
    free(table->slots);
    *table = (struct idtable){.rows = table->rows};
}

static const struct id *id_at(const struct idtable *table, size_t index)
{
    return rows_at(table->rows, index);
}

/* Linear probing; ids are hashes already. Its end is sure: idtable_add leaves a quarter of the
 * slots free. */
static size_t slot_of(const struct idtable *table, const struct id *id)
{
    uint64_t hash;
    size_t slot;

    memcpy(&hash, id->bytes, sizeof hash);
    slot = hash & (table->slot_count - 1);
    while (table->slots[slot] != 0 && !id_equal(*id_at(table, table->slots[slot] - 1), *id))
        slot = (slot + 1) & (table->slot_count - 1);
    return slot;
}

size_t idtable_find(const struct idtable *table, struct id id)
{
    uint32_t found = table->slots == NULL ? 0 : table->slots[slot_of(table, &id)];

    return found == 0 ? SIZE_MAX : found - 1;
}

/* Slots are rebuilt from the rows: they hold the ids. */
static enum status grow(struct idtable *table, struct error *err)
{
    size_t count = table->slot_count == 0 ? IDTABLE_FIRST_SLOTS : table->slot_count * 2;
    uint32_t *slots = calloc(count, sizeof *slots);
    uint32_t *old = table->slots;
    size_t old_count = table->slot_count;

    if (slots == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for an index of ids");
    table->slots = slots;
    table->slot_count = count;
    for (size_t i = 0; i < old_count; i++)
        if (old[i] != 0)
            slots[slot_of(table, id_at(table, old[i] - 1))] = old[i];
    free(old);
    return STATUS_OK;
}

enum status idtable_add(struct idtable *table, struct error *err)
{
    size_t count = table->rows->count;
    enum status status = STATUS_OK;

    ENSURE(count > 0 && count <= UINT32_MAX);
    if (count * 4 > table->slot_count * 3)
        status = grow(table, err);
    if (status == STATUS_OK)
        table->slots[slot_of(table, id_at(table, count - 1))] = (uint32_t) count;
    return status;
}

void idset_init(struct idset *set)
{
    rows_init(&set->ids, sizeof(struct id), IDSET_MAX);
    idtable_init(&set->table, &set->ids);
}

void idset_fini(struct idset *set)
{
    rows_fini(&set->ids);
    idtable_fini(&set->table);
}

enum status idset_add(struct idset *set, struct id id, bool *added, struct error *err)
{
    bool fresh = !idset_has(set, id);
    enum status status = STATUS_OK;

    if (fresh) {
        struct id *row = rows_add(&set->ids);
        if (row == NULL)
            return rows_status(&set->ids, "ids", err);
        *row = id;
        status = idtable_add(&set->table, err);
    }
    if (status == STATUS_OK && added != NULL)
        *added = fresh;
    return status;
}

bool idset_has(const struct idset *set, struct id id)
{
    return idtable_find(&set->table, id) != SIZE_MAX;
}

size_t idset_missing(const struct idset *a, const struct idset *b, struct id *example)
{
    const struct id *ids = a->ids.data;
    size_t missing = 0;

    for (size_t i = 0; i < a->ids.count; i++)
        if (!idset_has(b, ids[i]) && missing++ == 0)
            *example = ids[i];
    return missing;
}
