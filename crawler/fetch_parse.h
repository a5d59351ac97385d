/*
 * fetch_parse: a good answer → what the logs are to know of it: a list's hits and next page, an
 * article's document.
 *
 * List     Hits in the order of the page, at most SEARCH_HITS_MAX; the next page's request if the
 *          platform could have one (the frontier decides whether it is wanted). A page that is not
 *          what its platform describes turns the outcome into UNREADABLE, with the finding as
 *          detail.
 * Article  Title, day and body come from the page alone, the city from its host; which list led
 *          here is not known and does not matter.
 * Readers  One for each platform is compiled when first needed and kept: they belong to the study,
 *          which must outlive the parser.
 * Memory   What is returned lives in the arena given.
 * Threads  A parser belongs to one thread.
 */
#ifndef XUNFANG_CRAWLER_FETCH_PARSE_H
#define XUNFANG_CRAWLER_FETCH_PARSE_H

#include "base/http/http.h"
#include "base/util/arena.h"
#include "proto/document.pb-c.h"
#include "proto/url.pb-c.h"
#include "study/study.h"

enum { FETCH_TITLE_MAX = 1024 };

struct fetch_parser;

CHECKED enum status fetch_parser_create(struct fetch_parser **parser, struct error *err);
void fetch_parser_destroy(struct fetch_parser *parser);

struct fetch_page {
    const struct study *study;
    const Xunfang__Request *request;
    const struct http_response *response;
};

/* Fills hits, links, bad_hits, declared_total of *result, or its outcome and detail. */
CHECKED enum status fetch_parser_list(struct fetch_parser *parser, const struct fetch_page *page,
                                      struct arena *arena, Xunfang__FetchResult *result,
                                      struct error *err);

CHECKED enum status fetch_parser_article(struct fetch_parser *parser, const struct fetch_page *page,
                                         struct arena *arena, Xunfang__Document **document,
                                         struct error *err);

#endif
