/* libraries: crawler, corpus: tests/fuzz/corpus/crawler_article */
/* Article pages, with a platform's selectors and without. */
#include "base/util/civil.h"
#include "crawler/article.h"
#include "crawler/utf8.h"
#include "study/platform.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_page(struct article_reader *reader, struct slice html, struct arena *arena)
{
    struct article_input input = {.html = html,
                                  .url = SLICE("http://a.gov.cn/art/2023/5/8/a.html"),
                                  .content_type = SLICE("text/html"),
                                  .want_links = true};
    struct article article;
    struct error err = {.message = ""};

    arena_reset(arena);
    if (article_read(reader, &input, arena, &article, &err) != STATUS_OK)
        return;
    ENSURE(utf8_count_bad(article.body, NULL) == 0);
    ENSURE(utf8_count_bad(article.title, NULL) == 0);
    ENSURE(article.day == CIVIL_NONE || civil_valid(civil_from_day(article.day)));
    ENSURE(article.link_count <= ARTICLE_LINKS_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct slice paths[] = {{"//div[@id='zhengwen']", 21}, {"//p", 3}};
    static const struct platform platform = {.article = {.title = paths,
                                                         .title_count = 2,
                                                         .date = paths,
                                                         .date_count = 2,
                                                         .body = paths,
                                                         .body_count = 2}};
    static struct article_reader *by_rules, *by_selectors;
    static struct arena *arena;

    if (arena == NULL) {
        arena = arena_create(256 << 20);
        ENSURE(article_reader_create(NULL, &by_rules, NULL) == STATUS_OK);
        ENSURE(article_reader_create(&platform, &by_selectors, NULL) == STATUS_OK);
    }
    read_page(by_rules, slice_of(data, size), arena);
    read_page(by_selectors, slice_of(data, size), arena);
    return 0;
}
