/*
 * listing: one page of a site's search for a keyword.
 *
 * Asking   The keyword and page are taken from the query or body as the dialect says; a missing
 *          page is the first. A keyword that is no city of the table finds nothing.
 * Paging   Page n holds the hits n·size … in the world's fixed order; behind the last page the
 *          dialect answers with nothing or with the last page again.
 */
#ifndef XUNFANG_SITES_LISTING_H
#define XUNFANG_SITES_LISTING_H

#include "base/util/arena.h"
#include "tests/sites/dialect.h"
#include "tests/sites/encoding.h"
#include "tests/sites/world.h"

enum { LISTING_LIMIT = 512 * 1024 };

/* What a client asks a site's search for. */
struct listing_question {
    int city;       /* -1: none of ours */
    uint64_t begin; /* index of the first hit wanted */
    uint32_t size;  /* hits a page */
};

/* `query` is the part of the target behind '?', `body` that of a POST. */
struct listing_question listing_ask(const struct world *world, const struct dialect *dialect,
                                    struct slice query, struct slice body, struct encoder *encoder);
/* Hits that the site declares for a city: near the true count. */
uint32_t listing_total(const struct dialect *dialect, uint32_t count);
/* Appends the answer as UTF-8. */
void listing_render(const struct world *world, uint32_t site, struct listing_question question,
                    struct arena *arena, struct buf *out);

#endif
