/*
 * fields_near: what somebody who wrote an unknown field probably meant.
 *
 * Near   At most two letters inserted, left out or changed (Levenshtein 1965, by bytes); of equally
 *        near names the first of the table. Names over 40 bytes are near to nothing.
 */
#ifndef XUNFANG_BASE_FIELDS_NEAR_H
#define XUNFANG_BASE_FIELDS_NEAR_H

#include "base/fields.h"

/* NULL: no name of the table is near. */
const char *fields_nearest(const struct field_table *table, struct slice name);

#endif
