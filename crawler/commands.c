#include "crawler/commands.h"

#include "base/json.h"
#include "base/options.h"
#include "base/util/civil.h"
#include "crawler/article.h"
#include "crawler/charset.h"
#include "crawler/robots.h"
#include "crawler/url.h"

#include <stdlib.h>
#include <string.h>

/* Bytes; the arena holds a page several times over, as text, outline and links. */
enum {
    READ_SIZE = 64 * 1024,
    MEMORY_MAX = 1 << 30,
    OUTPUT_MAX = 256 << 20,
    EXIT_FAILED = 1,
    EXIT_USAGE = 2
};

/* The one place that turns an error into words and an exit status. */
static int fail(const struct command_streams *streams, const char *name, const struct error *err)
{
    (void) fprintf(streams->errors, "xunfang %s: %s\n", name, err->message);
    return err->code == STATUS_USAGE ? EXIT_USAGE : EXIT_FAILED;
}

/* Input over the limit is refused, not cut: half a page would give a wrong answer in silence. */
static enum status read_input(FILE *in, struct buf *bytes, struct error *err)
{
    size_t got = 1;

    while (got > 0) {
        char *room = buf_reserve(bytes, READ_SIZE);
        if (room == NULL && bytes->limit - bytes->size < READ_SIZE)
            return error_set(err, STATUS_TOO_LARGE, "input of more than %d bytes",
                             COMMAND_INPUT_MAX);
        if (room == NULL)
            return buf_status(bytes, err);
        got = fread(room, 1, READ_SIZE, in);
        buf_added(bytes, got);
    }
    return ferror(in) ? error_set(err, STATUS_IO, "cannot read the input") : STATUS_OK;
}

/* Flushed at once, so that a full disk or a closed pipe is told and not lost at exit. */
static enum status write_output(FILE *out, const struct buf *text, struct error *err)
{
    enum status status = buf_status(text, err);

    if (status != STATUS_OK)
        return status;
    if (fwrite(buf_text(text), 1, text->size, out) != text->size || fflush(out) != 0)
        return error_set(err, STATUS_IO, "cannot write the output");
    return STATUS_OK;
}

/* ---- parse ---- */

struct parse_settings {
    const char *url;
    const char *content_type;
};

/* Empty texts stand for absent ones: both mean that nothing is known. */
static const struct option_row parse_rows[] = {
    {"url", OPTION_TEXT, offsetof(struct parse_settings, url), "URL", "",
     "address of the page: links resolve against it, its path may tell the date"},
    {"content-type", OPTION_TEXT, offsetof(struct parse_settings, content_type), "TYPE", "",
     "the HTTP header's value, e.g. \"text/html; charset=gbk\""},
};
static const struct options parse_options = {
    parse_rows, sizeof parse_rows / sizeof *parse_rows,
    "xunfang parse --url URL [--content-type TYPE] < page.html",
    "Prints title, date, body and links of an article page as one JSON object."};

/* What is not known is null; an empty body is a fact about the page. */
static void put_article(const struct article *article, struct buf *out)
{
    char date[CIVIL_TEXT_SIZE];
    struct slice unknown = {NULL, 0};

    buf_puts(out, "{\"title\":");
    json_put_text(out, article->title.size > 0 ? article->title : unknown);
    buf_puts(out, ",\"date\":");
    json_put_text(out, article->day != CIVIL_NONE ? slice_from(civil_text(article->day, date))
                                                  : unknown);
    buf_puts(out, ",\"date_rule\":");
    json_put_text(out, slice_from(article->date_rule));
    buf_puts(out, ",\"body\":");
    json_put_text(out, article->body.data == NULL ? SLICE("") : article->body);
    buf_puts(out, ",\"links\":[");
    for (size_t i = 0; i < article->link_count; i++) {
        buf_puts(out, i == 0 ? "" : ",");
        json_put_text(out, article->links[i]);
    }
    buf_puts(out, "],\"charset\":");
    json_put_text(out, slice_from(article->charset));
    buf_puts(out, "}\n");
}

/* Without the address of a page relative links have no meaning, so a bad one is a usage error. */
static enum status check_url(const char *text, struct arena *arena, struct error *err)
{
    struct url url;
    enum status status = STATUS_OK;

    if (text[0] != '\0')
        status = url_parse(slice_from(text), NULL, arena, &url, err);
    return status == STATUS_OK ? status
                               : error_set(err, STATUS_USAGE, "--url '%s' is no URL", text);
}

/* Without a platform: what any page gives by the general rules. */
static enum status parse_page(const struct parse_settings *settings, struct slice bytes,
                              struct arena *arena, struct buf *out, struct error *err)
{
    struct article_input input = {.html = bytes,
                                  .url = slice_from(settings->url),
                                  .content_type = slice_from(settings->content_type),
                                  .want_links = true};
    struct article_reader *reader = NULL;
    struct article article;
    enum status status = article_reader_create(NULL, &reader, err);

    if (status == STATUS_OK)
        status = article_read(reader, &input, arena, &article, err);
    if (status == STATUS_OK)
        put_article(&article, out);
    article_reader_destroy(reader);
    return status;
}

int command_parse(int argc, char **argv, const struct command_streams *streams)
{
    struct arena *arena = NULL;
    struct command_line line = {.argc = argc, .argv = argv};
    struct parse_settings settings = {.url = NULL};
    struct error err = {.message = ""};
    struct buf bytes, out;
    enum status status = STATUS_OK;

    if (options_answered(&parse_options, argc, argv))
        return 0;
    status = options_parse(&parse_options, &line, &settings, &err);
    buf_init(&bytes, COMMAND_INPUT_MAX);
    buf_init(&out, OUTPUT_MAX);
    if (status == STATUS_OK && (arena = arena_create(MEMORY_MAX)) == NULL)
        status = error_set(&err, STATUS_NOMEM, "out of memory");
    if (status == STATUS_OK)
        status = check_url(settings.url, arena, &err);
    if (status == STATUS_OK)
        status = read_input(streams->in, &bytes, &err);
    if (status == STATUS_OK)
        status = parse_page(&settings, buf_slice(&bytes), arena, &out, &err);
    if (status == STATUS_OK)
        status = write_output(streams->out, &out, &err);
    buf_fini(&bytes);
    buf_fini(&out);
    arena_destroy(arena);
    return status == STATUS_OK ? 0 : fail(streams, "parse", &err);
}

/* ---- url ---- */

/* No options of its own, but --help and a clear word about extra arguments. */
static const struct options url_options = {
    NULL, 0, "xunfang url < lines",
    "Reads lines {\"input\",\"base\"} and prints {\"href\",\"key\"}: the WHATWG form and the crawl "
    "key,\n"
    "or {\"error\"}. base may be null or absent."};

/* A base that is no URL fails the line's answer like an input that is none. */
static enum status resolve(struct slice input, struct slice base_text, struct arena *arena,
                           struct buf *out, struct error *err)
{
    struct url base, url;
    struct slice key;
    enum status status = STATUS_OK;

    if (base_text.data != NULL)
        status = url_parse(base_text, NULL, arena, &base, err);
    if (status == STATUS_OK)
        status = url_parse(input, base_text.data == NULL ? NULL : &base, arena, &url, err);
    if (status == STATUS_OK)
        status = url_key(&url, arena, &key, err);
    if (status != STATUS_OK)
        return status;
    buf_puts(out, "{\"href\":");
    json_put_text(out, url.href);
    buf_puts(out, ",\"key\":");
    json_put_text(out, key);
    buf_puts(out, "}\n");
    return STATUS_OK;
}

/* STATUS_INVALID: the line is no {"input","base"}. */
static enum status answer_line(struct slice line, struct arena *arena, struct buf *out,
                               struct error *err)
{
    const struct json *object = NULL;
    struct slice input;
    struct error why = {.message = ""};
    enum status status = json_parse(line, arena, &object, err);

    if (status != STATUS_OK)
        return status;
    input = json_text(json_member(object, "input"));
    if (input.data == NULL)
        return error_set(err, STATUS_INVALID, "\"input\" is missing or no text");
    status = resolve(input, json_text(json_member(object, "base")), arena, out, &why);
    if (status == STATUS_NOMEM)
        return error_set(err, status, "out of memory");
    if (status == STATUS_OK)
        return status;
    buf_puts(out, "{\"error\":");
    json_put_text(out, slice_from(why.message));
    buf_puts(out, "}\n");
    return STATUS_OK;
}

/* A run over lines: what is reused from one to the next, and the counts. */
struct line_work {
    const struct command_streams *streams;
    struct arena *arena;
    struct buf out;
    unsigned long number, bad;
};

/* A bad line costs itself only; failure of the output ends the command. */
static enum status work_line(struct line_work *work, struct slice line, struct error *err)
{
    struct error why = {.message = ""};
    enum status status;

    work->number++;
    line = slice_trim(line);
    if (line.size == 0)
        return STATUS_OK;
    arena_reset(work->arena);
    buf_reset(&work->out);
    if (line.size > COMMAND_LINE_MAX)
        status = error_set(&why, STATUS_TOO_LARGE, "more than %d bytes", COMMAND_LINE_MAX);
    else
        status = answer_line(line, work->arena, &work->out, &why);
    if (status == STATUS_OK)
        return write_output(work->streams->out, &work->out, err);
    work->bad++;
    (void) fprintf(work->streams->errors, "xunfang url: line %lu: %s\n", work->number, why.message);
    return STATUS_OK;
}

/* getline grows without a limit of its own; the check of COMMAND_LINE_MAX comes right behind it. */
int command_url(int argc, char **argv, const struct command_streams *streams)
{
    struct command_line line = {.argc = argc, .argv = argv};
    struct line_work work = {.streams = streams};
    struct error err = {.message = ""};
    char *text = NULL;
    size_t capacity = 0;
    ssize_t size;
    enum status status = STATUS_OK;

    if (options_answered(&url_options, argc, argv))
        return 0;
    status = options_parse(&url_options, &line, NULL, &err);
    buf_init(&work.out, OUTPUT_MAX);
    if (status == STATUS_OK && (work.arena = arena_create(MEMORY_MAX)) == NULL)
        status = error_set(&err, STATUS_NOMEM, "out of memory");
    while (status == STATUS_OK && (size = getline(&text, &capacity, streams->in)) >= 0)
        status = work_line(&work, slice_of(text, (size_t) size), &err);
    if (status == STATUS_OK && ferror(streams->in))
        status = error_set(&err, STATUS_IO, "cannot read the input");
    free(text);
    buf_fini(&work.out);
    arena_destroy(work.arena);
    if (status != STATUS_OK)
        return fail(streams, "url", &err);
    return work.bad > 0 ? EXIT_FAILED : 0;
}

/* ---- robots ---- */

struct robots_settings {
    const char *agent;
    const char *url;
};

static const struct option_row robots_rows[] = {
    {"agent", OPTION_TEXT, offsetof(struct robots_settings, agent), "NAME", "xunfang",
     "product token of the crawler"},
    {"url", OPTION_TEXT, offsetof(struct robots_settings, url), "URL", NULL,
     "what the crawler wants to fetch"},
};
static const struct options robots_options = {robots_rows, sizeof robots_rows / sizeof *robots_rows,
                                              "xunfang robots --agent NAME --url URL < robots.txt",
                                              "Prints \"allowed\" or \"disallowed\", by RFC 9309."};

/* The agent falls back to ours: the usual question is what we may fetch. */
int command_robots(int argc, char **argv, const struct command_streams *streams)
{
    struct command_line line = {.argc = argc, .argv = argv};
    struct robots_settings settings = {.url = NULL};
    struct robots *robots = NULL;
    struct error err = {.message = ""};
    struct buf bytes, out;
    enum status status = STATUS_OK;

    if (options_answered(&robots_options, argc, argv))
        return 0;
    status = options_parse(&robots_options, &line, &settings, &err);
    buf_init(&bytes, COMMAND_INPUT_MAX);
    buf_init(&out, OUTPUT_MAX);
    if (status == STATUS_OK && settings.url == NULL)
        status = error_set(&err, STATUS_USAGE, "--url is missing");
    if (status == STATUS_OK)
        status = read_input(streams->in, &bytes, &err);
    if (status == STATUS_OK)
        status = robots_create(buf_slice(&bytes), slice_from(settings.agent), &robots, &err);
    if (status == STATUS_OK) {
        buf_puts(&out,
                 robots_allows(robots, slice_from(settings.url)) ? "allowed\n" : "disallowed\n");
        status = write_output(streams->out, &out, &err);
    }
    robots_destroy(robots);
    buf_fini(&bytes);
    buf_fini(&out);
    return status == STATUS_OK ? 0 : fail(streams, "robots", &err);
}

/* ---- decode ---- */

struct decode_settings {
    const char *label;
    const char *content_type;
};

/* The label falls back to NULL, since no label and an empty one differ. */
static const struct option_row decode_rows[] = {
    {"label", OPTION_TEXT, offsetof(struct decode_settings, label), "LABEL", NULL,
     "decode with exactly this charset, e.g. gb2312 (a byte-order mark still wins)"},
    {"content-type", OPTION_TEXT, offsetof(struct decode_settings, content_type), "TYPE", "",
     "the HTTP header's value; without --label it and the bytes decide"},
};
static const struct options decode_options = {
    decode_rows, sizeof decode_rows / sizeof *decode_rows,
    "xunfang decode [--label LABEL] [--content-type TYPE] < bytes",
    "Prints the bytes as UTF-8; what cannot be decoded becomes U+FFFD."};

/* A label means exactly that charset; without one the bytes are treated as a page. */
static enum status decode(const struct decode_settings *settings, struct slice bytes,
                          struct buf *out, struct error *err)
{
    const struct charset *charset = NULL;
    struct charset_result result;
    size_t replaced = 0;

    if (settings->label == NULL)
        return charset_decode_page(bytes, slice_from(settings->content_type), out, &result, err);
    charset = charset_find(slice_from(settings->label));
    if (charset == NULL)
        return error_set(err, STATUS_USAGE, "--label '%s' is no charset", settings->label);
    return charset_decode(bytes, charset, out, &replaced, err);
}

int command_decode(int argc, char **argv, const struct command_streams *streams)
{
    struct command_line line = {.argc = argc, .argv = argv};
    struct decode_settings settings = {.label = NULL};
    struct error err = {.message = ""};
    struct buf bytes, out;
    enum status status = STATUS_OK;

    if (options_answered(&decode_options, argc, argv))
        return 0;
    status = options_parse(&decode_options, &line, &settings, &err);
    buf_init(&bytes, COMMAND_INPUT_MAX);
    buf_init(&out, OUTPUT_MAX);
    if (status == STATUS_OK)
        status = read_input(streams->in, &bytes, &err);
    if (status == STATUS_OK)
        status = decode(&settings, buf_slice(&bytes), &out, &err);
    if (status == STATUS_OK)
        status = write_output(streams->out, &out, &err);
    buf_fini(&bytes);
    buf_fini(&out);
    return status == STATUS_OK ? 0 : fail(streams, "decode", &err);
}
