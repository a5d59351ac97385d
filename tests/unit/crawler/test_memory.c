/* Every size of memory from nothing to enough: each reader ends with STATUS_NOMEM or with the same
 * answer as ever, and never leaves half an answer behind. */
#include "base/util/buf.h"
#include "crawler/article.h"
#include "crawler/outline.h"
#include "crawler/search_page.h"
#include "crawler/url.h"
#include "study/platform.h"
#include "tests/support/cmocka_all.h"

enum { STEP = 4096, MOST = 4 << 20 };

static struct buf page;

/* Tries arenas that grow by STEP until one suffices; the work returns its status. */
static void grow_until_it_works(enum status (*work)(struct arena *arena))
{
    unsigned failures = 0;

    for (size_t limit = 0; limit <= MOST; limit += STEP) {
        struct arena *arena = arena_create(limit);
        enum status status = work(arena);
        arena_destroy(arena);
        if (status == STATUS_OK) {
            assert_true(failures > 0);
            return;
        }
        assert_int_equal(status, STATUS_NOMEM);
        failures++;
    }
    fail_msg("not even %d bytes suffice", MOST);
}

static enum status parse_url(struct arena *arena)
{
    struct url url = {.port = 1};
    struct slice key = {NULL, 0};
    enum status status = url_parse(SLICE("http://u@苏州.cn/a/b?c#d"), NULL, arena, &url, NULL);

    if (status != STATUS_OK)
        assert_int_equal(url.port, 1);
    else
        status = url_key(&url, arena, &key, NULL);
    if (status == STATUS_OK)
        assert_true(slice_equal(key, SLICE("http://xn--6rt453f.cn/a/b?c")));
    return status;
}

static enum status make_outline(struct arena *arena)
{
    struct outline *outline = NULL;
    enum status status = outline_create(buf_slice(&page), arena, &outline, NULL);

    if (status == STATUS_OK)
        assert_int_equal(outline->link_count, 500);
    else
        assert_null(outline);
    return status;
}

static enum status read_article(struct arena *arena)
{
    struct article_reader *reader = NULL;
    struct article_input input = {
        .html = buf_slice(&page), .url = SLICE("http://a.cn/"), .want_links = true};
    struct article article = {.day = 7};
    enum status status;

    assert_int_equal(article_reader_create(NULL, &reader, NULL), STATUS_OK);
    status = article_read(reader, &input, arena, &article, NULL);
    article_reader_destroy(reader);
    if (status == STATUS_OK)
        assert_int_equal(article.link_count, 500);
    else
        assert_int_equal(article.day, 7);
    return status;
}

static enum status read_list(struct arena *arena)
{
    static const struct platform platform = {.response = {.kind = PLATFORM_HTML,
                                                          .hits = {"//p", 3},
                                                          .link = {"./a/@href", 9},
                                                          .title = {"./a", 3}}};
    struct search_page_reader *reader = NULL;
    struct search_page_input input = {.bytes = buf_slice(&page), .url = SLICE("http://a.cn/")};
    struct search_page found = {.total = 7};
    enum status status;

    assert_int_equal(search_page_reader_create(&platform, &reader, NULL), STATUS_OK);
    status = search_page_read(reader, &input, arena, &found, NULL);
    search_page_reader_destroy(reader);
    if (status == STATUS_OK)
        assert_int_equal(found.hit_count, 500);
    else
        assert_int_equal(found.total, 7);
    return status;
}

static void urls(void **state)
{
    (void) state;
    grow_until_it_works(parse_url);
}

static void outlines(void **state)
{
    (void) state;
    grow_until_it_works(make_outline);
}

static void articles(void **state)
{
    (void) state;
    grow_until_it_works(read_article);
}

static void lists(void **state)
{
    (void) state;
    grow_until_it_works(read_list);
}

static int set_up(void **state)
{
    (void) state;
    buf_init(&page, 1 << 20);
    for (int i = 0; i < 500; i++)
        buf_printf(&page, "<p>第%d条：<a href=/%d>苏州市代表团来访</a></p>", i, i);
    return page.failure != STATUS_OK;
}

static int tear_down(void **state)
{
    (void) state;
    buf_fini(&page);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(urls),
        cmocka_unit_test(outlines),
        cmocka_unit_test(articles),
        cmocka_unit_test(lists),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
