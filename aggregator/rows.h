/*
 * rows: a growing array of equal elements with a limit.
 *
 * Use     rows_init, any number of rows_add, rows_at; rows_fini frees.
 * Memory  Adding may move the elements: a pointer is valid until the next rows_add.
 * Limit   Given at birth; past it, and when memory is out, rows_add returns NULL and rows_status
 *         says which, for good.
 */
#ifndef XUNFANG_AGGREGATOR_ROWS_H
#define XUNFANG_AGGREGATOR_ROWS_H

#include "base/util/slice.h"

struct rows {
    void *data;
    size_t element; /* bytes of one */
    size_t count;
    size_t capacity;
    size_t limit; /* most elements */
    enum status failure;
};

/* No allocation yet. */
void rows_init(struct rows *rows, size_t element, size_t limit);
/* May be called twice, and on a zeroed struct. */
void rows_fini(struct rows *rows);
/* One more element, zeroed. */
void *rows_add(struct rows *rows);
/* The element at `index`, which must exist. */
void *rows_at(const struct rows *rows, size_t index);
/* STATUS_OK, STATUS_TOO_LARGE or STATUS_NOMEM; the message names `what`. */
CHECKED enum status rows_status(const struct rows *rows, const char *what, struct error *err);

#endif
