#include "crawler/search_page.h"

#include "base/json.h"
#include "base/util/civil.h"
#include "crawler/charset.h"
#include "crawler/outline.h"
#include "crawler/page_day.h"
#include "crawler/search_field.h"
#include "crawler/search_reader.h"

enum { FIELD_TEXT_MAX = 64 * 1024, RESULT_MAX = 64 << 20 };

/* One page on its way. */
struct scan {
    struct search_page_reader *reader;
    const struct search_page_input *input;
    struct arena *arena;
    struct slice text; /* UTF-8 */
    struct url base;
    bool has_base;
    bool total_found; /* the place of the total is there */
    bool starved;     /* memory was out somewhere; tells at the end */
    struct search_page page;
};

static enum status no_memory(struct error *err)
{
    return error_set(err, STATUS_NOMEM, "no memory for a search page");
}

/* ---- what all kinds share ---- */

/* Remembers that memory was out: a page read without it would look like another page. */
static bool succeeded(struct scan *scan, enum status status)
{
    scan->starved = scan->starved || status == STATUS_NOMEM;
    return status == STATUS_OK;
}

/* A <base> that is no URL changes nothing. */
static void set_base(struct scan *scan, struct slice base)
{
    const struct url *outer = scan->has_base ? &scan->base : NULL;
    struct url url;

    if (base.size > 0 && succeeded(scan, url_parse(base, outer, scan->arena, &url, NULL))) {
        scan->base = url;
        scan->has_base = true;
    }
}

/* The crawl key of a link of the page; false if it is none. */
static bool read_link(struct scan *scan, struct slice text, struct slice link_param,
                      struct slice *key)
{
    const struct url *base = scan->has_base ? &scan->base : NULL;

    return succeeded(scan, search_field_link(text, link_param, base, scan->arena, key));
}

/* The place was there even if no number stood in it: the page is what it should be. */
static void take_total(struct scan *scan, struct slice text)
{
    scan->total_found = true;
    scan->page.has_total = search_field_total(text, &scan->page.total);
}

/* A next link that is none (javascript:, empty) ends the list. */
static void take_next(struct scan *scan, struct slice text)
{
    struct slice key;

    if (read_link(scan, text, (struct slice){NULL, 0}, &key))
        scan->page.next = key;
}

/* `title` is plain text; link, title and date may be empty. */
static enum status add_hit(struct scan *scan, const struct slice fields[HIT_FIELDS],
                           struct error *err)
{
    struct search_hit *hit = &scan->page.hits[scan->page.hit_count];
    struct slice key;
    struct buf title;

    if (!read_link(scan, fields[HIT_LINK], scan->reader->platform->response.link_param, &key)) {
        scan->page.bad_hits++;
        return STATUS_OK;
    }
    buf_init(&title, FIELD_TEXT_MAX);
    outline_collapse(&title, fields[HIT_TITLE]);
    hit->title = arena_copy(scan->arena, buf_slice(&title));
    buf_fini(&title);
    if (hit->title.data == NULL)
        return no_memory(err);
    hit->url = key;
    hit->day = page_day_of_field(fields[HIT_DATE]);
    scan->page.hit_count++;
    return STATUS_OK;
}

/* One more than needed: an array of nothing is still an array. */
static enum status make_room(struct scan *scan, size_t hits, struct error *err)
{
    scan->page.hits = arena_array(scan->arena, hits + 1, sizeof *scan->page.hits);
    return scan->page.hits == NULL ? no_memory(err) : STATUS_OK;
}

/* ---- HTML ---- */

/* Text of the first node the query finds; empty without query or node. */
static enum status first_text(const struct html_query *query, const struct html_tree *tree,
                              const struct html_node *node, struct scan *scan, struct slice *text)
{
    struct html_items items = {NULL, 0};
    struct buf raw;
    enum status status = STATUS_OK;

    *text = (struct slice){"", 0};
    if (query != NULL)
        status = html_query_run(query, (struct html_scope){tree, node}, scan->arena, &items, NULL);
    if (status != STATUS_OK || items.count == 0)
        return status == STATUS_OK ? STATUS_NOT_FOUND : status;
    buf_init(&raw, FIELD_TEXT_MAX);
    html_item_text(&items.items[0], false, &raw);
    *text = arena_copy(scan->arena, buf_slice(&raw));
    buf_fini(&raw);
    return text->data == NULL ? STATUS_NOMEM : STATUS_OK;
}

/* A field that fails on this hit is an empty field; memory is the only error. */
static enum status read_hit_node(struct scan *scan, const struct html_tree *tree,
                                 const struct html_node *node, struct error *err)
{
    struct slice fields[HIT_FIELDS];

    for (size_t i = 0; i < HIT_FIELDS; i++)
        if (first_text(scan->reader->fields[i], tree, node, scan, &fields[i]) == STATUS_NOMEM)
            return no_memory(err);
    return add_hit(scan, fields, err);
}

/* An expression that computes a text instead of nodes has no hits to offer. */
static enum status read_html_hits(struct scan *scan, const struct html_tree *tree,
                                  struct error *err)
{
    struct html_items items = {NULL, 0};
    enum status status = html_query_run(scan->reader->hits, (struct html_scope){tree, NULL},
                                        scan->arena, &items, err);

    if (status == STATUS_TOO_LARGE) {
        scan->page.finding = "XPath of the hits fails on this page";
        return STATUS_OK;
    }
    if (items.count > SEARCH_HITS_MAX)
        items.count = SEARCH_HITS_MAX;
    if (status == STATUS_OK)
        status = make_room(scan, items.count, err);
    for (size_t i = 0; status == STATUS_OK && i < items.count; i++)
        if (items.items[i].node != NULL)
            status = read_hit_node(scan, tree, items.items[i].node, err);
    return status;
}

/* <base> comes first: next and hits resolve against it. */
static enum status read_html(struct scan *scan, struct error *err)
{
    struct html_tree *tree = NULL;
    struct slice text;
    enum status status = html_tree_create(scan->text, &tree, err);

    if (status != STATUS_OK)
        return status;
    set_base(scan, html_tree_base(tree));
    if (succeeded(scan, first_text(scan->reader->total, tree, NULL, scan, &text)))
        take_total(scan, text);
    if (succeeded(scan, first_text(scan->reader->next, tree, NULL, scan, &text)))
        take_next(scan, text);
    status = read_html_hits(scan, tree, err);
    html_tree_destroy(tree);
    return status;
}

/* ---- JSON ---- */

/* A text as it is, a number as it is written; data NULL for anything else. */
static struct slice scalar_text(struct scan *scan, const struct json *value)
{
    struct slice number = {NULL, 0};

    if (json_kind(value) == JSON_KIND_TEXT)
        return json_text(value);
    if (json_kind(value) != JSON_KIND_NUMBER)
        return number;
    number = slice_from(arena_printf(scan->arena, "%lld", (long long) json_int(value, 0)));
    scan->starved = scan->starved || number.data == NULL;
    return number;
}

/* Titles in JSON carry highlight tags and entities. */
static enum status read_json_hit(struct scan *scan, const struct json *hit, struct error *err)
{
    struct slice fields[HIT_FIELDS];
    struct buf title;
    enum status status;

    for (size_t i = 0; i < HIT_FIELDS; i++)
        fields[i] = scalar_text(scan, json_element(hit, i));
    buf_init(&title, FIELD_TEXT_MAX);
    status = html_plain_text(slice_sub(fields[HIT_TITLE], 0, FIELD_TEXT_MAX / 2), &title, err);
    fields[HIT_TITLE] = buf_slice(&title);
    if (status == STATUS_OK)
        status = add_hit(scan, fields, err);
    buf_fini(&title);
    return status;
}

/* Anything but a text is no fragment and counts as a hit without a link. */
static enum status read_fragment(struct scan *scan, const struct json *hit, struct error *err)
{
    struct html_tree *tree = NULL;
    enum status status = html_tree_create(json_text(hit), &tree, err);
    const struct html_node *body = status == STATUS_OK ? html_tree_body(tree) : NULL;

    if (status == STATUS_OK && body == NULL)
        scan->page.bad_hits++;
    else if (status == STATUS_OK)
        status = read_hit_node(scan, tree, body, err);
    html_tree_destroy(tree);
    return status;
}

static enum status read_json_hits(struct scan *scan, const struct json *hits, struct error *err)
{
    bool fragments = scan->reader->platform->response.kind == PLATFORM_JSON_HTML;
    enum status status = make_room(scan, json_size(hits), err);

    for (size_t i = 0; status == STATUS_OK && i < json_size(hits); i++)
        status = fragments ? read_fragment(scan, json_element(hits, i), err)
                           : read_json_hit(scan, json_element(hits, i), err);
    return status;
}

static void set_finding(struct scan *scan, const char *what, struct slice why)
{
    const char *text =
        arena_printf(scan->arena, "%s: %.*s", what, SLICE_ARG(slice_sub(why, 0, 200)));

    scan->page.finding = text == NULL ? what : text;
}

/* Members are those of search_reader's program. */
static enum status read_result(struct scan *scan, const struct json *result, struct error *err)
{
    const struct json *hits = json_member(result, "h");
    struct slice total = scalar_text(scan, json_member(result, "t"));
    struct slice next = json_text(json_member(result, "n"));

    if (total.data != NULL)
        take_total(scan, total);
    if (next.size > 0)
        take_next(scan, next);
    if (json_kind(hits) == JSON_KIND_ARRAY)
        return read_json_hits(scan, hits, err);
    /* Sites write null for an empty list: believed when the total says so too. */
    if (!(scan->page.has_total && scan->page.total == 0))
        set_finding(scan, "the hits are not where they should be",
                    json_text(json_member(hits, "e")));
    return STATUS_OK;
}

/* What the site sent is its business: only memory and our own limits are errors here. */
static enum status read_json(struct scan *scan, struct error *err)
{
    const struct json *result = NULL;
    struct error why = {.message = ""};
    struct buf out;
    enum status status;

    buf_init(&out, RESULT_MAX);
    status = jq_run(scan->reader->program, scan->text, &out, &why);
    if (status == STATUS_INVALID || status == STATUS_TOO_LARGE) {
        set_finding(scan, "not the JSON it should be", slice_from(why.message));
        status = STATUS_OK;
    } else if (status == STATUS_OK) {
        status = json_parse(buf_slice(&out), scan->arena, &result, err);
        if (status == STATUS_OK)
            status = read_result(scan, result, err);
    }
    buf_fini(&out);
    return status;
}

/* ---- the page ---- */

/* From the surest sign to the weakest; only a first page is held to what it declares. */
static void judge(struct scan *scan)
{
    struct search_page *page = &scan->page;
    const struct platform_response *response = &scan->reader->platform->response;

    page->state = SEARCH_PAGE_UNMATCHED;
    if (page->finding[0] != '\0')
        return;
    if (page->hit_count > 0)
        page->state = SEARCH_PAGE_HITS;
    else if (page->bad_hits > 0)
        page->finding = "no hit has an http(s) link";
    else if (scan->input->page == 0 && page->has_total && page->total > 0)
        page->finding = "no hits, although the page declares some";
    else if (scan->input->page == 0 && response->total.size > 0 && !scan->total_found &&
             !search_field_says_nothing(scan->text))
        page->finding = "neither hits nor the total are where they should be";
    else
        page->state = SEARCH_PAGE_EMPTY;
}

/* JSON goes the same way: some sites send GBK, some a byte-order mark. */
static enum status decode(struct scan *scan, struct error *err)
{
    struct charset_result result;
    struct buf text;
    enum status status;

    buf_init(&text, SEARCH_PAGE_MAX);
    status =
        charset_decode_page(scan->input->bytes, scan->input->content_type, &text, &result, err);
    if (status == STATUS_OK) {
        scan->text = arena_copy(scan->arena, buf_slice(&text));
        if (scan->text.data == NULL)
            status = no_memory(err);
    }
    buf_fini(&text);
    return status;
}

/* Made aside, handed over whole. */
enum status search_page_read(struct search_page_reader *reader,
                             const struct search_page_input *input, struct arena *arena,
                             struct search_page *page, struct error *err)
{
    struct scan scan = {.reader = reader, .input = input, .arena = arena, .page.finding = ""};
    enum status status = decode(&scan, err);

    if (status != STATUS_OK)
        return status;
    set_base(&scan, input->url);
    if (reader->platform->response.kind == PLATFORM_HTML)
        status = read_html(&scan, err);
    else
        status = read_json(&scan, err);
    if (status == STATUS_OK && scan.starved)
        status = no_memory(err);
    if (status != STATUS_OK)
        return status;
    judge(&scan);
    *page = scan.page;
    return STATUS_OK;
}
