/*
 * judge: what a codebook's models say about a document: a visit or not, its themes, its purpose.
 *
 * Models    DIR/models/visit.model, themes.model and purpose.model (study/model.h). Themes and
 *           purpose are asked of visits only.
 * Decision  By exact integer margins: a visit above 0; every theme above 0, the best one if none
 *           is; cooperative above 0, else learning. The chance is for printing.
 * Unsure    A task's margins say how sure it is: judge_unsure compares them with the margins at two
 *           chances (model_margin_at).
 * Trip      The rules' reading comes with the judgement, so the extractor need not read again.
 * Memory    A judgement belongs to the arena; label texts to the judge.
 * Threads   A judge never changes after loading and may be shared.
 */
#ifndef XUNFANG_STUDY_JUDGE_H
#define XUNFANG_STUDY_JUDGE_H

#include "study/features.h"

enum { JUDGE_THEMES_MAX = MODEL_LABELS_MAX, JUDGE_VERSION_SIZE = 128 };

struct judge;

struct judgement {
    struct reading reading;
    struct trip trip;
    bool is_visit;
    int64_t margin;
    double chance;
    /* Of a visit only: */
    const char *themes[JUDGE_THEMES_MAX]; /* sorted by bytes */
    size_t theme_count;
    int64_t theme_margins[JUDGE_THEMES_MAX]; /* in the order of the model's labels */
    const char *purpose;                     /* "cooperative", "learning"; NULL unless a visit */
    int64_t purpose_margin;
};

enum judge_task { JUDGE_VISIT, JUDGE_PURPOSE, JUDGE_THEMES, JUDGE_TASKS };

struct judge_band { /* chances in percent, 0 … 100; both ends belong to it */
    uint64_t from_percent;
    uint64_t to_percent;
};

/* The reader must outlive the judge. `directory` is the codebook's. */
CHECKED enum status judge_load(const char *directory, const struct reader *reader,
                               struct judge **judge, struct error *err);
/* NULL is fine. */
void judge_destroy(struct judge *judge);
/* "visit@VERSION": what decided. */
const char *judge_version(const struct judge *judge);

CHECKED enum status judge_document(const struct judge *judge, const struct source_text *source,
                                   struct arena *arena, struct judgement *judgement,
                                   struct error *err);
/* Is the built-in decision about the task within the band? Of themes: does none hold, or one that
 * is within it? Purpose and themes only of a judgement that has them. */
bool judge_unsure(const struct judge *judge, const struct judgement *judgement,
                  enum judge_task task, const struct judge_band *band);
/* The name the task has in a codebook: "visit", "purpose", "themes". */
const char *judge_task_text(enum judge_task task);
/* Themes and purpose of what somebody else called a visit; `judgement` has its reading. */
CHECKED enum status judge_subject(const struct judge *judge, struct arena *arena,
                                  struct judgement *judgement, struct error *err);

#endif
