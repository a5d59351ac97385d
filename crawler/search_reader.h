/*
 * search_reader: a platform's expressions, compiled. Private to search_page.c.
 *
 * HTML    Each field is one XPath.
 * JSON    A jq interpreter costs megabytes, so all fields become one program, whose value is
 *         {"h": hits, "t": total, "n": next link}. Of each hit it takes [link, title, date], or
 *         for json-html the fragment, which XPath then reads; a program of the platform that
 *         fails gives null, failing hits give {"e": why}. At most SEARCH_HITS_MAX hits.
 * Errors  STATUS_INVALID names the field (response.hits …).
 */
#ifndef XUNFANG_CRAWLER_SEARCH_READER_H
#define XUNFANG_CRAWLER_SEARCH_READER_H

#include "crawler/html.h"
#include "crawler/jq.h"
#include "crawler/search_page.h"
#include "study/platform.h"

/* Fields of a hit, in the order in which the jq program gives them. */
enum hit_field { HIT_LINK, HIT_TITLE, HIT_DATE, HIT_FIELDS };

struct search_page_reader {
    const struct platform *platform;
    struct html_query *hits, *total, *next; /* kind html; NULL where the platform has none */
    struct html_query *fields[HIT_FIELDS];  /* kinds html and json-html */
    struct jq_program *program;             /* kinds json and json-html: everything in one */
};

#endif
