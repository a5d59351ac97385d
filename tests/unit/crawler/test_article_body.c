/* article_body: which part of a page is the article. */
#include "crawler/article_body.h"

#include "tests/support/cmocka_all.h"

#include <string.h>

#define PARAGRAPH "<p>五月八日，苏州市代表团来到无锡，考察了太湖治理和老城改造，双方座谈。</p>"

static struct arena *arena;
static const char *rule;

/* The body of a page. */
static const char *body(const char *page)
{
    struct outline *outline = NULL;
    struct article_span span;
    struct buf text;
    const char *copy;

    arena_reset(arena);
    assert_int_equal(outline_create(slice_from(page), arena, &outline, NULL), STATUS_OK);
    assert_int_equal(article_body_find(outline, arena, &span, NULL), STATUS_OK);
    assert_true(span.first_line <= span.end_line && span.end_line <= outline->line_count);
    buf_init(&text, 1 << 20);
    article_body_text(outline, &span, 1 << 20, &text);
    copy = arena_copy(arena, buf_slice(&text)).data;
    buf_fini(&text);
    rule = span.rule;
    return copy;
}

static void known_container(void **state)
{
    (void) state;
    assert_string_equal(body("<div>" PARAGRAPH PARAGRAPH
                             "</div><div id=zoom><p>苏州市代表团今天来到我市考察"
                             "，市长会见了客人并陪同考察了两个园区。</p><p>二</p></div>"),
                        "苏州市代表团今天来到我市考察，市长会见了客人并陪同考察了两个园区。\n二");
    assert_string_equal(rule, "container");
}

static void fullest_container(void **state)
{
    (void) state;
    assert_non_null(
        strstr(body("<div id=zoom>短</div><div class=TRS_Editor>" PARAGRAPH "</div>"), "太湖治理"));
}

static void empty_container_is_a_blank_page(void **state)
{
    (void) state;
    assert_string_equal(body("<h1>标题在这里</h1><div id=zoom> <img src=x> </div>"
                             "<div>主办单位：某某市人民政府办公室，联系电话：12345。</div>"),
                        "");
    assert_string_equal(rule, "none");
}

/* #zoom may be a magnifier: an article elsewhere wins over an empty one. */
static void empty_container_beside_an_article(void **state)
{
    (void) state;
    assert_non_null(strstr(body("<div id=zoom></div><div>" PARAGRAPH PARAGRAPH PARAGRAPH PARAGRAPH
                                    PARAGRAPH PARAGRAPH PARAGRAPH PARAGRAPH "</div>"),
                           "太湖治理"));
    assert_string_equal(rule, "density");
}

static void densest_part(void **state)
{
    const char *found =
        body("<ul><li><a href=/1>首页</a><li><a href=/2>要闻</a><li><a href=/3>政务公开"
             "</a></ul><div>" PARAGRAPH PARAGRAPH "</div><ul><li><a href=/4>苏州市召开"
             "会议，部署工作</a><li><a href=/5>无锡市召开会议</a></ul><div>版权所有：某某市"
             "人民政府，未经许可不得转载。京ICP备05000000号</div>");

    (void) state;
    assert_non_null(strstr(found, "太湖治理"));
    assert_null(strstr(found, "首页"));
    assert_null(strstr(found, "部署"));
    assert_null(strstr(found, "版权"));
    assert_string_equal(rule, "density");
}

/* Old pages put each paragraph into a table of its own, with nothing but the page in common. */
static void run_of_lines(void **state)
{
    struct buf page;
    const char *found;

    (void) state;
    buf_init(&page, 1 << 20);
    for (int i = 0; i < 30; i++)
        buf_puts(&page, "<a href=/x>又一条新闻，点击看看</a><br>");
    for (int i = 0; i < 6; i++)
        buf_printf(
            &page,
            "<table><tr><td><p>第%d段里，代表团考察了太湖治理和老城改造，双方进行了座谈。</table>",
            i);
    for (int i = 0; i < 60; i++)
        buf_puts(&page, "<a href=/x>还有一条新闻，点击看看</a><br>");
    found = body(buf_text(&page));
    assert_non_null(strstr(found, "第0段"));
    assert_non_null(strstr(found, "第5段"));
    assert_null(strstr(found, "还有"));
    buf_fini(&page);
}

static void comments_are_cut(void **state)
{
    const char *found = body("<div>" PARAGRAPH PARAGRAPH "<p>共 3 篇评论 发表评论</p>" PARAGRAPH
                             "<p>说得好，支持！</p></div>");

    (void) state;
    assert_non_null(strstr(found, "太湖治理"));
    assert_null(strstr(found, "支持"));
}

/* 延伸阅读 in the first half of a text does not end it. */
static void likely_end_needs_text_before(void **state)
{
    const char *found = body("<div>" PARAGRAPH "<p>延伸阅读：无</p>" PARAGRAPH PARAGRAPH
                             "<p>最后一段，到此为止。</p></div>");

    (void) state;
    assert_non_null(strstr(found, "到此为止"));
    found = body("<div>" PARAGRAPH PARAGRAPH "<p>相关新闻</p><p>另一条新闻，不是正文。</p></div>");
    assert_null(strstr(found, "不是正文"));
}

static void blank_pages(void **state)
{
    (void) state;
    assert_string_equal(body(""), "");
    assert_string_equal(body("<p>页面不存在</p>"), "");
    assert_string_equal(rule, "none");
    assert_string_equal(body("<div>版权所有：某某市人民政府</div><div>京ICP备05000000号</div>"),
                        "");
    assert_string_equal(body("<a href=/>首页</a><a href=/2>返回上一页看看还有什么内容</a>"), "");
}

static void length_limit(void **state)
{
    struct outline *outline = NULL;
    struct article_span span;
    struct buf text;

    (void) state;
    arena_reset(arena);
    assert_int_equal(outline_create(SLICE("<div id=zoom><p>甲</p><p>乙</p>" PARAGRAPH "</div>"),
                                    arena, &outline, NULL),
                     STATUS_OK);
    assert_int_equal(article_body_find(outline, arena, &span, NULL), STATUS_OK);
    buf_init(&text, 100);
    article_body_text(outline, &span, 10, &text);
    assert_string_equal(buf_text(&text), "甲\n乙");
    buf_fini(&text);
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
    arena_destroy(arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_container),
        cmocka_unit_test(fullest_container),
        cmocka_unit_test(empty_container_is_a_blank_page),
        cmocka_unit_test(empty_container_beside_an_article),
        cmocka_unit_test(densest_part),
        cmocka_unit_test(run_of_lines),
        cmocka_unit_test(comments_are_cut),
        cmocka_unit_test(likely_end_needs_text_before),
        cmocka_unit_test(blank_pages),
        cmocka_unit_test(length_limit),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
