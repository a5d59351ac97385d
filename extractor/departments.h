/*
 * departments: the organs of a city, under one name each.
 *
 * Data      departments.tsv of a codebook: canonical, system, names joined by |. 市 in front of a
 *           name is optional in texts.
 * Output    Of a prefecture the canonical name (市档案局); of a county or district its full name before
 *           it (邳州市城市管理局, 凤阳县委、县政府).
 * Finding   The longest name that begins where the search begins, or up to DEPARTMENTS_SKIP bytes
 *           behind it, in the same clause.
 * Memory    The table owns its text; it never changes after loading and may be shared by threads.
 */
#ifndef XUNFANG_EXTRACTOR_DEPARTMENTS_H
#define XUNFANG_EXTRACTOR_DEPARTMENTS_H

#include "base/util/buf.h"

enum {
    DEPARTMENTS_FILE_MAX = 1 << 20,
    DEPARTMENTS_MAX = 1024,
    DEPARTMENTS_SKIP = 3 /* bytes: 市, 县 and the like between a place and its organ */
};

struct departments;

/* STATUS_INVALID names file and line. */
CHECKED enum status departments_load(const char *path, struct departments **departments,
                                     struct error *err);
/* NULL is fine. */
void departments_destroy(struct departments *departments);

/* The canonical name of the first organ in `text`, data NULL if none begins early enough. */
struct slice departments_find(const struct departments *departments, struct slice text);
/* The canonical name of the organ that `text` names from its first to its last byte; a mark (市, 县,
 * 区) in front is fine. data NULL if it is none. */
struct slice departments_known(const struct departments *departments, struct slice text);
/* Appends the organ as it stands on outputs; `county` is the full name of a county or district,
 * empty for a prefecture. */
void departments_put(struct buf *out, struct slice canonical, struct slice county);

#endif
