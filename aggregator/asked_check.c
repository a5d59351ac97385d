/*
 * A report names tasks, ends and keys of answers (Consulted). From the document's text the question
 * is made again and must have that key; from the first reply to the key the verdict is read again
 * and must be the report's. Neither looks at what the extractor computed on the way.
 */
#include "aggregator/asked_check.h"

#include "base/message.h"

#include <stdio.h>
#include <string.h>

const char *asked_fault_text(enum asked_fault fault)
{
    static const char *const texts[ASKED_FAULTS] = {
#define X(name, check) check,
        ASKED_CHECK_TABLE(X)
#undef X
    };

    return texts[fault];
}

/* One document under examination; each fault counts once a document. */
struct examining {
    struct asked_check *check;
    const struct asked_document *document;
    const Xunfang__Consulted *consulted; /* never NULL */
    struct arena *arena;
    bool faulty[ASKED_FAULTS];
};

static void find_fault(struct examining *in, enum asked_fault fault, struct slice detail)
{
    char id[ID_TEXT_SIZE];

    if (in->faulty[fault])
        return;
    in->faulty[fault] = true;
    if (in->check->faults[fault]++ == 0)
        (void) snprintf(in->check->examples[fault], ASKED_EXAMPLE_MAX, "%s: %.*s",
                        id_text(in->document->id, id), SLICE_ARG(detail));
}

/* ---- counts ---- */

static size_t count_ends(const Xunfang__Consulted *consulted, Xunfang__Consulted__End end)
{
    size_t count = 0;

    for (size_t i = 0; i < consulted->n_ends; i++)
        count += consulted->ends[i] == end;
    return count;
}

static void check_ends(struct examining *in)
{
    const Xunfang__Consulted *consulted = in->consulted;
    bool decided = strcmp(in->document->report->decided_by, "llm") == 0;

    if (consulted->n_ends != consulted->n_tasks ||
        count_ends(consulted, XUNFANG__CONSULTED__END__ANSWERED) != consulted->n_answers ||
        count_ends(consulted, XUNFANG__CONSULTED__END__FAILED) != consulted->failed ||
        count_ends(consulted, XUNFANG__CONSULTED__END__REFUSED) != consulted->refused)
        find_fault(in, ASKED_ENDS, SLICE("tasks, ends and counts differ"));
    if (decided && consulted->n_answers == 0)
        find_fault(in, ASKED_NAMED, SLICE("no answer is named"));
}

/* ---- decisions ---- */

/* Whatever was dropped later (no event) was taken for a visit. */
static bool is_visit(const struct asked_document *document)
{
    return !(document->outcome == OUTCOME_DROPPED &&
             slice_starts(document->reason, SLICE("no visit")));
}

static bool has_theme(const Xunfang__Report *report, struct slice name)
{
    for (size_t i = 0; i < report->n_themes; i++)
        if (slice_equal(slice_from(report->themes[i]), name))
            return true;
    return false;
}

/* Purpose and themes stand in passed reports alone. */
static void check_labels(struct examining *in, const struct codebook_task *task,
                         const struct prompt_verdict *verdict)
{
    const Xunfang__Report *report = in->document->report;
    bool same = true;

    if (in->document->outcome != OUTCOME_PASSED)
        return;
    if (task->kind == TASK_LABEL)
        same = slice_equal(slice_from(report->purpose), task->labels[verdict->labels[0]].name);
    for (size_t i = 0; task->kind == TASK_LABELS && i < verdict->label_count; i++)
        same = same && has_theme(report, task->labels[verdict->labels[i]].name);
    if (!same || (task->kind == TASK_LABELS && report->n_themes != verdict->label_count))
        find_fault(in, ASKED_DECISIONS, task->name);
}

/* A dead document decided nothing, so there is nothing to compare. */
static void check_decision(struct examining *in, const struct prompt *prompt,
                           const struct shape_value *values)
{
    const struct codebook_task *task = prompt_task(prompt);
    struct prompt_verdict verdict;

    prompt_read(prompt, values, &verdict);
    if (verdict.label_count == 0 || in->document->outcome == OUTCOME_DEAD)
        return;
    if (task->kind != TASK_BINARY)
        check_labels(in, task, &verdict);
    else if ((verdict.labels[0] == PROMPT_YES) != is_visit(in->document))
        find_fault(in, ASKED_DECISIONS, task->name);
}

/* ---- values ---- */

static enum status check_organ(struct examining *in, const struct grounding_text *text,
                               const char *organ, struct slice answered, struct error *err)
{
    bool made_up = false;
    enum status status = grounding_made_up(text, slice_from(organ), answered, &made_up, err);

    if (status == STATUS_OK && made_up)
        find_fault(in, ASKED_VALUES, slice_from(organ));
    return status;
}

static void check_city(struct examining *in, const struct grounding_text *text, const char *city)
{
    if (!grounding_names_city(text, slice_from(city)))
        find_fault(in, ASKED_VALUES, slice_from(city));
}

static enum status check_event(struct examining *in, const struct grounding_text *text,
                               const Xunfang__Event *event, const struct slice answered[2],
                               struct error *err)
{
    enum status status = check_organ(in, text, event->origin_dept, answered[0], err);

    if (status == STATUS_OK)
        status = check_organ(in, text, event->host_dept, answered[1], err);
    check_city(in, text, event->origin_city);
    check_city(in, text, event->host_city);
    return status;
}

/* Cities of every event, whoever found them; organs only where the answer gave them. */
static enum status check_values(struct examining *in, const struct prompt *prompt,
                                const struct shape_value *values, struct error *err)
{
    const Xunfang__Report *report = in->document->report;
    const struct slice answered[2] = {prompt_field(prompt, values, "origin_dept"),
                                      prompt_field(prompt, values, "host_dept")};
    struct grounding_text text;
    enum status status;

    if (report->n_events == 0)
        return STATUS_OK;
    status = grounding_read(in->check->grounding, &in->document->source, in->arena, &text, err);
    for (size_t i = 0; i < report->n_events && status == STATUS_OK; i++)
        status = check_event(in, &text, report->events[i], answered, err);
    return status;
}

/* ---- answers ---- */

/* The reply to the key the report names; NULL with the fault noted. */
static const struct answer_row *find_reply(struct examining *in, ProtobufCBinaryData bytes,
                                           struct slice task)
{
    const struct answer_log *log = in->check->log;
    const struct answer_row *row = NULL;
    struct id key;

    if (id_from_bytes(message_slice(bytes), &key, NULL) == STATUS_OK)
        row = answer_log_find(log, key);
    if (row != NULL && slice_equal(answer_log_text(log, row->task), task))
        return row;
    find_fault(in, ASKED_ANSWERS, task);
    return NULL;
}

/* A reply out of shape cannot have decided anything, so a decision named after it is wrong. */
static enum status check_reply(struct examining *in, const struct prompt *prompt,
                               const struct answer_row *row, struct error *err)
{
    struct question question = {.prompt = prompt};
    const struct shape_value *values;
    struct error cause = {.code = STATUS_OK};
    enum status status =
        questions_make(in->check->questions, &in->document->source, in->arena, &question, err);

    if (status != STATUS_OK)
        return status;
    if (!id_equal(question.key, row->key))
        find_fault(in, ASKED_KEYS, prompt_task(prompt)->name);
    status = shape_read(question.shape, answer_log_text(in->check->log, row->text), in->arena,
                        &values, &cause);
    if (status == STATUS_NOMEM)
        return error_set(err, status, "%s", cause.message);
    if (status != STATUS_OK) {
        find_fault(in, ASKED_DECISIONS, prompt_task(prompt)->name);
        return STATUS_OK;
    }
    check_decision(in, prompt, values);
    return prompt_task(prompt)->kind == TASK_FIELDS ? check_values(in, prompt, values, err)
                                                    : STATUS_OK;
}

/* Without a prompt of this name nobody can have asked: the key is of another question. */
static enum status check_answer(struct examining *in, size_t task, size_t answer, struct error *err)
{
    struct slice name = slice_from(in->consulted->tasks[task]);
    const struct prompt *prompt = questions_find(in->check->questions, name);
    const struct answer_row *row = find_reply(in, in->consulted->answers[answer], name);

    if (row == NULL)
        return STATUS_OK;
    if (prompt != NULL)
        return check_reply(in, prompt, row, err);
    find_fault(in, ASKED_KEYS, name);
    return STATUS_OK;
}

/* The n-th key belongs to the n-th task that was answered. */
static enum status check_answers(struct examining *in, struct error *err)
{
    const Xunfang__Consulted *consulted = in->consulted;
    size_t answer = 0;
    enum status status = STATUS_OK;

    for (size_t i = 0; i < consulted->n_tasks && i < consulted->n_ends && status == STATUS_OK; i++)
        if (consulted->ends[i] == XUNFANG__CONSULTED__END__ANSWERED &&
            answer < consulted->n_answers)
            status = check_answer(in, i, answer++, err);
    return status;
}

enum status asked_check(struct asked_check *check, const struct asked_document *document,
                        struct arena *arena, struct error *err)
{
    static const Xunfang__Consulted nothing = XUNFANG__CONSULTED__INIT;
    struct examining in = {.check = check,
                           .document = document,
                           .consulted = document->report->consulted,
                           .arena = arena};

    if (in.consulted == NULL)
        in.consulted = &nothing;
    check->documents++;
    check_ends(&in);
    return check_answers(&in, err);
}
