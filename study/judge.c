#include "study/judge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_SIZE = 1024 };

struct judge {
    const struct reader *reader;
    struct linear_model *visit;
    struct linear_model *themes;
    struct linear_model *purpose;
    char version[JUDGE_VERSION_SIZE];
};

static enum status load_task(const char *directory, const char *task, struct linear_model **model,
                             struct error *err)
{
    char path[PATH_SIZE];
    enum status status;

    if (snprintf(path, sizeof path, "%s/models/%s.model", directory, task) >= (int) sizeof path)
        return error_set(err, STATUS_INVALID, "path too long: %s", directory);
    status = model_load(path, model, err);
    if (status != STATUS_OK)
        return status;
    if (strcmp(model_task(*model), task) != 0)
        return error_set(err, STATUS_INVALID, "%s: a model for task %s", path, model_task(*model));
    /* Weights belong to buckets: with other features the same numbers would mean other things. */
    if (model_features(*model) != FEATURES_VERSION)
        return error_set(err, STATUS_INVALID,
                         "%s: made for features %u, this build has %d: train it again", path,
                         model_features(*model), FEATURES_VERSION);
    return status;
}

enum status judge_load(const char *directory, const struct reader *reader, struct judge **judge,
                       struct error *err)
{
    struct judge *loaded = calloc(1, sizeof *loaded);
    enum status status;

    if (loaded == NULL)
        return error_set(err, STATUS_NOMEM, "out of memory");
    loaded->reader = reader;
    status = load_task(directory, "visit", &loaded->visit, err);
    if (status == STATUS_OK)
        status = load_task(directory, "themes", &loaded->themes, err);
    if (status == STATUS_OK)
        status = load_task(directory, "purpose", &loaded->purpose, err);
    if (status != STATUS_OK) {
        judge_destroy(loaded);
        return status;
    }
    snprintf(loaded->version, sizeof loaded->version, "visit@%s", model_version(loaded->visit));
    *judge = loaded;
    return STATUS_OK;
}

void judge_destroy(struct judge *judge)
{
    if (judge == NULL)
        return;
    model_destroy(judge->visit);
    model_destroy(judge->themes);
    model_destroy(judge->purpose);
    free(judge);
}

const char *judge_version(const struct judge *judge)
{
    return judge->version;
}

static enum status make(enum features_kind kind, const struct linear_model *model,
                        const struct judgement *judgement, struct arena *arena,
                        struct features *features)
{
    const struct features_request request = {kind, &judgement->reading, &judgement->trip,
                                             model_buckets(model)};

    return features_make(&request, arena, features, NULL);
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *) a, *(const char *const *) b);
}

/* Every theme above 0; a visit is about something, so at least the nearest one. */
static void choose_themes(const struct linear_model *model, const struct features *features,
                          struct judgement *judgement)
{
    int64_t best = INT64_MIN;
    size_t nearest = 0;

    judgement->theme_count = 0;
    for (size_t i = 0; i < model_labels(model); i++) {
        int64_t margin = model_margin(model, i, features->items, features->count);

        judgement->theme_margins[i] = margin;
        if (margin > 0)
            judgement->themes[judgement->theme_count++] = model_label(model, i);
        if (margin > best) {
            best = margin;
            nearest = i;
        }
    }
    if (judgement->theme_count == 0)
        judgement->themes[judgement->theme_count++] = model_label(model, nearest);
    qsort(judgement->themes, judgement->theme_count, sizeof judgement->themes[0], compare_texts);
}

enum status judge_subject(const struct judge *judge, struct arena *arena,
                          struct judgement *judgement, struct error *err)
{
    struct features features = {NULL, 0};

    if (make(FEATURES_TOPIC, judge->themes, judgement, arena, &features) != STATUS_OK)
        return error_set(err, STATUS_NOMEM, "out of memory");
    choose_themes(judge->themes, &features, judgement);
    if (make(FEATURES_TOPIC, judge->purpose, judgement, arena, &features) != STATUS_OK)
        return error_set(err, STATUS_NOMEM, "out of memory");
    judgement->purpose_margin = model_margin(judge->purpose, 0, features.items, features.count);
    judgement->purpose = judgement->purpose_margin > 0 ? "cooperative" : "learning";
    return STATUS_OK;
}

enum status judge_document(const struct judge *judge, const struct source_text *source,
                           struct arena *arena, struct judgement *judgement, struct error *err)
{
    struct features features = {NULL, 0};
    enum status status;

    /* Of what is no visit theme and purpose stay empty; the cascade may still ask for them
     * later. */
    memset(judgement, 0, sizeof *judgement);
    status = reader_read(judge->reader, source, arena, &judgement->reading, err);
    if (status != STATUS_OK)
        return status;
    trip_read(&judgement->reading, &judgement->trip);
    if (make(FEATURES_EVENT, judge->visit, judgement, arena, &features) != STATUS_OK)
        return error_set(err, STATUS_NOMEM, "out of memory");
    judgement->margin = model_margin(judge->visit, 0, features.items, features.count);
    judgement->chance = model_chance(judge->visit, 0, judgement->margin);
    judgement->is_visit = judgement->margin > 0;
    /* Only then: themes and purpose say nothing about what is no visit. */
    if (judgement->is_visit)
        status = judge_subject(judge, arena, judgement, err);
    return status;
}

/* ---- how sure ---- */

static int64_t bound(const struct linear_model *model, size_t label, uint64_t percent)
{
    if (percent == 0)
        return INT64_MIN;
    return percent > 99 ? INT64_MAX : model_margin_at(model, label, (unsigned) percent);
}

static bool in_band(const struct linear_model *model, size_t label, int64_t margin,
                    const struct judge_band *band)
{
    return margin >= bound(model, label, band->from_percent) &&
           margin <= bound(model, label, band->to_percent);
}

static bool themes_unsure(const struct linear_model *model, const struct judgement *judgement,
                          const struct judge_band *band)
{
    /* Without a theme above 0 the best one was taken for want of another: unsure by itself. */
    bool none = true;

    for (size_t i = 0; i < model_labels(model); i++) {
        if (judgement->theme_margins[i] <= 0)
            continue;
        none = false;
        if (in_band(model, i, judgement->theme_margins[i], band))
            return true;
    }
    return none;
}

bool judge_unsure(const struct judge *judge, const struct judgement *judgement,
                  enum judge_task task, const struct judge_band *band)
{
    if (task == JUDGE_THEMES)
        return themes_unsure(judge->themes, judgement, band);
    if (task == JUDGE_PURPOSE)
        return in_band(judge->purpose, 0, judgement->purpose_margin, band);
    return in_band(judge->visit, 0, judgement->margin, band);
}

const char *judge_task_text(enum judge_task task)
{
    static const char *const names[] = {"visit", "purpose", "themes"};

    return names[task];
}
