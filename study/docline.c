#include "study/docline.h"

#include "base/util/civil.h"
#include "study/lines.h"

/* A member that is text or unknown. */
static enum status text_member(const struct json *object, const char *key, struct slice *text,
                               struct error *err)
{
    const struct json *member = json_member(object, key);

    if (json_kind(member) != JSON_KIND_NULL && json_kind(member) != JSON_KIND_TEXT)
        return error_set(err, STATUS_INVALID, "member \"%s\" is no text", key);
    *text = json_text(member);
    return STATUS_OK;
}

static enum status read_texts(struct docline *doc, struct error *err)
{
    struct {
        const char *key;
        struct slice *text;
    } members[] = {{"url", &doc->url},
                   {"site_city", &doc->site_city},
                   {"query_city", &doc->query_city},
                   {"title", &doc->title},
                   {"id", &doc->id},
                   {"body", &doc->body}};
    enum status status = STATUS_OK;

    for (size_t i = 0; i < sizeof members / sizeof members[0] && status == STATUS_OK; i++)
        status = text_member(doc->object, members[i].key, members[i].text, err);
    return status;
}

static enum status read_date(struct docline *doc, struct error *err)
{
    struct slice date = {NULL, 0};
    enum status status = text_member(doc->object, "date", &date, err);

    doc->day = CIVIL_NONE;
    if (status != STATUS_OK || date.size == 0)
        return status;
    status = civil_parse(date, &doc->day, err);
    if (status != STATUS_OK)
        return error_prefix(err, status, "member \"date\"");
    return STATUS_OK;
}

static enum status read_decision(struct docline *doc, struct error *err)
{
    const struct json *member = json_member(doc->object, "is_visit");

    if (json_kind(member) == JSON_KIND_NULL)
        return STATUS_OK;
    if (json_kind(member) != JSON_KIND_BOOL)
        return error_set(err, STATUS_INVALID, "member \"is_visit\" is neither true nor false");
    doc->has_visit = true;
    doc->is_visit = json_truth(member, false);
    return STATUS_OK;
}

enum status docline_parse(struct slice line, struct arena *arena, struct docline *doc,
                          struct error *err)
{
    struct docline read = {0};
    enum status status = json_parse(line, arena, &read.object, err);

    if (status != STATUS_OK)
        return status;
    if (json_kind(read.object) != JSON_KIND_OBJECT)
        return error_set(err, STATUS_INVALID, "no JSON object");
    status = read_texts(&read, err);
    if (status == STATUS_OK && read.id.data == NULL)
        status = error_set(err, STATUS_INVALID, "member \"id\" is missing");
    if (status == STATUS_OK && read.body.data == NULL)
        status = error_set(err, STATUS_INVALID, "member \"body\" is missing");
    if (status == STATUS_OK)
        status = read_date(&read, err);
    if (status == STATUS_OK)
        status = read_decision(&read, err);
    if (status == STATUS_OK)
        *doc = read;
    return status;
}

static bool is_answered(struct slice key, const char *const *answered)
{
    for (; *answered != NULL; answered++)
        if (slice_equal(key, slice_from(*answered)))
            return true;
    return false;
}

void docline_begin(struct buf *out, const struct docline *doc, const char *const *answered)
{
    const struct json *value;
    void *cursor = NULL;
    struct slice key;
    bool first = true;

    buf_putc(out, '{');
    while (json_next_member(doc->object, &cursor, &key, &value)) {
        if (is_answered(key, answered))
            continue;
        if (!first)
            buf_putc(out, ',');
        first = false;
        json_put_text(out, key);
        buf_putc(out, ':');
        json_put_value(out, value);
    }
}

void docline_key(struct buf *out, const char *key)
{
    /* Only the brace that opened the object may stand right before a key. */
    if (out->size > 0 && out->data[out->size - 1] != '{')
        buf_putc(out, ',');
    json_put_text(out, slice_from(key));
    buf_putc(out, ':');
}

void docline_text(struct buf *out, struct slice text)
{
    json_put_text(out, text.size > 0 ? text : (struct slice){NULL, 0});
}

void docline_end(struct buf *out)
{
    buf_puts(out, "}\n");
}

/* ---- the loop over a stream ---- */

struct reader {
    const struct docline_job *job;
    struct lines_reader lines;
    uint64_t bad;
    struct arena *arena;
    struct buf out;
};

static void report_line(struct reader *reader, const struct error *cause)
{
    reader->bad++;
    fprintf(reader->job->errors, "%s: line %llu: %s\n", reader->job->name,
            (unsigned long long) reader->lines.number, cause->message);
}

static enum status one_line(struct reader *reader, struct slice line, struct error *err)
{
    struct docline doc;
    enum status status;

    status = docline_parse(line, reader->arena, &doc, err);
    if (status == STATUS_OK)
        status = reader->job->handler(reader->job->self, &doc, reader->arena, &reader->out, err);
    if (status == STATUS_OK)
        status = buf_status(&reader->out, err);
    return status;
}

static enum status write_out(struct reader *reader, struct error *err)
{
    if (fwrite(reader->out.data, 1, reader->out.size, reader->job->out) != reader->out.size)
        return error_set(err, STATUS_IO, "cannot write the output");
    return STATUS_OK;
}

/* A line's own fault is reported and forgiven; anything else ends the run. */
static enum status take_line(struct reader *reader, struct slice line, struct error *err)
{
    struct error cause = {.code = STATUS_OK};
    enum status status;

    arena_reset(reader->arena);
    buf_reset(&reader->out);
    status = one_line(reader, line, &cause);
    if (status == STATUS_OK)
        return reader->out.size > 0 ? write_out(reader, err) : STATUS_OK;
    if (status_verdict(status) != VERDICT_DEAD)
        return error_set(err, status, "line %llu: %s", (unsigned long long) reader->lines.number,
                         cause.message);
    report_line(reader, &cause);
    return STATUS_OK;
}

static enum status read_all(struct reader *reader, struct error *err)
{
    enum status status = STATUS_OK;

    while (status == STATUS_OK) {
        struct error cause = {.code = STATUS_OK};
        struct slice line;

        status = lines_next(&reader->lines, &line, &cause);
        if (status == STATUS_NOT_FOUND)
            return STATUS_OK;
        if (status == STATUS_TOO_LARGE) {
            report_line(reader, &cause);
            status = STATUS_OK;
        } else if (status != STATUS_OK)
            *err = cause;
        else if (line.size > 0)
            status = take_line(reader, line, err);
    }
    return status;
}

enum status docline_run(const struct docline_job *job, struct error *err)
{
    struct reader reader = {.job = job, .arena = arena_create(DOCLINE_MEMORY_MAX)};
    enum status status;

    if (reader.arena == NULL)
        return error_set(err, STATUS_NOMEM, "out of memory");
    lines_open(&reader.lines, job->in, DOCLINE_MAX);
    buf_init(&reader.out, (size_t) DOCLINE_MAX * 2);
    status = read_all(&reader, err);
    if (status == STATUS_OK && fflush(job->out) != 0)
        status = error_set(err, STATUS_IO, "cannot write the output");
    if (status == STATUS_OK && reader.bad > 0)
        status =
            error_set(err, STATUS_INVALID, "%llu of %llu lines are no documents",
                      (unsigned long long) reader.bad, (unsigned long long) reader.lines.number);
    buf_fini(&reader.out);
    arena_destroy(reader.arena);
    lines_close(&reader.lines);
    return status;
}
