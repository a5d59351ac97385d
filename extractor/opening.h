/*
 * opening: an extractor with the tables of its codebook.
 *
 * Tables    titles.tsv and departments.tsv, beside the codebook.
 * Memory    The tools must outlive the extractor, which owns its tables: extractor_close.
 */
#ifndef XUNFANG_EXTRACTOR_OPENING_H
#define XUNFANG_EXTRACTOR_OPENING_H

#include "extractor/extract.h"
#include "study/tools.h"

/* STATUS_NOT_FOUND, STATUS_INVALID: a table, with file and line. */
CHECKED enum status extractor_open(const struct tools *tools, struct extractor *extractor,
                                   struct error *err);
/* One that was never opened (all zeros) is fine. */
void extractor_close(struct extractor *extractor);

#endif
