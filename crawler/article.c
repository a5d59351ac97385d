#include "crawler/article.h"

#include "base/util/civil.h"
#include "base/util/map.h"
#include "crawler/article_body.h"
#include "crawler/article_date.h"
#include "crawler/article_title.h"
#include "crawler/charset.h"
#include "crawler/html.h"
#include "crawler/outline.h"
#include "crawler/page_day.h"
#include "crawler/url.h"
#include "study/platform.h"

#include <stdlib.h>

enum { SELECTORS_MAX = 64, TEXT_GROWTH = 3, TEXT_ROOM = 65536 };

/* A platform's selectors for one field, compiled. */
struct selectors {
    struct html_query *queries[SELECTORS_MAX];
    size_t count;
};

/* Empty selectors mean the general rules alone. */
struct article_reader {
    struct selectors title, date, body;
};

/* One page on its way. */
struct reading {
    const struct article_input *input;
    struct arena *arena;
    struct slice text; /* UTF-8 */
    struct outline *outline;
    struct article_span span;
    bool starved; /* memory was out somewhere; tells at the end */
};

/* Remembers that memory was out: links left out for that would make another page of it. */
static bool succeeded(struct reading *reading, enum status status)
{
    reading->starved = reading->starved || status == STATUS_NOMEM;
    return status == STATUS_OK;
}

/* Also of a reader that was not finished: `count` covers exactly what was compiled. */
static void drop_selectors(struct selectors *selectors)
{
    for (size_t i = 0; i < selectors->count; i++)
        html_query_destroy(selectors->queries[i]);
    selectors->count = 0;
}

/* All selectors at once, so that a bad one is told when the platform is loaded, not on some
 * page. */
static enum status compile(const struct slice *xpaths, size_t count, const char *field,
                           struct selectors *selectors, struct error *err)
{
    if (count > SELECTORS_MAX)
        return error_set(err, STATUS_TOO_LARGE, "article.%s: more than %d selectors", field,
                         SELECTORS_MAX);
    for (size_t i = 0; i < count; i++) {
        enum status status = html_query_create(xpaths[i], &selectors->queries[i], err);
        if (status != STATUS_OK)
            return error_prefix(err, status, "article.%s", field);
        selectors->count++;
    }
    return STATUS_OK;
}

enum status article_reader_create(const struct platform *platform, struct article_reader **reader,
                                  struct error *err)
{
    struct article_reader *made = calloc(1, sizeof *made);
    enum status status = STATUS_OK;

    if (made == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for a platform's selectors");
    if (platform != NULL) {
        const struct platform_article *article = &platform->article;
        status = compile(article->title, article->title_count, "title", &made->title, err);
        if (status == STATUS_OK)
            status = compile(article->date, article->date_count, "date", &made->date, err);
        if (status == STATUS_OK)
            status = compile(article->body, article->body_count, "body", &made->body, err);
    }
    if (status == STATUS_OK)
        *reader = made;
    else
        article_reader_destroy(made);
    return status;
}

void article_reader_destroy(struct article_reader *reader)
{
    if (reader == NULL)
        return;
    drop_selectors(&reader->title);
    drop_selectors(&reader->date);
    drop_selectors(&reader->body);
    free(reader);
}

/* A text grows at most threefold on its way to UTF-8 (a byte that cannot be decoded is three). */
static enum status decode(struct reading *reading, struct article *article, struct error *err)
{
    struct charset_result result;
    struct slice html = reading->input->html;
    struct buf text;
    enum status status;

    buf_init(&text, html.size * TEXT_GROWTH + TEXT_ROOM);
    status = charset_decode_page(html, reading->input->content_type, &text, &result, err);
    if (status == STATUS_OK) {
        reading->text = arena_copy(reading->arena, buf_slice(&text));
        article->charset = charset_name(result.charset);
        article->replaced = result.replaced;
        if (reading->text.data == NULL)
            status = error_set(err, STATUS_NOMEM, "no memory for a page's text");
    }
    buf_fini(&text);
    return status;
}

/* A copy of the buf's bytes in the arena, and the buf's end. */
static enum status keep(struct buf *buf, struct arena *arena, struct slice *kept, struct error *err)
{
    enum status status = buf_status(buf, err);
    struct slice copy = {NULL, 0};

    if (status == STATUS_OK) {
        copy = arena_copy(arena, buf_slice(buf));
        if (copy.data == NULL)
            status = error_set(err, STATUS_NOMEM, "no memory for a page's text");
    }
    buf_fini(buf);
    if (status == STATUS_OK)
        *kept = copy;
    return status;
}

/* A page without text keeps no rule: the date rule says "none" likewise. */
static enum status take_body(const struct reading *reading, struct article *article,
                             struct error *err)
{
    struct buf body;

    buf_init(&body, ARTICLE_BODY_MAX);
    article_body_text(reading->outline, &reading->span, ARTICLE_BODY_MAX, &body);
    article->body_rule = body.size > 0 ? reading->span.rule : "none";
    return keep(&body, reading->arena, &article->body, err);
}

/* Titles in meta tags carry tags and entities now and then. */
static enum status take_title(const struct reading *reading, struct article *article,
                              struct error *err)
{
    struct slice found = article_title_find(reading->outline, &reading->span);
    struct buf plain, title;
    enum status status;

    buf_init(&plain, reading->text.size + ARTICLE_TITLE_MAX);
    buf_init(&title, reading->text.size + ARTICLE_TITLE_MAX);
    status = html_plain_text(found, &plain, err);
    if (status == STATUS_OK) {
        outline_collapse(&title, buf_slice(&plain));
        status = keep(&title, reading->arena, &article->title, err);
    }
    buf_fini(&plain);
    return status;
}

/* The general rules. */
static enum status read_by_rules(struct reading *reading, struct article *article,
                                 struct error *err)
{
    struct article_date date =
        article_date_find(reading->outline, &reading->span, reading->input->url);
    enum status status;

    article->day = date.day;
    article->date_rule = date.rule;
    status = take_title(reading, article, err);
    article_body_trim(reading->outline, article->title, &reading->span);
    return status == STATUS_OK ? take_body(reading, article, err) : status;
}

/* Collapsed lines of `text`, empty ones dropped, as many as fit. */
static void put_paragraphs(struct slice text, size_t most, struct buf *out)
{
    struct buf line;

    buf_init(&line, most);
    while (text.data != NULL) {
        buf_reset(&line);
        outline_collapse(&line, slice_split(&text, '\n'));
        if (line.size == 0)
            continue;
        if (out->size + line.size + 1 > most)
            break;
        if (out->size > 0)
            buf_putc(out, '\n');
        buf_append(out, buf_slice(&line));
    }
    buf_fini(&line);
}

/* Texts of the nodes that the first matching selector finds: of the first one, or with `lines`
 * of all. *matched tells whether any selector found a node. */
static enum status select_text(const struct selectors *selectors, const struct html_tree *tree,
                               bool lines, struct reading *reading, struct buf *out)
{
    struct html_items items = {NULL, 0};
    struct buf raw;

    for (size_t i = 0; i < selectors->count && items.count == 0; i++) {
        enum status status = html_query_run(selectors->queries[i], (struct html_scope){tree, NULL},
                                            reading->arena, &items, NULL);
        (void) succeeded(reading, status); /* a query that fails has no nodes */
    }
    if (items.count == 0)
        return STATUS_NOT_FOUND;
    buf_init(&raw, reading->text.size + HTML_ITEMS_MAX);
    for (size_t i = 0; i < (lines ? items.count : 1); i++) {
        html_item_text(&items.items[i], lines, &raw);
        buf_putc(&raw, '\n');
    }
    if (lines)
        put_paragraphs(buf_slice(&raw), ARTICLE_BODY_MAX, out);
    else
        outline_collapse(out, buf_slice(&raw));
    buf_fini(&raw);
    return STATUS_OK;
}

/* No title where the platform says it is: the general rules' title stays. */
static enum status select_title(const struct article_reader *reader, const struct html_tree *tree,
                                struct reading *reading, struct article *article, struct error *err)
{
    struct buf text;

    buf_init(&text, reading->text.size + 1);
    if (select_text(&reader->title, tree, false, reading, &text) != STATUS_OK || text.size == 0) {
        buf_fini(&text);
        return STATUS_OK;
    }
    buf_truncate(&text, article_title_cut(buf_slice(&text)).size);
    return keep(&text, reading->arena, &article->title, err);
}

/* A node without a whole day in it ("昨天") leaves the general rules' date. */
static void select_date(const struct article_reader *reader, const struct html_tree *tree,
                        struct reading *reading, struct article *article)
{
    struct buf text;
    int32_t day = CIVIL_NONE;

    buf_init(&text, reading->text.size + 1);
    if (select_text(&reader->date, tree, false, reading, &text) == STATUS_OK)
        day = page_day_of_field(buf_slice(&text));
    buf_fini(&text);
    if (day == CIVIL_NONE)
        return;
    article->day = day;
    article->date_rule = "platform";
}

/* A container that is there and empty is a blank page, not a reason to look elsewhere. */
static enum status select_body(const struct article_reader *reader, const struct html_tree *tree,
                               struct reading *reading, struct article *article, struct error *err)
{
    struct buf text;

    buf_init(&text, ARTICLE_BODY_MAX);
    if (select_text(&reader->body, tree, true, reading, &text) != STATUS_OK) {
        buf_fini(&text);
        return STATUS_OK;
    }
    article->body_rule = "platform";
    return keep(&text, reading->arena, &article->body, err);
}

/* What the platform's selectors find takes the place of what the rules found. */
static enum status read_by_selectors(const struct article_reader *reader, struct reading *reading,
                                     struct article *article, struct error *err)
{
    struct html_tree *tree = NULL;
    enum status status;

    /* A tree costs as much as all the rest: only for platforms that need one. */
    if (reader->title.count + reader->date.count + reader->body.count == 0)
        return STATUS_OK;
    status = html_tree_create(reading->text, &tree, err);
    if (status == STATUS_OK)
        status = select_title(reader, tree, reading, article, err);
    if (status == STATUS_OK) {
        select_date(reader, tree, reading, article);
        status = select_body(reader, tree, reading, article, err);
    }
    html_tree_destroy(tree);
    return status;
}

static bool read_url(struct reading *reading, struct slice text, const struct url *base,
                     struct url *url)
{
    return succeeded(reading, url_parse(text, base, reading->arena, url, NULL));
}

/* The base that links resolve against; false if there is none. */
static bool find_base(struct reading *reading, struct url *base)
{
    struct url page = {.port = 0};
    bool has_page =
        reading->input->url.size > 0 && read_url(reading, reading->input->url, NULL, &page);

    if (reading->outline->base.size > 0 &&
        read_url(reading, reading->outline->base, has_page ? &page : NULL, base))
        return true;
    if (has_page)
        *base = page;
    return has_page;
}

/* Each link once, by its crawl key. What is no http(s) link is no link of ours: mail addresses and
 * scripts are not worth an error. */
static enum status take_links(struct reading *reading, struct article *article, struct error *err)
{
    const struct outline *outline = reading->outline;
    struct map *seen = map_create();
    struct slice *links =
        arena_array(reading->arena, outline->link_count + 1, sizeof *article->links);
    size_t count = 0;
    struct url base = {.port = 0};
    bool has_base = find_base(reading, &base);
    enum status status = STATUS_OK;

    if (seen == NULL || links == NULL) {
        map_destroy(seen);
        return error_set(err, STATUS_NOMEM, "no memory for a page's links");
    }
    for (size_t i = 0; status == STATUS_OK && i < outline->link_count; i++) {
        struct url url;
        struct slice key;
        if (count == ARTICLE_LINKS_MAX)
            break;
        if (!read_url(reading, outline->links[i], has_base ? &base : NULL, &url) ||
            !succeeded(reading, url_key(&url, reading->arena, &key, NULL)) ||
            map_get(seen, key) != NULL)
            continue;
        links[count++] = key;
        status = map_put(seen, key, seen);
    }
    map_destroy(seen);
    if (status == STATUS_OK) {
        article->links = links;
        article->link_count = count;
    }
    return status;
}

/* The article is put together aside and handed over whole: a failure leaves the caller's as it
 * was. */
enum status article_read(struct article_reader *reader, const struct article_input *input,
                         struct arena *arena, struct article *article, struct error *err)
{
    struct reading reading = {.input = input, .arena = arena};
    struct article made = {.day = CIVIL_NONE, .body_rule = "none", .date_rule = "none"};
    enum status status = decode(&reading, &made, err);

    if (status == STATUS_OK)
        status = outline_create(reading.text, arena, &reading.outline, err);
    if (status == STATUS_OK)
        status = article_body_find(reading.outline, arena, &reading.span, err);
    if (status == STATUS_OK)
        status = read_by_rules(&reading, &made, err);
    if (status == STATUS_OK)
        status = read_by_selectors(reader, &reading, &made, err);
    if (status == STATUS_OK && input->want_links)
        status = take_links(&reading, &made, err);
    if (status == STATUS_OK && reading.starved)
        status = error_set(err, STATUS_NOMEM, "no memory for a page");
    if (status == STATUS_OK)
        *article = made;
    return status;
}
