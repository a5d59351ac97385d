/*
 * One model a fold, each fitted without it, gives every document a margin from a model that has not
 * seen it; the figures and the sigmoid come from these. The weights that are written are fitted on
 * all documents. Rows are made once for a task: a label only changes which of them are positive.
 */
#include "classifier/train.h"

#include "base/util/hash.h"
#include "classifier/rows.h"

#include <stdlib.h>
#include <string.h>

/* A version is the first 16 of an id's hexadecimal digits. */
enum { ROWS_MEMORY_MAX = 1 << 30, VERSION_SIZE = 17 };

/* How a task is fitted; the costs were chosen by cross-validation (docs/quality.md). */
struct plan {
    const char *name;
    enum features_kind kind; /* title and lead for a visit, title and body for its subject */
    uint32_t buckets;
    double cost;
    double positive_weight;
    bool visits_only;
};

static const struct plan plans[] = {
    [TASK_NAME_VISIT] = {"visit", FEATURES_EVENT, 1 << 18, 8, 1, false},
    [TASK_NAME_THEMES] = {"themes", FEATURES_TOPIC, 1 << 17, 8, 3, true},
    [TASK_NAME_PURPOSE] = {"purpose", FEATURES_TOPIC, 1 << 17, 8, 1, true},
    [TASK_NAME_EVENTS] = {"events", FEATURES_EVENT, 0, 0, 0, false},
};

static const char *const theme_names[] = {"公共服务", "经济发展", "政治党建", "社会治理",
                                          "政府运行", "城市建设", "市场监管", "生态环境"};

enum { THEME_COUNT = sizeof theme_names / sizeof theme_names[0] };

enum status task_parse(struct slice name, enum task *task, struct error *err)
{
    for (size_t i = 0; i < sizeof plans / sizeof plans[0]; i++)
        if (slice_equal(name, slice_from(plans[i].name))) {
            *task = (enum task) i;
            return STATUS_OK;
        }
    return error_set(err, STATUS_USAGE, "unknown task \"%.*s\": visit, themes, purpose or events",
                     SLICE_ARG(name));
}

const char *task_text(enum task task)
{
    return plans[task].name;
}

size_t task_label_count(enum task task)
{
    return task == TASK_NAME_THEMES ? THEME_COUNT : 1;
}

const char *task_label(enum task task, size_t label)
{
    if (task == TASK_NAME_THEMES)
        return theme_names[label];
    return task == TASK_NAME_PURPOSE ? "cooperative" : plans[task].name;
}

static bool is_positive(enum task task, size_t label, const struct gold *gold)
{
    if (task == TASK_NAME_THEMES)
        return gold_has_theme(gold, slice_from(theme_names[label]));
    return task == TASK_NAME_VISIT ? gold->is_visit : gold->cooperative;
}

/* ---- one label ---- */

struct fitting {
    const struct plan *plan;
    struct rows rows;
    struct fit_point *points; /* unseen margins of the documents as they are */
    size_t point_count;       /* at most one a document */
};

/* Copies are for learning only: figures and chances are of documents as they come. */
static void score_fold(struct fitting *fitting, const struct fit_weights *weights, unsigned fold,
                       struct fold_figures *figures)
{
    for (size_t i = 0; i < fitting->rows.count; i++) {
        const struct fit_row *row = &fitting->rows.rows[i];
        int64_t margin;

        if (row->fold != fold || row->variant != 0)
            continue;
        margin = fit_margin(weights, row);
        fitting->points[fitting->point_count++] = (struct fit_point){margin, row->positive};
        figures->documents++;
        figures->right_yes += margin > 0 && row->positive;
        figures->wrong_yes += margin > 0 && !row->positive;
        figures->wrong_no += margin <= 0 && row->positive;
    }
}

static enum status fit_fold(struct fitting *fitting, int fold, struct fit_weights *weights,
                            struct error *err)
{
    const struct fit_options options = {fitting->plan->buckets, fitting->plan->cost,
                                        fitting->plan->positive_weight, fold};

    return fit_linear(fitting->rows.rows, fitting->rows.count, &options, weights, err);
}

static enum status cross_validate(struct fitting *fitting, struct fold_figures *figures,
                                  struct error *err)
{
    enum status status = STATUS_OK;

    /* The labels of a task share the points, one after the other. */
    fitting->point_count = 0;
    for (int fold = 0; fold < TRAIN_FOLDS && status == STATUS_OK; fold++) {
        struct fit_weights weights = {NULL, 0};

        status = fit_fold(fitting, fold, &weights, err);
        if (status == STATUS_OK)
            score_fold(fitting, &weights, (unsigned) fold, figures);
        free(weights.weights);
    }
    return status;
}

static enum status write_label(struct fitting *fitting, const char *name, struct buf *out,
                               struct error *err)
{
    struct fit_weights weights = {NULL, 0};
    struct model_label label = {.name = name};
    enum status status = fit_fold(fitting, -1, &weights, err);

    if (status != STATUS_OK)
        return status;
    /* On the folds' margins: of documents it was fitted on a model is far too sure. */
    fit_sigmoid(fitting->points, fitting->point_count, &label.slope, &label.offset);
    label.bias = weights.bias;
    label.weights = weights.weights;
    model_write_label(out, &label, fitting->plan->buckets);
    free(weights.weights);
    return buf_status(out, err);
}

/* ---- a task ---- */

/* Changes with the documents' words, the plan and the features; the labels are not part of it. */
static void make_version(const struct plan *plan, const struct corpus *corpus,
                         char version[VERSION_SIZE])
{
    struct hash *hash = hash_create();
    char text[ID_TEXT_SIZE];

    hash_number(hash, FEATURES_VERSION);
    hash_field(hash, slice_from(plan->name));
    hash_number(hash, plan->buckets);
    hash_number(hash, (uint64_t) (plan->cost * 1000));
    hash_number(hash, (uint64_t) (plan->positive_weight * 1000));
    for (size_t i = 0; i < corpus_size(corpus); i++) {
        hash_field(hash, corpus_at(corpus, i)->doc.title);
        hash_field(hash, corpus_at(corpus, i)->doc.body);
    }
    id_text(hash_finish(hash), text);
    memcpy(version, text, VERSION_SIZE - 1);
    version[VERSION_SIZE - 1] = '\0';
}

static enum status prepare(const struct train_request *asked, struct arena *arena,
                           struct fitting *fitting, struct error *err)
{
    const struct plan *plan = &plans[asked->task];
    const struct rows_request request = {asked->corpus, asked->reader, plan->kind,
                                         plan->buckets, TRAIN_FOLDS,   plan->visits_only};
    enum status status = rows_make(&request, arena, &fitting->rows, err);

    /* Over all folds at once. No label is looked at, so the fold that is left out tells nothing. */
    if (status == STATUS_OK)
        status = rows_prune(&fitting->rows, plan->buckets, TRAIN_SUPPORT, err);
    fitting->plan = plan;
    fitting->points = arena_array(arena, corpus_size(asked->corpus), sizeof *fitting->points);
    if (status == STATUS_OK && fitting->points == NULL)
        status = error_set(err, STATUS_NOMEM, "out of memory");
    return status;
}

static void set_labels(struct rows *rows, const struct corpus *corpus, enum task task, size_t label)
{
    for (size_t i = 0; i < rows->count; i++)
        rows->rows[i].positive =
            is_positive(task, label, &corpus_at(corpus, rows->rows[i].doc)->gold);
}

enum status train_task(const struct train_request *request, struct buf *out,
                       struct training *training, struct error *err)
{
    struct arena *arena = arena_create(ROWS_MEMORY_MAX);
    const struct plan *plan = &plans[request->task];
    struct fitting fitting = {.plan = NULL};
    char version[VERSION_SIZE];
    enum status status;

    if (arena == NULL)
        return error_set(err, STATUS_NOMEM, "out of memory");
    memset(training, 0, sizeof *training);
    status = prepare(request, arena, &fitting, err);
    make_version(plan, request->corpus, version);
    /* After a failure, too: the caller throws away what stands in `out` then. */
    model_write_head(out,
                     &(struct model_head){plan->name, version, FEATURES_VERSION, plan->buckets});
    for (size_t i = 0; i < task_label_count(request->task) && status == STATUS_OK; i++) {
        struct fold_figures *figures = &training->figures[training->figure_count++];

        figures->label = task_label(request->task, i);
        set_labels(&fitting.rows, request->corpus, request->task, i);
        status = cross_validate(&fitting, figures, err);
        if (status == STATUS_OK)
            status = write_label(&fitting, figures->label, out, err);
        if (status != STATUS_OK)
            status = error_prefix(err, status, "label %s", figures->label);
    }
    arena_destroy(arena);
    return status;
}
