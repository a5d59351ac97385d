/*
 * strings: texts kept once, named by 32-bit numbers, so that tables of documents stay small.
 *
 * Names    0 is the empty text. Equal texts put by strings_put have equal numbers; strings_append
 *          never looks for an equal one (for texts that hardly repeat, such as URLs).
 * Order    Numbers follow arrival and mean nothing: sort by the texts before anything is printed.
 * Memory   A slice from strings_get is valid until the next put or append. 5 bytes a text beside
 *          it, and 4 to 8 for one that was put.
 * Failure  Sticky: after it every put returns 0 and strings_status the cause. At most 4 GiB in all.
 */
#ifndef XUNFANG_AGGREGATOR_STRINGS_H
#define XUNFANG_AGGREGATOR_STRINGS_H

#include "base/util/slice.h"

struct strings;

/* NULL when memory is out. */
struct strings *strings_create(void);
/* NULL is fine. */
void strings_destroy(struct strings *strings);

uint32_t strings_put(struct strings *strings, struct slice text);
uint32_t strings_append(struct strings *strings, struct slice text);
struct slice strings_get(const struct strings *strings, uint32_t name);
/* The number of a text put before; 0 if there is none. */
uint32_t strings_find(const struct strings *strings, struct slice text);
CHECKED enum status strings_status(const struct strings *strings, struct error *err);

#endif
