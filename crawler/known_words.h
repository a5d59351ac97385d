/*
 * known_words: what ids, classes and phrases of government pages give away.
 *
 * Source   Containers, meta tags and boilerplate seen on the sites of the Yangtze River Delta,
 *          and what names of the same kind are elsewhere. Only general rules: no site is named
 *          here.
 * Threads  No state.
 */
#ifndef XUNFANG_CRAWLER_KNOWN_WORDS_H
#define XUNFANG_CRAWLER_KNOWN_WORDS_H

#include "crawler/outline.h"

/* Of an element's id and class attributes (either may be empty). */
enum box_hint known_hint(struct slice id, struct slice classes);

/* Bits of enum line_mark that the words of a line give it. */
unsigned known_marks(struct slice line);

/* Rank of a <meta> name as the title or the publish date, 1 the best; 0 if it is neither. */
unsigned known_title_meta(struct slice name);
unsigned known_date_meta(struct slice name);

#endif
