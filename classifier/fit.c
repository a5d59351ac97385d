/*
 * liblinear works in doubles; what leaves this file are whole numbers, with which margins are exact
 * (study/model.h). A row becomes nodes of liblinear, the weights of all rows come back as doubles,
 * one scale turns them into 16 bits, and the sigmoid is fitted on margins of such weights.
 */
#include "classifier/fit.h"

#include <linear.h>

#include <math.h>
#include <stdlib.h>

enum { NEWTON_STEPS = 100, LARGEST = 1 << 14 };

/* liblinear reports its progress on standard output, which may be where the model goes. */
static void be_quiet(const char *text)
{
    (void) text;
}

static size_t count_used(const struct fit_row *rows, size_t count, int without_fold)
{
    size_t used = 0;

    for (size_t i = 0; i < count; i++)
        used += without_fold < 0 || rows[i].fold != (unsigned) without_fold;
    return used;
}

static size_t count_nodes(const struct fit_row *rows, size_t count)
{
    size_t nodes = 0;

    for (size_t i = 0; i < count; i++)
        nodes += rows[i].count + 2; /* the bias and the end mark */
    return nodes;
}

/* One row in liblinear's form: indices from 1, the bias last, an end mark of -1. */
static struct feature_node *put_row(struct feature_node *node, const struct fit_row *row,
                                    uint32_t buckets)
{
    for (size_t i = 0; i < row->count; i++)
        *node++ = (struct feature_node){(int) row->items[i].bucket + 1,
                                        (double) row->items[i].value / MODEL_UNIT};
    *node++ = (struct feature_node){(int) buckets + 1, 1};
    *node++ = (struct feature_node){-1, 0};
    return node;
}

struct set {
    struct problem problem;
    struct feature_node *nodes; /* of all rows, one behind the other; problem.x points into it */
};

static void set_free(struct set *set)
{
    free(set->problem.x);
    free(set->problem.y);
    free(set->nodes);
}

static enum status set_fill(struct set *set, const struct fit_row *rows, size_t count,
                            const struct fit_options *options, struct error *err)
{
    size_t used = count_used(rows, count, options->without_fold);
    struct feature_node *node;
    size_t at = 0;

    set->problem = (struct problem){.l = (int) used, .n = (int) options->buckets + 1, .bias = 1};
    /* One more than needed everywhere: of nothing calloc may return NULL, which is no lack of
     * memory. */
    set->problem.x = calloc(used + 1, sizeof(struct feature_node *));
    set->problem.y = calloc(used + 1, sizeof *set->problem.y);
    set->nodes = node = calloc(count_nodes(rows, count) + 1, sizeof *set->nodes);
    if (set->problem.x == NULL || set->problem.y == NULL || set->nodes == NULL)
        return error_set(err, STATUS_NOMEM, "out of memory");
    for (size_t i = 0; i < count; i++) {
        if (options->without_fold >= 0 && rows[i].fold == (unsigned) options->without_fold)
            continue;
        set->problem.x[at] = node;
        set->problem.y[at++] = rows[i].positive ? 1 : 0;
        node = put_row(node, &rows[i], options->buckets);
    }
    return STATUS_OK;
}

static bool has_both(const struct problem *problem)
{
    int positives = 0;

    for (int i = 0; i < problem->l; i++)
        positives += problem->y[i] > 0;
    return positives > 0 && positives < problem->l;
}

/* The largest power of two that keeps every weight within LARGEST. The bias is left out: it has 32
 * bits of its own, and a large one would cost the weights precision. Nothing stores the scale, for
 * a decision is a sign. */
static double common_scale(const double *weights, size_t count)
{
    double largest = 0;
    double scale = 1;

    for (size_t i = 0; i < count; i++)
        largest = fmax(largest, fabs(weights[i]));
    while (largest > 0 && largest * scale * 2 <= LARGEST && scale < 1e9)
        scale *= 2;
    while (largest * scale > LARGEST)
        scale /= 2;
    return scale;
}

/* liblinear's weights favour the label it saw first. */
static enum status quantise(const struct model *model, uint32_t buckets, struct fit_weights *fitted,
                            struct error *err)
{
    double sign = model->label[0] == 1 ? 1 : -1;
    double scale = common_scale(model->w, buckets);

    fitted->weights = calloc(buckets, sizeof *fitted->weights);
    if (fitted->weights == NULL)
        return error_set(err, STATUS_NOMEM, "out of memory");
    for (uint32_t i = 0; i < buckets; i++) {
        long weight = lround(sign * model->w[i] * scale);

        if (labs(weight) >= FIT_SMALLEST)
            fitted->weights[i] = (int16_t) weight;
    }
    fitted->bias = (int32_t) lround(sign * model->w[buckets] * scale);
    return STATUS_OK;
}

enum status fit_linear(const struct fit_row *rows, size_t count, const struct fit_options *options,
                       struct fit_weights *fitted, struct error *err)
{
    struct set set = {.nodes = NULL};
    int label = 1;
    double weight = options->positive_weight;
    struct parameter parameter = {.solver_type = L2R_LR,
                                  .eps = 1e-4,
                                  .C = options->cost,
                                  .nr_weight = 1,
                                  .weight_label = &label,
                                  .weight = &weight};
    struct model *model = NULL;
    enum status status = set_fill(&set, rows, count, options, err);

    if (status == STATUS_OK && !has_both(&set.problem))
        status = error_set(err, STATUS_INVALID, "both labels must occur among the documents");
    if (status != STATUS_OK)
        goto out;
    set_print_string_function(be_quiet);
    /* The bias stands among the rows already. */
    set.problem.bias = -1;
    model = train(&set.problem, &parameter);
    if (model == NULL)
        status = error_set(err, STATUS_NOMEM, "out of memory");
    else
        status = quantise(model, options->buckets, fitted, err);
out:
    if (model != NULL)
        free_and_destroy_model(&model);
    set_free(&set);
    return status;
}

int64_t fit_margin(const struct fit_weights *fitted, const struct fit_row *row)
{
    /* Values are in units of 1 / MODEL_UNIT, so the bias, whose value is 1, is brought to the
     * same. */
    int64_t margin = (int64_t) fitted->bias * MODEL_UNIT;

    for (size_t i = 0; i < row->count; i++)
        margin += (int64_t) fitted->weights[row->items[i].bucket] * row->items[i].value;
    return margin;
}

/* ---- Platt's sigmoid ---- */

struct newton {
    double gradient[2];
    double hessian[3]; /* aa, ab, bb */
};

static struct newton derive(const struct fit_point *points, size_t count, double slope,
                            double offset)
{
    /* The little on the diagonal gives a step where all points have one margin, too. */
    struct newton sum = {{0, 0}, {1e-9, 0, 1e-9}};
    size_t positives = 0;

    for (size_t i = 0; i < count; i++)
        positives += points[i].positive;
    for (size_t i = 0; i < count; i++) {
        /* Margins are weights times MODEL_UNIT. In millions the slope and the offset are of like
         * size. */
        double x = (double) points[i].margin * 1e-6;
        /* Platt's smoothed targets: with plain 1 and 0 the slope of separable points has no
         * bound. */
        double target = points[i].positive ? ((double) positives + 1) / ((double) positives + 2)
                                           : 1 / ((double) (count - positives) + 2);
        double chance = 1 / (1 + exp(-(slope * x + offset)));
        double spread = chance * (1 - chance);

        sum.gradient[0] += x * (chance - target);
        sum.gradient[1] += chance - target;
        sum.hessian[0] += x * x * spread;
        sum.hessian[1] += x * spread;
        sum.hessian[2] += spread;
    }
    return sum;
}

void fit_sigmoid(const struct fit_point *points, size_t count, int64_t *slope, int64_t *offset)
{
    double a = 0;
    double b = 0;

    for (int step = 0; step < NEWTON_STEPS; step++) {
        struct newton sum = derive(points, count, a, b);
        double determinant = sum.hessian[0] * sum.hessian[2] - sum.hessian[1] * sum.hessian[1];
        double step_a, step_b;

        /* Every chance is near 0 or 1 by now: nothing bends any more, and a step would be noise. */
        if (determinant <= 1e-12)
            break;
        step_a =
            (sum.hessian[2] * sum.gradient[0] - sum.hessian[1] * sum.gradient[1]) / determinant;
        step_b =
            (sum.hessian[0] * sum.gradient[1] - sum.hessian[1] * sum.gradient[0]) / determinant;
        a -= step_a;
        b -= step_b;
        if (fabs(step_a) < 1e-10 && fabs(step_b) < 1e-10)
            break;
    }
    *slope = llround(a * 1e6); /* a is per million of margin: 1e-6 of that is 1e-12 */
    *offset = llround(b * 1e6);
}
