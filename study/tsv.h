/*
 * tsv: tables with a header line, tab separated, read by column name.
 *
 * Memory  tsv_open takes a writable text and cuts it in place: cells are slices of it with a NUL
 *         behind.
 * Strict  Every line has as many cells as the header; a missing column is an error. Lines that are
 *         empty or begin with '#' are skipped.
 * Errors  "file:line: what".
 */
#ifndef XUNFANG_STUDY_TSV_H
#define XUNFANG_STUDY_TSV_H

#include "base/util/slice.h"

enum { TSV_COLUMNS_MAX = 1100 };

struct tsv {
    const char *file;
    char *at;      /* next line; NULL at the end */
    char *end;     /* of the text: a NUL stands there */
    uint32_t line; /* of the row read last */
    size_t columns;
    struct slice names[TSV_COLUMNS_MAX];
    struct slice cells[TSV_COLUMNS_MAX];
    char separator;
};

/* `text` is writable memory with a NUL behind it; a UTF-8 byte-order mark is skipped. `separator`
 * is '\t' or ','; quotes mean nothing. */
CHECKED enum status tsv_open(struct tsv *tsv, struct slice text, char separator, const char *file,
                             struct error *err);
/* The index of a column; STATUS_INVALID if there is none. */
CHECKED enum status tsv_column(const struct tsv *tsv, const char *name, size_t *column,
                               struct error *err);
/* At most this many rows are left. */
size_t tsv_rows(const struct tsv *tsv);
/* Reads the next row into cells; *more is false at the end. */
CHECKED enum status tsv_next(struct tsv *tsv, bool *more, struct error *err);

#endif
