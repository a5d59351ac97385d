/*
 * Many requests are in flight at once. llm_embed copies the text and gives the item back as
 * `owner`, so nothing of a line is kept here while it waits.
 */
#include "classifier/command_embed.h"

#include "base/llm/llm.h"
#include "base/options.h"
#include "study/docflow.h"
#include "study/prompt_text.h"
#include "study/text.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>

enum { TEXT_CHARS_MAX = 32768 }; /* of 4 bytes each, within LLM_PROMPT_MAX */

struct settings {
    const char *llm;
    const char *model;
    const char *key_file;
    uint64_t max_chars;
    uint64_t concurrency;
    int64_t timeout_ms;
    int64_t patience_ms;
};

#define ROW(member, name, type, placeholder, fallback, help)                                       \
    {                                                                                              \
        name, type, offsetof(struct settings, member), placeholder, fallback, help                 \
    }

static const struct option_row rows[] = {
    ROW(llm, "llm", OPTION_TEXT, "URL", NULL, "the server, as http://HOST:PORT/v1"),
    ROW(model, "model", OPTION_TEXT, "NAME", NULL, "the model's name"),
    ROW(key_file, "key-file", OPTION_TEXT, "FILE", NULL, "file with the access key"),
    ROW(max_chars, "max-chars", OPTION_UINT, "N", "400", "characters of title and body read"),
    ROW(concurrency, "concurrency", OPTION_UINT, "N", "16", "requests in flight at most"),
    ROW(timeout_ms, "timeout", OPTION_DURATION, "TIME", "60s", "longest call"),
    ROW(patience_ms, "patience", OPTION_DURATION, "TIME", "10m",
        "longest wait for one document, repeats and all"),
};

static const struct options options = {
    rows, sizeof rows / sizeof rows[0], "xunfang embed --llm URL --model NAME < docs.jsonl",
    "Adds to document lines the embedding that a model gives for title and body."};

struct session {
    struct settings settings;
    struct llm *llm;
};

/* ---- lines ---- */

static void begin_line(struct docflow_item *item)
{
    static const char *const answered[] = {"embedding", NULL};

    docline_begin(docflow_out(item), docflow_doc(item), answered);
    docline_key(docflow_out(item), "embedding");
}

/* Not asked about: llm_embed takes no empty text, and null says that there was none. */
static void finish_empty(struct docflow_item *item)
{
    begin_line(item);
    buf_puts(docflow_out(item), "null");
    docline_end(docflow_out(item));
    docflow_finish(item, NULL);
}

static enum status put_vector(struct buf *out, const float *vector, size_t dimension,
                              struct error *err)
{
    buf_putc(out, '[');
    for (size_t i = 0; i < dimension; i++) {
        /* JSON has no word for it. */
        if (!isfinite(vector[i]))
            return error_set(err, STATUS_INVALID, "number %zu of the embedding is none", i);
        buf_printf(out, "%s%.9g", i == 0 ? "" : ",", (double) vector[i]);
    }
    buf_putc(out, ']');
    return STATUS_OK;
}

static void finish(const struct llm_answer *answer)
{
    struct docflow_item *item = answer->owner;
    struct error cause = {.code = STATUS_OK};
    enum status status = STATUS_OK;

    /* Before it is known whether there is a vector: of a line that fails nothing is printed. */
    begin_line(item);
    if (answer->outcome != LLM_ANSWERED)
        status = error_set(&cause, STATUS_INVALID, "model: %s", answer->reason);
    else if (answer->vector_count != 1)
        status = error_set(&cause, STATUS_INVALID, "model: %zu embeddings for one text",
                           answer->vector_count);
    else
        status = put_vector(docflow_out(item), answer->vectors, answer->dimension, &cause);
    docline_end(docflow_out(item));
    docflow_finish(item, status == STATUS_OK ? NULL : &cause);
}

/* ---- the flow ---- */

static enum status put_text(const struct session *session, const struct docline *doc,
                            struct buf *text, struct error *err)
{
    size_t room = session->settings.max_chars;

    /* The title goes first, so that the limit cuts off the end of the body. */
    buf_init(text, LLM_PROMPT_MAX);
    room -= prompt_text_put(doc->title, room, text);
    /* It counts, too: --max-chars is a promise to the model's window. */
    if (text->size > 0 && room > 0) {
        buf_putc(text, '\n');
        room--;
    }
    prompt_text_put(doc->body, room, text);
    return buf_status(text, err);
}

static enum status begin(void *self, struct docflow_item *item, struct error *err)
{
    const struct session *session = self;
    struct llm_embed_question question = {.text_count = 1, .owner = item};
    struct slice content;
    struct buf text;
    enum status status = put_text(session, docflow_doc(item), &text, err);

    content = buf_slice(&text);
    question.texts = &content;
    if (status == STATUS_OK && text_is_blank(content))
        finish_empty(item);
    else if (status == STATUS_OK)
        status = llm_embed(session->llm, &question, err);
    /* Copied by now. STATUS_AGAIN, no room at the client, makes docflow come back with the item. */
    buf_fini(&text);
    return status;
}

static enum status step(void *self, int64_t timeout_ms, struct error *err)
{
    const struct session *session = self;
    enum status status = llm_step(session->llm, timeout_ms, err);
    const struct llm_answer *answer;

    while (status == STATUS_OK && (answer = llm_next(session->llm)) != NULL) {
        finish(answer);
        llm_release(session->llm, answer);
    }
    return status;
}

/* ---- the program ---- */

static enum status check(const struct settings *settings, struct error *err)
{
    if (settings->llm == NULL || settings->model == NULL)
        return error_set(err, STATUS_USAGE, "--llm and --model are needed; see --help");
    if (settings->max_chars < 1 || settings->max_chars > TEXT_CHARS_MAX)
        return error_set(err, STATUS_USAGE, "--max-chars must be 1 to %d", TEXT_CHARS_MAX);
    /* 0 would mean the client's own default and not none. */
    if (settings->concurrency < 1 || settings->concurrency > LLM_CONCURRENCY_MAX)
        return error_set(err, STATUS_USAGE, "--concurrency must be 1 to %d", LLM_CONCURRENCY_MAX);
    return STATUS_OK;
}

static enum status open_session(struct session *session, int argc, char **argv, struct error *err)
{
    struct command_line line = {.argc = argc, .argv = argv};
    struct settings *settings = &session->settings;
    enum status status = options_parse(&options, &line, settings, err);

    if (status == STATUS_OK)
        status = check(settings, err);
    if (status != STATUS_OK)
        return status;
    return llm_create(&(struct llm_options){.endpoint = settings->llm,
                                            .model = settings->model,
                                            .key_file = settings->key_file,
                                            .clock = clock_system(),
                                            .timeout_ms = settings->timeout_ms,
                                            .patience_ms = settings->patience_ms,
                                            .concurrency = (unsigned) settings->concurrency},
                      &session->llm, err);
}

int command_embed(int argc, char **argv)
{
    struct session session = {.llm = NULL};
    const struct docflow flow = {stdin, stdout, stderr, "xunfang embed", begin, step, &session};
    struct error err = {.code = STATUS_OK};
    int exit_status;

    if (options_answered(&options, argc, argv))
        return 0;
    exit_status = docflow_command(&flow, open_session(&session, argc, argv, &err), &err);
    llm_destroy(session.llm);
    return exit_status;
}
