/*
 * html_guard: how much of a page libxml2 may see without wasting seconds on it.
 *
 * Why      libxml2 compares every attribute of a tag with all before it, and looks for the
 *          partner of an end tag through all open elements. Eight megabytes made for it take a
 *          minute.
 * Cut      The page ends before the first tag that has more than HTML_ATTRIBUTES_MAX attributes,
 *          and behind HTML_TAGS_MAX tags. Pages for people never come near either.
 * Threads  No state.
 */
#ifndef XUNFANG_CRAWLER_HTML_GUARD_H
#define XUNFANG_CRAWLER_HTML_GUARD_H

#include "base/util/slice.h"

enum { HTML_ATTRIBUTES_MAX = 256, HTML_TAGS_MAX = 300000 };

/* The front of `text` that is safe to parse; all of it, nearly always. */
struct slice html_guard(struct slice text);

#endif
