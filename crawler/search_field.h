/*
 * search_field: the texts of a hit turned into what they mean. Private to search_page.c.
 *
 * Links    White space inside is dropped by the URL rules. With link_param the value of that
 *          query parameter, percent-decoded, is the link; a link without the parameter stays as
 *          it is.
 * Totals   The first integer of the text; commas between digits are skipped: 约有1,234项 is 1234.
 * Threads  No state.
 */
#ifndef XUNFANG_CRAWLER_SEARCH_FIELD_H
#define XUNFANG_CRAWLER_SEARCH_FIELD_H

#include "crawler/url.h"

/* The crawl key; STATUS_INVALID or STATUS_UNSUPPORTED where there is no http(s) link. */
CHECKED enum status search_field_link(struct slice text, struct slice link_param,
                                      const struct url *base, struct arena *arena,
                                      struct slice *key);

/* false if there is no integer. */
bool search_field_total(struct slice text, uint64_t *total);

/* Does a page say that nothing was found? */
bool search_field_says_nothing(struct slice text);

#endif
