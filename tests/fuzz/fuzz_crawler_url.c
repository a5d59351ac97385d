/* libraries: crawler, corpus: tests/fuzz/corpus/crawler_url */
/* URLs: input and base separated by a line feed. Whatever parses must parse to itself again. */
#include "crawler/address.h"
#include "crawler/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_stable(const struct url *url, struct arena *arena)
{
    struct url again;
    struct slice key, key_again;

    ENSURE(url_parse(url->href, NULL, arena, &again, NULL) == STATUS_OK ||
           url->href.size > URL_MAX);
    if (url->href.size <= URL_MAX)
        ENSURE(slice_equal(url->href, again.href));
    if (url_key(url, arena, &key, NULL) != STATUS_OK)
        return;
    ENSURE(url_canonical(key, SLICE(""), arena, &key_again, NULL) == STATUS_OK);
    ENSURE(slice_equal(key, key_again));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice rest = slice_of(data, size);
    struct slice input = slice_split(&rest, '\n');
    struct arena *arena = arena_create(4 << 20);
    struct url base, url;
    bool has_base = rest.size > 0 && url_parse(rest, NULL, arena, &base, NULL) == STATUS_OK;

    if (url_parse(input, has_base ? &base : NULL, arena, &url, NULL) == STATUS_OK) {
        ENSURE(url.host.size > 0 && url.path.size > 0 && url.path.data[0] == '/');
        (void) address_kind_of_host(url.host);
        check_stable(&url, arena);
    }
    arena_destroy(arena);
    return 0;
}
