/*
 * A cube of counters (task, result, decider) is filled document by document and then pressed into
 * rows: those that every study has, also with 0, and of the rest those that count something. So
 * equal studies give tables of equal shape, which can be laid side by side.
 */
#include "aggregator/decisions.h"

#include "aggregator/funnel.h"

#include <stdlib.h>

const char *decider_text(enum decider decider)
{
    static const char *const texts[DECIDERS] = {"rule", "model", "llm", "other"};

    return texts[decider];
}

enum decider decider_of(struct slice text)
{
    int decider = DECIDER_RULE;

    while (decider < DECIDER_OTHER &&
           !slice_equal(text, slice_from(decider_text((enum decider) decider))))
        decider++;
    return (enum decider) decider;
}

const char *decision_result_text(enum decision_result result)
{
    static const char *const texts[DECISION_RESULTS] = {"yes", "no", "", "dead"};

    return texts[result];
}

uint64_t decision_asked(const struct decision_row *row)
{
    return row->answered + row->failed + row->refused;
}

/* All cells there can be, task by task; the empty ones are sorted out at the end. */
struct counting {
    const struct dataset *dataset;
    const struct setting_task *tasks;
    size_t task_count;
    struct decision_row *cells;
};

static struct decision_row *cell_at(const struct counting *in, size_t task,
                                    enum decision_result result, enum decider decider)
{
    return &in->cells[(task * DECISION_RESULTS + result) * DECIDERS + decider];
}

/* How the question about this task ended; QUESTION_NONE: it was not asked. */
enum { QUESTION_NONE = QUESTION_REFUSED + 1 };

static uint32_t end_of(const struct counting *in, const struct ruling *ruling,
                       const struct setting_task *task)
{
    for (uint32_t i = 0; i < ruling->task_count; i++)
        if (slice_equal(dataset_text(in->dataset, ruling->tasks[i]), task->name))
            return ruling->ends[i];
    return QUESTION_NONE;
}

/* The report's word is about the whole document: where a language model answered another task, what
 * decided this one is told by the codebook. Answers that were of no use leave the word as it is. */
static enum decider decider_of_task(const struct counting *in, const struct ruling *ruling,
                                    const struct setting_task *task)
{
    enum decider built_in = task->has_model ? DECIDER_MODEL : DECIDER_RULE;
    enum decider whole = decider_of(dataset_text(in->dataset, ruling->decided_by));

    if (whole == DECIDER_LLM && end_of(in, ruling, task) == QUESTION_ANSWERED)
        return DECIDER_LLM;
    /* Purpose, themes and events have no word of their own in a report: only the visit is told by
     * decided_by. Lines (dataset_lines.c) carry no tasks: their "llm" is taken at its word. */
    if (task->kind != TASK_BINARY || (whole == DECIDER_LLM && ruling->task_count > 0))
        return built_in;
    return whole;
}

static void count_question(struct decision_row *cell, uint32_t end)
{
    cell->documents++;
    cell->answered += end == QUESTION_ANSWERED;
    cell->failed += end == QUESTION_FAILED;
    cell->refused += end == QUESTION_REFUSED;
}

static enum decision_result result_of(const struct setting_task *task, enum reason reason)
{
    if (task->kind == TASK_BINARY)
        return reason == REASON_NO_VISIT ? DECISION_NO : DECISION_YES;
    if (task->kind == TASK_FIELDS)
        return reason == REASON_EVENT ? DECISION_YES : DECISION_NO;
    return DECISION_LABELS;
}

static void count_screened(struct counting *in, const struct document *document, enum reason reason)
{
    struct ruling ruling = dataset_ruling(in->dataset, document);

    for (size_t i = 0; i < in->task_count; i++) {
        const struct setting_task *task = &in->tasks[i];

        if (task->kind != TASK_BINARY && reason == REASON_NO_VISIT)
            continue; /* only visits come so far */
        count_question(cell_at(in, i, result_of(task, reason), decider_of_task(in, &ruling, task)),
                       end_of(in, &ruling, task));
    }
}

/* It died of the first question without an answer; what was asked before it had one. The funnel
 * counts it under one reason; here it is told under every task that was asked about. */
static void count_dead(struct counting *in, const struct document *document)
{
    struct ruling ruling = dataset_ruling(in->dataset, document);

    for (size_t i = 0; i < in->task_count; i++) {
        uint32_t end = end_of(in, &ruling, &in->tasks[i]);

        if (end != QUESTION_NONE)
            count_question(cell_at(in, i, DECISION_DEAD, DECIDER_OTHER), end);
    }
}

/* Dead, and in no group since nothing is known of its text. */
static bool is_dead_alone(const struct document *document)
{
    return (document->flags & DOCUMENT_COUNTED) && !(document->flags & DOCUMENT_TEXT) &&
           document->outcome == OUTCOME_DEAD;
}

static void count_all(struct counting *in, const struct groups *groups)
{
    for (size_t g = 0; g < groups->count; g++) {
        const struct document *speaker = group_speaker(in->dataset, groups, g);
        enum reason reason = funnel_reason(in->dataset, speaker);

        if (reason == REASON_NO_VISIT || reason == REASON_NO_EVENT || reason == REASON_EVENT)
            count_screened(in, speaker, reason);
        else if (reason == REASON_DEAD)
            count_dead(in, speaker);
    }
    for (size_t i = 0; i < in->dataset->documents.count; i++) {
        const struct document *document = dataset_at(in->dataset, i);

        if (is_dead_alone(document))
            count_dead(in, document);
    }
}

/* Does this task have such a row whether or not it counts anything? */
static bool is_fixed(const struct setting_task *task, enum decision_result result,
                     enum decider decider)
{
    bool labels = task->kind == TASK_LABEL || task->kind == TASK_LABELS;

    return decider != DECIDER_OTHER && result != DECISION_DEAD &&
           labels == (result == DECISION_LABELS);
}

static void keep_rows(struct counting *in, struct decisions *decisions)
{
    for (size_t i = 0; i < in->task_count; i++)
        for (int result = 0; result < DECISION_RESULTS; result++)
            for (int decider = 0; decider < DECIDERS; decider++) {
                enum decision_result what = (enum decision_result) result;
                enum decider who = (enum decider) decider;
                struct decision_row row = *cell_at(in, i, what, who);

                if (row.documents == 0 && !is_fixed(&in->tasks[i], what, who))
                    continue;
                row.task = in->tasks[i].name;
                row.result = what;
                row.decider = who;
                decisions->rows[decisions->count++] = row; /* never before the cell itself */
                decisions->answered += row.answered;
                decisions->failed += row.failed;
                decisions->refused += row.refused;
            }
}

enum status decisions_count(const struct dataset *dataset, const struct groups *groups,
                            const struct setting *setting, struct decisions *decisions,
                            struct error *err)
{
    size_t cells = setting->task_count * DECISION_RESULTS * DECIDERS;
    struct counting in = {.dataset = dataset,
                          .tasks = setting->tasks,
                          .task_count = setting->task_count,
                          .cells = calloc(cells + 1, sizeof *in.cells)};

    if (in.cells == NULL)
        return error_set(err, STATUS_NOMEM, "no memory to count decisions");
    count_all(&in, groups);
    *decisions = (struct decisions){.rows = in.cells};
    keep_rows(&in, decisions);
    return STATUS_OK;
}

void decisions_fini(struct decisions *decisions)
{
    free(decisions->rows);
    decisions->rows = NULL;
    decisions->count = 0;
}
