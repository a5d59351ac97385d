/* html: events, trees, queries, limits. */
#include "crawler/html.h"

#include "tests/support/cmocka_all.h"

#include <stdlib.h>
#include <string.h>

struct record {
    struct buf text; /* "<p", "p>", texts */
    size_t depth, deepest;
};

static void on_start(void *self, const char *tag, const char *const *attributes)
{
    struct record *record = self;
    struct slice id = html_attribute(attributes, "id");

    record->depth++;
    if (record->depth > record->deepest)
        record->deepest = record->depth;
    buf_printf(&record->text, "<%s%s%.*s>", tag, id.data != NULL ? "#" : "", SLICE_ARG(id));
}

static void on_end(void *self, const char *tag)
{
    struct record *record = self;

    assert_true(record->depth > 0);
    record->depth--;
    buf_printf(&record->text, "</%s>", tag);
}

static void on_text(void *self, struct slice text)
{
    struct record *record = self;

    buf_append(&record->text, text);
}

static const struct html_events events = {on_start, on_end, on_text};

static void check_events(struct slice page, const char *expected)
{
    struct record record = {.depth = 0};

    buf_init(&record.text, 1 << 20);
    assert_int_equal(html_walk(page, &events, &record, NULL), STATUS_OK);
    assert_string_equal(buf_text(&record.text), expected);
    assert_int_equal(record.depth, 0);
    buf_fini(&record.text);
}

static void walks(void **state)
{
    (void) state;
    check_events(SLICE("<p id=x>a&amp;b<!-- c --><br>"),
                 "<html><body><p#x>a&b<br></br></p></body></html>");
    check_events(SLICE("<script>1<2</script>"), "<html><head><script>1<2</script></head></html>");
    check_events(SLICE("<p>苏\0州"), "<html><body><p>苏 州</p></body></html>");
    check_events(SLICE(""), "");
    check_events(SLICE("<meta charset=gbk><p>苏"),
                 "<html><head><meta></meta></head><body><p>苏</p></body></html>");
}

static void stops_at_the_depth_limit(void **state)
{
    struct record record = {.depth = 0};
    struct buf page;

    (void) state;
    buf_init(&page, 1 << 22);
    buf_init(&record.text, 1 << 22);
    for (int i = 0; i < 3 * HTML_DEPTH_MAX; i++)
        buf_puts(&page, "<div>");
    buf_puts(&page, "deep");
    assert_int_equal(html_walk(buf_slice(&page), &events, &record, NULL), STATUS_OK);
    assert_int_equal(record.depth, 0);
    assert_true(record.deepest <= HTML_DEPTH_MAX + 1);
    buf_fini(&page);
    buf_fini(&record.text);
}

static void attributes(void **state)
{
    static const char *const list[] = {"a", "1", "b", NULL, NULL};

    (void) state;
    assert_true(slice_equal(html_attribute(list, "a"), SLICE("1")));
    assert_true(slice_equal(html_attribute(list, "b"), SLICE("")));
    assert_non_null(html_attribute(list, "b").data);
    assert_null(html_attribute(list, "c").data);
    assert_null(html_attribute(NULL, "a").data);
}

static void tags(void **state)
{
    static const char *const blocks[] = {"address", "td", "ul", "p", "h3", "br", "article"};
    static const char *const hidden[] = {"button", "template", "script", "style", "head"};

    (void) state;
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        assert_true(html_is_block(blocks[i]));
    for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++)
        assert_true(html_is_hidden(hidden[i]));
    assert_false(html_is_block("span"));
    assert_false(html_is_block(""));
    assert_false(html_is_hidden("p"));
}

static struct arena *arena;
static struct html_tree *tree;

static void plant(const char *page)
{
    html_tree_destroy(tree);
    tree = NULL;
    assert_int_equal(html_tree_create(slice_from(page), &tree, NULL), STATUS_OK);
}

/* The texts of all items joined by "|". */
static const char *ask(const char *xpath, const struct html_node *node, bool lines)
{
    struct html_query *query = NULL;
    struct html_items items;
    struct buf text;
    const char *copy;

    buf_init(&text, 1 << 20);
    assert_int_equal(html_query_create(slice_from(xpath), &query, NULL), STATUS_OK);
    assert_int_equal(html_query_run(query, (struct html_scope){tree, node}, arena, &items, NULL),
                     STATUS_OK);
    for (size_t i = 0; i < items.count; i++) {
        buf_puts(&text, i == 0 ? "" : "|");
        html_item_text(&items.items[i], lines, &text);
    }
    html_query_destroy(query);
    copy = arena_copy(arena, buf_slice(&text)).data;
    buf_fini(&text);
    return copy;
}

static void queries(void **state)
{
    (void) state;
    plant(
        "<div class='a'><p>一<b>二</b><script>x</script></p><p>三</p><a href='/x?a=1&amp;b=2'>t</a>"
        "</div>");
    assert_string_equal(ask("//p", NULL, false), "一二|三");
    assert_string_equal(ask("//a/@href", NULL, false), "/x?a=1&b=2");
    assert_string_equal(ask("//p/text()", NULL, false), "一|三");
    assert_string_equal(ask("//div", NULL, true), "\n\n一二\n\n三\nt");
    assert_string_equal(ask("count(//p)", NULL, false), "2");
    assert_string_equal(ask("string(//p[2])", NULL, false), "三");
    assert_string_equal(ask("string(//h1)", NULL, false), "");
    assert_string_equal(ask("//h1", NULL, false), "");
    assert_string_equal(ask("//script", NULL, false), "x");
}

static void context_node(void **state)
{
    (void) state;
    plant("<li><a href=1>one</a></li><li><a href=2>two</a></li>");
    assert_string_equal(ask("./li[2]/a", html_tree_body(tree), false), "two");
    assert_string_equal(ask(".//a/@href", html_tree_body(tree), false), "1|2");
}

static void empty_trees(void **state)
{
    (void) state;
    plant("");
    assert_null(html_tree_body(tree));
    assert_int_equal(html_tree_base(tree).size, 0);
    assert_string_equal(ask("//p", NULL, false), "");
    plant("<base target=_top><base href='http://a/b/'>");
    assert_true(slice_equal(html_tree_base(tree), SLICE("http://a/b/")));
    html_tree_destroy(NULL);
    html_query_destroy(NULL);
}

static void bad_xpath(void **state)
{
    struct html_query *query = NULL;
    struct error err;

    (void) state;
    assert_int_equal(html_query_create(SLICE("//div["), &query, &err), STATUS_INVALID);
    assert_non_null(strstr(err.message, "//div["));
    assert_null(query);
}

/* A query that would walk a large page for every node of it runs out of steps. */
static void steps_are_limited(void **state)
{
    struct html_query *query = NULL;
    struct html_items items = {NULL, 7};
    struct buf page;

    (void) state;
    buf_init(&page, 1 << 22);
    for (int i = 0; i < 20000; i++)
        buf_puts(&page, "<p>x</p>");
    plant(buf_text(&page));
    assert_int_equal(html_query_create(SLICE("//p[count(//p[.=//b])>1]"), &query, NULL), STATUS_OK);
    assert_int_equal(html_query_run(query, (struct html_scope){tree, NULL}, arena, &items, NULL),
                     STATUS_TOO_LARGE);
    assert_int_equal(items.count, 7);
    html_query_destroy(query);
    buf_fini(&page);
}

static void plain_text(void **state)
{
    struct buf out;

    (void) state;
    buf_init(&out, 1000);
    assert_int_equal(
        html_plain_text(SLICE("赴<em>苏州</em>&nbsp;考察<script>x</script>"), &out, NULL),
        STATUS_OK);
    assert_string_equal(buf_text(&out), "赴苏州\xC2\xA0考察");
    buf_reset(&out);
    assert_int_equal(html_plain_text(SLICE("plain"), &out, NULL), STATUS_OK);
    assert_string_equal(buf_text(&out), "plain");
    buf_fini(&out);
}

static int set_up(void **state)
{
    (void) state;
    arena = arena_create(64 << 20);
    return arena == NULL;
}

static int tear_down(void **state)
{
    (void) state;
    html_tree_destroy(tree);
    arena_destroy(arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(walks),
        cmocka_unit_test(stops_at_the_depth_limit),
        cmocka_unit_test(attributes),
        cmocka_unit_test(tags),
        cmocka_unit_test(queries),
        cmocka_unit_test(context_node),
        cmocka_unit_test(empty_trees),
        cmocka_unit_test(bad_xpath),
        cmocka_unit_test(steps_are_limited),
        cmocka_unit_test(plain_text),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
