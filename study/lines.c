#include "study/lines.h"

#include <string.h>

/* A piece at a time: the buf takes no more than its limit, however long the line is. */
enum { CHUNK = 16384 };

void lines_open(struct lines_reader *reader, FILE *file, size_t limit)
{
    *reader = (struct lines_reader){.file = file};
    buf_init(&reader->line, limit);
}

void lines_close(struct lines_reader *reader)
{
    buf_fini(&reader->line);
}

/* Appends up to the line feed; false at the end of the stream. Past the limit the buf keeps its
 * failure, and the rest of the line is read over. */
static bool read_line(struct lines_reader *reader)
{
    char chunk[CHUNK];
    bool any = false;

    while (fgets(chunk, sizeof chunk, reader->file) != NULL) {
        size_t size = strlen(chunk);

        any = true;
        buf_append(&reader->line, slice_of(chunk, size));
        if (size > 0 && chunk[size - 1] == '\n')
            break;
    }
    return any;
}

enum status lines_next(struct lines_reader *reader, struct slice *line, struct error *err)
{
    enum status status;

    buf_reset(&reader->line);
    if (!read_line(reader)) {
        if (ferror(reader->file))
            return error_set(err, STATUS_IO, "cannot read the input");
        return STATUS_NOT_FOUND;
    }
    reader->number++;
    status = buf_status(&reader->line, err);
    if (status == STATUS_TOO_LARGE)
        return error_set(err, status, "a line of more than %zu bytes", reader->line.limit);
    if (status == STATUS_OK)
        *line = slice_trim(buf_slice(&reader->line));
    return status;
}
