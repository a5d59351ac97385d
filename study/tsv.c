#include "study/tsv.h"

#include <string.h>

/* The next line that is neither empty nor a remark, without its end, NUL put behind it. */
static char *next_line(struct tsv *tsv, size_t *size)
{
    while (tsv->at != NULL && tsv->at < tsv->end) {
        char *line = tsv->at;
        char *stop = memchr(line, '\n', (size_t) (tsv->end - line));
        tsv->line++;
        tsv->at = stop == NULL ? NULL : stop + 1;
        if (stop == NULL)
            stop = tsv->end;
        if (stop > line && stop[-1] == '\r')
            stop--;
        *stop = 0;
        *size = (size_t) (stop - line);
        if (*size > 0 && line[0] != '#')
            return line;
    }
    return NULL;
}

/* Cuts a line at its separators; the number of cells, TSV_COLUMNS_MAX + 1 if there are more. */
static size_t cut(char *line, size_t size, char separator, struct slice *cells)
{
    char *end = line + size;
    size_t count = 0;

    for (;;) {
        char *stop = memchr(line, separator, (size_t) (end - line));
        if (count == TSV_COLUMNS_MAX)
            return TSV_COLUMNS_MAX + 1;
        if (stop == NULL)
            stop = end;
        *stop = 0;
        cells[count++] = slice_of(line, (size_t) (stop - line));
        if (stop == end)
            return count;
        line = stop + 1;
    }
}

enum status tsv_open(struct tsv *tsv, struct slice content, char separator, const char *file,
                     struct error *err)
{
    char *text = (char *) content.data;
    size_t size = content.size;
    size_t length;
    char *line;

    *tsv = (struct tsv){.file = file, .at = text, .end = text + size, .separator = separator};
    /* A byte order mark, which spreadsheets put in front. */
    if (size >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
        tsv->at += 3;
    if (memchr(text, 0, size) != NULL)
        return error_set(err, STATUS_INVALID, "%s: is no text (it holds NUL characters)", file);
    line = next_line(tsv, &length);
    if (line == NULL)
        return error_set(err, STATUS_INVALID, "%s: is empty (a header line is needed)", file);
    tsv->columns = cut(line, length, separator, tsv->names);
    if (tsv->columns > TSV_COLUMNS_MAX)
        return error_set(err, STATUS_TOO_LARGE, "%s:%u: more than %d columns", file, tsv->line,
                         TSV_COLUMNS_MAX);
    return STATUS_OK;
}

enum status tsv_column(const struct tsv *tsv, const char *name, size_t *column, struct error *err)
{
    for (size_t i = 0; i < tsv->columns; i++) {
        if (slice_equal(tsv->names[i], slice_from(name))) {
            *column = i;
            return STATUS_OK;
        }
    }
    return error_set(err, STATUS_INVALID, "%s:1: column '%s' is missing", tsv->file, name);
}

size_t tsv_rows(const struct tsv *tsv)
{
    /* At most so many: remarks and empty lines count too. It is for making room. */
    size_t rows = tsv->at != NULL;

    for (const char *at = tsv->at; at != NULL && at < tsv->end; at++)
        rows += *at == '\n';
    return rows;
}

enum status tsv_next(struct tsv *tsv, bool *more, struct error *err)
{
    size_t length;
    char *line = next_line(tsv, &length);
    size_t cells;

    *more = line != NULL;
    if (line == NULL)
        return STATUS_OK;
    cells = cut(line, length, tsv->separator, tsv->cells);
    if (cells != tsv->columns)
        return error_set(err, STATUS_INVALID, "%s:%u: has %zu columns, the header has %zu",
                         tsv->file, tsv->line, cells, tsv->columns);
    return STATUS_OK;
}
