/*
 * html: HTML as a stream of events, or as a tree that XPath asks. libxml2 lives here only.
 *
 * Input    UTF-8 text; what the page says about its own charset is ignored (charset.h has
 *          decided). NUL counts as a blank. Nothing is fetched, no entity is loaded.
 * Events   html_events walks tag soup: every start has its end, names are in lower case, entities
 *          are resolved, comments left out. Script and style arrive as ordinary text of their
 *          element.
 * Tree     html_tree_create builds the whole page or a fragment; a fragment's nodes stand below
 *          html_tree_body. Queries are compiled once and run on many trees.
 * Limits   HTML_DEPTH_MAX open elements and the limits of html_guard.h, where the reading stops:
 *          what came so far counts; HTML_QUERY_STEPS steps a query, HTML_ITEMS_MAX items. Nothing
 *          here recurses over the page.
 * Errors   STATUS_NOMEM; STATUS_INVALID for a text that is no XPath; STATUS_TOO_LARGE for a query
 *          that ran out of steps.
 * Threads  A tree and a query belong to one thread at a time.
 */
#ifndef XUNFANG_CRAWLER_HTML_H
#define XUNFANG_CRAWLER_HTML_H

#include "base/util/arena.h"
#include "base/util/buf.h"

enum { HTML_DEPTH_MAX = 256, HTML_QUERY_STEPS = 20 * 1000 * 1000, HTML_ITEMS_MAX = 100000 };

/* `attributes` is name, value, name, value, … NULL (a value may be NULL), or NULL itself. */
struct html_events {
    void (*start)(void *self, const char *tag, const char *const *attributes);
    void (*end)(void *self, const char *tag);
    void (*text)(void *self, struct slice text);
};

CHECKED enum status html_walk(struct slice text, const struct html_events *events, void *self,
                              struct error *err);

/* The value of an attribute among `attributes`; data NULL if absent. */
struct slice html_attribute(const char *const *attributes, const char *name);

struct html_tree;
struct html_query;
struct html_node;

CHECKED enum status html_tree_create(struct slice text, struct html_tree **tree, struct error *err);
void html_tree_destroy(struct html_tree *tree);
/* NULL in an empty tree. */
const struct html_node *html_tree_body(const struct html_tree *tree);
/* href of the first <base> that has one; empty if there is none. Lives as long as the tree. */
struct slice html_tree_base(const struct html_tree *tree);

CHECKED enum status html_query_create(struct slice xpath, struct html_query **query,
                                      struct error *err);
void html_query_destroy(struct html_query *query);

/* A node the query found, or the text or number it computed (node NULL). */
struct html_item {
    const struct html_node *node;
    struct slice text;
};

struct html_items {
    struct html_item *items;
    size_t count;
};

/* Where a query starts: `node` NULL means the document. */
struct html_scope {
    const struct html_tree *tree;
    const struct html_node *node;
};

/* Items, in document order, live in the arena; their nodes die with the tree. */
CHECKED enum status html_query_run(const struct html_query *query, struct html_scope scope,
                                   struct arena *arena, struct html_items *items,
                                   struct error *err);

/* Appends the item's text as it stands in the page; script and style are left out. With `lines`,
 * block elements and <br> begin new lines. */
void html_item_text(const struct html_item *item, bool lines, struct buf *out);

/* Appends what people see of a piece of HTML: tags taken out, entities resolved. */
CHECKED enum status html_plain_text(struct slice text, struct buf *out, struct error *err);

/* Does the element begin a line of its own (p, div, td, li, h1 …)? */
bool html_is_block(const char *tag);
/* Is its content never text for people (script, style, select …)? */
bool html_is_hidden(const char *tag);

#endif
