/*
 * A template is cut into literal runs and placeholders; each piece is written as its place demands
 * (struct filling says where it stands). The result must be the same bytes on every machine: a
 * request's id is made of them, and with it the identity of its document.
 */
#include "study/request.h"

#include "base/json.h"
#include "study/encode.h"
#include "study/site.h"

#include <string.h>

enum { REQUEST_HEADER_MAX = 4096 };

/* Where a template stands decides how its values are written. */
enum context { CONTEXT_URL, CONTEXT_FORM, CONTEXT_JSON, CONTEXT_HEADER };

struct filling {
    const struct request_values *values;
    enum context context;
    struct buf *out;
    bool in_query; /* of a URL: a '?' went by */
};

struct id request_id(const Xunfang__Request *request)
{
    unsigned char digest[SHA256_SIZE];
    struct hash *hash = hash_create();

    sha256_of(slice_of(request->body.data, request->body.len), digest);
    hash_field(hash, slice_from(request->method));
    hash_field(hash, slice_from(request->url));
    hash_field(hash, slice_of(digest, sizeof digest));
    hash_number(hash, request->fetch_number);
    return hash_finish(hash);
}

struct id request_id_of_url(struct slice url)
{
    unsigned char digest[SHA256_SIZE];
    struct hash *hash = hash_create();

    sha256_of(SLICE(""), digest);
    hash_field(hash, SLICE("GET"));
    hash_field(hash, url);
    hash_field(hash, slice_of(digest, sizeof digest));
    /* The first fetch, without a body: the id that request_id gives to a crawled page. */
    hash_number(hash, 0);
    return hash_finish(hash);
}

struct slice request_host(struct slice url)
{
    struct slice host;
    uint16_t port;

    return site_of_url(url, &host, &port) ? host : slice_of("", 0);
}

/* ---- values ---- */

static void put_day(int32_t day, int format, struct buf *out)
{
    struct civil c = civil_from_day(day);

    if (format == PLATFORM_DATES_EPOCH_MS) /* midnight in Asia/Shanghai, eight hours ahead of UTC */
        buf_printf(out, "%lld", (long long) day * 86400000 - 8 * 3600000LL);
    else if (format == PLATFORM_DATES_COMPACT)
        buf_printf(out, "%04d%02d%02d", c.year, c.month, c.day);
    else
        buf_printf(out, "%04d-%02d-%02d", c.year, c.month, c.day);
}

/* The value of a placeholder as UTF-8; false if the name is none and its braces are literal. */
static bool find_value(const struct request_values *values, struct slice name, struct buf *out)
{
    const struct publisher *publisher = values->publisher;
    int dates = publisher->platform->request.date_format;

    if (slice_equal(name, SLICE("site")))
        buf_append(out, publisher->site);
    else if (slice_equal(name, SLICE("keyword")))
        buf_append(out, values->keyword);
    else if (slice_equal(name, SLICE("page")))
        buf_printf(out, "%llu", (unsigned long long) values->page);
    else if (dates != PLATFORM_DATES_NONE && slice_equal(name, SLICE("from")))
        put_day(values->period.from, dates, out);
    else if (dates != PLATFORM_DATES_NONE && slice_equal(name, SLICE("to")))
        put_day(values->period.to, dates, out);
    else {
        for (size_t i = 0; i < publisher->param_count; i++)
            if (slice_equal(name, publisher->params[i].name)) {
                buf_append(out, publisher->params[i].value);
                return true;
            }
        return false;
    }
    return true;
}

static void put_json(struct slice value, struct buf *out)
{
    struct buf quoted;

    buf_init(&quoted, REQUEST_BODY_MAX);
    json_put_text(&quoted, value);
    /* Without the quotes: those stand in the template. */
    if (quoted.size >= 2)
        buf_append(out, slice_sub(buf_slice(&quoted), 1, quoted.size - 2));
    if (quoted.failure != STATUS_OK)
        out->failure = quoted.failure;
    buf_fini(&quoted);
}

/* Percent-encodes in the platform's charset. */
static enum status put_encoded(const struct filling *f, struct slice value, const char *keep,
                               struct error *err)
{
    struct slice charset = f->values->publisher->platform->request.keyword_encoding;
    enum status status;
    struct buf bytes;

    buf_init(&bytes, REQUEST_BODY_MAX);
    status = encode_charset(value, charset, &bytes, err);
    if (status == STATUS_OK)
        status = buf_status(&bytes, err);
    if (status == STATUS_OK)
        encode_percent(buf_slice(&bytes), keep, f->out);
    buf_fini(&bytes);
    return status;
}

static enum status put_keyword(const struct filling *f, struct slice value, struct error *err)
{
    int form = f->values->publisher->platform->request.keyword_form;
    enum status status;
    struct filling inner = *f;
    struct buf once;

    if (form == PLATFORM_KEYWORD_PLAIN)
        return put_encoded(f, value, "", err);
    buf_init(&once, REQUEST_BODY_MAX);
    inner.out = &once;
    if (form == PLATFORM_KEYWORD_BASE64) {
        encode_base64(value, &once);
        status = STATUS_OK;
    } else {
        status = put_encoded(&inner, value, "", err);
    }
    if (status == STATUS_OK)
        status = buf_status(&once, err);
    if (status == STATUS_OK)
        encode_percent(buf_slice(&once), "", f->out);
    buf_fini(&once);
    return status;
}

static enum status put_value(const struct filling *f, struct slice name, struct slice value,
                             struct error *err)
{
    bool site = slice_equal(name, SLICE("site"));

    switch (f->context) {
    case CONTEXT_JSON:
        put_json(value, f->out);
        return STATUS_OK;
    case CONTEXT_HEADER:
        buf_append(f->out, value);
        return STATUS_OK;
    case CONTEXT_URL:
        if (site && !f->in_query) {
            buf_append(f->out, value);
            return STATUS_OK;
        }
        break;
    case CONTEXT_FORM:
        break;
    }
    if (slice_equal(name, SLICE("keyword")))
        return put_keyword(f, value, err);
    return put_encoded(f, value, f->context == CONTEXT_URL && !f->in_query ? "/" : "", err);
}

/* ---- templates ---- */

/* `{name}` at the start of `text`: its name, else an empty slice. */
static struct slice placeholder(struct slice text)
{
    size_t at = 1;

    while (at < text.size && ((text.data[at] >= 'a' && text.data[at] <= 'z') ||
                              (text.data[at] >= 'A' && text.data[at] <= 'Z') ||
                              (text.data[at] >= '0' && text.data[at] <= '9') ||
                              text.data[at] == '_' || text.data[at] == '-'))
        at++;
    if (at == 1 || at == text.size || text.data[at] != '}')
        return (struct slice){NULL, 0};
    return slice_sub(text, 1, at - 1);
}

/* The run of bytes up to the next '{' after the first byte. */
static struct slice literal_run(struct slice text)
{
    const char *brace = text.size < 2 ? NULL : memchr(text.data + 1, '{', text.size - 1);

    return slice_sub(text, 0, brace == NULL ? text.size : (size_t) (brace - text.data));
}

/* Characters that stay as they are in the literal text of an address or form: all that mean
 * something there, '%' included; the others go as the URL standard has it. */
static const char path_keep[] = "!$%&'()*+,/:;=?@[]|";
static const char query_keep[] = "!$%&()*+,/:;=?@[]|{}^\\";

static enum status put_literal(struct filling *f, struct slice text, struct error *err)
{
    if (memchr(text.data, '?', text.size) != NULL)
        f->in_query = true;
    if (f->context == CONTEXT_URL || f->context == CONTEXT_FORM)
        return put_encoded(f, text, f->in_query ? query_keep : path_keep, err);
    buf_append(f->out, text);
    return STATUS_OK;
}

static enum status fill(struct filling *f, struct slice text, struct error *err)
{
    enum status status = STATUS_OK;
    struct buf value;

    buf_init(&value, REQUEST_BODY_MAX);
    while (text.size > 0 && status == STATUS_OK) {
        struct slice name = {NULL, 0};
        struct slice run = literal_run(text);
        buf_reset(&value);
        if (text.data[0] == '{')
            name = placeholder(text);
        if (name.size > 0 && find_value(f->values, name, &value)) {
            status = buf_status(&value, err);
            if (status == STATUS_OK)
                status = put_value(f, name, buf_slice(&value), err);
            text = slice_sub(text, name.size + 2, text.size);
        } else {
            status = put_literal(f, run, err);
            text = slice_sub(text, run.size, text.size);
        }
    }
    buf_fini(&value);
    return status == STATUS_OK ? buf_status(f->out, err) : status;
}

/* What is filled in, and where the result goes. */
struct target {
    const struct request_values *values;
    struct arena *arena;
};

/* A filled template in the arena, at most `limit` bytes. */
static enum status fill_copy(const struct target *target, enum context context, struct slice text,
                             struct slice *filled, struct error *err)
{
    /* By enum context. */
    static const size_t limits[] = {REQUEST_URL_MAX, REQUEST_BODY_MAX, REQUEST_BODY_MAX,
                                    REQUEST_HEADER_MAX};
    struct buf out;
    struct filling f = {target->values, context, &out, context == CONTEXT_FORM};
    enum status status;

    buf_init(&out, limits[context]);
    status = fill(&f, text, err);
    if (status == STATUS_OK) {
        *filled = arena_copy(target->arena, buf_slice(&out));
        if (filled->data == NULL)
            status = error_set(err, STATUS_NOMEM, "%s", status_text(STATUS_NOMEM));
    }
    buf_fini(&out);
    return status;
}

static enum status fill_url(const struct target *target, char **url, struct error *err)
{
    struct slice template = target->values->publisher->platform->request.url;
    struct slice filled;
    enum status status =
        /* A fragment is never sent, and must not make two requests of one. */
        fill_copy(target, CONTEXT_URL, slice_sub(template, 0, slice_find(template, SLICE("#"))),
                  &filled, err);

    if (status != STATUS_OK)
        return status;
    if (!slice_starts(filled, SLICE("http://")) && !slice_starts(filled, SLICE("https://")))
        return error_set(err, STATUS_INVALID,
                         "'%.*s' is no http or https address (begin the "
                         "platform's url with {site})",
                         SLICE_ARG(filled));
    *url = (char *) filled.data;
    return STATUS_OK;
}

/* Some systems send JSON under a form's content type, so the template's look counts too. */
static bool is_json_body(const struct platform_request *request)
{
    struct slice body = slice_trim(request->body);

    return slice_contains(request->content_type, SLICE("json")) ||
           slice_starts(body, SLICE("{\"")) || slice_starts(body, SLICE("[{")) ||
           slice_starts(body, SLICE("[\""));
}

static enum status fill_body(const struct target *target, ProtobufCBinaryData *body,
                             struct error *err)
{
    const struct platform_request *request = &target->values->publisher->platform->request;
    struct slice filled;
    enum status status = fill_copy(target, is_json_body(request) ? CONTEXT_JSON : CONTEXT_FORM,
                                   request->body, &filled, err);

    if (status != STATUS_OK)
        return status;
    body->data = filled.size == 0 ? NULL : (uint8_t *) filled.data;
    body->len = filled.size;
    return STATUS_OK;
}

static Xunfang__Header *new_header(struct arena *arena, struct slice name, struct slice value)
{
    Xunfang__Header *header = arena_alloc(arena, sizeof *header);

    if (header == NULL)
        return NULL;
    xunfang__header__init(header);
    header->name = (char *) arena_copy(arena, name).data;
    header->value = (char *) arena_copy(arena, value).data;
    return header->name == NULL || header->value == NULL ? NULL : header;
}

static enum status add_header(Xunfang__Request *request, struct arena *arena, struct slice name,
                              struct slice value, struct error *err)
{
    Xunfang__Header *header;

    for (size_t i = 0; i < value.size; i++)
        /* A line break in a value would begin a header of its own. */
        if ((unsigned char) value.data[i] < ' ' && value.data[i] != '\t')
            return error_set(err, STATUS_INVALID, "header '%.*s' holds a control character",
                             SLICE_ARG(name));
    header = new_header(arena, name, value);
    if (header == NULL)
        return error_set(err, STATUS_NOMEM, "%s", status_text(STATUS_NOMEM));
    request->headers[request->n_headers++] = header;
    return STATUS_OK;
}

static enum status fill_headers(const struct target *target, Xunfang__Request *request,
                                struct error *err)
{
    const struct platform_request *from = &target->values->publisher->platform->request;
    struct arena *arena = target->arena;
    enum status status = STATUS_OK;

    request->headers = arena_array(arena, from->header_count + 1, sizeof(Xunfang__Header *));
    if (request->headers == NULL)
        return error_set(err, STATUS_NOMEM, "%s", status_text(STATUS_NOMEM));
    if (slice_equal(slice_from(request->method), SLICE("POST")))
        status = add_header(request, arena, SLICE("Content-Type"), from->content_type, err);
    for (size_t i = 0; i < from->header_count && status == STATUS_OK; i++) {
        struct slice value;
        status = fill_copy(target, CONTEXT_HEADER, from->headers[i].value, &value, err);
        if (status == STATUS_OK)
            status = add_header(request, arena, from->headers[i].name, value, err);
    }
    return status;
}

enum status request_build(const struct request_values *values, struct arena *arena,
                          Xunfang__Request **request, struct error *err)
{
    const struct platform *platform = values->publisher->platform;
    struct target target = {values, arena};
    Xunfang__Request *built = arena_alloc(arena, sizeof *built);
    enum status status;

    if (built == NULL)
        return error_set(err, STATUS_NOMEM, "%s", status_text(STATUS_NOMEM));
    xunfang__request__init(built);
    built->kind = XUNFANG__REQUEST__KIND__LIST;
    built->method = platform->request.method == PLATFORM_POST ? "POST" : "GET";
    status = fill_url(&target, &built->url, err);
    if (status == STATUS_OK && platform->request.method == PLATFORM_POST)
        status = fill_body(&target, &built->body, err);
    if (status == STATUS_OK)
        status = fill_headers(&target, built, err);
    if (status != STATUS_OK)
        return error_prefix(err, status, "platform %.*s", SLICE_ARG(platform->name));
    *request = built;
    return STATUS_OK;
}

enum status request_follow(const struct request_values *values, struct slice url,
                           struct arena *arena, Xunfang__Request **request, struct error *err)
{
    struct target target = {values, arena};
    Xunfang__Request *built = arena_alloc(arena, sizeof *built);
    struct slice copy = arena_copy(arena, url);
    enum status status;

    if (built == NULL || copy.data == NULL)
        return error_set(err, STATUS_NOMEM, "%s", status_text(STATUS_NOMEM));
    xunfang__request__init(built);
    built->kind = XUNFANG__REQUEST__KIND__LIST;
    built->method = "GET";
    built->url = (char *) copy.data;
    status = fill_headers(&target, built, err);
    if (status == STATUS_OK)
        *request = built;
    return status;
}
