#include "extractor/rows.h"

#include <stdio.h>
#include <stdlib.h>

static enum status read_file(const char *path, size_t limit, char *text, size_t *size,
                             struct error *err)
{
    FILE *file = fopen(path, "rb");
    enum status status = STATUS_OK;

    if (file == NULL)
        return error_set(err, STATUS_NOT_FOUND, "cannot open %s", path);
    /* One byte more than allowed tells a file that is too long. */
    *size = fread(text, 1, limit + 1, file);
    if (ferror(file) || *size > limit)
        status = error_set(err, STATUS_INVALID, "%s: unreadable or too large", path);
    (void) fclose(file);
    return status;
}

static enum status parse(const char *path, struct slice rest, const struct rows_handler *handler,
                         struct error *err)
{
    enum status status = STATUS_OK;
    unsigned number = 0;
    bool header = true;

    while (rest.data != NULL && status == STATUS_OK) {
        struct slice line = slice_split(&rest, '\n');

        number++;
        if (line.size == 0 || line.data[0] == '#')
            continue;
        if (!header)
            status = handler->on_row(handler->self, line, err);
        header = false;
    }
    /* A handler knows its cells; file and line are known here alone. */
    if (status != STATUS_OK)
        return error_prefix(err, status, "%s: line %u", path, number);
    return STATUS_OK;
}

enum status rows_read(const char *path, size_t limit, const struct rows_handler *handler,
                      char **text, struct error *err)
{
    size_t size = 0;
    enum status status;

    *text = malloc(limit + 1);
    if (*text == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for %s", path);
    status = read_file(path, limit, *text, &size, err);
    return status == STATUS_OK ? parse(path, slice_of(*text, size), handler, err) : status;
}
