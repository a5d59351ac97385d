#include "crawler/html.h"

#include "crawler/html_guard.h"

#include <libxml/HTMLparser.h>
#include <libxml/xpath.h>
#include <stdlib.h>
#include <string.h>

/* Nothing is fetched, nothing is printed, whatever the page asks for. */
enum {
    XPATH_MAX = 65536,
    PARSE_OPTIONS = HTML_PARSE_NONET | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING |
                    HTML_PARSE_RECOVER | HTML_PARSE_IGNORE_ENC | HTML_PARSE_COMPACT,
};

/* The document is NULL when the text had nothing in it. */
struct html_tree {
    xmlDoc *doc;
    xmlChar *base;
};

struct html_query {
    xmlXPathCompExpr *compiled;
};

/* One walk: whom to tell, and how deep it is. */
struct walk {
    const struct html_events *events;
    void *self;
    xmlParserCtxt *parser;
    size_t depth;
};

/* Every element of every page asks, hence sorted lists and a binary search. */
static int compare_tags(const void *tag, const void *entry)
{
    return strcmp(tag, *(const char *const *) entry);
}

static bool is_listed(const char *tag, const char *const *sorted, size_t count)
{
    return bsearch(tag, sorted, count, sizeof *sorted, compare_tags) != NULL;
}

/* Elements whose text stands in a line of its own in a browser. */
bool html_is_block(const char *tag)
{
    static const char *const sorted[] = {
        "address", "article", "aside",  "blockquote", "body",  "br",       "caption",
        "center",  "dd",      "div",    "dl",         "dt",    "fieldset", "figcaption",
        "figure",  "footer",  "form",   "h1",         "h2",    "h3",       "h4",
        "h5",      "h6",      "header", "hr",         "html",  "legend",   "li",
        "main",    "nav",     "ol",     "p",          "pre",   "section",  "table",
        "tbody",   "td",      "tfoot",  "th",         "thead", "tr",       "ul"};

    return is_listed(tag, sorted, sizeof sorted / sizeof *sorted);
}

/* Elements whose content a browser does not show, or shows as a control. */
bool html_is_hidden(const char *tag)
{
    static const char *const sorted[] = {"button",   "head",     "iframe", "noframes", "noscript",
                                         "object",   "option",   "script", "select",   "style",
                                         "template", "textarea", "title"};

    return is_listed(tag, sorted, sizeof sorted / sizeof *sorted);
}

/* Past the limit the parser stops; what was opened is closed by html_walk. */
static void on_start(void *self, const xmlChar *name, const xmlChar **attributes)
{
    struct walk *walk = self;

    walk->depth++;
    if (walk->depth > HTML_DEPTH_MAX)
        xmlStopParser(walk->parser);
    walk->events->start(walk->self, (const char *) name, (const char *const *) attributes);
}

static void on_end(void *self, const xmlChar *name)
{
    struct walk *walk = self;

    walk->depth--;
    walk->events->end(walk->self, (const char *) name);
}

static void on_text(void *self, const xmlChar *text, int size)
{
    struct walk *walk = self;

    walk->events->text(walk->self, slice_of(text, (size_t) size));
}

/* libxml2 ends the page at a NUL: a copy without them, or the text itself. */
static struct slice without_nul(struct slice text, struct buf *copy)
{
    if (text.size == 0 || memchr(text.data, '\0', text.size) == NULL)
        return text;
    buf_append(copy, text);
    for (size_t i = 0; i < copy->size; i++)
        if (copy->data[i] == '\0')
            copy->data[i] = ' ';
    return buf_slice(copy);
}

static enum status no_memory(struct error *err)
{
    return error_set(err, STATUS_NOMEM, "no memory for a page");
}

/* The text is told to be UTF-8, so libxml2 guesses nothing. Errors of the page are no errors: tag
 * soup is the normal case, only memory counts. */
static enum status run_parser(xmlParserCtxt *parser, struct slice text, struct error *err)
{
    struct buf copy;
    enum status status;

    buf_init(&copy, text.size);
    text = without_nul(html_guard(text), &copy);
    status = buf_status(&copy, err);
    if (status == STATUS_OK && text.size > INT32_MAX)
        status = error_set(err, STATUS_TOO_LARGE, "page of %zu bytes", text.size);
    if (status == STATUS_OK && text.size > 0)
        parser->myDoc =
            htmlCtxtReadMemory(parser, text.data, (int) text.size, NULL, "UTF-8", PARSE_OPTIONS);
    buf_fini(&copy);
    if (status == STATUS_OK && parser->errNo == XML_ERR_NO_MEMORY)
        status = no_memory(err);
    return status;
}

/* A fresh parser a page: its dictionary would grow with every odd name that hostile pages
 * invent. */
enum status html_walk(struct slice text, const struct html_events *events, void *self,
                      struct error *err)
{
    xmlParserCtxt *parser = htmlNewParserCtxt();
    struct walk walk = {events, self, parser, 0};
    enum status status;

    if (parser == NULL)
        return no_memory(err);
    memset(parser->sax, 0, sizeof *parser->sax);
    parser->sax->initialized = 1;
    parser->sax->startElement = on_start;
    parser->sax->endElement = on_end;
    parser->sax->characters = on_text;
    parser->sax->ignorableWhitespace = on_text;
    parser->sax->cdataBlock = on_text;
    parser->userData = &walk;
    status = run_parser(parser, text, err);
    /* Stopped at the depth limit: the ends that never came. */
    while (status == STATUS_OK && walk.depth > 0)
        on_end(&walk, (const xmlChar *) "");
    xmlFreeDoc(parser->myDoc);
    parser->myDoc = NULL;
    htmlFreeParserCtxt(parser);
    return status;
}

struct plain_text {
    struct buf *out;
    size_t hidden; /* open elements that people do not see */
};

/* Counts depth below a hidden element, so that its end is known. */
static void plain_start(void *self, const char *tag, const char *const *attributes)
{
    struct plain_text *plain = self;

    (void) attributes;
    plain->hidden += plain->hidden > 0 || html_is_hidden(tag);
}

static void plain_end(void *self, const char *tag)
{
    struct plain_text *plain = self;

    (void) tag;
    plain->hidden -= plain->hidden > 0;
}

static void plain_text(void *self, struct slice text)
{
    struct plain_text *plain = self;

    if (plain->hidden == 0)
        buf_append(plain->out, text);
}

enum status html_plain_text(struct slice text, struct buf *out, struct error *err)
{
    static const struct html_events events = {plain_start, plain_end, plain_text};
    struct plain_text plain = {out, 0};
    enum status status = STATUS_OK;

    if (slice_contains(text, SLICE("<")) || slice_contains(text, SLICE("&")))
        status = html_walk(text, &events, &plain, err);
    else
        buf_append(out, text);
    return status == STATUS_OK ? buf_status(out, err) : status;
}

struct slice html_attribute(const char *const *attributes, const char *name)
{
    for (; attributes != NULL && attributes[0] != NULL; attributes += 2)
        if (strcmp(attributes[0], name) == 0)
            return attributes[1] == NULL ? SLICE("") : slice_from(attributes[1]);
    return (struct slice){NULL, 0};
}

/* The node behind `node` in document order below `top`; `inside`: children come first. */
static const xmlNode *next_node(const xmlNode *node, const xmlNode *top, bool inside)
{
    if (inside && node->children != NULL && node->type == XML_ELEMENT_NODE)
        return node->children;
    while (node != top && node->next == NULL)
        node = node->parent;
    return node == top ? NULL : node->next;
}

/* The first element of that name at or below `top`, with that attribute unless NULL. */
static const xmlNode *find_element(const xmlNode *top, const char *name, const char *attribute)
{
    const xmlNode *node = top;

    while (node != NULL &&
           !(node->type == XML_ELEMENT_NODE && xmlStrEqual(node->name, (const xmlChar *) name) &&
             (attribute == NULL || xmlHasProp(node, (const xmlChar *) attribute) != NULL)))
        node = next_node(node, top, true);
    return node;
}

/* The first <base> with an href counts, wherever it stands. */
static const xmlNode *find_base(xmlDoc *doc)
{
    const xmlNode *root = doc == NULL ? NULL : xmlDocGetRootElement(doc);

    return root == NULL ? NULL : find_element(root, "base", "href");
}

/* A text without any markup or nothing at all gives a tree without a document, which every
 * function here takes. */
enum status html_tree_create(struct slice text, struct html_tree **tree, struct error *err)
{
    struct html_tree *made = calloc(1, sizeof *made);
    xmlParserCtxt *parser = htmlNewParserCtxt();
    const xmlNode *base;
    enum status status;

    if (made == NULL || parser == NULL) {
        free(made);
        htmlFreeParserCtxt(parser);
        return no_memory(err);
    }
    status = run_parser(parser, text, err);
    made->doc = parser->myDoc;
    parser->myDoc = NULL;
    htmlFreeParserCtxt(parser);
    base = find_base(made->doc);
    if (base != NULL)
        made->base = xmlGetProp(base, (const xmlChar *) "href");
    if (status == STATUS_OK)
        *tree = made;
    else
        html_tree_destroy(made);
    return status;
}

void html_tree_destroy(struct html_tree *tree)
{
    if (tree == NULL)
        return;
    xmlFree(tree->base);
    xmlFreeDoc(tree->doc);
    free(tree);
}

const struct html_node *html_tree_body(const struct html_tree *tree)
{
    const xmlNode *root = tree->doc == NULL ? NULL : xmlDocGetRootElement(tree->doc);
    const xmlNode *body = root == NULL ? NULL : find_element(root, "body", NULL);

    return (const struct html_node *) (body != NULL ? body : root);
}

struct slice html_tree_base(const struct html_tree *tree)
{
    return slice_from((const char *) tree->base);
}

/* Keeps libxml2's complaints about pages and queries off standard error. */
static void ignore_error(void *self, xmlErrorPtr error)
{
    (void) self;
    (void) error;
}

/* The compiled expression outlives the context it was compiled in. */
enum status html_query_create(struct slice xpath, struct html_query **query, struct error *err)
{
    xmlXPathContext *context = xmlXPathNewContext(NULL);
    struct html_query *made = calloc(1, sizeof *made);
    struct buf text;
    enum status status;

    if (context == NULL || made == NULL) {
        xmlXPathFreeContext(context);
        free(made);
        return no_memory(err);
    }
    buf_init(&text, XPATH_MAX);
    buf_append(&text, xpath);
    status = buf_status(&text, err);
    if (status == STATUS_OK) {
        context->error = ignore_error;
        made->compiled = xmlXPathCtxtCompile(context, (const xmlChar *) buf_text(&text));
        if (made->compiled == NULL)
            status = error_set(err, STATUS_INVALID, "'%.*s' is no XPath", SLICE_ARG(xpath));
    }
    buf_fini(&text);
    xmlXPathFreeContext(context);
    if (status == STATUS_OK)
        *query = made;
    else
        free(made);
    return status;
}

void html_query_destroy(struct html_query *query)
{
    if (query == NULL)
        return;
    xmlXPathFreeCompExpr(query->compiled);
    free(query);
}

/* libxml2 keeps node sets of location paths in document order. */
static enum status take_nodes(const xmlNodeSet *set, struct arena *arena, struct html_items *items,
                              struct error *err)
{
    size_t count = set == NULL || set->nodeNr < 0 ? 0 : (size_t) set->nodeNr;

    if (count > HTML_ITEMS_MAX)
        count = HTML_ITEMS_MAX;
    items->items = arena_array(arena, count + 1, sizeof *items->items);
    if (items->items == NULL)
        return no_memory(err);
    for (size_t i = 0; i < count; i++)
        items->items[i].node = (const struct html_node *) set->nodeTab[i];
    items->count = count;
    return STATUS_OK;
}

/* string(), count() and the like: an empty text counts as nothing found. */
static enum status take_text(xmlXPathObject *object, struct arena *arena, struct html_items *items,
                             struct error *err)
{
    xmlChar *text = xmlXPathCastToString(object);
    enum status status = STATUS_OK;

    items->items = arena_alloc(arena, sizeof *items->items);
    if (items->items != NULL && text != NULL)
        items->items->text = arena_copy(arena, slice_from((const char *) text));
    if (items->items == NULL || items->items->text.data == NULL)
        status = no_memory(err);
    else
        items->count = items->items->text.size > 0;
    xmlFree(text);
    return status;
}

/* opLimit makes libxml2 give up on expressions that would cross a large page again and again. */
enum status html_query_run(const struct html_query *query, struct html_scope scope,
                           struct arena *arena, struct html_items *items, struct error *err)
{
    xmlXPathContext *context = scope.tree->doc == NULL ? NULL : xmlXPathNewContext(scope.tree->doc);
    struct html_items found = {NULL, 0};
    xmlXPathObject *object = NULL;
    enum status status;

    if (scope.tree->doc == NULL) {
        *items = found;
        return STATUS_OK;
    }
    if (context == NULL)
        return no_memory(err);
    context->error = ignore_error;
    context->opLimit = HTML_QUERY_STEPS;
    context->node = scope.node == NULL ? (xmlNode *) scope.tree->doc : (xmlNode *) scope.node;
    object = xmlXPathCompiledEval(query->compiled, context);
    if (object == NULL)
        status = error_set(err, STATUS_TOO_LARGE, "XPath fails on this page or takes too long");
    else if (object->type == XPATH_NODESET)
        status = take_nodes(object->nodesetval, arena, &found, err);
    else
        status = take_text(object, arena, &found, err);
    xmlXPathFreeObject(object);
    xmlXPathFreeContext(context);
    if (status == STATUS_OK)
        *items = found;
    return status;
}

/* A line break where a block begins or ends. */
static void put_break(const xmlNode *node, bool lines, struct buf *out)
{
    if (lines && node->type == XML_ELEMENT_NODE && html_is_block((const char *) node->name))
        buf_putc(out, '\n');
}

/* Text of the element and everything below it. */
static void put_text_below(const xmlNode *top, bool lines, struct buf *out)
{
    const xmlNode *node = top;

    for (;;) {
        bool element = node->type == XML_ELEMENT_NODE;
        bool inside = element && (node == top || !html_is_hidden((const char *) node->name));
        put_break(node, lines, out);
        if (node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE)
            buf_append(out, slice_from((const char *) node->content));
        if (inside && node->children != NULL) {
            node = node->children;
            continue;
        }
        while (node != top && node->next == NULL) {
            put_break(node, lines, out);
            node = node->parent;
        }
        if (node == top)
            return;
        put_break(node, lines, out);
        node = node->next;
    }
}

/* An attribute's value is a list of text nodes in libxml2. */
void html_item_text(const struct html_item *item, bool lines, struct buf *out)
{
    const xmlNode *node = (const xmlNode *) item->node;

    if (node == NULL)
        buf_append(out, item->text);
    else if (node->type == XML_ELEMENT_NODE)
        put_text_below(node, lines, out);
    else if (node->type == XML_ATTRIBUTE_NODE)
        for (const xmlNode *part = node->children; part != NULL; part = part->next)
            buf_append(out, slice_from((const char *) part->content));
    else if (node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE)
        buf_append(out, slice_from((const char *) node->content));
}
