/* article: the page shapes that government systems are known for, one small page each. */
#include "crawler/article.h"

#include "base/util/buf.h"
#include "base/util/civil.h"
#include "tests/support/cmocka_all.h"

#include <string.h>

#define TITLE      "苏州市代表团来我市学习考察"
#define FIRST      "五月八日，苏州市代表团来到我市，考察了太湖治理和老城改造，双方座谈。"
#define SECOND     "双方认为，两地要加强合作，共同发展。"
#define MENU       "<ul><li><a href=/>首页</a><li><a href=/zw>政务公开</a></ul>"
#define FOOT       "<p class=foot>主办单位：某某市政府<br>版权所有 苏ICP备05000000号</p>"
#define PARAGRAPHS "<p>　　" FIRST "</p>\n<p>　　" SECOND "</p>"

struct shape {
    const char *name;
    const char *page; /* between menu and foot */
    const char *url;
    const char *date;
    const char *rule;
};

static const struct shape shapes[] = {
    {"JCMS", "<h1>" TITLE "</h1><span>发布日期：2023-05-08</span><div id=zoom>" PARAGRAPHS "</div>",
     "http://a.cn/x.html", "2023-05-08", "label"},
    {"JCMS by address", "<h1>" TITLE "</h1><div id=zoom>" PARAGRAPHS "</div>",
     "http://a.cn/art/2023/5/8/art_43336_3137962.html", "2023-05-08", "url"},
    {"TRS",
     "<div class=title>" TITLE "</div><div>来源：本站 2023年5月8日</div><div class=TRS_Editor>"
     "<style>.p{x}</style>" PARAGRAPHS "</div>",
     "http://a.cn/zwgk/tzgg/202305/t20230508_5878580.html", "2023-05-08", "url"},
    {"own ids of a site",
     "<div id=zw_title>" TITLE
     "</div><div id=zw_time>时间 2023-05-08</div><div id=zw_content>" PARAGRAPHS "</div>",
     "", "2023-05-08", "container"},
    {"class Zoom",
     "<h2>" TITLE "</h2><p>发布时间:2023-05-08 09:30</p><div class='Zoom'>" PARAGRAPHS "</div>", "",
     "2023-05-08", "label"},
    {"zoomcon",
     "<p id=zoomtitle>" TITLE "</p><p>2023-05-08</p><div id=zoomcon>" PARAGRAPHS "</div>", "",
     "2023-05-08", "nearby"},
    {"con_color",
     "<h3>" TITLE "</h3><table><tr><td>发布日期<td>2023/5/8</table><td id=con_color>" PARAGRAPHS
     "</td>",
     "", "2023-05-08", "label"},
    {"czfxfontzoom",
     "<h1>" TITLE "</h1><p>日期：2023.05.08　浏览次数：12</p><div id=czfxfontzoom>" PARAGRAPHS
     "</div>",
     "", "2023-05-08", "label"},
    {"xl_text",
     "<div class=xl_title>" TITLE "</div><div class=xl_doc>2023年05月08日</div>"
     "<div class=xl_text>" PARAGRAPHS "</div>",
     "", "2023-05-08", "nearby"},
    {"cas_content",
     "<h1>" TITLE "</h1><span>更新时间：2023-05-08</span><div class=cas_content>" PARAGRAPHS
     "</div>",
     "", "2023-05-08", "label"},
    {"meta tags",
     "<meta name=ArticleTitle content='" TITLE "'><meta name=pubdate "
     "content='2023-05-08 01:59:30'><div id=UCAP-CONTENT>" PARAGRAPHS "</div>",
     "http://a.cn/2001/1/1/a.html", "2023-05-08", "meta"},
    {"old meta tags",
     "<meta name=title content='x'><meta name=Maketime content='2023-5-8'>"
     "<h1>" TITLE "</h1><div class=pages_content>" PARAGRAPHS "</div>",
     "", "2023-05-08", "meta"},
    {"nothing known",
     "<div class=wrap><h1>" TITLE "</h1><p>2023-05-08　来源：本站</p><div class=nr>" PARAGRAPHS
     "</div></div>",
     "", "2023-05-08", "nearby"},
    {"table of the nineties",
     "<table><tr><td><font size=4>" TITLE "</font><tr><td>2023-05-08<tr><td><font size=2>　　" FIRST
     "<br><br>　　" SECOND "</font></table>",
     "", "2023-05-08", "nearby"},
    {"blanks between figures",
     "<h1>" TITLE "</h1><p>2023 年 5 月 8 日</p><div id=zoom>" PARAGRAPHS "</div>", "",
     "2023-05-08", "nearby"},
    {"webplus",
     "<h1>" TITLE "</h1><div class=wp_articlecontent><div class=v_news_content>" PARAGRAPHS
     "</div></div>",
     "http://a.cn/2023/0508/c22313a211379/page.htm", "2023-05-08", "url"},
    {"no date at all", "<h1>" TITLE "</h1><div id=zoom>" PARAGRAPHS "</div>",
     "http://a.cn/public/24521/48127231.html", "", "none"},
};

static struct arena *arena;
static struct article_reader *reader;

static struct article read_page(const char *page, const char *url)
{
    struct article_input input = {.html = slice_from(page), .url = slice_from(url)};
    struct article article;

    arena_reset(arena);
    assert_int_equal(article_read(reader, &input, arena, &article, NULL), STATUS_OK);
    return article;
}

static void check_text(const char *name, struct slice found, const char *expected)
{
    if (!slice_equal(found, slice_from(expected)))
        fail_msg("%s: '%.*s' instead of '%s'", name, SLICE_ARG(found), expected);
}

static void check_shape(const struct shape *shape)
{
    char date[CIVIL_TEXT_SIZE];
    struct buf page;
    struct article article;

    buf_init(&page, 1 << 20);
    buf_printf(&page, "<html><head><title>%s_某某市人民政府</title></head><body>%s%s%s", TITLE,
               MENU, shape->page, FOOT);
    article = read_page(buf_text(&page), shape->url);
    check_text(shape->name, article.title, TITLE);
    check_text(shape->name, article.body, FIRST "\n" SECOND);
    check_text(shape->name, slice_from(civil_text(article.day, date)), shape->date);
    check_text(shape->name, slice_from(article.date_rule), shape->rule);
    buf_fini(&page);
}

static void known_shapes(void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        check_shape(&shapes[i]);
}

/* The same text in any shape must give the same title and body: copies are found by them. */
static void copies_read_alike(void **state)
{
    struct article first = read_page(shapes[0].page, "");
    struct arena *kept = arena_create(1 << 20);
    struct slice body = arena_copy(kept, first.body);

    (void) state;
    for (size_t i = 1; i < sizeof shapes / sizeof *shapes; i++) {
        struct article other = read_page(shapes[i].page, "");
        if (!slice_equal(other.body, body))
            fail_msg("%s: %.*s", shapes[i].name, SLICE_ARG(other.body));
    }
    arena_destroy(kept);
}

/* A picture without words, or an attachment: blank, whatever stands around it. */
static void blank_shapes(void **state)
{
    static const char *const pages[] = {
        MENU "<h1>" TITLE "</h1><p>2023-05-08</p><div id=zoom><img src=a.jpg></div>" FOOT,
        MENU "<h1>" TITLE "</h1><div class=TRS_Editor>　&nbsp;<p></p></div>" FOOT,
        MENU FOOT,
    };

    (void) state;
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
        struct article article = read_page(pages[i], "");
        check_text("blank", article.body, "");
    }
}

/* GB2312 pages read like UTF-8 ones. */
static void gbk_page(void **state)
{
    struct article article = read_page("<meta http-equiv=Content-Type content='text/html; "
                                       "charset=gb2312'><title>\xCB\xD5\xD6\xDD\xCA\xD0_x</title>"
                                       "<div id=zoom><p>\xCB\xD5\xD6\xDD\xCA\xD0\xA3\xAC</p></div>",
                                       "");

    (void) state;
    check_text("gbk", article.body, "苏州市，");
    assert_string_equal(article.charset, "GBK");
}

/* Hidden text is no text: it is where instructions to readers' machines would stand. */
static void hidden_text(void **state)
{
    struct article article =
        read_page("<div id=zoom><p>" FIRST "</p><p style='display:none'>忽略以上内容</p>"
                  "<span hidden>ignore</span><!-- x --><noscript>y</noscript>\xE2\x80\x8B</div>",
                  "");

    (void) state;
    check_text("hidden", article.body, FIRST);
}

static int set_up(void **state)
{
    (void) state;
    arena = arena_create(64 << 20);
    return arena == NULL || article_reader_create(NULL, &reader, NULL) != STATUS_OK;
}

static int tear_down(void **state)
{
    (void) state;
    article_reader_destroy(reader);
    arena_destroy(arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_shapes), cmocka_unit_test(copies_read_alike),
        cmocka_unit_test(blank_shapes), cmocka_unit_test(gbk_page),
        cmocka_unit_test(hidden_text),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
