/*
 * A document (work) has up to one question for each task (ask). It goes from queue to queue: its
 * asks stand in `line` while the asker has no room; when the last of them has ended it stands in
 * `answered`, to be taken further, which may ask again; decided it stands in `ended` until the
 * caller takes it.
 */
#include "study/cascade.h"

#include "study/consulted.h"

#include <stdlib.h>
#include <string.h>

enum ask_state { ASK_NONE, ASK_WAITS, ASK_SENT, ASK_ENDED };

/* One task of one document, put to the language model. */
struct ask {
    struct consult_waiter waiter; /* first: what the asker hands back is this */
    struct work *work;
    struct ask *next; /* in line for room */
    enum ask_state state;
    struct asker_question question;
    enum asked_outcome outcome;
    struct id key;
    struct prompt_verdict verdict; /* ANSWERED */
    struct slice reason;           /* else */
};

/* One document. It lives in its caller's arena. */
struct work {
    struct decision decision; /* first: what the caller gets is this */
    struct cascade *cascade;
    struct cascade_input input;
    struct ask asks[JUDGE_TASKS];
    size_t open; /* asks without an end */
    bool settled;
    struct work *next; /* in a queue of the cascade */
};

struct queue {
    struct work *head;
    struct work **tail;
};

struct cascade {
    const struct judge *judge;
    struct consult *consult;
    const struct prompt *prompts[JUDGE_TASKS]; /* NULL: never asked */
    struct ask *line;                          /* asks that wait for room, the oldest first */
    struct ask **line_end;
    struct queue answered; /* all that was asked has an end: to be taken further */
    struct queue ended;
    size_t open;
};

/* ---- queues ---- */

static void queue_put(struct queue *queue, struct work *work)
{
    work->next = NULL;
    *queue->tail = work;
    queue->tail = &work->next;
}

static struct work *queue_take(struct queue *queue)
{
    struct work *work = queue->head;

    if (work == NULL)
        return NULL;
    queue->head = work->next;
    if (queue->head == NULL)
        queue->tail = &queue->head;
    return work;
}

static void line_up(struct cascade *cascade, struct ask *ask)
{
    ask->state = ASK_WAITS;
    ask->next = NULL;
    *cascade->line_end = ask;
    cascade->line_end = &ask->next;
}

/* ---- life ---- */

static enum status find_prompts(struct cascade *cascade, struct error *err)
{
    for (int i = 0; i < JUDGE_TASKS && cascade->consult != NULL; i++) {
        const char *name = judge_task_text((enum judge_task) i);
        const struct prompt *prompt = consult_prompt(cascade->consult, name);

        if (prompt != NULL && prompt_task(prompt)->label_count > JUDGE_THEMES_MAX)
            return error_set(err, STATUS_INVALID, "task %s: more than %d labels", name,
                             JUDGE_THEMES_MAX);
        cascade->prompts[i] = prompt;
    }
    return STATUS_OK;
}

enum status cascade_create(const struct judge *judge, struct consult *consult,
                           struct cascade **cascade, struct error *err)
{
    struct cascade *made = calloc(1, sizeof *made);
    enum status status;

    if (made == NULL)
        return error_set(err, STATUS_NOMEM, "out of memory");
    made->judge = judge;
    made->consult = consult;
    made->line_end = &made->line;
    made->answered.tail = &made->answered.head;
    made->ended.tail = &made->ended.head;
    status = find_prompts(made, err);
    if (status != STATUS_OK) {
        cascade_destroy(made);
        return status;
    }
    *cascade = made;
    return STATUS_OK;
}

void cascade_destroy(struct cascade *cascade)
{
    free(cascade);
}

/* ---- asking ---- */

/* The asker's reason goes with the question; the document outlives both. */
static void end_ask(struct ask *ask, enum asked_outcome outcome, struct slice reason)
{
    struct slice copy = arena_copy(ask->work->input.arena, reason);

    ask->state = ASK_ENDED;
    ask->outcome = outcome;
    ask->reason = copy.data == NULL ? SLICE("out of memory") : copy;
    ask->work->open--;
}

/* Called within consult_step: the work is only put in line, as going on may ask again. */
static void on_end(struct consult_waiter *self, const struct asked *asked)
{
    struct ask *ask = (struct ask *) self;
    struct work *work = ask->work;
    struct cascade *cascade = work->cascade;

    end_ask(ask, asked->outcome, asked->reason);
    ask->key = asked->key;
    if (asked->outcome == ASKED_ANSWERED)
        prompt_read(cascade->prompts[ask - work->asks], asked->values, &ask->verdict);
    if (work->open == 0)
        queue_put(&cascade->answered, work);
}

/* What cannot be asked is a failed question, not the end of everything. STATUS_AGAIN: no room. */
static enum status send_ask(struct cascade *cascade, struct ask *ask, struct error *err)
{
    struct error cause = {.code = STATUS_OK};
    enum status status = asker_ask(consult_asker(cascade->consult), &ask->question, &cause);

    if (status == STATUS_OK)
        ask->state = ASK_SENT;
    else if (status_verdict(status) == VERDICT_DEAD)
        end_ask(ask, ASKED_FAILED, slice_from(cause.message));
    else
        return error_set(err, status, "%s", cause.message);
    return STATUS_OK;
}

static enum status make_question(struct ask *ask, const struct prompt *prompt, struct error *err)
{
    const struct cascade_input *input = &ask->work->input;
    struct error cause = {.code = STATUS_OK};
    enum status status =
        prompt_question(prompt, input->source, input->arena, &ask->question, &cause);

    if (status != STATUS_OK && status_verdict(status) != VERDICT_DEAD)
        return error_set(err, status, "%s", cause.message);
    if (status != STATUS_OK)
        end_ask(ask, ASKED_FAILED, slice_from(cause.message));
    ask->question.generation = input->generation;
    ask->question.owner = &ask->waiter;
    return STATUS_OK;
}

static enum status put_question(struct work *work, enum judge_task task, struct error *err)
{
    struct cascade *cascade = work->cascade;
    struct ask *ask = &work->asks[task];
    enum status status;

    ask->waiter.ended = on_end;
    ask->work = work;
    work->open++;
    status = make_question(ask, cascade->prompts[task], err);
    if (status != STATUS_OK || ask->state == ASK_ENDED)
        return status;
    /* Behind those that wait already: a stream of new documents must not pass them by. */
    status = cascade->line != NULL ? STATUS_AGAIN : send_ask(cascade, ask, err);
    if (status != STATUS_AGAIN)
        return status;
    line_up(cascade, ask);
    return STATUS_OK;
}

/* Puts the task to the language model if there is one for it and the built-in model is unsure. */
static enum status consider(struct work *work, enum judge_task task, struct error *err)
{
    const struct prompt *prompt = work->cascade->prompts[task];
    struct judge_band band;

    if (prompt == NULL)
        return STATUS_OK;
    band.from_percent = prompt_task(prompt)->ask.from_percent;
    band.to_percent = prompt_task(prompt)->ask.to_percent;
    if (!judge_unsure(work->cascade->judge, &work->decision.judgement, task, &band))
        return STATUS_OK;
    return put_question(work, task, err);
}

/* ---- what the answers say ---- */

static bool was_answered(const struct ask *ask)
{
    return ask->state == ASK_ENDED && ask->outcome == ASKED_ANSWERED;
}

/* An answer may name no label; then it decides nothing. */
static bool was_decided(const struct ask *ask)
{
    return was_answered(ask) && ask->verdict.label_count > 0;
}

static bool is_dead(const struct work *work, const struct ask *ask)
{
    return ask->state == ASK_ENDED && ask->outcome == ASKED_FAILED &&
           consult_failure_is_dead(work->cascade->consult);
}

static const char *label_text(const struct work *work, enum judge_task task, size_t nth)
{
    const struct codebook_task *asked = prompt_task(work->cascade->prompts[task]);

    return asked->labels[work->asks[task].verdict.labels[nth]].name.data;
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *) a, *(const char *const *) b);
}

static void take_themes(struct work *work)
{
    struct judgement *judgement = &work->decision.judgement;
    const struct prompt_verdict *verdict = &work->asks[JUDGE_THEMES].verdict;
    size_t kept = 0;

    ENSURE(verdict->label_count <= JUDGE_THEMES_MAX);
    for (size_t i = 0; i < verdict->label_count; i++)
        judgement->themes[i] = label_text(work, JUDGE_THEMES, i);
    qsort(judgement->themes, verdict->label_count, sizeof judgement->themes[0], compare_texts);
    /* Two choices of the form may mean one label. */
    for (size_t i = 0; i < verdict->label_count; i++)
        if (kept == 0 || strcmp(judgement->themes[kept - 1], judgement->themes[i]) != 0)
            judgement->themes[kept++] = judgement->themes[i];
    judgement->theme_count = kept;
}

/* A verdict that agrees changes nothing: margins, themes and purpose are the built-in model's. */
static enum status take_visit(struct work *work, struct error *err)
{
    struct judgement *judgement = &work->decision.judgement;
    bool is_visit = work->asks[JUDGE_VISIT].verdict.labels[0] == PROMPT_YES;

    if (is_visit == judgement->is_visit)
        return STATUS_OK;
    judgement->is_visit = is_visit;
    if (is_visit)
        return judge_subject(work->cascade->judge, work->input.arena, judgement, err);
    judgement->theme_count = 0;
    judgement->purpose = NULL;
    return STATUS_OK;
}

static void note(struct work *work, enum judge_task task)
{
    struct decision *decision = &work->decision;
    const struct ask *ask = &work->asks[task];

    consulted_note(&decision->consulted, judge_task_text(task), ask->outcome, ask->key);
    if (!was_decided(ask) || strcmp(decision->decided_by, "llm") == 0)
        return;
    decision->decided_by = "llm";
    decision->model = consult_name(work->cascade->consult, judge_task_text(task));
}

static enum status note_death(struct work *work, const struct ask *ask, struct error *err)
{
    const char *reason;

    if (!is_dead(work, ask) || work->decision.dead.size > 0)
        return STATUS_OK;
    reason = arena_printf(work->input.arena, "model: %.*s", SLICE_ARG(ask->reason));
    if (reason == NULL)
        return error_set(err, STATUS_NOMEM, "out of memory");
    work->decision.dead = slice_from(reason);
    return STATUS_OK;
}

/* Everything has been asked and has an end. In the order of the tasks, never of their answers: the
 * record must come out the same when it is made again. */
static enum status conclude(struct work *work, struct error *err)
{
    enum status status = STATUS_OK;

    for (int i = 0; i < JUDGE_TASKS && status == STATUS_OK; i++) {
        if (work->asks[i].state != ASK_ENDED)
            continue;
        note(work, (enum judge_task) i);
        status = note_death(work, &work->asks[i], err);
    }
    if (was_decided(&work->asks[JUDGE_PURPOSE]))
        work->decision.judgement.purpose = label_text(work, JUDGE_PURPOSE, 0);
    if (was_decided(&work->asks[JUDGE_THEMES]))
        take_themes(work);
    return status;
}

/* ---- from step to step ---- */

/* The visit is decided; what about its subject? */
static enum status settle_visit(struct work *work, struct error *err)
{
    const struct ask *ask = &work->asks[JUDGE_VISIT];
    enum status status = STATUS_OK;

    work->settled = true;
    if (was_decided(ask))
        status = take_visit(work, err);
    if (!work->decision.judgement.is_visit || is_dead(work, ask))
        return status;
    if (status == STATUS_OK)
        status = consider(work, JUDGE_PURPOSE, err);
    return status == STATUS_OK ? consider(work, JUDGE_THEMES, err) : status;
}

/* As far as it goes without an answer; afterwards either something is open or it is concluded. */
static enum status advance(struct work *work, struct error *err)
{
    enum status status = STATUS_OK;

    if (!work->settled)
        status = settle_visit(work, err);
    return status == STATUS_OK && work->open == 0 ? conclude(work, err) : status;
}

static enum status judge_work(struct work *work, struct error *err)
{
    const struct cascade *cascade = work->cascade;
    struct decision *decision = &work->decision;
    enum status status = judge_document(cascade->judge, work->input.source, work->input.arena,
                                        &decision->judgement, err);

    decision->owner = work->input.owner;
    decision->source = work->input.source;
    decision->decided_by = "model";
    decision->model = judge_version(cascade->judge);
    if (status == STATUS_OK)
        status = consider(work, JUDGE_VISIT, err);
    return status == STATUS_OK && work->open == 0 ? advance(work, err) : status;
}

enum status cascade_begin(struct cascade *cascade, const struct cascade_input *input,
                          struct decision **decision, struct error *err)
{
    struct work *work;
    enum status status;

    if (cascade->open == CASCADE_OPEN_MAX)
        return error_set(err, STATUS_AGAIN, "%d documents wait for answers", CASCADE_OPEN_MAX);
    work = arena_alloc(input->arena, sizeof *work);
    if (work == NULL)
        return error_set(err, STATUS_NOMEM, "out of memory");
    work->cascade = cascade;
    work->input = *input;
    status = judge_work(work, err);
    if (status != STATUS_OK)
        return status;
    cascade->open += work->open > 0;
    *decision = work->open > 0 ? NULL : &work->decision;
    return STATUS_OK;
}

static enum status send_waiting(struct cascade *cascade, struct error *err)
{
    while (cascade->line != NULL) {
        struct ask *ask = cascade->line;
        enum status status = send_ask(cascade, ask, err);

        if (status != STATUS_OK)
            return status == STATUS_AGAIN ? STATUS_OK : status;
        /* Taken off only now: a full asker must find it at the head again. */
        cascade->line = ask->next;
        if (cascade->line == NULL)
            cascade->line_end = &cascade->line;
        if (ask->work->open == 0)
            queue_put(&cascade->answered, ask->work);
    }
    return STATUS_OK;
}

static enum status take_further(struct cascade *cascade, struct error *err)
{
    enum status status = STATUS_OK;
    struct work *work;

    while (status == STATUS_OK && (work = queue_take(&cascade->answered)) != NULL) {
        status = advance(work, err);
        if (status == STATUS_OK && work->open == 0)
            queue_put(&cascade->ended, work);
    }
    return status;
}

enum status cascade_step(struct cascade *cascade, int64_t timeout_ms, struct error *err)
{
    enum status status;

    if (cascade->open == 0)
        return STATUS_OK;
    /* Waiting would hold back what the caller can have at once. */
    if (cascade->answered.head != NULL || cascade->ended.head != NULL)
        timeout_ms = 0;
    status = consult_step(cascade->consult, timeout_ms, err);
    if (status == STATUS_OK)
        status = send_waiting(cascade, err);
    return status == STATUS_OK ? take_further(cascade, err) : status;
}

struct decision *cascade_next(struct cascade *cascade)
{
    struct work *work = queue_take(&cascade->ended);

    if (work == NULL)
        return NULL;
    cascade->open--;
    return &work->decision;
}

size_t cascade_open_count(const struct cascade *cascade)
{
    return cascade->open;
}
