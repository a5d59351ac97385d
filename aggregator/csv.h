/*
 * csv: rows of RFC 4180 text, as every table of the output folder is written.
 *
 * Form     UTF-8 without byte-order mark, LF, a field in quotes only where it holds a quote, a
 *          comma, a line break, or white space at an end. Unknown is an empty field.
 * Numbers  At most 6 decimals, no zeros at the end, no exponent, never "-0"; not finite: empty.
 * Safety   A field of text that a spreadsheet would take for a formula (it begins with = + - @, a
 *          tab or a return) is written as it is: the tables are data. results.sqlite is there for
 *          spreadsheets.
 * Use      csv_begin, fields, csv_end; errors stick to the buf.
 * Reading  csv_next takes such text apart again, for checks and tests.
 */
#ifndef XUNFANG_AGGREGATOR_CSV_H
#define XUNFANG_AGGREGATOR_CSV_H

#include "base/util/buf.h"

enum { CSV_FIELDS_MAX = 40 };

struct csv {
    struct buf *out;
    bool started; /* this row has a field already */
};

/* A writer whose first row is the header: names separated by commas. */
struct csv csv_begin(struct buf *out, const char *header);
void csv_text(struct csv *csv, struct slice text);
void csv_uint(struct csv *csv, uint64_t number);
/* `known` false: empty. */
void csv_maybe_uint(struct csv *csv, bool known, uint64_t number);
void csv_number(struct csv *csv, double number);
void csv_day(struct csv *csv, int32_t day);
void csv_end(struct csv *csv);

/* The number as csv_number writes it; `missing` stands for one that is not finite. */
void number_put(struct buf *out, double number, const char *missing);

struct csv_row {
    struct slice fields[CSV_FIELDS_MAX];
    size_t count;
};

/* Cuts the next row off *text; unquoted text goes to `memory`, which must have room for all of
 * it and is reset by each call. false at the end, or (with *err filled) if the row is none. */
bool csv_next(struct slice *text, struct buf *memory, struct csv_row *row, struct error *err);

#endif
