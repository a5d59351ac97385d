/* search_page: lists in HTML, JSON and HTML inside JSON; findings; limits. */
#include "crawler/search_page.h"

#include "base/util/buf.h"
#include "base/util/civil.h"
#include "study/platform.h"
#include "tests/support/cmocka_all.h"

#include <stdio.h>
#include <string.h>

static struct arena *arena;
static struct search_page page;

static const struct platform html_platform = {
    .response = {.kind = PLATFORM_HTML,
                 .hits = {"//div[@class='list']/dl", 23},
                 .link = {"./dt/a/@href", 12},
                 .title = {"./dt/a", 6},
                 .date = {"./dd", 4},
                 .total = {"//em[@id='count']", 17},
                 .next = {"//a[text()='下一页']/@href", 29}}};

static const struct platform json_platform = {.response = {.kind = PLATFORM_JSON,
                                                           .hits = {".data.rows[] # all", 18},
                                                           .link = {".href", 5},
                                                           .title = {".caption", 8},
                                                           .date = {".time", 5},
                                                           .total = {".data.count", 11},
                                                           .next = {".data.next", 10}}};

static const struct platform mixed_platform = {
    .response = {.kind = PLATFORM_JSON_HTML,
                 .hits = {".result[]", 9},
                 .link = {".//div[contains(@class,'title')]/a/@href", 40},
                 .title = {".//div[contains(@class,'title')]/a", 34},
                 .date = {".//span", 7},
                 .total = {".total", 6},
                 .link_param = {"url", 3}}};

static struct search_page_reader *reader_of(const struct platform *platform)
{
    struct search_page_reader *reader = NULL;
    struct error err = {.message = ""};

    if (search_page_reader_create(platform, &reader, &err) != STATUS_OK)
        fail_msg("%s", err.message);
    return reader;
}

static enum search_page_state read_nth(const struct platform *platform, struct slice bytes,
                                       const char *content_type, uint32_t nth)
{
    struct search_page_reader *reader = reader_of(platform);
    struct search_page_input input = {.bytes = bytes,
                                      .url = SLICE("http://s.cn/ss/list.do?p=1"),
                                      .content_type = slice_from(content_type),
                                      .page = nth};

    arena_reset(arena);
    assert_int_equal(search_page_read(reader, &input, arena, &page, NULL), STATUS_OK);
    search_page_reader_destroy(reader);
    return page.state;
}

static enum search_page_state read_page(const struct platform *platform, const char *bytes)
{
    return read_nth(platform, slice_from(bytes), "", 0);
}

static void check_hit(size_t index, const char *url, const char *title, const char *date)
{
    char day[CIVIL_TEXT_SIZE];

    assert_true(index < page.hit_count);
    assert_true(slice_equal(page.hits[index].url, slice_from(url)));
    assert_true(slice_equal(page.hits[index].title, slice_from(title)));
    assert_string_equal(civil_text(page.hits[index].day, day), date);
}

static void html_list(void **state)
{
    (void) state;
    assert_int_equal(
        read_page(
            &html_platform,
            "<p>共<em id=count>1,234</em>条</p><div class=list>"
            "<dl><dt><a href='../a.html#x'>赴<em>苏州</em>\n 考察</a></dt><dd>时间：2023-05-08</dd>"
            "</dl><dl><dt><a href='http://b.cn/c'>二</a></dl>"
            "<dl><dt><a href='javascript:x()'>三</a></dl><dl><dt>四</dl></div>"
            "<a href='?p=2'>下一页</a>"),
        SEARCH_PAGE_HITS);
    assert_int_equal(page.hit_count, 2);
    check_hit(0, "http://s.cn/a.html", "赴苏州 考察", "2023-05-08");
    check_hit(1, "http://b.cn/c", "二", "");
    assert_int_equal(page.bad_hits, 2);
    assert_true(page.has_total);
    assert_int_equal(page.total, 1234);
    assert_true(slice_equal(page.next, SLICE("http://s.cn/ss/list.do?p=2")));
    assert_string_equal(page.finding, "");
}

static void html_in_gbk_with_base(void **state)
{
    (void) state;
    assert_int_equal(read_nth(&html_platform,
                              SLICE("<base href='http://o.cn/d/'><div class=list><dl><dt><a href=e>"
                                    "\xCB\xD5\xD6\xDD</a></dl></div>"),
                              "text/html; charset=gbk", 0),
                     SEARCH_PAGE_HITS);
    check_hit(0, "http://o.cn/d/e", "苏州", "");
    assert_false(page.has_total);
    assert_int_equal(page.next.size, 0);
}

static void html_findings(void **state)
{
    (void) state;
    assert_int_equal(read_page(&html_platform, "<em id=count>0</em>"), SEARCH_PAGE_EMPTY);
    assert_int_equal(read_page(&html_platform, "<p>没有找到相关结果</p>"), SEARCH_PAGE_EMPTY);
    assert_int_equal(read_page(&html_platform, "<em id=count>5</em>"), SEARCH_PAGE_UNMATCHED);
    assert_non_null(strstr(page.finding, "declares some"));
    assert_int_equal(read_page(&html_platform, "<div id=new>a new design</div>"),
                     SEARCH_PAGE_UNMATCHED);
    assert_int_equal(read_page(&html_platform, "<div class=list><dl><dt>x</dl></div>"),
                     SEARCH_PAGE_UNMATCHED);
    assert_non_null(strstr(page.finding, "link"));
    assert_int_equal(read_nth(&html_platform, SLICE("<em id=count>5</em>"), "", 3),
                     SEARCH_PAGE_EMPTY);
    assert_int_equal(read_nth(&html_platform, SLICE(""), "", 3), SEARCH_PAGE_EMPTY);
}

static void json_list(void **state)
{
    (void) state;
    assert_int_equal(
        read_page(
            &json_platform,
            "{\"data\":{\"count\":\"42\",\"next\":\"/n?p=2\",\"rows\":["
            "{\"href\":\"/a\",\"caption\":\"赴<em>苏州<\\/em>&amp;考察\",\"time\":1683518400000},"
            "{\"href\":\"http:\\/\\/b.cn/c\",\"caption\":\" 二 \",\"time\":\"2023-05-09 10:00\"},"
            "{\"href\":null,\"caption\":\"三\"},{\"caption\":\"四\"},7]}}"),
        SEARCH_PAGE_HITS);
    assert_int_equal(page.hit_count, 2);
    check_hit(0, "http://s.cn/a", "赴苏州&考察", "2023-05-08");
    check_hit(1, "http://b.cn/c", "二", "2023-05-09");
    assert_int_equal(page.bad_hits, 3);
    assert_int_equal(page.total, 42);
    assert_true(slice_equal(page.next, SLICE("http://s.cn/n?p=2")));
}

static void json_findings(void **state)
{
    (void) state;
    assert_int_equal(read_page(&json_platform, "{\"data\":{\"count\":0,\"rows\":[]}}"),
                     SEARCH_PAGE_EMPTY);
    assert_int_equal(read_page(&json_platform, "{\"data\":{\"count\":0,\"rows\":null}}"),
                     SEARCH_PAGE_EMPTY);
    assert_int_equal(read_page(&json_platform, "{\"data\":{\"count\":3,\"rows\":null}}"),
                     SEARCH_PAGE_UNMATCHED);
    assert_non_null(strstr(page.finding, "null"));
    assert_int_equal(read_page(&json_platform, "{\"data\":{\"count\":3,\"rows\":[]}}"),
                     SEARCH_PAGE_UNMATCHED);
    assert_int_equal(read_page(&json_platform, "{\"error\":\"moved\"}"), SEARCH_PAGE_UNMATCHED);
    assert_int_equal(read_page(&json_platform, "<html>please log in</html>"),
                     SEARCH_PAGE_UNMATCHED);
    assert_non_null(strstr(page.finding, "not the JSON"));
    assert_int_equal(read_page(&json_platform, ""), SEARCH_PAGE_UNMATCHED);
    assert_int_equal(page.hit_count, 0);
}

static void html_in_json(void **state)
{
    (void) state;
    assert_int_equal(
        read_page(
            &mixed_platform,
            "{\"total\":2,\"result\":[\"<div class='jcse-title'><a href='visit\\/link.do?"
            "url=http%3A%2F%2Fa.cn%2Fart&amp;q=1'>一<\\/a><\\/div><span>来源 2023-05-08<\\/span>\","
            "\"<div class=title><a href='/b'>二</a></div>\",\"\",3]}"),
        SEARCH_PAGE_HITS);
    assert_int_equal(page.hit_count, 2);
    check_hit(0, "http://a.cn/art", "一", "2023-05-08");
    check_hit(1, "http://s.cn/b", "二", "");
    assert_int_equal(page.bad_hits, 2);
    assert_int_equal(page.total, 2);
}

static void bad_platforms(void **state)
{
    struct search_page_reader *reader = NULL;
    struct platform bad = html_platform;
    struct error err = {.message = ""};

    (void) state;
    bad.response.title = SLICE("./a[");
    assert_int_equal(search_page_reader_create(&bad, &reader, &err), STATUS_INVALID);
    assert_non_null(strstr(err.message, "response.title"));
    bad = json_platform;
    bad.response.total = SLICE(".data[");
    assert_int_equal(search_page_reader_create(&bad, &reader, &err), STATUS_INVALID);
    assert_non_null(strstr(err.message, "response.total"));
    bad = mixed_platform;
    bad.response.hits = SLICE("nonsense(");
    assert_int_equal(search_page_reader_create(&bad, &reader, &err), STATUS_INVALID);
    assert_non_null(strstr(err.message, "response.hits"));
    bad = mixed_platform;
    bad.response.link = SLICE("][");
    assert_int_equal(search_page_reader_create(&bad, &reader, &err), STATUS_INVALID);
    assert_non_null(strstr(err.message, "response.link"));
    assert_null(reader);
    search_page_reader_destroy(NULL);
}

static void too_many_hits(void **state)
{
    struct buf text;

    (void) state;
    buf_init(&text, 1 << 22);
    buf_puts(&text, "<div class=list>");
    for (int i = 0; i < SEARCH_HITS_MAX + 50; i++)
        buf_printf(&text, "<dl><dt><a href=/%d>x</a></dl>", i);
    assert_int_equal(read_page(&html_platform, buf_text(&text)), SEARCH_PAGE_HITS);
    assert_int_equal(page.hit_count, SEARCH_HITS_MAX);
    buf_reset(&text);
    buf_puts(&text, "{\"data\":{\"rows\":[");
    for (int i = 0; i < SEARCH_HITS_MAX + 50; i++)
        buf_printf(&text, "%s{\"href\":\"/%d\"}", i == 0 ? "" : ",", i);
    buf_puts(&text, "]}}");
    assert_int_equal(read_page(&json_platform, buf_text(&text)), SEARCH_PAGE_HITS);
    assert_int_equal(page.hit_count, SEARCH_HITS_MAX);
    buf_fini(&text);
}

static void too_large(void **state)
{
    struct search_page_reader *reader = reader_of(&html_platform);
    struct search_page_input input = {.url = SLICE("http://s.cn/")};
    struct buf text;

    (void) state;
    buf_init(&text, SEARCH_PAGE_MAX * 2);
    while (text.size <= SEARCH_PAGE_MAX)
        buf_puts(&text,
                 "<p>0123456789012345678901234567890123456789012345678901234567890123456789");
    input.bytes = buf_slice(&text);
    page.total = 7;
    assert_int_equal(search_page_read(reader, &input, arena, &page, NULL), STATUS_TOO_LARGE);
    assert_int_equal(page.total, 7);
    buf_fini(&text);
    search_page_reader_destroy(reader);
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
        cmocka_unit_test(html_list),     cmocka_unit_test(html_in_gbk_with_base),
        cmocka_unit_test(html_findings), cmocka_unit_test(json_list),
        cmocka_unit_test(json_findings), cmocka_unit_test(html_in_json),
        cmocka_unit_test(bad_platforms), cmocka_unit_test(too_many_hits),
        cmocka_unit_test(too_large),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
