/*
 * textset: a sorted set of texts and its printed form "a|b|c".
 *
 * Use     textset_init, textset_add (or textset_add_joined for a printed set), textset_join.
 * Form    Elements sorted by bytes, each once, none empty. A '|' inside an element is printed as
 *         '/', control characters as spaces, so the form can always be split again.
 * Memory  Elements are borrowed: their owners outlive the set. textset_fini frees the set alone.
 * Limit   TEXTSET_MAX elements added; more are left out of the set.
 */
#ifndef XUNFANG_AGGREGATOR_TEXTSET_H
#define XUNFANG_AGGREGATOR_TEXTSET_H

#include "aggregator/rows.h"
#include "base/util/buf.h"

enum { TEXTSET_MAX = 10000 };

struct textset {
    struct rows items;
};

void textset_init(struct textset *set);
void textset_fini(struct textset *set);
void textset_clear(struct textset *set);
void textset_add(struct textset *set, struct slice text);
/* Every element of a printed set. */
void textset_add_joined(struct textset *set, struct slice joined);
/* Appends the printed form. STATUS_NOMEM if an element was lost for want of memory. */
CHECKED enum status textset_join(struct textset *set, struct buf *out, struct error *err);
/* Is `text` an element of a printed set? */
bool textset_joined_has(struct slice joined, struct slice text);

#endif
