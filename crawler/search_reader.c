#include "crawler/search_reader.h"

#include "base/util/buf.h"

#include <stdlib.h>

enum { PROGRAM_MAX = 1 << 20 };

/* A field the platform does not have stays NULL. */
static enum status compile_query(struct slice xpath, const char *field, struct html_query **query,
                                 struct error *err)
{
    enum status status;

    if (xpath.size == 0)
        return STATUS_OK;
    status = html_query_create(xpath, query, err);
    return status == STATUS_OK ? status : error_prefix(err, status, "response.%s", field);
}

/* The three fields of a hit are XPath for pages and for fragments alike. */
static enum status compile_fields(struct search_page_reader *reader, struct error *err)
{
    const struct platform_response *response = &reader->platform->response;
    enum status status = compile_query(response->link, "link", &reader->fields[HIT_LINK], err);

    if (status == STATUS_OK)
        status = compile_query(response->title, "title", &reader->fields[HIT_TITLE], err);
    if (status == STATUS_OK)
        status = compile_query(response->date, "date", &reader->fields[HIT_DATE], err);
    return status;
}

/* hits is the only field that every platform has; the reader checks that before. */
static enum status compile_html(struct search_page_reader *reader, struct error *err)
{
    const struct platform_response *response = &reader->platform->response;
    enum status status = compile_query(response->hits, "hits", &reader->hits, err);

    if (status == STATUS_OK)
        status = compile_query(response->total, "total", &reader->total, err);
    if (status == STATUS_OK)
        status = compile_query(response->next, "next", &reader->next, err);
    return status == STATUS_OK ? compile_fields(reader, err) : status;
}

/* "(first value of the program, null)"; the line feed ends a comment of its own. */
static void put_first(struct buf *out, struct slice program)
{
    if (program.size == 0)
        buf_puts(out, "null");
    else
        buf_printf(out, "(try first((%.*s\n), null) catch null)", SLICE_ARG(program));
}

/* One program: {h: hits or {e: failure}, t: total, n: next}; a hit is [link, title, date], or the
 * fragment itself for json-html. */
static void put_program(const struct platform_response *response, struct buf *out)
{
    buf_printf(out, "{h: (try [limit(%d; (%.*s\n))", SEARCH_HITS_MAX, SLICE_ARG(response->hits));
    if (response->kind == PLATFORM_JSON) {
        buf_puts(out, " | [");
        put_first(out, response->link);
        buf_puts(out, ", ");
        put_first(out, response->title);
        buf_puts(out, ", ");
        put_first(out, response->date);
        buf_puts(out, "]");
    }
    buf_puts(out, "] catch {e: .}), t: ");
    put_first(out, response->total);
    buf_puts(out, ", n: ");
    put_first(out, response->next);
    buf_puts(out, "}");
}

/* Which of the platform's programs does jq refuse? Alone each names its error. */
static enum status name_bad_program(const struct platform_response *response, struct error *err)
{
    const struct {
        struct slice text;
        const char *field;
    } programs[] = {{response->hits, "hits"},   {response->link, "link"},
                    {response->title, "title"}, {response->date, "date"},
                    {response->total, "total"}, {response->next, "next"}};
    size_t count = sizeof programs / sizeof *programs;

    for (size_t i = 0; i < count; i++) {
        struct jq_program *program = NULL;
        enum status status;
        bool xpath = response->kind == PLATFORM_JSON_HTML && i >= 1 && i <= 3;
        if (xpath || programs[i].text.size == 0)
            continue;
        status = jq_create(programs[i].text, &program, err);
        jq_destroy(program);
        if (status != STATUS_OK)
            return error_prefix(err, status, "response.%s", programs[i].field);
    }
    return error_set(err, STATUS_INVALID, "response: the jq programs do not go together");
}

/* All programs are one; when jq refuses it, each is tried alone to name the culprit. */
static enum status compile_json(struct search_page_reader *reader, struct error *err)
{
    const struct platform_response *response = &reader->platform->response;
    struct buf text;
    enum status status;

    buf_init(&text, PROGRAM_MAX);
    put_program(response, &text);
    status = buf_status(&text, err);
    if (status == STATUS_OK)
        status = jq_create(buf_slice(&text), &reader->program, err);
    buf_fini(&text);
    if (status == STATUS_INVALID)
        return name_bad_program(response, err);
    if (status == STATUS_OK && response->kind == PLATFORM_JSON_HTML)
        status = compile_fields(reader, err);
    return status;
}

/* The platform stays the caller's; only compiled expressions are owned here. */
enum status search_page_reader_create(const struct platform *platform,
                                      struct search_page_reader **reader, struct error *err)
{
    struct search_page_reader *made = calloc(1, sizeof *made);
    enum status status;

    if (made == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for a platform's programs");
    made->platform = platform;
    if (platform->response.kind == PLATFORM_HTML)
        status = compile_html(made, err);
    else
        status = compile_json(made, err);
    if (status == STATUS_OK)
        *reader = made;
    else
        search_page_reader_destroy(made);
    return status;
}

/* Also of a reader that was not finished: everything in it may be NULL. */
void search_page_reader_destroy(struct search_page_reader *reader)
{
    if (reader == NULL)
        return;
    html_query_destroy(reader->hits);
    html_query_destroy(reader->total);
    html_query_destroy(reader->next);
    for (size_t i = 0; i < HIT_FIELDS; i++)
        html_query_destroy(reader->fields[i]);
    jq_destroy(reader->program);
    free(reader);
}
