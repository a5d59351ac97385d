/* article: whole pages, with and without a platform's selectors. */
#include "crawler/article.h"

#include "base/util/buf.h"
#include "base/util/civil.h"
#include "study/platform.h"
#include "tests/support/cmocka_all.h"

#include <string.h>

#define PARAGRAPH "五月八日，苏州市代表团来到无锡，考察了太湖治理和老城改造，双方座谈。"

static struct arena *arena;
static struct article article;

static const struct slice title_paths[] = {{"//h9", 4}, {"//h2[@id='bt']", 14}};
static const struct slice date_paths[] = {{"//span[@class='rq']", 19}};
static const struct slice body_paths[] = {{"//div[@id='zhengwen']", 21}, {"//td[@class='nr']", 17}};

static const struct platform platform = {.article = {.title = title_paths,
                                                     .title_count = 2,
                                                     .date = date_paths,
                                                     .date_count = 1,
                                                     .body = body_paths,
                                                     .body_count = 2}};

static void read_with(const struct platform *of, struct slice html, const char *url)
{
    struct article_reader *reader = NULL;
    struct article_input input = {.html = html,
                                  .url = slice_from(url),
                                  .content_type = SLICE("text/html"),
                                  .want_links = true};

    arena_reset(arena);
    assert_int_equal(article_reader_create(of, &reader, NULL), STATUS_OK);
    assert_int_equal(article_read(reader, &input, arena, &article, NULL), STATUS_OK);
    article_reader_destroy(reader);
}

static void check_text(struct slice text, const char *expected)
{
    assert_non_null(text.data);
    assert_int_equal(text.size, strlen(expected));
    assert_memory_equal(text.data, expected, text.size);
}

static const char *date_text(void)
{
    static char text[CIVIL_TEXT_SIZE];

    return civil_text(article.day, text);
}

static void by_rules(void **state)
{
    (void) state;
    read_with(
        NULL,
        SLICE("<title>代表团来我市考察-某市</title><meta name=PubDate content='2023-05-08 10:00'>"
              "<div id=zoom><p>\xE3\x80\x80" PARAGRAPH "</p><p>第二段</p></div>"),
        "http://h/a.html");
    check_text(article.title, "代表团来我市考察");
    check_text(article.body, PARAGRAPH "\n第二段");
    assert_string_equal(date_text(), "2023-05-08");
    assert_string_equal(article.date_rule, "meta");
    assert_string_equal(article.body_rule, "container");
    assert_string_equal(article.charset, "UTF-8");
    assert_int_equal(article.replaced, 0);
}

static void links(void **state)
{
    (void) state;
    read_with(NULL,
              SLICE("<base href='http://b.cn/d/'><a href='x?q=1#f'>1</a><a href='x?q=1'>2</a>"
                    "<a href='mailto:a@b'>3</a><a href='http://c.cn'>4</a><a href='//[bad/'>5</a>"),
              "http://h/a.html");
    assert_int_equal(article.link_count, 2);
    check_text(article.links[0], "http://b.cn/d/x?q=1");
    check_text(article.links[1], "http://c.cn/");
    read_with(NULL, SLICE("<a href=x>1</a><a href='http://c.cn/y'>2</a>"), "");
    assert_int_equal(article.link_count, 1);
    check_text(article.links[0], "http://c.cn/y");
}

static void link_limit(void **state)
{
    struct buf text;

    (void) state;
    buf_init(&text, 1 << 22);
    for (int i = 0; i < ARTICLE_LINKS_MAX + 100; i++)
        buf_printf(&text, "<a href=/%d>x</a>", i);
    read_with(NULL, buf_slice(&text), "http://h/");
    assert_int_equal(article.link_count, ARTICLE_LINKS_MAX);
    buf_fini(&text);
}

static void title_in_tags(void **state)
{
    (void) state;
    read_with(NULL, SLICE("<meta name=ArticleTitle content='来我市&lt;br&gt;考察&amp;amp;座谈'>"),
              "");
    check_text(article.title, "来我市考察&座谈");
}

static void by_selectors(void **state)
{
    (void) state;
    read_with(
        &platform,
        SLICE("<meta name=ArticleTitle content='别的标题'><meta name=PubDate content='2001-01-01'>"
              "<h2 id=bt> 代表团 <b>来考察</b> </h2><span class=rq>2023年5月8日</span>"
              "<div id=zoom>" PARAGRAPH "</div><table><tr><td class=nr><p>甲</p><p>\n</p>乙<br>丙"
              "<script>x</script><tr><td class=nr>丁</table>"),
        "http://h/");
    check_text(article.title, "代表团 来考察");
    check_text(article.body, "甲\n乙\n丙\n丁");
    assert_string_equal(date_text(), "2023-05-08");
    assert_string_equal(article.date_rule, "platform");
    assert_string_equal(article.body_rule, "platform");
}

static void selectors_without_match(void **state)
{
    (void) state;
    read_with(&platform,
              SLICE("<h1>代表团来我市考察</h1><span class=rq>昨天</span><p>发布日期：2023-05-08</p>"
                    "<div id=zoom>" PARAGRAPH "</div>"),
              "http://h/");
    check_text(article.title, "代表团来我市考察");
    check_text(article.body, PARAGRAPH);
    assert_string_equal(article.date_rule, "label");
    assert_string_equal(article.body_rule, "container");
}

static void selected_body_may_be_blank(void **state)
{
    (void) state;
    read_with(&platform,
              SLICE("<div id=zhengwen> <img src=x></div><div class=other>" PARAGRAPH "</div>"),
              "http://h/");
    check_text(article.body, "");
    assert_string_equal(article.body_rule, "platform");
}

static void bad_selector(void **state)
{
    static const struct slice paths[] = {{"//div[", 6}};
    struct platform bad = {.article = {.body = paths, .body_count = 1}};
    struct article_reader *reader = NULL;
    struct error err = {.message = ""};

    (void) state;
    assert_int_equal(article_reader_create(&bad, &reader, &err), STATUS_INVALID);
    assert_non_null(strstr(err.message, "article.body"));
    assert_null(reader);
    article_reader_destroy(NULL);
}

static void any_bytes(void **state)
{
    static const char *const pages[] = {
        "",        "<",        "<<<>>>", "&#0;&#xFFFFFFFF;",        "<a href=",
        "<title>", "\xFF\xFE", "<!--",   "<table></p></td></html>x"};

    (void) state;
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
        read_with(&platform, slice_from(pages[i]), "http://h/");
        assert_non_null(article.body.data);
        assert_int_equal(article.day, CIVIL_NONE);
        assert_string_equal(article.date_rule, "none");
    }
}

static void body_limit(void **state)
{
    struct buf text;

    (void) state;
    buf_init(&text, 3 * ARTICLE_BODY_MAX);
    buf_puts(&text, "<div id=zoom>");
    while (text.size < ARTICLE_BODY_MAX + 400000)
        buf_puts(&text, "<p>" PARAGRAPH "</p>");
    read_with(NULL, buf_slice(&text), "");
    assert_true(article.body.size <= ARTICLE_BODY_MAX);
    assert_true(article.body.size > ARTICLE_BODY_MAX - 1000);
    buf_fini(&text);
}

static void memory_limit(void **state)
{
    struct arena *tiny = arena_create(10000);
    struct article_reader *reader = NULL;
    struct article untouched = {.day = 7};
    struct article_input input = {.html = SLICE("<div id=zoom>" PARAGRAPH "</div>")};

    (void) state;
    assert_int_equal(article_reader_create(NULL, &reader, NULL), STATUS_OK);
    assert_int_equal(article_read(reader, &input, tiny, &untouched, NULL), STATUS_NOMEM);
    assert_int_equal(untouched.day, 7);
    article_reader_destroy(reader);
    arena_destroy(tiny);
}

static int set_up(void **state)
{
    (void) state;
    arena = arena_create(256 << 20);
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
        cmocka_unit_test(by_rules),
        cmocka_unit_test(links),
        cmocka_unit_test(link_limit),
        cmocka_unit_test(title_in_tags),
        cmocka_unit_test(by_selectors),
        cmocka_unit_test(selectors_without_match),
        cmocka_unit_test(selected_body_may_be_blank),
        cmocka_unit_test(bad_selector),
        cmocka_unit_test(any_bytes),
        cmocka_unit_test(body_limit),
        cmocka_unit_test(memory_limit),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
