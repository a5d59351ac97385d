/*
 * rows: a labelled corpus as rows of features.
 *
 * Variants  0: the document as it is; 1: without publisher and URL; 2: without title; 3: without
 *           both. A variant that changes nothing is left out.
 * Support   rows_prune drops features that fewer than a number of documents have.
 * Memory    Rows belong to the arena given to rows_make; its limit bounds the corpus.
 */
#ifndef XUNFANG_CLASSIFIER_ROWS_H
#define XUNFANG_CLASSIFIER_ROWS_H

#include "classifier/corpus.h"
#include "classifier/fit.h"
#include "study/features.h"

enum { ROWS_VARIANTS = 4 };

struct rows {
    struct fit_row *rows;
    size_t count;
};

struct rows_request {
    const struct corpus *corpus;
    const struct reader *reader;
    enum features_kind kind;
    uint32_t buckets;
    unsigned folds;
    bool visits_only;
};

CHECKED enum status rows_make(const struct rows_request *request, struct arena *arena,
                              struct rows *rows, struct error *err);
CHECKED enum status rows_prune(struct rows *rows, uint32_t buckets, unsigned support,
                               struct error *err);

#endif
