/*
 * article: an article page → title, publish day, body text, links.
 *
 * Title    The platform's selectors, then <meta ArticleTitle> and its kin, a heading, <title>
 *          without the site's name.
 * Date     The platform's selectors, <meta PubDate> and its kin, a date behind 发布日期, 时间 … in the
 *          text, a date line near the title, the URL. What is no day of the calendar, before 1990
 *          or after 2100 is passed over. `date_rule` names the rule that found it.
 * Body     The platform's selectors, containers that government systems are known for (#zoom,
 *          .TRS_Editor …), then the part of the page with most text and least links. Paragraphs
 *          are joined by "\n"; white space inside is collapsed.
 * Method   One pass of events (html.h) into an outline, no tree; only a platform with selectors
 *          costs a tree. Never recursive.
 * Limits   ARTICLE_BODY_MAX bytes of body, ARTICLE_LINKS_MAX links; more is cut. Page size is the
 *          caller's limit.
 * Memory   Everything returned lives in the arena given.
 * Threads  A struct article_reader (compiled selectors) belongs to one thread.
 */
#ifndef XUNFANG_CRAWLER_ARTICLE_H
#define XUNFANG_CRAWLER_ARTICLE_H

#include "base/util/arena.h"

enum { ARTICLE_BODY_MAX = 4 << 20, ARTICLE_LINKS_MAX = 10000 };

struct platform; /* study/platform.h */
struct article_reader;

struct article_input {
    struct slice html;         /* raw bytes */
    struct slice url;          /* of the response; may be empty */
    struct slice content_type; /* HTTP header's value; may be empty */
    bool want_links;           /* resolving them costs as much as all the rest */
};

struct article {
    struct slice title;    /* empty if unknown */
    int32_t day;           /* CIVIL_NONE if unknown */
    const char *date_rule; /* "none" if unknown; static text */
    struct slice body;     /* empty for a blank page */
    const char *body_rule; /* which rule chose the body; static text */
    struct slice *links;   /* canonical http(s) URLs, in order of first appearance, each once;
                             * none unless wanted */
    size_t link_count;
    const char *charset; /* name of what it was decoded with; static text */
    size_t replaced;     /* undecodable places in it */
};

/* `platform` may be NULL: general rules only. It must outlive the reader. STATUS_INVALID names a
 * selector that is no XPath. */
CHECKED enum status article_reader_create(const struct platform *platform,
                                          struct article_reader **reader, struct error *err);
void article_reader_destroy(struct article_reader *reader);

/* Fails on memory and limits only: any bytes are a page, at worst a blank one. */
CHECKED enum status article_read(struct article_reader *reader, const struct article_input *input,
                                 struct arena *arena, struct article *article, struct error *err);

#endif
