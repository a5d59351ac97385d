#include "study/docline.h"

#include "base/util/civil.h"
#include "study/docflow.h"

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
    /* Three cases: decided true, decided false, not decided; then the command decides by itself. */
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
    /* Absent, not empty: an empty id or body is a value that the input may have. */
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

struct source_text docline_source(const struct docline *doc)
{
    return (struct source_text){.title = doc->title,
                                .body = doc->body,
                                .url = doc->url,
                                .site_city = doc->site_city,
                                .day = doc->day};
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

/* ---- a stream of them ---- */

static enum status handle(void *self, struct docflow_item *item, struct error *err)
{
    const struct docline_job *job = self;
    enum status status =
        job->handler(job->self, docflow_doc(item), docflow_arena(item), docflow_out(item), err);

    if (status == STATUS_OK)
        docflow_finish(item, NULL);
    return status;
}

enum status docline_run(const struct docline_job *job, struct error *err)
{
    /* The job is only read; the flow's slot is for any handler's own. */
    const struct docflow flow = {job->in, job->out, job->errors, job->name,
                                 handle,  NULL,     (void *) job};

    return docflow_run(&flow, err);
}
