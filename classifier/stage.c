/*
 * A document is screened first, without a model; what is left goes to the cascade, which decides at
 * once or keeps it open while a language model is asked. A decision and all it points to lie in the
 * arena of the task, which stays open until `conclude` finishes it.
 */
#include "classifier/stage.h"

#include "base/message.h"
#include "proto/document.pb-c.h"
#include "study/consulted.h"

/* A document that a model looks at; it lives in the arena of its task. */
struct candidate {
    struct task *task;
    const Xunfang__Document *document;
    struct source_text source;
};

static struct slice text_of(const char *text)
{
    return slice_from(text);
}

static enum status out_of_memory(struct error *err)
{
    return error_set(err, STATUS_NOMEM, "out of memory");
}

static enum status pack_visit(struct task *task, const Xunfang__Visit *visit, struct slice *payload,
                              struct error *err)
{
    *payload = message_pack_arena(&visit->base, task_arena(task));
    return payload->data == NULL ? out_of_memory(err) : STATUS_OK;
}

/* A document that nobody looks at travels on as its brief: later stages count it and need no text,
 * and most of what a search finds ends here. */
static enum status drop(struct task *task, Xunfang__Brief *brief, struct slice reason,
                        struct error *err)
{
    Xunfang__Visit visit = XUNFANG__VISIT__INIT;
    struct slice payload;
    enum status status;

    visit.brief = brief;
    status = pack_visit(task, &visit, &payload, err);
    return status == STATUS_OK ? task_drop(task, reason, payload, err) : status;
}

/* The first reason to drop the document unseen; empty if there is none. The order shows in results:
 * a document is counted under its first reason only. */
static struct slice screen_reason(struct classifier *classifier, const Xunfang__Document *document)
{
    const Xunfang__Brief *brief = document->brief;

    /* Whoever read the page gives none to a blank text. */
    if (brief->fingerprint.len == 0)
        return SLICE("blank");
    if (!screen_in_period(classifier->screen, brief->has_date ? brief->date : CIVIL_NONE))
        return SLICE("period");
    if (!screen_has_word(classifier->screen, text_of(brief->title)) &&
        !screen_has_word(classifier->screen, text_of(document->body)))
        return SLICE("dictionary");
    return SLICE("");
}

/* ---- what a model decided ---- */

/* protobuf-c's fields are not const, but packing only reads them. */
static void put_judgement(const struct judgement *judgement, const Xunfang__Document *document,
                          Xunfang__Visit *visit)
{
    visit->body = document->body;
    visit->is_visit = true;
    visit->margin = judgement->margin;
    visit->n_themes = judgement->theme_count;
    visit->themes = (char **) judgement->themes;
    visit->purpose = (char *) judgement->purpose;
}

static enum status conclude(const struct decision *decision, struct error *err)
{
    const struct candidate *candidate = decision->owner;
    struct task *task = candidate->task;
    bool is_visit = decision->judgement.is_visit && decision->dead.size == 0;
    Xunfang__Visit visit = XUNFANG__VISIT__INIT;
    struct slice payload;
    /* No stage before this one asks a language model, so there is nothing to join it to. */
    enum status status =
        consulted_join(NULL, &decision->consulted, task_arena(task), &visit.consulted, err);

    visit.brief = candidate->document->brief;
    /* A dead document was decided by nobody; that it was asked about is told all the same. */
    if (decision->dead.size == 0) {
        visit.decided_by = (char *) decision->decided_by;
        visit.model = (char *) decision->model;
    }
    if (is_visit)
        put_judgement(&decision->judgement, candidate->document, &visit);
    if (status == STATUS_OK)
        status = pack_visit(task, &visit, &payload, err);
    if (status != STATUS_OK)
        return status;
    if (decision->dead.size > 0)
        return task_dead(task, decision->dead, payload, err);
    return is_visit ? task_pass(task, payload, err)
                    : task_drop(task, SLICE("no visit"), payload, err);
}

static enum status classify(struct classifier *classifier, struct task *task,
                            const Xunfang__Document *document, struct error *err)
{
    const Xunfang__Brief *brief = document->brief;
    struct candidate *candidate = arena_alloc(task_arena(task), sizeof *candidate);
    struct decision *decision = NULL;
    enum status status;

    if (candidate == NULL)
        return out_of_memory(err);
    /* In the arena, not on the stack: the cascade may keep it open for minutes. */
    *candidate = (struct candidate){task,
                                    document,
                                    {.title = text_of(brief->title),
                                     .body = text_of(document->body),
                                     .url = text_of(brief->url),
                                     .site_city = text_of(brief->site_city),
                                     .day = brief->has_date ? brief->date : CIVIL_NONE}};
    status = cascade_begin(classifier->cascade,
                           &(struct cascade_input){&candidate->source, task_arena(task),
                                                   task_record(task)->generation, candidate},
                           &decision, err);
    if (status != STATUS_OK || decision == NULL)
        return status;
    return conclude(decision, err);
}

/* ---- the map ---- */

static enum status start(void *self, struct task *task, struct error *err)
{
    struct classifier *classifier = self;
    const struct record *record = task_record(task);
    const Xunfang__Document *document =
        message_unpack(&xunfang__document__descriptor, record->payload, task_arena(task), err);
    struct slice reason;

    if (document == NULL)
        return STATUS_INVALID;
    if (document->brief == NULL)
        return error_set(err, STATUS_INVALID, "a document without its brief");
    /* Its reason stays the first; screening it would put another in its place. */
    if (record->outcome == OUTCOME_DROPPED)
        return drop(task, document->brief, record->reason, err);
    reason = screen_reason(classifier, document);
    if (reason.size > 0)
        return drop(task, document->brief, reason, err);
    return classify(classifier, task, document, err);
}

static enum status step(void *self, struct error *err)
{
    struct classifier *classifier = self;
    struct decision *decision;
    enum status status = cascade_step(classifier->cascade, 0, err);

    while (status == STATUS_OK && (decision = cascade_next(classifier->cascade)) != NULL)
        status = conclude(decision, err);
    return status;
}

/* As many as the cascade takes, so that it never has to send one away. */
const struct map_stage classifier_stage = {"classifier", CASCADE_OPEN_MAX, start, step};
