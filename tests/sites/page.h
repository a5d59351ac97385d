/*
 * page: the address and the HTML of a document.
 *
 * Address  Depends on the page's style; it ends with the number plus PAGE_NUMBER_BASE, so that a
 *          request names its document, and only the exact path is answered.
 * Date     STYLE_URL shows it in the address only, STYLE_NONE nowhere; the others on the page.
 * Frame    Navigation, related links and footers hold words of visits and other dates on purpose.
 */
#ifndef XUNFANG_SITES_PAGE_H
#define XUNFANG_SITES_PAGE_H

#include "tests/sites/story.h"

enum { PAGE_NUMBER_BASE = 1000000, PAGE_PATH_MAX = 96, PAGE_LIMIT = 256 * 1024 };

/* Writes the path and NUL; returns `path`. */
const char *page_path(const struct world *world, uint32_t number, char path[PAGE_PATH_MAX]);
/* Appends http://HOST and the path. */
void page_url(const struct world *world, uint32_t number, struct buf *out);
/* The document of that site with exactly this path; false if there is none. */
bool page_find(const struct world *world, uint32_t site, struct slice path, uint32_t *number);

/* Is the page sent in GBK? */
bool page_is_gbk(const struct world *world, uint32_t number);
/* Does the page or its address show the day of publication? */
bool page_has_date(const struct world *world, uint32_t number);

/* Appends the page as UTF-8. */
void page_render(const struct world *world, uint32_t number, struct arena *arena, struct buf *out);
void page_home(const struct world *world, uint32_t site, struct arena *arena, struct buf *out);
void page_missing(struct buf *out);

#endif
