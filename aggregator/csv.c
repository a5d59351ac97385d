#include "aggregator/csv.h"

#include "base/util/civil.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { NUMBER_TEXT_MAX = 64, DECIMALS = 6 };

struct csv csv_begin(struct buf *out, const char *header)
{
    buf_puts(out, header);
    buf_putc(out, '\n');
    return (struct csv){.out = out};
}

/* A comma in front of every field but a row's first. */
static void separate(struct csv *csv)
{
    if (csv->started)
        buf_putc(csv->out, ',');
    csv->started = true;
}

/* White space at an end would be lost in many readers. */
static bool wants_quotes(struct slice text)
{
    if (text.size == 0)
        return false;
    if (strchr(" \t", text.data[0]) != NULL || strchr(" \t", text.data[text.size - 1]) != NULL)
        return true;
    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] == '"' || text.data[i] == ',' || text.data[i] == '\n' ||
            text.data[i] == '\r')
            return true;
    return false;
}

void csv_text(struct csv *csv, struct slice text)
{
    separate(csv);
    if (!wants_quotes(text)) {
        buf_append(csv->out, text);
        return;
    }
    buf_putc(csv->out, '"');
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] == '"')
            buf_putc(csv->out, '"');
        buf_putc(csv->out, text.data[i]);
    }
    buf_putc(csv->out, '"');
}

void csv_uint(struct csv *csv, uint64_t number)
{
    separate(csv);
    buf_printf(csv->out, "%llu", (unsigned long long) number);
}

void csv_maybe_uint(struct csv *csv, bool known, uint64_t number)
{
    if (known)
        csv_uint(csv, number);
    else
        csv_text(csv, (struct slice){NULL, 0});
}

/* printf rounds to even on the exact value, the same on every machine with IEEE doubles. */
void number_put(struct buf *out, double number, const char *missing)
{
    char text[NUMBER_TEXT_MAX];
    size_t size;

    if (!isfinite(number) || fabs(number) > 1e15) {
        buf_puts(out, missing);
        return;
    }
    size = (size_t) snprintf(text, sizeof text, "%.*f", DECIMALS, number);
    while (text[size - 1] == '0')
        size--;
    if (text[size - 1] == '.')
        size--;
    buf_append(out, size == 2 && memcmp(text, "-0", 2) == 0 ? SLICE("0") : slice_of(text, size));
}

void csv_number(struct csv *csv, double number)
{
    separate(csv);
    number_put(csv->out, number, "");
}

void csv_day(struct csv *csv, int32_t day)
{
    char text[CIVIL_TEXT_SIZE];

    csv_text(csv, slice_from(civil_text(day, text)));
}

void csv_end(struct csv *csv)
{
    buf_putc(csv->out, '\n');
    csv->started = false;
}

/* ---- reading ---- */

/* A quoted field: its text without the outer quotes, doubled quotes halved. The text ends within
 * the quotes: the row is none. */
static bool read_quoted(struct slice *text, struct buf *memory, struct slice *field)
{
    size_t from = memory->size, i = 1;

    for (; i < text->size; i++) {
        if (text->data[i] != '"') {
            buf_putc(memory, text->data[i]);
            continue;
        }
        if (i + 1 >= text->size || text->data[i + 1] != '"')
            break;
        buf_putc(memory, '"');
        i++;
    }
    if (i >= text->size)
        return false;
    *text = slice_sub(*text, i + 1, text->size);
    *field = slice_sub(buf_slice(memory), from, memory->size - from);
    return true;
}

static void read_plain(struct slice *text, struct slice *field)
{
    size_t size = 0;

    while (size < text->size && text->data[size] != ',' && text->data[size] != '\n')
        size++;
    *field = slice_sub(*text, 0, size);
    *text = slice_sub(*text, size, text->size);
}

bool csv_next(struct slice *text, struct buf *memory, struct csv_row *row, struct error *err)
{
    row->count = 0;
    buf_reset(memory);
    /* All room at once, so that fields read into it stay where they are. */
    if (text->size == 0 || buf_reserve(memory, text->size) == NULL)
        return false;
    for (;;) {
        if (row->count == CSV_FIELDS_MAX)
            break;
        if (text->size > 0 && text->data[0] == '"') {
            if (!read_quoted(text, memory, &row->fields[row->count++]))
                break;
        } else {
            read_plain(text, &row->fields[row->count++]);
        }
        if (text->size == 0 || (text->data[0] != ',' && text->data[0] != '\n'))
            break;
        bool last = text->data[0] == '\n';
        *text = slice_sub(*text, 1, text->size);
        if (last)
            return true;
    }
    status_ignore(error_set(err, STATUS_INVALID, "a row of CSV has a bad field %zu", row->count));
    return false;
}
