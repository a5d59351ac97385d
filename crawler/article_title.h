/*
 * article_title: the title of an article page.
 *
 * Rules  In order: <meta ArticleTitle>; an element known to hold titles; a line above or at the
 *        top of the text with which <title> begins or which it contains; the last heading above
 *        the text; other title metas; <title> without the site's name behind it.
 * Text   White space collapsed, entities resolved; at most ARTICLE_TITLE_MAX bytes, cut at a
 *        character.
 */
#ifndef XUNFANG_CRAWLER_ARTICLE_TITLE_H
#define XUNFANG_CRAWLER_ARTICLE_TITLE_H

#include "crawler/article_body.h"
#include "crawler/outline.h"

enum { ARTICLE_TITLE_MAX = 1000 };

/* A slice of the outline's text; empty if the page has no title. */
struct slice article_title_find(const struct outline *outline, const struct article_span *body);

/* <title> without what follows the last separator ("_", "-", "|", "—" …), if that is not the longer
 * part. */
struct slice article_title_strip(struct slice title);

/* Cut at ARTICLE_TITLE_MAX, never inside a character. */
struct slice article_title_cut(struct slice title);

#endif
