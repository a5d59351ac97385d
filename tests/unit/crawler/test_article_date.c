/* article_date and article_title: which rule finds the day and the title of a page. */
#include "crawler/article_date.h"

#include "base/util/civil.h"
#include "crawler/article_title.h"
#include "tests/support/cmocka_all.h"

#include <stdio.h>
#include <string.h>

#define PARAGRAPH "<p>五月八日，苏州市代表团来到无锡，考察了太湖治理和老城改造，双方座谈。</p>"

static struct arena *arena;
static char text[64];

static struct outline *read_page(const char *page, struct article_span *span)
{
    struct outline *outline = NULL;

    arena_reset(arena);
    assert_int_equal(outline_create(slice_from(page), arena, &outline, NULL), STATUS_OK);
    assert_int_equal(article_body_find(outline, arena, span, NULL), STATUS_OK);
    return outline;
}

/* "rule date" */
static const char *date(const char *page, const char *url)
{
    struct article_span span;
    const struct outline *outline = read_page(page, &span);
    struct article_date found = article_date_find(outline, &span, slice_from(url));
    char day[CIVIL_TEXT_SIZE];

    (void) snprintf(text, sizeof text, "%s %s", found.rule, civil_text(found.day, day));
    return text;
}

static const char *title(const char *page)
{
    struct article_span span;
    const struct outline *outline = read_page(page, &span);

    return arena_copy(arena, article_title_find(outline, &span)).data;
}

static void meta(void **state)
{
    (void) state;
    assert_string_equal(date("<meta name=Maketime content='2023-05-09 01:00'><meta name=PubDate "
                             "content='2023-05-08 10:00'>",
                             ""),
                        "meta 2023-05-08");
    assert_string_equal(date("<meta name=maketime content='2023-05-09'><meta name=pubdate "
                             "content='2023-02-30'>",
                             ""),
                        "meta 2023-05-09");
    assert_string_equal(date("<meta name=publishdate content=20230508>", ""), "meta 2023-05-08");
}

static void container(void **state)
{
    (void) state;
    assert_string_equal(date("<span>2001-01-01</span><div class=fbsj>于 2023-05-08 发</div>", ""),
                        "container 2023-05-08");
}

static void label(void **state)
{
    (void) state;
    assert_string_equal(
        date("<p>2001-01-01</p><p>发布日期：2023年5月8日 来源：本站</p>" PARAGRAPH, ""),
        "label 2023-05-08");
    assert_string_equal(date("<td>发布时间：</td><td>2023-05-08</td>" PARAGRAPH, ""),
                        "label 2023-05-08");
    assert_string_equal(date("<p>时间：2023-05-08 10:00</p>" PARAGRAPH, ""), "label 2023-05-08");
    assert_string_equal(date(PARAGRAPH "<p>发表于2023-05-08</p>", ""), "label 2023-05-08");
}

/* What an article is about has times too. */
static void labels_of_the_text(void **state)
{
    (void) state;
    assert_string_equal(date("<p>2023-05-08</p>" PARAGRAPH "<p>时间：2001-01-01</p>" PARAGRAPH, ""),
                        "nearby 2023-05-08");
    assert_string_equal(date("<p>会议时间：2001-01-01</p><p>2023-05-08</p>" PARAGRAPH, ""),
                        "nearby 2023-05-08");
    assert_string_equal(date("<p>2023-05-08</p>" PARAGRAPH PARAGRAPH "<p>点这里发表评论</p>"
                             "<p>发表时间：2023-06-01</p>",
                             ""),
                        "nearby 2023-05-08");
    assert_string_equal(
        date("<p>发布日期：（以文件落款时间为准，请注意）2001-01-01</p>" PARAGRAPH, ""), "none ");
}

static void url(void **state)
{
    (void) state;
    assert_string_equal(date("<p>2001-01-01</p>" PARAGRAPH, "http://h/art/2023/5/8/a.html"),
                        "url 2023-05-08");
}

static void nearby(void **state)
{
    (void) state;
    assert_string_equal(
        date("<p>2001-01-01</p><p>2023-05-08 10:00</p>" PARAGRAPH "<p>2002-02-02</p>", ""),
        "nearby 2023-05-08");
    assert_string_equal(date(PARAGRAPH "<p>苏州市人民政府</p><p>2023年5月8日</p>", ""),
                        "nearby 2023-05-08");
    assert_string_equal(date("<a href=/x>旧闻 2001-01-01</a>" PARAGRAPH, ""), "none ");
    assert_string_equal(date(PARAGRAPH, ""), "none ");
    assert_string_equal(date("", ""), "none ");
}

static void titles(void **state)
{
    (void) state;
    assert_string_equal(
        title("<title>某市政府</title><meta name=ArticleTitle content='代表团来考察'>"
              "<h1>别的标题在此</h1>" PARAGRAPH),
        "代表团来考察");
    assert_string_equal(
        title("<title>某市</title><div id=zw_title>代表团来我市考察</div>" PARAGRAPH),
        "代表团来我市考察");
    assert_string_equal(
        title("<title>代表团来我市考察_某市政府网</title><p>首页</p><p>代表团来我市考察</p>"
              "<p>2023-05-08</p>" PARAGRAPH),
        "代表团来我市考察");
    assert_string_equal(title("<title>某市</title><h2>代表团来我市考察</h2>" PARAGRAPH),
                        "代表团来我市考察");
    assert_string_equal(
        title("<title>某市</title><meta property=og:title content='代表团来考察'>" PARAGRAPH),
        "代表团来考察");
    assert_string_equal(title("<title>代表团来我市考察 - 某市政府</title>" PARAGRAPH),
                        "代表团来我市考察");
    assert_string_equal(title("<title>代表团来我市考察 - 某市政府</title>"), "代表团来我市考察");
    assert_string_equal(title(PARAGRAPH), "");
    assert_string_equal(title(""), "");
}

static void check_strip(struct slice from, const char *expected)
{
    struct slice found = article_title_strip(from);

    (void) snprintf(text, sizeof text, "%.*s", SLICE_ARG(found));
    assert_string_equal(text, expected);
}

static void stripping(void **state)
{
    (void) state;
    check_strip(SLICE("代表团来我市考察_要闻_某市政府"), "代表团来我市考察");
    check_strip(SLICE("某市政府|代表团来我市考察"), "代表团来我市考察");
    check_strip(SLICE("代表团来我市考察--某市网"), "代表团来我市考察");
    check_strip(SLICE("代表团来我市考察"), "代表团来我市考察");
    check_strip(SLICE("___"), "___");
    check_strip(SLICE(""), "");
}

static void cutting(void **state)
{
    struct buf longer;

    (void) state;
    buf_init(&longer, 10000);
    while (longer.size <= ARTICLE_TITLE_MAX)
        buf_puts(&longer, "苏");
    assert_int_equal(article_title_cut(buf_slice(&longer)).size, ARTICLE_TITLE_MAX / 3 * 3);
    assert_int_equal(article_title_cut(SLICE("短")).size, 3);
    buf_fini(&longer);
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
        cmocka_unit_test(meta),    cmocka_unit_test(container),
        cmocka_unit_test(label),   cmocka_unit_test(labels_of_the_text),
        cmocka_unit_test(url),     cmocka_unit_test(nearby),
        cmocka_unit_test(titles),  cmocka_unit_test(stripping),
        cmocka_unit_test(cutting),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
