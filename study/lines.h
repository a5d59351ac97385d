/*
 * lines: the lines of a stream, one at a time, each of bounded length.
 *
 * Line      Without its line feed and without white space around it; empty lines come too. A last
 *           line without a line feed is a line.
 * Limit     A longer line is skipped whole and comes back as STATUS_TOO_LARGE; reading may go on.
 * Memory    The line belongs to the reader until the next call.
 */
#ifndef XUNFANG_STUDY_LINES_H
#define XUNFANG_STUDY_LINES_H

#include "base/util/buf.h"

#include <stdio.h>

struct lines_reader {
    FILE *file;
    struct buf line;
    uint64_t number; /* of the line read last, from 1 */
};

void lines_open(struct lines_reader *reader, FILE *file, size_t limit);
/* Frees the memory; the file stays the caller's. */
void lines_close(struct lines_reader *reader);

/* STATUS_NOT_FOUND at the end of the stream; STATUS_TOO_LARGE, STATUS_IO, STATUS_NOMEM. */
CHECKED enum status lines_next(struct lines_reader *reader, struct slice *line, struct error *err);

#endif
