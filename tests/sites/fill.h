/*
 * fill: markup with {names} in it.
 *
 * Names    Lower-case letters in braces; what the callback does not know stays as it is, so the
 *          braces of JSON, scripts and style sheets need no escape.
 */
#ifndef XUNFANG_SITES_FILL_H
#define XUNFANG_SITES_FILL_H

#include "base/util/buf.h"

/* Appends the value of `name`; false if there is no such name. */
typedef bool fill_value(void *self, struct slice name, struct buf *out);

void fill(struct slice frame, fill_value *value, void *self, struct buf *out);

#endif
