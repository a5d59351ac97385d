/*
 * dataset_lines: documents as `extract` writes them, one JSON object a line, as rows of a dataset.
 *
 * Reads    id, url, site_city, title, date, body as every data command; is_visit, themes, purpose,
 *          decided_by, model; events with the members extract gives them. `events` must be there.
 * Outcome  A blank body is dropped(blank), is_visit false dropped(no visit), no events dropped(no
 *          event); else passed.
 * Id       32 hexadecimal digits are an id as they are; any other text is hashed. Without a URL the
 *          id's text stands for it.
 * Errors   STATUS_INVALID names the member; the line is left out.
 */
#ifndef XUNFANG_AGGREGATOR_DATASET_LINES_H
#define XUNFANG_AGGREGATOR_DATASET_LINES_H

#include "aggregator/dataset.h"
#include "study/docline.h"

/* Adds the document. */
CHECKED enum status dataset_take_line(struct dataset *dataset, const struct docline *doc,
                                      struct arena *arena, struct error *err);

#endif
