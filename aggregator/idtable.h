/*
 * idtable: finds the row of an id: a hash index of 4-byte slots over rows that begin with their id.
 *
 * Use     The rows' element type has a struct id as its first member. idtable_add after the row was
 *         added and its id set; idtable_find any time.
 * Set     Over rows of plain struct id it is a set: idset_add does both.
 * Memory  6 bytes a row on average; the rows stay the caller's.
 * Ids     are cut SHA-256 (base/util/hash.h), so their own first bytes serve as the hash.
 */
#ifndef XUNFANG_AGGREGATOR_IDTABLE_H
#define XUNFANG_AGGREGATOR_IDTABLE_H

#include "aggregator/rows.h"
#include "base/util/hash.h"

struct idtable {
    const struct rows *rows;
    uint32_t *slots; /* index + 1; 0 is free */
    size_t slot_count;
};

/* `rows` must stay where it is. */
void idtable_init(struct idtable *table, const struct rows *rows);
void idtable_fini(struct idtable *table);
/* Makes the last row findable. */
CHECKED enum status idtable_add(struct idtable *table, struct error *err);
/* The row's index, or SIZE_MAX. */
size_t idtable_find(const struct idtable *table, struct id id);

/* A set of ids, in order of arrival. */
struct idset {
    struct rows ids;
    struct idtable table;
};

void idset_init(struct idset *set);
void idset_fini(struct idset *set);
/* *added tells whether it is new; may be NULL. */
CHECKED enum status idset_add(struct idset *set, struct id id, bool *added, struct error *err);
bool idset_has(const struct idset *set, struct id id);
/* How many of `a` are not in `b`; the first of them goes to *example. */
size_t idset_missing(const struct idset *a, const struct idset *b, struct id *example);

#endif
