#include "aggregator/table_reader.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBER_TEXT_MAX = 64 };

enum status table_reader_open(struct table_reader *reader, const struct results *results,
                              const char *file, struct error *err)
{
    const struct table *table = table_find(file);
    enum status status;

    ENSURE(table != NULL);
    buf_init(&reader->text, TABLE_BYTES_MAX);
    buf_init(&reader->header_memory, TABLE_BYTES_MAX);
    buf_init(&reader->memory, TABLE_BYTES_MAX);
    table->render(results, &reader->text);
    reader->rest = buf_slice(&reader->text);
    status = buf_status(&reader->text, err);
    if (status == STATUS_OK &&
        !csv_next(&reader->rest, &reader->header_memory, &reader->header, err))
        status = STATUS_NOMEM;
    if (status != STATUS_OK)
        table_reader_close(reader);
    return status;
}

void table_reader_close(struct table_reader *reader)
{
    buf_fini(&reader->text);
    buf_fini(&reader->header_memory);
    buf_fini(&reader->memory);
}

/* A row that cannot be read ends the table like its last; the counts that are compared then
 * tell. */
bool table_reader_next(struct table_reader *reader)
{
    return csv_next(&reader->rest, &reader->memory, &reader->row, NULL);
}

/* By name: the checks must not depend on the order of columns. */
struct slice table_text(const struct table_reader *reader, const char *column)
{
    size_t i = 0;

    while (i < reader->header.count && !slice_equal(reader->header.fields[i], slice_from(column)))
        i++;
    ENSURE(i < reader->row.count);
    return reader->row.fields[i];
}

uint64_t table_uint(const struct table_reader *reader, const char *column)
{
    uint64_t number = 0;

    status_ignore(slice_to_uint(table_text(reader, column), 0, UINT64_MAX, &number, NULL));
    return number;
}

double table_number(const struct table_reader *reader, const char *column)
{
    struct slice text = table_text(reader, column);
    char copy[NUMBER_TEXT_MAX];

    if (text.size == 0 || text.size >= sizeof copy)
        return NAN;
    memcpy(copy, text.data, text.size);
    copy[text.size] = '\0';
    return strtod(copy, NULL);
}
