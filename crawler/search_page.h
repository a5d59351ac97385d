/*
 * search_page: one answer of a site's search → hits, declared total, next link, or the finding
 * that the platform no longer matches.
 *
 * Platform  kind html: XPath for all fields; json: jq for all; json-html: hits, total, next are
 *           jq, and link, title, date are XPath on each hit parsed as an HTML fragment. The first
 *           node's or value's text counts, white space collapsed, tags taken out. A date is found
 *           anywhere in its text; a number of 12 or 13 digits is epoch milliseconds in
 *           Asia/Shanghai. The total is the first integer.
 * Links     Resolve against the response URL and <base>, unpacked first where the platform names
 *           a redirector's parameter (link_param). Hits without an http(s) link are counted only.
 * Finding   A page is UNMATCHED when it is not what the platform describes: no JSON where JSON
 *           should be, a jq program that fails, hits of which not one has a link; and on the
 *           first page no hits although the total says there are some, or neither hits nor the
 *           place of the total nor words such as 没有找到. Without hits otherwise it is EMPTY: the
 *           list's end.
 * Limits    SEARCH_HITS_MAX hits a page; SEARCH_PAGE_MAX bytes of text, JQ_VALUES_MAX (jq.h)
 *           values, HTML_QUERY_STEPS (html.h) XPath steps.
 * Memory    Everything returned lives in the arena given.
 * Threads   A struct search_page_reader (compiled XPath and jq) belongs to one thread.
 */
#ifndef XUNFANG_CRAWLER_SEARCH_PAGE_H
#define XUNFANG_CRAWLER_SEARCH_PAGE_H

#include "base/util/arena.h"

enum { SEARCH_HITS_MAX = 1000, SEARCH_PAGE_MAX = 8 << 20 };

struct platform; /* study/platform.h */
struct search_page_reader;

struct search_page_input {
    struct slice bytes;
    struct slice url;          /* of the response: what links resolve against */
    struct slice content_type; /* may be empty */
    uint32_t page;             /* 0 the first: a later one may be empty whatever the total says */
};

struct search_hit {
    struct slice url;   /* crawl key */
    struct slice title; /* empty if the page shows none */
    int32_t day;        /* CIVIL_NONE if the page shows none */
};

enum search_page_state { SEARCH_PAGE_HITS, SEARCH_PAGE_EMPTY, SEARCH_PAGE_UNMATCHED };

struct search_page {
    enum search_page_state state;
    const char *finding; /* UNMATCHED: why, for people; else "" */
    struct search_hit *hits;
    size_t hit_count;
    size_t bad_hits; /* hits without an http(s) link */
    bool has_total;
    uint64_t total;
    struct slice next; /* crawl key of the next page's link; empty if none */
};

/* Compiles the platform's expressions; STATUS_INVALID names the field. `platform` must outlive
 * it. */
CHECKED enum status search_page_reader_create(const struct platform *platform,
                                              struct search_page_reader **reader,
                                              struct error *err);
void search_page_reader_destroy(struct search_page_reader *reader);

/* STATUS_NOMEM, or STATUS_TOO_LARGE past SEARCH_PAGE_MAX; what the page is, `page->state` tells. */
CHECKED enum status search_page_read(struct search_page_reader *reader,
                                     const struct search_page_input *input, struct arena *arena,
                                     struct search_page *page, struct error *err);

#endif
