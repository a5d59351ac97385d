/*
 * Every document becomes one tally a label, in a table of labels by documents; every figure is a
 * sum over it. Resampling draws documents and not answers, as the pairs of one document are right
 * or wrong together.
 */
#include "classifier/evaluate.h"

#include "base/util/random.h"

#include <stdlib.h>

enum { SCRATCH_MAX = 64 << 20 };

/* ---- intervals ---- */

static struct tally sum_of(struct tally a, struct tally b)
{
    return (struct tally){a.right_yes + b.right_yes, a.wrong_yes + b.wrong_yes,
                          a.wrong_no + b.wrong_no};
}

static double share(uint32_t part, uint32_t rest)
{
    return part + rest == 0 ? 0 : (double) part / (double) (part + rest);
}

/* 2 right / (2 right + wrong yes + wrong no): the harmonic mean of precision and recall, which is
 * defined where one of them is not. */
static double f1_of(struct tally sum)
{
    uint32_t twice = 2 * sum.right_yes;

    return share(twice, sum.wrong_yes + sum.wrong_no);
}

static int compare_doubles(const void *a, const void *b)
{
    double left = *(const double *) a;
    double right = *(const double *) b;

    return left < right ? -1 : left > right;
}

/* Sorts the samples where they stand: each kind has a third of one block. */
static struct interval interval_of(double value, double *samples)
{
    size_t tail = EVALUATE_SAMPLES / 40; /* 2.5 % */

    qsort(samples, EVALUATE_SAMPLES, sizeof *samples, compare_doubles);
    return (struct interval){value, samples[tail], samples[EVALUATE_SAMPLES - 1 - tail]};
}

static struct tally resample(const struct tally *tallies, size_t count, struct random *random)
{
    struct tally sum = {0, 0, 0};

    for (size_t i = 0; i < count; i++)
        sum = sum_of(sum, tallies[random_below(random, count)]);
    return sum;
}

enum status evaluate_tallies(const char *label, const struct tally *tallies, size_t count,
                             struct score *score, struct error *err)
{
    double *samples = calloc((size_t) 3 * EVALUATE_SAMPLES, sizeof *samples);
    struct random random;
    struct tally sum = {0, 0, 0};

    if (samples == NULL)
        return error_set(err, STATUS_NOMEM, "out of memory");
    /* Anew for each label, so that its interval does not depend on the labels before it. */
    random_init(&random, EVALUATE_SEED);
    for (size_t i = 0; i < count; i++)
        sum = sum_of(sum, tallies[i]);
    for (size_t i = 0; i < EVALUATE_SAMPLES; i++) {
        struct tally drawn = count == 0 ? sum : resample(tallies, count, &random);

        samples[i] = share(drawn.right_yes, drawn.wrong_yes);
        samples[EVALUATE_SAMPLES + i] = share(drawn.right_yes, drawn.wrong_no);
        samples[(size_t) 2 * EVALUATE_SAMPLES + i] = f1_of(drawn);
    }
    *score = (struct score){
        .label = label,
        .documents = count,
        .sum = sum,
        .precision = interval_of(share(sum.right_yes, sum.wrong_yes), samples),
        .recall = interval_of(share(sum.right_yes, sum.wrong_no), samples + EVALUATE_SAMPLES),
        .f1 = interval_of(f1_of(sum), samples + (size_t) 2 * EVALUATE_SAMPLES)};
    free(samples);
    return STATUS_OK;
}

/* ---- asking ---- */

static struct tally tally_label(bool answer, bool truth)
{
    return (struct tally){answer && truth, answer && !truth, !answer && truth};
}

static bool says_theme(const struct judgement *judgement, const char *theme)
{
    for (size_t i = 0; i < judgement->theme_count; i++)
        if (slice_equal(slice_from(judgement->themes[i]), slice_from(theme)))
            return true;
    return false;
}

static struct tally tally_events(const struct judgement *judgement, const struct gold *gold)
{
    struct tally tally = {0, 0, 0};
    /* A pair counts only in a visit. Legs are distinct, as the pairs of the label are, so no more
     * can be right than the label has. */
    size_t found = judgement->is_visit ? judgement->trip.leg_count : 0;

    for (size_t i = 0; i < found; i++) {
        const struct leg *leg = &judgement->trip.legs[i];
        bool right = gold_has_event(gold, leg->origin.city->short_name, leg->host.city->short_name);

        tally.right_yes += right;
        tally.wrong_yes += !right;
    }
    tally.wrong_no = (uint32_t) gold->event_count - tally.right_yes;
    return tally;
}

static struct tally tally_of(enum task task, const char *label, const struct judgement *judgement,
                             const struct gold *gold)
{
    if (task == TASK_NAME_EVENTS)
        return tally_events(judgement, gold);
    if (task == TASK_NAME_VISIT)
        return tally_label(judgement->is_visit, gold->is_visit);
    if (task == TASK_NAME_THEMES)
        return tally_label(says_theme(judgement, label), gold_has_theme(gold, slice_from(label)));
    return tally_label(slice_equal(slice_from(judgement->purpose), SLICE("cooperative")),
                       gold->cooperative);
}

static enum status ask(enum task task, const struct judge *judge, const struct labelled *labelled,
                       struct arena *arena, struct judgement *judgement)
{
    const struct source_text source = {.title = labelled->doc.title,
                                       .body = labelled->doc.body,
                                       .url = labelled->doc.url,
                                       .site_city = labelled->doc.site_city,
                                       .day = labelled->doc.day};
    enum status status = judge_document(judge, &source, arena, judgement, NULL);

    /* Themes and purpose are scored on true visits, whatever the model thinks of them. */
    if (status == STATUS_OK && !judgement->is_visit &&
        (task == TASK_NAME_THEMES || task == TASK_NAME_PURPOSE))
        status = judge_subject(judge, arena, judgement, NULL);
    return status;
}

struct count {
    enum task task;
    const struct corpus *corpus;
    struct tally *tallies; /* label by label, `documents` each */
    size_t labels;
    size_t documents; /* tallied so far: the others' places stay behind them, empty */
};

static enum status count_all(struct count *count, const struct judge *judge, struct error *err)
{
    struct arena *arena = arena_create(SCRATCH_MAX);
    bool subject = count->task == TASK_NAME_THEMES || count->task == TASK_NAME_PURPOSE;
    enum status status = STATUS_OK;
    size_t size = corpus_size(count->corpus);

    if (arena == NULL)
        return error_set(err, STATUS_NOMEM, "out of memory");
    for (size_t i = 0; i < size && status == STATUS_OK; i++) {
        const struct labelled *labelled = corpus_at(count->corpus, i);
        struct judgement *judgement;

        /* Themes and purpose are those of a visit: nothing else has any to be right about. */
        if (subject && !labelled->gold.is_visit)
            continue;
        arena_reset(arena);
        judgement = arena_alloc(arena, sizeof *judgement);
        status =
            judgement == NULL ? STATUS_NOMEM : ask(count->task, judge, labelled, arena, judgement);
        for (size_t k = 0; k < count->labels && status == STATUS_OK; k++)
            count->tallies[k * size + count->documents] =
                tally_of(count->task, task_label(count->task, k), judgement, &labelled->gold);
        count->documents++;
    }
    arena_destroy(arena);
    return status == STATUS_OK ? status : error_set(err, status, "out of memory");
}

static struct tally add_up(const struct tally *tallies, size_t stride, size_t labels)
{
    struct tally sum = {0, 0, 0};

    for (size_t i = 0; i < labels; i++)
        sum = sum_of(sum, tallies[i * stride]);
    return sum;
}

/* All labels together, document by document, over the first label's place: so after all of them
 * have been scored by themselves. */
static enum status score_micro(struct count *count, struct evaluation *evaluation,
                               struct error *err)
{
    size_t size = corpus_size(count->corpus);

    for (size_t i = 0; i < count->documents; i++)
        count->tallies[i] = add_up(count->tallies + i, size, count->labels);
    return evaluate_tallies("micro", count->tallies, count->documents,
                            &evaluation->scores[evaluation->count++], err);
}

enum status evaluate_corpus(enum task task, const struct corpus *corpus, const struct judge *judge,
                            struct evaluation *evaluation, struct error *err)
{
    struct count count = {.task = task, .corpus = corpus, .labels = task_label_count(task)};
    enum status status;

    *evaluation = (struct evaluation){.count = 0};
    count.tallies = calloc(count.labels * corpus_size(corpus), sizeof *count.tallies);
    if (count.tallies == NULL)
        return error_set(err, STATUS_NOMEM, "out of memory");
    status = count_all(&count, judge, err);
    for (size_t i = 0; i < count.labels && status == STATUS_OK; i++) {
        struct score *score = &evaluation->scores[evaluation->count++];

        status = evaluate_tallies(task_label(task, i), count.tallies + i * corpus_size(corpus),
                                  count.documents, score, err);
        evaluation->macro_f1 += score->f1.value / (double) count.labels;
    }
    if (status == STATUS_OK && count.labels > 1)
        status = score_micro(&count, evaluation, err);
    free(count.tallies);
    return status;
}

/* ---- printing ---- */

static void print_interval(const char *name, const struct interval *interval, bool json,
                           struct buf *out)
{
    if (json)
        buf_printf(out, ",\"%s\":%.4f,\"%s_low\":%.4f,\"%s_high\":%.4f", name, interval->value,
                   name, interval->low, name, interval->high);
    else
        buf_printf(out, "  %.3f [%.3f, %.3f]", interval->value, interval->low, interval->high);
}

static void print_score(enum task task, const struct score *score, bool json, struct buf *out)
{
    if (json)
        buf_printf(out,
                   "{\"task\":\"%s\",\"label\":\"%s\",\"documents\":%zu,\"right_yes\":%u,"
                   "\"wrong_yes\":%u,\"wrong_no\":%u",
                   task_text(task), score->label, score->documents, score->sum.right_yes,
                   score->sum.wrong_yes, score->sum.wrong_no);
    else
        buf_printf(out, "%-14s %6zu %5u %5u %5u", score->label, score->documents,
                   score->sum.right_yes, score->sum.wrong_yes, score->sum.wrong_no);
    print_interval("precision", &score->precision, json, out);
    print_interval("recall", &score->recall, json, out);
    print_interval("f1", &score->f1, json, out);
    buf_puts(out, json ? "}\n" : "\n");
}

void evaluate_print(enum task task, const struct evaluation *evaluation, bool json, struct buf *out)
{
    if (!json)
        buf_puts(out, "label            docs   yes  false missed  precision             recall"
                      "                F1 (95 %)\n");
    for (size_t i = 0; i < evaluation->count; i++)
        print_score(task, &evaluation->scores[i], json, out);
    if (task != TASK_NAME_THEMES)
        return;
    if (json)
        buf_printf(out, "{\"task\":\"themes\",\"label\":\"macro\",\"f1\":%.4f}\n",
                   evaluation->macro_f1);
    else
        buf_printf(out, "macro F1 %.3f\n", evaluation->macro_f1);
}
