/*
 * docflow: document lines whose answers take time: many in work, printed in the order they came.
 *
 * Differs  from docline_run in one thing: the handler may leave a document open and finish it in a
 *          later step. Lines, errors, limits and exit are as study/docline.h says; docline_run is
 *          a flow whose documents never stay open.
 * Window   DOCFLOW_OPEN_MAX documents; a slow one holds back the printing of those behind it, not
 *          their work. A pipe with nothing to read does not hold up open documents.
 * Trouble  A line's own fault is told in the order of the lines, like its output. Any other failure
 *          ends the run where its line stands; what came before is printed.
 * Memory   Each open document has an arena of its own (docflow_arena), up to DOCLINE_MEMORY_MAX.
 *          Beyond DOCFLOW_MEMORY_MAX of all of them together nothing further is read.
 * Threads  One.
 */
#ifndef XUNFANG_STUDY_DOCFLOW_H
#define XUNFANG_STUDY_DOCFLOW_H

#include "study/docline.h"

enum { DOCFLOW_OPEN_MAX = 256, DOCFLOW_MEMORY_MAX = 256 << 20 };

struct docflow_item; /* one document in work */

const struct docline *docflow_doc(const struct docflow_item *item);
struct arena *docflow_arena(struct docflow_item *item);
/* Where its line goes; complete when docflow_finish is called. Nothing in it: nothing is printed.
 */
struct buf *docflow_out(struct docflow_item *item);
void docflow_set_data(struct docflow_item *item, void *data);
void *docflow_data(const struct docflow_item *item);
/* Done; with a failure in `cause` (else NULL) the line is told on `errors` instead of being
 * printed. */
void docflow_finish(struct docflow_item *item, const struct error *cause);

struct docflow {
    FILE *in;
    FILE *out;
    FILE *errors;
    const char *name;
    /* Begins a document, and finishes it now or in a later step. STATUS_AGAIN: not now, step and
     * give it again. Another failure finishes it with that. */
    enum status (*begin)(void *self, struct docflow_item *item, struct error *err);
    /* Moves open documents; waits at most `timeout_ms`. NULL if none ever stays open. */
    enum status (*step)(void *self, int64_t timeout_ms, struct error *err);
    void *self;
};

/* Every line of `in`. STATUS_INVALID if any line failed by its own fault. A run that ends early
 * leaves its open documents: whoever still knows of them must not touch them. */
CHECKED enum status docflow_run(const struct docflow *flow, struct error *err);

/* The exit status of a command that is one flow: 2 where opening it failed already (`opened`, with
 * its error), else runs it: 0, or 1 after a failure. A failure is told on `errors`. */
CHECKED int docflow_command(const struct docflow *flow, enum status opened, struct error *err);

#endif
