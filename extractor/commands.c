#include "extractor/commands.h"

#include "base/options.h"
#include "study/docline.h"

#include <stddef.h>
#include <stdio.h>

enum { PATH_SIZE_MAX = 4096 };

struct settings {
    const char *codebook;
};

static const struct option_row rows[] = {
    {"codebook", OPTION_TEXT, offsetof(struct settings, codebook), "FILE", NULL,
     "codebook: a shipped name or a file; default visits"},
};

static const struct options options = {
    rows, 1, "xunfang extract [--codebook FILE] < docs.jsonl",
    "Adds events to document lines; empty where is_visit is false. Without is_visit the model "
    "decides."};

/* ---- opening ---- */

static enum status open_titles(const struct tools *tools, struct titles **titles, struct error *err)
{
    struct buf path;
    enum status status;

    buf_init(&path, PATH_SIZE_MAX);
    status = tools_path(tools, "titles.tsv", &path, err);
    if (status == STATUS_OK)
        status = titles_load(buf_text(&path), titles, err);
    buf_fini(&path);
    return status;
}

static enum status open_departments(const struct tools *tools, struct departments **departments,
                                    struct error *err)
{
    struct buf path;
    enum status status;

    buf_init(&path, PATH_SIZE_MAX);
    status = tools_path(tools, "departments.tsv", &path, err);
    if (status == STATUS_OK)
        status = departments_load(buf_text(&path), departments, err);
    buf_fini(&path);
    return status;
}

enum status extractor_open(const struct tools *tools, struct extractor *extractor,
                           struct error *err)
{
    struct titles *titles = NULL;
    struct departments *departments = NULL;
    enum status status = open_titles(tools, &titles, err);

    if (status == STATUS_OK)
        status = open_departments(tools, &departments, err);
    if (status != STATUS_OK) {
        titles_destroy(titles);
        return status;
    }
    *extractor = (struct extractor){tools->reader, titles, departments, &tools->study->region};
    return STATUS_OK;
}

void extractor_close(struct extractor *extractor)
{
    /* The tables are const for their users; here is their owner. */
    titles_destroy((struct titles *) extractor->titles);
    departments_destroy((struct departments *) extractor->departments);
    *extractor = (struct extractor){NULL, NULL, NULL, NULL};
}

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

static void put_line(struct buf *out, const struct docline *doc,
                     const struct extraction *extraction, struct slice purpose)
{
    static const char *const answered[] = {"events", NULL};

    docline_begin(out, doc, answered);
    docline_key(out, "events");
    buf_putc(out, '[');
    for (size_t i = 0; i < extraction->count; i++) {
        if (i > 0)
            buf_putc(out, ',');
        put_event(out, &extraction->events[i], purpose);
    }
    buf_putc(out, ']');
    docline_end(out);
}

struct command {
    struct extractor extractor;
    const struct judge *judge;
};

/* The line's own decision counts; without one the model's. */
static enum status decide(const struct command *command, const struct docline *doc,
                          const struct source_text *source, struct arena *arena,
                          struct judgement *judgement)
{
    enum status status = judge_document(command->judge, source, arena, judgement, NULL);

    if (status != STATUS_OK || !doc->has_visit || doc->is_visit == judgement->is_visit)
        return status;
    judgement->is_visit = doc->is_visit;
    return doc->is_visit ? judge_subject(command->judge, arena, judgement, NULL) : STATUS_OK;
}

static enum status extract_line(void *self, const struct docline *doc, struct arena *arena,
                                struct buf *out, struct error *err)
{
    const struct command *command = self;
    const struct source_text source = {.title = doc->title,
                                       .body = doc->body,
                                       .url = doc->url,
                                       .site_city = doc->site_city,
                                       .day = doc->day};
    struct judgement *judgement = arena_alloc(arena, sizeof *judgement);
    struct slice purpose = json_text(json_member(doc->object, "purpose"));
    struct extraction extraction = {NULL, 0};
    enum status status = STATUS_NOMEM;

    if (judgement != NULL)
        status = decide(command, doc, &source, arena, judgement);
    if (status != STATUS_OK)
        return error_set(err, status, "out of memory");
    if (judgement->is_visit)
        status = extract_events(&command->extractor, &(struct extract_input){&source, judgement},
                                arena, &extraction, err);
    if (status != STATUS_OK)
        return status;
    put_line(out, doc, &extraction, purpose.size > 0 ? purpose : slice_from(judgement->purpose));
    return STATUS_OK;
}

static int fail(const struct error *err)
{
    fprintf(stderr, "xunfang extract: %s\n", err->message);
    return 1;
}

int command_extract(int argc, char **argv)
{
    struct command_line line = {.argc = argc, .argv = argv};
    struct docline_job job = {stdin, stdout, stderr, "xunfang extract", extract_line, NULL};
    struct settings settings = {NULL};
    struct command command = {.judge = NULL};
    struct tools *tools = NULL;
    struct error err = {.code = STATUS_OK};
    enum status status;

    if (options_answered(&options, argc, argv))
        return 0;
    status = options_parse(&options, &line, &settings, &err);
    if (status == STATUS_OK)
        status = tools_open(settings.codebook, true, &tools, &err);
    if (status == STATUS_OK)
        status = extractor_open(tools, &command.extractor, &err);
    if (status != STATUS_OK) {
        tools_close(tools);
        fail(&err);
        return 2;
    }
    command.judge = tools->judge;
    job.self = &command;
    status = docline_run(&job, &err);
    extractor_close(&command.extractor);
    tools_close(tools);
    return status == STATUS_OK ? 0 : fail(&err);
}
