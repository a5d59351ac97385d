/*
 * evaluate: how often answers agree with labels, with intervals.
 *
 * Count     A tally per document: right yes, wrong yes, wrong no of one label (or, for events, of
 *           all its origin–host pairs). Sums give precision, recall and F1.
 * Interval  95 %, by resampling documents with replacement EVALUATE_SAMPLES times (percentile
 *           bootstrap, Efron 1979) from a fixed seed: the same answers give the same interval.
 * Events    Documents that are no visit count: every pair found in one is wrong.
 */
#ifndef XUNFANG_CLASSIFIER_EVALUATE_H
#define XUNFANG_CLASSIFIER_EVALUATE_H

#include "classifier/train.h"

enum { EVALUATE_SAMPLES = 2000, EVALUATE_SEED = 20250307, EVALUATE_LABELS_MAX = 20 };

struct tally {
    uint32_t right_yes;
    uint32_t wrong_yes;
    uint32_t wrong_no;
};

struct interval {
    double value;
    double low;
    double high;
};

struct score {
    const char *label;
    size_t documents;
    struct tally sum;
    struct interval precision;
    struct interval recall;
    struct interval f1;
};

/* One label's score over `count` documents; STATUS_NOMEM only. */
CHECKED enum status evaluate_tallies(const char *label, const struct tally *tallies, size_t count,
                                     struct score *score, struct error *err);

struct evaluation {
    struct score scores[EVALUATE_LABELS_MAX];
    size_t count;
    double macro_f1; /* mean over labels, themes only */
};

/* Asks the judge about every document of the corpus. */
CHECKED enum status evaluate_corpus(enum task task, const struct corpus *corpus,
                                    const struct judge *judge, struct evaluation *evaluation,
                                    struct error *err);

/* A table for people, or one JSON object a line. */
void evaluate_print(enum task task, const struct evaluation *evaluation, bool json,
                    struct buf *out);

#endif
