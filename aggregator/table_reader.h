/*
 * table_reader: a rendered CSV table read back by column names.
 *
 * Use     table_reader_open renders the table; table_reader_next moves to the next row; the column
 *         functions look at it. A column that is not there is a broken promise of ours.
 * Memory  The reader owns text and fields; a slice lives until the next row.
 */
#ifndef XUNFANG_AGGREGATOR_TABLE_READER_H
#define XUNFANG_AGGREGATOR_TABLE_READER_H

#include "aggregator/csv.h"
#include "aggregator/tables.h"

struct table_reader {
    struct buf text;
    struct buf header_memory;
    struct buf memory;
    struct csv_row header;
    struct csv_row row;
    struct slice rest;
};

CHECKED enum status table_reader_open(struct table_reader *reader, const struct results *results,
                                      const char *file, struct error *err);
void table_reader_close(struct table_reader *reader);
/* false at the end. */
bool table_reader_next(struct table_reader *reader);
struct slice table_text(const struct table_reader *reader, const char *column);
uint64_t table_uint(const struct table_reader *reader, const char *column);
/* NAN if empty. */
double table_number(const struct table_reader *reader, const char *column);

#endif
