#include "aggregator/rows.h"

#include <stdlib.h>
#include <string.h>

enum { ROWS_FIRST_CAPACITY = 16 };

void rows_init(struct rows *rows, size_t element, size_t limit)
{
    ENSURE(element > 0);
    *rows = (struct rows){.element = element, .limit = limit};
}

void rows_fini(struct rows *rows)
{
    free(rows->data);
    rows->data = NULL;
    rows->count = rows->capacity = 0;
}

/* By half: the last doubling of a large table would not fit beside it. */
static bool grow(struct rows *rows)
{
    size_t capacity = rows->capacity == 0 ? ROWS_FIRST_CAPACITY : rows->capacity * 3 / 2;
    void *data;

    if (capacity > rows->limit)
        capacity = rows->limit;
    data =
        capacity > SIZE_MAX / rows->element ? NULL : realloc(rows->data, capacity * rows->element);
    if (data == NULL) {
        rows->failure = STATUS_NOMEM;
        return false;
    }
    rows->data = data;
    rows->capacity = capacity;
    return true;
}

void *rows_add(struct rows *rows)
{
    void *added;

    if (rows->failure != STATUS_OK)
        return NULL;
    if (rows->count >= rows->limit) {
        rows->failure = STATUS_TOO_LARGE;
        return NULL;
    }
    if (rows->count == rows->capacity && !grow(rows))
        return NULL;
    added = (char *) rows->data + rows->count++ * rows->element;
    memset(added, 0, rows->element);
    return added;
}

void *rows_at(const struct rows *rows, size_t index)
{
    ENSURE(index < rows->count);
    return (char *) rows->data + index * rows->element;
}

enum status rows_status(const struct rows *rows, const char *what, struct error *err)
{
    if (rows->failure == STATUS_TOO_LARGE)
        return error_set(err, STATUS_TOO_LARGE, "more than %zu %s", rows->limit, what);
    if (rows->failure != STATUS_OK)
        return error_set(err, rows->failure, "no memory for %zu %s", rows->count + 1, what);
    return STATUS_OK;
}
