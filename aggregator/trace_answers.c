#include "aggregator/trace_answers.h"

#include "aggregator/questions.h"
#include "base/message.h"
#include "proto/answer.pb-c.h"

#include <stdio.h>

typedef unsigned long long number;

enum { ASKED_MAX = 4096, WHAT_MAX = 64 * 1024, TASK_TEXT_MAX = 64 };

/* One key that concerns the document. */
struct asked_row {
    struct id key; /* first: the index wants it there */
    char task[TASK_TEXT_MAX];
    char prompt[ID_TEXT_SIZE];
    bool told;
};

struct tracing_answers {
    struct trace *trace;
    const struct questions *questions;
    struct rows asked;
    struct idtable by_key;
    struct buf what;
};

/* The first word about a key stays: it knows the prompt, a report does not. */
static enum status add_key(struct tracing_answers *in, struct id key, struct slice task,
                           struct slice prompt, struct error *err)
{
    struct asked_row *row;

    if (idtable_find(&in->by_key, key) != SIZE_MAX)
        return STATUS_OK;
    row = rows_add(&in->asked);
    if (row == NULL)
        return rows_status(&in->asked, "questions", err);
    row->key = key;
    (void) snprintf(row->task, sizeof row->task, "%.*s", SLICE_ARG(task));
    (void) snprintf(row->prompt, sizeof row->prompt, "%.*s", SLICE_ARG(prompt));
    return idtable_add(&in->by_key, err);
}

/* ---- which questions ---- */

static enum status on_document(void *self, const struct log_place *place,
                               const struct record *record, struct arena *arena, struct error *err)
{
    struct tracing_answers *in = self;
    const Xunfang__Document *document;
    struct source_text source;
    enum status status = STATUS_OK;

    (void) place;
    if (!idset_has(&in->trace->ids, record->id))
        return STATUS_OK;
    document = message_unpack(&xunfang__document__descriptor, record->payload, arena, NULL);
    if (document == NULL)
        return STATUS_OK; /* the document's own line says so */
    source = questions_source(document);
    for (size_t i = 0; i < in->questions->count && status == STATUS_OK; i++) {
        struct question question = {.prompt = in->questions->prompts[i]};

        status = questions_make(in->questions, &source, arena, &question, err);
        if (status == STATUS_OK)
            status = add_key(in, question.key, prompt_task(question.prompt)->name,
                             prompt_version(question.prompt), err);
    }
    return status;
}

/* Of an earlier model or prompt, if we did not make the key ourselves. */
static enum status on_report(void *self, const struct log_place *place, const struct record *record,
                             struct arena *arena, struct error *err)
{
    struct tracing_answers *in = self;
    const Xunfang__Report *report;
    enum status status = STATUS_OK;

    (void) place;
    if (!idset_has(&in->trace->ids, record->id))
        return STATUS_OK;
    report = message_unpack(&xunfang__report__descriptor, record->payload, arena, NULL);
    if (report == NULL || report->consulted == NULL)
        return STATUS_OK;
    for (size_t i = 0; i < report->consulted->n_answers && status == STATUS_OK; i++) {
        struct id key;

        if (id_from_bytes(message_slice(report->consulted->answers[i]), &key, NULL) == STATUS_OK)
            status = add_key(in, key, SLICE("a task of the report"), SLICE("?"), err);
    }
    return status;
}

/* ---- what stands there ---- */

static void put_usage(const Xunfang__AnswerUsage *usage, struct buf *what)
{
    if (usage != NULL)
        buf_printf(what, " (calls %llu, tokens %llu + %llu, %lld ms)", (number) usage->calls,
                   (number) usage->prompt_tokens, (number) usage->completion_tokens,
                   (long long) usage->latency_ms);
}

static void put_claim(const Xunfang__AnswerClaim *claim, struct buf *what)
{
    buf_printf(what, "claimed by %s, generation %u",
               claim->speaker == NULL ? "nobody" : claim->speaker->slot, claim->generation);
    if (claim->reserve != NULL)
        buf_printf(what, ", reserves %llu calls, %llu tokens", (number) claim->reserve->calls,
                   (number) claim->reserve->tokens);
}

static void put_record(const Xunfang__AnswerRecord *record, struct buf *what)
{
    switch (record->kind_case) {
    case XUNFANG__ANSWER_RECORD__KIND_CLAIM:
        put_claim(record->claim, what);
        break;
    case XUNFANG__ANSWER_RECORD__KIND_REPLY:
        buf_printf(what, "%s answered %s", record->reply->model, record->reply->text);
        if (record->reply->served_by[0] != '\0')
            buf_printf(what, ", served by %s", record->reply->served_by);
        put_usage(record->reply->usage, what);
        break;
    case XUNFANG__ANSWER_RECORD__KIND_FAILURE:
        buf_printf(what, "no usable answer: %s", record->failure->reason);
        put_usage(record->failure->usage, what);
        break;
    case XUNFANG__ANSWER_RECORD__KIND_REFUSAL:
        buf_printf(what, "not asked, the budget is used up: %s", record->refusal->reason);
        break;
    case XUNFANG__ANSWER_RECORD__KIND_RELEASE:
        buf_puts(what, "the claim was given back");
        break;
    default:
        buf_puts(what, "a record of a kind this version does not know");
    }
}

/* Before the first record on its key. */
static void tell_question(struct tracing_answers *in, struct asked_row *row)
{
    char key[ID_TEXT_SIZE];

    if (row->told)
        return;
    row->told = true;
    buf_reset(&in->what);
    buf_printf(&in->what, "question about %s, prompt %s, key %s", row->task, row->prompt,
               id_text(row->key, key));
    trace_line(in->trace, NULL, buf_text(&in->what));
}

static enum status on_answer(void *self, const struct log_place *place, const struct record *record,
                             struct arena *arena, struct error *err)
{
    struct tracing_answers *in = self;
    size_t index = idtable_find(&in->by_key, record->id);
    const Xunfang__AnswerRecord *message;

    (void) err;
    if (index == SIZE_MAX)
        return STATUS_OK;
    tell_question(in, rows_at(&in->asked, index));
    buf_reset(&in->what);
    buf_printf(&in->what, "%s: ", ((struct asked_row *) rows_at(&in->asked, index))->task);
    message = message_unpack(&xunfang__answer_record__descriptor, record->payload, arena, NULL);
    if (message == NULL)
        buf_puts(&in->what, "a record that cannot be read");
    else
        put_record(message, &in->what);
    trace_line(in->trace, place, buf_text(&in->what));
    return STATUS_OK;
}

/* Three passes: keys must be known before the answers come by. A job whose log of answers does not
 * exist yet has asked nothing. */
static enum status read_all(struct tracing_answers *in, struct error *err)
{
    const struct job_source *source = in->trace->source;
    const struct log_handler documents = {.on_record = on_document, .self = in};
    const struct log_handler reports = {.on_record = on_report, .self = in};
    const struct log_handler answers = {.on_record = on_answer, .self = in};
    enum status status = job_read_now(source, TOPIC_DOCUMENTS, &documents, err);

    if (status == STATUS_OK)
        status = job_read_now(source, TOPIC_REPORTS, &reports, err);
    if (status == STATUS_OK && in->asked.count > 0)
        status = job_read_now(source, TOPIC_ANSWERS, &answers, err);
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

enum status trace_answers(struct trace *trace, struct error *err)
{
    struct questions questions;
    struct tracing_answers in = {.trace = trace, .questions = &questions};
    enum status status = questions_init(&questions, trace->source->study, err);

    rows_init(&in.asked, sizeof(struct asked_row), ASKED_MAX);
    idtable_init(&in.by_key, &in.asked);
    buf_init(&in.what, WHAT_MAX);
    if (status == STATUS_OK && questions.count > 0)
        status = read_all(&in, err);
    if (status == STATUS_OK)
        status = buf_status(trace->out, err);
    buf_fini(&in.what);
    idtable_fini(&in.by_key);
    rows_fini(&in.asked);
    questions_fini(&questions);
    return status;
}
