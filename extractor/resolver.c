/*
 * A visit that is asked about is with the asker, or in `waiting` until the asker has room for it,
 * or in `ended` until resolver_next hands it over; `open` counts all of them. A question that
 * cannot be asked ends at once: then, too, its visit only goes to `ended`, and no caller is called
 * back from inside.
 */
#include "extractor/resolver.h"

#include "base/metrics.h"
#include "extractor/doubt.h"
#include "extractor/ground.h"
#include "study/consulted.h"

#include <stdlib.h>

static const struct metric_family ungrounded_family = {
    .name = "xunfang_extractor_ungrounded",
    .kind = METRIC_COUNTER,
    .help = "Answered values that the text does not hold, dropped.",
    .labels = {"field"}};
static const struct metric_family doubts_family = {
    .name = "xunfang_extractor_doubts",
    .kind = METRIC_COUNTER,
    .help = "Visits whose parties a language model was asked for, by what the rules left.",
    .labels = {"doubt"}};

/* One visit that is asked about. It lives in its caller's arena. */
struct visit {
    struct consult_waiter waiter; /* first: what the asker hands back is this */
    struct finding finding;
    struct resolver *resolver;
    struct resolver_input input;
    struct named named; /* what the doubt was judged by; its answer is held against it */
    struct asker_question question;
    struct visit *next; /* in a queue of the resolver */
};

struct queue {
    struct visit *head;
    struct visit **tail;
};

struct resolver {
    const struct extractor *extractor;
    struct consult *consult;
    const struct prompt *prompt; /* NULL: nobody is asked */
    struct queue waiting;        /* for room in the asker, the oldest first */
    struct queue ended;
    size_t open; /* begun and not handed over, RESOLVER_OPEN_MAX at most */
};

/* ---- queues ---- */

static void queue_put(struct queue *queue, struct visit *visit)
{
    visit->next = NULL;
    *queue->tail = visit;
    queue->tail = &visit->next;
}

static struct visit *queue_take(struct queue *queue)
{
    struct visit *visit = queue->head;

    if (visit == NULL)
        return NULL;
    queue->head = visit->next;
    if (queue->head == NULL)
        queue->tail = &queue->head;
    return visit;
}

/* ---- life ---- */

enum status resolver_create(const struct extractor *extractor, struct consult *consult,
                            struct resolver **resolver, struct error *err)
{
    struct resolver *made = calloc(1, sizeof *made);

    if (made == NULL)
        return error_set(err, STATUS_NOMEM, "out of memory");
    made->extractor = extractor;
    made->consult = consult;
    if (consult != NULL)
        made->prompt = consult_prompt(consult, RESOLVER_TASK);
    made->waiting.tail = &made->waiting.head;
    made->ended.tail = &made->ended.head;
    *resolver = made;
    return STATUS_OK;
}

/* Visits that wait are in their callers' arenas, and stay theirs. */
void resolver_destroy(struct resolver *resolver)
{
    free(resolver);
}

const struct extractor *resolver_extractor(const struct resolver *resolver)
{
    return resolver->extractor;
}

size_t resolver_open_count(const struct resolver *resolver)
{
    return resolver->open;
}

/* ---- the end of a visit ---- */

static enum status extract(struct visit *visit, const struct told *told, struct error *err)
{
    const struct extract_input input = {visit->input.source, visit->input.judgement, told};

    return extract_events(visit->resolver->extractor, &input, visit->input.arena,
                          &visit->finding.extraction, err);
}

static enum status read_answer(struct visit *visit, const struct shape_value *values,
                               struct told *told, struct error *err)
{
    unsigned dropped[GROUND_FIELDS];
    struct slice answered[GROUND_FIELDS];
    const struct ground_input input = {.extractor = visit->resolver->extractor,
                                       .source = visit->input.source,
                                       .named = &visit->named,
                                       .answered = answered,
                                       .arena = visit->input.arena};
    enum status status;

    for (int i = 0; i < GROUND_FIELDS; i++)
        answered[i] =
            prompt_field(visit->resolver->prompt, values, ground_field_text((enum ground_field) i));
    status = ground_answer(&input, told, dropped, err);
    for (int i = 0; i < GROUND_FIELDS && status == STATUS_OK; i++)
        if (dropped[i] > 0)
            metric_add(metric_series(&ungrounded_family, ground_field_text((enum ground_field) i),
                                     NULL, NULL),
                       dropped[i]);
    return status;
}

/* The told legs if the text holds them and they are in the region, else what the rules found. */
static enum status take_answer(struct visit *visit, const struct shape_value *values,
                               struct error *err)
{
    struct told *told = arena_alloc(visit->input.arena, sizeof *told);
    enum status status;

    if (told == NULL)
        return error_set(err, STATUS_NOMEM, "out of memory");
    status = read_answer(visit, values, told, err);
    if (status == STATUS_OK && told->leg_count > 0)
        status = extract(visit, told, err);
    if (status != STATUS_OK)
        return status;
    /* Nothing grounded, or all of it outside the region: the answer has not decided anything. */
    if (visit->finding.extraction.count == 0)
        return extract(visit, NULL, err);
    visit->finding.model = consult_name(visit->resolver->consult, RESOLVER_TASK);
    return STATUS_OK;
}

/* Only what the model could not answer is dead: a budget that is used up is the job's own wish. */
static enum status take_failure(struct visit *visit, struct slice reason, struct error *err)
{
    const char *dead;

    if (!consult_failure_is_dead(visit->resolver->consult))
        return extract(visit, NULL, err);
    dead = arena_printf(visit->input.arena, "model: %.*s", SLICE_ARG(reason));
    if (dead == NULL)
        return error_set(err, STATUS_NOMEM, "out of memory");
    visit->finding.dead = slice_from(dead);
    return STATUS_OK;
}

/* Afterwards the finding can be handed over; what went wrong stands in it. */
static void end_visit(struct visit *visit, const struct asked *asked)
{
    struct error cause = {.code = STATUS_OK};
    enum status status;

    /* Whatever came of it: a question that failed or was refused was asked, too. */
    consulted_note(&visit->finding.consulted, RESOLVER_TASK, asked->outcome, asked->key);
    if (asked->outcome == ASKED_ANSWERED)
        status = take_answer(visit, asked->values, &cause);
    else if (asked->outcome == ASKED_FAILED)
        status = take_failure(visit, asked->reason, &cause);
    else
        status = extract(visit, NULL, &cause);
    if (status != STATUS_OK)
        visit->finding.cause = cause;
    queue_put(&visit->resolver->ended, visit);
}

static void on_end(struct consult_waiter *self, const struct asked *asked)
{
    end_visit((struct visit *) self, asked);
}

/* ---- asking ---- */

/* What cannot be asked is a failed question, not the end of everything. */
static void fail_question(struct visit *visit, const struct error *cause)
{
    const struct asked asked = {.outcome = ASKED_FAILED, .reason = slice_from(cause->message)};

    end_visit(visit, &asked);
}

static enum status send(struct visit *visit, struct error *err)
{
    struct error cause = {.code = STATUS_OK};
    enum status status =
        asker_ask(consult_asker(visit->resolver->consult), &visit->question, &cause);

    if (status == STATUS_OK)
        return STATUS_OK;
    if (status_verdict(status) != VERDICT_DEAD)
        return error_set(err, status, "%s", cause.message);
    fail_question(visit, &cause);
    return STATUS_OK;
}

static enum status put_question(struct visit *visit, struct error *err)
{
    struct resolver *resolver = visit->resolver;
    struct error cause = {.code = STATUS_OK};
    enum status status = prompt_question(resolver->prompt, visit->input.source, visit->input.arena,
                                         &visit->question, &cause);

    if (status != STATUS_OK && status_verdict(status) != VERDICT_DEAD)
        return error_set(err, status, "%s", cause.message);
    if (status != STATUS_OK) {
        fail_question(visit, &cause);
        return STATUS_OK;
    }
    visit->question.generation = visit->input.generation;
    visit->question.owner = &visit->waiter;
    /* Behind those that wait already: a stream of new visits must not keep them from their turn. */
    status = resolver->waiting.head == NULL ? send(visit, err) : STATUS_AGAIN;
    if (status != STATUS_AGAIN)
        return status;
    queue_put(&resolver->waiting, visit);
    return STATUS_OK;
}

/* Without a prompt nobody can be asked: the names need not be read. */
static enum doubt look_for_doubt(struct visit *visit)
{
    const struct resolver *resolver = visit->resolver;
    const struct judgement *judgement = visit->input.judgement;

    if (resolver->prompt == NULL)
        return DOUBT_NONE;
    named_read(reader_gazetteer(resolver->extractor->reader), &judgement->reading,
               visit->input.source->day, &visit->named);
    return doubt_about(resolver->extractor, &judgement->trip, &visit->named);
}

enum status resolver_begin(struct resolver *resolver, const struct resolver_input *input,
                           struct finding **finding, struct error *err)
{
    struct visit *visit;
    enum doubt doubt;
    enum status status;

    if (resolver->open == RESOLVER_OPEN_MAX)
        return error_set(err, STATUS_AGAIN, "%d visits wait for answers", RESOLVER_OPEN_MAX);
    visit = arena_alloc(input->arena, sizeof *visit);
    if (visit == NULL)
        return error_set(err, STATUS_NOMEM, "out of memory");
    visit->waiter.ended = on_end;
    visit->resolver = resolver;
    visit->input = *input;
    visit->finding.owner = input->owner;
    doubt = look_for_doubt(visit);
    if (doubt == DOUBT_NONE) {
        status = extract(visit, NULL, err);
        if (status == STATUS_OK)
            *finding = &visit->finding;
        return status;
    }
    status = put_question(visit, err);
    if (status != STATUS_OK)
        return status;
    metric_add(metric_series(&doubts_family, doubt_text(doubt), NULL, NULL), 1);
    resolver->open++;
    *finding = NULL;
    return STATUS_OK;
}

static enum status send_waiting(struct resolver *resolver, struct error *err)
{
    while (resolver->waiting.head != NULL) {
        struct visit *visit = resolver->waiting.head;
        /* A question that fails at once puts the visit in the other queue, by the same link. */
        struct visit *next = visit->next;
        enum status status = send(visit, err);

        if (status != STATUS_OK)
            return status == STATUS_AGAIN ? STATUS_OK : status;
        resolver->waiting.head = next;
        if (next == NULL)
            resolver->waiting.tail = &resolver->waiting.head;
    }
    return STATUS_OK;
}

enum status resolver_step(struct resolver *resolver, int64_t timeout_ms, struct error *err)
{
    enum status status;

    if (resolver->open == 0)
        return STATUS_OK;
    /* What has ended can be handed over now: nobody sleeps on it. */
    if (resolver->ended.head != NULL)
        timeout_ms = 0;
    status = consult_step(resolver->consult, timeout_ms, err);
    return status == STATUS_OK ? send_waiting(resolver, err) : status;
}

struct finding *resolver_next(struct resolver *resolver)
{
    struct visit *visit = queue_take(&resolver->ended);

    if (visit == NULL)
        return NULL;
    resolver->open--;
    return &visit->finding;
}
