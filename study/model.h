/*
 * model: a linear decision in whole numbers.
 *
 * Input    A sparse vector of hashed features (study/features.h): bucket numbers below the model's
 *          bucket count, values in units of 1/65536.
 * Margin   bias * 65536 + sum of weight * value: an exact integer, the same on every machine. A
 *          label holds if its margin is above 0. The order of features does not matter.
 * Chance   1 / (1 + exp(-(a * margin + b))) with the model's own a and b (Platt 1999), fitted on
 *          cross-validated margins; for printing only, never for a decision.
 * File     Text: `xunfang-model 1`, then lines `task T`, `version V`, `features F`, `buckets N`;
 *          for each label `label NAME bias B slope A offset B weights COUNT` and COUNT lines `gap
 *          weight` in rising bucket order, where gap is the distance to the bucket before (the
 *          first counts from -1). slope and offset are in units of 1e-12 and 1e-6. Weights only: no
 *          text of any document.
 * Limits   MODEL_BUCKETS_MAX buckets, MODEL_LABELS_MAX labels, 16-bit weights, MODEL_FILE_MAX
 *          bytes.
 * Memory   The model owns everything; it never changes after loading and may be shared by threads.
 */
#ifndef XUNFANG_STUDY_MODEL_H
#define XUNFANG_STUDY_MODEL_H

#include "base/util/buf.h"

enum {
    MODEL_BUCKETS_MAX = 1 << 20,
    MODEL_LABELS_MAX = 16,
    MODEL_FILE_MAX = 8 << 20,
    MODEL_WEIGHT_MAX = INT16_MAX,
    MODEL_UNIT = 1 << 16 /* a feature value of 1 */
};

struct feature {
    uint32_t bucket;
    int32_t value;
};

struct linear_model;

CHECKED enum status model_load(const char *path, struct linear_model **model, struct error *err);
/* `name` stands in messages for the file's. */
CHECKED enum status model_parse(struct slice text, const char *name, struct linear_model **model,
                                struct error *err);
/* NULL is fine. */
void model_destroy(struct linear_model *model);

const char *model_task(const struct linear_model *model);
const char *model_version(const struct linear_model *model);
/* FEATURES_VERSION of those it was fitted on. */
uint32_t model_features(const struct linear_model *model);
uint32_t model_buckets(const struct linear_model *model);
size_t model_labels(const struct linear_model *model);
const char *model_label(const struct linear_model *model, size_t label);

int64_t model_margin(const struct linear_model *model, size_t label, const struct feature *features,
                     size_t count);
/* The margin at which the chance is `percent` (1 … 99), for the bounds of an uncertain band: whole
 * numbers all the way, since decisions hang on it. INT64_MAX if the label's chance does not rise
 * with the margin. */
int64_t model_margin_at(const struct linear_model *model, size_t label, unsigned percent);
/* Between 0 and 1. */
double model_chance(const struct linear_model *model, size_t label, int64_t margin);

/* ---- writing, for `train` ---- */

struct model_label {
    const char *name;
    int32_t bias;
    int64_t slope;          /* units of 1e-12 */
    int64_t offset;         /* units of 1e-6 */
    const int16_t *weights; /* one a bucket; zeros are not written */
};

struct model_head {
    const char *task;
    const char *version;
    uint32_t features;
    uint32_t buckets;
};

/* The head of a file, then each label in turn. */
void model_write_head(struct buf *out, const struct model_head *head);
void model_write_label(struct buf *out, const struct model_label *label, uint32_t buckets);

#endif
