/*
 * dialect: how one kind of site search is asked and how it answers; a table row each.
 *
 * Source   The shapes recorded for real municipal sites (platforms/ describes the same ones from
 *          the asking side); identifiers such as siteId are accepted and ignored.
 * Frames   head, item, tail hold {names} (fill.h): total, next (the link to the next page, if any),
 *          none (a sentence, if nothing was found),
 *          title, marked (title with <em> around the keyword), url, path (without scheme and host),
 *          urlenc, date, ms (epoch milliseconds), source. Values are escaped for `kind`.
 * Memory   Static.
 */
#ifndef XUNFANG_SITES_DIALECT_H
#define XUNFANG_SITES_DIALECT_H

#include "base/util/slice.h"

enum { DIALECT_ROWS_MAX = 50 };

enum dialect_input { INPUT_QUERY, INPUT_FORM, INPUT_JSON };

enum dialect_kind {
    ANSWER_HTML,
    ANSWER_JSON,
    ANSWER_FRAGMENTS, /* JSON whose items are strings of HTML */
};

/* What stands behind the last page. */
enum dialect_beyond { BEYOND_EMPTY, BEYOND_REPEATS };

struct dialect {
    const char *name;
    const char *path;
    enum dialect_input input;
    const char *keyword; /* names of the fields */
    const char *page;
    const char *rows; /* asks for a page size up to DIALECT_ROWS_MAX; NULL: fixed */
    bool offset;      /* the page field counts hits from 0, not pages */
    uint32_t first;   /* number of the first page */
    uint32_t size;    /* hits a page unless asked otherwise */
    enum dialect_kind kind;
    enum dialect_beyond beyond;
    bool gbk;         /* keyword and answer in GBK */
    bool wrong_total; /* declares about a tenth too many */
    const char *head;
    const char *item;
    const char *between;
    const char *tail;
};

/* NULL if there is no such dialect. */
const struct dialect *dialect_find(struct slice name);
/* All of them; ends with a NULL name. */
const struct dialect *dialect_all(void);

#endif
