#include "classifier/stage.h"

#include "base/message.h"
#include "proto/document.pb-c.h"

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

/* The first reason to drop the document unseen; empty if there is none. */
static struct slice screen_reason(struct classifier *classifier, const Xunfang__Document *document)
{
    const Xunfang__Brief *brief = document->brief;

    if (brief->fingerprint.len == 0)
        return SLICE("blank");
    if (!screen_in_period(classifier->screen, brief->has_date ? brief->date : CIVIL_NONE))
        return SLICE("period");
    if (!screen_has_word(classifier->screen, text_of(brief->title)) &&
        !screen_has_word(classifier->screen, text_of(document->body)))
        return SLICE("dictionary");
    return SLICE("");
}

static enum status pass(struct task *task, const Xunfang__Document *document,
                        const struct classifier *classifier, const struct judgement *judgement,
                        struct error *err)
{
    Xunfang__Visit visit = XUNFANG__VISIT__INIT;
    struct slice payload;
    enum status status;

    visit.brief = document->brief;
    visit.body = document->body;
    visit.is_visit = true;
    visit.margin = judgement->margin;
    visit.n_themes = judgement->theme_count;
    /* protobuf-c's fields are not const, but packing only reads them. */
    visit.themes = (char **) judgement->themes;
    visit.purpose = (char *) judgement->purpose;
    visit.decided_by = (char *) "model";
    visit.model = (char *) judge_version(classifier->judge);
    status = pack_visit(task, &visit, &payload, err);
    return status == STATUS_OK ? task_pass(task, payload, err) : status;
}

static enum status classify(struct task *task, const Xunfang__Document *document,
                            const struct classifier *classifier, struct error *err)
{
    const Xunfang__Brief *brief = document->brief;
    const struct source_text source = {.title = text_of(brief->title),
                                       .body = text_of(document->body),
                                       .url = text_of(brief->url),
                                       .site_city = text_of(brief->site_city),
                                       .day = brief->has_date ? brief->date : CIVIL_NONE};
    struct judgement *judgement = arena_alloc(task_arena(task), sizeof *judgement);
    enum status status;

    if (judgement == NULL)
        return out_of_memory(err);
    status = judge_document(classifier->judge, &source, task_arena(task), judgement, err);
    if (status != STATUS_OK)
        return status;
    if (!judgement->is_visit)
        return drop(task, document->brief, SLICE("no visit"), err);
    return pass(task, document, classifier, judgement, err);
}

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
    if (record->outcome == OUTCOME_DROPPED)
        return drop(task, document->brief, record->reason, err);
    reason = screen_reason(classifier, document);
    if (reason.size > 0)
        return drop(task, document->brief, reason, err);
    return classify(task, document, classifier, err);
}

const struct map_stage classifier_stage = {"classifier", 1, start, NULL};
