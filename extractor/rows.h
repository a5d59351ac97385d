/*
 * rows: a small table file, read whole and handed out line by line.
 *
 * File     UTF-8, one row a line; lines that are empty or begin with '#' are skipped, the first
 *          other line is the header and skipped too.
 * Memory   *text owns the bytes that every line points into; the caller frees it, after a failure
 *          too.
 * Errors   STATUS_NOT_FOUND names the path, STATUS_INVALID a file over its limit; what a row's
 *          handler says gets "path: line N: " in front.
 */
#ifndef XUNFANG_EXTRACTOR_ROWS_H
#define XUNFANG_EXTRACTOR_ROWS_H

#include "base/util/slice.h"

struct rows_handler {
    enum status (*on_row)(void *self, struct slice line, struct error *err);
    void *self;
};

/* Reads a file of at most `limit` bytes. */
CHECKED enum status rows_read(const char *path, size_t limit, const struct rows_handler *handler,
                              char **text, struct error *err);

#endif
