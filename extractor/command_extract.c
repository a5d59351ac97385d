/*
 * A line goes through two places where it may wait for an answer: the cascade, which says whether
 * it is a visit, and the resolver, which says who went where. A line that says itself whether it is
 * a visit passes by the first. The passage is the `owner` in both, so lines may end in any order.
 */
#include "extractor/command_extract.h"

#include "extractor/opening.h"
#include "extractor/resolver.h"
#include "study/docflow.h"

#include <stddef.h>
#include <stdio.h>

struct settings {
    const char *codebook;
    struct consult_settings consult;
};

static const struct option_row rows[] = {
    {"codebook", OPTION_TEXT, offsetof(struct settings, codebook), "FILE", NULL,
     "codebook: a shipped name or a file; default visits"},
    CONSULT_OPTION_ROWS(struct settings, consult),
};

static const struct options options = {
    rows, sizeof rows / sizeof rows[0], "xunfang extract [--codebook FILE] < docs.jsonl",
    "Adds events to document lines; empty where is_visit is false. Without is_visit the models "
    "decide. With --llm a language model is asked where models are unsure and rules in doubt."};

struct session {
    struct settings settings;
    struct tools *tools;
    struct extractor extractor;
    struct consult *consult;
    struct cascade *cascade;
    struct resolver *resolver;
};

/* A document on its way through both; it lives in the arena of its item. */
struct passage {
    struct docflow_item *item;
    struct source_text source;
    struct judgement judgement; /* of a line that says itself whether it is a visit */
    const char *purpose;
};

/* ---- lines ---- */

static void put_titles(struct buf *out, const char *key, const struct people *people)
{
    docline_key(out, key);
    buf_putc(out, '[');
    for (size_t i = 0; i < people->count; i++) {
        if (i > 0)
            buf_putc(out, ',');
        json_put_text(out, people->titles[i]);
    }
    buf_putc(out, ']');
}

static void put_field(struct buf *out, const char *key, struct slice text)
{
    docline_key(out, key);
    docline_text(out, text);
}

static void put_event(struct buf *out, const struct event *event, struct slice purpose)
{
    char day[CIVIL_TEXT_SIZE];

    buf_putc(out, '{');
    put_field(out, "origin_city", event->origin_city);
    put_field(out, "host_city", event->host_city);
    put_field(out, "origin_dept", event->origin_dept);
    put_field(out, "host_dept", event->host_dept);
    put_field(out, "date", slice_from(civil_text(event->date.day, day)));
    put_field(out, "date_precision", slice_from(date_precision_text(event->date.precision)));
    put_titles(out, "visitor_titles", &event->visitors);
    put_titles(out, "host_titles", &event->hosts);
    put_field(out, "level", slice_from(event->level));
    put_field(out, "purpose", purpose);
    put_field(out, "evidence", event->evidence);
    buf_putc(out, '}');
}

/* `finding` is NULL where there is no visit. */
static void put_line(struct buf *out, const struct session *session, const struct passage *passage,
                     const struct finding *finding)
{
    static const char *const answered[] = {"events", "events_by", NULL};
    /* Without a language model there is nothing to say of the second. */
    static const char *const alone[] = {"events", NULL};
    const struct docline *doc = docflow_doc(passage->item);
    struct slice purpose = json_text(json_member(doc->object, "purpose"));
    size_t count = finding == NULL ? 0 : finding->extraction.count;

    /* What an earlier command, `classify` mostly, has answered stays. */
    if (purpose.size == 0)
        purpose = slice_from(passage->purpose);
    docline_begin(out, doc, session->consult == NULL ? alone : answered);
    docline_key(out, "events");
    buf_putc(out, '[');
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buf_putc(out, ',');
        put_event(out, &finding->extraction.events[i], purpose);
    }
    buf_putc(out, ']');
    if (session->consult != NULL)
        put_field(out, "events_by",
                  finding != NULL && finding->model != NULL ? SLICE("llm") : SLICE("rule"));
    docline_end(out);
}

/* ---- from step to step ---- */

static void finish_dead(struct docflow_item *item, struct slice reason)
{
    struct error cause;

    error_set(&cause, STATUS_INVALID, "%.*s", SLICE_ARG(reason));
    docflow_finish(item, &cause);
}

static void finish(const struct session *session, const struct finding *finding)
{
    struct passage *passage = finding->owner;

    if (finding->cause.code != STATUS_OK) {
        docflow_finish(passage->item, &finding->cause);
    } else if (finding->dead.size > 0) {
        finish_dead(passage->item, finding->dead);
    } else {
        put_line(docflow_out(passage->item), session, passage, finding);
        docflow_finish(passage->item, NULL);
    }
}

/* It is decided whether the document is a visit. */
static enum status resolve(const struct session *session, struct passage *passage,
                           const struct judgement *judgement, struct error *err)
{
    const struct resolver_input input = {.source = &passage->source,
                                         .judgement = judgement,
                                         .arena = docflow_arena(passage->item),
                                         .owner = passage};
    struct finding *finding = NULL;
    enum status status;

    passage->purpose = judgement->purpose;
    if (!judgement->is_visit) {
        put_line(docflow_out(passage->item), session, passage, NULL);
        docflow_finish(passage->item, NULL);
        return STATUS_OK;
    }
    status = resolver_begin(session->resolver, &input, &finding, err);
    if (status == STATUS_OK && finding != NULL)
        finish(session, finding);
    return status;
}

/* The line's own decision counts; purpose is the model's if it says none. */
static enum status take_own(const struct session *session, struct passage *passage,
                            struct error *err)
{
    const struct docline *doc = docflow_doc(passage->item);
    const struct judge *judge = session->tools->judge;
    struct arena *arena = docflow_arena(passage->item);
    struct judgement *judgement = &passage->judgement;
    /* Judged all the same: the events need its reading and its trip. */
    enum status status = judge_document(judge, &passage->source, arena, judgement, err);

    /* The judge gives no purpose to what it takes for no visit; the line knows better. */
    if (status == STATUS_OK && doc->is_visit && !judgement->is_visit)
        status = judge_subject(judge, arena, judgement, err);
    if (status != STATUS_OK)
        return status;
    judgement->is_visit = doc->is_visit;
    return resolve(session, passage, judgement, err);
}

static enum status take_decision(const struct session *session, const struct decision *decision,
                                 struct error *err)
{
    struct passage *passage = decision->owner;

    if (decision->dead.size == 0)
        return resolve(session, passage, &decision->judgement, err);
    finish_dead(passage->item, decision->dead);
    return STATUS_OK;
}

static enum status begin(void *self, struct docflow_item *item, struct error *err)
{
    const struct session *session = self;
    const struct docline *doc = docflow_doc(item);
    struct arena *arena = docflow_arena(item);
    struct passage *passage = arena_alloc(arena, sizeof *passage);
    struct decision *decision = NULL;
    enum status status;

    if (passage == NULL)
        return error_set(err, STATUS_NOMEM, "out of memory");
    passage->item = item;
    passage->source = docline_source(doc);
    if (doc->has_visit)
        return take_own(session, passage, err);
    status =
        cascade_begin(session->cascade,
                      &(struct cascade_input){&passage->source, arena, 0, passage}, &decision, err);
    return status == STATUS_OK && decision != NULL ? take_decision(session, decision, err) : status;
}

/* A decided visit may go on to the resolver; both stand on one consult, so only one waits. */
static enum status step(void *self, int64_t timeout_ms, struct error *err)
{
    const struct session *session = self;
    bool cascading = cascade_open_count(session->cascade) > 0;
    enum status status = cascade_step(session->cascade, timeout_ms, err);
    struct decision *decision;
    struct finding *finding;

    while (status == STATUS_OK && (decision = cascade_next(session->cascade)) != NULL)
        status = take_decision(session, decision, err);
    if (status == STATUS_OK)
        status = resolver_step(session->resolver, cascading ? 0 : timeout_ms, err);
    while (status == STATUS_OK && (finding = resolver_next(session->resolver)) != NULL)
        finish(session, finding);
    return status;
}

/* ---- the program ---- */

static enum status open_session(struct session *session, int argc, char **argv, struct error *err)
{
    struct command_line line = {.argc = argc, .argv = argv};
    enum status status = options_parse(&options, &line, &session->settings, err);

    if (status == STATUS_OK)
        status = tools_open(session->settings.codebook, true, &session->tools, err);
    if (status == STATUS_OK)
        status = extractor_open(session->tools, &session->extractor, err);
    if (status == STATUS_OK)
        status = consult_open_command(&session->settings.consult, &session->tools->study->codebook,
                                      &session->consult, err);
    if (status == STATUS_OK)
        status = cascade_create(session->tools->judge, session->consult, &session->cascade, err);
    if (status == STATUS_OK)
        status = resolver_create(&session->extractor, session->consult, &session->resolver, err);
    return status;
}

static void close_session(struct session *session)
{
    /* Each stands on what comes below it; open lines are nobody's by now. */
    resolver_destroy(session->resolver);
    cascade_destroy(session->cascade);
    consult_close(session->consult);
    extractor_close(&session->extractor);
    tools_close(session->tools);
}

int command_extract(int argc, char **argv)
{
    struct session session = {.tools = NULL};
    const struct docflow flow = {stdin, stdout, stderr, "xunfang extract", begin, step, &session};
    struct error err = {.code = STATUS_OK};
    int exit_status;

    if (options_answered(&options, argc, argv))
        return 0;
    exit_status = docflow_command(&flow, open_session(&session, argc, argv, &err), &err);
    close_session(&session);
    return exit_status;
}
