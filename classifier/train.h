/*
 * train: fits the models of a task to a labelled corpus and says how well they do on unseen folds.
 *
 * Rows      Each document is used as it is and in copies that lack the publisher, the title or
 *           both, so that the model does not lean on what a page may not have. Themes and purpose
 *           learn from visits only.
 * Features  Those of fewer than TRAIN_SUPPORT documents are left out.
 * Folds     TRAIN_FOLDS by the hash of the document's id; all copies of a document share its fold.
 *           The figures count each document once, as it is.
 * Output    A model file (study/model.h), whose version is the hash of corpus and settings: the
 *           same corpus gives the same bytes.
 */
#ifndef XUNFANG_CLASSIFIER_TRAIN_H
#define XUNFANG_CLASSIFIER_TRAIN_H

#include "classifier/corpus.h"
#include "study/judge.h"

enum { TRAIN_FOLDS = 10, TRAIN_SUPPORT = 2 };

enum task { TASK_NAME_VISIT, TASK_NAME_THEMES, TASK_NAME_PURPOSE, TASK_NAME_EVENTS };

/* Figures of one label over all folds. */
struct fold_figures {
    const char *label;
    size_t documents;
    size_t right_yes;
    size_t wrong_yes;
    size_t wrong_no;
};

struct training {
    struct fold_figures figures[MODEL_LABELS_MAX];
    size_t figure_count;
};

/* "visit", "themes", "purpose", "events"; STATUS_USAGE otherwise. */
CHECKED enum status task_parse(struct slice name, enum task *task, struct error *err);
const char *task_text(enum task task);
/* The labels a task decides: eight themes, one of the others. */
size_t task_label_count(enum task task);
const char *task_label(enum task task, size_t label);

struct train_request {
    enum task task; /* not events */
    const struct corpus *corpus;
    const struct reader *reader;
};

/* Appends the model to `out`. */
CHECKED enum status train_task(const struct train_request *request, struct buf *out,
                               struct training *training, struct error *err);

#endif
