/*
 * fit: a logistic regression on sparse rows, its weights rounded to whole numbers.
 *
 * Method    L2-regularised logistic regression by liblinear's trust-region Newton method (no random
 *           numbers: equal rows give equal weights), then one scale for all weights, a power of two
 *           chosen so that the largest just fits in 15 bits; weights below FIT_SMALLEST of the
 *           scale become 0 and are not stored.
 * Chance    Platt's sigmoid: fit_sigmoid finds slope and offset by Newton's method on margins that
 *           the model had not seen, with his smoothed targets (1999).
 * Library   liblinear, in fit.c only.
 */
#ifndef XUNFANG_CLASSIFIER_FIT_H
#define XUNFANG_CLASSIFIER_FIT_H

#include "study/model.h"

enum { FIT_SMALLEST = 24 };

struct fit_row {
    const struct feature *items; /* sorted by bucket */
    size_t count;
    bool positive;
    unsigned fold;    /* rows of one document share it */
    unsigned variant; /* 0: the document as it is; else a copy with something left out */
    size_t doc;
};

struct fit_options {
    uint32_t buckets;
    double cost;            /* liblinear's C */
    double positive_weight; /* > 1: misses cost more than false alarms */
    int without_fold;       /* rows of this fold are left out; -1: none */
};

struct fit_weights {
    int16_t *weights; /* one a bucket; the caller frees it */
    int32_t bias;
};

CHECKED enum status fit_linear(const struct fit_row *rows, size_t count,
                               const struct fit_options *options, struct fit_weights *fitted,
                               struct error *err);
/* bias * MODEL_UNIT + sum of weight * value. */
int64_t fit_margin(const struct fit_weights *fitted, const struct fit_row *row);

struct fit_point {
    int64_t margin;
    bool positive;
};

/* Slope in 1e-12, offset in 1e-6; both classes must occur. */
void fit_sigmoid(const struct fit_point *points, size_t count, int64_t *slope, int64_t *offset);

#endif
