/*
 * A document's source lies in its own arena and its decision comes back with the item as `owner`,
 * so documents may be decided in any order; docflow prints them in theirs.
 */
#include "classifier/command_classify.h"

#include "study/cascade.h"
#include "study/docflow.h"
#include "study/tools.h"

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
    rows, sizeof rows / sizeof rows[0], "xunfang classify [--codebook FILE] < docs.jsonl",
    "Adds is_visit, p_visit, themes, purpose and decided_by to document lines; with --llm a "
    "language model decides where the built-in models are unsure."};

struct session {
    struct settings settings;
    struct tools *tools;
    struct consult *consult;
    struct cascade *cascade;
};

/* ---- lines ---- */

static void put_texts(struct buf *out, const char *key, const char *const *texts, size_t count)
{
    docline_key(out, key);
    buf_putc(out, '[');
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buf_putc(out, ',');
        json_put_text(out, slice_from(texts[i]));
    }
    buf_putc(out, ']');
}

static void put_decision(struct buf *out, const struct docline *doc,
                         const struct decision *decision, bool consulted)
{
    static const char *const answered[] = {"is_visit",   "p_visit", "themes", "purpose",
                                           "decided_by", "model",   "asked",  NULL};
    /* Without a language model there is nothing to say of the last two. */
    static const char *const alone[] = {"is_visit", "p_visit",    "themes",
                                        "purpose",  "decided_by", NULL};
    const struct judgement *judgement = &decision->judgement;

    docline_begin(out, doc, consulted ? answered : alone);
    docline_key(out, "is_visit");
    buf_puts(out, judgement->is_visit ? "true" : "false");
    docline_key(out, "p_visit");
    buf_printf(out, "%.4f", judgement->chance);
    put_texts(out, "themes", judgement->themes, judgement->theme_count);
    docline_key(out, "purpose");
    docline_text(out, slice_from(judgement->purpose));
    docline_key(out, "decided_by");
    json_put_text(out, slice_from(decision->decided_by));
    if (consulted) {
        docline_key(out, "model");
        json_put_text(out, slice_from(decision->model));
        put_texts(out, "asked", decision->consulted.tasks, decision->consulted.task_count);
    }
    docline_end(out);
}

static void finish(const struct session *session, const struct decision *decision)
{
    struct docflow_item *item = decision->owner;
    struct error cause = {.code = STATUS_OK};

    /* Only this line fails. In a job the document would be dead, and the others go on as well. */
    if (decision->dead.size > 0) {
        error_set(&cause, STATUS_INVALID, "%.*s", SLICE_ARG(decision->dead));
        docflow_finish(item, &cause);
        return;
    }
    put_decision(docflow_out(item), docflow_doc(item), decision, session->consult != NULL);
    docflow_finish(item, NULL);
}

static enum status begin(void *self, struct docflow_item *item, struct error *err)
{
    const struct session *session = self;
    struct arena *arena = docflow_arena(item);
    struct source_text *source = docflow_data(item);
    struct decision *decision = NULL;
    enum status status;

    /* `begin` comes again after STATUS_AGAIN, in the same arena: it takes the room once. The
     * cascade keeps the pointer, so the source cannot be on the stack. */
    if (source == NULL)
        source = arena_alloc(arena, sizeof *source);
    if (source == NULL)
        return error_set(err, STATUS_NOMEM, "out of memory");
    docflow_set_data(item, source);
    *source = docline_source(docflow_doc(item));
    status = cascade_begin(session->cascade, &(struct cascade_input){source, arena, 0, item},
                           &decision, err);
    if (status == STATUS_OK && decision != NULL)
        finish(session, decision);
    return status;
}

static enum status step(void *self, int64_t timeout_ms, struct error *err)
{
    const struct session *session = self;
    enum status status = cascade_step(session->cascade, timeout_ms, err);
    struct decision *decision;

    while (status == STATUS_OK && (decision = cascade_next(session->cascade)) != NULL)
        finish(session, decision);
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
        status = consult_open_command(&session->settings.consult, &session->tools->study->codebook,
                                      &session->consult, err);
    if (status == STATUS_OK)
        status = cascade_create(session->tools->judge, session->consult, &session->cascade, err);
    return status;
}

static void close_session(struct session *session)
{
    /* Each stands on the one below it. */
    cascade_destroy(session->cascade);
    consult_close(session->consult);
    tools_close(session->tools);
}

int command_classify(int argc, char **argv)
{
    struct session session = {.tools = NULL};
    const struct docflow flow = {stdin, stdout, stderr, "xunfang classify", begin, step, &session};
    struct error err = {.code = STATUS_OK};
    int exit_status;

    if (options_answered(&options, argc, argv))
        return 0;
    exit_status = docflow_command(&flow, open_session(&session, argc, argv, &err), &err);
    close_session(&session);
    return exit_status;
}
