/* libraries: crawler, corpus: tests/fuzz/corpus/crawler_search_page */
/* Search pages of the three kinds: the first byte chooses. */
#include "crawler/search_page.h"
#include "crawler/url.h"
#include "crawler/utf8.h"
#include "study/platform.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define TEXT(literal)                                                                              \
    {                                                                                              \
        literal, sizeof(literal) - 1                                                               \
    }

static const struct platform platforms[] = {
    {.response = {.kind = PLATFORM_HTML,
                  .hits = TEXT("//li"),
                  .link = TEXT("./a/@href"),
                  .title = TEXT("./a"),
                  .date = TEXT("./span"),
                  .total = TEXT("//em"),
                  .next = TEXT("//a[text()='next']/@href")}},
    {.response = {.kind = PLATFORM_JSON,
                  .hits = TEXT(".rows[]"),
                  .link = TEXT(".u"),
                  .title = TEXT(".t"),
                  .date = TEXT(".d"),
                  .total = TEXT(".n"),
                  .next = TEXT(".x")}},
    {.response = {.kind = PLATFORM_JSON_HTML,
                  .hits = TEXT(".rows[]"),
                  .link = TEXT(".//a/@href"),
                  .title = TEXT(".//a"),
                  .date = TEXT(".//span"),
                  .total = TEXT(".n"),
                  .link_param = TEXT("url")}},
};

enum { KINDS = sizeof platforms / sizeof *platforms };

static void check_page(const struct search_page *page, struct arena *memory)
{
    ENSURE(page->hit_count <= SEARCH_HITS_MAX);
    ENSURE((page->state == SEARCH_PAGE_HITS) == (page->hit_count > 0 && page->finding[0] == '\0'));
    ENSURE((page->state == SEARCH_PAGE_UNMATCHED) == (page->finding[0] != '\0'));
    for (size_t i = 0; i < page->hit_count; i++) {
        struct slice key;
        ENSURE(url_canonical(page->hits[i].url, SLICE(""), memory, &key, NULL) == STATUS_OK);
        ENSURE(slice_equal(key, page->hits[i].url));
        ENSURE(utf8_count_bad(page->hits[i].title, NULL) == 0);
    }
}

static struct search_page_reader *readers[KINDS];
static struct arena *arena;

/* libjq keeps a pointer behind its stack only, which looks like a leak to the sanitizer. */
static void clean_up(void)
{
    for (size_t i = 0; i < KINDS; i++)
        search_page_reader_destroy(readers[i]);
    arena_destroy(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct search_page_input input = {.url = SLICE("http://s.gov.cn/list?p=1")};
    struct search_page page;

    if (arena == NULL) {
        arena = arena_create(512 << 20);
        (void) atexit(clean_up);
        for (size_t i = 0; i < KINDS; i++)
            ENSURE(search_page_reader_create(&platforms[i], &readers[i], NULL) == STATUS_OK);
    }
    if (size == 0)
        return 0;
    input.bytes = slice_of(data + 1, size - 1);
    arena_reset(arena);
    if (search_page_read(readers[data[0] % KINDS], &input, arena, &page, NULL) == STATUS_OK)
        check_page(&page, arena);
    return 0;
}
