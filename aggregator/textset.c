#include "aggregator/textset.h"

#include <stdlib.h>

void textset_init(struct textset *set)
{
    rows_init(&set->items, sizeof(struct slice), TEXTSET_MAX);
}

void textset_fini(struct textset *set)
{
    rows_fini(&set->items);
}

/* Failures are one set's: an element too many in one must not spoil the next. */
void textset_clear(struct textset *set)
{
    set->items.count = 0;
    set->items.failure = STATUS_OK;
}

void textset_add(struct textset *set, struct slice text)
{
    struct slice *item = text.size == 0 ? NULL : rows_add(&set->items);

    if (item != NULL)
        *item = text;
}

void textset_add_joined(struct textset *set, struct slice joined)
{
    while (joined.size > 0)
        textset_add(set, slice_split(&joined, '|'));
}

static int compare(const void *a, const void *b)
{
    return slice_compare(*(const struct slice *) a, *(const struct slice *) b);
}

/* What would break the printed form is replaced, not refused: titles come from pages. */
static void put_element(struct buf *out, struct slice text)
{
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];

        if (c == '|')
            c = '/';
        else if ((unsigned char) c < 0x20 || c == 0x7F)
            c = ' ';
        buf_putc(out, c);
    }
}

enum status textset_join(struct textset *set, struct buf *out, struct error *err)
{
    const struct slice *items = set->items.data;
    bool first = true;

    /* Too many elements are no failure: they are left out, as the header says. */
    if (set->items.failure == STATUS_NOMEM)
        return rows_status(&set->items, "texts of a list", err);
    if (set->items.count > 0)
        qsort(set->items.data, set->items.count, sizeof *items, compare);
    for (size_t i = 0; i < set->items.count; i++) {
        if (i > 0 && slice_equal(items[i], items[i - 1]))
            continue;
        if (!first)
            buf_putc(out, '|');
        first = false;
        put_element(out, items[i]);
    }
    return buf_status(out, err);
}

bool textset_joined_has(struct slice joined, struct slice text)
{
    while (joined.size > 0)
        if (slice_equal(slice_split(&joined, '|'), text))
            return true;
    return false;
}
