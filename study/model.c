/*
 * A file is read in one pass, line by line; weights lie open in memory, one a bucket, so that a
 * margin is a look-up a feature. Decisions go by whole numbers alone; the one double
 * (model_chance) is shown to people.
 */
#include "study/model.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Beyond this many millionths a chance is 0 or 1 anyway. */
enum { NAME_MAX_SIZE = 64, OFFSET_MAX = 1000000000 };

struct label {
    char name[NAME_MAX_SIZE];
    int32_t bias;
    int64_t slope;
    int64_t offset;
    int16_t *weights;
};

struct linear_model {
    char task[NAME_MAX_SIZE];
    char version[NAME_MAX_SIZE];
    uint32_t features;
    uint32_t buckets;
    struct label labels[MODEL_LABELS_MAX];
    size_t label_count;
};

/* ---- reading ---- */

/* A cursor over the lines of a file, with the number of the line for messages. */
struct lines {
    struct slice rest;
    const char *name;
    unsigned number;
};

static struct slice next_line(struct lines *lines)
{
    lines->number++;
    return slice_split(&lines->rest, '\n');
}

static enum status bad_line(const struct lines *lines, const char *what, struct error *err)
{
    return error_set(err, STATUS_INVALID, "%s: line %u: %s", lines->name, lines->number, what);
}

static bool parse_integer(struct slice text, int64_t limit, int64_t *value)
{
    /* slice_to_uint takes no signs. */
    bool negative = slice_starts(text, SLICE("-"));
    uint64_t size = 0;

    if (negative)
        text = slice_sub(text, 1, text.size);
    if (slice_to_uint(text, 0, (uint64_t) limit, &size, NULL) != STATUS_OK)
        return false;
    *value = negative ? -(int64_t) size : (int64_t) size;
    return true;
}

/* `key VALUE` into a name. */
static enum status read_name(struct lines *lines, const char *key, char name[NAME_MAX_SIZE],
                             struct error *err)
{
    struct slice line = next_line(lines);
    struct slice word = slice_split(&line, ' ');

    if (!slice_equal(word, slice_from(key)) || line.size == 0 || line.size >= NAME_MAX_SIZE)
        return bad_line(lines, key, err);
    memcpy(name, line.data, line.size);
    name[line.size] = '\0';
    return STATUS_OK;
}

static enum status read_head(struct lines *lines, struct linear_model *model, struct error *err)
{
    char features[NAME_MAX_SIZE];
    char buckets[NAME_MAX_SIZE];
    int64_t version = 0;
    int64_t count = 0;
    enum status status;

    if (!slice_equal(next_line(lines), SLICE("xunfang-model 1")))
        return bad_line(lines, "no model of version 1", err);
    status = read_name(lines, "task", model->task, err);
    if (status == STATUS_OK)
        status = read_name(lines, "version", model->version, err);
    if (status == STATUS_OK)
        status = read_name(lines, "features", features, err);
    if (status == STATUS_OK)
        status = read_name(lines, "buckets", buckets, err);
    if (status != STATUS_OK)
        return status;
    if (!parse_integer(slice_from(features), INT32_MAX, &version) || version <= 0 ||
        !parse_integer(slice_from(buckets), MODEL_BUCKETS_MAX, &count) || count <= 0)
        return bad_line(lines, "bad version of features or number of buckets", err);
    model->features = (uint32_t) version;
    model->buckets = (uint32_t) count;
    return STATUS_OK;
}

/* Words of `label NAME bias B slope A offset B weights COUNT`; false if it is no such line. */
static bool read_label_line(struct slice line, struct label *label, int64_t *count)
{
    static const char *const keys[] = {"label", "bias", "slope", "offset", "weights"};
    struct slice values[5];
    int64_t bias = 0;

    for (size_t i = 0; i < 5; i++) {
        if (!slice_equal(slice_split(&line, ' '), slice_from(keys[i])))
            return false;
        values[i] = slice_split(&line, ' ');
    }
    if (line.data != NULL || values[0].size == 0 || values[0].size >= NAME_MAX_SIZE)
        return false;
    memcpy(label->name, values[0].data, values[0].size);
    if (!parse_integer(values[1], INT32_MAX, &bias) ||
        !parse_integer(values[2], INT64_MAX, &label->slope) ||
        !parse_integer(values[3], INT64_MAX, &label->offset) ||
        !parse_integer(values[4], MODEL_BUCKETS_MAX, count))
        return false;
    label->bias = (int32_t) bias;
    return true;
}

static enum status read_weights(struct lines *lines, const struct linear_model *model,
                                struct label *label, int64_t count, struct error *err)
{
    int64_t bucket = -1;

    for (; count > 0; count--) {
        struct slice line = next_line(lines);
        struct slice gap_text = slice_split(&line, ' ');
        int64_t gap = 0;
        int64_t weight = 0;

        if (!parse_integer(gap_text, MODEL_BUCKETS_MAX, &gap) || gap <= 0 ||
            !parse_integer(line, MODEL_WEIGHT_MAX, &weight))
            return bad_line(lines, "no gap and weight", err);
        bucket += gap;
        if (bucket >= model->buckets)
            return bad_line(lines, "bucket beyond the last", err);
        /* Gaps are above 0, so buckets rise and none is set twice. */
        label->weights[bucket] = (int16_t) weight;
    }
    return STATUS_OK;
}

static enum status read_label(struct lines *lines, struct slice line, struct linear_model *model,
                              struct error *err)
{
    struct label *label = &model->labels[model->label_count];
    int64_t count = 0;

    if (model->label_count == MODEL_LABELS_MAX)
        return bad_line(lines, "too many labels", err);
    if (!read_label_line(line, label, &count))
        return bad_line(lines, "no label line", err);
    label->weights = calloc(model->buckets, sizeof *label->weights);
    if (label->weights == NULL)
        return error_set(err, STATUS_NOMEM, "out of memory");
    model->label_count++;
    return read_weights(lines, model, label, count, err);
}

enum status model_parse(struct slice text, const char *name, struct linear_model **model,
                        struct error *err)
{
    struct lines lines = {text, name, 0};
    struct linear_model *read = calloc(1, sizeof *read);
    enum status status;

    if (read == NULL)
        return error_set(err, STATUS_NOMEM, "out of memory");
    status = read_head(&lines, read, err);
    while (status == STATUS_OK && lines.rest.data != NULL) {
        struct slice line = next_line(&lines);

        if (line.size > 0)
            status = read_label(&lines, line, read, err);
    }
    if (status == STATUS_OK && read->label_count == 0)
        status = bad_line(&lines, "no label", err);
    if (status != STATUS_OK) {
        model_destroy(read);
        return status;
    }
    *model = read;
    return STATUS_OK;
}

enum status model_load(const char *path, struct linear_model **model, struct error *err)
{
    FILE *file = fopen(path, "rb");
    char *text = NULL;
    size_t size = 0;
    enum status status = STATUS_OK;

    if (file == NULL)
        return error_set(err, STATUS_NOT_FOUND, "cannot open model %s", path);
    text = malloc(MODEL_FILE_MAX + 1);
    if (text == NULL)
        status = error_set(err, STATUS_NOMEM, "out of memory");
    else
        size = fread(text, 1, MODEL_FILE_MAX + 1, file);
    if (status == STATUS_OK && (ferror(file) || size > MODEL_FILE_MAX))
        status = error_set(err, STATUS_INVALID, "%s: unreadable or too large", path);
    if (status == STATUS_OK)
        status = model_parse(slice_of(text, size), path, model, err);
    free(text);
    fclose(file);
    return status;
}

void model_destroy(struct linear_model *model)
{
    if (model == NULL)
        return;
    for (size_t i = 0; i < model->label_count; i++)
        free(model->labels[i].weights);
    free(model);
}

/* ---- asking ---- */

const char *model_task(const struct linear_model *model)
{
    return model->task;
}

const char *model_version(const struct linear_model *model)
{
    return model->version;
}

uint32_t model_features(const struct linear_model *model)
{
    return model->features;
}

uint32_t model_buckets(const struct linear_model *model)
{
    return model->buckets;
}

size_t model_labels(const struct linear_model *model)
{
    return model->label_count;
}

const char *model_label(const struct linear_model *model, size_t label)
{
    return model->labels[label].name;
}

int64_t model_margin(const struct linear_model *model, size_t label, const struct feature *features,
                     size_t count)
{
    const struct label *asked = &model->labels[label];
    int64_t margin = (int64_t) asked->bias * MODEL_UNIT;

    for (size_t i = 0; i < count; i++) {
        /* Features are made for this model's count of buckets; others would be read past its
         * weights. */
        ENSURE(features[i].bucket < model->buckets);
        margin += (int64_t) asked->weights[features[i].bucket] * features[i].value;
    }
    return margin;
}

double model_chance(const struct linear_model *model, size_t label, int64_t margin)
{
    const struct label *asked = &model->labels[label];
    double exponent =
        (double) asked->slope * 1e-12 * (double) margin + (double) asked->offset * 1e-6;

    return 1 / (1 + exp(-exponent));
}

/* ln(p / (100 - p)) in millionths for p from 50 to 99 percent; that of 100 - p is its negative. */
static const int32_t log_odds[] = {
    0,       40005,   80043,   120144,  160343,  200671,  241162,  281851,  322773,  363965,
    405465,  447312,  489548,  532217,  575364,  619039,  663294,  708185,  753772,  800119,
    847298,  895384,  944462,  994623,  1045969, 1098612, 1152680, 1208311, 1265666, 1324925,
    1386294, 1450010, 1516347, 1585627, 1658228, 1734601, 1815290, 1900959, 1992430, 2090741,
    2197225, 2313635, 2442347, 2586689, 2751535, 2944439, 3178054, 3476099, 3891820, 4595120,
};

int64_t model_margin_at(const struct linear_model *model, size_t label, unsigned percent)
{
    const struct label *asked = &model->labels[label];
    int64_t odds;

    ENSURE(percent >= 1 && percent <= 99);
    /* A chance that does not rise with the margin has no margin at a given chance; a huge offset
     * would run over below. */
    if (asked->slope <= 0 || asked->offset > OFFSET_MAX || asked->offset < -OFFSET_MAX)
        return INT64_MAX;
    odds = percent >= 50 ? log_odds[percent - 50] : -log_odds[50 - percent];
    /* Slopes are in 1e-12, log odds and offsets in 1e-6. */
    return (odds - asked->offset) * 1000000 / asked->slope;
}

/* ---- writing ---- */

void model_write_head(struct buf *out, const struct model_head *head)
{
    buf_printf(out, "xunfang-model 1\ntask %s\nversion %s\nfeatures %u\nbuckets %u\n", head->task,
               head->version, head->features, head->buckets);
}

void model_write_label(struct buf *out, const struct model_label *label, uint32_t buckets)
{
    uint32_t count = 0;
    int64_t before = -1;

    for (uint32_t i = 0; i < buckets; i++)
        count += label->weights[i] != 0;
    buf_printf(out, "label %s bias %d slope %lld offset %lld weights %u\n", label->name,
               label->bias, (long long) label->slope, (long long) label->offset, count);
    for (uint32_t i = 0; i < buckets; i++) {
        if (label->weights[i] == 0)
            continue;
        buf_printf(out, "%lld %d\n", (long long) i - before, label->weights[i]);
        before = i;
    }
}
