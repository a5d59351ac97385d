/*
 * train and eval read the same labelled lines, and differ in what they open: train makes the
 * models, so it must not need any; eval scores the ones that are there.
 */
#include "classifier/commands.h"

#include "base/options.h"
#include "classifier/evaluate.h"
#include "study/tools.h"

#include <stddef.h>
#include <stdio.h>

enum { MODEL_TEXT_MAX = MODEL_FILE_MAX, REPORT_MAX = 1 << 16 };

struct settings {
    const char *codebook;
    const char *task;
    const char *gold;
    const char *out;
    bool json;
};

#define ROW(member, type, placeholder, fallback, help)                                             \
    {                                                                                              \
#member, type, offsetof(struct settings, member), placeholder, fallback, help              \
    }

/* --json is the last one, since train takes the rows before it and no more. */
static const struct option_row rows[] = {
    ROW(codebook, OPTION_TEXT, "FILE", NULL, "codebook: a shipped name or a file; default visits"),
    ROW(task, OPTION_TEXT, "NAME", NULL, "visit, themes, purpose or (eval only) events"),
    ROW(gold, OPTION_TEXT, "FILE", "-", "labelled documents, JSON lines; - is standard input"),
    ROW(out, OPTION_TEXT, "FILE", NULL, "where the model goes; default standard output"),
    ROW(json, OPTION_FLAG, NULL, NULL, "one JSON object a line instead of a table"),
};

static const struct options train_options = {
    rows, 4, "xunfang train --task NAME [--gold FILE] [--out FILE]",
    "Fits the model of a task; prints cross-validated figures on standard error."};
static const struct options eval_options = {
    rows, sizeof rows / sizeof rows[0], "xunfang eval --task NAME [--gold FILE] [--json]",
    "Scores the shipped models: precision, recall, F1 with 95 % intervals."};

/* 0 for OK, 1 for bad lines and failures, 2 for wrong usage and bad files. */
static int fail(const char *command, const struct error *err)
{
    fprintf(stderr, "xunfang %s: %s\n", command, err->message);
    return err->code == STATUS_USAGE || err->code == STATUS_NOT_FOUND ? 2 : 1;
}

struct session {
    struct settings settings;
    enum task task;
    struct tools *tools;
    struct corpus *corpus;
};

static void close_session(struct session *session)
{
    corpus_destroy(session->corpus);
    tools_close(session->tools);
}

static enum status open_session(const struct options *options, int argc, char **argv,
                                struct session *session, struct error *err)
{
    struct command_line line = {.argc = argc, .argv = argv};
    enum status status = options_parse(options, &line, &session->settings, err);

    /* All that can be wrong with the words comes before the corpus, which may be long to read. */
    if (status == STATUS_OK && session->settings.task == NULL)
        status = error_set(err, STATUS_USAGE, "--task is missing; see --help");
    if (status == STATUS_OK)
        status = task_parse(slice_from(session->settings.task), &session->task, err);
    if (status == STATUS_OK && options == &train_options && session->task == TASK_NAME_EVENTS)
        status = error_set(err, STATUS_USAGE, "events come from rules: there is nothing to train");
    if (status == STATUS_OK)
        status =
            tools_open(session->settings.codebook, options == &eval_options, &session->tools, err);
    if (status == STATUS_OK)
        status = corpus_load(session->settings.gold, &session->corpus, err);
    return status;
}

/* Called with a finished model, so no failure in training leaves half of one in the file. */
static enum status write_model(const char *path, const struct buf *model, struct error *err)
{
    FILE *file = path == NULL ? stdout : fopen(path, "wb");
    bool written;

    if (file == NULL)
        return error_set(err, STATUS_IO, "cannot write %s", path);
    written = fwrite(model->data, 1, model->size, file) == model->size;
    /* What was buffered reaches a full disk only now; the file is closed whatever happened
     * before. */
    written = (path == NULL ? fflush(file) : fclose(file)) == 0 && written;
    return written ? STATUS_OK : error_set(err, STATUS_IO, "cannot write the model");
}

/* On standard error, since the model itself may go to standard output. */
static void print_figures(const struct training *training)
{
    fprintf(stderr, "label          docs   yes false missed  F1 (%d folds)\n", TRAIN_FOLDS);
    for (size_t i = 0; i < training->figure_count; i++) {
        const struct fold_figures *f = &training->figures[i];
        size_t twice = 2 * f->right_yes + f->wrong_yes + f->wrong_no;

        fprintf(stderr, "%-12s %6zu %5zu %5zu %6zu  %.3f\n", f->label, f->documents, f->right_yes,
                f->wrong_yes, f->wrong_no,
                twice == 0 ? 0 : 2 * (double) f->right_yes / (double) twice);
    }
}

int command_train(int argc, char **argv)
{
    struct session session = {.tools = NULL};
    struct training training;
    struct error err = {.code = STATUS_OK};
    struct buf model;
    enum status status;

    if (options_answered(&train_options, argc, argv))
        return 0;
    buf_init(&model, MODEL_TEXT_MAX);
    status = open_session(&train_options, argc, argv, &session, &err);
    if (status == STATUS_OK)
        status =
            train_task(&(struct train_request){session.task, session.corpus, session.tools->reader},
                       &model, &training, &err);
    if (status == STATUS_OK)
        status = write_model(session.settings.out, &model, &err);
    if (status == STATUS_OK)
        print_figures(&training);
    buf_fini(&model);
    close_session(&session);
    return status == STATUS_OK ? 0 : fail("train", &err);
}

int command_eval(int argc, char **argv)
{
    struct session session = {.tools = NULL};
    struct evaluation evaluation;
    struct error err = {.code = STATUS_OK};
    struct buf report;
    enum status status;

    if (options_answered(&eval_options, argc, argv))
        return 0;
    buf_init(&report, REPORT_MAX);
    status = open_session(&eval_options, argc, argv, &session, &err);
    if (status == STATUS_OK)
        status =
            evaluate_corpus(session.task, session.corpus, session.tools->judge, &evaluation, &err);
    if (status == STATUS_OK) {
        evaluate_print(session.task, &evaluation, session.settings.json, &report);
        status = buf_status(&report, &err);
    }
    if (status == STATUS_OK && fwrite(report.data, 1, report.size, stdout) != report.size)
        status = error_set(&err, STATUS_IO, "cannot write the output");
    buf_fini(&report);
    close_session(&session);
    return status == STATUS_OK ? 0 : fail("eval", &err);
}
