/*
 * schema_check: may programs of this build stand beside those of the last release?
 *
 * Rules    Every field and enum value of the release is still there with its number, type, label
 *          and name, or its number is reserved. A reserved number stays reserved. A message that is
 *          gone altogether has no rules left: the fields that held it have theirs. New fields,
 *          values and messages are free.
 * Whole    Every message of the files has fields in the list, so none is forgotten by it.
 * Lists    As schema_list.h makes them; lines that begin with '#' are comments.
 */
#ifndef XUNFANG_TESTS_SCHEMA_CHECK_H
#define XUNFANG_TESTS_SCHEMA_CHECK_H

#include "base/util/buf.h"

/* How many rules are broken; each is told in one line of `findings`. */
size_t schema_check(struct slice released, struct slice current, struct buf *findings);
/* How many messages of the files have no fields in the list. Empty messages are not allowed. */
size_t schema_check_whole(struct slice current, struct buf *findings);

#endif
